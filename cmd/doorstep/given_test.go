package main

import (
	"strings"
	"testing"
)

const (
	keptStaff = "id,role,email,mobile,channel,reports_to,cover,away_from,away_until\n" +
		"G1,manager,g1@example.org,,,,,,\nW1,practitioner,w1@example.org,07700 900101,sms,G1,G1,2026-09-07,2026-09-11\n"
	keptCase = "ref,pathway,opened_at,practitioner,manager,visit_every,household,addressee,address_1,postcode,safe_to_write\n" +
		"LCS-1,csc-plan,2026-09-01,W1,G1,5 working days,H-1,The Larkrise family,1 Larkrise Terrace,SN1 1AA,no\n"
	emptySafe = "ref,pathway,opened_at,safe_to_write\nLCS-1,csc-plan,2026-09-01,\n"
	annexA    = "Child Unique ID,Child Protection Plan Start Date,Child Protection Plan End Date,Date of the Last Statutory Visit,Allocated Team,Allocated Worker\n" +
		"LCS-1,01/09/2026,,,East,W1\n"
	cardLeft = "event_id,case_ref,kind,at,by\nx1,LCS-1,no-access,2026-09-02 10:00,W1\n"
)

// TestAFileWithoutAColumnLeavesWhatIsKnown: the shipped mapping of a list that has
// neither manager nor address nor whether it is safe to write.
func TestAFileWithoutAColumnLeavesWhatIsKnown(t *testing.T) {
	t.Parallel()
	files := func() map[string]string {
		return map[string]string{"people.csv": keptStaff, "cases.csv": keptCase, "annex.csv": annexA, "empty.csv": emptySafe,
			"staff.csv": "id,role,email\nW1,practitioner,w1@example.org\n"}
	}
	load := []string{"import people ./people.csv", "import cases ./cases.csv"}
	for _, c := range []struct{ name, command, want string }{
		{"an empty cell of safe_to_write", "import cases ./empty.csv", "empty.csv: 1 row: 0 added, 0 changed, 1 unchanged"},
		{"people without mobile, cover and absence", "import people ./staff.csv", "staff.csv: 1 row: 0 added, 0 changed, 1 unchanged"},
		{"the same list again", "import cases ./cases.csv", "cases.csv: 1 row: 0 added, 0 changed, 1 unchanged"},
	} {
		out, errs, code := inFolder(t, files(), append(load, c.command)...)
		if code != exitDone || !strings.HasPrefix(out, c.want) {
			t.Errorf("%s: %q (exit %d, %s), want %q", c.name, out, code, errs, c.want)
		}
	}
	out, errs, code := inFolder(t, files(), append(load, "import cases ./annex.csv --mapping ofsted-annex-a", "case LCS-1")...)
	if code != exitDone || !strings.Contains(out, "practitioner W1, manager G1, team East") || strings.Contains(out, "reallocated") {
		t.Errorf("after an Annex A the case reads (exit %d, %s)\n%s\nwant W1 and G1 as before, team East, no new event", code, errs, out)
	}
}

// TestAFileWithoutSafeToWriteWritesToNobody: what could be printed before can be
// printed after, and no more.
func TestAFileWithoutSafeToWriteWritesToNobody(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"import cases ./annex.csv --mapping ofsted-annex-a", "import cases ./empty.csv"} {
		out, errs, _ := inFolder(t, map[string]string{"people.csv": keptStaff, "cases.csv": keptCase, "annex.csv": annexA, "empty.csv": emptySafe, "events.csv": cardLeft},
			"import people ./people.csv", "import cases ./cases.csv", list, "import events ./events.csv", "case LCS-1")
		if !strings.Contains(out, "no-access by W1") || strings.Contains(out, "card ") && !strings.Contains(out, "not printed") {
			t.Errorf("after %s a card is queued for an address that it is not safe to write to (%s):\n%s", list, errs, out)
		}
	}
}

// TestADryRunSaysWhatChangesFieldByField: and of an address only that it changes.
func TestADryRunSaysWhatChangesFieldByField(t *testing.T) {
	t.Parallel()
	changed := "ref,pathway,opened_at,manager,address_1\nLCS-1,csc-plan,2026-09-01,,2 Larkrise Terrace\n"
	out, errs, code := inFolder(t, map[string]string{"people.csv": keptStaff, "cases.csv": keptCase, "changed.csv": changed},
		"import people ./people.csv", "import cases ./cases.csv", "import cases ./changed.csv --dry-run")
	want := "  manager: 1 changed, 1 of them emptied (LCS-1 from \"G1\" to \"\")\n  address: 1 changed (LCS-1)\n"
	if code != exitDone || !strings.HasSuffix(out, want) {
		t.Errorf("%q (exit %d, %s), want it to end with %q", out, code, errs, want)
	}
}
