package pathway

import "time"

// booking is a visit or an appointment that is booked.
type booking struct {
	at    time.Time
	place string // as its row says; empty: it does not
	// promised says that it is at the family's home beyond doubt, so that a card may
	// promise it: a visit that is booked for nowhere else, or an appointment whose row
	// says so.
	promised bool
}

// nextBooking is the first booking, among the events that count, for later than an
// instant; zero: there is none. What the family has cancelled or declined since it was
// booked is none any more.
func nextBooking(history []Event, after time.Time) (next booking) {
	var takenBack time.Time
	for i := range history {
		if takesBack(&history[i]) {
			takenBack = history[i].At
		}
	}
	for i := range history {
		e := &history[i]
		if e.Kind != KindVisitBooked && e.Kind != KindAppointmentOffered || !e.Booked.After(after) {
			continue
		}
		if !takenBack.IsZero() && !e.At.After(takenBack) {
			continue
		}
		if next.at.IsZero() || e.Booked.Before(next.at) {
			next = booking{at: e.Booked}
		}
		if e.Booked.Equal(next.at) {
			next.add(e)
		}
	}
	return next
}

// takesBack reports whether the family calls off what was booked by then.
func takesBack(e *Event) bool {
	return e.Kind == KindCancelledByFamily || e.Kind == KindDeclined && e.Value != "treatment"
}

// add takes what one more row says of the same time; of the places that rows name, the
// last counts.
func (b *booking) add(e *Event) {
	if e.Place != "" {
		b.place = e.Place
	}
	b.promised = (b.promised || e.Kind == KindVisitBooked || e.Place == PlaceHome) && (b.place == "" || b.place == PlaceHome)
}
