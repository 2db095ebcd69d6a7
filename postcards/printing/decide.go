package printing

import (
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// decider decides what becomes of something that waits, as things stand now.
type decider struct {
	tables *pathway.PaperTables
	rules  *pathway.Rules
	now    time.Time
}

// decided is what becomes of something that waits. With neither an item nor a
// reason it waits on.
type decided struct {
	item      *pathway.PaperItem
	noCard    string // why a visit gets no card to take along
	overtaken string // why nothing is called for any more
}

func (d *decider) decide(p *store.Print, c *store.PrintCase) (out decided, err error) {
	out.item, out.overtaken, err = d.tables.StillDue(d.rules, &c.Case, c.Events, &p.PaperItem, d.now)
	return out, err
}
