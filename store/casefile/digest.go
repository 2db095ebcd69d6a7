package casefile

import (
	"context"
	"fmt"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Digest counts one person's digest at now. It is empty for somebody who manages
// nobody; store.ErrNotFound says that there is no such person.
func Digest(ctx context.Context, db *store.Store, rules *pathway.Rules, person string, now time.Time) (*notify.Digest, error) {
	all, err := ReadDigests(ctx, db, rules, now)
	if err != nil {
		return nil, err
	}
	if all.people[person] == nil {
		return nil, fmt.Errorf("person %q: %w", person, store.ErrNotFound)
	}
	return all.Of(person), nil
}

// Of puts one person's digest together.
func (r *Digests) Of(person string) *notify.Digest {
	d := &notify.Digest{
		On:       r.now,
		Sections: r.sections(person),
		Teams:    r.teams(person),
	}
	for i := range r.arrivals {
		a := &r.arrivals[i]
		if a.Of != pathway.OfPeople && a.DataOf.After(d.DataOf) {
			d.DataOf = a.DataOf
		}
		if a.Late(r.now) {
			d.LateFiles = append(d.LateFiles, notify.LateFiles{Of: a.Of, Since: a.Last()})
		}
	}
	return d
}
