package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestAnImportStandsBack with all its threads: whoever looks at a page beside it comes
// first.
func TestAnImportStandsBack(t *testing.T) {
	d := &daemon{t: t, binary: buildBinary(t), folder: t.TempDir()}
	c := exec.CommandContext(t.Context(), d.binary, "import", "people", "-")
	c.Dir = d.folder
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var threads []int
	d.awaitFor(time.Minute, func() string { return fmt.Sprintf("all threads to stand back: they stand at %v", threads) }, func() bool {
		threads = niceness(t, c.Process.Pid)
		return len(threads) > 0 && !slices.ContainsFunc(threads, func(of int) bool { return of < standsBack })
	})
	if _, err := in.Write([]byte("id,name,role,email\nW1,Worker One,practitioner,w1@example.org\n")); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := c.Wait(); err != nil {
		t.Errorf("the import ends with %v", err)
	}
}

// niceness is how far each thread of a process stands back.
func niceness(t *testing.T, process int) (all []int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", process))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, fields, _ := strings.Cut(string(text), ") ")
		of, err := strconv.Atoi(strings.Fields(fields)[16])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, of)
	}
	return all
}
