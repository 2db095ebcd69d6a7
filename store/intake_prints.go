package store

import (
	"time"

	"example.org/doorstep/pathway"
)

func addPrintItem(b *bulk, p *pathway.PaperItem, now time.Time) {
	b.row()
	b.text(p.Case, p.Event, p.Kind, p.Variant, p.Where)
	b.instants(p.At, p.Next)
	b.text(p.Why, p.Refused, p.Once)
	b.instants(now)
	b.text(string(PrintQueued))
}
