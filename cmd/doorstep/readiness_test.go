package main

import (
	"strings"
	"testing"
)

// TestReadinessSaysWhatNobodyWouldHear: that all are reached is said only where
// messages really go out.
func TestReadinessSaysWhatNobodyWouldHear(t *testing.T) {
	load := []string{"import people ./people.csv", "import cases ./cases.csv"}
	out, errs, code := inFolder(t, recordable(), append(load, "readiness")...)
	says(t, "with messages that go into a folder", out, []string{"East, 1 open case", "practitioner W1 (1 case): NOBODY WOULD HEAR email written into the outbox, and sent to nobody",
		"NOBODY WOULD HEAR an urgent duty of", "East: manager G1 (1 case)"}, "would reach somebody")
	if code != exitDone {
		t.Errorf("exit %d: %s", code, errs)
	}
	folder := secretiveFolder(t)
	for _, command := range []string{"import people ./people.csv", "import cases ./cases.csv", "readiness"} {
		out, errs, code = runIn(t, folder, command)
	}
	says(t, "with messages that go out", out, []string{"no team, 1 open case", "practitioner W1 (1 case) email nothing has arrived there yet", "text no address",
		"service manager nobody (1 case): duty is told instead", "An urgent duty would reach somebody in every role of every team."}, "NOBODY")
	if code != exitDone {
		t.Errorf("exit %d: %s", code, errs)
	}
	if out, _, _ = runIn(t, folder, "readiness --format jsonl"); !strings.Contains(out, `{"team":"","role":"manager","holder":"M1","cases":1,"told":"M1","heard":true,"channels":[{"channel":"email"},{"channel":"sms","not":"no address"}]}`) {
		t.Errorf("as JSON: %s; want M1, who hears by email", out)
	}
}
