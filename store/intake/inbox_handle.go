package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"example.org/doorstep/notify/dropfolder"
	"example.org/doorstep/pathway"
)

// importPatience is how long the import of a file may take. One that takes longer
// is tried again, behind the others.
func importPatience(size int64) time.Duration {
	return 10*time.Minute + time.Duration(size/(5<<20))*time.Minute
}

// decide imports a file and says what is to become of it.
func (b *Inbox) decide(ctx context.Context, f InboxFile, size int64, with intakeOf) (*decision, error) {
	patience := importPatience(size)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("its import took longer than %s: hand it over in parts", patience))
	defer cancel()
	result, err := with.bring(ctx, f)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return nil, cause
	}
	var faults *Faults
	switch {
	case errors.As(err, &faults):
		return &decision{refused: faults.Error() + "\n" + f.Name + ": nothing was imported: correct it and hand it over again\n"}, nil
	case pathway.ProblemOf(err) == pathway.Refused:
		return &decision{refused: f.Name + ": " + pathway.WithoutPath(err).Error() + "\n" + f.Name + ": nothing was imported\n"}, nil
	case err != nil:
		return nil, err
	case len(result.Rejected) > 0 && !result.Kept:
		return &decision{refused: reasons(f.Name, result.Rejected) + f.Name + ": too many rows are bad: nothing was imported\n"}, nil
	}
	return &decision{Imported: result}, nil
}

// reasons says why rows were left out, one a line.
func reasons(name string, rejected []Fault) string {
	shown := rejected[:min(len(rejected), mostShown)]
	return (&Faults{File: name, List: shown, More: len(rejected) - len(shown)}).Error() + "\n"
}

// broughtNews reports whether a file says from when the record system's data is. One of
// which no row came in does not; nor does a list of cases or people without a row, which
// is what a failed extract leaves. That nothing has happened is news.
func (d *decision) broughtNews(of string) bool {
	if d.Added+d.Changed+d.Unchanged > 0 {
		return true
	}
	return len(d.Rejected) == 0 && (of == Events || d.Skipped > 0)
}

// settle does what is decided about a file, each part once however often it has
// to be tried: it is told and counted, its bad rows are copied, and it is moved.
func (b *Inbox) settle(ctx context.Context, folder *dropfolder.Folder, now, at time.Time, f inboxEntry, file *os.File, content InboxFile, d *decision, with intakeOf) error {
	if !d.told {
		if d.refused == "" && d.broughtNews(f.Of) {
			if err := with.note(ctx, content); err != nil {
				return err
			}
		}
		if err := b.tellRejected(ctx, now, f, d); err != nil {
			return err
		}
		d.told = true
	}
	key := fileKey(f.Name, f.listed)
	if len(d.Rejected) > 0 && !d.copied {
		if err := b.writeRejected(folder, key, content, d, with); err != nil {
			return badRowsUnwritten(err)
		}
		d.copied = true
	}
	into, ending, beside := doneFolder, notesEnding, notesText(d.NoteLines())
	if d.refused != "" {
		into, ending, beside = rejectedFolder, errorsEnding, d.refused
	}
	lies, err := move(folder, into, at, f.Name, file, key, ending, beside)
	if err != nil {
		return fmt.Errorf("it is handled but cannot be moved to %s/: %w: %s", into, err, remedy(err))
	}
	b.watch(lies, f, at)
	if len(d.Rejected) > 0 { // not before: a process that dies between the two would have another one write them again
		if err := folder.Show(rejectedFolder, at, key, csvName(f.Name), "", errorsEnding); err != nil {
			return badRowsUnwritten(err)
		}
	}
	return nil
}

func badRowsUnwritten(err error) error {
	return fmt.Errorf("it is imported but its bad rows cannot be written to %s/: %w: %s", rejectedFolder, err, remedy(err))
}

// remedy is what helps where the inbox cannot be written to.
func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk of the inbox is full: make room on it"
	case errors.Is(err, syscall.EROFS):
		return "mount the inbox for writing"
	}
	return "check the permissions of the inbox"
}

// move puts the file that is open into a subfolder, with a text beside it where there is
// one. It returns where the file lies then.
func move(folder *dropfolder.Folder, into string, at time.Time, name string, file *os.File, key, ending, text string) (string, error) {
	if text == "" {
		return folder.Move(into, at, name, file, key)
	}
	if err := folder.Prepare(into, key, name+ending, writing(text)); err != nil {
		return "", err
	}
	return folder.Move(into, at, name, file, key, ending)
}

func writing(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// Where handled files lie, and what the names of texts beside them end in.
const (
	doneFolder     = "done"
	rejectedFolder = "rejected"
	errorsEnding   = ".errors.txt" // why something was rejected
	notesEnding    = ".notes.txt"  // what is odd about rows that came in
)

// notesText is notes as a text of their own; empty where there are none.
func notesText(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return strings.Join(notes, "\n") + "\n"
}

// writeRejected copies the rows that were left out, with the reason beside each, and all
// reasons into a text beside them. They are to lie in rejected/.
func (b *Inbox) writeRejected(folder *dropfolder.Folder, key string, f InboxFile, d *decision, with intakeOf) error {
	name := csvName(f.Name)
	err := folder.Prepare(rejectedFolder, key, name, func(w io.Writer) error {
		if _, err := f.Content.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return with.copyRejected(w, f, d.Rejected)
	})
	if err != nil {
		return err
	}
	return folder.Prepare(rejectedFolder, key, name+errorsEnding, writing(reasons(f.Name, d.Rejected)+
		f.Name+": the other rows were imported: correct these, and hand over the copy of them that lies beside this text\n"))
}

// watchedFor is how long a file that was moved is watched: whoever still writes
// into it writes into the file that lies in done/ by then.
const (
	watchedFor  = time.Hour
	mostWatched = 1000
)

// movedFile is a file that was handled.
type movedFile struct {
	inboxEntry
	lies string
	at   time.Time
}

func (b *Inbox) watch(lies string, f inboxEntry, at time.Time) {
	if lies == "" {
		return
	}
	b.moved = append(b.moved, movedFile{f, lies, at})
	b.moved = b.moved[max(0, len(b.moved)-mostWatched):]
}

// bringBack puts files into the inbox again that have grown since they were moved:
// their writers had only paused.
func (b *Inbox) bringBack(folder *dropfolder.Folder, at time.Time) {
	kept := b.moved[:0]
	for _, m := range b.moved {
		info, err := folder.Look(m.lies)
		switch {
		case err != nil || !os.SameFile(info, m.listed) || at.Sub(m.at) > watchedFor:
		case dropfolder.Same(info, m.listed):
			kept = append(kept, m)
		default:
			if err := folder.PutBack(m.lies, m.Name); err != nil {
				b.Log.Error("an inbox file grew after it was imported, and cannot be put back", "file", numberOf(m.Name), "of", m.Of, "error", err)
				kept = append(kept, m)
			}
		}
	}
	b.moved = kept
}

// takeUp finishes what a process has left that died, and puts files into the inbox again
// that have grown since they were imported while this process was not there to see it:
// each bears in its name when that was.
func (b *Inbox) takeUp(folder *dropfolder.Folder, at time.Time) {
	waiting := map[string]bool{}
	files, _ := folder.List(".") // whoever lists them says what is wrong
	for _, f := range files {
		waiting[fileKey(f.Name(), f)] = true
	}
	for _, into := range []string{doneFolder, rejectedFolder} {
		if err := folder.TakeUp(into, at, func(key string) bool { return waiting[key] }); err != nil {
			b.Log.Error("what lies in a folder of the inbox half done cannot be finished", "folder", into, "error", err)
		}
	}
	entries, _ := folder.List(doneFolder) // there may be none yet
	for _, info := range entries {
		imported, name, stamped := dropfolder.Unstamped(info.Name())
		if !stamped || at.Sub(imported) > watchedFor || strings.HasSuffix(name, notesEnding) {
			continue
		}
		if !info.Mode().IsRegular() || !info.ModTime().After(imported) { // it had stood still for some time by then
			continue
		}
		if err := folder.PutBack(path.Join(doneFolder, info.Name()), name); err != nil {
			b.Log.Error("an inbox file grew after it was imported, and cannot be put back", "file", numberOf(name), "error", err)
		}
	}
}
