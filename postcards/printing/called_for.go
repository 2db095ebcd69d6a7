package printing

import (
	"bytes"
	"context"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
)

// Called is a card or letter that an event called for.
type Called struct {
	pathway.PaperItem
	Recorded time.Time      // the event was
	Held     *pathway.Place // where the family is to come; nil: it is seen at home
}

// CalledFor returns the cards and letters that the events recorded from one instant to
// another call for, in the order of the events, but for those that are overtaken before
// that day ends: the office, which prints in the evening, prints none of them.
func CalledFor(rules *pathway.Rules, tables *pathway.PaperTables, cases iter.Seq[*pathway.Case], events iter.Seq[*pathway.Event], from, to time.Time) ([]Called, error) {
	byRef := casesByRef(cases)
	of := map[string][]pathway.Event{}
	for e := range events {
		of[e.Case] = append(of[e.Case], *e)
	}
	homes := householdsOf(byRef, of)
	var called []Called
	posted := map[string]bool{} // what a household gets once
	for e := range events {
		c := byRef[e.Case]
		if c == nil || e.Recorded.Before(from) || e.Recorded.After(to) {
			continue
		}
		evening := rules.Calendar.EndOf(rules.Calendar.DateOf(e.Recorded))
		c = homes.asOf(c, e.Recorded)
		items, err := tables.Due(rules, c, of[e.Case], e)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if item.Refused != "" || item.Kind == pathway.PaperPhone || item.Once != "" && posted[item.Once] {
				continue
			}
			if item.OvertakenBefore(homes.asOf(c, evening), of[e.Case], evening) != "" {
				continue
			}
			posted[item.Once] = true
			called = append(called, Called{item, e.Recorded, rules.Place(item.Where)})
		}
	}
	return called, nil
}

// households are the cases of each, and what happened on them.
type households struct {
	cases  map[string][]*pathway.Case
	events map[string][]pathway.Event
}

func householdsOf(byRef map[string]*pathway.Case, events map[string][]pathway.Event) households {
	h := households{map[string][]*pathway.Case{}, events}
	for _, ref := range slices.Sorted(maps.Keys(byRef)) {
		if c := byRef[ref]; c.Household != "" {
			h.cases[c.Household] = append(h.cases[c.Household], c)
		}
	}
	return h
}

// asOf is a case with what was known at an instant of the others of its household.
func (h households) asOf(c *pathway.Case, at time.Time) *pathway.Case {
	then := *c
	then.UnsafeHousehold = ""
	for _, other := range h.cases[c.Household] {
		if other.Ref != c.Ref && then.UnsafeHousehold == "" && !other.SafeNow(recordedBy(h.events[other.Ref], at)) {
			then.UnsafeHousehold = other.Ref
		}
	}
	return &then
}

// recordedBy are those of the events that had been recorded by an instant.
func recordedBy(events []pathway.Event, at time.Time) []pathway.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e pathway.Event) bool { return e.Recorded.After(at) })
}

func casesByRef(cases iter.Seq[*pathway.Case]) map[string]*pathway.Case {
	byRef := map[string]*pathway.Case{}
	for c := range cases {
		byRef[c.Ref] = c
	}
	return byRef
}

// PrintCalled prints cards and letters as they were called for, each kind as one PDF,
// empty where there is none of it. names are the staff's, by id; random makes the
// serials. Nothing of it is kept: it is for showing.
func (st *Stationery) PrintCalled(ctx context.Context, called []Called, cases iter.Seq[*pathway.Case], names map[string]string, made time.Time, random io.Reader) (cardsPDF, lettersPDF []byte, err error) {
	printer, err := st.Printer()
	if err != nil {
		return nil, nil, err
	}
	byRef := casesByRef(cases)
	var cards []postcards.Card
	var letters []postcards.Letter
	for i := range called {
		serial, err := postcards.NewSerial(random)
		if err != nil {
			return nil, nil, err
		}
		item := &called[i]
		c := byRef[item.Case]
		if item.Kind == pathway.PaperCard {
			cards = append(cards, postcards.CardOf(&item.PaperItem, c, serial, ""))
		} else {
			letters = append(letters, postcards.LetterOf(&item.PaperItem, c, item.Held, item.Recorded, names[c.Practitioner], serial, ""))
		}
	}
	options := postcards.Options{Created: made, Compress: true}
	var first, second bytes.Buffer
	if _, _, err := printer.Cards(ctx, &first, postcards.SheetFour, cards, options); err != nil {
		return nil, nil, err
	}
	_, _, err = printer.Letters(ctx, &second, postcards.LayoutDL, slices.Values(letters), options)
	return first.Bytes(), second.Bytes(), err
}
