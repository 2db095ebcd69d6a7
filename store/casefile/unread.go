package casefile

import (
	"context"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/store"
)

// UnreadManager is a manager of open cases who does not work here, as nobody above them
// does: what a digest would say of these cases no manager reads.
type UnreadManager struct {
	Manager string // by id
	Cases   int
}

// UnreadManagers returns those of now, in order of id.
func UnreadManagers(ctx context.Context, db *store.Store, now time.Time) ([]UnreadManager, error) {
	people, err := peopleByID(ctx, db)
	if err != nil {
		return nil, err
	}
	allocated, err := db.Allocations(ctx, nil)
	if err != nil {
		return nil, err
	}
	cases := map[string]int{}
	r := &Digests{horizon: horizon{now: now}, people: people}
	for i := range allocated {
		if id := allocated[i].Manager; people[id] != nil && r.readerFor(id) == "" {
			cases[id] += allocated[i].Cases
		}
	}
	var unread []UnreadManager
	for _, id := range slices.Sorted(maps.Keys(cases)) {
		unread = append(unread, UnreadManager{id, cases[id]})
	}
	return unread, nil
}
