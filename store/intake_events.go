package store

import (
	"fmt"
	"strconv"
	"time"

	"example.org/doorstep/pathway"
)

// longestBefore is how long before its case was opened an event may have happened: a
// referral often follows what it is about.
const longestBefore = 366 * 24 * time.Hour

// takeEvents takes the rows about events: those that are new and right go to
// newEvents.
func (w *caseWork) takeEvents() {
	if len(w.events) == 0 {
		return
	}
	w.known = make(map[string]*pathway.Event, len(w.events))
	if w.file != nil {
		for i := range w.file.events {
			w.known[w.file.events[i].ID] = &w.file.events[i]
		}
	}
	w.rows = make(map[string]int, len(w.events))
	for i := range w.events {
		r := &w.events[i]
		e := &r.value
		check := rowCheck{of: OfEvents, row: r.row}
		if old := w.known[e.ID]; old != nil {
			if column, same := sameEvent(old, e); same {
				w.unchanged++
			} else if row, inFile := w.rows[e.ID]; inFile {
				check.fault(column, "row %d has the same event with another value: give each its own event_id, or keep one of the two", row)
			} else {
				check.fault(column, "this event is already recorded with another value: void it and record a new one")
			}
			w.refuse(check)
			continue
		}
		w.checkPerson(&check, "by", e.By)
		if e.Kind == pathway.KindReallocated {
			w.checkPerson(&check, "value", e.Value)
		}
		if e.At.Before(w.kept.Opened.Add(-longestBefore)) {
			check.fault("at", "lies more than a year before the case was opened: check the date and the case")
		}
		if !check.good() {
			w.refuse(check)
			continue
		}
		e.ByRole = w.roles[e.By]
		w.known[e.ID] = e
		w.rows[e.ID] = r.row
		w.newEvents = append(w.newEvents, *e)
		w.added++
	}
	w.refuseContradictions()
	w.refuseVoids()
}

// refuseContradictions refuses, of the events that came together, an unsuccessful
// visit at the very time at which the child was seen.
func (w *caseWork) refuseContradictions() {
	if len(w.newEvents) < 2 {
		return
	}
	type visit struct{ seen, unsuccessful string }
	visits := map[int64]visit{}
	voided := pathway.Voided(w.newEvents)
	var refused []string
	for i := range w.newEvents {
		e := &w.newEvents[i]
		if voided[e.ID] {
			continue
		}
		at := e.At.UnixMilli()
		v := visits[at]
		switch {
		case e.Kind == pathway.KindSeen:
			v.seen = e.ID
		case pathway.Unsuccessful(e.Kind):
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
		w.faults = append(w.faults, RowFault{OfEvents, w.rows[e.ID], "kind",
			fmt.Sprintf("row %d says the opposite of the same visit: keep the one that is right", w.rows[other])})
		refused = append(refused, e.ID)
	}
	for _, id := range refused {
		w.dropEvent(id)
	}
}

// refuseVoids refuses events that void what there is not. One that is refused
// takes with it those that void it.
func (w *caseWork) refuseVoids() {
	for again := true; again; {
		again = false
		for i := range w.newEvents {
			e := &w.newEvents[i]
			row, inFile := w.rows[e.ID]
			if e.Kind != pathway.KindVoided || !inFile {
				continue
			}
			if w.known[e.Value] != nil {
				continue
			}
			w.faults = append(w.faults, RowFault{OfEvents, row, "value",
				fmt.Sprintf("case %s has no event %q: give the id of the event that was recorded in error", w.ref, pathway.Shorten(e.Value))})
			w.dropEvent(e.ID)
			again = true
			break
		}
	}
}

// lateFrom is how late an event must be recorded for its recorder to be told
// what of the clock has gone.
const lateFrom = time.Hour

// lateDuty is a duty of which part of the clock had gone when the event that
// opened it was recorded.
type lateDuty struct {
	row int
	*pathway.Duty
}

// findLate finds the open duties whose recorders are to be told how much of the
// clock has gone (How time is counted, rule 8).
func (w *caseWork) findLate() {
	for i := range w.duties.list {
		d := &w.duties.list[i]
		if d.id != 0 || !d.IsOpen() || d.Recorded.Sub(d.Opened) < lateFrom {
			continue
		}
		if row, isNew := w.rows[d.Opening]; isNew {
			w.late = append(w.late, lateDuty{row, d.Duty})
		}
	}
}

func (d *lateDuty) note(rules *pathway.Rules) RowNote {
	title := rules.Title(d.Duty)
	late, clock := d.Recorded.Sub(d.Opened), d.Due.Sub(d.Opened)
	gone := fmt.Sprintf("%s of the %s to %q have gone", part(late, clock), length(clock), title)
	if late >= clock {
		gone = fmt.Sprintf("the time to %q had run out by then", title)
	}
	return RowNote{OfEvents, d.row, fmt.Sprintf("recorded %s after it happened: %s; due %s",
		length(late), gone, d.Due.In(rules.Calendar.Location()).Format("Mon 2 January 2006 at 15:04"))}
}

// longInHours is the length of time from which days say more than hours.
const longInHours = 72 * time.Hour

// length says a length of time in whole hours, or in days where it is long.
func length(d time.Duration) string {
	if d > longInHours {
		return pathway.Counted(int(d/(24*time.Hour)), "day")
	}
	return pathway.Counted(int(d/time.Hour), "hour")
}

// part says a part of a length of time in the unit of the whole.
func part(d, whole time.Duration) string {
	if whole > longInHours {
		return strconv.Itoa(int(d / (24 * time.Hour)))
	}
	return strconv.Itoa(int(d / time.Hour))
}
