package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

// looksFor is how long Import goes on looking while files wait: as long as it takes
// until one that looks cut off is taken all the same.
const looksFor = settledUnended + 2*settled

// What Import counts.
const (
	CountImported     = "imported"      // files
	CountRejected     = "rejected"      // files of which something was rejected
	CountRejectedRows = "rejected_rows" // where the others came in
	CountFailed       = "failed"        // files that could not be imported or moved, and are tried again
	CountUnreadable   = "unreadable"    // what lies there and cannot be read as a file of ours
	CountUnknown      = "unknown"       // files whose names do not say what they hold
	CountWaiting      = "waiting"
)

// Import imports the files that have been put into the folder, and counts them.
// Where some may still be growing, it looks again every few seconds for a while.
// An error says what was not imported, and never a file's name.
func (b *Inbox) Import(ctx context.Context, now time.Time) (counts map[string]int, err error) {
	began := time.Now()
	with := &importing{b, now}
	var all Looked
	for {
		var looked Looked
		looked, err = b.look(ctx, now, now.Add(time.Since(began)), with)
		looked.Handled = append(all.Handled, looked.Handled...)
		all = looked
		if err != nil || len(looked.Waiting) == 0 || time.Since(began) > looksFor {
			break
		}
		select {
		case <-time.After(settled):
		case <-ctx.Done():
		}
	}
	counts, problems := b.account(ctx, now, &all)
	if err != nil { // nobody could look, and what lies there is not known
		delete(counts, CountUnreadable)
		delete(counts, CountUnknown)
	}
	if ctx.Err() == nil {
		problems = append(problems, b.watchArrivals(ctx, now))
	}
	return counts, errors.Join(append(problems, err)...)
}

// importing is how files come from the inbox into the database.
type importing struct {
	*Inbox
	now time.Time
}

func (i *importing) bring(ctx context.Context, f InboxFile) (Imported, error) {
	return i.Importer.Import(ctx, i.now, f.Content, f.Source, ImportOptions{Partial: !i.Whole, InParts: !i.Whole})
}

func (i *importing) copyRejected(to io.Writer, f InboxFile, faults []Fault) error {
	return i.Importer.CopyRejected(to, i.now, f.Content, f.Source, faults)
}

func (i *importing) note(ctx context.Context, f InboxFile) error {
	return i.Importer.Store.NoteArrival(ctx, i.now, f.Of, f.At)
}

// account counts what became of the files, logs it without their names, tells of
// what needs a hand, and returns what kept files from being imported.
func (b *Inbox) account(ctx context.Context, now time.Time, looked *Looked) (counts map[string]int, problems []error) {
	counts = map[string]int{CountImported: 0, CountRejected: 0, CountRejectedRows: 0, CountFailed: 0,
		CountUnreadable: len(looked.Unreadable), CountUnknown: len(looked.Unknown), CountWaiting: len(looked.Waiting)}
	for i := range looked.Handled {
		h := &looked.Handled[i]
		about := []any{"of", h.Of, "file", numberOf(h.Name), "bytes", h.Size}
		if h.Err != nil {
			counts[CountFailed]++
			err := fmt.Errorf("inbox file %s of %s, %d bytes: %w", numberOf(h.Name), h.Of, h.Size, withoutName{h.Err, h.Name})
			problems = append(problems, err)
			b.tellFailed(ctx, now, h)
			continue
		}
		if h.Refused != "" {
			counts[CountRejected]++
			b.Log.Warn("an inbox file was rejected: why is in rejected/", about...)
			continue
		}
		counts[CountImported]++
		b.Log.Info("imported", append(about, "rows", h.Rows, "added", h.Added, "changed", h.Changed, "unchanged", h.Unchanged,
			"duties_opened", h.DutiesOpened, "duties_met", h.DutiesMet, "duties_moved", h.DutiesMoved, "duties_ended", h.DutiesEnded)...)
		if h.NoteCount > 0 {
			b.Log.Warn("there are notes on rows of an inbox file that were taken in: they lie in done/", append(about, "notes", h.NoteCount)...)
		}
		if n := h.RejectedRows(); n > 0 {
			counts[CountRejected]++
			counts[CountRejectedRows] += n
			b.Log.Warn("rows of an inbox file were rejected: they lie in rejected/", append(about, "rejected", n)...)
		}
	}
	for _, u := range looked.Unreadable {
		problems = append(problems, fmt.Errorf("inbox file %s cannot be read: %s", numberOf(u.Name), u.Why))
	}
	for _, u := range looked.Unknown {
		b.Log.Warn("an inbox file was left alone", "file", numberOf(u.Name), "reason", u.Why)
	}
	b.tellUnreadable(ctx, now, looked)
	return counts, problems
}

// withoutName is an error without a file's name.
type withoutName struct {
	error
	name string
}

func (e withoutName) Error() string {
	return strings.ReplaceAll(e.error.Error(), e.name, "the file")
}

func (e withoutName) Unwrap() error { return e.error }

// tell tells whoever runs Doorstep of something, once for each key.
func (b *Inbox) tell(ctx context.Context, now time.Time, key string, alert notify.Alert) {
	if b.Tell != nil {
		b.Tell(ctx, now, "inbox/"+key, alert)
	}
}

// tellRejected tells of a file of which something was rejected: whoever runs Doorstep, and
// the other systems that are told of it.
func (b *Inbox) tellRejected(ctx context.Context, now time.Time, f inboxEntry, d *decision) error {
	if d.refused == "" && len(d.Rejected) == 0 {
		return nil
	}
	key := fileKey(f.Name, f.listed)
	if b.Importer != nil {
		about := store.RejectedFile{Number: numberOf(f.Name), Of: f.Of}
		if d.refused == "" {
			about.Rows = d.RejectedRows()
		}
		if err := b.Importer.Store.TellRejected(ctx, now, key, about); err != nil {
			return err
		}
	}
	switch {
	case d.refused != "":
		b.tell(ctx, now, "rejected/"+key, notify.Alert{Says: notify.AlertFileRejected, File: f.Name, Files: f.Of})
	case len(d.Rejected) > 0:
		b.tell(ctx, now, "rejected/"+key, notify.Alert{Says: notify.AlertRowsRejected, File: f.Name, Files: f.Of, Waiting: d.RejectedRows()})
	}
	return nil
}

// tellFailed tells of a file that could not be imported, unless that is the
// database's doing, which is told elsewhere and passes.
func (b *Inbox) tellFailed(ctx context.Context, now time.Time, h *Handled) {
	if store.IsTemporary(h.Err) {
		return
	}
	b.tell(ctx, now, "failed/"+h.key, notify.Alert{Says: notify.AlertFileFails, File: h.Name, Files: h.Of,
		Reason: withoutName{h.Err, h.Name}.Error()})
}

func (b *Inbox) tellUnreadable(ctx context.Context, now time.Time, looked *Looked) {
	for _, u := range append(looked.Unreadable[:len(looked.Unreadable):len(looked.Unreadable)], looked.Unknown...) {
		b.tell(ctx, now, "unreadable/"+u.key, notify.Alert{Says: notify.AlertFileUnreadable, File: u.Name, Reason: u.Why})
	}
}

// watchArrivals tells when no file of a kind has come for as long as it should
// have: once until one comes.
func (b *Inbox) watchArrivals(ctx context.Context, now time.Time) error {
	if b.Importer == nil {
		return nil
	}
	if err := b.Importer.Store.ExpectArrivals(ctx, now, b.Expect); err != nil {
		return err
	}
	arrivals, err := b.Importer.Store.Arrivals(ctx)
	if err != nil {
		return err
	}
	for _, a := range arrivals {
		if a.Late(now) {
			b.tell(ctx, now, fmt.Sprintf("late/%s/%d", a.Of, a.Last().UnixMilli()),
				notify.Alert{Says: notify.AlertFilesLate, Files: a.Of, Since: a.Last()})
		}
	}
	return nil
}
