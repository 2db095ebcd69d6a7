package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/dropfolder"
)

// Inbox is a folder into which other systems put files. It remembers between
// two looks what it saw; it belongs to one goroutine.
//
// What lies in it is nobody's that can be trusted: nothing is followed out of the
// folder, nothing is waited for, and no file holds up another.
type Inbox struct {
	Folder   string
	Mappings map[string]Mapping // by the name that stands in file names
	Importer *Importer
	Log      *slog.Logger
	// Whole says that a file with a bad row is rejected as a whole; otherwise its
	// good rows come in.
	Whole bool
	// Expect says how often files of people, cases and events come at least; nothing
	// is expected of those that are not in it.
	Expect map[string]time.Duration
	// Tell tells whoever runs Doorstep of something, once for each key; nil: nobody.
	Tell func(ctx context.Context, now time.Time, key string, alert notify.Alert)

	seen  map[string]look
	held  map[string]time.Time // since when files of a kind wait for others
	moved []movedFile          // whose writers may not be through with them
}

// look is what a file looked like when it was last looked at.
type look struct {
	listed fs.FileInfo
	since  time.Time // since when it has looked so
	tried  time.Time // the run in which it could not be imported; zero: none
	// What is decided about a file that could not be moved yet; nil: nothing.
	decided *decision
}

// same reports whether the file looks as it did.
func (l *look) same(info fs.FileInfo) bool { return dropfolder.Same(l.listed, info) }

// decision is what becomes of a file.
type decision struct {
	Imported
	refused string // why nothing of it was imported; empty: it was
	told    bool   // whoever runs Doorstep, and the database
	copied  bool   // its bad rows, where nobody looks for them yet
}

// InboxFile is a file ready to be imported.
type InboxFile struct {
	Source
	Content io.ReadSeeker
	At      time.Time // when it was written
}

// Handled is what became of a file.
type Handled struct {
	Source
	Size     int64
	Imported        // where it was
	Refused  string // why nothing of it was imported; empty: it was, or Err says more
	Err      error  // what kept it from being imported or moved; it stays and is tried again
	key      string
}

// Unreadable is something in the folder that cannot be imported as it is.
type Unreadable struct {
	Name string
	Why  string // and what to do
	key  string // changes when the file does
}

// Looked is what one look at the inbox came to.
type Looked struct {
	Handled []Handled
	// Waiting are files that may still be growing, and those that may need what they
	// hold. Looking again after a few seconds is worth the while.
	Waiting    []string
	Unreadable []Unreadable
	Unknown    []Unreadable // files of which the name does not say what they hold
}

// intakeOf is what the inbox has files imported by.
type intakeOf interface {
	// bring imports a file. A pathway.Refused problem refuses it as a whole; any other
	// error leaves it where it is, to be tried again.
	bring(ctx context.Context, f InboxFile) (Imported, error)
	// copyRejected writes the rows that were left out, with the reasons.
	copyRejected(to io.Writer, f InboxFile, faults []Fault) error
	// note is told of a file that came in.
	note(ctx context.Context, f InboxFile) error
}

const (
	// settled is how long a file must have stood unchanged before it is taken to be
	// whole.
	settled = 5 * time.Second
	// settledUnended is how long one must whose end looks as if it had been cut off.
	settledUnended = time.Minute
	// holdsAtMost is how long files wait for others that are still growing and may
	// hold what they need.
	holdsAtMost = 10 * time.Minute
)

// look imports what has stood there unchanged for long enough: first people, then
// cases, then events, each in the order of their names. While a file is still
// growing, those of the kinds behind its own wait, but not for ever; nothing else
// holds up anything. now is the time of the run, at the time of the look.
//
// Imported files go to done/, refused ones to rejected/ with the reasons beside
// them, and so does a copy of the rows that were left out. An error says that the
// folder cannot be read or that ctx has ended.
func (b *Inbox) look(ctx context.Context, now, at time.Time, with intakeOf) (Looked, error) {
	var out Looked
	folder, err := dropfolder.Open(b.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, cannotLook(err)
	}
	defer folder.Close()
	if b.seen == nil {
		b.takeUp(folder, at)
	}
	b.bringBack(folder, at)
	files, err := b.list(folder, at, &out)
	if err != nil {
		return out, err
	}
	growing := false // a file of a kind before
	for _, of := range []string{People, Cases, Events} {
		held := b.holds(of, growing, at)
		for _, f := range files {
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			last := b.seen[f.Name]
			switch {
			case f.Of != of || last.tried.Equal(now):
				continue
			case held:
				out.Waiting = append(out.Waiting, f.Name)
				continue
			}
			done, err := b.handle(ctx, folder, now, at, f, with, &out)
			if err != nil {
				return out, err
			}
			if !done {
				out.Waiting = append(out.Waiting, f.Name)
				growing = true
			}
		}
	}
	return out, nil
}

func cannotLook(err error) error {
	return fmt.Errorf("looking into the inbox: %w: check its permissions", err)
}

// holds reports whether files of a kind wait for those that are still growing.
func (b *Inbox) holds(of string, growing bool, at time.Time) bool {
	if !growing {
		delete(b.held, of)
		return false
	}
	since, known := b.held[of]
	if !known {
		if b.held == nil {
			b.held = map[string]time.Time{}
		}
		b.held[of], since = at, at
	}
	return at.Sub(since) < holdsAtMost
}

// inboxEntry is a file in the folder.
type inboxEntry struct {
	Source
	listed fs.FileInfo
}

// list lists the folder's files in the order in which they are looked at: those
// that failed come last.
func (b *Inbox) list(folder *dropfolder.Folder, at time.Time, out *Looked) ([]inboxEntry, error) {
	entries, err := folder.List(".")
	if err != nil {
		return nil, cannotLook(err)
	}
	before := b.seen
	b.seen = map[string]look{}
	var files []inboxEntry
	for _, info := range entries {
		name := info.Name()
		of, mapping := b.contents(name)
		why := notAFile(info)
		switch {
		case !isHandedOver(name):
			continue
		case why != "":
			out.Unreadable = append(out.Unreadable, Unreadable{name, why, entryKey(info)})
			continue
		case of == "":
			out.Unknown = append(out.Unknown, Unreadable{name, unknownName(name), entryKey(info)})
			continue
		}
		files = append(files, inboxEntry{Source{Name: name, Of: of, Mapping: mapping}, info})
		last, known := before[name]
		if !known || !last.same(info) {
			last = look{listed: info, since: at}
		}
		b.seen[name] = last
	}
	slices.SortStableFunc(files, func(x, y inboxEntry) int {
		return cmp.Compare(b.seen[x.Name].tried.Unix(), b.seen[y.Name].tried.Unix())
	})
	return files, nil
}

// handle imports a file, unless that is done already, and moves it. done is false
// where it may still be growing.
func (b *Inbox) handle(ctx context.Context, folder *dropfolder.Folder, now, at time.Time, f inboxEntry, with intakeOf, out *Looked) (done bool, err error) {
	last := b.seen[f.Name]
	stood := at.Sub(last.since)
	if stood < settled {
		return false, nil
	}
	file, err := folder.OpenListed(f.Name, f.listed)
	switch {
	case errors.Is(err, dropfolder.ErrReplaced), errors.Is(err, fs.ErrNotExist):
		delete(b.seen, f.Name) // or another daemon was faster
		return errors.Is(err, fs.ErrNotExist), nil
	case err != nil:
		out.Unreadable = append(out.Unreadable, Unreadable{f.Name, unreadable(err), fileKey(f.Name, f.listed)})
		return true, nil
	}
	defer file.Close()
	if last.decided == nil && stood < settledUnended && !looksWhole(f.Name, file, f.listed.Size()) {
		return false, nil
	}
	h := Handled{Source: f.Source, Size: f.listed.Size(), key: fileKey(f.Name, f.listed)}
	content := InboxFile{f.Source, io.NewSectionReader(file, 0, f.listed.Size()), f.listed.ModTime()}
	if last.decided == nil {
		last.decided, err = b.decide(ctx, content, h.Size, with)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err != nil {
			last.tried = now
			b.seen[f.Name] = last
			h.Err = err
			out.Handled = append(out.Handled, h)
			return true, nil
		}
	}
	if !folder.Unchanged(f.Name, file, f.listed) {
		delete(b.seen, f.Name) // it grew meanwhile, and is imported again
		return false, nil
	}
	h.Imported, h.Refused = last.decided.Imported, last.decided.refused
	if h.Err = b.settle(ctx, folder, now, at, f, file, content, last.decided, with); h.Err != nil {
		last.tried = now
		b.seen[f.Name] = last
	} else {
		delete(b.seen, f.Name)
	}
	out.Handled = append(out.Handled, h)
	return true, nil
}
