package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckTriesTheFolderOfNotes(t *testing.T) {
	top := t.TempDir()
	folder := func(name string, mode os.FileMode) string {
		path := filepath.Join(top, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := func(path string, mode os.FileMode) string {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	used, open, read := folder("used", 0o700), folder("open", 0o777), folder("read", 0o755)
	file(filepath.Join(used, "0a-0b"+ending), 0o600)
	file(filepath.Join(used, "notes.txt"), 0o644)
	loose := file(filepath.Join(read, "0a-0b"+ending), 0o644)
	for _, c := range []struct{ name, folder, want string }{
		{"one that is in use", used, ""},
		{"one that others may read", folder("readable", 0o755), ""},
		{"one that is still to be made", filepath.Join(top, "new", "sent"), ""},
		{"one in which others may write", open, "others may write in " + open + " (0777), and could have a reminder taken for sent: chmod 700 it"},
		{"notes that others may read", read, loose + " is not for its owner alone (0644): chmod 600 it"},
		{"a file in its place", loose, "what was sent cannot be noted in " + loose + ", which is no folder: move it away, or name another folder"},
		{"a file above it", filepath.Join(loose, "sent"), "what was sent cannot be noted in " + filepath.Join(loose, "sent") + " (not a directory): let who runs Doorstep write there, or name another folder"},
	} {
		said := ""
		if err := Check(c.folder); err != nil {
			said = err.Error()
		}
		if said != c.want {
			t.Errorf("%s: check says %q, want %q", c.name, said, c.want)
		}
	}
	wants(t, "what is left at the top", files(t, top), "open", "read", "readable", "used")
	if left := strings.Join(files(t, used), " "); left != "0a-0b.sent notes.txt" {
		t.Errorf("in the folder in use lies %q, want only what was there", left)
	}
}
