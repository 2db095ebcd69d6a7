package storetest

import (
	"fmt"
	"slices"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testDigest(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("OpenDutiesDueByATime", func(t *testing.T) {
		s := newScene(t, open)
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 15:00")
		due, err := s.DutiesDueBy(t.Context(), at(t, "2026-09-02 15:00"), at(t, "2026-09-03 17:00"), nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range due {
			got = append(got, fmt.Sprintf("%s %s %d of %s under %s both=%v", d.Case, d.ID, d.Attempt, d.Practitioner, d.Manager, d.BothRecord))
		}
		same(t, "due by five the next day, what is met left out", got, []string{
			"KN-7 set-timeframe 1 of W1 under G1 both=false",
			"KN-7 record-practitioner 1 of W1 under G1 both=true",
			"KN-7 record-manager 1 of W1 under G1 both=true",
		})
	})
	t.Run("DatesBeyondTheCap", func(t *testing.T) {
		s := newScene(t, open)
		taken(t, s.Store, s.rules, rows{
			events: []pathway.Event{{ID: "x2", Case: "KN-7", Kind: pathway.KindTimeframeSet, By: "G1",
				At: at(t, "2026-09-02 15:00"), Due: at(t, "2026-09-30 00:00"), Reason: "on holiday"}},
			IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 15:00")},
		})
		beyond, err := s.DutiesBeyondCap(t.Context(), nil)
		if err != nil || len(beyond) != 1 || beyond[0].ID != "see-child-again" || beyond[0].AskedFor == "" {
			t.Errorf("got %+v (error %v), want see-child-again with what was asked for", beyond, err)
		}
		flags, err := s.FlaggedSince(t.Context(), at(t, "2026-09-01 00:00"), nil)
		if err != nil || len(flags) != 1 || flags[0].Flag.ID != pathway.FlagLaterThanCap || flags[0].Manager != "G1" {
			t.Errorf("got flags %+v (error %v), want the one for G1", flags, err)
		}
		if flags, err = s.FlaggedSince(t.Context(), at(t, "2026-10-01 00:00"), nil); err != nil || len(flags) != 0 {
			t.Errorf("since October: got flags %+v (error %v), want none", flags, err)
		}
	})
	t.Run("OfSomeManagersCases", func(t *testing.T) { testOfManagers(t, open(t)) })
	t.Run("AbsentPractitionersWithOpenDuties", func(t *testing.T) {
		s := newScene(t, open)
		absent := func(when string) (got []string) {
			found, err := s.Absences(t.Context(), at(t, when), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range found {
				got = append(got, fmt.Sprintf("%s under %s: %d", a.Practitioner, a.Manager, a.Duties))
			}
			return got
		}
		same(t, "while all are here", absent("2026-09-03 08:00"), nil)
		away := team[0]
		away.AwayFrom, away.AwayUntil = at(t, "2026-09-03 00:00"), at(t, "2026-09-05 00:00")
		gone := team[1] // has no case
		gone.ActiveUntil = at(t, "2026-09-03 00:00")
		taken(t, s.Store, s.rules, rows{people: []pathway.Person{away, gone}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00")}})
		same(t, "the day before", absent("2026-09-02 23:59"), nil)
		same(t, "while W1 is away", absent("2026-09-03 00:00"), []string{fmt.Sprintf("W1 under G1: %d", len(s.duties))})
		same(t, "back again", absent("2026-09-05 00:00"), nil)
	})
	t.Run("UndeliveredWhileTheDutyIsOpen", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 0})
		digest := store.Message{Key: "digest/G1/2026-09-02", Kind: "digest", Person: "G1", Channel: "email", Severity: 9, NextTry: at(t, "2026-09-02 10:30")}
		if _, err := s.QueueMessages(t.Context(), nil, at(t, "2026-09-02 10:30"), []store.Message{digest}); err != nil {
			t.Fatal(err)
		}
		_, ids := s.claims("a", "2026-09-02 10:30", 10)
		for _, id := range ids {
			s.records("2026-09-02 10:30", "a", store.Outcome{Message: id, State: store.MessageFailed, Reason: "no such mailbox"})
		}
		undelivered := func(since string) (got []string) {
			found, err := s.Undelivered(t.Context(), at(t, since), at(t, "2026-09-02 10:25"), store.UndeliveredOf{})
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range found {
				got = append(got, fmt.Sprintf("%s to %s by %s, case %q under %q: %s", u.Kind, u.Person, u.Channel, u.Case, u.Manager, u.Reason))
			}
			return got
		}
		under := func(manager, ref string) (cases []string) {
			found, err := s.Undelivered(t.Context(), at(t, "2026-09-01 00:00"), at(t, "2026-09-02 10:25"), store.UndeliveredOf{Scope: &pathway.Scope{People: []string{manager}, AsManager: true}, Case: ref})
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range found {
				cases = append(cases, u.Case)
			}
			return cases
		}
		same(t, "on the cases of their manager", under("G1", ""), []string{"KN-7"})
		same(t, "on that case", under("G1", "KN-7"), []string{"KN-7"})
		same(t, "on another case", under("G1", "KN-9"), nil)
		same(t, "on the cases of somebody else", under("G2", ""), nil)
		reminders, err := s.RemindersOfCases(t.Context(), []string{"KN-7", "KN-9"})
		alone, wrong := s.CaseReminders(t.Context(), "KN-7")
		if err != nil || wrong != nil || len(reminders) != 1 || !slices.Equal(reminders["KN-7"], alone) {
			t.Errorf("the reminders of two cases are %v (errors %v, %v), want those of KN-7: %v", reminders, err, wrong, alone)
		}
		ofDigest := `digest to G1 by email, case "" under "": no such mailbox`
		same(t, "while it is open", undelivered("2026-09-01 00:00"), []string{
			`reminder to W1 by email, case "KN-7" under "G1": no such mailbox`, ofDigest})
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 15:00")
		same(t, "once it is met", undelivered("2026-09-01 00:00"), []string{ofDigest})
		same(t, "of later days", undelivered("2026-09-03 00:00"), nil)
	})
	t.Run("UndeliveredAmongManyOthers", func(t *testing.T) { testUndeliveredAmongMany(t, newScene(t, open)) })
	t.Run("UndeliveredIsWhatShouldHaveGone", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 0})
		later := store.Message{Key: "digest/G1/2026-09-03", Kind: "digest", Person: "G1", Channel: "email", Severity: 9, NextTry: at(t, "2026-09-03 08:00")}
		if _, err := s.QueueMessages(t.Context(), nil, at(t, "2026-09-02 10:30"), []store.Message{later}); err != nil {
			t.Fatal(err)
		}
		waits := func(due string) (got []string) {
			found, err := s.Undelivered(t.Context(), at(t, "2026-09-01 00:00"), at(t, due), store.UndeliveredOf{})
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range found {
				got = append(got, fmt.Sprintf("%s to %s waits %t since %s: %q", u.Kind, u.Person, u.Waits, clock(t, u.At), u.Reason))
			}
			return got
		}
		same(t, "before it should have gone", waits("2026-09-02 10:29"), nil)
		untried := `reminder to W1 waits true since 2026-09-02 10:30: ""`
		same(t, "not tried", waits("2026-09-02 10:30"), []string{untried})
		same(t, "what was to go later", waits("2026-09-03 08:00"), []string{untried, `digest to G1 waits true since 2026-09-02 10:30: ""`})
		_, ids := s.claims("a", "2026-09-02 10:30", 1)
		same(t, "while it is being sent", waits("2026-09-02 10:30"), []string{untried})
		s.records("2026-09-02 10:31", "a", store.Outcome{Message: ids[0], State: store.MessageFailedTemporarily, Reason: "busy", NextTry: at(t, "2026-09-02 11:00")})
		same(t, "between two tries", waits("2026-09-02 10:35"), []string{`reminder to W1 waits true since 2026-09-02 10:30: "busy"`})
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 15:00")
		same(t, "once its duty is met", waits("2026-09-02 15:00"), nil)
	})
	t.Run("MessageIsQueuedOnce", func(t *testing.T) {
		s := open(t)
		m := store.Message{Key: "digest/G1/2026-09-02", Kind: "digest", Person: "G1", Channel: "email", NextTry: at(t, "2026-09-02 08:00"), Payload: []byte(`{"a":1}`)}
		other := m
		other.Key = "digest/G2/2026-09-02"
		for i, want := range []int{1, 1, 0} {
			added, err := s.QueueMessages(t.Context(), nil, at(t, "2026-09-02 08:00"), []store.Message{m, other}[:min(i+1, 2)])
			if err != nil || len(added) != want {
				t.Errorf("call %d: %v are new (error %v), want %d", i+1, added, err, want)
			}
		}
		claimed, err := s.ClaimMessages(t.Context(), at(t, "2026-09-02 08:00"), "email", "a", 10, at(t, "2026-09-02 08:01"))
		if err != nil || len(claimed) != 2 || string(claimed[0].Payload) != `{"a":1}` {
			t.Errorf("claimed %+v (error %v), want both with what they say", claimed, err)
		}
	})
	t.Run("WhoWasToldInstead", func(t *testing.T) {
		s := newScene(t, open)
		s.says("2026-09-02 10:30", "text", 5, "discuss-with-manager W1 sms", "set-timeframe W1 sms")
		s.givesUp("2026-09-02 10:31", "text", nil, func(m *store.FailedMessage, people peopleByID) (store.Replacement, error) {
			one, _ := tellInstead("first", "G1", "sms")(m, people)
			two, err := tellInstead("second", "V1", "email")(m, people)
			return store.Replacement{Messages: append(one.Messages, two.Messages...), Reminders: append(one.Reminders, two.Reminders...)}, err
		})
		s.givesUp("2026-09-02 10:32", "first", nil, tellInstead("third", "G1", "email"))
		s.givesUp("2026-09-02 10:33", "third", nil, nil)
		s.sends("2026-09-02 10:34", "email", "never")
		found, err := s.Undelivered(t.Context(), at(t, "2026-09-02 10:00"), at(t, "2026-09-02 10:29"), store.UndeliveredOf{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range found {
			got = append(got, fmt.Sprintf("%s to %s by %s failed at %s (%s %s); %s %s %d of %s under %s is due %s; instead %v",
				u.Role, u.Person, u.Channel, clock(t, u.At)[len("2026-09-02 "):], u.Fault, u.Code, u.Pathway, u.Duty, u.Attempt, u.Practitioner, u.Manager, clock(t, u.Due), u.Instead))
		}
		const duty = " failed at %s (address 21211); csc-child-and-family discuss-with-manager 1 of W1 under G1 is due 2026-09-03 10:00; instead "
		same(t, "undelivered", got, []string{
			"practitioner to W1 by sms" + fmt.Sprintf(duty, "10:31") + "[{V1 email sent} {G1 email failed}]",
			"manager to G1 by sms" + fmt.Sprintf(duty, "10:32") + "[{G1 email failed}]",
			"manager to G1 by email" + fmt.Sprintf(duty, "10:33") + "[]",
		})
		if v := found[0].Version; v == "" || v != s.duties["discuss-with-manager"].Version {
			t.Errorf("the pathway's version is %q, want that of the duty", v)
		}
		reminders, err := s.CaseReminders(t.Context(), "KN-7")
		if err != nil || len(reminders) != 8 || reminders[0].Fault != "address" || reminders[0].StateReason != "no such number" {
			t.Errorf("the case's reminders are %+v (error %v), want eight, the first of them with its fault", reminders, err)
		}
	})
}

// testOfManagers holds what is read of some managers' cases to what of everybody's is theirs.
func testOfManagers(t *testing.T, s *store.Store) {
	accessCases(t, s)
	event := func(ref, kind, by, when, due string) pathway.Event {
		e := pathway.Event{ID: ref + kind + when, Case: ref, Kind: kind, By: by, At: at(t, when)}
		if due != "" {
			e.Due, e.Reason = at(t, due), "on holiday"
		}
		return e
	}
	for _, ref := range []string{"KN-100", "KN-103", "KN-106", "KN-109", "KN-118", "KN-121", "KN-124", "KN-201", "KN-207"} { // under G1, G2 and nobody
		taken(t, s, Guidance(t), rows{events: []pathway.Event{event(ref, pathway.KindNoAccess, "W1", "2026-09-02 10:00", "")}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 10:00")}})
		taken(t, s, Guidance(t), rows{events: []pathway.Event{event(ref, pathway.KindTimeframeSet, "G1", "2026-09-02 15:00", "2026-09-30 00:00")}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 15:00")}})
	}
	for _, ref := range []string{"KN-103", "KN-109"} {
		taken(t, s, Guidance(t), rows{events: []pathway.Event{event(ref, pathway.KindClosed, "W1", "2026-09-03 09:00", "")}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-03 09:00")}})
		taken(t, s, Guidance(t), rows{events: []pathway.Event{event(ref, pathway.KindNoAccess, "W1", "2026-09-03 10:00", "")}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-03 10:00")}})
	}
	now, until := at(t, "2026-09-03 12:00"), at(t, "2026-09-07 00:00")
	for _, of := range []store.Managers{{"G1"}, {"G2"}, {"G1", "G2"}, {"G9"}, {}} {
		theirs(t, "duties that are due", of, func(of store.Managers) ([]store.DigestDuty, error) { return s.DutiesDueBy(t.Context(), now, until, of) }, func(d store.DigestDuty) string { return d.Manager })
		theirs(t, "duties beyond the cap", of, func(of store.Managers) ([]store.DigestDuty, error) { return s.DutiesBeyondCap(t.Context(), of) }, func(d store.DigestDuty) string { return d.Manager })
		theirs(t, "practitioners who are away", of, func(of store.Managers) ([]store.Absence, error) { return s.Absences(t.Context(), now, of) }, func(a store.Absence) string { return a.Manager })
		theirs(t, "flags", of, func(of store.Managers) ([]store.FlaggedCase, error) {
			return s.FlaggedSince(t.Context(), at(t, "2026-09-01 00:00"), of)
		}, func(f store.FlaggedCase) string { return f.Manager })
		theirs(t, "visits after a closing", of, func(of store.Managers) ([]store.FlaggedCase, error) { return s.VisitsAfterClosing(t.Context(), of) }, func(f store.FlaggedCase) string { return f.Manager })
	}
}

// theirs holds what is read of some managers' to what of everybody's is theirs.
func theirs[T comparable](t *testing.T, what string, of store.Managers, read func(store.Managers) ([]T, error), manager func(T) string) {
	t.Helper()
	all, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(of)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Errorf("%s: nobody has any, want some to compare", what)
	}
	want := slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !slices.Contains(of, manager(one)) })
	if !slices.Equal(got, want) {
		t.Errorf("%s of %v:\n%v\nwant of all those that are theirs:\n%v", what, of, got, want)
	}
}

// testUndeliveredAmongMany: what did not arrive of somebody's cases is the same however much
// else there is; of many others it is found in another way.
func testUndeliveredAmongMany(t *testing.T, s *scene) {
	now := "2026-09-02 10:30"
	s.tells(now, map[string]pathway.Severity{"discuss-with-manager": 0, "set-timeframe": 0})
	keys, ids := s.claims("a", now, 1) // the other one waits
	s.records(now, "a", store.Outcome{Message: ids[0], State: store.MessageFailed, Reason: "no such mailbox"})
	found := func(of store.UndeliveredOf) (lines []string) {
		all, err := s.Undelivered(t.Context(), at(t, "2026-09-01 00:00"), at(t, "2026-09-02 10:35"), of)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			u := &all[i]
			lines = append(lines, fmt.Sprintf("%s of %s (%s under %s) to %s as %s, waits %v, %q since %s", u.Duty, u.Case, u.Practitioner, u.Manager, u.Person, u.Role, u.Waits, u.Reason, u.At))
		}
		return lines
	}
	scope := &pathway.Scope{People: []string{"G1"}, AsManager: true}
	asked := map[string]store.UndeliveredOf{
		"of a manager's cases": {Scope: scope}, "under a manager": {Managers: store.Managers{"G1"}}, "of a case": {Case: "KN-7"},
		"of a case that is theirs": {Scope: scope, Case: "KN-7"}, "of nobody's cases": {Scope: &pathway.Scope{}}, "under another": {Managers: store.Managers{"G9"}},
	}
	before := map[string][]string{}
	for what, of := range asked {
		before[what] = found(of)
	}
	for _, what := range []string{"of a manager's cases", "under a manager", "of a case", "of a case that is theirs"} {
		if len(before[what]) != 2 {
			t.Fatalf("%s: %q, want what failed (%s) and what waits", what, before[what], keys)
		}
	}
	others := make([]store.Message, 600)
	for i := range others {
		others[i] = store.Message{Key: fmt.Sprint("alert/", i), Kind: "alert", Person: "V1", Channel: "sms", Severity: 9, NextTry: at(t, now)}
	}
	if _, err := s.QueueMessages(t.Context(), nil, at(t, now), others); err != nil {
		t.Fatal(err)
	}
	for what, of := range asked {
		same(t, what+", among many others", found(of), before[what])
	}
}
