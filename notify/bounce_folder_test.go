package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/doorstep/notify/dropfolder"
)

// bounceStory is a folder of bounced email and what was found in it.
type bounceStory struct {
	*testing.T
	BounceFolder
	now    time.Time
	found  []string
	answer error
}

func newBounceStory(t *testing.T) *bounceStory {
	return &bounceStory{T: t, BounceFolder: BounceFolder{Folder: t.TempDir()}, now: at("2026-09-07 09:00")}
}

// put writes a file that bears the name of a sample, or other content.
func (s *bounceStory) put(name, content string) {
	s.Helper()
	if sample, err := os.ReadFile(filepath.Join("testdata/bounces", content+".eml")); err == nil {
		content = string(sample)
	}
	file := filepath.Join(s.Folder, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
	if err := os.Chtimes(file, s.now, s.now); err != nil {
		s.Fatal(err)
	}
}

func (s *bounceStory) look() BouncesRead {
	s.Helper()
	s.now = s.now.Add(5 * time.Minute)
	out, err := s.Look(context.Background(), s.now, func(b Bounce) error {
		s.found = append(s.found, b.Status)
		return s.answer
	})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func (s *bounceStory) want(out BouncesRead, want, found, inbox, done, unread string) {
	s.Helper()
	got := fmt.Sprintf("%d failures, %d others, %d unread, %d waiting, %d refused, %d faults", out.Failures, out.Others, out.Unread, out.Waiting, out.Refused, len(out.Faults))
	for _, check := range []struct{ what, got, want string }{
		{"counts", got, want}, {"found", strings.Join(s.found, " "), found},
		{"the folder", s.files("."), inbox}, {"done", s.files(doneFolder), done}, {"unread", s.files(unreadFolder), unread},
	} {
		if check.got != check.want {
			s.Errorf("%s: %q, want %q (faults: %v)", check.what, check.got, check.want, out.Faults)
		}
	}
	s.found = nil
}

func (s *bounceStory) files(folder string) string {
	s.Helper()
	entries, err := os.ReadDir(filepath.Join(s.Folder, folder))
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
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

func TestBouncesAreReadOnceTheyLieStill(t *testing.T) {
	s := newBounceStory(t)
	s.put("1.eml", "postfix-unknown")
	s.put("2.EML", "postfix-delayed")
	s.put("3.eml", "answer")
	s.put("4.txt", "postfix-unknown")
	s.put(".5.eml", "postfix-unknown")
	s.want(s.look(), "0 failures, 0 others, 0 unread, 3 waiting, 0 refused, 0 faults", "", ".5.eml 1.eml 2.EML 3.eml 4.txt", "", "")
	s.put("1.eml", "exchange-online-unknown") // it grows
	s.want(s.look(), "0 failures, 1 others, 1 unread, 1 waiting, 0 refused, 0 faults", "", ".5.eml 1.eml 4.txt", "20260907T081000Z-2.EML", "20260907T081000Z-3.eml")
	s.want(s.look(), "1 failures, 0 others, 0 unread, 0 waiting, 0 refused, 0 faults", "5.1.10", ".5.eml 4.txt",
		"20260907T081000Z-2.EML 20260907T081500Z-1.eml", "20260907T081000Z-3.eml")
}

func TestBounceThatCannotBeTakenStays(t *testing.T) {
	s := newBounceStory(t)
	s.put("1.eml", "postfix-unknown")
	s.answer = errors.New("the database is away")
	s.look()
	for range 2 {
		s.want(s.look(), "0 failures, 0 others, 0 unread, 0 waiting, 0 refused, 1 faults", "5.1.1", "1.eml", "", "")
	}
	s.answer = nil
	s.want(s.look(), "1 failures, 0 others, 0 unread, 0 waiting, 0 refused, 0 faults", "5.1.1", "", "20260907T082000Z-1.eml", "")
}

func TestBounceOfSomebodyElsesMessageIsLaidAside(t *testing.T) {
	s := newBounceStory(t)
	s.put("1.eml", "postfix-unknown")
	s.put("2.eml", deliveryReport("Action: failed\nStatus: 5.1.1\n", "")) // of no message that it names
	s.answer = fmt.Errorf("looking for it: %w", ErrNotOurs)
	s.look()
	s.want(s.look(), "0 failures, 0 others, 2 unread, 0 waiting, 0 refused, 0 faults", "5.1.1", "", "", "20260907T081000Z-1.eml 20260907T081000Z-2.eml")
}

func TestBounceThatCannotBeMovedIsTakenOnce(t *testing.T) {
	s := newBounceStory(t)
	s.put("1.eml", "postfix-unknown")
	s.put(doneFolder, "a file in the folder's place")
	s.look()
	s.want(s.look(), "1 failures, 0 others, 0 unread, 0 waiting, 0 refused, 1 faults", "5.1.1", "1.eml done", "", "")
	s.want(s.look(), "0 failures, 0 others, 0 unread, 0 waiting, 0 refused, 1 faults", "", "1.eml done", "", "")
	if err := os.Remove(filepath.Join(s.Folder, doneFolder)); err != nil {
		t.Fatal(err)
	}
	s.want(s.look(), "0 failures, 0 others, 0 unread, 0 waiting, 0 refused, 0 faults", "", "", "20260907T082000Z-1.eml", "")
}

func TestBouncesOfOneNameDoNotReplaceEachOther(t *testing.T) {
	s := newBounceStory(t)
	for range 3 {
		s.put("1.eml", "postfix-unknown")
		s.look()
		s.look()
		s.now = s.now.Add(-10 * time.Minute)
	}
	if got, want := s.files(doneFolder), "20260907T081000Z-1.eml 20260907T081000Z-2-1.eml 20260907T081000Z-3-1.eml"; got != want {
		t.Errorf("done: %q, want %q", got, want)
	}
}

func TestLinksAndHostileNamesAreLeftAlone(t *testing.T) {
	s := newBounceStory(t)
	outside := filepath.Join(t.TempDir(), "outside.eml")
	if err := os.WriteFile(outside, []byte("From: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("n", 250) + ".eml"
	s.put(long, "postfix-unknown")
	s.put("1\n.eml", "postfix-unknown")
	s.put("2\u202elme.eml", "postfix-unknown")
	for name, target := range map[string]string{"3.eml": outside, "4.eml": long, "5.eml": "/nowhere"} {
		if err := os.Symlink(target, filepath.Join(s.Folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.Folder, "6.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.look()
	out := s.look()
	if out.Failures != 1 || out.Refused != 6 || len(out.Faults) != 0 {
		t.Errorf("%+v, want the one with a long name read and six refused", out)
	}
	if got, want := s.files(doneFolder), "20260907T081000Z-"+strings.Repeat("n", 60)+"-"+dropfolder.NumberOf(long)+".eml"; got != want {
		t.Errorf("done: %q, want %q", got, want)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("the file outside: %v, want it where it was", err)
	}
	// Nor does a link in the place of done/ lead out.
	if err := os.RemoveAll(filepath.Join(s.Folder, doneFolder)); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(s.Folder, doneFolder)); err != nil {
		t.Fatal(err)
	}
	s.put("7.eml", "postfix-unknown")
	s.look()
	if out := s.look(); len(out.Faults) != 1 || strings.Contains(out.Faults[0].Error(), "7.eml") {
		t.Errorf("%+v, want one fault without a name", out)
	}
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) != 0 {
		t.Errorf("the folder outside holds %v (%v), want nothing", entries, err)
	}
}

func TestFolderOfBouncesThatIsNotThereIsEmpty(t *testing.T) {
	f := BounceFolder{Folder: filepath.Join(t.TempDir(), "bounces")}
	if out, err := f.Look(context.Background(), at("2026-09-07 09:00"), nil); err != nil || out.Waiting != 0 {
		t.Errorf("%+v, %v, want nothing", out, err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	s := newBounceStory(t)
	s.put("1.eml", "postfix-unknown")
	if _, err := s.Look(ended, s.now, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the end of the context", err)
	}
}
