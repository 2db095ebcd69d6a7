package casefile

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// DutiesWanted says which of the duties that are to be done somebody asks for; what is
// empty does not count.
type DutiesWanted struct {
	Owner     string // whose they are to do, by id
	Manager   string // who manages the cases, or whom that manager reports to, by id
	Team      string // of the cases
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
	filter := wanted.filter(now)
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

func (w *DutiesWanted) filter(now time.Time) store.DutyFilter {
	filter := store.DutyFilter{OpenAt: now, Owner: w.Owner, Manager: w.Manager, Team: w.Team, Before: w.DueBefore, After: w.After, Most: w.Most, Unrestricted: !w.Restricted}
	switch w.State {
	case pathway.Open:
		filter.InTimeAt = now
	case pathway.Overdue:
		filter.LateAt = now
	}
	return filter
}

// DutyPage is a part of what is to be done, what is due first first.
type DutyPage struct {
	Duties []OpenDuty
	InAll  int    // of all parts; of the cases of a scope alone
	OrMore bool   // there are more than that: so many are not counted
	Next   string // names what comes behind it, for ParseDutyPlace; empty: nothing
	// Restricted counts the restricted cases that have such a duty, which is not in it.
	Restricted int
}

// DutyPageOf reads a page of what Duties returns, of Most.
func DutyPageOf(ctx context.Context, db *store.Store, rules *pathway.Rules, wanted DutiesWanted, now time.Time) (*DutyPage, error) {
	p, most := &DutyPage{}, wanted.Most
	wanted.Most++
	found, err := Duties(ctx, db, rules, wanted, now)
	if err != nil {
		return nil, err
	}
	p.Restricted = found.Restricted
	for d, err := range found.Each {
		if err != nil {
			return nil, err
		}
		p.add(d, most)
	}
	return p, nil
}

// dutiesCounted is up to how many duties are counted for a page.
const dutiesCounted = 500

// DutyPageIn reads a page of what is to be done on the cases of a scope, and how much
// there is in all.
func DutyPageIn(ctx context.Context, db *store.Store, rules *pathway.Rules, scope pathway.Scope, wanted DutiesWanted, now time.Time) (*DutyPage, error) {
	now = now.Truncate(time.Millisecond)
	wanted.Restricted = true // the scope says which of those it has
	p, filter := &DutyPage{}, wanted.filter(now)
	filter.Most++
	found, err := db.FirstDutiesIn(ctx, scope, filter)
	if err != nil {
		return nil, err
	}
	for i := range found {
		d := &found[i].OpenDuty
		p.add(&OpenDuty{*d, rules.Title(&d.Duty.Duty), d.StateAt(now)}, wanted.Most)
	}
	if p.InAll = len(p.Duties); p.Next != "" || wanted.After != (store.DutyPlace{}) {
		filter.After = store.DutyPlace{}
		p.InAll, err = db.CountDutiesIn(ctx, scope, filter, dutiesCounted+1)
		if err != nil {
			return nil, err
		}
		if p.OrMore = p.InAll > dutiesCounted; p.OrMore {
			p.InAll = dutiesCounted
		}
	}
	filter.After = store.DutyPlace{}
	p.Restricted, err = db.ClosedOff(ctx, scope, filter)
	return p, err
}

// add adds a duty, or where the page is full says where the next one begins.
func (p *DutyPage) add(d *OpenDuty, most int) {
	if len(p.Duties) < most {
		p.Duties = append(p.Duties, *d)
		return
	}
	last := p.Duties[most-1].Place()
	p.Next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %d %s", last.Due.UnixMilli(), last.ID, last.Case))
}

// ParseDutyPlace reads what a page gave as Next; of an empty text the place before all.
func ParseDutyPlace(text string) (p store.DutyPlace, err error) {
	if text == "" {
		return p, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if parts := strings.SplitN(string(plain), " ", 3); err == nil && len(parts) == 3 {
		due, wrong := strconv.ParseInt(parts[0], 10, 64)
		p = store.DutyPlace{Due: time.UnixMilli(due), Case: parts[2]}
		p.ID, err = strconv.ParseInt(parts[1], 10, 64)
		if err == nil && wrong == nil {
			return p, nil
		}
	}
	return store.DutyPlace{}, errors.New("this is not what a page gave as next: send that as it came")
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
