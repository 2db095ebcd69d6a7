package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Inbox is a folder into which other systems put files. It remembers between
// two looks what it saw; it belongs to one goroutine.
type Inbox struct {
	Folder   string
	Mappings map[string]Mapping // by the name that stands in file names
	Importer *Importer          // for Import
	Log      *slog.Logger       // for Import
	seen     map[string]look
}

// look is what a file looked like when it was last looked at.
type look struct {
	size int64
	at   time.Time
	// Where the file was handled but could not be moved: the folder it belongs
	// into, and why it was rejected.
	handled string
	faults  error
}

// InboxFile is a file ready to be imported.
type InboxFile struct {
	Source
	Path string
}

// Handled is what became of a file.
type Handled struct {
	Name   string
	Faults error // why it was rejected; nil when it was imported
	Err    error // what kept it from being imported or moved; it stays and is tried again
}

// Looked is what one look at the inbox came to.
type Looked struct {
	Handled []Handled
	// Waiting are files that may still be growing, and those that come after
	// them in order. Looking again after a few seconds is worth the while.
	Waiting []string
	Unknown []string // files of which the name does not say what they hold
}

// Look imports what has been there unchanged since the last look: first people,
// then cases, then events, each in the order of their names. A file that may
// still be growing holds back those after it.
//
// importFile imports one file, all or nothing. A *Faults error from it rejects
// the file; any other leaves it where it is, to be tried again at the next look.
// Imported files go to done/, rejected ones to rejected/ with their faults beside
// them, under a name that begins with now. Look returns an error only when the
// folder cannot be read or ctx ends.
func (b *Inbox) Look(ctx context.Context, now time.Time, importFile func(context.Context, InboxFile) error) (Looked, error) {
	var out Looked
	files, err := b.files(&out)
	if err != nil {
		return out, err
	}
	before := b.seen
	b.seen = map[string]look{}
	for i := range files {
		f := &files[i]
		if last, known := before[f.Name]; known && last.size == f.size && last.at.Equal(f.at) {
			f.settled, f.look = true, last
		}
		b.seen[f.Name] = f.look
	}
	for i, f := range files {
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if !f.settled {
			out.wait(files[i:])
			break
		}
		h := b.handle(ctx, now, f, importFile)
		out.Handled = append(out.Handled, h)
		if h.Err != nil && b.seen[f.Name].handled == "" {
			out.wait(files[i+1:])
			break
		}
	}
	return out, nil
}

func (l *Looked) wait(files []inboxEntry) {
	for _, f := range files {
		l.Waiting = append(l.Waiting, f.Name)
	}
}

type inboxEntry struct {
	InboxFile
	look
	settled bool // it looked the same last time
}

// files lists the folder's files in the order of their import.
func (b *Inbox) files(out *Looked) ([]inboxEntry, error) {
	entries, err := os.ReadDir(b.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking into the inbox: %w: check its permissions", err)
	}
	var files []inboxEntry
	for _, entry := range entries {
		name := entry.Name()
		if !entry.Type().IsRegular() || !importable(name) || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			continue // gone since
		}
		of, mapping := b.contents(name)
		if of == "" {
			out.Unknown = append(out.Unknown, name)
			continue
		}
		files = append(files, inboxEntry{
			InboxFile: InboxFile{Source{Name: name, Of: of, Mapping: mapping}, filepath.Join(b.Folder, name)},
			look:      look{size: info.Size(), at: info.ModTime()},
		})
	}
	order := []string{People, Cases, Events}
	slices.SortStableFunc(files, func(a, c inboxEntry) int {
		return slices.Index(order, a.Of) - slices.Index(order, c.Of)
	})
	return files, nil
}

// contents tells by its name what a file holds: NAME.MAPPING.csv and
// NAME.MAPPING.xlsx by the mapping, people*, cases* and events* by how they begin.
func (b *Inbox) contents(name string) (of string, m *Mapping) {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	if _, mapping, ok := cutLast(stem, "."); ok {
		if found, ok := b.Mappings[mapping]; ok {
			return found.For, &found
		}
	}
	for _, of := range []string{People, Cases, Events} {
		if strings.HasPrefix(strings.ToLower(stem), of) {
			return of, nil
		}
	}
	return "", nil
}

// importable reports whether a file's name is that of CSV or of an Excel workbook.
func importable(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".csv" || ext == ".xlsx"
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

const (
	doneFolder     = "done"
	rejectedFolder = "rejected"
)

// handle imports a file, unless that is done already, and moves it.
func (b *Inbox) handle(ctx context.Context, now time.Time, f inboxEntry, importFile func(context.Context, InboxFile) error) Handled {
	h := Handled{Name: f.Name, Faults: f.faults}
	if f.handled == "" {
		err := importFile(ctx, f.InboxFile)
		var faults *Faults
		switch {
		case err == nil:
			f.handled = doneFolder
		case errors.As(err, &faults):
			h.Faults = err
			f.handled, f.faults = rejectedFolder, err
		default:
			h.Err = err
			return h
		}
	}
	if err := b.move(now, f); err != nil {
		h.Err = fmt.Errorf("%s is handled but cannot be moved to %s: %w: check the permissions of the inbox", f.Name, f.handled, err)
		b.seen[f.Name] = f.look
		return h
	}
	delete(b.seen, f.Name)
	return h
}

// move puts a handled file into its folder, under a name that is not taken. One
// that has changed since stays, to be imported again.
func (b *Inbox) move(now time.Time, f inboxEntry) error {
	info, err := os.Lstat(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another daemon was faster
	}
	if err == nil && (info.Size() != f.size || !info.ModTime().Equal(f.at)) {
		return nil
	}
	into := filepath.Join(b.Folder, f.handled)
	if err := os.MkdirAll(into, 0o750); err != nil {
		return err
	}
	stamp := now.UTC().Format("20060102T150405Z")
	to := filepath.Join(into, stamp+"-"+f.Name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return err
		}
		to = filepath.Join(into, fmt.Sprintf("%s-%d-%s", stamp, n, f.Name))
	}
	if f.faults != nil {
		if err := os.WriteFile(to+".errors.txt", []byte(f.faults.Error()+"\n"), 0o640); err != nil {
			return err
		}
	}
	if err := os.Rename(f.Path, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
