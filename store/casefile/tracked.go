package casefile

import (
	"context"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Tracking is what chairs track: of the open cases that somebody chairs, or for whose chair
// they stand in, those with unsuccessful visits, overdue duties or an action to agree. It
// says of them what a chair's digest says.
type Tracking struct {
	Chaired int           // open cases, whether there is something to say of them or not
	More    bool          // there are more, of which nothing is said here
	Cases   []TrackedCase // those with the longest overdue duty first
}

// TrackedCase is what there is to say of a case to its chair.
type TrackedCase struct {
	Ref, Practitioner string
	Visits            notify.InVain       // unsuccessful ones in a row
	Action            *notify.ActionAsked // whether an action is agreed; nil: none is asked
	Overdue           []notify.DigestLine // what is overdue, the longest first
}

// mostTracked is how many cases of a chair are looked through.
const mostTracked = 200

// ReadTracking reads what somebody tracks at now.
func ReadTracking(ctx context.Context, db *store.Store, rules *pathway.Rules, who *pathway.Who, now time.Time) (*Tracking, error) {
	scope := pathway.ScopeOf(who, pathway.DeedLook)
	refs, err := db.CasesIn(ctx, pathway.Scope{People: scope.People, AsChair: scope.AsChair}, mostTracked+1)
	if err != nil {
		return nil, err
	}
	t := &Tracking{Chaired: min(len(refs), mostTracked), More: len(refs) > mostTracked}
	r := &Digests{rules: rules, horizon: horizon{now: now}}
	var found []trackedCase
	for _, ref := range refs[:t.Chaired] {
		kept, err := db.Case(ctx, ref)
		if err != nil {
			return nil, err
		}
		if c := r.track(kept); len(c.overdue)+len(c.about) > 0 {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b trackedCase) int { return a.longest().Compare(b.longest()) })
	for i := range found {
		t.Cases = append(t.Cases, found[i].shown())
	}
	return t, nil
}

// shown is a case of the digest, put together.
func (t *trackedCase) shown() TrackedCase {
	lines := slices.Concat(t.overdue, t.about)
	c := TrackedCase{Ref: lines[0].CaseRef, Practitioner: lines[0].Practitioner, Overdue: t.overdue}
	for _, l := range t.about {
		if l.Visits != nil {
			c.Visits = *l.Visits
		}
		if l.Action != nil {
			c.Action = l.Action
		}
	}
	return c
}
