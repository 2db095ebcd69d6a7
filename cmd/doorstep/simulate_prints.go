package main

import (
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/scheduler/rehearsal"
)

// prints are the cards and letters that the events of the simulation call for.
func (s *simulation) prints(rules *pathway.Rules) ([]rehearsal.Print, error) {
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
	for e := range s.caseload.Events() {
		events[e.Case] = append(events[e.Case], *e)
	}
	var prints []rehearsal.Print
	posted := map[string]bool{} // what a household gets once
	for e := range s.caseload.Events() {
		c := cases[e.Case]
		if c == nil || e.Recorded.Before(s.from) || e.Recorded.After(s.to) {
			continue
		}
		items, err := choice.Due(rules, c, events[e.Case], e)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if item.Refused != "" || item.Kind == postcards.KindPhone || item.Once != "" && posted[item.Once] {
				continue
			}
			posted[item.Once] = true
			prints = append(prints, rehearsal.Print{At: e.Recorded, Item: item})
		}
	}
	return prints, nil
}

func (s *simulation) casesByRef() map[string]*pathway.Case {
	cases := map[string]*pathway.Case{}
	for c := range s.caseload.Cases() {
		cases[c.Ref] = c
	}
	return cases
}
