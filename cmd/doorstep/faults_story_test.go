package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStoriesOfFaults follows two hours of a service in which messages fail, and
// wants exactly what was worked out by hand: see README.md beside each story.
func TestStoriesOfFaults(t *testing.T) {
	t.Parallel()
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

// TestADrillSpeaksOfEmailWhereEmailFails: of the mail server and of the address, in
// words.
func TestADrillSpeaksOfEmailWhereEmailFails(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string][]string{
		"down":        {"email to W2 about KN-2 see-child (start) did not go (the mail server does not answer)"},
		"lost-answer": {"(the mail server did not say whether it took the message): again at"},
		"550 5.1.1 no such user": {"(the mail server refuses the recipient: correct the address in the people list (550 5.1.1 no such user)): not by email again",
			"email to M1 went: emails to W2 do not arrive any more (the mail server refuses the recipient"},
	} {
		story := filepath.Join("testdata", "faults", "relay-refused")
		faults := filepath.Join(t.TempDir(), "faults.csv")
		if err := os.WriteFile(faults, []byte("from,until,channel,person,fault\n2026-09-02 15:00,2026-09-02 15:20,email,W2,"+fault+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"simulate", "--faults", faults, "--from", "2026-09-02", "--to", "2026-09-03", "--format", "text", "--config", filepath.Join(story, "doorstep.yaml")}
		for _, of := range []string{"people", "cases", "events"} {
			args = append(args, "--"+of, filepath.Join(story, of+".csv"))
		}
		var o, errs bytes.Buffer
		if code := run(t.Context(), args, nil, &o, &errs); code != exitDone {
			t.Fatalf("%s: exit %d: %s", fault, code, errs.String())
		}
		out := o.String()
		for _, sentence := range want {
			if !strings.Contains(out, sentence) {
				t.Errorf("%s: the drill does not say %q:\n%s", fault, sentence, out)
			}
		}
	}
}
