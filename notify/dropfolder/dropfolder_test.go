package dropfolder

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 9, 2, 8, 0, 0, 0, time.UTC)

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// folder is a folder with one file, which is open.
func folder(t *testing.T, name string) (d *Folder, path string, file *os.File) {
	t.Helper()
	path = t.TempDir()
	if err := os.WriteFile(filepath.Join(path, name), []byte("rows"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	files, err := d.List(".")
	if err != nil || len(files) != 1 {
		t.Fatalf("the folder has %d files (%v), want 1", len(files), err)
	}
	if file, err = d.OpenListed(name, files[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return d, path, file
}

func lies(t *testing.T, path, subfolder, want string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(path, subfolder))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("in %s lies %q, want %q", subfolder, got, want)
	}
}

// TestWhatAProcessLeavesIsFinishedByTheNext: it had moved the file and not shown what
// belongs to it, or not written it to the end; what comes from a file that waits is left
// to whoever reads that.
func TestWhatAProcessLeavesIsFinishedByTheNext(t *testing.T) {
	d, path, _ := folder(t, "events.csv")
	gone, waits := KeyOf("gone"), KeyOf("waits")
	for key, name := range map[string]string{gone: "a.csv", waits: "b.csv"} {
		if err := d.Prepare("rejected", key, name, writes("row")); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Prepare("rejected", gone, "a.csv.errors.txt", writes("why")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, hiddenName("rejected", gone, "c.csv")+unwritten), []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time there is nothing left to finish
		if err := d.TakeUp("rejected", at, func(key string) bool { return key == waits }); err != nil {
			t.Fatal(err)
		}
		lies(t, path, "rejected", "."+waits+"-b.csv 20260902T080000Z-a.csv 20260902T080000Z-a.csv.errors.txt")
	}
}

// TestAFileIsMovedWithWhatIsBesideIt: under one name that nothing has.
func TestAFileIsMovedWithWhatIsBesideIt(t *testing.T) {
	long := "events-" + strings.Repeat("x", 220) + ".mapping.csv"
	for name, want := range map[string]string{
		"events.csv": "20260902T080000Z-2-events.csv 20260902T080000Z-2-events.csv.notes.txt 20260902T080000Z-events.csv.notes.txt",
		long:         "20260902T080000Z-" + long[:60] + "-" + NumberOf(long) + ".mapping.csv 20260902T080000Z-" + long[:60] + "-" + NumberOf(long) + ".mapping.csv.notes.txt 20260902T080000Z-events.csv.notes.txt",
	} {
		d, path, file := folder(t, name)
		if err := os.Mkdir(filepath.Join(path, "done"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "done", "20260902T080000Z-events.csv.notes.txt"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		key := KeyOf(name)
		if err := d.Prepare("done", key, name+".notes.txt", writes("odd")); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Move("done", at, name, file, key, ".notes.txt"); err != nil {
			t.Fatal(err)
		}
		lies(t, path, "done", want)
		lies(t, path, ".", "")
	}
}
