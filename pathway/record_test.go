package pathway

import (
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"
)

// listed works out what a row of a list of cases changes of a case that is known by
// an earlier row.
func listed(t *testing.T, rules *Rules, before Case, change func(c *Case)) *Recording {
	t.Helper()
	roles := map[string]Role{"W1": Practitioner, "W2": Practitioner, "M1": Manager}
	digest := func(d *Duty) int64 { return int64(len(fmt.Sprint(d))) }
	digestOfCase := func(c *Case) int64 { return int64(crc32.ChecksumIEEE(fmt.Append(nil, *c))) }
	first := Recording{Ref: before.Ref, Roles: roles, Digest: digest, DigestOfCase: digestOfCase,
		Cases: []CaseRow{{Row: 1, Case: before, Given: GivenAll}}}
	first.WorkOut(rules, nil, before.Recorded)
	if first.Kept == nil || len(first.Faults) > 0 {
		t.Fatalf("the first row is refused: %v", first.Faults)
	}
	after := before
	change(&after)
	r := &Recording{Ref: before.Ref, Roles: roles, Digest: digest, DigestOfCase: digestOfCase,
		Cases: []CaseRow{{Row: 2, Case: after, Given: GivenAll}},
		Known: &Known{Case: first.Kept, Events: first.NewEvents}}
	r.WorkOut(rules, nil, before.Recorded.Add(24*time.Hour))
	return r
}

// TestWhatAListSaysAnewIsAnEvent: valid by itself, and it takes effect.
func TestWhatAListSaysAnewIsAnEvent(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	for _, id := range []string{"hv-child", "hv-antenatal"} {
		rules.AddPathway(&Pathway{ID: id}, time.Time{})
	}
	opened := time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)
	c := Case{Ref: "KN-7", Pathway: "hv-antenatal", Opened: opened, Recorded: opened, Practitioner: "W1", Manager: "M1", EDD: Date{2026, 12, 1}}
	for _, tt := range []struct {
		name   string
		change func(c *Case)
		events string
		now    CaseNow
	}{
		{"another team", func(c *Case) { c.Team = "East" }, "", CaseNow{"hv-antenatal", "W1", "M1", "2026-12-01", false, true}},
		{"another pathway", func(c *Case) { c.Pathway = "hv-child" }, "pathway-changed", CaseNow{"hv-child", "W1", "M1", "2026-12-01", false, true}},
		{"another practitioner", func(c *Case) { c.Practitioner = "W2" }, "reallocated", CaseNow{"hv-antenatal", "W2", "M1", "2026-12-01", false, true}},
		{"another date of delivery", func(c *Case) { c.EDD = Date{2026, 12, 20} }, "edd-changed", CaseNow{"hv-antenatal", "W1", "M1", "2026-12-20", false, true}},
		{"closed", func(c *Case) { c.Closed = opened.Add(time.Hour) }, "closed", CaseNow{"hv-antenatal", "W1", "M1", "2026-12-01", true, true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := listed(t, rules, c, tt.change)
			var kinds []string
			for i := range r.NewEvents {
				e := r.NewEvents[i]
				kinds = append(kinds, e.Kind)
				if faults := NewChecker(rules, e.Recorded).Event(&e); len(faults) > 0 {
					t.Errorf("the event is not valid by itself: %v", faults)
				}
			}
			if got := strings.Join(kinds, " "); got != tt.events {
				t.Errorf("events %q, want %q", got, tt.events)
			}
			if r.Kept == nil || r.Kept.Now != tt.now {
				t.Errorf("the case stands at %+v (faults %v), want %+v", r.Kept.Now, r.Faults, tt.now)
			}
		})
	}
}

// TestAListThatTellsOfALaterTimeReopensTheCaseThen: on the day when it began again,
// not on the day of the list; the case keeps when it was first opened.
func TestAListThatTellsOfALaterTimeReopensTheCaseThen(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	rules.AddPathway(&Pathway{ID: "csc-plan"}, time.Time{})
	opened := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	closed, again := opened.AddDate(0, 2, 0), opened.AddDate(0, 4, 0)
	c := Case{Ref: "KN-7", Pathway: "csc-plan", Opened: opened, Closed: closed, Recorded: opened.AddDate(0, 5, 0)}
	for name, change := range map[string]func(c *Case){
		"closed reopened@2026-07-02":                   func(c *Case) { c.Opened, c.Closed = again, time.Time{} },
		"closed reopened@2026-07-02 closed@2026-07-05": func(c *Case) { c.Opened, c.Closed = again, again.AddDate(0, 0, 3) },
	} {
		r := listed(t, rules, c, change)
		got := "closed"
		for _, e := range r.NewEvents {
			got += " " + e.Kind + "@" + e.At.Format(time.DateOnly)
		}
		if got != name || r.Kept == nil || !r.Kept.Opened.Equal(opened) {
			t.Errorf("events %s, faults %v, want %s and the case opened on 2 March", got, r.Faults, name)
		}
	}
}
