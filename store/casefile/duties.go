package casefile

import (
	"context"
	"iter"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// DutiesWanted says which of the duties that are to be done somebody asks for; what is
// empty does not count.
type DutiesWanted struct {
	Owner     string // whose they are to do, by id
	Manager   string // who manages the cases, or whom that manager reports to, by id
	State     pathway.State
	DueBefore time.Time
	After     store.DutyPlace // what stands behind it
	Most      int             // so many at most; zero: all
	// Restricted takes in those on restricted cases: for an owner who asks for their own.
	Restricted bool
}

// DutyStates are what a duty that is to be done can be.
var DutyStates = []string{string(pathway.Open), string(pathway.Overdue)}

// OpenDuty is a duty that is to be done, in words.
type OpenDuty struct {
	store.OpenDuty
	Title string
	State pathway.State // Open or Overdue
}

// OpenDuties are duties that are to be done.
type OpenDuties struct {
	Each iter.Seq2[*OpenDuty, error] // what is due first first; it ends with the first error
	// Restricted is how many restricted cases have such duties, which are not among them:
	// they are for those who are named on the case.
	Restricted int
}

// Duties returns what is to be done as it stands at now. For somebody who is not there or
// manages nobody, the error is a pathway.Problem.
func Duties(ctx context.Context, db *store.Store, rules *pathway.Rules, wanted DutiesWanted, now time.Time) (*OpenDuties, error) {
	if wanted.Owner != "" {
		if _, err := db.Person(ctx, wanted.Owner); err != nil {
			return nil, err
		}
	}
	if err := manages(ctx, db, wanted.Manager); err != nil {
		return nil, err
	}
	now = now.Truncate(time.Millisecond)
	filter := store.DutyFilter{OpenAt: now, Owner: wanted.Owner, Manager: wanted.Manager, Before: wanted.DueBefore, After: wanted.After, Most: wanted.Most, Unrestricted: !wanted.Restricted}
	switch wanted.State {
	case pathway.Open:
		filter.InTimeAt = now
	case pathway.Overdue:
		filter.LateAt = now
	}
	restricted := 0
	if !wanted.Restricted {
		var err error
		if restricted, err = db.RestrictedCases(ctx, filter); err != nil {
			return nil, err
		}
	}
	return &OpenDuties{Restricted: restricted, Each: func(yield func(*OpenDuty, error) bool) {
		for d, err := range db.OpenDuties(ctx, filter) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&OpenDuty{*d, rules.Title(&d.Duty.Duty), d.StateAt(now)}, nil) {
				return
			}
		}
	}}, nil
}

// manages refuses to look for the duties of a manager who is none: there would be
// none, as if all were done.
func manages(ctx context.Context, db *store.Store, id string) error {
	if id == "" {
		return nil
	}
	p, err := db.Person(ctx, id)
	if err != nil || p.Manages() {
		return err
	}
	does, err := db.ManagesCases(ctx, id)
	if err == nil && !does {
		err = pathway.NewProblem(pathway.Refused, "%s is no manager and manages no case: give the id of a manager, or ask for the duties of this owner", id)
	}
	return err
}
