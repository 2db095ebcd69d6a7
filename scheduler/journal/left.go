package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TakeUp hands over, file by file, what processes of this installation that have ended
// left behind on this machine, and the name under which each held its claims. A file
// goes once record has returned nil; after an error of its it stays, and so do those
// after it. Where a file cannot be read, unread is told why, once, and it stays.
func (j *Journal) TakeUp(record func(holder string, sent []Sent) error, unread func(error)) error {
	j.taking.Lock()
	defer j.taking.Unlock()
	entries, err := os.ReadDir(j.folder)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			j.pass(j.folder, err, unread)
		}
		return nil
	}
	for _, entry := range entries {
		name, path := entry.Name(), filepath.Join(j.folder, entry.Name())
		if !strings.HasPrefix(name, j.installation+"-") || path == j.path || j.passed[path] {
			continue
		}
		var err error
		switch {
		case strings.HasSuffix(name, ending):
			var told error
			told, err = takeUp(path, record)
			if told != nil {
				return told
			}
		case strings.HasSuffix(name, ending+making):
			err = removeUnmade(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			j.pass(path, err, unread)
		}
	}
	return nil
}

// pass leaves a file alone from now on.
func (j *Journal) pass(path string, err error, unread func(error)) {
	if !j.passed[path] {
		j.passed[path] = true
		unread(fmt.Errorf("read which messages an earlier process has sent: %w", err))
	}
}

// takeUp hands over one file, unless its process lives or somebody else has done so;
// told is what record has returned.
func takeUp(path string, record func(holder string, sent []Sent) error) (told, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close() // and with it the lock
	if free, err := tryLock(file); err != nil || !free {
		return nil, err
	}
	if is, err := isAt(file, path); err != nil || !is {
		return nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	holder, sent, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(sent) > 0 {
		if told := record(holder, sent); told != nil {
			return told, nil
		}
	}
	return nil, os.Remove(path)
}

// removeUnmade removes a file whose process ended before it was whole: what was to be
// in it stands in the one that it was to replace.
func removeUnmade(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || time.Since(info.ModTime()) < time.Minute { // perhaps it is being made
		return err
	}
	return os.Remove(path)
}

// isAt reports whether an open file still has its name: the process that had it may
// have put another in its place, or somebody else taken it up.
func isAt(file *os.File, path string) (bool, error) {
	open, err := file.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(open, there), err
}

var errUnknown = errors.New("it is no such file as this Doorstep writes")

// parse reads a file. A last line that is not whole says nothing, and neither does one
// that cannot be understood.
func parse(text []byte) (holder string, sent []Sent, err error) {
	lines := bytes.Split(text, []byte("\n"))
	lines = slices.Delete(lines, len(lines)-1, len(lines)) // empty, or not whole
	if len(text) == 0 {                                    // as a power cut leaves it
		return "", nil, nil
	}
	if len(lines) == 0 {
		return "", nil, errUnknown
	}
	head := strings.SplitN(string(lines[0]), " ", 5)
	if len(head) != 5 || strings.Join(head[:3], " ") != version {
		return "", nil, errUnknown
	}
	if holder, err = strconv.Unquote(head[4]); err != nil || holder == "" {
		return "", nil, errUnknown
	}
	for _, line := range lines[1:] {
		if s, ok := parseSent(string(line)); ok {
			sent = append(sent, s)
		}
	}
	return holder, sent, nil
}

func parseSent(line string) (s Sent, ok bool) {
	fields := strings.SplitN(line, " ", 5)
	if len(fields) != 5 {
		return s, false
	}
	var numbers [4]int64
	for i := range numbers {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil || n < 0 {
			return s, false
		}
		numbers[i] = n
	}
	provider, err := strconv.Unquote(fields[4])
	if err != nil {
		return s, false
	}
	s = Sent{Message: numbers[0], Tries: int(numbers[1]), At: time.UnixMilli(numbers[2]).UTC(), ProviderID: provider}
	if numbers[3] > 0 {
		s.PollAt = time.UnixMilli(numbers[3]).UTC()
	}
	return s, true
}
