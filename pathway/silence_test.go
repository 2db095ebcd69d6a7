package pathway

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// planned is a small pathway on which nothing falls silent.
func planned(t testing.TB) *Pathway {
	return pathwayOf(t, "planned",
		duty{id: "contact", opens: "opened", due: "5 working days", metBy: "visit-booked | appointment-offered | seen | unsuccessful"},
		duty{id: "plan", opens: "attempt 1+", due: "1 working day", metBy: "plan-recorded"},
		duty{id: "outcome", opens: "booked time", due: "1 working day", metBy: "seen | unsuccessful | cancelled-by-family | declined | booking"},
		duty{id: "next", opens: "nothing planned", due: "12 weeks if after decision-recorded | 10 working days",
			metBy: "decision-recorded | booking | duty-opened | seen"},
	)
}

func TestAppointmentWithoutAnOutcome(t *testing.T) {
	const booked = "b visit-booked 2026-09-02 10:00 booked=2026-09-08_10:00"
	tests := []struct {
		name   string
		events []string
		want   string // of the duty to record the outcome
	}{
		{"it opens at the booked time, though nothing happens then", []string{booked}, "outcome 0 2026-09-09 17:00 open\n"},
		{"recorded at that time", []string{booked, "x seen 2026-09-08 10:00"}, ""},
		{"recorded earlier that day", []string{booked, "x seen 2026-09-08 09:10"}, ""},
		{"recorded later that day", []string{booked, "x no-access 2026-09-08 23:50"}, ""},
		{"dated the next day", []string{booked, "x seen 2026-09-09 00:10"}, "outcome 0 2026-09-09 17:00 met 2026-09-09 00:10\n"},
		{"dated that day and recorded while the duty was not due", []string{booked, "x seen 2026-09-08 10:10 recorded=2026-09-09_17:00"}, ""},
		{"dated that day and recorded when the duty was overdue", []string{booked, "x seen 2026-09-08 10:10 recorded=2026-09-09_17:01"},
			"outcome 0 2026-09-09 17:00 met 2026-09-08 10:10\n"},
		{"dated before the booked time and recorded when the duty was overdue", []string{booked, "x seen 2026-09-08 09:10 recorded=2026-09-11_10:00"},
			"outcome 0 2026-09-09 17:00 met 2026-09-08 10:00\n"},
		{"booking and outcome come to be known together, long after", []string{"b visit-booked 2026-09-02 10:00 booked=2026-09-08_10:00 recorded=2026-11-02_09:00",
			"x seen 2026-09-08 10:10 recorded=2026-11-02_09:00"}, ""},
		{"seen on an earlier day, so that the appointment stands", []string{booked, "x seen 2026-09-07 10:00"}, "outcome 0 2026-09-09 17:00 open\n"},
		{"cancelled before", []string{booked, "x cancelled-by-family 2026-09-04 10:00"}, ""},
		{"declined before", []string{booked, "x declined 2026-09-04 10:00"}, ""},
		{"cancelled and booked anew at one instant", []string{booked, "x cancelled-by-family 2026-09-04 10:00", "a visit-booked 2026-09-04 10:00 booked=2026-09-10_10:00"},
			"outcome 0 2026-09-11 17:00 open\n"},
		{"booked anew before", []string{booked, "x visit-booked 2026-09-04 10:00 booked=2026-09-15_10:00"}, "outcome 0 2026-09-16 17:00 open\n"},
		{"booked anew for an earlier time", []string{booked, "x visit-booked 2026-09-04 10:00 booked=2026-09-07_10:00"}, "outcome 0 2026-09-08 17:00 open\n"},
		{"booked anew later that day", []string{booked, "x visit-booked 2026-09-08 15:00 booked=2026-09-10_10:00"}, "outcome 0 2026-09-11 17:00 open\n"},
		{"booked anew the day after", []string{booked, "x visit-booked 2026-09-09 15:00 booked=2026-09-30_10:00", "y seen 2026-09-30 10:00"},
			"outcome 0 2026-09-09 17:00 met 2026-09-09 15:00\n"},
		{"two appointments one after the other", []string{booked, "x no-access 2026-09-08 10:00", "y appointment-offered 2026-09-08 11:00 booked=2026-09-10_10:00"},
			"outcome 1 2026-09-11 17:00 open\n"},
		{"a letter that names no date", []string{"x appointment-offered 2026-09-02 10:00"}, ""},
		{"the booking was voided", []string{booked, "x voided 2026-09-03 10:00 value=b"}, ""},
		{"the outcome was voided", []string{booked, "x seen 2026-09-08 10:00", "y voided 2026-09-08 11:00 value=x"}, "outcome 0 2026-09-09 17:00 open\n"},
		{"closed before", []string{booked, "x closed 2026-09-07 10:00"}, ""},
		{"closed before, and opened again", []string{booked, "x closed 2026-09-07 10:00", "y reopened 2026-09-07 12:00"}, ""},
		{"closed after, the same day", []string{booked, "x closed 2026-09-08 12:00"}, "outcome 0 2026-09-09 17:00 ended: the case was closed\n"},
		{"written down once it was over", []string{"b visit-booked 2026-09-09 10:00 booked=2026-09-08_10:00"}, "outcome 0 2026-09-10 17:00 open\n"},
		{"the unsuccessful visit comes before the booking of that day", []string{"x no-access 2026-09-02 09:00", "b visit-booked 2026-09-02 10:00 booked=2026-09-02_16:00"},
			"outcome 1 2026-09-03 17:00 open\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := story{pathways: []*Pathway{planned(t)}, opened: "2026-09-01 09:00", events: tt.events}.derive(t)
			if got := lines(organisation(t), only(r.Duties, "outcome")); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func only(duties []Duty, id string) []Duty {
	return slices.DeleteFunc(slices.Clone(duties), func(d Duty) bool { return d.ID != id })
}

func TestWhatIsNextIsDecidedWhereNothingIsPlanned(t *testing.T) {
	const (
		visit = "v no-access 2026-09-02 10:00"
		plan  = "p plan-recorded 2026-09-02 11:00"
	)
	tests := []struct {
		name   string
		events []string
		want   string // of the duty to decide what is next
	}{
		{"a duty is open", []string{visit}, ""},
		{"the last duty is met", []string{visit, plan}, "next 1 2026-09-16 17:00 open\n"},
		{"and the visit at which they were seen was the latest", []string{visit, "s seen 2026-09-02 10:30", plan}, ""},
		{"a visit is booked at the same time", []string{visit, plan, "b visit-booked 2026-09-02 11:00 booked=2026-11-02_10:00"}, ""},
		{"a visit is booked later", []string{visit, plan, "b visit-booked 2026-09-15 11:00 booked=2026-11-02_10:00"}, "next 1 2026-09-16 17:00 met 2026-09-15 11:00\n"},
		{"a letter names no date", []string{"a appointment-offered 2026-09-02 11:00"}, "next 0 2026-09-16 17:00 open\n"},
		{"the family cancels what was booked", []string{"b visit-booked 2026-09-01 11:00 booked=2026-09-08_10:00", "c cancelled-by-family 2026-09-02 12:00"},
			"next 0 2026-09-16 17:00 open\n"},
		{"the family declines what was booked", []string{"b visit-booked 2026-09-01 11:00 booked=2026-09-08_10:00", "c declined 2026-09-02 12:00"},
			"next 0 2026-09-16 17:00 open\n"},
		{"seen", []string{visit, plan, "s seen 2026-09-20 11:00"}, "next 1 2026-09-16 17:00 met-late 2026-09-20 11:00\n"},
		{"another visit opens a duty", []string{visit, plan, "w no-access 2026-09-10 11:00"}, "next 1 2026-09-16 17:00 met 2026-09-10 11:00\n"},
		{"what changes nothing meets nothing", []string{visit, plan, "l letter-sent 2026-09-10 11:00", "s supervision 2026-09-10 12:00"}, "next 1 2026-09-16 17:00 open\n"},
		{"a decision opens the next one", []string{visit, plan, "d decision-recorded 2026-09-10 11:00", "e decision-recorded 2026-11-02 11:00"},
			"next 1 2026-09-16 17:00 met 2026-09-10 11:00\nnext 1 2026-12-03 17:00 met 2026-11-02 11:00\nnext 1 2027-01-25 17:00 open\n"},
		{"a decision and a booking at one time open none", []string{visit, plan, "d decision-recorded 2026-09-10 11:00", "e visit-booked 2026-09-10 11:00 booked=2026-11-02_10:00"},
			"next 1 2026-09-16 17:00 met 2026-09-10 11:00\n"},
		{"a decision that was recorded before is another one", []string{visit, "d decision-recorded 2026-09-02 10:30", plan}, "next 1 2026-09-16 17:00 open\n"},
		{"closed", []string{visit, plan, "c closed 2026-09-03 11:00"}, "next 1 2026-09-16 17:00 ended: the case was closed\n"},
		{"closed with its last duty", []string{visit, plan, "c closed 2026-09-02 11:00"}, ""},
		{"what made it so was voided", []string{visit, plan, "x voided 2026-09-03 11:00 value=p"}, ""},
		{"the appointment's outcome is no access", []string{"b visit-booked 2026-09-01 11:00 booked=2026-09-02_10:00", visit, plan}, "next 1 2026-09-16 17:00 open\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := story{pathways: []*Pathway{planned(t)}, opened: "2026-09-01 09:00", events: tt.events}.derive(t)
			if got := lines(organisation(t), only(r.Duties, "next")); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// TestSilentCaseOfAnOlderFile: what was recorded before a pathway asked for it is asked
// from the day on which it does.
func TestSilentCaseOfAnOlderFile(t *testing.T) {
	cal := organisation(t)
	old := pathwayOf(t, "planned", duty{id: "plan", opens: "attempt 1+", due: "1 working day", metBy: "plan-recorded"})
	old.Version = "v0"
	rules := NewRules(cal, nil)
	rules.AddPathway(old, time.Time{})
	rules.AddPathway(planned(t), clock(t, cal, "2026-11-02 06:00"))
	c := Case{Ref: "C-1", Pathway: "planned", Opened: clock(t, cal, "2026-03-02 09:00"), Recorded: clock(t, cal, "2026-03-02 09:00")}
	tests := []struct {
		name, want string
		events     []string
	}{
		{"silent for months", "next 1 2026-11-16 17:00 open\n", []string{"v no-access 2026-03-03 10:00", "p plan-recorded 2026-03-03 11:00"}},
		{"an appointment without an outcome, months ago", "next 0 2026-11-16 17:00 open\n", []string{"b visit-booked 2026-03-03 11:00 booked=2026-03-10_10:00"}},
		{"an appointment that is to come", "outcome 0 2026-11-11 17:00 open\n", []string{"b visit-booked 2026-10-30 11:00 booked=2026-11-10_10:00"}},
		{"what is open stays as it was", "plan 1 2026-03-04 17:00 open\n", []string{"v no-access 2026-03-03 10:00"}},
		{"seen", "", []string{"s seen 2026-03-03 10:00"}},
		{"it falls silent afterwards", "plan 1 2026-03-04 17:00 met-late 2026-11-03 11:00\nnext 1 2026-11-17 17:00 open\n",
			[]string{"v no-access 2026-03-03 10:00", "p plan-recorded 2026-11-03 11:00"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var events []Event
			for _, e := range tt.events {
				events = append(events, event(t, cal, e))
			}
			r, err := Derive(rules, &c, events)
			if err != nil {
				t.Fatal(err)
			}
			got := lines(cal, slices.DeleteFunc(r.Duties, func(d Duty) bool {
				return d.ID == "plan" && !d.Met.IsZero() && d.Met.Year() == 2026 && d.Met.Month() == 3
			}))
			if got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestThreeVisitsWithoutAccessAreCountedOnce(t *testing.T) {
	p := pathwayOf(t, "p", duty{id: "review", owner: "manager", opens: "3 unsuccessful within 12 months, each counted once", due: "5 working days", metBy: "history-reviewed"})
	tests := []struct {
		name   string
		events []string
		want   string
	}{
		{"the third in a row", []string{"a no-access 2026-09-02 10:00", "b not-seen 2026-09-03 10:00", "c not-brought 2026-09-04 10:00"}, "review 3 2026-09-11 17:00 open\n"},
		{"seen in between", []string{"a no-access 2026-09-02 10:00", "b not-seen 2026-09-03 10:00", "s seen 2026-09-03 11:00", "c not-brought 2026-09-04 10:00"}, "review 1 2026-09-11 17:00 open\n"},
		{"the fourth and fifth open none, the sixth does, though the first is still open",
			[]string{"a no-access 2026-09-02 10:00", "b no-access 2026-09-03 10:00", "c no-access 2026-09-04 10:00", "d no-access 2026-09-07 10:00", "e no-access 2026-09-08 10:00", "f no-access 2026-09-09 10:00"},
			"review 3 2026-09-11 17:00 open\nreview 6 2026-09-16 17:00 open\n"},
		{"within 12 months to the day", []string{"a no-access 2026-09-02 10:00", "b no-access 2027-03-02 10:00", "c no-access 2027-09-02 10:00"}, "review 3 2027-09-09 17:00 open\n"},
		{"in more than 12 months", []string{"a no-access 2026-09-02 10:00", "b no-access 2027-03-02 10:00", "c no-access 2027-09-03 10:00"}, ""},
		{"one of them was voided", []string{"a no-access 2026-09-02 10:00", "b no-access 2026-09-03 10:00", "c no-access 2026-09-04 10:00", "v voided 2026-09-05 10:00 value=b"}, ""},
		{"one of them was recorded twice", []string{"a no-access 2026-09-02 10:00", "b no-access 2026-09-03 10:00", "c not-seen 2026-09-03 10:00"}, ""},
		{"a visit that the family cancelled is none", []string{"a no-access 2026-09-02 10:00", "b no-access 2026-09-03 10:00", "c cancelled-by-family 2026-09-04 10:00"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := story{pathways: []*Pathway{p}, opened: "2026-09-01 09:00", events: tt.events}.derive(t)
			if got := lines(organisation(t), r.Duties); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// TestWhatOpensByItselfSaysWhy: it counts from the booked time, or from the silence, and
// not from the event before it.
func TestWhatOpensByItselfSaysWhy(t *testing.T) {
	r := story{pathways: []*Pathway{planned(t)}, opened: "2026-09-01 09:00", events: []string{"b visit-booked 2026-09-02 10:00 booked=2026-09-08_10:00",
		"c cancelled-by-family 2026-09-09 09:00", "d decision-recorded 2026-09-10 09:00"}}.derive(t)
	var got []string
	for i := range r.Duties[1:] {
		got = append(got, r.Duties[1+i].Explain(organisation(t)))
	}
	want := []string{"1 working day from the time booked for the visit on Tue 8 September", "10 working days from the case falling silent on Wed 9 September",
		"12 weeks from the event “decision recorded” on Thu 10 September"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// bookings draws events of which some book visits.
func bookings(cal *Calendar) *rapid.Generator[[]Event] {
	kinds := []string{KindVisitBooked, KindVisitBooked, KindAppointmentOffered, KindNoAccess, KindNotBrought, KindSeen, KindCancelledByFamily,
		KindDeclined, KindPlanRecorded, KindDecisionRecorded, KindClosed, KindReopened, KindVoided, KindLetterSent}
	return rapid.Custom(func(t *rapid.T) []Event {
		n := rapid.IntRange(0, 12).Draw(t, "events")
		start := cal.StartOf(Date{2026, 12, 16})
		events := make([]Event, n)
		for i := range events {
			at := start.Add(time.Duration(rapid.IntRange(0, 80).Draw(t, "at")) * 6 * time.Hour)
			e := Event{ID: string(rune('a' + i)), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), At: at,
				Recorded: at.Add(time.Duration(rapid.IntRange(0, 96).Draw(t, "late")) * time.Hour)}
			switch e.Kind {
			case KindVisitBooked:
				e.Booked = at.Add(time.Duration(rapid.IntRange(-4, 60).Draw(t, "booked")) * 6 * time.Hour)
			case KindAppointmentOffered:
				if rapid.Bool().Draw(t, "dated") {
					e.Booked = at.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "booked")) * 6 * time.Hour)
				}
			case KindVoided:
				e.Value = string(rune('a' + rapid.IntRange(0, n-1).Draw(t, "voids")))
			}
			events[i] = e
		}
		return events
	})
}

// TestNothingFallsSilent: at any instant an open case was seen at its latest visit, or
// a duty is open, or something is booked. What was recorded when the case was over counts
// for nothing. The order of the events does not matter.
func TestNothingFallsSilent(t *testing.T) {
	cal := organisation(t)
	rules := NewRules(cal, nil)
	rules.AddPathway(planned(t), time.Time{})
	c := Case{Ref: "C-1", Pathway: "planned", Practitioner: "W1", Manager: "M1", Opened: cal.StartOf(Date{2026, 12, 17})}
	rapid.Check(t, func(t *rapid.T) {
		events := bookings(cal).Draw(t, "history")
		r, err := Derive(rules, &c, events)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Derive(rules, &c, rapid.Permutation(slices.Clone(events)).Draw(t, "order"))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r, again) {
			t.Fatalf("another order of the same events gives other duties:\n%s\n%s", lines(cal, r.Duties), lines(cal, again.Duties))
		}
		keys := map[string]bool{}
		for _, d := range r.Duties {
			if key := d.ID + "/" + d.Opening; keys[key] {
				t.Fatalf("duty %s opened twice", key)
			} else {
				keys[key] = true
			}
			if !d.Met.IsZero() && d.Met.Before(d.Opened) && !d.Opened.Equal(c.Opened) {
				t.Fatalf("%s was met at %s, before it opened at %s", d.ID, d.Met, d.Opened)
			}
		}
		history := slices.DeleteFunc(History(&c, events), func(e Event) bool {
			return slices.ContainsFunc(r.Unheeded, func(u Unheeded) bool { return u.Event.ID == e.ID && !u.Closed.IsZero() })
		})
		for hour := range 24 * 60 {
			at := c.Opened.Add(time.Duration(hour) * time.Hour)
			if slices.ContainsFunc(r.Unheeded, func(u Unheeded) bool { return !at.Before(u.Event.At) && at.Before(u.Closed) }) {
				continue // nobody knew of that visit until the case was over
			}
			if why := silentAt(cal, history, r.Duties, at); why != "" {
				t.Fatalf("silent at %s: %s\n%s", at, why, lines(cal, r.Duties))
			}
		}
	})
}

// silentAt says why nobody would hear of a case any more; empty where somebody would.
func silentAt(cal *Calendar, history []Event, duties []Duty, at time.Time) string {
	closed, seen := false, false
	var booked time.Time
	for i := range history {
		e := &history[i]
		if e.At.After(at) {
			break
		}
		switch {
		case e.Kind == KindClosed:
			closed, booked = true, time.Time{}
		case e.Kind == KindReopened:
			closed = false
		case e.Kind == KindSeen, Unsuccessful(e.Kind):
			seen = e.Kind == KindSeen
			if !cal.DateOf(e.At).Before(cal.DateOf(booked)) {
				booked = time.Time{}
			}
		case e.Kind == KindCancelledByFamily, e.Kind == KindDeclined:
			seen, booked = false, time.Time{}
		}
		if !closed && e.Books() {
			if booked = e.Booked; booked.Before(e.At) {
				booked = e.At
			}
		}
	}
	if closed || seen || !cal.DateOf(booked).Before(cal.DateOf(at)) {
		return ""
	}
	for i := range duties {
		d := &duties[i]
		if !d.Opened.After(at) && (d.Met.IsZero() || d.Met.After(at)) && (d.Ended.IsZero() || d.Ended.After(at)) {
			return ""
		}
	}
	return "it is open, nobody was seen, nothing is to be done, and what is booked is past"
}

// TestVisitOnAClosedCaseOpensNothing: nor does one that happened before the closing and
// is recorded after it. Once the case is reopened, it was the latest visit.
func TestVisitOnAClosedCaseOpensNothing(t *testing.T) {
	tests := []struct {
		name   string
		events []string
		want   string // duties but the first
		raised bool
	}{
		{"after the closing", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00", "v no-access 2026-09-04 10:00"}, "", true},
		{"before it, recorded after it", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00", "v no-access 2026-09-02 10:00 recorded=2026-09-04_10:00"}, "", true},
		{"before it, and recorded before it", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00", "v no-access 2026-09-02 10:00 recorded=2026-09-03_09:00"},
			"plan 1 2026-09-03 17:00 ended: the case was closed\n", false},
		{"before it, and recorded together with it", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00 recorded=2026-09-04_10:00", "v no-access 2026-09-02 10:00 recorded=2026-09-04_10:00"},
			"plan 1 2026-09-03 17:00 ended: the case was closed\n", false},
		{"before it, recorded in time and once more after it", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00",
			"v1 no-access 2026-09-02 10:00 recorded=2026-09-04_10:00", "v2 no-access 2026-09-02 10:00"},
			"plan 1 2026-09-03 17:00 ended: the case was closed\n", false},
		{"the closing was voided", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00", "v no-access 2026-09-04 10:00", "x voided 2026-09-05 10:00 value=c"},
			"plan 1 2026-09-07 17:00 open\n", false},
		{"the visit was voided", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00", "v no-access 2026-09-04 10:00", "x voided 2026-09-05 10:00 value=v"}, "", false},
		{"the case was reopened", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00", "v no-access 2026-09-04 10:00", "r reopened 2026-09-07 10:00", "l appointment-offered 2026-09-07 11:00"},
			"contact 1 2026-09-14 17:00 met 2026-09-07 11:00\nnext 1 2026-09-21 17:00 open\n", false},
		{"the case was reopened from before the visit, which became known after it", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00",
			"v no-access 2026-09-08 10:00", "r reopened 2026-09-07 10:00 recorded=2026-09-09_10:00"},
			"contact 0 2026-09-14 17:00 met 2026-09-08 10:00\nplan 1 2026-09-09 17:00 open\n", false},
		{"the same record tells of the reopening and of the visit after it", []string{"s seen 2026-09-01 10:00", "c closed 2026-09-03 10:00",
			"r reopened 2026-09-07 10:00 recorded=2026-09-09_10:00", "v no-access 2026-09-08 10:00 recorded=2026-09-09_10:00"},
			"contact 0 2026-09-14 17:00 met 2026-09-08 10:00\nplan 1 2026-09-09 17:00 open\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := story{pathways: []*Pathway{planned(t)}, opened: "2026-09-01 09:00", events: tt.events}.derive(t)
			if got := lines(organisation(t), r.Duties[1:]); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
			raised := slices.ContainsFunc(r.Flags, func(f Flag) bool { return f.ID == FlagVisitAfterClosing })
			if raised != tt.raised {
				t.Errorf("flags %+v; that there is a visit on a closed case: %v, want %v", r.Flags, raised, tt.raised)
			}
		})
	}
}
