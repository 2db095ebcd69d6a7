package notify

import (
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

func TestAMailServerIsAskedAndAFolderNeedsNoAsking(t *testing.T) {
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
	if err := AskProvider(t.Context(), time.Now(), NewOutbox(t.TempDir(), newComposer(t))); err != nil {
		t.Errorf("a folder: %v, want no problem", err)
	}
}
