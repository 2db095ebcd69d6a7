package main

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// antenatalOfBefore is a pathway as it stood before pathway files knew of births.
const antenatalOfBefore = `
pathway: hv-antenatal
title: Antenatal
duties:
  - {id: confirm-address, title: Confirm the address, basis: local, owner: practitioner, opens: attempt 1, due: 9 working days, met_by: address-confirmed}
  - {id: offer-another-practitioner, title: Offer another practitioner, basis: local, owner: manager, opens: relationship-breakdown, due: 8 working days, met_by: offer-declined}
`

// TestADatabaseOfBeforeKnowsOfBirthsFromTheNewFileOn: what was open keeps its time when
// the pathway file changes, a birth that is recorded then ends what was asked of the
// mother, and what holds on every pathway goes on.
func TestADatabaseOfBeforeKnowsOfBirthsFromTheNewFileOn(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	does := func(command string) string {
		t.Helper()
		out, errs, code := runIn(t, folder, command)
		if code != exitDone {
			t.Fatalf("%s: exit %d: %s%s", command, code, out, errs)
		}
		return out
	}
	config := fmt.Sprintf("database: \"sqlite:%s/doorstep.db\"\nduty_address: {email: duty@example.org}\n", folder)
	write("doorstep.yaml", config+"pathways: [before.yaml]\n")
	write("before.yaml", antenatalOfBefore)
	write("people.csv", changeStaff)
	write("cases.csv", fmt.Sprintf("ref,pathway,opened_at,practitioner,manager,contact,edd\nAN-1,hv-antenatal,%s,W1,M1,antenatal,2030-01-01\n", ago(72*time.Hour)))
	write("events.csv", fmt.Sprintf("event_id,case_ref,kind,at,by\nx1,AN-1,no-access,%s,W1\nx2,AN-1,relationship-breakdown,%s,W1\n", ago(48*time.Hour), ago(47*time.Hour)))
	for _, command := range []string{"import people ./people.csv", "import cases ./cases.csv", "import events ./events.csv"} {
		does(command)
	}
	due := func() map[string]string { // of the duties that are to be done
		t.Helper()
		rows, err := csv.NewReader(strings.NewReader(does("duties --format csv"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		duty, at := slices.Index(rows[0], "duty"), slices.Index(rows[0], "due_at")
		byDuty := map[string]string{}
		for _, row := range rows[1:] {
			byDuty[row[duty]] = row[at]
		}
		return byDuty
	}
	before := due()
	if before["confirm-address"] == "" || before["offer-another-practitioner"] == "" || len(before) != 2 {
		t.Fatalf("under the file of before: %v, want two duties", before)
	}
	write("doorstep.yaml", config)
	does("migrate")
	if after := due(); !maps.Equal(after, before) {
		t.Errorf("with the new file %v are due, want %v as before", after, before)
	}
	does("record AN-1 born --by W1")
	born := due()
	if born["confirm-address"] != "" || born["new-birth-contact"] == "" || born["offer-another-practitioner"] != before["offer-another-practitioner"] {
		t.Errorf("after the birth: %v; want the new birth contact and, due as before, the offer of another practitioner", born)
	}
	if out := does("case AN-1"); !strings.Contains(out, "(hv-child)") || !strings.Contains(out, ": born\n") || strings.Contains(out, "visit since last seen") {
		t.Errorf("the case reads\n%s\nwant it on hv-child, a duty ended because it is born, and no unsuccessful visit counted", out)
	}
}
