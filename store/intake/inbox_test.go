package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/dropfolder"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// inboxStory is an inbox and what was imported from it.
type inboxStory struct {
	*testing.T
	Inbox
	now      time.Time
	imported []string
	bodies   []string
	noted    []string
	told     []string
	log      bytes.Buffer
	answer   func(f InboxFile) (Imported, error)
	dies     bool // in the middle of copying bad rows
}

func newInbox(t *testing.T) *inboxStory {
	s := &inboxStory{T: t, now: time.Date(2026, 9, 2, 8, 0, 0, 0, time.UTC)}
	s.Folder = t.TempDir()
	s.Mappings = map[string]Mapping{"liquidlogic-visits": {For: Events}, "annex-a": {For: Cases}}
	s.Log = slog.New(slog.NewTextHandler(&s.log, nil))
	s.Tell = func(_ context.Context, _ time.Time, key string, a notify.Alert) {
		s.told = append(s.told, strings.TrimSpace(fmt.Sprint(a.Says, " ", a.File, " ", a.Waiting)))
	}
	return s
}

func (s *inboxStory) bring(ctx context.Context, f InboxFile) (Imported, error) {
	mapped := ""
	if f.Mapping != nil {
		mapped = " mapped"
	}
	s.imported = append(s.imported, f.Name+" as "+f.Of+mapped)
	content, err := io.ReadAll(f.Content)
	if err != nil {
		s.Fatal(err)
	}
	s.bodies = append(s.bodies, string(content))
	if s.answer != nil {
		return s.answer(f)
	}
	var one Imported
	one.Rows, one.Unchanged = 1, 1
	return one, ctx.Err()
}

func (s *inboxStory) copyRejected(to io.Writer, f InboxFile, faults []Fault) error {
	if s.dies {
		fmt.Fprint(to, "1 of")
		panic("killed")
	}
	content, err := io.ReadAll(f.Content)
	if err == nil {
		_, err = fmt.Fprintf(to, "%d of %s", len(faults), content)
	}
	return err
}

// visible lists what people see in a folder.
func (s *inboxStory) visible(folder string) string {
	s.Helper()
	return strings.Join(slices.DeleteFunc(strings.Fields(s.files(folder)), func(name string) bool { return strings.HasPrefix(name, ".") }), " ")
}

func (s *inboxStory) note(_ context.Context, f InboxFile) error {
	s.noted = append(s.noted, f.Of)
	return nil
}

func (s *inboxStory) path(name string) string { return filepath.Join(s.Folder, name) }

func (s *inboxStory) put(name, content string, at time.Time) {
	s.Helper()
	if err := os.WriteFile(s.path(name), []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
	if err := os.Chtimes(s.path(name), at, at); err != nil {
		s.Fatal(err)
	}
}

// after looks after some time has passed.
func (s *inboxStory) after(passed time.Duration) Looked {
	s.Helper()
	s.now = s.now.Add(passed)
	looked, err := s.look(context.Background(), s.now, s.now, s)
	if err != nil {
		s.Fatal(err)
	}
	counts, _ := s.account(context.Background(), s.now, &looked)
	if counts[CountWaiting] != len(looked.Waiting) {
		s.Errorf("%d counted as waiting, want %d", counts[CountWaiting], len(looked.Waiting))
	}
	return looked
}

// looks looks a minute later.
func (s *inboxStory) looks() Looked { s.Helper(); return s.after(time.Minute) }

func (s *inboxStory) files(folder string) string {
	s.Helper()
	entries, err := os.ReadDir(s.path(folder))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if folder != "." || e.Name() != doneFolder && e.Name() != rejectedFolder {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

func (s *inboxStory) read(name string) string {
	s.Helper()
	content, err := os.ReadFile(s.path(name))
	if err != nil {
		s.Fatal(err)
	}
	return string(content)
}

func (s *inboxStory) want(what, got, want string) {
	s.Helper()
	if got != want {
		s.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (s *inboxStory) wantImported(names ...string) {
	s.Helper()
	s.want("imported", strings.Join(s.imported, ", "), strings.Join(names, ", "))
}

var earlier = time.Date(2026, 9, 2, 7, 0, 0, 0, time.UTC)

func TestInboxImportsPeopleThenCasesThenEvents(t *testing.T) {
	s := newInbox(t)
	for _, name := range []string{"events-b.csv", "events-a.CSV", "cases.csv", "people_2026.csv", "visits.liquidlogic-visits.csv", "list7.annex-a.csv", "notes.csv", "readme.txt", ".people.csv", "~cases.csv", "people.csv.part", "20260901T083000Z-events.csv"} {
		s.put(name, "x\n", earlier)
	}
	first := s.looks()
	s.wantImported()
	s.want("waiting", fmt.Sprint(len(first.Waiting)), "7")
	second := s.looks()
	s.wantImported("people_2026.csv as people", "cases.csv as cases", "list7.annex-a.csv as cases mapped",
		"20260901T083000Z-events.csv as events", "events-a.CSV as events", "events-b.csv as events", "visits.liquidlogic-visits.csv as events mapped")
	s.want("waiting", strings.Join(second.Waiting, " "), "")
	s.want("left", s.files("."), ".people.csv notes.csv people.csv.part readme.txt ~cases.csv")
	if got := s.files("done"); !strings.Contains(got, "20260902T080200Z-cases.csv") || !strings.Contains(got, " 20260902T080200Z-events.csv") {
		t.Errorf("done: %s", got)
	}
	s.want("told", strings.Join(s.told, ", "), "file-unreadable notes.csv 0, file-unreadable notes.csv 0") // the ledger tells it once
}

// TestInboxTakesOnlyWholeFiles: what ends within a line is taken when nothing was
// heard of it for a minute, and what needs it waits meanwhile.
func TestInboxTakesOnlyWholeFiles(t *testing.T) {
	s := newInbox(t)
	s.put("cases.csv", "ref\nKN", earlier)
	s.put("events.csv", "whole\n", earlier)
	s.put("people.csv", "whole\n", earlier)
	s.after(0)
	s.after(6 * time.Second)
	s.wantImported("people.csv as people")
	s.want("waiting", strings.Join(s.after(50*time.Second).Waiting, " "), "cases.csv events.csv")
	s.put("cases.csv", "ref\nKN-1", earlier)
	s.after(5 * time.Second)
	s.after(55 * time.Second)
	s.wantImported("people.csv as people")
	s.after(5 * time.Second)
	s.wantImported("people.csv as people", "cases.csv as cases", "events.csv as events")
	s.want("content", s.bodies[1], "ref\nKN-1")
}

func TestInboxHoldsNothingBackForEver(t *testing.T) {
	s := newInbox(t)
	s.put("events.csv", "x\n", earlier)
	for i := range 11 {
		s.put("cases.csv", strings.Repeat("x\n", i+1), earlier)
		s.looks()
	}
	s.wantImported("events.csv as events")
}

func TestInboxRejectsWhatIsRefusedWithTheReasonsBeside(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"faults": {pathway.NewProblem(pathway.Refused, "%w\nuse --partial", &Faults{File: "events.csv", List: []Fault{{Row: 17, Column: "at", Message: `"31/02/2026" is not a date`}}}),
			"events.csv:17: column at: \"31/02/2026\" is not a date\nevents.csv: nothing was imported: correct it and hand it over again\n"},
		"too many people": {pathway.NewProblem(pathway.Refused, "more than 5 people in one import"), "events.csv: more than 5 people in one import\nevents.csv: nothing was imported\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newInbox(t)
			s.answer = func(InboxFile) (Imported, error) { return Imported{}, fmt.Errorf("importing: %w", tt.err) }
			s.put("events.csv", "x\n", earlier)
			s.looks()
			looked := s.looks()
			s.want("rejected", s.files("rejected"), "20260902T080200Z-events.csv 20260902T080200Z-events.csv.errors.txt")
			got := strings.Replace(s.read("rejected/20260902T080200Z-events.csv.errors.txt"), "importing: ", "", 1)
			s.want("errors", got, tt.want)
			if len(looked.Handled) != 1 || looked.Handled[0].Refused == "" || looked.Handled[0].Err != nil {
				t.Errorf("handled %+v, want one rejected", looked.Handled)
			}
			s.want("told", strings.Join(s.told, ", "), "file-rejected events.csv 0")
			s.want("noted", strings.Join(s.noted, " "), "")
			for _, path := range []string{"rejected/20260902T080200Z-events.csv", "rejected/20260902T080200Z-events.csv.errors.txt"} {
				info, err := os.Stat(s.path(path))
				if err != nil || info.Mode().Perm() != 0o640 {
					t.Errorf("%s has mode %v (%v), want 0640", path, info.Mode(), err)
				}
			}
			if info, err := os.Stat(s.path("rejected")); err != nil || info.Mode().Perm()&0o007 != 0 {
				t.Errorf("rejected/ has mode %v (%v), want nothing for others", info.Mode(), err)
			}
		})
	}
}

func TestInboxKeepsTheGoodRowsAndCopiesTheBad(t *testing.T) {
	s := newInbox(t)
	s.answer = func(InboxFile) (Imported, error) {
		out := Imported{Rejected: []Fault{{Row: 3, Message: "no such case"}}}
		out.Rows, out.Added, out.Kept = 3, 2, true
		return out, nil
	}
	s.put("events.csv", "x\n", earlier)
	s.looks()
	s.looks()
	s.want("done", s.files("done"), "20260902T080200Z-events.csv")
	s.want("rejected", s.files("rejected"), "20260902T080200Z-events.csv 20260902T080200Z-events.csv.errors.txt")
	s.want("copy", s.read("rejected/20260902T080200Z-events.csv"), "1 of x\n")
	s.want("errors", s.read("rejected/20260902T080200Z-events.csv.errors.txt"),
		"events.csv:3: no such case\nevents.csv: the other rows were imported: correct these, and hand over the copy of them that lies beside this text\n")
	s.want("told", strings.Join(s.told, ", "), "rows-rejected events.csv 1")
	s.want("noted", strings.Join(s.noted, " "), "events")
}

// TestAListWithoutARowSaysNothingOfItsDate: a header alone is what an extract leaves that
// has failed, but no event is what a quiet hour brings.
func TestAListWithoutARowSaysNothingOfItsDate(t *testing.T) {
	var unchanged Imported
	unchanged.Rows, unchanged.Unchanged = 1, 1
	for _, test := range []struct {
		file string
		came Imported
		want string
	}{
		{"cases.csv", Imported{}, ""},
		{"people.csv", Imported{}, ""},
		{"events.csv", Imported{}, "events"},
		{"events.csv", Imported{Rejected: []Fault{{Row: 2, Message: "no such case"}}, IntakeResult: store.IntakeResult{Rows: 1, Kept: true}}, ""},
		{"cases.csv", unchanged, "cases"},
		{"cases.annex-a.csv", Imported{Skipped: 1}, "cases"},
	} {
		s := newInbox(t)
		s.answer = func(InboxFile) (Imported, error) { return test.came, nil }
		s.put(test.file, "x\n", earlier)
		s.looks()
		s.looks()
		s.want(fmt.Sprintf("%s of which %+v came in is noted", test.file, test.came.IntakeResult), strings.Join(s.noted, " "), test.want)
	}
}

func TestInboxGoesOnBehindWhatFails(t *testing.T) {
	s := newInbox(t)
	broken := errors.New("cannot read joe-bloggs: reading people-joe-bloggs.csv failed")
	s.answer = func(f InboxFile) (Imported, error) {
		if f.Name == "people-joe-bloggs.csv" {
			return Imported{}, broken
		}
		return Imported{}, nil
	}
	s.put("people-joe-bloggs.csv", "x\n", earlier)
	s.put("people-later.csv", "x\n", earlier)
	s.put("events.csv", "x\n", earlier)
	s.looks()
	looked := s.looks()
	if !errors.Is(looked.Handled[0].Err, broken) {
		t.Errorf("error %v, want %v", looked.Handled[0].Err, broken)
	}
	s.wantImported("people-joe-bloggs.csv as people", "people-later.csv as people", "events.csv as events")
	s.want("left", s.files("."), "people-joe-bloggs.csv")
	s.put("people-other.csv", "x\n", earlier)
	s.looks()
	s.answer = nil
	s.looks()
	s.want("left", s.files("."), "")
	s.want("tried last", s.imported[len(s.imported)-1], "people-joe-bloggs.csv as people")
	if _, problems := s.account(context.Background(), s.now, &looked); len(problems) != 1 || strings.Contains(problems[0].Error(), "people-joe-bloggs") {
		t.Errorf("problems %v, want one without the name", problems)
	}
	if strings.Contains(s.log.String(), "joe") {
		t.Errorf("the log names a file:\n%s", s.log.String())
	}
}

// TestInboxReadsNothingButFiles: links, folders, pipes and hostile names are told
// of, and neither followed nor waited for.
func TestInboxReadsNothingButFiles(t *testing.T) {
	s := newInbox(t)
	secret := filepath.Join(t.TempDir(), "secret")
	for _, err := range []error{
		os.WriteFile(secret, []byte("secret\n"), 0o600),
		os.Symlink(secret, s.path("people.csv")),
		os.Symlink("events.csv", s.path("cases.csv")),
		os.Mkdir(s.path("cases-folder.csv"), 0o700),
		syscall.Mkfifo(s.path("events-pipe.csv"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.put("events-\u202ebidi.csv", "x\n", earlier)
	s.put("events.csv", "x\n", earlier)
	s.looks()
	looked := s.looks()
	s.wantImported("events.csv as events")
	if len(looked.Unreadable) != 5 || len(looked.Waiting) != 0 {
		t.Errorf("unreadable %+v, waiting %v; want five and none", looked.Unreadable, looked.Waiting)
	}
	counts, problems := s.account(context.Background(), s.now, &looked)
	if counts[CountUnreadable] != 5 || len(problems) != 5 {
		t.Errorf("counted %v with %v, want five unreadable", counts, problems)
	}
}

func TestInboxDoesNotReadWhatIsSwappedIn(t *testing.T) {
	s := newInbox(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, swap := range map[string]func(string) error{
		"events-link.csv": func(p string) error { return os.Symlink(secret, p) },
		"events-pipe.csv": func(p string) error { return syscall.Mkfifo(p, 0o600) },
		"events-file.csv": func(p string) error { return os.WriteFile(p, []byte("another\n"), 0o600) },
	} {
		s.put(name, "x\n", earlier)
		folder, err := dropfolder.Open(s.Folder)
		if err != nil {
			t.Fatal(err)
		}
		listed, err := os.Lstat(s.path(name))
		if err == nil {
			err = os.Rename(s.path(name), s.path("was-"+name))
		}
		if err == nil {
			err = swap(s.path(name))
		}
		if err != nil {
			t.Fatal(err)
		}
		if file, err := folder.OpenListed(name, listed); !errors.Is(err, dropfolder.ErrReplaced) && !errors.Is(err, fs.ErrPermission) {
			if err == nil {
				file.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "escapes") {
				t.Errorf("%s was opened (%v), want it refused", name, err)
			}
		}
	}
}

// TestInboxPutsBackWhatCameInThatMoment: a new file takes the name of the one that
// was imported, just before that is moved.
func TestInboxPutsBackWhatCameInThatMoment(t *testing.T) {
	s := newInbox(t)
	s.put("events.csv", "old\n", earlier)
	folder, err := dropfolder.Open(s.Folder)
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(s.path("events.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	s.put("new", "new\n", earlier)
	if err := os.Rename(s.path("new"), s.path("events.csv")); err != nil {
		t.Fatal(err)
	}
	lies, err := folder.Move(doneFolder, earlier, "events.csv", old, "")
	s.want("moved", fmt.Sprint(lies, err), "<nil>")
	s.want("left", s.read("events.csv"), "new\n")
	s.want("done", s.files("done"), "")
}

func TestInboxFollowsAndOverwritesNothingInItsFolders(t *testing.T) {
	s := newInbox(t)
	target := filepath.Join(t.TempDir(), "target")
	s.answer = func(InboxFile) (Imported, error) {
		return Imported{}, pathway.NewProblem(pathway.Refused, "%w", &Faults{List: []Fault{{Message: "bad"}}})
	}
	for _, err := range []error{
		os.WriteFile(target, []byte("precious"), 0o600),
		os.Mkdir(s.path("rejected"), 0o755),
		os.Symlink(target, s.path("rejected/20260902T080200Z-events.csv.errors.txt")),
		os.Symlink(target, s.path("rejected/20260902T080200Z-2-events.csv")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.put("events.csv", "x\n", earlier)
	s.looks()
	s.looks()
	content, err := os.ReadFile(target)
	s.want("what the links point to", fmt.Sprint(string(content), err), "precious<nil>")
	s.want("rejected", s.files("rejected"), "20260902T080200Z-2-events.csv 20260902T080200Z-3-events.csv 20260902T080200Z-3-events.csv.errors.txt 20260902T080200Z-events.csv.errors.txt")
}

func TestInboxImportsOnceWhatCannotBeMoved(t *testing.T) {
	outside := t.TempDir()
	for name, inTheWay := range map[string]func(string) error{
		"a file": func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"a link": func(p string) error { return os.Symlink(outside, p) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newInbox(t)
			if err := inTheWay(s.path("done")); err != nil {
				t.Fatal(err)
			}
			s.put("cases.csv", "x\n", earlier)
			s.put("events.csv", "x\n", earlier)
			s.looks()
			looked := s.looks()
			if len(looked.Handled) != 2 || looked.Handled[0].Err == nil || looked.Handled[1].Err == nil {
				t.Errorf("handled %+v, want two that could not be moved", looked.Handled)
			}
			s.looks()
			s.wantImported("cases.csv as cases", "events.csv as events")
			if err := os.Remove(s.path("done")); err != nil {
				t.Fatal(err)
			}
			s.looks()
			s.want("left", s.files("."), "")
			s.wantImported("cases.csv as cases", "events.csv as events")
			s.want("noted", strings.Join(s.noted, " "), "cases events")
		})
	}
}

// TestBadRowsLieThereOnceWhateverTheProcessDiesOf: while they are copied, or between that
// and the move of their file. The next process does it all again, and half a copy is
// never seen.
func TestBadRowsLieThereOnceWhateverTheProcessDiesOf(t *testing.T) {
	rejecting := func(s *inboxStory, reason string) {
		s.answer = func(InboxFile) (Imported, error) {
			return Imported{IntakeResult: store.IntakeResult{Changes: store.Changes{Added: 1}, Kept: true}, Rejected: []Fault{{Row: 2, Message: reason}}}, nil
		}
	}
	for _, rows := range []string{"the same rows are bad", "others are bad by now"} {
		first := newInbox(t)
		rejecting(first, "bad")
		first.put("events.csv", "x\ny\n", earlier)
		first.looks()
		first.dies = true
		func() {
			defer func() { recover() }()
			first.looks()
		}()

		second := newInbox(t)
		second.Folder, second.now = first.Folder, first.now
		rejecting(second, "bad")
		if err := os.WriteFile(second.path("done"), nil, 0o600); err != nil { // nothing can be moved there
			t.Fatal(err)
		}
		second.looks()
		second.looks()
		second.want("rejected before the file is moved", second.visible("rejected"), "")
		if err := os.Remove(second.path("done")); err != nil {
			t.Fatal(err)
		}

		third := newInbox(t)
		third.Folder, third.now = first.Folder, second.now
		reason := "bad"
		if rows != "the same rows are bad" {
			reason = "still bad"
		}
		rejecting(third, reason)
		third.looks()
		third.looks()
		third.want("inbox", third.files("."), "")
		third.want("rejected", third.files("rejected"), "20260902T080600Z-events.csv 20260902T080600Z-events.csv.errors.txt")
		third.want("the copy", third.read("rejected/20260902T080600Z-events.csv"), "1 of x\ny\n")
		if text := third.read("rejected/20260902T080600Z-events.csv.errors.txt"); !strings.Contains(text, reason) {
			t.Errorf("the reasons are %q, want %q among them", text, reason)
		}
	}
}

func TestInboxImportsAgainWhatGrewDuringItsImport(t *testing.T) {
	s := newInbox(t)
	s.put("cases.csv", "x\n", earlier)
	s.looks()
	s.answer = func(InboxFile) (Imported, error) {
		s.put("cases.csv", "x\nand more\n", earlier)
		return Imported{}, nil
	}
	looked := s.looks()
	s.want("left", s.files("."), "cases.csv")
	s.want("waiting", strings.Join(looked.Waiting, " "), "cases.csv")
	s.answer = nil
	s.looks()
	s.looks()
	s.want("left", s.files("."), "")
	s.want("read", strings.Join(s.bodies, "|"), "x\n|x\nand more\n")
}

// TestInboxImportsAgainWhatGrewAfterItsImport: its writer had only paused, and
// writes on into what lies in done/ by then.
func TestInboxImportsAgainWhatGrewAfterItsImport(t *testing.T) {
	s := newInbox(t)
	s.put("cases.csv", "x\n", earlier)
	writer, err := os.OpenFile(s.path("cases.csv"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	s.looks()
	s.looks()
	s.want("left", s.files("."), "")
	if _, err := writer.WriteString("and more\n"); err != nil {
		t.Fatal(err)
	}
	s.looks()
	s.want("left", s.files("."), "cases.csv")
	s.looks()
	s.want("left", s.files("."), "")
	s.want("read", strings.Join(s.bodies, "|"), "x\n|x\nand more\n")
}

// TestInboxTakesUpWhatGrewWhileNobodyLooked: the process that imported the file is gone
// by the time at which its writer goes on; what only lies in done/ stays there.
func TestInboxTakesUpWhatGrewWhileNobodyLooked(t *testing.T) {
	s := newInbox(t)
	s.put("cases.csv", "x\n", earlier)
	s.put("events.csv", "y\n", earlier)
	s.looks()
	s.looks()
	done := s.files("done")
	grown := strings.Fields(done)[0]
	writer, err := os.OpenFile(s.path("done/"+grown), os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = writer.WriteString("and more\n")
	}
	if err == nil {
		err = writer.Close()
	}
	if err == nil {
		err = os.Chtimes(s.path("done/"+grown), s.now, s.now.Add(time.Second)) // at once
	}
	notes := s.path("done/" + strings.Fields(done)[1] + notesEnding) // of an import that took long
	if err == nil {
		err = os.WriteFile(notes, []byte("a note\n"), 0o640)
	}
	if err == nil {
		err = os.Chtimes(notes, s.now, s.now.Add(time.Minute))
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Inbox = Inbox{Folder: s.Folder, Mappings: s.Mappings, Log: s.Log, Tell: s.Tell}
	s.after(2 * time.Minute)
	s.want("left", s.files("."), "cases.csv")
	s.looks()
	s.want("left", s.files("."), "")
	s.want("read", strings.Join(s.bodies, "|"), "x\n|y\n|x\nand more\n")
	s.Inbox = Inbox{Folder: s.Folder, Mappings: s.Mappings, Log: s.Log, Tell: s.Tell}
	s.looks()
	s.want("left after another start", s.files("."), "")
}

// TestInboxTellsOfWhatComesAnewUnderAnOldName: a second link is not the first.
func TestInboxTellsOfWhatComesAnewUnderAnOldName(t *testing.T) {
	s := newInbox(t)
	keys := map[string]bool{}
	s.Tell = func(_ context.Context, _ time.Time, key string, _ notify.Alert) { keys[key] = true }
	links := []string{"events.csv", "kept.csv"}
	for _, name := range links { // both are there at once, so that no number is used twice
		if err := os.Symlink("/etc/hostname", s.path("."+name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range links {
		if err := os.Rename(s.path("."+name), s.path("events.csv")); err != nil {
			t.Fatal(err)
		}
		s.looks()
		s.looks()
	}
	if len(keys) != 2 {
		t.Errorf("%d are told of, want 2: each link once", len(keys))
	}
}

func TestInboxNamesThatAreLong(t *testing.T) {
	s := newInbox(t)
	s.put("events"+strings.Repeat("ü", 100)+".liquidlogic-visits.csv", "x\n", earlier)
	s.looks()
	s.looks()
	s.want("left", s.files("."), "")
	if of, m := s.contents(s.files("done")); of != Events || m == nil {
		t.Errorf("what lies in done is %q (%v), want events by their mapping", of, m)
	}
}

func TestInboxWithoutAFolderIsEmpty(t *testing.T) {
	b := Inbox{Folder: filepath.Join(t.TempDir(), "none")}
	looked, err := b.look(context.Background(), earlier, earlier, nil)
	if err != nil || len(looked.Handled)+len(looked.Waiting) > 0 {
		t.Errorf("%+v, %v; want nothing", looked, err)
	}
}

// TestAnInboxThatCannotBeWrittenToSaysWhatHelps: a full disk is no question of rights.
func TestAnInboxThatCannotBeWrittenToSaysWhatHelps(t *testing.T) {
	for why, want := range map[syscall.Errno]string{
		syscall.ENOSPC: "the disk of the inbox is full: make room on it",
		syscall.EROFS:  "mount the inbox for writing",
		syscall.EACCES: "check the permissions of the inbox",
	} {
		got := badRowsUnwritten(&fs.PathError{Op: "write", Path: "x", Err: why})
		if !errors.Is(got, why) || !strings.HasSuffix(got.Error(), want) {
			t.Errorf("%v: %q, want it to end in %q", why, got, want)
		}
	}
}
