package pathway

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReferenceThatSaysWhoSomebodyIsIsRefused(t *testing.T) {
	for ref, says := range map[string]string{
		"9434765919":           "an NHS number",
		"943 476 5919":         "an NHS number",
		"943-476-5919":         "an NHS number",
		"NHS9434765919":        "an NHS number",
		"KN/943.476.5919/2":    "an NHS number",
		"9434765919-2":         "an NHS number",
		"94-3476-5919":         "an NHS number",
		"９４３４７６５９１９":           "an NHS number",
		"20261120-3":           "a date",
		"KN-20112026":          "a date",
		"11202026":             "a date",
		"20190503T0930":        "a date",
		"201905030930":         "a date",
		"KN-2019-05-03":        "a date",
		"03/05/2019":           "a date",
		"3.5.19":               "a date",
		"KN 3-5-2019 b":        "a date",
		"3 May 2019":           "a date",
		"3May19":               "a date",
		"03-MAY-2019":          "a date",
		"May 3, 2019":          "a date",
		"Sept-3-2019":          "a date",
		"SN1 1AA":              "an address",
		"sn11aa":               "an address",
		"KN-SN1-1AA":           "an address",
		"EC1A 1BB/2":           "an address",
		"12 Broadway":          "an address",
		"7-highstreet":         "an address",
		"14, Acaciaroad":       "an address",
		"FLAT-3":               "an address",
		"jane-doe":             "two words",
		"Smith John":           "two words",
		"smith_john":           "two words",
		"SMITH, JOHN":          "two words",
		"jane.doe@example.org": "two words",
		"J. O'Brien-Smith":     "two words",
		"JaneDoe":              "two words",
		"doe--jane-7":          "two words",
		"Jane Ng":              "two words",
		"Zoë Ødegård":          "two words",
		"Anna 李明":              "two words",
		"KN-1 Jane Doe":        "two words",
		"Team East":            "two words",
	} {
		if got := revealing(ref); !strings.Contains(got, says) {
			t.Errorf("the reference %q %q, want that it holds %s", ref, got, says)
		}
	}
}

func TestReferenceThatSaysNothingIsTaken(t *testing.T) {
	for _, ref := range []string{
		"KN-1", "SW-2001", "AA-1001", "W1", "M1", "SM", "KN-CIN-12", "SW-HV-A", "SW-A", "EH-CIN-1", "CP-1/2",
		"9434765918",  // the last digit does not check the others
		"94347659190", // of eleven
		"1012001", "KN-123456789", "2026-0042", "KN-2026-17", "20261340", "99999999", "32/05/2019x", "13-13-13",
		"SN-11AA", "QQ1 1AA", "KN1-2CK", "12-KN", "smith", "McDonald", "MacLeod", "O'Brien", "case17", "caseload-4",
		"3f2504e0-4f89-11d3-9a0c-0305e82c3301", "abcdefab-cafe-babe-dead-deadbeefcafe", "0194fdc2-fa2f-7cc0-81d3-ff12045b73c8",
		"W1-CP", "CIN/2026/17",
	} {
		if got := revealing(ref); got != "" {
			t.Errorf("the reference %q %s, want it taken", ref, got)
		}
	}
}

func TestReferenceIsRefusedWhereverItStands(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	check := NewChecker(rules, now)
	faulty := func(of string, faults []Fault) {
		t.Helper()
		for _, f := range faults {
			if strings.Contains(f.Message, "doe") || strings.Contains(f.Message, "Doe") {
				t.Errorf("%s repeats the reference: %s", of, f.Message)
			}
			if f.Column == of {
				if !strings.Contains(f.Message, "organisation.reference_pattern") {
					t.Errorf("the fault of %s does not say what to do: %s", of, f.Message)
				}
				return
			}
		}
		t.Errorf("%s may hold jane-doe: want it refused, have %v", of, faults)
	}
	const who = "jane-doe"
	person := Person{ID: who, ReportsTo: who + "-x", Cover: who + "-y"}
	for _, column := range []string{"id", "reports_to", "cover"} {
		faulty(column, check.PersonRow(&person, GivenAll))
	}
	kase := Case{Ref: who, Practitioner: who, Manager: who, Chair: who}
	for _, column := range []string{"ref", "practitioner", "manager", "chair"} {
		faulty(column, check.Case(&kase))
	}
	event := Event{Case: who, By: who, Kind: KindSeen, At: now}
	for _, column := range []string{"case_ref", "by"} {
		faulty(column, check.Event(&event))
	}
	faulty("value", check.Event(&Event{Case: "KN-1", Kind: KindReallocated, Value: who, At: now}))

	rules.SetReferences(regexp.MustCompile(`^(?:[a-z]+-doe)$`))
	if faults := check.Event(&Event{Case: who, By: who, Kind: KindSeen, At: now}); len(faults) > 0 {
		t.Errorf("organisation.reference_pattern allows %s, and yet: %v", who, faults)
	}
	if faults := check.Event(&Event{Case: "KN-1", Kind: KindSeen, At: now}); len(faults) > 0 {
		t.Errorf("organisation.reference_pattern restricts, and should only add: %v", faults)
	}
}

// The references of everything that ships, and of the stories, say nothing.
func TestShippedReferencesSayNothing(t *testing.T) {
	for _, root := range []string{"../configs", "../cmd/doorstep/testdata"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".csv" || d.Name() == "faults.csv" {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			lines := strings.Split(string(content), "\n")
			header := max(0, slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Child Unique ID,") })) // below titles
			for _, line := range lines[header+1:] {
				first, _, _ := strings.Cut(line, ",")
				if says := revealing(first); says != "" && !strings.Contains(first, "@") {
					t.Errorf("%s: %q %s", path, first, says)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkReference(b *testing.B) {
	for range b.N {
		for _, ref := range [...]string{"KN-123456", "1012001", "W17", "KN-CIN-12"} {
			if revealing(ref) != "" {
				b.Fatal(ref)
			}
		}
	}
}
