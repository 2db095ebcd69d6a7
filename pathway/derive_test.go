package pathway

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// visits is a small pathway in the manner of social care.
func visits(t testing.TB) *Pathway {
	return pathwayOf(t, "visits",
		duty{id: "discuss", opens: "attempt 1", due: "24 hours", metBy: "discussed-with-manager"},
		duty{id: "set-timeframe", owner: "manager", opens: "attempt 1", due: "24 hours", metBy: "timeframe-set by manager"},
		duty{id: "see-again", opens: "attempt 1", due: "5 working days", sooner: "timeframe-set by manager", metBy: "seen"},
		duty{id: "see-now", opens: "attempt 2+", due: "24 hours", metBy: "seen"},
		duty{id: "record", opens: "attempt 1+", due: "1 working day", metBy: "recorded by practitioner"},
	)
}

func TestDerivedDuties(t *testing.T) {
	careful := pathwayOf(t, "careful",
		duty{id: "liaise", opens: "attempt 1", due: "1 working day", metBy: "liaison", checklist: "gp | housing | childrens-services"},
		duty{id: "set-date", opens: "attempt 1+", due: "1 working day", metBy: "timeframe-set"},
		duty{id: "visit-by", opens: "timeframe-set", due: "the date set", metBy: "seen | unsuccessful", replaces: true},
		duty{id: "refer", opens: "attempt 2+", due: "1 working day", metBy: "referral-decided"},
		duty{id: "contact", opens: "opened", due: "5 working days", metBy: "unsuccessful | seen"},
	)
	plain := pathwayOf(t, "plain",
		duty{id: "contact", opens: "opened", due: "5 working days", metBy: "unsuccessful | seen"},
		duty{id: "liaise", opens: "attempt 1", due: "2 working days", metBy: "liaison", checklist: "gp | housing"},
	)
	plain.Moves = []Move{{On: must(ParseMatch("vulnerability-answered=yes"))(t), To: "careful"}}
	rhythm := pathwayOf(t, "rhythm",
		duty{id: "see", opens: "opened | seen", due: "at least every 10 working days", metBy: "seen"},
		duty{id: "before-birth", opens: "opened", due: "2 weeks before edd", metBy: "seen"},
	)

	tests := []struct {
		name     string
		pathways []*Pathway
		c        Case
		events   []string
		want     string
	}{
		{name: "the manager's date comes before the five working days",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00 by=W1", "x2 timeframe-set 2026-09-02 15:05 by=M1 due=2026-09-07"},
			want: `discuss 1 2026-09-03 10:00 open
set-timeframe 1 2026-09-03 10:00 met 2026-09-02 15:05
see-again 1 2026-09-07 17:00 open
record 1 2026-09-03 17:00 open
`},
		{name: "a later date than the cap leaves the cap",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00 by=W1", "x2 timeframe-set 2026-09-02 15:05 by=M1 due=2026-09-30"},
			want: `discuss 1 2026-09-03 10:00 open
set-timeframe 1 2026-09-03 10:00 met 2026-09-02 15:05
see-again 1 2026-09-09 17:00 open
record 1 2026-09-03 17:00 open
`},
		{name: "a timeframe from the practitioner is not the manager's",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00 by=W1", "x2 timeframe-set 2026-09-02 15:05 by=W1 due=2026-09-07"},
			want: `discuss 1 2026-09-03 10:00 open
set-timeframe 1 2026-09-03 10:00 open
see-again 1 2026-09-09 17:00 open
record 1 2026-09-03 17:00 open
`},
		{name: "a second unsuccessful visit keeps the first one's duties",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00", "x2 not-seen 2026-09-03 09:00", "x3 seen 2026-09-03 20:00"},
			want: `discuss 1 2026-09-03 10:00 open
set-timeframe 1 2026-09-03 10:00 open
see-again 1 2026-09-09 17:00 met 2026-09-03 20:00
record 1 2026-09-03 17:00 open
see-now 2 2026-09-04 09:00 met 2026-09-03 20:00
record 2 2026-09-04 17:00 open
`},
		{name: "a visit cancelled by the family is not an attempt",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 cancelled-by-family 2026-09-02 10:00"}},
		{name: "two records of one visit are one attempt",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00 by=W1", "x2 not-seen 2026-09-02 10:00 by=W2", "x1 no-access 2026-09-02 10:00 by=W1"},
			want: `discuss 1 2026-09-03 10:00 open
set-timeframe 1 2026-09-03 10:00 open
see-again 1 2026-09-09 17:00 open
record 1 2026-09-03 17:00 open
`},
		{name: "seen and not seen at one instant leaves the clock running",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00", "x2 seen 2026-09-02 10:00", "x3 discussed-with-manager 2026-09-02 10:00"},
			want: `discuss 1 2026-09-03 10:00 met 2026-09-02 10:00
set-timeframe 1 2026-09-03 10:00 open
see-again 1 2026-09-09 17:00 open
record 1 2026-09-03 17:00 open
`},
		{name: "a voided visit opens nothing, and what followed is derived again",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00", "x2 no-access 2026-09-03 10:00", "x3 voided 2026-09-03 11:00 value=x1"},
			want: `discuss 1 2026-09-04 10:00 open
set-timeframe 1 2026-09-04 10:00 open
see-again 1 2026-09-10 17:00 open
record 1 2026-09-04 17:00 open
`},
		{name: "a void that was itself voided counts for nothing",
			pathways: []*Pathway{visits(t)},
			events:   []string{"x1 no-access 2026-09-02 10:00", "x3 voided 2026-09-03 11:00 value=x1", "x4 voided 2026-09-03 12:00 value=x3"},
			want: `discuss 1 2026-09-03 10:00 open
set-timeframe 1 2026-09-03 10:00 open
see-again 1 2026-09-09 17:00 open
record 1 2026-09-03 17:00 open
`},
		{name: "a visit recorded days late counts from when it happened",
			pathways: []*Pathway{pathwayOf(t, "p", duty{id: "discuss", opens: "attempt 1", due: "24 hours", metBy: "seen"})},
			events:   []string{"x1 no-access 2026-09-02 10:00 recorded=2026-09-05_09:00"},
			want:     "discuss 1 2026-09-03 10:00 open\n"},
		{name: "met in time although recorded after it was due",
			pathways: []*Pathway{pathwayOf(t, "p", duty{id: "discuss", opens: "attempt 1", due: "24 hours", metBy: "discussed-with-manager"})},
			events:   []string{"x1 no-access 2026-09-02 10:00", "x2 discussed-with-manager 2026-09-02 12:00 recorded=2026-09-09_12:00"},
			want:     "discuss 1 2026-09-03 10:00 met 2026-09-02 12:00\n"},
		{name: "closing ends what is open; reopening starts the first duty again and keeps the count",
			pathways: []*Pathway{careful},
			events:   []string{"x1 no-access 2026-09-02 10:00", "x2 closed 2026-09-02 12:00", "x3 reopened 2026-09-07 09:00", "x4 no-access 2026-09-08 10:00"},
			want: `contact 0 2026-09-08 17:00 met 2026-09-02 10:00
liaise 1 2026-09-03 17:00 ended: the case was closed
set-date 1 2026-09-03 17:00 ended: the case was closed
contact 1 2026-09-14 17:00 met 2026-09-08 10:00
set-date 2 2026-09-09 17:00 open
refer 2 2026-09-09 17:00 open
`},
		{name: "a later timescale replaces the one before",
			pathways: []*Pathway{careful},
			events:   []string{"x1 timeframe-set 2026-09-02 10:00 due=2026-09-04", "x2 timeframe-set 2026-09-03 10:00 due=2026-09-08"},
			want: `contact 0 2026-09-08 17:00 open
visit-by 0 2026-09-04 17:00 ended: replaced by a later decision
visit-by 0 2026-09-08 17:00 open
`},
		{name: "yes to vulnerabilities moves the case, keeps the count, and asks for the rest of the longer checklist",
			pathways: []*Pathway{plain, careful},
			events: []string{"x1 no-access 2026-09-02 10:00", "x2 liaison 2026-09-02 11:00 value=gp",
				"x3 vulnerability-answered 2026-09-03 10:00 value=Yes", "x4 liaison 2026-09-03 11:00 value=housing;childrens-services",
				"x5 no-access 2026-09-10 10:00"},
			want: `contact 0 2026-09-08 17:00 met 2026-09-02 10:00
liaise 1 2026-09-04 17:00 ended: the case moved to a pathway that asks for more
liaise 1 2026-09-04 17:00 met 2026-09-03 11:00
set-date 1 2026-09-04 17:00 open
set-date 2 2026-09-11 17:00 open
refer 2 2026-09-11 17:00 open
`},
		{name: "no to vulnerabilities moves nothing",
			pathways: []*Pathway{plain, careful},
			events:   []string{"x1 no-access 2026-09-02 10:00", "x3 vulnerability-answered 2026-09-03 10:00 value=no"},
			want: `contact 0 2026-09-08 17:00 met 2026-09-02 10:00
liaise 1 2026-09-04 17:00 open
`},
		{name: "a change to a visiting pathway starts its rhythm",
			pathways: []*Pathway{plain, rhythm},
			events:   []string{"x1 seen 2026-09-02 10:00", "x2 pathway-changed 2026-09-03 10:00 value=rhythm"},
			want: `contact 0 2026-09-08 17:00 met 2026-09-02 10:00
see 0 2026-09-17 17:00 open
`},
		{name: "the case's own frequency may be shorter",
			pathways: []*Pathway{rhythm},
			events:   []string{"x1 frequency-set 2026-09-02 10:00 value=5_working_days"},
			want:     "see 0 2026-09-08 17:00 open\n"},
		{name: "the case's own frequency is never longer",
			pathways: []*Pathway{rhythm},
			c:        Case{VisitEvery: Offset{4, Weeks}},
			want:     "see 0 2026-09-15 17:00 open\n"},
		{name: "an expected date of delivery that comes later opens the duty, and a new one moves it",
			pathways: []*Pathway{rhythm},
			events:   []string{"x1 edd-changed 2026-09-02 10:00 due=2026-12-24", "x2 edd-changed 2026-09-03 10:00 due=2026-12-20"},
			want: `see 0 2026-09-15 17:00 open
before-birth 0 2026-12-06 17:00 open
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := story{pathways: tt.pathways, c: tt.c, opened: "2026-09-01 09:00", events: tt.events}.derive(t)
			if got := lines(organisation(t), r.Duties); got != tt.want {
				t.Errorf("duties:\n%swant:\n%s", got, tt.want)
			}
		})
	}
}

func TestWhatAPersonAskedForIsFlagged(t *testing.T) {
	late := []string{"x1 no-access 2026-09-02 10:00 by=W1", "x2 timeframe-set 2026-09-02 15:05 by=M1 due=2026-09-30"}
	r := story{pathways: []*Pathway{visits(t)}, opened: "2026-09-01 09:00", events: late}.derive(t)
	want := []Flag{{ID: FlagLaterThanCap, Event: "x2", Duty: "see-again", NoReason: true,
		Text: "a later date was asked for, Wed 30 September; the pathway allows no later than this"}}
	if !reflect.DeepEqual(r.Flags, want) {
		t.Errorf("flags %+v, want %+v", r.Flags, want)
	}
	rhythm := pathwayOf(t, "rhythm", duty{id: "see", opens: "opened | seen", due: "at least every 10 working days", metBy: "seen"})
	r = story{pathways: []*Pathway{rhythm}, opened: "2026-09-01 09:00",
		events: []string{"x1 frequency-set 2026-09-02 10:00 value=4_weeks reason=school", "x2 seen 2026-09-03 10:00"}}.derive(t)
	if len(r.Flags) != 1 || r.Flags[0].Event != "x1" || r.Flags[0].NoReason || !r.Duties[1].LaterThan {
		t.Errorf("flags %+v, want one with a reason, raised by x1 and not again by x2", r.Flags)
	}
	p := visits(t)
	p.Flags = []FlagRule{{ID: "cancelled", Title: "three in a row", On: must(ParseTrigger("3 cancelled-by-family in a row"))(t)}}
	cancelled := []string{"x1 cancelled-by-family 2026-09-02 10:00", "x2 cancelled-by-family 2026-09-03 10:00",
		"x3 supervision 2026-09-03 11:00", "x4 cancelled-by-family 2026-09-04 10:00", "x5 cancelled-by-family 2026-09-05 10:00"}
	r = story{pathways: []*Pathway{p}, opened: "2026-09-01 09:00", events: cancelled}.derive(t)
	if len(r.Flags) != 1 || r.Flags[0].Event != "x4" {
		t.Errorf("flags %+v, want one, raised by x4", r.Flags)
	}
	r = story{pathways: []*Pathway{visits(t)}, opened: "2026-09-01 09:00",
		events: []string{"x1 closed 2026-09-02 10:00", "x2 no-access 2026-09-03 10:00"}}.derive(t)
	if len(r.Duties) != 0 || len(r.Flags) != 1 || r.Flags[0].ID != FlagVisitAfterClosing {
		t.Errorf("after closing: duties %v flags %+v, want no duty and the flag %s", r.Duties, r.Flags, FlagVisitAfterClosing)
	}
}

func TestOpenDutyKeepsItsDueTimeWhenThePathwayFileChanges(t *testing.T) {
	cal := organisation(t)
	before := pathwayOf(t, "p", duty{id: "discuss", opens: "attempt 1+", due: "24 hours", metBy: "discussed-with-manager"})
	after := pathwayOf(t, "p", duty{id: "discuss", opens: "attempt 1+", due: "4 hours", metBy: "discussed-with-manager"})
	after.Version = "v2"
	rules := NewRules(cal, nil)
	rules.AddPathway(before, time.Time{})
	rules.AddPathway(after, clock(t, cal, "2026-09-02 12:00"))
	c := Case{Ref: "C-1", Pathway: "p", Opened: clock(t, cal, "2026-09-01 09:00")}
	r, err := Derive(rules, &c, []Event{
		event(t, cal, "x1 no-access 2026-09-02 10:00"),
		event(t, cal, "x2 no-access 2026-09-02 13:00"),
		// It happened before the change but was recorded after: the new file.
		event(t, cal, "x3 no-access 2026-09-02 11:00 recorded=2026-09-02_14:00"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "discuss 1 2026-09-03 10:00 open\ndiscuss 2 2026-09-02 15:00 open\ndiscuss 3 2026-09-02 17:00 open\n"
	if got := lines(cal, r.Duties); got != want {
		t.Errorf("duties:\n%swant:\n%s", got, want)
	}
}

func TestUnknownPathwayIsAnErrorThatNamesTheCase(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	_, err := Derive(rules, &Case{Ref: "KN-9", Pathway: "nowhere"}, nil)
	if err == nil || !strings.Contains(err.Error(), "KN-9") || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v, want one that names KN-9 and nowhere", err)
	}
}

// histories draws events as record systems give them: coarse times, so that
// instants coincide, and voids.
func histories(cal *Calendar) *rapid.Generator[[]Event] {
	kinds := []string{KindNoAccess, KindNotSeen, KindSeen, KindDiscussedWithManager, KindTimeframeSet, KindRecorded, KindCancelledByFamily, KindClosed, KindReopened, KindVoided}
	return rapid.Custom(func(t *rapid.T) []Event {
		n := rapid.IntRange(0, 12).Draw(t, "events")
		start := cal.StartOf(Date{2026, 12, 18})
		events := make([]Event, n)
		for i := range events {
			at := start.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "at")) * 6 * time.Hour)
			by := rapid.SampledFrom([]string{"W1", "M1", ""}).Draw(t, "by")
			events[i] = Event{ID: string(rune('a' + i)), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), At: at, By: by,
				Recorded: at.Add(time.Duration(rapid.IntRange(0, 48).Draw(t, "late")) * time.Hour)}
			if events[i].Kind == KindVoided {
				events[i].Value = string(rune('a' + rapid.IntRange(0, n-1).Draw(t, "voids")))
			}
			if events[i].Kind == KindTimeframeSet {
				events[i].Due = at.AddDate(0, 0, rapid.IntRange(0, 10).Draw(t, "days"))
			}
		}
		return events
	})
}

func TestDerivingHasItsProperties(t *testing.T) {
	cal := organisation(t)
	p := visits(t)
	rules := NewRules(cal, nil)
	rules.AddPathway(p, time.Time{})
	c := Case{Ref: "C-1", Pathway: "visits", Practitioner: "W1", Manager: "M1", Opened: cal.StartOf(Date{2026, 12, 17})}
	rapid.Check(t, func(t *rapid.T) {
		events := histories(cal).Draw(t, "history")
		r, err := Derive(rules, &c, events)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := rapid.Permutation(slices.Clone(events)).Draw(t, "order")
		again, err := Derive(rules, &c, shuffled)
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
			if due := p.Rule(d.ID).Due[0].Within.Offset; due.Unit == WorkingDays && !cal.IsWorkingDay(cal.DateOf(d.Due)) && d.Moved.IsZero() {
				t.Fatalf("%s is due on %s, no working day", d.ID, cal.DateOf(d.Due))
			}
			if !d.Met.IsZero() && d.Met.Before(d.Opened) {
				t.Fatalf("%s was met at %s, before it opened at %s", d.ID, d.Met, d.Opened)
			}
		}
	})
}

func BenchmarkDeriveCaseWithTenEvents(b *testing.B) {
	cal := organisation(b)
	rules := NewRules(cal, nil)
	rules.AddPathway(visits(b), time.Time{})
	c := Case{Ref: "C-1", Pathway: "visits", Practitioner: "W1", Manager: "M1", Opened: clock(b, cal, "2026-09-01 09:00")}
	var events []Event
	for _, s := range []string{
		"x1 no-access 2026-09-02 10:00 by=W1", "x2 discussed-with-manager 2026-09-02 15:00 by=W1",
		"x3 timeframe-set 2026-09-02 15:05 by=M1 due=2026-09-07", "x4 recorded 2026-09-03 09:00 by=W1",
		"x5 no-access 2026-09-04 11:00 by=W1", "x6 recorded 2026-09-04 16:00 by=M1",
		"x7 discussed-with-manager 2026-09-04 16:10 by=W1", "x8 not-seen 2026-09-05 10:00 by=W1",
		"x9 recorded 2026-09-05 12:00 by=W1", "y1 seen 2026-09-06 10:00 by=W1",
	} {
		events = append(events, event(b, cal, s))
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := Derive(rules, &c, events); err != nil || len(r.Duties) != 8 {
			b.Fatalf("%d duties, %v", len(r.Duties), err)
		}
	}
}
