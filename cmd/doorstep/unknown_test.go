package main

import (
	"strings"
	"testing"
)

// TestWhatThereIsNotIsRefusedWithASuggestion: whoever mistypes an id, a reference, a
// pathway, a mapping or a language is told so, and what may be meant; nothing looks as
// if there were nothing to do.
func TestWhatThereIsNotIsRefusedWithASuggestion(t *testing.T) {
	t.Parallel()
	const people = "id,role,email,reports_to\nM12,manager,m1@example.org,\nM34,manager,m3@example.org,\nW12,practitioner,w1@example.org,M12\nA1,admin,a1@example.org,\n"
	const cases = "ref,pathway,opened_at,practitioner,manager\nKN-101,csc-child-and-family,2026-09-01,W12,M12\n"
	for command, want := range map[string]string{
		"digest --manager M21":        `there is nobody with the id "M21" (did you mean M12?): check the id and the people list`,
		"digest --manager nobody":     `there is nobody with the id "nobody": check the id and the people list`,
		"digest --manager W12":        "W12 is no manager and has no digest: ask for that of M12, their manager",
		"digest --manager A1":         "A1 is no manager and has no digest: give the id of a manager or a service manager",
		"undelivered --use-again w12": `there is nobody with the id "w12" (did you mean W12?): check the id and the people list`,
		"print cards --visits today --practitioner W21 --out ./x.pdf": `there is nobody with the id "W21" (did you mean W12?): check the id and the people list`,
		"case kn-101":                                             "there is no case kn-101 (did you mean KN-101?): check the reference, and whether this is its database",
		"case KN-110":                                             "there is no case KN-110 (did you mean KN-101?): check the reference, and whether this is its database",
		"export chronology KN-011 --out ./x.pdf":                  "there is no case KN-011 (did you mean KN-101?): check the reference, and whether this is its database",
		"print letters --case KN-110 --out ./x.pdf":               "there is no case KN-110 (did you mean KN-101?): check the reference, and whether this is its database",
		"print cards --case KN-110 --variant final --out ./x.pdf": "there is no case KN-110 (did you mean KN-101?): check the reference, and whether this is its database",
		"print --pending --language pl --out ./x/":                `there is no wording in the language "pl": use en, or add it to the wording`,
		"pathway show hvchild":                                    `there is no pathway "hvchild" (did you mean hv-child?): use one of csc-`,
		"mapping show liquidlogic-visit":                          `there is no mapping "liquidlogic-visit" (did you mean liquidlogic-visits?): use one of`,
		"print cards --variant finale --blank 2 --out ./x.pdf":    `--variant: "finale" is not a card (did you mean final?): use rearrange, final or revisit`,
		"print lookup K7M-2PXQ":                                   "not a card serial that was ever given out",
		"print --batch 9 --out ./x/":                              "there is no batch 9: check the number on its cover sheet",
		"post --status --batch 9":                                 "there is no batch 9: check the number on its cover sheet",
	} {
		_, errs, code := inFolder(t, map[string]string{"people.csv": people, "cases.csv": cases}, "import people ./people.csv", "import cases ./cases.csv", command)
		if code != exitUsage || !strings.Contains(errs, "doorstep: "+want) {
			t.Errorf("%s: exit %d: %q; want exit 2 and %q", command, code, errs, want)
		}
	}
}
