package main

import (
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
)

// prints are the cards and letters that the events of the simulation call for.
func (s *simulation) prints(rules *pathway.Rules) ([]line, error) {
	st, err := s.stationery()
	if err != nil {
		return nil, err
	}
	choice, err := st.choice()
	if err != nil {
		return nil, err
	}
	cases := s.casesByRef()
	events := map[string][]pathway.Event{}
	for _, e := range s.events {
		events[e.value.Case] = append(events[e.value.Case], e.value)
	}
	var lines []line
	posted := map[string]bool{} // what a household gets once
	for i := range s.events {
		e := &s.events[i].value
		c := cases[e.Case]
		if c == nil || e.Recorded.Before(s.from) || e.Recorded.After(s.to) {
			continue
		}
		items, err := choice.Due(rules, c, events[e.Case], e)
		if err != nil {
			return nil, err
		}
		for i := range items {
			item := &items[i]
			if item.Refused != "" || item.Kind == postcards.KindPhone || item.Once != "" && posted[item.Once] {
				continue
			}
			posted[item.Once] = true
			lines = append(lines, line{at: e.Recorded, order: printOrder, print: item})
		}
	}
	return lines, nil
}

func (s *simulation) casesByRef() map[string]*pathway.Case {
	cases := make(map[string]*pathway.Case, len(s.cases))
	for i := range s.cases {
		cases[s.cases[i].value.Ref] = &s.cases[i].value
	}
	return cases
}
