package main

import (
	"context"
	"log/slog"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// inbox returns what the inbox schedule does. Nil where no folder is configured.
func (s *setup) inbox(db *store.Store, rules *pathway.Rules, log *slog.Logger) (func(context.Context, time.Time) (map[string]int, error), error) {
	if s.config.Inbox == "" {
		return nil, nil
	}
	importer, err := s.importer(db, rules)
	if err != nil {
		return nil, err
	}
	box := &intake.Inbox{Folder: s.config.Inbox, Mappings: s.config.Import.Mappings, Importer: importer, Log: log}
	return box.Import, nil
}
