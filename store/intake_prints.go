package store

import (
	"context"
	"database/sql"
	"time"

	"example.org/doorstep/pathway"
)

// lookUpDetails adds to the batch's cases what only paper needs, where one of the
// new rows may call for some.
func (t *transaction) lookUpDetails(ctx context.Context, b *caseBatch) error {
	if t.options.Paper == nil {
		return nil
	}
	files := map[string]*pathway.Known{}
	for _, w := range b.works {
		if w.Known != nil && w.CallsForPaper() {
			files[w.Ref] = w.Known
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
		of := &files[ref].Case.Case
		of.Team, of.Household, of.Addressee, of.Address = c.Team, c.Household, c.Addressee, splitList(address, lines)
		of.Postcode, of.Phone, of.Language, of.SafeToWrite = c.Postcode, c.Phone, c.Language, c.SafeToWrite
		return nil
	})
}

func addPrintItem(b *bulk, p *pathway.PaperItem, now time.Time) {
	b.row()
	b.text(p.Case, p.Event, p.Kind, p.Variant)
	b.instants(p.At, p.Next)
	b.text(p.Why, p.Refused, p.Once)
	b.instants(now)
	b.text(string(PrintQueued))
}
