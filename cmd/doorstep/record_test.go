package main

import (
	"strings"
	"testing"
)

// recordable is a case on which nobody has been seen yet.
func recordable() map[string]string {
	return map[string]string{
		"people.csv": "id,role,email,reports_to\nG1,manager,g1@example.org,\nW1,practitioner,w1@example.org,G1\n",
		"cases.csv":  "ref,pathway,opened_at,practitioner,manager,team\nKN-7,csc-child-and-family,2026-09-01 09:00,W1,G1,East\n",
		"visit.csv":  "event_id,case_ref,kind,at,by\nv1,KN-7,no-access,2026-09-02 10:00,W1\n",
		"same.csv":   "event_id,case_ref,kind,at,by,value\nr9,KN-7,discussed-with-manager,2026-09-02 15:00,W1,\n",
	}
}

// TestRecordSaysWhatAnEventChanges: which duties open, move, are met and end, with
// their due times.
func TestRecordSaysWhatAnEventChanges(t *testing.T) {
	t.Parallel()
	load := []string{"import people ./people.csv", "import cases ./cases.csv"}
	visit := `record KN-7 no-access --by W1 --at 2026-09-02T10:00:00+01:00 --event-id v1`
	out, errs, code := inFolder(t, recordable(), append(load, visit)...)
	says(t, "an unsuccessful visit", out, []string{"KN-7 no-access by W1, Wed 2 Sep 2026 10:00: recorded",
		"Discuss the unsuccessful visit with the team manager, for the practitioner opened: due Thu 3 Sep 2026 10:00"})
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	discussed := `record KN-7 discussed-with-manager --by W1 --at 2026-09-02T15:00:00+01:00`
	out, _, _ = inFolder(t, recordable(), append(load, visit, discussed)...)
	says(t, "the discussion", out, []string{"Discuss the unsuccessful visit with the team manager, for the practitioner met: was due Thu 3 Sep 2026 10:00"}, "opened: due Thu 3")
	out, _, _ = inFolder(t, recordable(), append(load, visit, `record KN-7 timeframe-set --by G1 --at 2026-09-02T15:00:00+01:00 --due 2026-09-04`)...)
	says(t, "a timeframe", out, []string{"See the child again, for the practitioner moved: due Fri 4 Sep 2026 17:00, before "})
	out, _, _ = inFolder(t, recordable(), append(load, visit, `record KN-7 voided --by W1 --value v1`)...)
	says(t, "taking it back", out, []string{"Discuss the unsuccessful visit with the team manager, for the practitioner ended: the event that opened it was recorded in error; was due Thu 3 Sep 2026 10:00"})
	out, _, _ = inFolder(t, recordable(), append(load, visit, visit)...)
	if want := "KN-7  no-access by W1, Wed 2 Sep 2026 10:00: was recorded before; nothing changed\n"; out != want {
		t.Errorf("the same once more: %q, want %q", out, want)
	}
}

// TestRecordIsARowByItself: a file that brings the same event later changes nothing,
// and what is wrong is said in the words of a row, by the flag.
func TestRecordIsARowByItself(t *testing.T) {
	t.Parallel()
	load := []string{"import people ./people.csv", "import cases ./cases.csv", "import events ./visit.csv"}
	out, errs, code := inFolder(t, recordable(), append(load, "record KN-7 discussed-with-manager --by W1 --at 2026-09-02T15:00:00+01:00 --event-id r9", "import events ./same.csv")...)
	if !strings.HasPrefix(out, "same.csv: 1 row: 0 added, 0 changed, 1 unchanged") || code != exitDone {
		t.Errorf("%q (exit %d, %s), want one row unchanged", out, code, errs)
	}
	for command, want := range map[string]string{
		"record KN-9 seen":                      "there is no case KN-9 (did you mean KN-7?): check the reference, and whether this is its database",
		"record KN-7 seen --by W2":              `there is nobody with the id "W2" (did you mean W1?): check the id and the people list`,
		"record KN-7 reallocated --value W3":    `there is nobody with the id "W3" (did you mean W1?): check the id and the people list`,
		"record KN-7 no-acces":                  `KIND: "no-acces" is not known: use appointment-offered`,
		"record KN-7 visit-booked":              "--booked: is empty: visit-booked needs the time of the visit",
		"record KN-7 timeframe-set --due later": `--due: "later" is not a date`,
		"record KN-7 seen --at 2026-13-01":      `--at: "2026-13-01" is not a date`,
		"record KN-7 voided --value x1":         `--value: case KN-7 has no event "x1": give the id of the event that was recorded in error`,
		"record KN-7 seen --at 2020-01-01":      "--at: lies more than a year before the case was opened: check the date and the case",
		"record KN-7 no-access --event-id v1":   "--at: this event is already recorded with another value: void it and record a new one",
	} {
		_, errs, code := inFolder(t, recordable(), append(load, command)...)
		if code != exitUsage || !strings.HasPrefix(errs, "doorstep: "+want) {
			t.Errorf("%s: exit %d: %q; want exit 2 and %q", command, code, errs, want)
		}
	}
}
