package scheduler

import (
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// records sets the scene: events that a file brings.
func (w *world) records(when string, events ...pathway.Event) {
	w.t.Helper()
	in, err := w.store.NewIntake(w.t.Context(), storetest.Guidance(w.t), store.IntakeOptions{Now: at(w.t, when)})
	if err != nil {
		w.t.Fatal(err)
	}
	defer in.Rollback()
	for i, e := range events {
		if e.At = at(w.t, when); e.ID == "" {
			e.ID = e.Case + e.Kind + "@" + when
		}
		if err := in.AddEvent(i+1, e, pathway.GivenAll); err != nil {
			w.t.Fatal(err)
		}
	}
	if result, err := in.Commit(w.t.Context()); err != nil || result.FaultCount > 0 {
		w.t.Fatalf("the events of %s: %v, faults %v", when, err, result.Faults)
	}
}

// TestWhoeverTakesACaseOnHearsOfIt: also where a file says it, and in the evening; what is
// given together is one message for each of the two.
func TestWhoeverTakesACaseOnHearsOfIt(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.family("H-1", map[string]string{"A-1": "W1", "A-2": "W1", "A-3": "W1", "A-4": "", "A-5": "W1"})
		to := func(ref, person string) pathway.Event {
			return pathway.Event{Case: ref, Kind: pathway.KindReallocated, By: "G1", Value: person}
		}
		wrong := to("A-5", "W2")
		wrong.ID = "wrong"
		w.records("2026-09-02 20:00", to("A-1", "W2"), to("A-2", "W2"), to("A-3", "W1"), to("A-4", "W2"), wrong)
		w.records("2026-09-02 20:01", pathway.Event{Case: "A-5", Kind: pathway.KindVoided, By: "G1", Value: "wrong"})
		w.visitsFamily("2026-09-02 20:02", "W2", "A-1")
		w.tellsHouseholds("2026-09-02 20:03")
		w.tellsHouseholds("2026-09-02 20:04")

		var got []string
		for _, m := range w.emailsGo("2026-09-02 20:05") {
			got = append(got, m.To.Email+": "+m.Alert.Says+" "+strings.Join(m.Alert.Cases, "+")+" from "+strings.Join(m.Alert.People, " to ")+" by "+m.Alert.By)
		}
		slices.Sort(got)
		w.wants("messages", got, "w1@example.org: case-moved A-1+A-2 from W1 to W2 by G1",
			"w2@example.org: case-moved A-1+A-2 from W1 to W2 by G1", "w2@example.org: case-moved A-4 from  to W2 by G1")
	})
}
