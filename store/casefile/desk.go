package casefile

import (
	"context"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Desk is what somebody has to do, on their own cases and on those of whom they stand in
// for.
type Desk struct {
	At    time.Time
	Cases []DeskCase // by what is due next
	// Hidden counts the restricted cases with something for them to do that they cannot open.
	Hidden int
}

// DeskCase is a case with what is to be done on it.
type DeskCase struct {
	Ref          string
	Practitioner string     // whose it is
	Title        string     // of the pathway it is on
	Duties       []DeskDuty // at least one, what is due first first
}

// DeskDuty is one of them.
type DeskDuty struct {
	OpenDuty
	Clause  string // of the guidance; empty: none
	ByVisit bool   // what meets it first of all is a visit
	Sayer   string // who said by text that it is done, by id; empty: nobody did, or it is not known who
}

// First is what is due first.
func (c DeskCase) First() *DeskDuty { return &c.Duties[0] }

// ToConfirm is a duty that somebody said by text is done; nil where there is none.
func (c DeskCase) ToConfirm() *DeskDuty {
	for i := range c.Duties {
		if !c.Duties[i].SaidAt().IsZero() {
			return &c.Duties[i]
		}
	}
	return nil
}

// ReadDesk reads what somebody has to do in whatever role they have on a case, at now.
func ReadDesk(ctx context.Context, db *store.Store, rules *pathway.Rules, who *pathway.Who, now time.Time) (*Desk, error) {
	scope := pathway.ScopeOf(who, pathway.DeedLook)
	scope.AbovePractitioner, scope.Teams = false, nil // nobody has a role on a case by these
	own := store.DutyFilter{OpenAt: now, Owners: scope.People}
	found, err := db.DutiesIn(ctx, scope, own)
	if err != nil {
		return nil, err
	}
	d := &Desk{At: now}
	if d.Hidden, err = db.ClosedOff(ctx, scope, own); err != nil {
		return nil, err
	}
	places := map[string]int{}
	for i := range found {
		duty := DeskDuty{OpenDuty: OpenDuty{found[i].OpenDuty, rules.Title(&found[i].Duty.Duty), found[i].StateAt(now)}}
		if rule := rules.Rule(duty.Pathway, duty.Version, duty.DutyID()); rule != nil {
			duty.Clause, duty.ByVisit = rule.Clause, rule.AnswerPage() == pathway.RecordPage
		}
		place, known := places[duty.Case]
		if !known {
			c := DeskCase{Ref: duty.Case, Practitioner: duty.Practitioner, Title: found[i].CasePathway}
			if p := rules.Pathway(found[i].CasePathway); p != nil {
				c.Title = p.Title
			}
			place = len(d.Cases)
			places[duty.Case] = place
			d.Cases = append(d.Cases, c)
		}
		d.Cases[place].Duties = append(d.Cases[place].Duties, duty)
	}
	return d, d.findSayers(ctx, db)
}

// findSayers finds out who said by text that duties are done: it may be somebody else who is
// told of them.
func (d *Desk) findSayers(ctx context.Context, db *store.Store) error {
	var refs []string
	for _, c := range d.Cases {
		if c.ToConfirm() != nil {
			refs = append(refs, c.Ref)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	events, err := db.EventsOfKinds(ctx, refs, pathway.Kinds())
	if err != nil {
		return err
	}
	sayers := map[string]string{}
	for _, ofCase := range events {
		for i := range ofCase {
			sayers[ofCase[i].ID] = ofCase[i].By
		}
	}
	for _, c := range d.Cases {
		for i := range c.Duties {
			if duty := &c.Duties[i]; !duty.SaidAt().IsZero() {
				duty.Sayer = sayers[duty.SaidBy]
			}
		}
	}
	return nil
}
