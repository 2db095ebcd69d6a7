package scheduler

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// movedCase is a case that another practitioner takes on.
type movedCase struct {
	event    int64 // the notice's number
	ref      string
	from, to string // from is empty where nobody had it
	by       string // who recorded it; empty: not known
	who      pathway.Allocation
}

// tellMoved tells whoever had a case, and whoever has it now, that it is another
// practitioner's, whichever way that was said: whoever takes it on may have duties of
// which every rung for their owner has passed. What one person gives from one practitioner
// to another in a scan is one message for each. It does not wait for office hours. What
// was changed again, or recorded in error meanwhile, is not told.
func (h *households) tellMoved(ctx context.Context, moves []store.VisitNotice) error {
	var cases []movedCase
	for i := range moves {
		v := &moves[i]
		kept, err := h.store.Case(ctx, v.Case)
		if err != nil {
			return err
		}
		from, to := pathway.HandedOn(&kept.Case, kept.Events, v.Event)
		if to == "" || to == from || to != kept.Standing.Practitioner || kept.Standing.Closed {
			continue
		}
		cases = append(cases, movedCase{v.ID, v.Case, from, to, v.By,
			pathway.Allocation{Manager: kept.Case.Manager, Chair: kept.Case.Chair, Team: kept.Case.Team}})
	}
	slices.SortFunc(cases, func(a, b movedCase) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.by, b.by), cmp.Compare(a.ref, b.ref))
	})
	for len(cases) > 0 {
		first := cases[0]
		n := 1
		for n < len(cases) && n < mostNamed && cases[n].from == first.from && cases[n].to == first.to && cases[n].by == first.by {
			n++
		}
		if err := h.movedMessages(cases[:n]); err != nil {
			return err
		}
		cases = cases[n:]
	}
	return nil
}

// movedMessages adds the messages about cases that go from one practitioner to another.
func (h *households) movedMessages(cases []movedCase) error {
	first := cases[0]
	alert := notify.Alert{Says: notify.AlertMoved, CaseRef: first.ref, People: []string{first.from, first.to}, By: first.by, Since: h.now}
	for _, c := range cases {
		alert.Cases = append(alert.Cases, c.ref)
	}
	alert.Cases = slices.Compact(alert.Cases)
	for _, id := range alert.People {
		who := first.who
		if who.Practitioner = id; id == "" {
			continue
		}
		messages, err := noticeTo(h.rules, &h.people.Directory, h.now, keyOf("moved", strconv.FormatInt(first.event, 10), id), alert, who, pathway.Practitioner)
		if err != nil {
			return err
		}
		h.messages = append(h.messages, messages...)
	}
	return nil
}
