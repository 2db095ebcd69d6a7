package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStoriesOfFaults follows two hours of a service in which messages fail, and
// wants exactly what was worked out by hand: see README.md beside each story.
func TestStoriesOfFaults(t *testing.T) {
	binary := buildBinary(t)
	for _, story := range []struct{ name, config, from, to string }{
		{"nobody-answers", "doorstep.yaml", "2026-09-02 15:00", "2026-09-02 16:59"},
		{"provider-down", "doorstep.yaml", "2026-09-02 16:30", "2026-09-02 17:59"},
		{"account-refused", "doorstep.yaml", "2026-09-02 15:00", "2026-09-02 16:59"},
		{"relay-refused", "relay-refused/doorstep.yaml", "2026-09-02 15:00", "2026-09-02 16:59"},
	} {
		t.Run(story.name, func(t *testing.T) {
			folder := filepath.Join("testdata", "faults", story.name)
			file := func(name string) string { return filepath.Join(folder, name) }
			out, err := exec.CommandContext(t.Context(), binary, "simulate", "--config", filepath.Join("testdata", "faults", story.config),
				"--people", file("people.csv"), "--cases", file("cases.csv"), "--events", file("events.csv"), "--faults", file("faults.csv"),
				"--from", story.from, "--to", story.to, "--format", "text").Output()
			if err != nil {
				t.Fatalf("simulate: %v: %s", err, out)
			}
			expected, err := os.ReadFile(file("expected.txt"))
			if err != nil {
				t.Fatal(err)
			}
			got, want := strings.Split(string(out), "\n"), strings.Split(string(expected), "\n")
			for i := range max(len(got), len(want)) {
				if lineAt(got, i) != lineAt(want, i) {
					t.Fatalf("line %d:\ngot  %s\nwant %s", i+1, lineAt(got, i), lineAt(want, i))
				}
			}
		})
	}
}

// lineAt is a line, or that there is none.
func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}
