package notify

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/doorstep/notify/origin"
)

func fileNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFileHoldsTheVeryEmail(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox", "today")
	c := newComposer(t)
	for _, s := range samples() {
		if o := NewOutbox(dir, c).Send(context.Background(), s.now, s.message); o.State != Sent {
			t.Fatalf("%s: %+v", s.name, o)
		}
		found, err := filepath.Glob(filepath.Join(dir, "*-"+newComposer(t).named(origin.FileName, s.message.Key)+".eml"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: files %v (%v), want one", s.name, found, err)
		}
		content, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fixBoundaries(string(content)), fixBoundaries(renderEmail(t, s.now.Format("2006-01-02 15:04"), s.message)); got != want {
			t.Errorf("%s: the file is\n%s\nwant\n%s", s.name, got, want)
		}
	}
}

func TestTextBecomesAFileWithItsNumber(t *testing.T) {
	dir := t.TempDir()
	m := asSMS(reminderEmail("k", seeAgain()))
	if o := NewOutbox(dir, newComposer(t)).Send(context.Background(), m.Created, m); o.State != Sent {
		t.Fatalf("%+v", o)
	}
	want := "To: +447700900101\n\nDue tomorrow 17:00: see the child again, KN-1. Record it: https://doorstep.example/cases/KN-1\n"
	if got := onlyFile(t, dir); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	if name := fileNames(t, dir)[0]; !strings.HasPrefix(name, "2026-09-07T083000+0100-reminder-") || !strings.HasSuffix(name, ".txt") {
		t.Errorf("the file is called %s, want it to begin with its time and kind", name)
	}
}

func TestBadMobileIsRefused(t *testing.T) {
	for _, number := range []string{"", "07700 900101", "+44 7700 900101", "+447700900101\nTo: +447700900102", "+0"} {
		m := asSMS(reminderEmail("k", seeAgain()))
		m.To.Mobile = number
		o := NewOutbox(t.TempDir(), newComposer(t)).Send(context.Background(), m.Created, m)
		if o.State != Failed || o.Fault != FaultAddress || number != "" && strings.Contains(o.Reason, number) {
			t.Errorf("%q: %+v, want it refused for good without repeating it", number, o)
		}
	}
}

func TestRepeatReplacesTheFile(t *testing.T) {
	dir := t.TempDir()
	channel := NewOutbox(dir, newComposer(t))
	m := reminderEmail("k", seeAgain())
	for _, now := range []string{"2026-09-07 08:30", "2026-09-07 08:45"} {
		if o := channel.Send(context.Background(), at(now), m); o.State != Sent {
			t.Fatalf("%+v", o)
		}
	}
	if got := fileNames(t, dir); len(got) != 1 {
		t.Errorf("the files are %v, want one", got)
	}
	if got := onlyFile(t, dir); !strings.Contains(got, "08:45:00 +0100") {
		t.Errorf("the file is not the later one:\n%s", got)
	}
}

func TestOutboxThatCannotBeWrittenIsTemporaryAndLeavesNothingBehind(t *testing.T) {
	m := reminderEmail("k", seeAgain())
	t.Run("a file stands in its place", func(t *testing.T) {
		blocked := filepath.Join(t.TempDir(), "outbox")
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		o := NewOutbox(blocked, newComposer(t)).Send(context.Background(), m.Created, m)
		if o.State != FailedTemporarily || o.Fault != FaultProvider || !strings.Contains(o.Reason, "it is not a folder") {
			t.Errorf("%+v, want a temporary fault of the provider that says so", o)
		}
	})
	t.Run("the last step fails", func(t *testing.T) {
		dir := t.TempDir()
		channel := NewOutbox(dir, newComposer(t))
		if o := channel.Send(context.Background(), m.Created, m); o.State != Sent {
			t.Fatalf("%+v", o)
		}
		name := fileNames(t, dir)[0]
		os.Remove(filepath.Join(dir, name))
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if o := channel.Send(context.Background(), m.Created, m); o.State != FailedTemporarily || o.Fault != FaultProvider || strings.Contains(o.Reason, name) {
			t.Errorf("%+v, want a temporary fault of the provider", o)
		}
		if got := fileNames(t, dir); len(got) != 1 {
			t.Errorf("%v is left behind", got)
		}
	})
	t.Run("stopped", func(t *testing.T) {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if o := NewOutbox(dir, newComposer(t)).Send(ctx, m.Created, m); o.State != FailedTemporarily || o.Fault != FaultBusy {
			t.Errorf("%+v, want it to wait, and nothing held against it", o)
		}
		if got := fileNames(t, dir); len(got) != 0 {
			t.Errorf("%v was written all the same", got)
		}
	})
}

func TestOutboxTroubleSaysWhatToDo(t *testing.T) {
	f := NewOutbox("/var/outbox", nil)
	for _, test := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "write", Path: "/var/outbox/secret", Err: syscall.ENOSPC}, "writing to the outbox /var/outbox: the disk is full: make room"},
		{&fs.PathError{Op: "open", Path: "/var/outbox/secret", Err: syscall.EROFS}, "writing to the outbox /var/outbox: the disk is read-only: mount it for writing, or set another outbox"},
		{&fs.PathError{Op: "open", Path: "/var/outbox/secret", Err: syscall.EACCES}, "writing to the outbox /var/outbox: no permission to write there: give it to the user that Doorstep runs as"},
		{&os.LinkError{Op: "rename", Old: "secret", New: "secret", Err: errors.New("odd")}, "writing to the outbox /var/outbox: odd"},
	} {
		if got := f.trouble(test.err); got != test.want {
			t.Errorf("%v reads\n%s, want\n%s", test.err, got, test.want)
		}
	}
}
