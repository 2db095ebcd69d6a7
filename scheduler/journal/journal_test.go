package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 9, 2, 11, 0, 0, 0, time.UTC)

func sent(message int64) Sent { return Sent{Message: message, At: noon} }

// dies lets go of a process's file, as its end does.
func (j *Journal) dies() { j.file.Close() }

func notes(t *testing.T, j *Journal, all ...Sent) {
	t.Helper()
	for _, s := range all {
		if err := j.Note(s); err != nil {
			t.Fatalf("note that message %d was sent: %v", s.Message, err)
		}
	}
}

// takesUp returns what a journal takes up, as "holder message message".
func takesUp(t *testing.T, j *Journal) (found []string) {
	t.Helper()
	err := j.TakeUp(func(holder string, sent []Sent) error {
		for _, s := range sent {
			holder += fmt.Sprint(" ", s.Message)
		}
		found = append(found, holder)
		return nil
	}, func(err error) { found = append(found, err.Error()) })
	if err != nil {
		t.Fatalf("take up: %v", err)
	}
	return found
}

func wants(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWhatAProcessThatDiedHasSentIsTakenUpOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sent")
	dead, next := New(folder, "Knowsley", "host/1/a"), New(folder, "Knowsley", "host/2/b")
	text := Sent{Message: 7, Tries: 2, At: noon.Add(time.Second), ProviderID: "SM\n 1", PollAt: noon.Add(time.Minute)}
	notes(t, dead, sent(6), text)
	wants(t, "of a process that lives", takesUp(t, next))
	dead.dies()
	var got []Sent
	if err := next.TakeUp(func(holder string, sent []Sent) error {
		if holder != "host/1/a" {
			t.Errorf("they were held by %q, want host/1/a", holder)
		}
		got = sent
		return nil
	}, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	if want := []Sent{sent(6), text}; !reflect.DeepEqual(got, want) {
		t.Errorf("it had sent\n%v, want\n%v", got, want)
	}
	wants(t, "a second time", takesUp(t, next))
	wants(t, "files that are left", files(t, folder))
}

// TestFileIsThereBeforeTheFirstNote: to make one takes longer than to go on with it.
func TestFileIsThereBeforeTheFirstNote(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sent")
	j := New(folder, "Knowsley", "a")
	j.Ready()
	wants(t, "files", files(t, folder), filepath.Base(j.path))
	made := j.file
	j.Ready()
	notes(t, j, sent(1))
	if j.file != made {
		t.Error("the first note made another file, want it in the one that was there")
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	wants(t, "taken up", takesUp(t, New(folder, "Knowsley", "b")), "a 1")
	unused := New(folder, "Knowsley", "c")
	unused.Ready()
	unused.dies()
	wants(t, "of one that sent nothing", takesUp(t, New(folder, "Knowsley", "d")))
	wants(t, "files that are left", files(t, folder))
}

func TestWhatCannotBeRecordedYetStays(t *testing.T) {
	folder := t.TempDir()
	dead, next := New(folder, "Knowsley", "a"), New(folder, "Knowsley", "b")
	notes(t, dead, sent(6))
	dead.dies()
	away := fmt.Errorf("the database is away")
	if err := next.TakeUp(func(string, []Sent) error { return away }, func(err error) { t.Error(err) }); err != away {
		t.Errorf("taking up ended with %v, want %v", err, away)
	}
	wants(t, "once it is back", takesUp(t, next), "a 6")
}

// TestNotingDoesNotWaitForTheDatabase: not even for one that hangs while it is told what
// was left.
func TestNotingDoesNotWaitForTheDatabase(t *testing.T) {
	folder := t.TempDir()
	dead, next := New(folder, "Knowsley", "a"), New(folder, "Knowsley", "b")
	notes(t, dead, sent(6))
	dead.dies()
	if err := next.TakeUp(func(string, []Sent) error {
		notes(t, next, sent(7))
		return nil
	}, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	next.dies()
	wants(t, "taken up", takesUp(t, New(folder, "Knowsley", "c")), "b 7")
}

func TestOtherInstallationsNotesStay(t *testing.T) {
	folder := t.TempDir()
	other := New(folder, "Sefton", "a")
	notes(t, other, sent(6))
	other.dies()
	wants(t, "by Knowsley", takesUp(t, New(folder, "Knowsley", "b")))
	wants(t, "by Sefton", takesUp(t, New(folder, "Sefton", "c")), "a 6")
}

func TestHalfALineSaysNothing(t *testing.T) {
	for _, c := range []struct{ name, tail, want string }{
		{"a line that was cut off", "7 0 17", "a 6"},
		{"one that goes on with the next", "7 0 178 0 1788346800000 0 \"\"\n", "a 6"},
		{"one that means nothing", "seven\n8 0 1788346800000 0 \"\"\n", "a 6 8"},
		{"a negative number", "-7 0 1788346800000 0 \"\"\n", "a 6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			dead := New(folder, "Knowsley", "a")
			notes(t, dead, sent(6))
			if _, err := dead.file.WriteString(c.tail); err != nil {
				t.Fatal(err)
			}
			dead.dies()
			wants(t, "taken up", takesUp(t, New(folder, "Knowsley", "b")), c.want)
		})
	}
}

func TestFileThatIsNoneOfOursStaysAndIsSaidOnce(t *testing.T) {
	folder := t.TempDir()
	next := New(folder, "Knowsley", "b")
	path := filepath.Join(folder, filepath.Base(New(folder, "Knowsley", "a").path))
	for _, text := range []string{"\x00\x00\x00", "doorstep sent 2 0 \"a\"\n6\n", "doorstep sent 1 0 \"\"\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		clear(next.passed)
		if said := takesUp(t, next); len(said) != 1 || !strings.Contains(said[0], path) {
			t.Errorf("of %q it said %q, want a line that names the file", text, said)
		}
		wants(t, "again", takesUp(t, next))
	}
	wants(t, "what is left", files(t, folder), filepath.Base(path))
	if err := os.Truncate(path, 0); err != nil { // as a power cut leaves it
		t.Fatal(err)
	}
	clear(next.passed)
	wants(t, "of an empty one", takesUp(t, next))
	wants(t, "what is left of that", files(t, folder))
}

func TestFileStaysSmallAndKeepsWhatIsNotRecorded(t *testing.T) {
	folder := t.TempDir()
	busy := New(folder, "Knowsley", "a")
	notes(t, busy, sent(1))
	long := strings.Repeat("x", 200)
	for n := range int64(5000) {
		notes(t, busy, Sent{Message: 10 + n, At: noon, ProviderID: long})
		busy.Recorded(10 + n)
	}
	notes(t, busy, sent(2))
	if info, err := os.Stat(busy.path); err != nil || info.Size() > compactAt+1000 {
		t.Errorf("the file has %d bytes (error %v), want at most %d and one line", info.Size(), err, compactAt)
	}
	if info, err := os.Stat(busy.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (error %v), want 0600", info.Mode(), err)
	}
	wants(t, "while it lives", takesUp(t, New(folder, "Knowsley", "b")))
	busy.dies()
	found := takesUp(t, New(folder, "Knowsley", "c"))
	if len(found) != 1 || !strings.HasPrefix(found[0], "a 1 ") || !strings.HasSuffix(found[0], " 2") {
		t.Errorf("taken up %.40q, want from message 1 to message 2", found)
	}
}

func TestClosingLeavesWhatIsNotRecorded(t *testing.T) {
	folder := t.TempDir()
	all, some, none := New(folder, "Knowsley", "all"), New(folder, "Knowsley", "some"), New(folder, "Knowsley", "none")
	notes(t, all, sent(1))
	all.Recorded(1)
	notes(t, some, sent(2), sent(3))
	some.Recorded(2)
	for _, j := range []*Journal{all, some, none} {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	// What is recorded may stand there too: the ledger knows better.
	wants(t, "taken up", takesUp(t, New(folder, "Knowsley", "next")), "some 2 3")
}

func TestWhereNothingCanBeWrittenNoteSaysSo(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j := New(folder, "Knowsley", "a")
	if err := j.Note(sent(1)); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("a folder that is a file: %v, want an error that names it", err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if err := j.Note(sent(2)); err == nil {
		t.Error("it was tried again at once, want not within a second")
	}
	j.tried = j.tried.Add(-2 * tryAgain)
	notes(t, j, sent(3))
	if err := j.Err(); err != nil {
		t.Errorf("after a note that was kept: %v, want no error", err)
	}
	j.dies()
	wants(t, "taken up", takesUp(t, New(folder, "Knowsley", "b")), "a 3")
}

// TestHalfALineIsNeverGoneOnWith: where a disk was full in the middle of one, what comes
// later stands in a file that is whole.
func TestHalfALineIsNeverGoneOnWith(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	folder := t.TempDir()
	j := New(folder, "Knowsley", "a")
	notes(t, j, sent(1))
	if _, err := j.file.WriteString("12"); err != nil { // and then
		t.Fatal(err)
	}
	j.file.Close()
	j.file = full
	if err := j.Note(sent(2)); err == nil {
		t.Error("a note on a full disk was kept, want an error")
	}
	j.tried = j.tried.Add(-2 * tryAgain)
	notes(t, j, sent(3))
	j.dies()
	if found := takesUp(t, New(folder, "Knowsley", "b")); len(found) != 1 || found[0] != "a 1 3" && found[0] != "a 3 1" {
		t.Errorf("taken up %q, want messages 1 and 3", found)
	}
}

func TestFileThatWasNeverWholeGoesAfterAWhile(t *testing.T) {
	folder := t.TempDir()
	next := New(folder, "Knowsley", "b")
	path := New(folder, "Knowsley", "a").path + making
	if err := os.WriteFile(path, []byte("doorstep"), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(t, "taken up", takesUp(t, next))
	wants(t, "files, a moment later", files(t, folder), filepath.Base(path))
	hourAgo := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, hourAgo, hourAgo); err != nil {
		t.Fatal(err)
	}
	wants(t, "taken up", takesUp(t, next))
	wants(t, "files, an hour later", files(t, folder))
}
