package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

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

// settle does what is decided about a file, each part once however often it has
// to be tried: it is told and counted, its bad rows are copied, and it is moved.
func (b *Inbox) settle(ctx context.Context, folder *inboxFolder, now, at time.Time, f inboxEntry, file *os.File, content InboxFile, d *decision, with intakeOf) error {
	if !d.told {
		if d.refused == "" && (len(d.Rejected) == 0 || d.Added+d.Changed+d.Unchanged > 0) {
			if err := with.note(ctx, content); err != nil {
				return err
			}
		}
		b.tellRejected(ctx, now, f, d)
		d.told = true
	}
	if len(d.Rejected) > 0 && !d.copied {
		if err := b.writeRejected(folder, at, content, d, with); err != nil {
			return fmt.Errorf("it is imported but its bad rows cannot be written to %s/: %w: check the permissions of the inbox", rejectedFolder, err)
		}
		d.copied = true
	}
	into, beside := doneFolder, notesText(d.NoteLines())
	if d.refused != "" {
		into, beside = rejectedFolder, d.refused
	}
	lies, err := folder.move(into, at, f.Name, file, beside)
	if err != nil {
		return fmt.Errorf("it is handled but cannot be moved to %s/: %w: check the permissions of the inbox", into, err)
	}
	b.watch(lies, f, at)
	return nil
}

// notesText is notes as a text of their own; empty where there are none.
func notesText(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return strings.Join(notes, "\n") + "\n"
}

// writeRejected puts the rows that were left out into rejected/, with the reason
// beside each, and all reasons into a text beside them.
func (b *Inbox) writeRejected(folder *inboxFolder, at time.Time, f InboxFile, d *decision, with intakeOf) error {
	endings := []string{"", errorsEnding}
	to, files, err := folder.reserve(rejectedFolder, at, csvName(f.Name), endings...)
	if err != nil {
		return err
	}
	text := reasons(f.Name, d.Rejected) + f.Name + ": the other rows were imported: correct these, and hand over the copy of them that lies beside this text\n"
	return folder.write(to, endings, files,
		func(w io.Writer) error {
			if _, err := f.Content.Seek(0, io.SeekStart); err != nil {
				return err
			}
			return with.copyRejected(w, f, d.Rejected)
		},
		func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
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
func (b *Inbox) bringBack(folder *inboxFolder, at time.Time) {
	kept := b.moved[:0]
	for _, m := range b.moved {
		info, err := folder.root.Lstat(m.lies)
		switch {
		case err != nil || !os.SameFile(info, m.listed) || at.Sub(m.at) > watchedFor:
		case sameFile(info, m.listed):
			kept = append(kept, m)
		default:
			if err := folder.putBack(m.lies, m.Name); err != nil {
				b.Log.Error("an inbox file grew after it was imported, and cannot be put back", "file", numberOf(m.Name), "of", m.Of, "error", pathway.WithoutPath(err))
				kept = append(kept, m)
			}
		}
	}
	b.moved = kept
}

// takeUp puts files into the inbox again that have grown since they were imported while
// this process was not there to see it: each bears in its name when that was.
func (b *Inbox) takeUp(folder *inboxFolder, at time.Time) {
	entries, _ := fs.ReadDir(folder.root.FS(), doneFolder) // there may be none yet
	for _, entry := range entries {
		imported, name, stamped := unstamped(entry.Name())
		if !stamped || at.Sub(imported) > watchedFor || strings.HasSuffix(name, notesEnding) {
			continue
		}
		lies := path.Join(doneFolder, entry.Name())
		info, err := folder.root.Lstat(lies)
		if err != nil || !info.Mode().IsRegular() || !info.ModTime().After(imported) { // it had stood still for some time by then
			continue
		}
		if err := folder.putBack(lies, name); err != nil {
			b.Log.Error("an inbox file grew after it was imported, and cannot be put back", "file", numberOf(name), "error", pathway.WithoutPath(err))
		}
	}
}
