package pathway

import (
	"slices"
	"time"
)

// longestBefore is how long before its case was opened an event may have happened: a
// referral often follows what it is about.
const longestBefore = 366 * 24 * time.Hour

// refuseEvents refuses the events of a case that there is not.
func (r *Recording) refuseEvents(rejected bool) {
	for i := range r.Events {
		row := &r.Events[i]
		switch {
		case rejected:
			r.fault(OfEvents, row.Row, "case_ref", "the row about case %s was rejected, and its events with it", r.Ref)
			continue
		case r.Ref != "": // which is a fault of the row itself
			r.fault(OfEvents, row.Row, "case_ref", "no case %s is known%s: import its case first, or correct the reference", r.Ref, DidYouMean(r.Ref, r.alike()))
		}
		r.checkPeople(row)
	}
}

// alike are the references of known cases that may be meant by that of one that is not.
func (r *Recording) alike() []string {
	if r.Alike == "" {
		return nil
	}
	return []string{r.Alike}
}

// takeEvents takes the rows about events: those that are new and right go to
// NewEvents.
func (r *Recording) takeEvents() {
	if len(r.Events) == 0 {
		return
	}
	r.events = make(map[string]*Event, len(r.Events))
	if r.Known != nil {
		for i := range r.Known.Events {
			r.events[r.Known.Events[i].ID] = &r.Known.Events[i]
		}
	}
	r.rows = make(map[string]int, len(r.Events))
	r.NewEvents = slices.Grow(r.NewEvents, len(r.Events))
	for i := range r.Events {
		row := &r.Events[i]
		switch old := r.events[row.ID]; {
		case row.Doubtful:
			r.checkPeople(row)
		case old != nil:
			r.takeAgain(old, row)
		case r.belongs(row):
			row.ByRole, row.Way = r.Roles[row.By], r.Way
			r.events[row.ID] = &row.Event
			r.rows[row.ID] = row.Row
			r.NewEvents = append(r.NewEvents, row.Event)
			r.Added++
		}
	}
	r.refuseContradictions()
	r.refuseVoids()
}

// SaidBy is who said the new events: empty where that is nobody, or several people.
func (r *Recording) SaidBy() string {
	by := ""
	for i := range r.NewEvents {
		switch e := &r.NewEvents[i]; {
		case e.By == by || e.By == "":
		case by != "":
			return ""
		default:
			by = e.By
		}
	}
	return by
}

// takeAgain takes an event that is there already, from before or in these rows.
func (r *Recording) takeAgain(old *Event, row *EventRow) {
	again := row.Completed(row.Given, old)
	column, same := differsIn(old, &again)
	switch first, inRows := r.rows[row.ID]; {
	case same:
		r.Unchanged++
	case inRows:
		r.fault(OfEvents, row.Row, column, "row %d has the same event with another value: give each its own event_id, or keep one of the two", first)
	default:
		r.fault(OfEvents, row.Row, column, "this event is already recorded with another value: void it and record a new one")
	}
}

// belongs checks that the people named are known, and that the event can be one of
// this case.
func (r *Recording) belongs(row *EventRow) bool {
	before := len(r.Faults)
	r.checkPeople(row)
	if row.At.Before(r.Kept.Opened.Add(-longestBefore)) {
		r.fault(OfEvents, row.Row, "at", "lies more than a year before the case was opened: check the date and the case")
	}
	return len(r.Faults) == before
}

// checkPeople checks that everybody an event names is known.
func (r *Recording) checkPeople(row *EventRow) {
	r.checkPerson(OfEvents, row.Row, "by", row.By)
	if KindOf(row.Kind).Form == OfPerson {
		r.checkPerson(OfEvents, row.Row, "value", row.Value)
	}
}

// differsIn reports whether two events with one id say the same, and otherwise which
// column differs. When an event was recorded does not count: a file that leaves it
// out says a new time on every import.
func differsIn(a, b *Event) (column string, same bool) {
	switch {
	case a.Kind != b.Kind:
		return "kind", false
	case !a.At.Equal(b.At):
		return "at", false
	case a.By != b.By:
		return "by", false
	case a.Value != b.Value:
		return "value", false
	case !a.Due.Equal(b.Due):
		return "due_at", false
	case !a.Booked.Equal(b.Booked):
		return "booked_for", false
	case a.Place != b.Place:
		return "place", false
	case a.Reason != b.Reason && CleanedText(a.Reason) != CleanedText(b.Reason):
		return "reason", false
	case a.ReasonCode != b.ReasonCode:
		return "reason_code", false
	}
	return "", true
}

// refuseContradictions refuses, of the events that came together, an unsuccessful
// visit at the very time at which the child was seen.
func (r *Recording) refuseContradictions() {
	if len(r.NewEvents) < 2 {
		return
	}
	type visit struct{ seen, unsuccessful string }
	visits := map[int64]visit{}
	voided := Voided(r.NewEvents)
	var refused []string
	for i := range r.NewEvents {
		e := &r.NewEvents[i]
		if voided[e.ID] {
			continue
		}
		at := e.At.UnixMilli()
		v := visits[at]
		switch {
		case e.Kind == KindSeen:
			v.seen = e.ID
		case Unsuccessful(e.Kind):
			v.unsuccessful = e.ID
		default:
			continue
		}
		visits[at] = v
		if v.seen == "" || v.unsuccessful == "" {
			continue
		}
		other := v.seen
		if other == e.ID {
			other = v.unsuccessful
		}
		r.fault(OfEvents, r.rows[e.ID], "kind", "row %d says the opposite of the same visit: keep the one that is right", r.rows[other])
		refused = append(refused, e.ID)
	}
	r.dropEvents(refused)
}

// refuseVoids refuses events that void what there is not. One that is refused takes
// with it those that void it.
func (r *Recording) refuseVoids() {
	voids := map[string][]*Event{} // new ones, by what they void
	for i := range r.NewEvents {
		e := &r.NewEvents[i]
		if _, inRows := r.rows[e.ID]; e.Kind == KindVoided && inRows {
			voids[e.Value] = append(voids[e.Value], e)
		}
	}
	var missing []string
	for id := range voids {
		if r.events[id] == nil {
			missing = append(missing, id)
		}
	}
	slices.Sort(missing) // so that the same rows have the same faults
	var refused []string
	for len(missing) > 0 {
		for _, e := range voids[missing[0]] {
			r.fault(OfEvents, r.rows[e.ID], "value", "case %s has no event %q: give the id of the event that was recorded in error", r.Ref, Shorten(e.Value))
			refused, missing = append(refused, e.ID), append(missing, e.ID)
		}
		missing = missing[1:]
	}
	r.dropEvents(refused)
}

// refuseUnreasoned refuses the new events that set a date beyond the cap without a
// reason, and reports whether there were any.
func (r *Recording) refuseUnreasoned(flags []Flag) bool {
	var refused []string
	for _, f := range flags {
		row, isNew := r.rows[f.Event]
		if !f.NoReason || !isNew {
			continue
		}
		r.fault(OfEvents, row, "reason", "%s; give the reason for it", f.Text)
		delete(r.rows, f.Event) // it is told once, whatever duties it is about
		refused = append(refused, f.Event)
	}
	r.dropEvents(refused)
	return len(refused) > 0
}

// dropEvents takes new events out again.
func (r *Recording) dropEvents(ids []string) {
	if len(ids) == 0 {
		return
	}
	dropped := make(map[string]bool, len(ids))
	for _, id := range ids {
		dropped[id] = true
		delete(r.rows, id)
		delete(r.events, id)
	}
	before := len(r.NewEvents)
	r.NewEvents = slices.DeleteFunc(r.NewEvents, func(e Event) bool { return dropped[e.ID] })
	r.Added -= before - len(r.NewEvents)
}
