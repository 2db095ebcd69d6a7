package pathway

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// noted records events on a case that W1 works on and M1 manages, opened on 1 September
// 2026, and returns what those who recorded them are told.
func noted(t *testing.T, p *Pathway, events ...Event) []string {
	t.Helper()
	cal := organisation(t)
	rules := NewRules(cal, map[string]*Ladder{"routine": {ID: "routine"}})
	rules.AddPathway(p, time.Time{})
	opened, now := clock(t, cal, "2026-09-01 09:00"), clock(t, cal, "2027-04-01 09:00")
	r := &Recording{
		Ref:    "KN-7",
		Roles:  map[string]Role{"W1": Practitioner, "W2": Practitioner, "M1": Manager, "M2": Manager, "V1": ServiceManager, "C1": Chair, "A1": Admin},
		Digest: func(d *Duty) int64 { return int64(len(fmt.Sprint(d))) }, DigestOfCase: func(*Case) int64 { return 1 },
		Cases: []CaseRow{{Row: 1, Case: Case{Ref: "KN-7", Pathway: p.ID, Opened: opened, Recorded: opened, Practitioner: "W1", Manager: "M1", Chair: "C1"}, Given: GivenAll}},
	}
	for i, e := range events {
		e.Case, e.ID = "KN-7", fmt.Sprintf("e%d", i+1)
		if e.Recorded.IsZero() {
			e.Recorded = e.At
		}
		r.Events = append(r.Events, EventRow{Row: i + 1, Event: e, Given: GivenAll})
	}
	r.WorkOut(rules, nil, now)
	if len(r.Faults) > 0 {
		t.Fatalf("faults %v, want none", r.Faults)
	}
	var said []string
	for _, n := range r.Notes(rules, 100) {
		said = append(said, fmt.Sprintf("%d: %s", n.Row, n.Message))
	}
	if len(said) != r.NoteCount() {
		t.Errorf("%d notes are told and %d counted", len(said), r.NoteCount())
	}
	return said
}

// TestWhatCountsForNothingBecauseOfWhoSaidItIsSaid: the guidance asks for the
// manager's timeframe, and for both to record.
func TestWhatCountsForNothingBecauseOfWhoSaidItIsSaid(t *testing.T) {
	cal := organisation(t)
	p := pathwayOf(t, "csc",
		duty{id: "set-timeframe", owner: "manager", opens: "attempt 1", due: "24 hours", metBy: "timeframe-set by manager"},
		duty{id: "see-child-again", opens: "attempt 1", due: "5 working days", metBy: "seen", sooner: "timeframe-set by manager"},
		duty{id: "record-practitioner", opens: "unsuccessful", due: "1 working day", metBy: "recorded by practitioner"},
		duty{id: "record-manager", owner: "manager", opens: "unsuccessful", due: "1 working day", metBy: "recorded by manager"},
		duty{id: "consider-review", owner: "manager", opens: "attempt 1", due: "1 working day", metBy: "review-considered"},
	)
	visit := Event{Kind: KindNoAccess, At: clock(t, cal, "2026-09-02 10:00"), By: "W1"}
	sets := func(by, when string) Event {
		return Event{Kind: KindTimeframeSet, At: clock(t, cal, when), By: by, Due: clock(t, cal, "2026-09-07")}
	}
	records := func(by, when string) Event { return Event{Kind: KindRecorded, At: clock(t, cal, when), By: by} }
	const decides = "is one: it is taken as recorded; have it confirmed by whoever decides it"
	for _, tt := range []struct {
		name   string
		events []Event
		want   string
	}{
		{"the manager's timeframe", []Event{visit, sets("M1", "2026-09-02 12:00")}, ""},
		{"another manager's", []Event{visit, sets("M2", "2026-09-02 12:00")}, ""},
		{"the service manager's", []Event{visit, sets("V1", "2026-09-02 12:00")}, ""},
		{"the practitioner's", []Event{visit, sets("W1", "2026-09-02 12:00")},
			`2: does not count for "set-timeframe": that takes timeframe-set by the manager, and this one is by W1`},
		{"nobody's", []Event{visit, sets("", "2026-09-02 12:00")},
			`2: does not count for "set-timeframe": that takes timeframe-set by the manager, and this one does not say by whom`},
		{"one that would move the date", []Event{visit, sets("M1", "2026-09-02 12:00"), sets("W1", "2026-09-02 13:00")},
			`3: does not count for "see-child-again": that takes timeframe-set by the manager, and this one is by W1`},
		{"one with nothing to set", []Event{sets("W1", "2026-09-02 09:00"), visit}, ""},
		{"both record", []Event{visit, records("W1", "2026-09-02 12:00"), records("M1", "2026-09-02 13:00")}, ""},
		{"the practitioner twice", []Event{visit, records("W1", "2026-09-02 12:00"), records("W1", "2026-09-02 13:00")},
			`3: does not count for "record-manager": that takes recorded by the manager, and this one is by W1`},
		{"admin staff for both", []Event{visit, records("A1", "2026-09-02 12:00")},
			`2: does not count for "record-practitioner": that takes recorded by the practitioner, and this one is by A1`},
		{"a practitioner who considers a review", []Event{visit, {Kind: KindReviewConsidered, At: clock(t, cal, "2026-09-02 12:00"), By: "W1", Value: "review=yes;legal=no"}},
			"2: review-considered is not for a practitioner to record, and W1 " + decides},
		{"a manager who does", []Event{visit, {Kind: KindReviewConsidered, At: clock(t, cal, "2026-09-02 12:00"), By: "M1", Value: "review=yes;legal=no"}}, ""},
		{"admin staff who reallocate", []Event{{Kind: KindReallocated, At: clock(t, cal, "2026-09-02 12:00"), By: "A1", Value: "W2"}},
			"1: reallocated is not for a member of admin staff to record, and A1 " + decides},
		{"a chair who was there", []Event{{Kind: KindSeen, At: clock(t, cal, "2026-09-02 12:00"), By: "C1"}},
			"1: seen is not for a chair to record, and C1 " + decides},
		{"a chair who agrees the action", []Event{{Kind: KindActionAgreed, At: clock(t, cal, "2026-09-02 12:00"), By: "C1"}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(noted(t, p, tt.events...), "\n"); got != tt.want {
				t.Errorf("notes\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestWhatIsOddAboutATimeIsSaid: before the case, after it, and where the clocks are
// changed.
func TestWhatIsOddAboutATimeIsSaid(t *testing.T) {
	cal := organisation(t)
	p := pathwayOf(t, "hv", duty{id: "contact-again", opens: "attempt 1", due: "2 weeks", metBy: "seen"})
	on := func(kind, when string) Event { return Event{Kind: kind, At: clock(t, cal, when), By: "W1"} }
	doubtful := func(when time.Time, doubt ClockDoubt) Event {
		return Event{Kind: KindSeen, At: when, By: "W1", AtClock: doubt}
	}
	closed := "the case was closed on Thu 10 September 2026 at 12:00: this opens and meets nothing; reopen the case, or correct the date"
	for _, tt := range []struct {
		name   string
		events []Event
		want   string
	}{
		{"the day before the case", []Event{on(KindSeen, "2026-08-31 12:00")}, "1: lies before the case was opened on 2026-09-01: check the date, and the case"},
		{"the morning of the day", []Event{on(KindSeen, "2026-09-01 08:00")}, ""},
		{"after its end", []Event{on(KindClosed, "2026-09-10 12:00"), on(KindNoAccess, "2026-09-11 12:00"), on(KindSeen, "2026-09-12 12:00")}, "2: " + closed + "\n3: " + closed},
		{"what comes after an end by its nature", []Event{on(KindClosed, "2026-09-10 12:00"), on(KindLetterSent, "2026-09-11 12:00"), on(KindCardLeft, "2026-09-11 12:00")}, ""},
		{"after it was reopened", []Event{on(KindClosed, "2026-09-10 12:00"), on(KindReopened, "2026-09-11 12:00"), on(KindSeen, "2026-09-12 12:00")}, ""},
		{"shown twice", []Event{doubtful(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), ShownTwice)},
			"1: at: the clocks showed this time twice that night: it is taken for the first, 2026-10-25T01:30:00+01:00; where it was the second, void it and record it as 2026-10-25T01:30:00Z"},
		{"skipped", []Event{doubtful(time.Date(2027, 3, 28, 1, 30, 0, 0, time.UTC), Skipped)},
			"1: at: the clocks skipped this time that night: it is taken for 2027-03-28T02:30:00+01:00; where that is wrong, void it and record it with its offset"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(noted(t, p, tt.events...), "\n"); got != tt.want {
				t.Errorf("notes\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
