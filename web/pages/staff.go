package pages

import (
	"cmp"
	"slices"

	"example.org/doorstep/pathway"
)

// staff are the colleagues whom one page names, as the people list has them. A page is
// rendered once more where it names somebody who had not been looked up: so one query
// finds all of them, however many there are.
type staff struct {
	names  pathway.StaffNames
	people map[string]*pathway.Person
	asked  []string // for whose names there was no answer
	phoned []string // and for whose numbers
}

// nameOf is what a colleague is called; for the time being, their id.
func (s *staff) nameOf(id string) string {
	name, known := s.names[id]
	if !known && id != "" {
		s.asked = append(s.asked, id)
	}
	return cmp.Or(name, id)
}

// phoneOf is a colleague's number; empty: none is known.
func (s *staff) phoneOf(id string) string {
	p, known := s.people[id]
	if !known && id != "" {
		s.phoned = append(s.phoned, id)
	}
	if p == nil {
		return ""
	}
	return p.Mobile
}

// lookUpStaff looks up whom a rendering has asked for, and reports whether there was
// anybody.
func (v *visit) lookUpStaff() (bool, error) {
	asked, phoned := distinct(v.staff.asked), distinct(v.staff.phoned)
	v.staff.asked, v.staff.phoned = nil, nil
	if len(asked) > 0 {
		if err := v.knowNames(asked); err != nil {
			return false, err
		}
	}
	if len(phoned) > 0 {
		if err := v.knowPeople(phoned); err != nil {
			return false, err
		}
	}
	return len(asked)+len(phoned) > 0, nil
}

// knowNames looks up what colleagues are called.
func (v *visit) knowNames(ids []string) error {
	found, err := v.Store.StaffNames(v.ctx(), ids)
	if v.staff.names == nil {
		v.staff.names = pathway.StaffNames{}
	}
	for _, id := range ids {
		v.staff.names[id] = found[id]
	}
	return err
}

// knowPeople looks up colleagues with their numbers.
func (v *visit) knowPeople(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	found, err := v.Store.PeopleOf(v.ctx(), ids)
	v.staff.know(found)
	for _, id := range v.staff.unknown(ids) {
		v.staff.people[id] = nil
	}
	return err
}

// know adds colleagues who have been looked up.
func (s *staff) know(people []pathway.Person) {
	if s.people == nil {
		s.people = map[string]*pathway.Person{}
	}
	if s.names == nil {
		s.names = pathway.StaffNames{}
	}
	for i := range people {
		s.people[people[i].ID], s.names[people[i].ID] = &people[i], people[i].Name
	}
}

// unknown are those who have not been looked up.
func (s *staff) unknown(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, is := s.people[id]
		return is
	})
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
