package pathway

import "testing"

func TestBookedVisitStandsUntilItIsTakenBack(t *testing.T) {
	cal := organisation(t)
	const booking = "b1 visit-booked 2026-09-02 10:00 booked=2026-09-09"
	for _, test := range []struct {
		name   string
		events []string
		want   bool
	}{
		{"booked", []string{booking}, true},
		{"never booked", []string{"b1 visit-booked 2026-09-02 10:00 booked=2026-09-10"}, false},
		{"an appointment that was offered is no visit", []string{"b1 appointment-offered 2026-09-02 10:00 booked=2026-09-09"}, false},
		{"voided", []string{booking, "v1 voided 2026-09-03 10:00 value=b1"}, false},
		{"voided and put back", []string{booking, "v1 voided 2026-09-03 10:00 value=b1", "v2 voided 2026-09-03 11:00 value=v1"}, true},
		{"booked twice, once in error", []string{booking, "b2 visit-booked 2026-09-02 10:00 booked=2026-09-09", "v1 voided 2026-09-03 10:00 value=b1"}, true},
		{"cancelled", []string{booking, "c1 cancelled-by-family 2026-09-03 10:00"}, false},
		{"cancelled at the instant of booking", []string{booking, "a1 cancelled-by-family 2026-09-02 10:00"}, false},
		{"cancelled when it was to be", []string{booking, "c1 cancelled-by-family 2026-09-09 00:00"}, false},
		{"what was cancelled was an earlier one", []string{"c1 cancelled-by-family 2026-09-01 10:00", booking}, true},
		{"the cancellation was recorded in error", []string{booking, "c1 cancelled-by-family 2026-09-03 10:00", "v1 voided 2026-09-03 11:00 value=c1"}, true},
		{"cancelled and booked again", []string{booking, "c1 cancelled-by-family 2026-09-03 10:00", "b2 visit-booked 2026-09-04 10:00 booked=2026-09-09"}, true},
		{"closed", []string{booking, "z closed 2026-09-03 10:00"}, false},
		{"closed and reopened", []string{booking, "z closed 2026-09-03 10:00", "y reopened 2026-09-04 10:00"}, true},
	} {
		var events []Event
		for _, e := range test.events {
			events = append(events, event(t, cal, e))
		}
		if got := VisitStands(&Case{}, events, clock(t, cal, "2026-09-09")); got != test.want {
			t.Errorf("%s: the visit stands: %v, want %v", test.name, got, test.want)
		}
	}
}
