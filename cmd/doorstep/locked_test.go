package main

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// TestACommandWaitsForWhoeverWrites: it says that it does, and is done once it can be.
func TestACommandWaitsForWhoeverWrites(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	release := s.lock()
	c := exec.CommandContext(t.Context(), s.binary, "restrict", "KN-1", "--config", "doorstep.yaml")
	c.Dir = s.folder
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(errs)
	for line := ""; !strings.Contains(line, "another program is writing to the database"); {
		if line, err = said.ReadString('\n'); err != nil {
			t.Fatalf("it says %q (error %v), want that it waits", line, err)
		}
	}
	release()
	rest, _ := io.ReadAll(said)
	if err := c.Wait(); err != nil {
		t.Fatalf("once it can write: %v: %s", err, rest)
	}
	if n := count(t, s.database, "SELECT count(*) FROM cases WHERE ref = 'KN-1' AND restricted"); n != 1 {
		t.Error("KN-1 is not restricted, want what the command was for")
	}
}
