package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// settled is how long a file in the inbox must have stood unchanged before it is
// taken to be whole.
const settled = 5 * time.Second

// inbox returns what the inbox schedule does: it imports the files that have
// been put into the folder. Nil where no folder is configured.
func (s *setup) inbox(db *store.Store, rules *pathway.Rules, log *slog.Logger) func(context.Context, time.Time) (map[string]int, error) {
	if s.config.Inbox == "" {
		return nil
	}
	box := &intake.Inbox{Folder: s.config.Inbox, Mappings: s.config.Import.Mappings}
	return func(ctx context.Context, at time.Time) (map[string]int, error) {
		counts := map[string]int{"imported": 0, "rejected": 0}
		take := func(ctx context.Context, f intake.InboxFile) error {
			return s.importInboxFile(ctx, db, rules, f, log)
		}
		looked, err := box.Look(ctx, at, take)
		if err == nil && len(looked.Waiting) > 0 { // files that were not there at the last look
			select {
			case <-time.After(settled):
			case <-ctx.Done():
			}
			var again intake.Looked
			again, err = box.Look(ctx, at, take)
			again.Handled = append(looked.Handled, again.Handled...)
			looked = again
		}
		var problems []error
		for _, h := range looked.Handled {
			switch {
			case h.Faults != nil:
				counts["rejected"]++
				log.Warn("an inbox file was rejected: see its errors beside it", "file", h.Name)
			case h.Err == nil:
				counts["imported"]++
			}
			if h.Err != nil {
				problems = append(problems, h.Err)
			}
		}
		for _, name := range looked.Unknown {
			log.Warn("an inbox file was left alone: begin its name with people, cases or events", "file", name)
		}
		if len(looked.Waiting) > 0 {
			counts["waiting"] = len(looked.Waiting)
		}
		return counts, errors.Join(append(problems, err)...)
	}
}

func (s *setup) importInboxFile(ctx context.Context, db *store.Store, rules *pathway.Rules, f intake.InboxFile, log *slog.Logger) error {
	in, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	i := importer{setup: s, db: db, rules: rules, mapping: f.Mapping, progress: newProgress(io.Discard)}
	result, err := i.file(ctx, in, f.Of, f.Name)
	if err != nil {
		return err
	}
	log.Info("imported", "file", f.Name, "rows", result.Rows, "added", result.Added, "changed", result.Changed,
		"duties_opened", result.DutiesOpened, "duties_met", result.DutiesMet)
	return nil
}
