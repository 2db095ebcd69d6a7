package printing

import (
	"context"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// stillHere is how long something printed may lie in the office: what is
// overtaken later has long been posted.
const stillHere = 7 * 24 * time.Hour

// ReturnedID is the id of the event that a letter came back in the post, where it is known
// which: it does so once.
func ReturnedID(p *store.Print) string { return "returned-" + p.Serial }

// Returned is the event that this very letter came back, of those of its case: it is in the
// office, and no longer in the post. Nil: it has not, as far as is known.
func Returned(p *store.Print, events []pathway.Event) *pathway.Event {
	voided := pathway.Voided(events)
	for i := range events {
		if e := &events[i]; e.ID == ReturnedID(p) && !voided[e.ID] {
			return e
		}
	}
	return nil
}

// pullOut finds what was printed and has been overtaken before it went out: of one case,
// or of all (empty).
func (a *attempt) pullOut(ctx context.Context, ref string) error {
	printed, err := a.db.MayBeOvertaken(ctx, a.now.Add(-stillHere), ref, a.scope)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(printed, printChunk) {
		cases, err := a.db.PrintCases(ctx, refsOf(chunk))
		if err != nil {
			return err
		}
		posted, err := a.db.PostingsOf(ctx, idsOf(chunk))
		if err != nil {
			return err
		}
		for i := range chunk {
			p := &chunk[i]
			c := cases[p.Case]
			if c == nil {
				continue
			}
			why := p.ToBePulled(&c.Case, c.Events, p.Printed)
			if why == "" || Returned(p, c.Events) != nil {
				continue
			}
			switch posted[p.ID].State {
			case store.PostingQueued, store.PostingSending, store.PostingWithdrawn, store.PostingReceived:
				continue // it is held back before it goes, or has gone
			case store.PostingAccepted:
				why += "; GOV.UK Notify has it: cancel it there, if it is not printed yet"
			}
			a.notes.Pull = append(a.notes.Pull, noteOf(p, why))
			a.dropped = append(a.dropped, store.DroppedPrint{ID: p.ID, State: store.PrintOvertaken, Why: why})
		}
	}
	return nil
}
