package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/doorstep/pathway"
)

// staff finds people by the names that an extract gives them.
type staff struct {
	ids    map[string]string   // by id in small letters
	byName map[string][]string // ids, by name
}

func newStaff(people []pathway.Person) *staff {
	s := &staff{map[string]string{}, map[string][]string{}}
	for i := range people {
		p := &people[i]
		s.ids[strings.ToLower(p.ID)] = p.ID
		if name := plainPerson(p.Name); name != "" && !slices.Contains(s.byName[name], p.ID) {
			s.byName[name] = append(s.byName[name], p.ID)
		}
	}
	return s
}

// plainPerson writes a name in small letters, the first name first: Lane,  Ada is
// ada lane.
func plainPerson(name string) string {
	if last, first, turned := strings.Cut(name, ","); turned && !strings.Contains(first, ",") {
		name = first + " " + last
	}
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

// find returns the id of the person who is meant, or why nobody is.
func (s *staff) find(written string) (id, problem string) {
	if id, isID := s.ids[strings.ToLower(written)]; isID {
		return id, ""
	}
	found := s.byName[plainPerson(written)]
	switch len(found) {
	case 1:
		return found[0], ""
	case 0:
		return "", fmt.Sprintf("nobody in the people file is called %s%s: import people first, correct the name there, or write the id in its place",
			strconv.Quote(pathway.Shorten(written)), s.close(written))
	}
	slices.Sort(found)
	return "", fmt.Sprintf("%s is the name of %s: write the id in its place",
		strconv.Quote(pathway.Shorten(written)), strings.Join(found, ", "))
}

// mostClose is how many people are named whose names come close.
const mostClose = 5

// close names, by their ids, those whose names come close to one that nobody has:
// with the same last name, or mistyped.
func (s *staff) close(written string) string {
	wanted := strings.Fields(plainPerson(written))
	if len(wanted) == 0 {
		return ""
	}
	var ids []string
	for name, of := range s.byName {
		words := strings.Fields(name)
		if words[len(words)-1] == wanted[len(wanted)-1] || pathway.DidYouMean(name, []string{strings.Join(wanted, " ")}) != "" {
			ids = append(ids, of...)
		}
	}
	if len(ids) == 0 || len(ids) > mostClose {
		return ""
	}
	slices.Sort(ids)
	return " (is " + pathway.OneOf(ids) + " meant?)"
}
