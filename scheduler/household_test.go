package scheduler

import (
	"strings"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// visitsFamily sets the scene: unsuccessful visits, recorded when they happened.
func (w *world) visitsFamily(when, by string, refs ...string) {
	w.t.Helper()
	in, err := w.store.NewIntake(w.t.Context(), storetest.Guidance(w.t), store.IntakeOptions{Now: at(w.t, when)})
	if err != nil {
		w.t.Fatal(err)
	}
	defer in.Rollback()
	for i, ref := range refs {
		e := pathway.Event{ID: ref + "@" + when, Case: ref, Kind: pathway.KindNoAccess, At: at(w.t, when), By: by}
		if err := in.AddEvent(i+1, e, pathway.GivenAll); err != nil {
			w.t.Fatal(err)
		}
	}
	if result, err := in.Commit(w.t.Context()); err != nil || result.FaultCount > 0 {
		w.t.Fatalf("the visits of %s: %v, faults %v", when, err, result.Faults)
	}
}

// family sets the scene: open cases of one household, each with its practitioner.
func (w *world) family(household string, practitioners map[string]string) {
	w.t.Helper()
	in, err := w.store.NewIntake(w.t.Context(), storetest.Guidance(w.t), store.IntakeOptions{Now: at(w.t, "2026-09-01 09:00")})
	if err != nil {
		w.t.Fatal(err)
	}
	defer in.Rollback()
	row := 0
	for ref, practitioner := range practitioners {
		row++
		c := pathway.Case{Ref: ref, Pathway: "hv-child", Opened: at(w.t, "2026-09-01 09:00"), Practitioner: practitioner, Manager: "G1", Team: "East", Household: household, SafeToWrite: true}
		if err := in.AddCase(row, c, pathway.GivenAll); err != nil {
			w.t.Fatal(err)
		}
	}
	if result, err := in.Commit(w.t.Context()); err != nil || result.FaultCount > 0 {
		w.t.Fatalf("the cases of a household: %v, faults %v", err, result.Faults)
	}
}

// tellsHouseholds runs what a scan does about households and returns who is told of
// which visit by which of their cases.
func (w *world) tellsHouseholds(when string) (told []string) {
	w.t.Helper()
	scanner := NewScanner(w.store, w.rules, func(string) *pathway.Person { return nil }, w.clock)
	scanner.toldVisit = func(v store.VisitTold) {
		told = append(told, strings.Join(v.Visited, "+")+" to "+v.Person+" by "+v.Case+": "+string(v.Reason))
	}
	if _, err := scanner.tellHouseholds(w.t.Context(), nil, at(w.t, when)); err != nil {
		w.t.Fatal(err)
	}
	return told
}

// TestAHouseholdIsToldOfAVisitOnce: the practitioners of its other open cases, in office
// hours, in one message for all their cases of it; two visits at once are one telling.
func TestAHouseholdIsToldOfAVisitOnce(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.family("H-1", map[string]string{"A-1": "W1", "A-2": "W1", "A-3": "W2", "A-4": "W2", "A-5": "W2"})
		w.family("H-2", map[string]string{"B-1": "W1"})
		w.do(`UPDATE cases SET closed = TRUE WHERE ref = 'A-5'`)
		w.visitsFamily("2026-09-02 20:00", "W1", "A-1", "A-2", "B-1")
		w.wants("in the evening", w.tellsHouseholds("2026-09-02 20:00"))
		next, err := w.store.NextRung(t.Context())
		if err != nil || next.IsZero() {
			t.Fatalf("the next rung is %s (error %v), want one", next, err)
		}
		w.do(`UPDATE duties SET next_rung_at = NULL`)
		if next, err = w.store.NextRung(t.Context()); err != nil || !next.Equal(at(t, "2026-09-03 08:00")) {
			t.Errorf("a scan is to look at %s (error %v), want when the office opens", next, err)
		}
		w.wants("in the morning", w.tellsHouseholds("2026-09-03 08:00"),
			"A-2 to W1 by A-1: recorder", "A-1 to W1 by A-2: recorder",
			"A-1+A-2 to W2 by A-3: sent", "A-1+A-2 to W2 by A-4: sent")
		w.wants("a minute later", w.tellsHouseholds("2026-09-03 08:01"))
		w.visitsFamily("2026-09-02 20:00", "W1", "A-3") // handed over late: that time was told of
		w.wants("the same time, recorded later", w.tellsHouseholds("2026-09-03 09:00"))

		var got []string
		for _, m := range w.emailsGo("2026-09-03 08:00") {
			got = append(got, m.To.Email+": "+m.Alert.Says+" "+strings.Join(m.Alert.Visited, "+")+" for "+strings.Join(m.Alert.Cases, "+")+" by "+m.Alert.By)
		}
		w.wants("messages", got, "w2@example.org: household-visit A-1+A-2 for A-3+A-4 by W1")
	})
}

// emailsGo are the emails that go at a time.
func (w *world) emailsGo(when string) []notify.Message {
	w.t.Helper()
	var o office
	w.clock.jump(at(w.t, when))
	if _, err := w.sender("emails").drain(w.t.Context(), notify.ByEmail, &o); err != nil {
		w.t.Fatal(err)
	}
	return o.messages
}

// TestAHouseholdIsNotToldOfWhatIsNoNews: of a visit that was recorded in error, or long
// before anybody could be told.
func TestAHouseholdIsNotToldOfWhatIsNoNews(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.family("H-1", map[string]string{"A-1": "W1", "A-3": "W2"})
		w.visitsFamily("2026-09-02 20:00", "W1", "A-1")
		in, err := w.store.NewIntake(t.Context(), storetest.Guidance(t), store.IntakeOptions{Now: at(t, "2026-09-17 08:00")})
		if err != nil {
			t.Fatal(err)
		}
		defer in.Rollback()
		for i, e := range []pathway.Event{
			{ID: "v", Case: "A-1", Kind: pathway.KindVoided, At: at(t, "2026-09-02 21:00"), By: "W1", Value: "A-1@2026-09-02 20:00"},
			{ID: "old", Case: "A-1", Kind: pathway.KindNoAccess, At: at(t, "2026-09-03 07:00"), By: "W1"},
		} {
			if err := in.AddEvent(i+1, e, pathway.GivenAll); err != nil {
				t.Fatal(err)
			}
		}
		if result, err := in.Commit(t.Context()); err != nil || result.FaultCount > 0 {
			t.Fatalf("%v, faults %v", err, result.Faults)
		}
		w.wants("told", w.tellsHouseholds("2026-09-17 08:30"))
	})
}

// TestAMessageThatAsksForLiaisonNamesTheHousehold: its other open cases.
func TestAMessageThatAsksForLiaisonNamesTheHousehold(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.rules = storetest.Guidance(t)
	w.family("H-1", map[string]string{"A-1": "W1", "A-2": "W2", "A-3": "W2", "A-4": "W2"})
	w.do(`UPDATE cases SET closed = TRUE WHERE ref = 'A-3'`)
	w.visitsFamily("2026-09-02 10:00", "G1", "A-1")
	w.scans("2026-09-02 10:00")
	var p post
	w.posts("2026-09-02 10:00", &p)
	for _, m := range p.got {
		for _, r := range m.Reminders {
			if want := map[string]string{"liaise": "A-2 A-4"}[r.Duty]; strings.Join(r.Household, " ") != want {
				t.Errorf("%s of %s names %v of the household, want %q", r.Duty, r.CaseRef, r.Household, want)
			}
		}
	}
	if len(p.got) == 0 {
		t.Error("nobody was told")
	}
}
