package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.org/doorstep/notify"
)

// TestMailServersPipeKeepsWhatComesBack: whole, for the daemon's group to read, under
// a name that Doorstep looks for. What cannot be kept stays with the mail server.
func TestMailServersPipeKeepsWhatComesBack(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keep := func(email string, arguments ...string) (code int) {
		c := exec.CommandContext(t.Context(), "sh", append([]string{"../../deploy/keep-bounce"}, arguments...)...)
		c.Stdin = strings.NewReader(email)
		out, err := c.CombinedOutput()
		if c.ProcessState == nil {
			t.Fatalf("keep-bounce: %v %s", err, out)
		}
		return c.ProcessState.ExitCode()
	}
	want := map[string]bool{"Subject: one\r\n\r\nfirst\r\n": true, "Subject: two\r\n\r\n" + strings.Repeat("second\r\n", 10_000): true}
	for email := range want {
		if code := keep(email, folder); code != 0 {
			t.Fatalf("keep-bounce exits %d, want 0", code)
		}
	}
	names, err := os.ReadDir(folder)
	if err != nil || len(names) != len(want) {
		t.Fatalf("the folder holds %v (%v), want %d files", names, err, len(want))
	}
	for _, entry := range names {
		path := filepath.Join(folder, entry.Name())
		data, err := os.ReadFile(path)
		if err != nil || !want[string(data)] {
			t.Errorf("%s holds %d bytes (%v), want one of the emails whole", entry.Name(), len(data), err)
		}
		delete(want, string(data))
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s has the mode %v (%v), want 0640", entry.Name(), info.Mode().Perm(), err)
		}
	}
	look, err := (&notify.BounceFolder{Folder: folder}).Look(t.Context(), now(), func(notify.Bounce) error { return nil })
	if err != nil || look.Waiting != 2 {
		t.Errorf("Doorstep sees %+v (%v), want two files that it will look at again", look, err)
	}
	if code := keep("Subject: three\r\n", filepath.Join(folder, "none")); code != 75 {
		t.Errorf("without the folder keep-bounce exits %d, want 75: the mail server tries again", code)
	}
	if code := keep("Subject: four\r\n"); code == 0 {
		t.Error("without an argument keep-bounce exits 0: the email would be lost")
	}
}
