package rehearsal

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestReplayEndsWhereTakingEverythingInAtOnceDoes: instant by instant or in one
// intake, the same events give the same duties, and none is lost on the way.
func TestReplayEndsWhereTakingEverythingInAtOnceDoes(t *testing.T) {
	rules, load := storetest.Guidance(t), yearOf(t, 60)

	replayed := storetest.OpenMemory(t)
	r := rehearse(load, rules, yearBegins, yearEnds)
	if _, err := r.Run(t.Context(), replayed); err != nil {
		t.Fatal(err)
	}

	atOnce := storetest.OpenMemory(t)
	if err := r.takeInPeople(t.Context(), atOnce); err != nil {
		t.Fatal(err)
	}
	if err := r.takeInArrivals(t.Context(), atOnce, load.arrivals(), yearEnds); err != nil {
		t.Fatal(err)
	}

	events := 0
	for c := range load.Cases() {
		if got, want := caseInWords(t, replayed, c.Ref), caseInWords(t, atOnce, c.Ref); !slices.Equal(got, want) {
			t.Fatalf("case %s replayed:\n%s\nin one intake:\n%s", c.Ref, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		file, err := replayed.Case(t.Context(), c.Ref)
		if err != nil {
			t.Fatal(err)
		}
		events += len(file.Events)
	}
	if events != len(load.events) {
		t.Errorf("%d events are on the cases after the replay, want all %d", events, len(load.events))
	}
}

// caseInWords are the duties of a case.
func caseInWords(t *testing.T, db *store.Store, ref string) []string {
	t.Helper()
	file, err := db.Case(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	var duties []string
	for _, d := range file.Duties {
		duties = append(duties, fmt.Sprint(d.Duty.ID, " ", d.Attempt, " opened ", d.Opened, " due ", d.Due, " met ", d.Met, " ended ", d.Ended, " ", d.Why))
	}
	slices.Sort(duties) // those opened by one event have no order among themselves
	return duties
}

// TestSameCaseloadGivesTheSameLines twice, also where the second begins later: what
// came before has happened by then.
func TestSameCaseloadGivesTheSameLines(t *testing.T) {
	rules, load := storetest.Guidance(t), yearOf(t, 40)
	midsummer := yearBegins.AddDate(0, 6, 0)
	messages := func(r *Rehearsal) (said []string) {
		t.Helper()
		lines, err := r.Run(t.Context(), storetest.OpenMemory(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if m := l.Reminder; m != nil && !l.At.Before(midsummer) {
				said = append(said, fmt.Sprint(l.At, m.Case, m.Duty, m.Rung, m.Person, m.Channel))
			}
		}
		return said
	}
	whole, second := messages(rehearse(load, rules, yearBegins, yearEnds)), messages(rehearse(load, rules, midsummer, yearEnds))
	if len(whole) == 0 || fmt.Sprint(whole) != fmt.Sprint(second) {
		t.Errorf("from July on a rehearsal of the year says\n%q\nand one that begins in July\n%q", whole, second)
	}
}
