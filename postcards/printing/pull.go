package printing

import (
	"context"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// stillHere is how long something printed may lie in the office: what is
// overtaken later has long been posted.
const stillHere = 7 * 24 * time.Hour

// pullOut finds what was printed and has been overtaken before it went out.
func (a *attempt) pullOut(ctx context.Context) error {
	printed, err := a.db.PrintedSince(ctx, a.now.Add(-stillHere))
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
			item := chosenItem(&p.PrintItem)
			why := postcards.Overtaken(&c.Case, c.Events, &item)
			if why == "" || gone(c, p.Printed) {
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

// gone reports whether something that was printed has left the office: whoever
// took it to the door or the post has recorded so.
func gone(c *store.PrintCase, printed time.Time) bool {
	voided := pathway.Voided(c.Events)
	return slices.ContainsFunc(c.Events, func(e pathway.Event) bool {
		return (e.Kind == pathway.KindCardLeft || e.Kind == pathway.KindLetterSent) && e.Recorded.After(printed) && !voided[e.ID]
	})
}
