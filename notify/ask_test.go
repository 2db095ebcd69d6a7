package notify

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

func TestWhoeverCarriesMessagesIsAskedAndSendsNothing(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	mail := newSMTP(t, server, nil)
	if err := AskProvider(t.Context(), time.Now(), mail); err != nil {
		t.Errorf("a mail server that is there: %v, want no problem", err)
	}
	if n := server.Count(); n != 0 {
		t.Errorf("%d emails were sent, want none", n)
	}
	server.Stop()
	if err := AskProvider(t.Context(), time.Now(), mail); err == nil {
		t.Error("a mail server that is away: no problem, want one")
	}
	folder := filepath.Join(t.TempDir(), "outbox")
	if err := AskProvider(t.Context(), time.Now(), NewOutbox(folder, newComposer(t))); err != nil {
		t.Errorf("a folder: %v, want no problem", err)
	}
	if left := fileNames(t, folder); len(left) != 0 {
		t.Errorf("the folder has %v then, want nothing", left)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := AskProvider(t.Context(), time.Now(), NewOutbox(folder, newComposer(t))); err == nil {
		t.Error("a file in the folder's place: no problem, want one")
	}
}
