package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// inboxStory is an inbox and what was imported from it.
type inboxStory struct {
	*testing.T
	Inbox
	now      time.Time
	imported []string
	answer   func(name string) error
}

func newInbox(t *testing.T) *inboxStory {
	s := &inboxStory{T: t, now: time.Date(2026, 9, 2, 8, 0, 0, 0, time.UTC)}
	s.Folder = t.TempDir()
	s.Mappings = map[string]Mapping{"liquidlogic-visits": {For: Events}, "annex-a": {For: Cases}}
	return s
}

func (s *inboxStory) put(name, content string, at time.Time) {
	s.Helper()
	path := filepath.Join(s.Folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		s.Fatal(err)
	}
}

func (s *inboxStory) look() Looked {
	s.Helper()
	s.now = s.now.Add(15 * time.Minute)
	looked, err := s.Look(context.Background(), s.now, func(_ context.Context, f InboxFile) error {
		mapped := ""
		if f.Mapping != nil {
			mapped = " mapped"
		}
		s.imported = append(s.imported, f.Name+" as "+f.Of+mapped)
		if s.answer != nil {
			return s.answer(f.Name)
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return looked
}

func (s *inboxStory) files(folder string) string {
	s.Helper()
	entries, err := os.ReadDir(filepath.Join(s.Folder, folder))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

func (s *inboxStory) want(what, got, want string) {
	s.Helper()
	if got != want {
		s.Errorf("%s: %q, want %q", what, got, want)
	}
}

var earlier = time.Date(2026, 9, 2, 7, 0, 0, 0, time.UTC)

func TestInboxImportsPeopleThenCasesThenEvents(t *testing.T) {
	s := newInbox(t)
	for _, name := range []string{"events-b.csv", "events-a.CSV", "cases.csv", "people_2026.csv", "visits.liquidlogic-visits.csv", "list7.annex-a.csv", "notes.csv", "readme.txt", ".people.csv", "~cases.csv", "people.csv.part"} {
		s.put(name, "x", earlier)
	}
	first := s.look()
	s.want("imported at the first look", strings.Join(s.imported, ", "), "")
	s.want("waiting", fmt.Sprint(len(first.Waiting)), "6")
	s.want("unknown", strings.Join(first.Unknown, " "), "notes.csv")
	second := s.look()
	s.want("imported at the second look", strings.Join(s.imported, ", "),
		"people_2026.csv as people, cases.csv as cases, list7.annex-a.csv as cases mapped, events-a.CSV as events, events-b.csv as events, visits.liquidlogic-visits.csv as events mapped")
	s.want("waiting", strings.Join(second.Waiting, " "), "")
	s.want("left", s.files("."), ".people.csv notes.csv people.csv.part readme.txt ~cases.csv")
	if got := s.files("done"); !strings.Contains(got, "20260902T083000Z-cases.csv") {
		t.Errorf("done: %s", got)
	}
}

func TestInboxLeavesFilesThatGrow(t *testing.T) {
	s := newInbox(t)
	s.put("cases.csv", "half", earlier)
	s.put("events.csv", "whole", earlier)
	s.look()
	s.put("cases.csv", "half and more", earlier)
	looked := s.look()
	s.want("waiting for cases, events too", strings.Join(looked.Waiting, " "), "cases.csv events.csv")
	s.put("cases.csv", "half and MORE", earlier.Add(time.Minute)) // as long as before, but written since
	s.look()
	s.want("imported", strings.Join(s.imported, ", "), "")
	s.look()
	s.want("imported", strings.Join(s.imported, ", "), "cases.csv as cases, events.csv as events")
}

func TestInboxRejectsWithTheFaultsBeside(t *testing.T) {
	s := newInbox(t)
	s.answer = func(name string) error {
		return fmt.Errorf("importing: %w", &Faults{File: name, List: []Fault{{17, "at", `"31/02/2026" is not a date`}}})
	}
	s.put("events.csv", "x", earlier)
	s.look()
	looked := s.look()
	s.want("rejected", s.files("rejected"), "20260902T083000Z-events.csv 20260902T083000Z-events.csv.errors.txt")
	text, err := os.ReadFile(filepath.Join(s.Folder, "rejected", "20260902T083000Z-events.csv.errors.txt"))
	s.want("errors", fmt.Sprint(string(text), err), "importing: events.csv:17: column at: \"31/02/2026\" is not a date\n<nil>")
	if len(looked.Handled) != 1 || looked.Handled[0].Faults == nil || looked.Handled[0].Err != nil {
		t.Errorf("handled %+v, want one rejected", looked.Handled)
	}
}

func TestInboxTriesAgainWhenTheDatabaseIsAway(t *testing.T) {
	s := newInbox(t)
	away := errors.New("the database cannot be reached")
	s.answer = func(string) error { return away }
	s.put("people.csv", "x", earlier)
	s.put("events.csv", "x", earlier)
	s.look()
	looked := s.look()
	s.want("waiting", strings.Join(looked.Waiting, " "), "events.csv")
	if looked.Handled[0].Err != away {
		t.Errorf("error %v, want %v", looked.Handled[0].Err, away)
	}
	s.want("left", s.files("."), "events.csv people.csv")
	s.answer = nil
	s.look()
	s.want("imported", strings.Join(s.imported, ", "), "people.csv as people, people.csv as people, events.csv as events")
	s.want("left", s.files("."), "")
}

func TestInboxNeverOverwritesWhatWasDone(t *testing.T) {
	s := newInbox(t)
	for _, content := range []string{"first", "second"} {
		s.put("cases.csv", content, earlier)
		s.look()
		s.now = s.now.Add(-15 * time.Minute)
		s.look()
		s.now = s.now.Add(-15 * time.Minute)
	}
	s.want("done", s.files("done"), "20260902T081500Z-2-cases.csv 20260902T081500Z-cases.csv")
}

// TestInboxImportsOnceWhatCannotBeMoved: done/ is in the way as a file.
func TestInboxImportsOnceWhatCannotBeMoved(t *testing.T) {
	s := newInbox(t)
	s.put("done", "in the way", earlier)
	s.put("cases.csv", "x", earlier)
	s.put("events.csv", "x", earlier)
	s.look()
	looked := s.look()
	if len(looked.Handled) != 2 || looked.Handled[0].Err == nil || looked.Handled[0].Faults != nil {
		t.Errorf("handled %+v, want two that could not be moved", looked.Handled)
	}
	s.look()
	s.want("imported", strings.Join(s.imported, ", "), "cases.csv as cases, events.csv as events")
	if err := os.Remove(filepath.Join(s.Folder, "done")); err != nil {
		t.Fatal(err)
	}
	s.look()
	s.want("left", s.files("."), "")
	s.want("imported", strings.Join(s.imported, ", "), "cases.csv as cases, events.csv as events")
}

func TestInboxKeepsAFileThatChangedDuringItsImport(t *testing.T) {
	s := newInbox(t)
	s.put("cases.csv", "x", earlier)
	s.look()
	s.answer = func(string) error {
		s.put("cases.csv", "x and more", earlier)
		return nil
	}
	s.look()
	s.want("left", s.files("."), "cases.csv")
	s.answer = nil
	s.look()
	s.look()
	s.want("left", s.files("."), "")
	if !slices.Equal(s.imported, []string{"cases.csv as cases", "cases.csv as cases"}) {
		t.Errorf("imported %v, want it twice", s.imported)
	}
}

func TestInboxWithoutAFolderIsEmpty(t *testing.T) {
	b := Inbox{Folder: filepath.Join(t.TempDir(), "none")}
	looked, err := b.Look(context.Background(), earlier, nil)
	if err != nil || len(looked.Handled)+len(looked.Waiting) > 0 {
		t.Errorf("%+v, %v; want nothing", looked, err)
	}
}
