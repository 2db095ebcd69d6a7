package intake

import (
	"context"
	"errors"
	"os"
	"time"
)

// settled is how long a file in the inbox must have stood unchanged before it is
// taken to be whole.
const settled = 5 * time.Second

// Import imports the files that have been put into the folder, and counts them.
// Where some were not there at the last look, it looks again after a moment.
func (b *Inbox) Import(ctx context.Context, now time.Time) (counts map[string]int, err error) {
	importFile := func(ctx context.Context, f InboxFile) error { return b.importFile(ctx, now, f) }
	looked, err := b.Look(ctx, now, importFile)
	if err == nil && len(looked.Waiting) > 0 {
		select {
		case <-time.After(settled):
		case <-ctx.Done():
		}
		var again Looked
		again, err = b.Look(ctx, now, importFile)
		again.Handled = append(looked.Handled, again.Handled...)
		looked = again
	}
	counts, problems := b.account(&looked)
	return counts, errors.Join(append(problems, err)...)
}

func (b *Inbox) importFile(ctx context.Context, now time.Time, f InboxFile) error {
	content, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer content.Close()
	result, err := b.Importer.Import(ctx, now, content, f.Source, ImportOptions{})
	if err != nil {
		return err
	}
	b.Log.Info("imported", "file", f.Name, "rows", result.Rows, "added", result.Added, "changed", result.Changed,
		"duties_opened", result.DutiesOpened, "duties_met", result.DutiesMet)
	return nil
}

// account counts what became of the files, logs what needs a hand, and returns what
// kept files from being imported.
func (b *Inbox) account(looked *Looked) (counts map[string]int, problems []error) {
	counts = map[string]int{"imported": 0, "rejected": 0}
	for _, h := range looked.Handled {
		switch {
		case h.Faults != nil:
			counts["rejected"]++
			b.Log.Warn("an inbox file was rejected: see its errors beside it", "file", h.Name)
		case h.Err == nil:
			counts["imported"]++
		}
		if h.Err != nil {
			problems = append(problems, h.Err)
		}
	}
	for _, name := range looked.Unknown {
		b.Log.Warn("an inbox file was left alone: begin its name with people, cases or events", "file", name)
	}
	if len(looked.Waiting) > 0 {
		counts["waiting"] = len(looked.Waiting)
	}
	return counts, problems
}
