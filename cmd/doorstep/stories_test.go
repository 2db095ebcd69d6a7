package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGuidanceStories follows each story that was worked by hand from the
// guidance, and wants exactly its duties, messages and prints.
func TestGuidanceStories(t *testing.T) {
	t.Parallel()
	for _, folder := range storyFolders(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			people := filepath.Join(folder, "people.csv")
			if _, err := os.Stat(people); err != nil {
				people = filepath.Join(filepath.Dir(folder), "people.csv")
			}
			args := []string{"simulate", "--people", people, "--cases", filepath.Join(folder, "cases.csv"),
				"--events", filepath.Join(folder, "events.csv"), "--from", "2026-09-01", "--to", "2026-11-01"}
			got := simulated(t, args...)
			want := expected(t, filepath.Join(folder, "expected.txt"))
			for _, line := range want {
				if !slices.Contains(got, line) {
					t.Errorf("missing:    %s", line)
				}
			}
			for _, line := range got {
				if !slices.Contains(want, line) {
					t.Errorf("unexpected: %s", line)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d lines, want %d: some line stands twice", len(got), len(want))
			}
		})
	}
}

// TestPaperStory follows the table of cards and letters row by row, and wants exactly
// its prints.
func TestPaperStory(t *testing.T) {
	t.Parallel()
	folder := "testdata/guidance/postcards-and-letters"
	got := simulated(t, "simulate", "--config", filepath.Join(folder, "doorstep.yaml"), "--people", "testdata/guidance/people.csv",
		"--cases", filepath.Join(folder, "cases.csv"), "--events", filepath.Join(folder, "events.csv"), "--from", "2026-09-01", "--to", "2026-11-01")
	got = slices.DeleteFunc(got, func(line string) bool { return !strings.HasPrefix(line, "print ") })
	want := expected(t, filepath.Join(folder, "prints.txt"))
	slices.Sort(got)
	slices.Sort(want)
	if got, want := strings.Join(got, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("printed:\n%s\nwant:\n%s", got, want)
	}
}

func storyFolders(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/guidance/*/expected.txt")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	folders = append(folders, "testdata/examples/expected.txt")
	for i := range folders {
		folders[i] = filepath.Dir(folders[i])
	}
	return folders
}

// expected reads the duty and message lines of a story.
func expected(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 0 && (f[0] == "duty" || f[0] == "message" || f[0] == "print") {
			lines = append(lines, strings.Join(f, " "))
		}
	}
	return lines
}

// simulated runs simulate and writes its lines as the stories do.
func simulated(t *testing.T, args ...string) []string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, nil, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var lines []string
	decoder := json.NewDecoder(&out)
	for decoder.More() {
		var l struct {
			Type, Case, Duty, Rung, Person, Channel, State, Kind, Variant string
			At                                                            string
			Opened                                                        string `json:"opened_at"`
			Due                                                           string `json:"due_at"`
			Met                                                           string `json:"met_at"`
			From                                                          string `json:"opens_from"`
			Attempt                                                       int
			Early                                                         bool
		}
		if err := decoder.Decode(&l); err != nil {
			t.Fatal(err)
		}
		switch l.Type {
		case "duty":
			attempt := "-"
			if l.Attempt > 0 {
				attempt = fmt.Sprint(l.Attempt)
			}
			line := strings.Join([]string{"duty", l.Case, l.Duty, attempt, minute(l.Opened), minute(l.Due), l.State, minute(l.Met)}, " ")
			if l.Early {
				line += " early from " + minute(l.From)
			}
			lines = append(lines, line)
		case "message":
			lines = append(lines, strings.Join([]string{"message", minute(l.At), l.Case, l.Duty, l.Rung, l.Person, l.Channel}, " "))
		case "print":
			lines = append(lines, strings.Join([]string{"print", minute(l.At), l.Case, l.Kind, l.Variant}, " "))
		}
	}
	return lines
}

// minute cuts an instant to its local minute, as the stories write it.
func minute(s string) string {
	if s == "" {
		return "-"
	}
	return s[:len("2026-09-01T09:00")]
}
