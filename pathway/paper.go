package pathway

import "time"

// VisitStands reports whether a visit that was booked for an instant is still to
// take place: a booking of it counts, the family has not cancelled since, and the
// case is open.
func VisitStands(c *Case, events []Event, bookedFor time.Time) bool {
	var booked, cancelled time.Time
	closed := false
	counted := History(c, events)
	for i := range counted {
		switch e := &counted[i]; {
		case e.Kind == KindVisitBooked && e.Booked.Equal(bookedFor):
			booked = e.At
		case e.Kind == KindCancelledByFamily && !e.At.After(bookedFor):
			cancelled = e.At
		case e.Kind == KindClosed, e.Kind == KindReopened:
			closed = e.Kind == KindClosed
		}
	}
	return !booked.IsZero() && !closed && (cancelled.IsZero() || cancelled.Before(booked))
}
