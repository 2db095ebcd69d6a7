package casefile

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// DigestAsKnown counts one person's digest of a moment that has passed, from what was
// known then: events count from when they were recorded, and what has changed since of
// cases and people is taken back. What did not arrive is shown as it is known now, as far
// as it had failed by then; of paper that waited and of files that were late nothing is
// known any more. It reads every case, so that it is for one person's question and not
// for a schedule. Of a moment that has not passed it is Digest's.
func DigestAsKnown(ctx context.Context, db *store.Store, rules *pathway.Rules, desk DutyDesk, person string, at, now time.Time) (*notify.Digest, error) {
	if !at.Before(now) {
		return Digest(ctx, db, rules, desk, person, at)
	}
	r, past, err := readPast(ctx, db, rules, desk, at)
	if err != nil {
		return nil, err
	}
	if err := past.read(ctx, db, r); err != nil {
		return nil, err
	}
	if err := r.hasDigest(person); err != nil {
		return nil, err
	}
	return r.Of(person), nil
}

// ChairDigestAsKnown counts one chair's digest of a moment that has passed, as
// DigestAsKnown does; nil: there was nothing to say.
func ChairDigestAsKnown(ctx context.Context, db *store.Store, rules *pathway.Rules, person string, at, now time.Time) (*notify.Digest, error) {
	if !at.Before(now) {
		return ChairDigest(ctx, db, rules, person, at)
	}
	r, past, err := readPast(ctx, db, rules, nil, at)
	if err != nil {
		return nil, err
	}
	c := &ChairDigests{Digests: r, lines: map[string][]trackedCase{}}
	refs, err := db.CaseRefs(ctx)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		kept, err := db.Case(ctx, ref)
		if err != nil {
			return nil, err
		}
		result, err := past.asKnown(kept)
		if err != nil {
			return nil, err
		}
		if result == nil || result.Standing.Closed || kept.Case.Chair == "" {
			continue
		}
		kept.Standing, kept.Duties = result.Standing, nil
		for _, d := range result.Duties {
			if d.Due, d.Met = d.Due.UTC(), d.Met.UTC(); !d.Opened.After(at) {
				kept.Duties = append(kept.Duties, store.Duty{Duty: d})
			}
		}
		c.add(kept, kept.Case.Chair)
	}
	return c.ofChair(person)
}

// readPast begins the digests of a moment that has passed, with people as they were.
func readPast(ctx context.Context, db *store.Store, rules *pathway.Rules, desk DutyDesk, at time.Time) (*Digests, *past, error) {
	people, err := peopleByID(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	changes, err := db.ChangesSince(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	past := &past{at: at, rules: rules, ofCases: map[string][]store.Change{}}
	for _, c := range slices.Backward(changes) { // the newest first
		if p := people[c.Subject]; c.Of == pathway.OfPeople && p != nil {
			p.TakeBack(c.Field, c.Old)
		} else if c.Of == pathway.OfCases {
			past.ofCases[c.Subject] = append(past.ofCases[c.Subject], c)
		}
	}
	return newDigests(rules, people, desk, at), past, nil
}

// past is what was known at a moment that has passed.
type past struct {
	at        time.Time
	rules     *pathway.Rules
	ofCases   map[string][]store.Change // since then, the newest first
	duties    []store.DigestDuty
	flags     []store.FlaggedCase
	closed    []store.FlaggedCase // of visits on closed cases
	absences  []store.Absence
	discussed map[string][]pathway.Event
}

func (p *past) read(ctx context.Context, db *store.Store, r *Digests) (err error) {
	if err = r.readLast(ctx, db, r.everybody()); err != nil {
		return err
	}
	refs, err := db.CaseRefs(ctx)
	if err != nil {
		return err
	}
	p.discussed = map[string][]pathway.Event{}
	for _, ref := range refs {
		kept, err := db.Case(ctx, ref)
		if err != nil {
			return err
		}
		if err := p.take(kept, r); err != nil {
			return err
		}
	}
	slices.SortStableFunc(p.duties, func(a, b store.DigestDuty) int {
		if by := a.Due.Compare(b.Due); by != 0 {
			return by
		}
		return strings.Compare(a.Case, b.Case)
	})
	for _, flagged := range [][]store.FlaggedCase{p.flags, p.closed} {
		slices.SortStableFunc(flagged, func(a, b store.FlaggedCase) int { return a.Raised.Compare(b.Raised) })
	}
	var near, beyond []store.DigestDuty
	for _, d := range p.duties {
		if r.of(&d) != "" {
			near = append(near, d)
		}
		if d.AskedFor != "" {
			beyond = append(beyond, d)
		}
	}
	r.dealDuties(near, beyond)
	r.discussed = discussedOf(p.discussed)
	r.absences = byReader(r, p.absences, func(a *store.Absence) string { return a.Manager })
	r.flags = byReader(r, p.flags, func(f *store.FlaggedCase) string { return f.Manager })
	r.afterClosing = byReader(r, p.closed, func(f *store.FlaggedCase) string { return f.Manager })
	failed, err := undelivered(ctx, db, store.UndeliveredOf{}, p.at)
	if err != nil {
		return err
	}
	r.dealUndelivered(slices.DeleteFunc(failed, func(u store.Undelivered) bool { return u.Waits || u.At.After(p.at) }))
	return nil
}

// asKnown leaves of a case what was known, and returns what came of it; nil: it was not
// known or not open yet.
func (p *past) asKnown(kept *store.CaseFile) (*pathway.Result, error) {
	c := &kept.Case
	if c.Recorded.After(p.at) {
		return nil, nil
	}
	for _, change := range p.ofCases[c.Ref] {
		c.TakeBack(change.Field, change.Old)
	}
	kept.Events = slices.DeleteFunc(kept.Events, func(e pathway.Event) bool { return e.Recorded.After(p.at) })
	result, err := pathway.Derive(p.rules, c, kept.Events)
	if err != nil || c.Opened.After(p.at) {
		return nil, err
	}
	return &result, nil
}

// take adds a case as it was known, if it was.
func (p *past) take(kept *store.CaseFile, r *Digests) error {
	result, err := p.asKnown(kept)
	switch {
	case err != nil || result == nil:
		return err
	case result.Standing.Closed:
		p.addAfterClosing(&kept.Case, result, kept.Events)
		return nil
	}
	p.discussed[kept.Case.Ref] = kept.Events
	p.addDuties(&kept.Case, result, r)
	p.addFlags(&kept.Case, result, kept.Events)
	return nil
}

func (p *past) addDuties(c *pathway.Case, result *pathway.Result, r *Digests) {
	practitioner, open := result.Standing.Practitioner, 0
	for i := range result.Duties {
		d := &result.Duties[i]
		if !d.IsOpen() || d.Opened.After(p.at) {
			continue
		}
		open++
		asked := ""
		for _, f := range result.Flags {
			if d.LaterThan && f.ID == pathway.FlagLaterThanCap && f.Duty == d.ID {
				asked = f.Text
			}
		}
		p.duties = append(p.duties, store.DigestDuty{Case: c.Ref, ID: d.ID, Opening: d.Opening, Pathway: d.Pathway, Version: d.Version, Attempt: d.Attempt,
			Owner: d.Owner, Ladder: d.Ladder, BothRecord: d.BothRecord, Recorded: d.Recorded, Due: d.Due.UTC(), Moved: d.Moved, LateSince: d.LateSince.UTC(), Said: d.SaidAt(),
			Practitioner: practitioner, Manager: c.Manager, AskedFor: asked})
	}
	who := r.people[practitioner]
	if open == 0 || who == nil || !who.Left(p.at) && !who.Away(p.at) {
		return
	}
	for i := range p.absences {
		if a := &p.absences[i]; a.Practitioner == practitioner && a.Manager == c.Manager {
			a.Duties += open
			return
		}
	}
	p.absences = append(p.absences, store.Absence{Practitioner: practitioner, Manager: c.Manager, Duties: open})
}

func (p *past) addFlags(c *pathway.Case, result *pathway.Result, known []pathway.Event) {
	for _, f := range result.Flags {
		i := slices.IndexFunc(known, func(e pathway.Event) bool { return e.ID == f.Event })
		if i < 0 || known[i].Recorded.Before(p.at.AddDate(0, 0, -flagDays)) {
			continue
		}
		p.flags = append(p.flags, store.FlaggedCase{Case: c.Ref, Flag: f, Raised: known[i].Recorded, Practitioner: result.Standing.Practitioner, Manager: c.Manager})
	}
}

// addAfterClosing adds the visits that were recorded while the case was closed.
func (p *past) addAfterClosing(c *pathway.Case, result *pathway.Result, known []pathway.Event) {
	for _, f := range result.Flags {
		i := slices.IndexFunc(known, func(e pathway.Event) bool { return e.ID == f.Event })
		if i >= 0 && f.ID == pathway.FlagVisitAfterClosing {
			p.closed = append(p.closed, store.FlaggedCase{Case: c.Ref, Flag: f, Raised: known[i].Recorded, Practitioner: result.Standing.Practitioner, Manager: c.Manager})
		}
	}
}
