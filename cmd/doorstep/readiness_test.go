package main

import (
	"strings"
	"testing"
)

// TestReadinessSaysWhatNobodyWouldHear: that all are reached is said only where
// messages really go out.
func TestReadinessSaysWhatNobodyWouldHear(t *testing.T) {
	t.Parallel()
	load := []string{"import people ./people.csv", "import cases ./cases.csv"}
	out, errs, code := inFolder(t, recordable(), append(load, "readiness")...)
	says(t, "with messages that go into a folder", out, []string{"East, 1 open case", "practitioner W1, 1 case: NOBODY WOULD HEAR email written into the outbox, and sent to nobody",
		"NOBODY WOULD HEAR an urgent duty of", "East: manager G1, 1 case"}, "would reach somebody")
	if code != exitDone {
		t.Errorf("exit %d: %s", code, errs)
	}
	folder := secretiveFolder(t)
	for _, command := range []string{"import people ./people.csv", "import cases ./cases.csv", "readiness"} {
		out, errs, code = runIn(t, folder, command)
	}
	says(t, "with messages that go out", out, []string{"no team, 1 open case", "practitioner W1, 1 case email nothing has arrived there yet", "text no address",
		"service manager nobody, 1 case: duty is told instead", "An urgent duty would reach somebody in every role of every team."}, "NOBODY")
	if code != exitDone {
		t.Errorf("exit %d: %s", code, errs)
	}
	if out, _, _ = runIn(t, folder, "readiness --format jsonl"); !strings.Contains(out, `{"team":"","role":"manager","holder":"M1","cases":1,"told":"M1","heard":true,"channels":[{"channel":"email"},{"channel":"sms","not":"no address"}]}`) {
		t.Errorf("as JSON: %s; want M1, who hears by email", out)
	}
}

// TestReadinessOfOnePersonTellsWhatChangedOfThem: when, who and from which file, beside
// who would be told in their place.
func TestReadinessOfOnePersonTellsWhatChangedOfThem(t *testing.T) {
	t.Parallel()
	files := recordable()
	files["people.csv"] = "id,name,role,team,email,reports_to\nG1,Manager One,manager,East,g1@example.org,\nG2,Manager Two,manager,East,g2@example.org,\nW1,Worker One,practitioner,East,w1@example.org,G1\nA1,Admin One,admin,East,a1@example.org,\n"
	files["moved.csv"] = "id,role,team,email,reports_to\nW1,practitioner,West,w1.new@example.org,G2\n"
	load := []string{"import people ./people.csv", "import cases ./cases.csv"}
	out, errs, code := inFolder(t, files, append(load, "import people ./moved.csv", "readiness --person W1")...)
	says(t, "W1, who has moved", out, []string{"Worker One (W1), practitioner, West, ", "East practitioner Worker One (W1), 1 case: NOBODY WOULD HEAR email written into the outbox",
		"Changes", `team from "East" to "West" (from "moved.csv", by `, `email from "w1@example.org" to "w1.new@example.org" (from "moved.csv", by `,
		`reports_to from "Manager One (G1)" to "Manager Two (G2)" (from "moved.csv", by `}, "g1@example.org")
	if code != exitDone {
		t.Errorf("exit %d: %s", code, errs)
	}
	out, _, _ = inFolder(t, files, append(load, "readiness --person A1")...)
	says(t, "A1, of whom nothing changed", out, []string{"Admin One (A1), admin, East", "Has no part in an open case.", "Nothing changed since they became known."})
	for command, want := range map[string]string{
		"readiness --person W9":                `there is nobody with the id "W9" (did you mean `,
		"readiness --person W1 --format jsonl": "--person is shown as text only: leave --format out",
	} {
		if _, errs, code := inFolder(t, files, append(load, command)...); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d: %q; want exit 2 and %q", command, code, errs, want)
		}
	}
}
