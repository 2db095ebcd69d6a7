package pathway

import "time"

// forever is after everything that is booked.
var forever = time.Unix(1<<60, 0)

// appointment is what is booked on a case: of several the newest. It stands until its
// outcome is known, the family cancels or declines, or another is booked; once its time
// has passed the duty to record its outcome stands in its place.
type appointment struct {
	booking *Event // nil: nothing is booked
	at      time.Time
	passed  bool // its time has come, and its outcome follows later that day
}

// keepAppointment lets one event change what is booked.
func (d *derivation) keepAppointment(e *Event) {
	a := &d.appointment
	if e.Kind == KindClosed || a.booking != nil && d.settles(a, e) {
		d.noteSettledLate(e)
		*a = appointment{}
	}
	if e.Books() {
		*a = appointment{booking: e, at: e.Booked}
		if a.at.Before(e.At) {
			a.at = e.At // written down once it was over
		}
	}
}

// settles reports whether the event, which comes after the booking, says what becomes
// of what is booked. A visit at which a child is seen, or not, on an earlier day is
// another one.
func (d *derivation) settles(a *appointment, e *Event) bool {
	switch {
	case e.Books() || e.Kind == KindCancelledByFamily || e.Kind == KindDeclined:
		return true
	case e.Kind == KindSeen || Unsuccessful(e.Kind):
		return !d.cal.DateOf(e.At).Before(d.cal.DateOf(a.at))
	}
	return false
}

// passTo lets the time pass until an event: what is booked by then has had its time, and
// a case may have fallen silent before.
func (d *derivation) passTo(at time.Time) {
	if a := &d.appointment; a.booking != nil && !a.passed && !a.at.After(at) {
		d.passAppointment()
	}
	d.hearSilence(at)
}

// passAppointment opens, at the time that was booked, the duty to record the outcome,
// unless what settles it is dated later that day and was recorded in time.
func (d *derivation) passAppointment() {
	a := d.appointment
	opening := a.opening()
	if p, rule := d.outcomeRule(&a); rule != nil {
		later := d.settledLater(&a)
		if later != nil && !d.recordedLate(rule, &opening, later) {
			d.appointment.passed = true
			return
		}
		d.openDuty(p, rule, &opening)
	}
	d.appointment = appointment{}
	d.listen(&opening)
}

// outcomeRule is the rule of the duty to record what became of an appointment; nil where
// there was none by then.
func (d *derivation) outcomeRule(a *appointment) (*Pathway, *DutyRule) {
	p, rule, from := d.ruleOpening(func(t *Trigger) bool { return t.BookedTime }, a.booking.Recorded)
	if from.After(a.at) {
		return nil, nil
	}
	return p, rule
}

// opening is the booked time, as an event.
func (a *appointment) opening() Event {
	e := *a.booking
	e.Kind, e.At = bookedTime, a.at
	if e.Recorded.Before(e.At) {
		e.Recorded = e.At
	}
	return e
}

// settledLater is the first event that settles what is booked later that day; nil where
// there is none.
func (d *derivation) settledLater(a *appointment) *Event {
	day := d.cal.DateOf(a.at)
	for i := d.next; i < len(d.events); i++ {
		e := &d.events[i]
		switch {
		case d.cal.DateOf(e.At) != day || e.Kind == KindClosed:
			return nil
		case d.settles(a, e):
			return e
		}
	}
	return nil
}

// recordedLate reports whether what settles an appointment was recorded only when the
// duty to record its outcome had been overdue, though the appointment was known.
func (d *derivation) recordedLate(rule *DutyRule, opening, e *Event) bool {
	due := d.dueRule(rule)
	if due == nil {
		return false
	}
	r, ok := d.reckon(due, opening)
	return ok && e.Recorded.After(r.due()) && e.Recorded.After(opening.Recorded)
}

// noteSettledLate keeps, as met, the duty to record the outcome of an appointment that
// was settled before its time, where that was recorded only when the duty had been
// overdue: people have been reminded of it.
func (d *derivation) noteSettledLate(e *Event) {
	a := &d.appointment
	if a.booking == nil || a.passed || e.Kind == KindClosed {
		return
	}
	opening := a.opening()
	p, rule := d.outcomeRule(a)
	if rule == nil || !d.recordedLate(rule, &opening, e) {
		return
	}
	d.openDuty(p, rule, &opening)
	if duty := d.openInstance(rule.ID); duty != nil && duty.Opening == opening.ID {
		d.end(duty, time.Time{}, "")
		duty.Met, duty.MetBy = duty.Opened, e.ID
	}
}
