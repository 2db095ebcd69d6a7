package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"example.org/doorstep/pathway"
)

// lookUpDetails adds to the batch's cases what only paper needs, where one of the
// new rows may call for some.
func (t *transaction) lookUpDetails(ctx context.Context, b *caseBatch) error {
	if t.options.Paper == nil {
		return nil
	}
	files := map[string]*file{}
	for _, w := range b.works {
		if w.file != nil && slices.ContainsFunc(w.events, func(r inRow[pathway.Event]) bool { return pathway.CallsForPaper(r.value.Kind) }) {
			files[w.ref] = w.file
		}
	}
	if len(files) == 0 {
		return nil
	}
	refs := make([]string, 0, len(files))
	for ref := range files {
		refs = append(refs, ref)
	}
	query := "SELECT ref, " + caseDetails + " FROM cases WHERE " + t.store.dialect.isAny("ref", 1)
	return selectAll(ctx, t.tx, query, t.store.dialect.listArgument(refs), func(rows *sql.Rows) error {
		var ref, address string
		var c pathway.Case
		if err := rows.Scan(&ref, &c.Team, &c.Household, &c.Addressee, &address, &c.Postcode, &c.Phone, &c.Language, &c.SafeToWrite); err != nil {
			return err
		}
		of := &files[ref].row.Case
		of.Team, of.Household, of.Addressee, of.Address = c.Team, c.Household, c.Addressee, splitList(address, lines)
		of.Postcode, of.Phone, of.Language, of.SafeToWrite = c.Postcode, c.Phone, c.Language, c.SafeToWrite
		return nil
	})
}

// callForPaper finds out what the new events call for on paper.
func (w *caseWork) callForPaper(rules *pathway.Rules, tables *pathway.PaperTables) {
	if tables == nil || w.kept == nil || !slices.ContainsFunc(w.newEvents, func(e pathway.Event) bool { return pathway.CallsForPaper(e.Kind) }) {
		return
	}
	events := w.newEvents
	if w.file != nil {
		events = slices.Concat(w.file.events, w.newEvents)
	}
	items, err := tables.CalledFor(rules, &w.kept.Case, events, w.newEvents)
	if err != nil {
		w.refuseAll(err)
		w.duties, w.late = dutyChanges{}, nil
		return
	}
	w.prints = items
}

func addPrintItem(b *bulk, p *pathway.PaperItem, now time.Time) {
	b.row()
	b.text(p.Case, p.Event, p.Kind, p.Variant)
	b.instants(p.At, p.Next)
	b.text(p.Why, p.Refused, p.Once)
	b.instants(now)
	b.text(string(PrintQueued))
}
