package configs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// lines is a sink that keeps a line for each row.
type lines struct{ got []string }

func (l *lines) AddPerson(int, pathway.Person, pathway.Given) error {
	return fmt.Errorf("no mapping reads people")
}

func (l *lines) AddCase(_ int, c pathway.Case, _ pathway.Given) error {
	closed := ""
	if !c.Closed.IsZero() {
		closed = " closed " + c.Closed.Format(time.DateTime)
	}
	l.got = append(l.got, fmt.Sprintf("%s %s %s opened %s, %s of %s%s", c.Ref, c.Pathway, c.Plan, c.Opened.Format(time.DateTime), c.Practitioner, c.Team, closed))
	return nil
}

func (l *lines) AddEvent(_ int, e pathway.Event, _ pathway.Given) error {
	line := fmt.Sprintf("%s %s %s by %s", e.Case, e.Kind, e.At.Format(time.DateTime), e.By)
	if !strings.Contains(e.ID, "@") {
		line = e.ID + " " + line
	}
	l.got = append(l.got, strings.TrimSpace(line))
	return nil
}

// TestShippedMappingsReadTheirSamples: times are UTC here, an hour behind British
// summer time.
func TestShippedMappingsReadTheirSamples(t *testing.T) {
	c := mustLoad(t, "", nil)
	p, err := c.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := pathway.NewCalendar(c.CalendarSettings())
	if err != nil {
		t.Fatal(err)
	}
	rules := pathway.NewRules(calendar, nil)
	for _, pathway := range p.List() {
		rules.AddPathway(pathway, time.Time{})
	}
	for _, tt := range []struct {
		mapping, sample, of, want string
		skipped                   int
		faults                    string
	}{
		{"ofsted-annex-a", "ofsted-annex-a", intake.Cases, `AA-1001 csc-plan cp opened 2026-08-02 23:00:00, W1 of East
AA-1001 seen 2026-08-23 23:00:00 by
AA-1002 csc-plan cp opened 2026-06-11 23:00:00, W1 of East
AA-1002 seen 2026-08-20 23:00:00 by
AA-1003 csc-plan cp opened 2026-03-16 00:00:00, W2 of West, duty and assessment closed 2026-08-26 23:00:00
AA-1003 seen 2026-08-09 23:00:00 by`, 0, ""},
		{"ofsted-annex-a", "ofsted-annex-a-names", intake.Cases, `1012001 csc-plan cp opened 2026-08-02 23:00:00, W1 of East
1012001 seen 2026-08-23 23:00:00 by
1012002 csc-plan cp opened 2026-03-16 00:00:00, W2 of East closed 2026-06-11 23:00:00
1012002 seen 2026-06-09 23:00:00 by
1012002 reopened 2026-08-31 23:00:00 by
1012002 seen 2026-09-13 23:00:00 by`, 0, ""},
		{"ofsted-annex-a-referrals", "ofsted-annex-a-referrals", intake.Cases, `1012001-CF csc-child-and-family  opened 2026-11-23 00:00:00, W1 of Assessment
1012002-CF csc-child-and-family  opened 2026-10-20 08:30:00, W2 of Assessment closed 2026-11-02 00:00:00
1012002-CF reopened 2026-11-02 00:00:00 by`, 2, ""},
		{"ofsted-annex-a-section-47", "ofsted-annex-a-section-47", intake.Cases, `1012001-S47 csc-section-47  opened 2026-11-26 00:00:00, W1 of Locality 3
1012002-S47 csc-section-47  opened 2026-08-09 23:00:00, W2 of Locality 3 closed 2026-11-02 00:00:00
1012002-S47 reopened 2026-11-02 00:00:00 by
1012002-S47 closed 2026-11-20 00:00:00 by`, 1, ""},
		{"liquidlogic-visits", "liquidlogic-visits", intake.Events, `700101 AA-1001 seen 2026-08-24 15:10:00 by W1
700102 AA-1002 no-access 2026-08-21 09:00:00 by W1
700104 AA-1003 not-seen 2026-08-26 14:30:00 by W2
700105 AA-1001 cancelled-by-family 2026-08-28 08:00:00 by W1`, 1, ""},
		{"liquidlogic-visits", "liquidlogic-visits-contradictions", intake.Events, `700201 AA-1001 seen 2026-08-24 15:10:00 by W1
700204 AA-1004 no-access 2026-08-26 14:30:00 by W2`, 0,
			`3 "(empty) + Young person refused to come to the door"; 4 "Y + Cancelled by family"`},
		{"nhs-community", "nhs-community", intake.Events, `C-90001 SW-2001 no-access 2026-09-14 09:00:00 by H1
C-90002 SW-2002 seen 2026-09-14 10:30:00 by H1
C-90003 SW-2003 not-brought 2026-09-15 08:00:00 by H2
C-90004 SW-2003 not-brought 2026-09-22 08:00:00 by H2
C-90006 SW-2005 cancelled-by-family 2026-09-16 23:00:00 by H1
C-90007 SW-2002 seen 2026-09-18 14:20:00 by H1`, 1, ""},
		{"nhs-community", "nhs-community-csds", intake.Events, `C-90001 SW-2001 no-access 2026-09-14 09:00:00 by H1
C-90002 SW-2002 seen 2026-09-14 10:30:00 by H1
C-90004 SW-2003 not-brought 2026-09-22 08:00:00 by H2
C-90006 SW-2005 cancelled-by-family 2026-09-17 14:20:00 by H1`, 1, ""},
	} {
		t.Run(tt.sample, func(t *testing.T) {
			m := c.Import.Mappings[tt.mapping]
			sample, err := MappingFiles().Open("samples/" + tt.sample + ".csv")
			if err != nil {
				t.Fatal(err)
			}
			defer sample.Close()
			var sink lines
			result, err := intake.Read(context.Background(), sample, intake.Options{Of: m.For, File: "sample.csv", Mapping: &m,
				Rules: rules, Now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Partial: true,
				Staff: []pathway.Person{{ID: "W1", Name: "Ada Lane"}, {ID: "W2", Name: "Ben Moor"}}}, &sink)
			if err != nil {
				t.Fatal(err)
			}
			var faults []string
			for _, f := range result.Faults {
				code, _, _ := strings.Cut(f.Message, " is not among the mapping's values of kind")
				faults = append(faults, fmt.Sprint(f.Row, " ", code))
			}
			if got := strings.Join(faults, "; "); got != tt.faults {
				t.Errorf("faults %s, want %s", got, tt.faults)
			}
			if got := strings.Join(sink.got, "\n"); got != tt.want || m.For != tt.of || result.Skipped != tt.skipped {
				t.Errorf("%s, %d skipped:\n%s\nwant %s, %d:\n%s", m.For, result.Skipped, got, tt.of, tt.skipped, tt.want)
			}
		})
	}
}

// TestMappingsStandInFilesOfTheirOwn: in one that the configuration names, and in
// the folder mappings beside it.
func TestMappingsStandInFilesOfTheirOwn(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("doorstep.yaml", "import:\n  mappings:\n    named: ours/visits.yaml\n    inline: {for: people, columns: {id: Number}}\n")
	write("ours/visits.yaml", "for: events\ncolumns: {case_ref: {any_of: [Child, Child No]}, kind: [Flag, {any_of: [Why]}]}\n")
	write("mappings/children.yaml", "for: cases\ncolumns: {ref: Child}\n")
	write("mappings/nhs-community.yaml", "for: events\ncolumns: {case_ref: Number}\n")
	c, err := Load(filepath.Join(folder, "doorstep.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"named":          "events map[case_ref:[Child or Child No] kind:[Flag Why]]",
		"inline":         "people map[id:[Number]]",
		"children":       "cases map[ref:[Child]]",
		"nhs-community":  "events map[case_ref:[Number]]",
		"ofsted-annex-a": "cases ",
	} {
		m := c.Import.Mappings[name]
		if got := fmt.Sprint(m.For, " ", m.Columns); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}

	write("ours/visits.yaml", "for: events\ndates:\n  - DD/MM/YYYY\n  - MM/DD/YYYY\n")
	write("mappings/children.yaml", "for: cases\ncolumns: {rf: Child}\n")
	write("doorstep.yaml", "import:\n  mappings:\n    named: ours/visits.yaml\n    gone: ours/gone.yaml\n")
	_, err = Load(filepath.Join(folder, "doorstep.yaml"))
	for _, want := range []string{
		"doorstep.yaml:4:5: import.mappings.gone: cannot read ours/gone.yaml: no such file or directory: check the path",
		"ours/visits.yaml:4:5: dates[1]: the same date would be another day in DD/MM/YYYY and in MM/DD/YYYY",
		"mappings/children.yaml:2:11: columns.rf: is not a column of cases",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}
