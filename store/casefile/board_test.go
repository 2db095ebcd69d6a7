package casefile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// TestADutyThatWasMovedWhenItWasOverdueStaysOnTheBoard: since it was due first, before
// what has fallen due later.
func TestADutyThatWasMovedWhenItWasOverdueStaysOnTheBoard(t *testing.T) {
	s := newScene(t)
	s.happens("v1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	set := func(id, at, due string) {
		s.takesIn(at, nil, nil, pathway.Event{ID: id, Case: "KN-7", Kind: pathway.KindTimeframeSet, At: s.at(at), By: "G1", ByRole: pathway.Manager, Due: s.at(due)})
	}
	set("t1", "2026-09-02 11:00", "2026-09-03 00:00")
	set("t2", "2026-09-04 09:00", "2026-09-08 00:00")
	who := &pathway.Who{Person: "G1", Role: pathway.Manager, Team: "East", Active: true}
	board, err := casefile.ReadBoard(t.Context(), s.Store, s.rules, who, casefile.BoardFilter{Duty: "see-child-again"}, s.at("2026-09-07 09:00"))
	if err != nil {
		t.Fatal(err)
	}
	if len(board.Cases) != 1 {
		t.Fatalf("the board has %d cases, want KN-7, which was to be seen by 3 September", len(board.Cases))
	}
	first := board.Cases[0].First()
	if since := first.OverdueSince(); !since.Equal(s.at("2026-09-03 17:00")) || !first.Due.Equal(s.at("2026-09-08 17:00")) {
		t.Errorf("it is overdue since %s and due %s, want since 3 September 17:00 and due 8 September 17:00", since, first.Due)
	}
	if !board.IsToDecide(board.Cases[0]) {
		t.Errorf("its manager has nothing to decide on it, want that the visit was discussed: it is overdue as well, though the filter leaves it out")
	}
	if next := board.NextToDecide("KN-7"); next != "" {
		t.Errorf("behind the last case comes %q, want none", next)
	}
}

// TestOnARowOnlyWhatIsOpenIsOfferedToDecide: where nothing that is overdue is for whoever
// looks to answer, there is no form to open, and no next row to go to.
func TestOnARowOnlyWhatIsOpenIsOfferedToDecide(t *testing.T) {
	s := newScene(t)
	s.happens("v1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	manager := &pathway.Who{Person: "G1", Role: pathway.Manager, Team: "East", Active: true}
	above := &pathway.Who{Person: "V1", Role: pathway.ServiceManager, Active: true}
	offered := func(who *pathway.Who) bool {
		t.Helper()
		board, err := casefile.ReadBoard(t.Context(), s.Store, s.rules, who, casefile.BoardFilter{}, s.at("2026-09-14 09:00"))
		if err != nil {
			t.Fatal(err)
		}
		if len(board.Cases) != 1 {
			t.Fatalf("the board has %d cases, want KN-7 alone", len(board.Cases))
		}
		return board.IsToDecide(board.Cases[0])
	}
	if !offered(manager) {
		t.Errorf("the manager is offered nothing to decide on KN-7, want whether it was discussed")
	}
	if offered(above) {
		t.Errorf("the service manager is offered to decide on KN-7, and may not")
	}
	for _, kind := range []string{pathway.KindDiscussedWithManager, pathway.KindTimeframeSet, pathway.KindRecorded, pathway.KindActionAgreed, pathway.KindFrequencySet} {
		e := pathway.Event{ID: "by manager " + kind, Case: "KN-7", Kind: kind, At: s.at("2026-09-02 11:00"), By: "G1", ByRole: pathway.Manager}
		switch kind {
		case pathway.KindTimeframeSet:
			e.Due = s.at("2026-09-04 00:00")
		case pathway.KindFrequencySet:
			e.Value = "10 working days"
		}
		s.takesIn("2026-09-02 11:00", nil, nil, e)
	}
	if offered(manager) {
		t.Errorf("the manager is offered to decide on KN-7, on which all that is left is for the practitioner to do")
	}
}

// boardInMemory is the board as it follows from every duty that there is, in words.
func boardInMemory(t testing.TB, s *store.Store, rules *pathway.Rules, who *pathway.Who, f casefile.BoardFilter, now time.Time) []string {
	type late struct {
		*store.Duty
		since time.Time
		on    *pathway.AccessCase
	}
	var all []late
	on := map[string]*pathway.AccessCase{}
	hidden := map[string]bool{}
	err := s.EachDuty(t.Context(), func(d *store.Duty) {
		if d.Opened.After(now) || d.StateAt(now) != pathway.Overdue {
			return
		}
		if on[d.Case] == nil {
			var err error
			if on[d.Case], err = s.AccessCase(t.Context(), d.Case); err != nil {
				t.Fatal(err)
			}
		}
		c := on[d.Case]
		if may, why := pathway.May(who, pathway.Action{Do: pathway.DeedLook}, c); !may {
			if why == pathway.IsClosedOff && wants(f, d, c) {
				hidden[d.Case] = true
			}
			return
		}
		since := d.Due
		if !d.LateSince.IsZero() {
			since = d.LateSince
		}
		all = append(all, late{d, since, c})
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b late) int {
		for _, c := range []int{a.since.Compare(b.since), a.Due.Compare(b.Due), strings.Compare(a.Case, b.Case), int(a.Duty.ID - b.Duty.ID)} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
	var refs, teams, owners []string
	lines := map[string][]string{}
	duties := 0
	for _, d := range all {
		owner := d.on.Holder(d.Owner)
		if d.on.Team != "" {
			teams = append(teams, d.on.Team)
		}
		if owner != "" {
			owners = append(owners, owner)
		}
		if !wants(f, d.Duty, d.on) {
			continue
		}
		if lines[d.Case] == nil {
			refs = append(refs, d.Case)
		}
		duties++
		lines[d.Case] = append(lines[d.Case], boardLine(rules.Title(&d.Duty.Duty), d.since, owner))
	}
	said := []string{fmt.Sprintf("%d duties, %d hidden, teams %v, owners %v", duties, len(hidden), distinct(teams), distinct(owners))}
	for _, ref := range refs {
		may := slices.ContainsFunc(all, func(d late) bool {
			return d.Case == ref && len(pathway.DecidesBy(who, on[ref], rules.Rule(d.Pathway, d.Version, d.DutyID()), d.Owner)) > 0
		})
		said = append(said, fmt.Sprintf("%s, to decide: %t: %s", ref, may, strings.Join(lines[ref], "; ")))
	}
	return said
}

func wants(f casefile.BoardFilter, d *store.Duty, on *pathway.AccessCase) bool {
	return (f.Team == "" || f.Team == on.Team) && (f.Owner == "" || f.Owner == on.Holder(d.Owner)) && (f.Duty == "" || f.Duty == d.DutyID())
}

func boardLine(title string, since time.Time, owner string) string {
	return fmt.Sprintf("%s since %s of %q", title, since.UTC().Format(time.RFC3339), owner)
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// TestTheBoardIsWhatFollowsFromEveryDuty: whatever has happened, on whose cases, of which
// some are restricted, some due at the same instant and some closed, and however it is
// filtered.
func TestTheBoardIsWhatFollowsFromEveryDuty(t *testing.T) {
	shown := 0
	rapid.Check(t, func(r *rapid.T) {
		s := newTeam(t)
		s.takesIn("2026-08-20 09:40", []pathway.Person{
			{ID: "W3", Name: "Worker Three", Role: pathway.Practitioner, Team: "West", Email: "w3@example.org", ReportsTo: "G2"},
			{ID: "C1", Name: "Chair One", Role: pathway.Chair, Email: "c1@example.org"},
		}, nil)
		from := func(list ...string) string { return rapid.SampledFrom(list).Draw(r, "") }
		var cases []pathway.Case
		for n := range rapid.IntRange(1, 6).Draw(r, "cases") {
			cases = append(cases, pathway.Case{Ref: fmt.Sprintf("KN-%d", n), Pathway: from("csc-child-and-family", "csc-plan", "hv-child"), Plan: "cp", Opened: s.at("2026-09-01 09:00"),
				Practitioner: from("W1", "W2", "W3"), Manager: from("G1", "G2", ""), Chair: from("C1", ""), Team: from("East", "West", "")})
		}
		s.takesIn("2026-09-01 09:30", nil, cases)
		now := s.at("2026-09-01 12:00")
		for n := range rapid.IntRange(0, 12).Draw(r, "events") {
			now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(r, "hours")) * time.Hour)
			ref := cases[rapid.IntRange(0, len(cases)-1).Draw(r, "of")].Ref
			e := pathway.Event{ID: fmt.Sprintf("e%d", n), Case: ref, Kind: from(pathway.KindNoAccess, pathway.KindNoAccess, pathway.KindNoAccess, pathway.KindSeen,
				pathway.KindDiscussedWithManager, pathway.KindTimeframeSet, pathway.KindVoided, pathway.KindReallocated, pathway.KindClosed, "restricted"), By: "W1", At: now}
			switch e.Kind {
			case "restricted":
				if err := s.Restrict(t.Context(), ref, rapid.SampledFrom([][]string{nil, {"W3"}, {"G2", "V1"}}).Draw(r, "also")...); err != nil {
					t.Fatal(err)
				}
				continue
			case pathway.KindTimeframeSet:
				e.Due, e.By, e.ByRole = now.Add(time.Duration(rapid.IntRange(1, 80).Draw(r, "until"))*time.Hour), "G1", pathway.Manager
			case pathway.KindReallocated:
				e.Value = from("W1", "W2", "W3")
			case pathway.KindVoided:
				e.Value, e.Reason = fmt.Sprintf("e%d", rapid.IntRange(0, n).Draw(r, "of")), "by mistake"
			}
			// What is refused changes nothing: that too is to be seen.
			if _, err := s.Record(t.Context(), now, e.By, []pathway.Event{e}, store.RecordOptions{Rules: s.rules}); err != nil && !errors.As(err, new(store.InvalidEvents)) {
				t.Fatal(err)
			}
		}
		for range 8 {
			at := now.Add(time.Duration(rapid.IntRange(-100, 1000).Draw(r, "later")) * time.Hour)
			_, who, err := s.Who(t.Context(), from("W1", "W2", "W3", "G1", "G2", "V1", "C1"), at)
			if err != nil {
				t.Fatal(err)
			}
			f := casefile.BoardFilter{Team: from("", "", "East"), Owner: from("", "", "G1", "W1"), Duty: from("", "", "", "liaise", "see-child-again")}
			board, err := casefile.ReadBoard(t.Context(), s.Store, s.rules, who, f, at)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{fmt.Sprintf("%d duties, %d hidden, teams %v, owners %v", board.Duties, board.Hidden, board.Teams, board.Owners)}
			for _, c := range board.Cases {
				var lines []string
				for _, l := range c.Duties {
					lines = append(lines, boardLine(l.Title, l.OverdueSince(), l.Owner))
				}
				got = append(got, fmt.Sprintf("%s, to decide: %t: %s", c.Ref, board.IsToDecide(c), strings.Join(lines, "; ")))
			}
			same(t, fmt.Sprintf("the board of %s, %+v, at %s", who.Person, f, at), got, boardInMemory(t, s.Store, s.rules, who, f, at)...)
			shown += board.Duties
		}
	})
	if shown == 0 {
		t.Error("nothing was overdue on any board, want something on some")
	}
}
