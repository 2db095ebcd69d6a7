package configs

import (
	"strings"
	"testing"
)

// TestTheRecordSystemsLinkLeadsToACase: what is wrong is said before a message has it.
func TestTheRecordSystemsLinkLeadsToACase(t *testing.T) {
	for name, tt := range map[string]struct{ text, fault string }{
		"none":                     {`{}`, ""},
		"a name alone":             {`{name: Mosaic}`, ""},
		"in the path":              {`{name: Mosaic, case_link: "https://mosaic.council.example/cases/{ref}"}`, ""},
		"in the query":             {`{name: Liquidlogic LCS, case_link: "https://lcs.council.example/open?case={ref}&tab=1"}`, ""},
		"behind the number sign":   {`{name: Mosaic, case_link: "https://mosaic.council.example/#/cases/{ref}"}`, ""},
		"not https":                {`{name: Mosaic, case_link: "http://mosaic.council.example/{ref}"}`, `record_system.case_link: "http://mosaic.council.example/{ref}" is no address that begins with https://: write it in full, as in https://mosaic.council.example/cases/{ref}`},
		"no place for a reference": {`{name: Mosaic, case_link: "https://mosaic.council.example/cases"}`, "leads to no case: put {ref} where the reference stands"},
		"two places":               {`{name: Mosaic, case_link: "https://mosaic.council.example/{ref}/{ref}"}`, "has {ref} more than once: keep one"},
		"no machine":               {`{name: Mosaic, case_link: "https:///{ref}"}`, "is no address that begins with https://"},
		"a script":                 {`{name: Mosaic, case_link: "javascript:alert('{ref}')"}`, "is no address that begins with https://"},
		"the machine's name":       {`{name: Mosaic, case_link: "https://{ref}.council.example/"}`, "has {ref} in the name of the machine: put it behind that"},
		"the end of the name":      {`{name: Mosaic, case_link: "https://mosaic{ref}"}`, "has {ref} in the name of the machine"},
		"a password":               {`{name: Mosaic, case_link: "https://u:p@mosaic.council.example/{ref}"}`, "has a user or a password"},
		"a space":                  {`{name: Mosaic, case_link: "https://mosaic.council.example/a b/{ref}"}`, "has a space or a character that no address has"},
		"a link without a name":    {`{case_link: "https://mosaic.council.example/{ref}"}`, `record_system.name: is empty: messages say "record it in …" by it`},
		"a name that tells":        {`{name: Child Protection System}`, `record_system.name: stands in messages, and "Child Protection" tells why a family is known`},
		"two lines":                {`{name: "Mosaic\nBcc: x"}`, "has a line break, a mark or a space at its end"},
		"a very long name":         {`{name: "The integrated case management system of the council"}`, "is longer than 30 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load("doorstep.yaml", []byte("record_system: "+tt.text), environment{}.lookup, toSend)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if tt.fault == "" && got != "" || !strings.Contains(got, tt.fault) {
				t.Errorf("faults %q, want %q", got, tt.fault)
			}
			if tt.fault != "" && !strings.HasPrefix(got, "doorstep.yaml:1:") {
				t.Errorf("the fault %q has no file, line and column", got)
			}
		})
	}
}

// TestPagesAreWhereTheyAreConfiguredToBe: the built-in address is a sample.
func TestPagesAreWhereTheyAreConfiguredToBe(t *testing.T) {
	for text, want := range map[string]string{"": "", "public_url: https://doorstep.council.example/": "https://doorstep.council.example"} {
		if got := mustLoad(t, text, environment{}).PagesURL(); got != want {
			t.Errorf("with %q the pages are at %q, want %q", text, got, want)
		}
	}
}
