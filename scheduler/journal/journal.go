// Package journal keeps on this machine which messages have been taken, for as long as
// the database does not know it yet.
//
// It promises that what Note has kept survives the end of the process, however that
// comes, and is found by the next process that works for the same installation on this
// machine; that two processes never write to one file, and none takes up the file of
// another that lives; and that no file holds a name, an address or a word of a message,
// only numbers of the ledger, what providers call their messages, and times. It does
// not survive the loss of the machine, and needs not: then the database is all there is.
package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Sent is a message that was taken.
type Sent struct {
	Message    int64 // its number in the ledger
	Tries      int   // attempts before this one
	At         time.Time
	ProviderID string    // what its provider calls it; empty: nothing
	PollAt     time.Time // when to ask for its receipt; zero: none follows
}

// Journal is the file of one process. It is safe for concurrent use.
type Journal struct {
	folder, path string
	installation string
	head         string

	mu      sync.Mutex
	file    *os.File // nil: there is none
	size    int64
	torn    bool // its end is not whole
	pending map[int64]string
	tried   time.Time // when it last failed; zero: it did not
	err     error     // how

	taking sync.Mutex // by one at a time; what is noted meanwhile does not wait for that
	passed map[string]bool
}

const (
	// compactAt is how long a file gets before what is recorded goes out of it.
	compactAt = 1 << 18
	// tryAgain is how soon a file that could not be written is tried again.
	tryAgain = time.Second

	ending  = ".sent"
	making  = ".making" // behind ending: not whole yet
	version = "doorstep sent 1"
)

// New is the journal in a folder of a process that holds claims in the ledger under
// this name. The folder and the file are made by Ready, or when there is something to note.
// Installation tells databases apart whose journals lie in one folder.
func New(folder, installation, holder string) *Journal {
	j := &Journal{folder: folder, installation: short(installation), pending: map[int64]string{}, passed: map[string]bool{}}
	j.path = filepath.Join(folder, j.installation+"-"+short(holder)+ending)
	j.head = version + " " + j.installation + " " + strconv.Quote(holder) + "\n"
	return j
}

// short is a name that can stand in the name of a file.
func short(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8])
}

// Ready makes the file, so that the first note waits for no disk: what is being sent then
// goes again where the process ends. Where it cannot be made, Note says why.
func (j *Journal) Ready() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil && !j.failedJustNow() {
		j.keepError(j.begin())
	}
}

// Note keeps that a message was taken. After an error nothing is kept of it, and for a
// second nothing of others: then the database has to be told at once.
func (j *Journal) Note(s Sent) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failedJustNow() {
		return j.err
	}
	j.keepError(j.write(s.Message, s.line()))
	return j.err
}

func (j *Journal) failedJustNow() bool { return !j.tried.IsZero() && time.Since(j.tried) < tryAgain }

func (j *Journal) keepError(err error) {
	j.err, j.tried = err, time.Time{}
	if err != nil {
		j.tried = time.Now()
	}
}

func (j *Journal) write(message int64, line string) error {
	if j.file == nil || j.torn || j.size > compactAt {
		if err := j.begin(); err != nil {
			return err
		}
	}
	if _, err := j.file.WriteString(line); err != nil {
		j.torn = true // what is behind half a line would be read with it
		return fault(err)
	}
	j.size += int64(len(line))
	j.pending[message] = line
	return nil
}

// begin puts a file with all that is not recorded yet in the place of the one so far.
func (j *Journal) begin() error {
	if err := os.MkdirAll(j.folder, 0o700); err != nil {
		return fault(err)
	}
	var text strings.Builder
	text.WriteString(j.head)
	for _, line := range j.pending {
		text.WriteString(line)
	}
	file, err := os.OpenFile(j.path+making, os.O_CREATE|os.O_TRUNC|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fault(err)
	}
	if _, err = file.WriteString(text.String()); err == nil {
		if err = lock(file); err == nil {
			err = os.Rename(j.path+making, j.path)
		}
	}
	if err != nil {
		return fault(errors.Join(err, file.Close()))
	}
	if j.file != nil {
		j.file.Close()
	}
	j.file, j.size, j.torn = file, int64(text.Len()), false
	return nil
}

// Recorded forgets a message that the database knows to be sent.
func (j *Journal) Recorded(message int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.pending, message)
}

// Err is why the last note could not be kept, or no file made for the next; nil: it was.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Close lets go of the file, and removes it where nothing in it is still to be
// recorded.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	var err error
	if len(j.pending) == 0 {
		err = os.Remove(j.path)
	}
	err = errors.Join(err, j.file.Close())
	j.file = nil
	if err != nil {
		return fault(err)
	}
	return nil
}

// line is how a message stands in a file: whole with the line break only.
func (s Sent) line() string {
	poll := int64(0)
	if !s.PollAt.IsZero() {
		poll = s.PollAt.UnixMilli()
	}
	return fmt.Sprintf("%d %d %d %d %s\n", s.Message, s.Tries, s.At.UnixMilli(), poll, strconv.Quote(s.ProviderID))
}

// fault says what is wrong with a file, which an error of the system's names.
func fault(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return fmt.Errorf("keep a note of what was sent in %s: %w", at.Path, at.Err)
	}
	return fmt.Errorf("keep a note of what was sent: %w", err)
}
