package casefile

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// agreeAction is the duty by which managers and chairs agree what is to be done.
const agreeAction = "agree-action"

// ChairDigests are all chairs' digests of one moment: of the cases that they track, those
// with unsuccessful visits, overdue duties, or an action that is asked or agreed. They
// say nothing else of a case.
type ChairDigests struct {
	*Digests
	lines map[string][]trackedCase // by reader
}

// trackedCase is what a chair is told of a case.
type trackedCase struct {
	overdue []notify.DigestLine
	about   []notify.DigestLine
}

// ReadChairs reads every chair's digest at the moment of the others.
func (r *Digests) ReadChairs(ctx context.Context, db *store.Store) (*ChairDigests, error) {
	return r.readChairs(ctx, db, nil)
}

// readChairs reads the digests of some chairs, or of all.
func (r *Digests) readChairs(ctx context.Context, db *store.Store, chairs []string) (*ChairDigests, error) {
	chaired, err := db.ChairedCases(ctx, chairs)
	if err != nil {
		return nil, err
	}
	c := &ChairDigests{Digests: r, lines: map[string][]trackedCase{}}
	for _, of := range chaired {
		if r.readers[of.Chair] == "" {
			continue
		}
		kept, err := db.Case(ctx, of.Ref)
		if err != nil {
			return nil, err
		}
		c.add(kept, of.Chair)
	}
	return c, nil
}

// add adds a case to the digest of whoever reads its chair's, where there is something to
// say of it.
func (c *ChairDigests) add(kept *store.CaseFile, chair string) {
	if t := c.track(kept); len(t.overdue)+len(t.about) > 0 && c.readers[chair] != "" {
		c.lines[c.readers[chair]] = append(c.lines[c.readers[chair]], t)
	}
}

// track finds what there is to say of a case to its chair.
func (r *Digests) track(kept *store.CaseFile) (t trackedCase) {
	ref, practitioner := kept.Case.Ref, kept.Standing.Practitioner
	if visits := inVain(kept); visits.Count > 0 {
		t.about = append(t.about, notify.DigestLine{CaseRef: ref, Practitioner: practitioner, Visits: &visits})
	}
	for i := range kept.Duties {
		d := &kept.Duties[i].Duty
		if d.StateAt(r.now) == pathway.Overdue {
			t.overdue = append(t.overdue, notify.DigestLine{CaseRef: ref, Practitioner: practitioner, Title: r.rules.Title(d), Due: d.Due, OwnerRole: string(d.Owner)})
		}
	}
	slices.SortStableFunc(t.overdue, func(a, b notify.DigestLine) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Title, b.Title))
	})
	if action := actionAsked(kept); action != nil {
		t.about = append(t.about, notify.DigestLine{CaseRef: ref, Practitioner: practitioner, Action: action})
	}
	return t
}

// inVain counts the unsuccessful visits since the child was last seen.
func inVain(kept *store.CaseFile) (visits notify.InVain) {
	visits.Count = kept.Standing.Attempt
	for _, e := range pathway.History(&kept.Case, kept.Events) {
		if pathway.Unsuccessful(e.Kind) {
			visits.Last = e.At
		}
	}
	return visits
}

// actionAsked is whether the action that the case's last unsuccessful visits asked for is
// agreed; nil where none was asked since the child was seen.
func actionAsked(kept *store.CaseFile) (asked *notify.ActionAsked) {
	if kept.Standing.Attempt == 0 {
		return nil
	}
	for i := range kept.Duties {
		if d := &kept.Duties[i].Duty; d.ID == agreeAction && d.Ended.IsZero() {
			asked = &notify.ActionAsked{Agreed: d.Met, Due: d.Due}
		}
	}
	return asked
}

// Recipients are those who have a digest, by id.
func (c *ChairDigests) Recipients() []*pathway.Person {
	var out []*pathway.Person
	for _, id := range slices.Sorted(maps.Keys(c.lines)) {
		out = append(out, c.people[id])
	}
	return out
}

// Of puts one chair's digest together, the cases with the longest overdue duty first;
// nil: there is nothing to say.
func (c *ChairDigests) Of(person string) *notify.Digest {
	cases := c.lines[person]
	if len(cases) == 0 {
		return nil
	}
	slices.SortStableFunc(cases, func(a, b trackedCase) int { return a.longest().Compare(b.longest()) })
	d := &notify.Digest{On: c.now, Chair: true, Sections: []notify.Section{{ID: notify.Overdue}, {ID: notify.Tracked}}}
	c.dateFiles(d)
	for _, t := range cases {
		d.Sections[0].Lines = append(d.Sections[0].Lines, t.overdue...)
		d.Sections[1].Lines = append(d.Sections[1].Lines, t.about...)
	}
	return d
}

// longest is since when something is overdue; after everything else where nothing is.
func (t *trackedCase) longest() time.Time {
	since := time.Unix(1<<40, 0)
	for _, l := range t.overdue {
		if l.Due.Before(since) {
			since = l.Due
		}
	}
	return since
}

// ChairDigest reads one chair's digest at now; nil: there is nothing to say. For whoever
// is no chair, and for nobody, the error is a pathway.Problem.
func ChairDigest(ctx context.Context, db *store.Store, rules *pathway.Rules, person string, now time.Time) (*notify.Digest, error) {
	people, err := peopleByID(ctx, db)
	if err != nil {
		return nil, err
	}
	r := newDigests(rules, people, nil, now)
	if r.arrivals, err = db.Arrivals(ctx); err != nil {
		return nil, err
	}
	chairs, err := r.readChairs(ctx, db, r.readFor(person))
	if err != nil {
		return nil, err
	}
	return chairs.ofChair(person)
}

// ofChair is Of, for a person by whatever id somebody asks.
func (c *ChairDigests) ofChair(person string) (*notify.Digest, error) {
	p := c.people[person]
	if p == nil {
		return nil, pathway.NoPerson(person, slices.Sorted(maps.Keys(c.people)))
	}
	d := c.Of(person)
	if d == nil && p.Role != pathway.Chair {
		return nil, pathway.NewProblem(pathway.Refused, "%s is no chair and has no such digest: give the id of a chair, or ask with --manager", person)
	}
	return d, nil
}
