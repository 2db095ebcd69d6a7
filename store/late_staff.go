package store

import (
	"context"
	"slices"
	"strings"
	"sync"

	"example.org/doorstep/pathway"
)

// boards are who was on the late cases of each scope when these were read last, by id: they
// are asked for together with what is late now, and hardly ever anybody besides.
type boards struct {
	mu    sync.Mutex
	staff map[string][]string
}

// mostBoards is of how many scopes that is kept.
const mostBoards = 1000

// boardOf names a scope: whose cases these are decides who is on them.
func boardOf(scope *pathway.Scope) string { return strings.Join(scope.People, "\n") }

func (b *boards) staffOf(scope *pathway.Scope) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.staff[boardOf(scope)]
}

func (b *boards) keep(scope *pathway.Scope, staff []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.staff == nil || len(b.staff) >= mostBoards {
		b.staff = map[string][]string{}
	}
	b.staff[boardOf(scope)] = staff
}

// nameStaff has late name who is on the cases, and the cases who is above them. Those who
// were asked for are known already.
func (s *Store) nameStaff(ctx context.Context, late *LateCases, cases []*pathway.AccessCase, scope *pathway.Scope, asked []string) error {
	ids := make([]string, 0, 3*len(cases))
	for _, on := range cases {
		ids = append(ids, on.Practitioner, on.Manager, on.Chair)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	is := func(in []string, id string) bool {
		_, found := slices.BinarySearch(in, id)
		return found
	}
	late.Staff = slices.DeleteFunc(late.Staff, func(p pathway.Person) bool { return !is(ids, p.ID) })
	if more := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return is(asked, id) }); len(more) > 0 {
		found, err := s.PeopleOf(ctx, more)
		if err != nil {
			return err
		}
		late.Staff = append(late.Staff, found...)
	}
	slices.SortFunc(late.Staff, func(a, b pathway.Person) int { return strings.Compare(a.ID, b.ID) })
	if !slices.Equal(ids, asked) {
		s.boards.keep(scope, ids)
	}
	above := make(map[string]string, len(late.Staff))
	for i := range late.Staff {
		above[late.Staff[i].ID] = late.Staff[i].ReportsTo
	}
	for _, on := range cases {
		on.AbovePractitioner, on.AboveManager = above[on.Practitioner], above[on.Manager]
	}
	return nil
}
