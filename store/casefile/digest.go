package casefile

import (
	"context"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Digest counts one person's digest at now. For somebody who has none, and for nobody,
// the error is a pathway.Problem. It reads the cases of those managers alone whom the digest
// is about; a desk's, which is about cases of nobody, is looked for among all.
func Digest(ctx context.Context, db *store.Store, rules *pathway.Rules, desk DutyDesk, person string, now time.Time) (*notify.Digest, error) {
	people, err := peopleByID(ctx, db)
	if err != nil {
		return nil, err
	}
	r := newDigests(rules, people, desk, now)
	if managers := r.managersFor(person); len(managers) > 0 && person != "" {
		if err := r.load(ctx, db, managers, []string{person}); err != nil {
			return nil, err
		}
		if r.desks[person] == nil && r.hasDigest(person) == nil {
			return r.Of(person), nil
		}
	}
	all, err := ReadDigests(ctx, db, rules, desk, now)
	if err != nil {
		return nil, err
	}
	if err := all.hasDigest(person); err != nil {
		return nil, err
	}
	return all.Of(person), nil
}

// hasDigest says why somebody has no digest. Managers and service managers have one,
// and so has whoever reads a manager's.
func (r *Digests) hasDigest(id string) error {
	var readers []string
	for _, reader := range r.sortedIDs {
		if r.hasReader(reader) {
			readers = append(readers, reader)
		}
	}
	p := r.people[id]
	switch reader := r.readers[id]; {
	case len(r.duties[id]) > 0, r.desks[id] != nil:
		return nil
	case p != nil && p.Manages() && reader != id: // an empty one would say that nothing waits
		return elsewhere(p, reader, r.now)
	case slices.Contains(readers, id):
		return nil
	case p == nil:
		return pathway.NoPerson(id, readers)
	case r.people[p.ReportsTo] != nil && slices.Contains(readers, p.ReportsTo):
		return pathway.NewProblem(pathway.Refused, "%s is no manager and has no digest: ask for that of %s, their manager", id, p.ReportsTo)
	}
	return pathway.NewProblem(pathway.Refused, "%s is no manager and has no digest: give the id of a manager or a service manager", id)
}

// elsewhere says who reads the digest of a manager who does not.
func elsewhere(p *pathway.Person, reader string, now time.Time) error {
	why := "is away"
	if p.Left(now) {
		why = "does not work here now"
	}
	if reader == "" {
		return pathway.NewProblem(pathway.Refused, "%s %s, and nobody reads their digest: give their cases to another manager", p.ID, why)
	}
	return pathway.NewProblem(pathway.Refused, "%s %s: ask for the digest of %s, who reads theirs", p.ID, why, reader)
}

// hasReader reports whether somebody has a digest: their own, or that of a manager for
// whom they read it.
func (r *Digests) hasReader(id string) bool {
	return r.people[id].Manages() || len(r.duties[id]) > 0
}

// Of puts one person's digest together.
func (r *Digests) Of(person string) *notify.Digest {
	d := &notify.Digest{
		On:       r.now,
		Since:    r.last[person],
		Desk:     r.desks[person] != nil,
		Sections: r.sections(person),
		Teams:    r.teams(person),
	}
	r.dateFiles(d)
	return d
}

// dateFiles says from when the record system's data is.
func (r *Digests) dateFiles(d *notify.Digest) {
	for i := range r.arrivals {
		a := &r.arrivals[i]
		if a.Of != pathway.OfPeople && a.DataOf.After(d.DataOf) {
			d.DataOf = a.DataOf
		}
		if a.Late(r.now) {
			d.LateFiles = append(d.LateFiles, notify.LateFiles{Of: a.Of, Since: a.Last()})
		}
	}
}
