package pathway

import (
	"slices"
	"strings"
	"time"
)

// dutiesOfRule is where the duties stand that one rule has opened. Events ask rules, of
// which there are few, and not duties, of which a case can have thousands.
type dutiesOfRule struct {
	rule *DutyRule
	open []int // places of those that are open, in order
	last int   // place of the last that was opened
}

// meet closes the open duties that the event meets.
func (d *derivation) meet(e *Event) {
	counts, frees := false, false
	var missedBy Role
	missedAt := -1 // the first duty, in order, for which the event is by the wrong person
	for i := range d.byRule {
		of := &d.byRule[i]
		if len(of.open) == 0 {
			continue
		}
		if !d.anyMatch(of.rule.MetBy, e) {
			if missedAt < 0 || of.open[0] < missedAt {
				if by := d.takesOther(of.rule, e); by != "" {
					missedBy, missedAt = by, of.open[0]
				}
			}
			continue
		}
		counts = true
		left := of.open[:0]
		for _, place := range of.open {
			duty := &d.duties[place]
			if len(of.rule.Checklist) > 0 {
				if duty.Missing = untick(duty.Missing, e.Value); len(duty.Missing) > 0 {
					left = append(left, place)
					continue
				}
			}
			duty.Met, duty.MetBy = e.At, e.ID
			if of.rule.opensOnSilence() {
				d.silence.met = e
			}
			duty.Early = !duty.OpensFrom.IsZero() && e.At.Before(duty.OpensFrom)
			frees = frees || len(of.rule.TakesOver) > 0
		}
		of.open = left
	}
	if frees {
		d.resume(e.Recorded)
	}
	if missedAt >= 0 && !counts {
		duty := d.duties[missedAt] // as it is now: the list grows
		d.unheeded = append(d.unheeded, Unheeded{Event: e, Duty: &duty, By: missedBy})
	}
}

// append adds a duty that its rule has opened.
func (d *derivation) append(duty *Duty) {
	place := len(d.duties)
	d.duties = append(d.duties, *duty)
	for i := range d.byRule {
		if of := &d.byRule[i]; of.rule == duty.rule {
			of.open, of.last = append(of.open, place), place
			return
		}
	}
	if d.byRule == nil { // as much as most cases need, at once
		room := new(struct {
			byRule [4]dutiesOfRule
			places [4]int
		})
		d.byRule, d.places = room.byRule[:0], room.places[:0]
	}
	n := len(d.places)
	d.places = append(d.places, place)
	d.byRule = append(d.byRule, dutiesOfRule{duty.rule, d.places[n:][:1:1], place})
}

// end ends the last duty of its rule, which is open.
func (d *derivation) end(duty *Duty, at time.Time, why string) {
	duty.Ended, duty.EndedWhy = at, why
	for i := range d.byRule {
		if of := &d.byRule[i]; of.rule == duty.rule {
			of.open = of.open[:len(of.open)-1]
		}
	}
}

// endWhere ends the open duties that are picked out.
func (d *derivation) endWhere(at time.Time, why string, is func(*Duty) bool) {
	for i := range d.byRule {
		left := d.byRule[i].open[:0]
		for _, place := range d.byRule[i].open {
			duty := &d.duties[place]
			if !is(duty) {
				left = append(left, place)
				continue
			}
			duty.Ended, duty.EndedWhy = at, why
			if at.Before(duty.Opened) {
				duty.Ended = duty.Opened // it happened before the case was opened
			}
		}
		d.byRule[i].open = left
	}
}

func (d *derivation) anyMatch(matches []Match, e *Event) bool {
	for i := range matches {
		if matches[i].matches(e, d) {
			return true
		}
	}
	return false
}

// untick returns what is left of the missing items after an event that lists
// some, with ";" between.
func untick(missing []string, value string) []string {
	for item := range strings.SplitSeq(value, ";") {
		item = strings.TrimSpace(item)
		missing = slices.DeleteFunc(missing, func(m string) bool { return strings.EqualFold(m, item) })
	}
	return missing
}

// open opens the duties that the event calls for.
func (d *derivation) open(p *Pathway, e *Event) {
	for i := range p.Duties {
		rule := &p.Duties[i]
		if d.triggered(rule, e) || d.nowKnown(rule, e) {
			d.openDuty(p, rule, e)
		}
	}
}

func (d *derivation) triggered(rule *DutyRule, e *Event) bool {
	for i := range rule.Opens {
		t := &rule.Opens[i]
		if !d.fires(t, e) {
			continue
		}
		if t.Times > 0 && !t.Once && d.openInstance(rule.ID) != nil {
			continue // a count opens no second duty while the first stands
		}
		return true
	}
	return false
}

// fires reports whether the event, which the case's standing already reflects,
// sets the trigger off.
func (d *derivation) fires(t *Trigger, e *Event) bool {
	switch {
	case t.Opened:
		return e.Kind == caseOpened || e.Kind == KindReopened
	case t.Birth:
		return d.birthNow
	case t.MinAttempt > 0:
		return Unsuccessful(e.Kind) && t.covers(d.standing.Attempt)
	case t.Once:
		return t.Event.matches(e, d) && d.countOnce(t, e)
	case t.Times > 0:
		return t.Event.matches(e, d) && d.count(t, e)
	}
	return t.Event.matches(e, d)
}

// covers reports whether the attempt lies in the trigger's span.
func (t *Trigger) covers(attempt int) bool {
	return t.MinAttempt > 0 && attempt >= t.MinAttempt && (t.MaxAttempt == 0 || attempt <= t.MaxAttempt)
}

// count reports whether the event completes the trigger's count: exactly so many
// in a row, or so many and more in a span that ends with it.
func (d *derivation) count(t *Trigger, e *Event) bool {
	if t.Within.IsZero() {
		return d.inARow == t.Times
	}
	from := d.cal.Add(d.cal.DateOf(e.At), Offset{-t.Within.N, t.Within.Unit})
	n := 1
	for i := d.next - 1; i >= 0 && n < t.Times && from.Before(d.cal.DateOf(d.events[i].At)); i-- {
		if t.Event.matches(&d.events[i], d) {
			n++
		}
	}
	return n >= t.Times
}

// countOnce reports whether the event completes the trigger's count together with
// those before it that have not been counted; then they have.
func (d *derivation) countOnce(t *Trigger, e *Event) bool {
	from := d.cal.Add(d.cal.DateOf(e.At), Offset{-t.Within.N, t.Within.Unit})
	left := slices.DeleteFunc(d.counted[t.Text], func(at time.Time) bool { return d.cal.DateOf(at).Before(from) })
	left = append(left, e.At)
	full := len(left) >= t.Times
	if full {
		left = left[:0]
	}
	if d.counted == nil {
		d.counted = map[string][]time.Time{}
	}
	d.counted[t.Text] = left
	return full
}

// nowKnown reports whether a duty that the case's opening called for, but whose
// date was not known then, has got its date by this event.
func (d *derivation) nowKnown(rule *DutyRule, e *Event) bool {
	if e.Kind != KindEDDChanged && e.Kind != KindBorn || d.instance(rule.ID) != nil {
		return false
	}
	due := d.dueRule(rule)
	if due == nil || due.Within.Anchor != FromEDD && due.Within.Anchor != FromBirth {
		return false
	}
	return slices.ContainsFunc(rule.Opens, func(t Trigger) bool { return t.Opened })
}

// openOnMove opens what the new pathway asks of a case in this state: what it
// asks at an opening, and what it asks at this attempt. Duties that are open
// already carry on with their due times; a checklist that asks for more than the
// old pathway's is opened anew for what is still to be ticked.
func (d *derivation) openOnMove(p *Pathway, e *Event) {
	for i := range p.Duties {
		rule := &p.Duties[i]
		for j := range rule.Opens {
			t := &rule.Opens[j]
			if t.Opened && d.openInstance(rule.ID) == nil && (d.instance(rule.ID) == nil || len(rule.Opens) > 1) ||
				t.covers(d.standing.Attempt) && d.missesAfterMove(rule) {
				d.openDuty(p, rule, e)
				break
			}
		}
	}
}

// missesAfterMove reports whether this attempt has not yet had the duty, or had
// it with a shorter checklist. It ends the shorter one.
func (d *derivation) missesAfterMove(rule *DutyRule) bool {
	old := d.instance(rule.ID)
	if !d.isOfThisVisit(old) {
		return true
	}
	if len(rule.Checklist) == 0 || len(d.missing(rule, old.Opened)) == 0 {
		return false
	}
	if old.IsOpen() {
		d.end(old, d.events[d.next].At, "the case moved to a pathway that asks for more")
	}
	return true
}

// isOfThisVisit reports whether a duty was opened at the unsuccessful visit at which
// the case stands, and not at the same one of an earlier series.
func (d *derivation) isOfThisVisit(duty *Duty) bool {
	return duty != nil && duty.Attempt == d.standing.Attempt && duty.series == d.series
}

// missing returns the items of the rule's checklist that apply to the case and
// that no event since the given time has ticked.
func (d *derivation) missing(rule *DutyRule, since time.Time) []string {
	out := make([]string, 0, len(rule.Checklist))
	for i := range rule.Checklist {
		if d.applies(&rule.Checklist[i].If) {
			out = append(out, rule.Checklist[i].Name)
		}
	}
	for i := d.next - 1; i >= 0 && len(out) > 0 && !d.events[i].At.Before(since); i-- {
		if e := &d.events[i]; d.anyMatch(rule.MetBy, e) {
			out = untick(out, e.Value)
		}
	}
	return out
}

// openDuty opens the duty on the event, unless its condition does not hold or
// the date it counts from is not known.
func (d *derivation) openDuty(p *Pathway, rule *DutyRule, e *Event) {
	if !d.applies(&rule.If) {
		return
	}
	due := d.dueRule(rule)
	if due == nil {
		return
	}
	r, ok := d.reckon(due, e)
	if !ok {
		return
	}
	var lateSince time.Time
	if rule.Replaces {
		if old := d.openInstance(rule.ID); old != nil {
			if lateSince = old.LateSince; lateSince.IsZero() && e.At.After(old.Due) {
				lateSince = old.Due // a later date does not unmake the lateness
			}
			d.end(old, e.At, "replaced by a later decision")
		}
	}
	basis := rule.Basis
	if due.Basis != "" {
		basis = due.Basis
	}
	duty := Duty{
		Case: d.c.Ref, ID: rule.ID, Opening: e.ID, Pathway: p.ID, Version: p.Version,
		Attempt: d.standing.Attempt, Owner: rule.Owner, Told: rule.Told, Ladder: rule.Ladder,
		Basis: basis, Recorder: e.By, Opened: e.At, Recorded: e.Recorded, LateSince: lateSince,
		BothRecord: rule.BothRecord, Paperwork: rule.Paperwork, rule: rule, reckoning: r, series: d.series,
	}
	if due.Within.Anchor == FromSet {
		duty.Ladder = d.ladderFor(rule, e)
	}
	d.setDue(&duty)
	if len(rule.Checklist) > 0 {
		since := e.At
		if old := d.instance(rule.ID); d.isOfThisVisit(old) {
			since = old.Opened // after a move: what is ticked stays ticked
		}
		duty.Missing = d.missing(rule, since)
	}
	d.append(&duty)
	d.takeOver(rule)
	d.flagBeyond(&duty, e)
}

func (d *derivation) applies(c *Condition) bool { return c.holds(d) }

// dueRule returns the first clock of the rule whose condition holds.
func (d *derivation) dueRule(rule *DutyRule) *DueRule {
	for i := range rule.Due {
		if d.applies(&rule.Due[i].If) {
			return &rule.Due[i]
		}
	}
	return nil
}

// instance returns the latest duty of this id, open or not; nil when there is none.
func (d *derivation) instance(id string) *Duty {
	last := -1
	for i := range d.byRule {
		if of := &d.byRule[i]; of.rule.ID == id {
			last = max(last, of.last)
		}
	}
	return d.dutyAt(last)
}

func (d *derivation) dutyAt(place int) *Duty {
	if place < 0 {
		return nil
	}
	return &d.duties[place]
}

// openInstance returns the latest open duty of this id; nil when there is none.
func (d *derivation) openInstance(id string) *Duty {
	last := -1
	for i := range d.byRule {
		if of := &d.byRule[i]; of.rule.ID == id && len(of.open) > 0 {
			last = max(last, of.open[len(of.open)-1])
		}
	}
	return d.dutyAt(last)
}

// raise raises the pathway's flags.
func (d *derivation) raise(p *Pathway, e *Event) {
	for i := range p.Flags {
		if d.fires(&p.Flags[i].On, e) {
			d.flags = append(d.flags, Flag{ID: p.Flags[i].ID, Event: e.ID, Text: p.Flags[i].Title})
		}
	}
}
