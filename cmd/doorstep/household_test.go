package main

import (
	"strings"
	"testing"
)

// TestACaseNamesItsHousehold: the other cases by reference, those that are closed too.
func TestACaseNamesItsHousehold(t *testing.T) {
	t.Parallel()
	out, errs, code := inFolder(t, map[string]string{
		"people.csv": "id,name,role,team,email,mobile,channel,reports_to\nW1,Worker One,practitioner,East,w1@example.org,,,G1\nG1,Manager One,manager,East,g1@example.org,,,\n",
		"cases.csv": "ref,pathway,opened_at,practitioner,manager,team,household,closed_at\nKN-1,hv-child,2026-09-01 09:00,W1,G1,East,H-1,\n" +
			"KN-2,hv-child,2026-09-01 09:00,W1,G1,East,H-1,\nKN-3,hv-child,2026-09-01 09:00,W1,G1,East,H-1,2026-09-02 09:00\n",
	}, "import people ./people.csv", "import cases ./cases.csv", "case KN-1")
	if code != exitDone || !strings.Contains(out, "household H-1, with KN-2, KN-3 (closed)\n") {
		t.Errorf("exit %d, %s\n%s\nwant KN-1's household", code, errs, out)
	}
}
