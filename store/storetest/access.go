package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// accessPeople are one of each role in either team, with somebody away for whom another
// stands in.
var accessPeople = []pathway.Person{
	{ID: "W1", Name: "Worker One", Role: pathway.Practitioner, Team: "East", Email: "w1@example.org", ReportsTo: "G1"},
	{ID: "W2", Name: "Worker Two", Role: pathway.Practitioner, Team: "East", Email: "w2@example.org", ReportsTo: "G1", Cover: "W1",
		AwayFrom: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)},
	{ID: "W3", Name: "Worker Three", Role: pathway.Practitioner, Team: "West", Email: "w3@example.org", ReportsTo: "G2"},
	{ID: "W4", Name: "Worker Four", Role: pathway.Practitioner, Team: "East", Email: "w4@example.org", ReportsTo: "G1",
		ActiveUntil: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)},
	{ID: "G1", Name: "Manager One", Role: pathway.Manager, Team: "East", Email: "g1@example.org", ReportsTo: "V1", Cover: "G2",
		AwayFrom: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), AwayUntil: time.Date(2026, 9, 2, 0, 0, 0, 0, time.UTC)},
	{ID: "G2", Name: "Manager Two", Role: pathway.Manager, Team: "West", Email: "g2@example.org", ReportsTo: "V1", Cover: "G1",
		AwayFrom: time.Date(2026, 9, 2, 0, 0, 0, 0, time.UTC)},
	{ID: "V1", Name: "Head One", Role: pathway.ServiceManager, Email: "v1@example.org"},
	{ID: "C1", Name: "Chair One", Role: pathway.Chair, Email: "c1@example.org"},
	{ID: "A1", Name: "Admin One", Role: pathway.Admin, Team: "East", Email: "a1@example.org"},
}

func testAccess(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("AListHoldsWhatOneMayOpen", func(t *testing.T) { testScope(t, open(t)) })
	t.Run("WhatIsOverdueOnTheCasesOfAList", func(t *testing.T) { testOverdueIn(t, open(t)) })
	t.Run("WhoStandsInForWhom", func(t *testing.T) {
		s := open(t)
		taken(t, s, Guidance(t), rows{people: accessPeople, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00")}})
		for id, want := range map[string]string{"W1": "active, covers W2, practitioner of East", "W2": "active", "W4": "left", "G1": "active, covers G2, manager of West", "G2": "active"} {
			p, who, err := s.Who(t.Context(), id, at(t, "2026-09-02 12:00"))
			if err != nil {
				t.Fatal(err)
			}
			got := "left"
			if who.Active {
				got = "active"
			}
			for _, of := range who.Covers {
				got += fmt.Sprintf(", covers %s, %s of %s", of.Person, of.Role, of.Team)
			}
			if got != want || p.ID != id {
				t.Errorf("%s is %s, want %s", id, got, want)
			}
		}
		if _, _, err := s.Who(t.Context(), "X9", at(t, "2026-09-02 12:00")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("somebody who is not there: %v, want ErrNotFound", err)
		}
	})
	t.Run("Siblings", func(t *testing.T) {
		s := open(t)
		accessCases(t, s)
		found, err := s.WholeCase(t.Context(), "KN-101", at(t, "2026-09-02 12:00"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range found.Siblings {
			got = append(got, fmt.Sprintf("%s of %s, restricted: %t, due: %t", n.Ref, n.On.Practitioner, n.On.Restricted, !n.Due.IsZero()))
		}
		same(t, "the household", got, []string{"KN-201 of W1, restricted: true, due: true"})
		if found, err = s.WholeCase(t.Context(), "KN-100", at(t, "2026-09-02 12:00")); err != nil || len(found.Siblings) > 0 {
			t.Errorf("a case without a household has siblings (error %v): %v", err, found)
		}
	})
	t.Run("AQuestionThatFailsSpoilsNoOther", func(t *testing.T) {
		s := open(t)
		accessCases(t, s)
		now := at(t, "2026-09-02 12:00")
		for range 20 { // more than there are connections
			if _, err := s.WholeCase(t.Context(), "KN-101\x00", now); err == nil {
				t.Fatal("a reference that no database keeps is found")
			}
			if found, err := s.WholeCase(t.Context(), "KN-101", now); err != nil || len(found.Duties) == 0 {
				t.Fatalf("behind it a case is read as %v (error %v), want it with its duties", found, err)
			}
		}
		if err := s.AddLook(t.Context(), store.AuditEntry{At: now, Who: "W1", Way: pathway.WayPage, Deed: "look", Case: "KN-101"}); err != nil {
			t.Fatal(err)
		}
		if broken, err := s.CheckAudit(t.Context()); err != nil || broken != 0 {
			t.Errorf("the audit trail is broken at line %d (error %v), want it whole", broken, err)
		}
	})
}

// accessCases are all that people can be on a case, open to the team and restricted.
func accessCases(t *testing.T, s *store.Store) (refs []string) {
	var cases []pathway.Case
	n := 0
	for _, practitioner := range []string{"W1", "W2", "W3", ""} {
		for _, manager := range []string{"G1", "G2", ""} {
			for _, chair := range []string{"C1", ""} {
				for _, team := range []string{"East", "West", ""} {
					for _, restricted := range []int{100, 200} {
						c := pathway.Case{Ref: fmt.Sprintf("KN-%d", restricted+n), Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"),
							Practitioner: practitioner, Manager: manager, Chair: chair, Team: team, SafeToWrite: true}
						if n == 1 {
							c.Household = "H1"
						}
						cases = append(cases, c)
					}
					n++
				}
			}
		}
	}
	taken(t, s, Guidance(t), rows{people: accessPeople, cases: cases, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-01 12:00")}})
	for i := range cases {
		refs = append(refs, cases[i].Ref)
		if i%2 == 1 {
			var named []string
			if i%3 == 1 {
				named = []string{"V1", "A1", "W2"}
			}
			if err := s.Restrict(t.Context(), cases[i].Ref, named...); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(refs)
	return refs
}

// testScope holds ScopeOf, as the database has it, to May: role by team by case by deed.
func testScope(t *testing.T, s *store.Store) {
	refs := accessCases(t, s)
	on := map[string]*pathway.AccessCase{}
	for _, ref := range refs {
		var err error
		if on[ref], err = s.AccessCase(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range accessPeople {
		_, who, err := s.Who(t.Context(), p.ID, at(t, "2026-09-02 12:00"))
		if err != nil {
			t.Fatal(err)
		}
		for _, deed := range []pathway.Deed{pathway.DeedLook, pathway.DeedContact, pathway.DeedDecide, pathway.DeedPrint, pathway.DeedExport, pathway.DeedAudit} {
			var want []string
			for _, ref := range refs {
				if may, _ := pathway.May(who, pathway.Action{Do: deed}, on[ref]); may {
					want = append(want, ref)
				}
			}
			got, err := s.CasesIn(t.Context(), pathway.ScopeOf(who, deed), len(refs))
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprintf("what %s may %s, by a list", p.ID, deed), got, want)
			scope := pathway.ScopeOf(who, deed)
			among, err := s.Among(t.Context(), &scope, append([]string{"KN-999"}, refs...))
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprintf("what %s may %s, of those named", p.ID, deed), slices.Sorted(maps.Keys(among)), want)
		}
	}
	together, err := s.AccessCases(t.Context(), append([]string{"KN-999"}, refs...))
	if err != nil || len(together) != len(refs) {
		t.Errorf("of %d cases and one that is not there, %d are looked up together: %v", len(refs), len(together), err)
	}
	for _, c := range together {
		if c.On != *on[c.Ref] {
			t.Errorf("case %s, with others: %+v, want as by itself %+v", c.Ref, c.On, *on[c.Ref])
		}
	}
	if _, err := s.AccessCase(t.Context(), "KN-999"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a case that is not there: %v, want ErrNotFound", err)
	}
	if err := s.Restrict(t.Context(), "KN-999"); pathway.ProblemOf(err) != pathway.NotFound {
		t.Errorf("restricting a case that is not there: %v, want NotFound", err)
	}
}

// holdParts holds the duties on somebody's cases, read and counted part by part, to all of
// them, whichever of them are asked for.
func holdParts(t *testing.T, s *store.Store, who *pathway.Who, now time.Time) {
	scope := pathway.ScopeOf(who, pathway.DeedLook)
	numbers := func(duties []store.CaseDuty) (all []int64) {
		for i := range duties {
			all = append(all, duties[i].Duty.ID)
		}
		return all
	}
	for asked, f := range map[string]store.DutyFilter{
		"all":             {OpenAt: now},
		"what is overdue": {OpenAt: now, LateAt: now},
		"what is in time": {OpenAt: now, InTimeAt: now},
		"what is due":     {OpenAt: now, Before: now.Add(48 * time.Hour)},
		"W1's":            {OpenAt: now, Owner: "W1"},
		"G1's":            {OpenAt: now, Owner: "G1", LateAt: now},
		"V1's":            {OpenAt: now, Owner: "V1"},
		"a team's":        {OpenAt: now, Team: "East"},
		"of no team":      {OpenAt: now, Team: "Nowhere"},
	} {
		whole, err := s.DutiesIn(t.Context(), scope, f)
		if err != nil {
			t.Fatal(err)
		}
		f.Most = 3
		var parts []int64
		for {
			part, err := s.FirstDutiesIn(t.Context(), scope, f)
			if err != nil {
				t.Fatal(err)
			}
			if parts = append(parts, numbers(part)...); len(part) < f.Most || len(parts) > len(whole) {
				break
			}
			f.After = part[len(part)-1].Place()
		}
		if !slices.Equal(parts, numbers(whole)) {
			t.Errorf("the parts of %s's duties at %s (%s) are %v, want %v", who.Person, now, asked, parts, numbers(whole))
		}
		f.After = store.DutyPlace{}
		for _, upTo := range []int{2, 1000} {
			if n, err := s.CountDutiesIn(t.Context(), scope, f, upTo); err != nil || n != min(upTo, len(whole)) {
				t.Errorf("%s has %d duties counted up to %d (%s, error %v), want %d", who.Person, n, upTo, asked, err, min(upTo, len(whole)))
			}
		}
	}
}

// testOverdueIn holds what is overdue on the cases of a list to the duties themselves:
// however a case came to where it stands, and whoever it is for.
func testOverdueIn(t *testing.T, s *store.Store) {
	refs := accessCases(t, s)
	happens := func(id, ref, kind, by, when string, due string) {
		e := pathway.Event{ID: id, Case: ref, Kind: kind, By: by, At: at(t, when)}
		if due != "" {
			e.Due, e.ByRole = at(t, due), pathway.Manager
		}
		taken(t, s, Guidance(t), rows{events: []pathway.Event{e}, IntakeOptions: store.IntakeOptions{Now: at(t, when)}})
	}
	happens("v1", "KN-100", pathway.KindNoAccess, "W1", "2026-09-02 10:00", "")
	happens("v2", "KN-201", pathway.KindNoAccess, "W1", "2026-09-02 10:00", "")
	happens("v3", "KN-106", pathway.KindNoAccess, "W1", "2026-09-02 10:00", "")
	happens("t1", "KN-106", pathway.KindTimeframeSet, "G2", "2026-09-02 11:00", "2026-09-03 00:00")
	happens("t2", "KN-106", pathway.KindTimeframeSet, "G2", "2026-09-04 09:00", "2026-09-08 00:00") // of what is overdue
	happens("v4", "KN-118", pathway.KindNoAccess, "W2", "2026-09-02 10:00", "")
	happens("s4", "KN-118", pathway.KindSeen, "W2", "2026-09-02 16:00", "")
	happens("c5", "KN-103", pathway.KindClosed, "W1", "2026-09-02 16:00", "")
	happens("v6", "KN-112", pathway.KindNoAccess, "W1", "2026-09-02 10:00", "")
	happens("s6", "KN-112", pathway.KindSeen, "W1", "2026-09-02 16:00", "")
	taken(t, s, Guidance(t), rows{IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-03 09:00")},
		events: []pathway.Event{{ID: "x6", Case: "KN-112", Kind: pathway.KindVoided, By: "W1", At: at(t, "2026-09-03 09:00"), Value: "s6"}}})
	happens("v7", "KN-109", pathway.KindNoAccess, "W1", "2026-09-02 10:00", "")
	taken(t, s, Guidance(t), rows{IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00")}, // before anything is overdue
		events: []pathway.Event{{ID: "r7", Case: "KN-109", Kind: pathway.KindReallocated, By: "G1", At: at(t, "2026-09-02 12:00"), Value: "W2"}}})
	taken(t, s, Guidance(t), rows{IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-05 12:00")}, // and after
		events: []pathway.Event{{ID: "r1", Case: "KN-100", Kind: pathway.KindReallocated, By: "G1", At: at(t, "2026-09-05 12:00"), Value: "W2"}}})
	var duties []store.Duty
	if err := s.EachDuty(t.Context(), func(d *store.Duty) { duties = append(duties, *d) }); err != nil {
		t.Fatal(err)
	}
	on := map[string]*pathway.AccessCase{}
	for _, ref := range refs {
		var err error
		if on[ref], err = s.AccessCase(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for _, when := range []string{"2026-09-01 12:00", "2026-09-02 15:00", "2026-09-03 17:00", "2026-09-04 12:00", "2026-09-07 12:00", "2027-01-01 12:00"} {
		now := at(t, when)
		for _, p := range accessPeople {
			_, who, err := s.Who(t.Context(), p.ID, now)
			if err != nil {
				t.Fatal(err)
			}
			line := func(ref, duty string, number int64, on *pathway.AccessCase) string {
				return fmt.Sprintf("%s %s (%d) of %s", ref, duty, number, on.Holder(pathway.Manager)+"/"+on.Holder(pathway.ServiceManager))
			}
			var want, got []string
			for i := range duties {
				d := &duties[i]
				if may, _ := pathway.May(who, pathway.Action{Do: pathway.DeedLook}, on[d.Case]); may && d.IsOpen() && !d.Opened.After(now) && d.StateAt(now) == pathway.Overdue {
					want = append(want, line(d.Case, d.DutyID(), d.ID, on[d.Case]))
				}
			}
			holdParts(t, s, who, now)
			found, err := s.LateCases(t.Context(), pathway.ScopeOf(who, pathway.DeedLook), store.DutyFilter{OpenAt: now, LateAt: now})
			if err != nil {
				t.Fatal(err)
			}
			staff := map[string]bool{}
			for _, d := range found.Duties {
				got = append(got, line(d.Case, d.ID, d.Number, d.On))
				for _, id := range []string{d.On.Practitioner, d.On.Manager, d.On.Chair} {
					if _, err := s.Person(t.Context(), id); err == nil {
						staff[id] = true
					}
				}
			}
			var named []string
			for _, p := range found.Staff {
				named = append(named, p.ID)
			}
			same(t, "who is on what is overdue for "+p.ID+" at "+when, named, slices.Sorted(maps.Keys(staff)))
			slices.Sort(want)
			slices.Sort(got)
			same(t, "what is overdue for "+p.ID+" at "+when, got, want)
			seen += len(got)
		}
	}
	if seen == 0 {
		t.Error("nothing was overdue for anybody at any time, want something")
	}
}

func testAudit(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("LinesStandInOrderAndWhole", func(t *testing.T) {
		s := open(t)
		now := at(t, "2026-09-02 12:00")
		for i := range 3 {
			for _, who := range []string{"W1", "G1"} {
				if err := s.AddAudit(t.Context(), store.AuditEntry{At: now.Add(time.Duration(i) * time.Minute), Who: who, Way: pathway.WayPage, Deed: "look", Case: "KN-7"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		several := store.PrintAsked{Who: "A1", Way: pathway.WayPage}
		if err := s.AddAudit(t.Context(), several.Trail(now, "print", "batch 1", []string{"KN-8", "KN-9"})...); err != nil {
			t.Fatal(err)
		}
		if lines, err := s.Audit(t.Context(), store.AuditFilter{Who: "A1"}); err != nil || len(lines) != 2 || lines[0].ID != 8 || lines[1].ID != 7 || lines[0].Case != "KN-9" {
			t.Errorf("two lines at once are %+v (error %v), want numbers 7 and 8", lines, err)
		}
		lines, err := s.Audit(t.Context(), store.AuditFilter{Who: "G1", Case: "KN-7", Before: 6, AtMost: 1})
		if err != nil || len(lines) != 1 || lines[0].ID != 4 || !lines[0].At.Equal(now.Add(time.Minute)) {
			t.Errorf("the newest line of G1 before 6 is %+v (error %v), want number 4", lines, err)
		}
		if broken, err := s.CheckAudit(t.Context()); broken != 0 || err != nil {
			t.Errorf("the trail is broken at %d (error %v), want it whole", broken, err)
		}
	})
	t.Run("ManyAtOnce", func(t *testing.T) {
		s := open(t)
		ended := make(chan error)
		for range 20 {
			go func() {
				ended <- s.AddAudit(t.Context(), store.AuditEntry{At: at(t, "2026-09-02 12:00"), Who: "W1", Way: pathway.WayPage, Deed: "look"})
			}()
		}
		for range 20 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if lines, err := s.Audit(t.Context(), store.AuditFilter{}); err != nil || len(lines) != 20 {
			t.Errorf("there are %d lines (error %v), want 20", len(lines), err)
		}
		if broken, err := s.CheckAudit(t.Context()); broken != 0 || err != nil {
			t.Errorf("the trail is broken at %d (error %v), want it whole", broken, err)
		}
	})
}
