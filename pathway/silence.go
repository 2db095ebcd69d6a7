package pathway

import (
	"slices"
	"time"
)

// silence is what there is to know of whether a case falls silent: whether anything is
// to be done, or booked, at the end of each instant.
type silence struct {
	at       time.Time // the latest instant so far
	last     *Event    // what happened last
	met      *Event    // of that instant, what met the duty to decide what is next
	outcome  string    // the kind of the latest outcome of a visit; empty: there was none
	onClosed string    // the kind of the latest unsuccessful visit on the closed case
	decided  *Event    // while such a duty opens: what met the one before it
}

// listen takes note of something that happens, whatever comes of it.
func (d *derivation) listen(e *Event) {
	s := &d.silence
	if e.At.After(s.at) {
		s.at, s.met = e.At, nil
	}
	s.last = e
}

// hearOutcome takes note of what came of a visit. That of one on a closed case counts
// from the reopening on.
func (s *silence) hearOutcome(e *Event) {
	switch {
	case visitOutcome(e.Kind) || e.Kind == KindDeclined:
		s.outcome = e.Kind
	case e.Kind == KindReopened && s.onClosed != "":
		s.outcome, s.onClosed = s.onClosed, ""
	}
}

// hearSilence opens the duty to decide what is next where the latest instant has left
// the case silent and nothing else happens before until.
func (d *derivation) hearSilence(until time.Time) {
	s := &d.silence
	if !s.at.Before(until) || !d.isSilent() {
		return
	}
	opening := s.last
	if s.met != nil {
		opening = s.met
	}
	p, rule, from := d.ruleOpening(func(t *Trigger) bool { return t.Silence }, s.last.Recorded)
	if rule == nil || !from.Before(until) {
		return
	}
	e := *opening
	if e.At = s.at; s.met == nil {
		e.Kind = fellSilent
	}
	if from.After(e.At) {
		e.At = from // it was silent before anybody asked
	}
	if e.Recorded.Before(e.At) {
		e.Recorded = e.At
	}
	s.decided = s.met
	d.openDuty(p, rule, &e)
	s.decided = nil
}

// isSilent reports whether the case is open, its child was not seen at the latest
// visit, and nothing is to be done or booked.
func (d *derivation) isSilent() bool {
	if d.standing.Closed || d.silence.outcome == KindSeen || d.appointment.booking != nil {
		return false
	}
	return !slices.ContainsFunc(d.byRule, func(of dutiesOfRule) bool { return len(of.open) > 0 })
}

// ruleOpening returns the rule of the case's pathway with such a trigger, in the version
// that was in force at a recording. What was recorded before there was such a rule
// follows the first that came after it: from is when.
func (d *derivation) ruleOpening(on func(*Trigger) bool, recorded time.Time) (p *Pathway, rule *DutyRule, from time.Time) {
	versions := d.rules.pathways[d.standing.Pathway]
	at := len(versions) - 1
	for at > 0 && recorded.Before(versions[at].from) {
		at--
	}
	for i := at; i < len(versions); i++ {
		if rule := versions[i].pathway.ruleWith(on); rule != nil {
			if i > at {
				from = versions[i].from
			}
			return versions[i].pathway, rule, from
		}
	}
	return nil, nil, from
}

// ruleWith returns the first rule with such a trigger; nil where there is none.
func (p *Pathway) ruleWith(on func(*Trigger) bool) *DutyRule {
	for i := range p.Duties {
		for j := range p.Duties[i].Opens {
			if on(&p.Duties[i].Opens[j]) {
				return &p.Duties[i]
			}
		}
	}
	return nil
}

func (r *DutyRule) opensOnSilence() bool {
	return slices.ContainsFunc(r.Opens, func(t Trigger) bool { return t.Silence })
}

// meetByOpening meets the duties that any event meets which opens another.
func (d *derivation) meetByOpening(e *Event) {
	for i := range d.byRule {
		of := &d.byRule[i]
		if !slices.ContainsFunc(of.rule.MetBy, func(m Match) bool { return m.Kind == dutyOpened }) {
			continue
		}
		of.open = slices.DeleteFunc(of.open, func(place int) bool {
			duty := &d.duties[place]
			if duty.Opening == e.ID && duty.Opened.Equal(e.At) {
				return false // it is the other
			}
			duty.Met, duty.MetBy = e.At, e.ID
			return true
		})
	}
}
