package intake

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

func visits() *Mapping {
	return &Mapping{
		For:       Events,
		Delimiter: "semicolon",
		Columns: map[string][]Heading{
			"case_ref": Headings("Child"), "at": Headings("Day", "Time"), "kind": Headings("Seen", "Why"), "event_id": Headings("No"),
		},
		Ignore:    []string{"Team"},
		Skip:      map[string][]string{"Sort": {"Phone call"}},
		Values:    map[string]map[string]string{"kind": {"Y": "seen", "N + *": "not-seen", "N no reply": "no-access"}},
		Dates:     []string{"DD/MM/YYYY HH:mm", "DD/MM/YYYY"},
		Constants: map[string]string{"by": "W9"},
	}
}

func TestMappingReadsAnotherSystemsFile(t *testing.T) {
	o := options(t, Events)
	o.Mapping = visits()
	file := "No;Child;Day;Time;Sort;Seen;Why;Team;reason\n" +
		"1;K;24/08/2026;16:10;Visit;Y;;East;fine\n" +
		"2;K;25/08/2026;;Visit;n;NO REPLY;East;\n" +
		"3;K;26/08/2026;09:00;phone call;N;;East;\n" +
		"4;K;27/08/2026;09:00;Visit;N;child out;East;\n" +
		"5;K;2026-08-28;09:00;Visit;?;;East;\n"
	var k kept
	result, err := Read(context.Background(), strings.NewReader(file), o, &k)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range k.events {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", e.ID, e.Kind, e.At.Format(time.RFC3339), e.By, e.Reason))
	}
	want := []string{"1 seen 2026-08-24T15:10:00Z W9 fine", "2 no-access 2026-08-24T23:00:00Z W9 ", "4 not-seen 2026-08-27T08:00:00Z W9 "}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("events\n%v, want\n%v", got, want)
	}
	if result.Rows != 3 || result.Skipped != 1 || result.BadRows != 1 {
		t.Errorf("%+v, want 3 rows, 1 skipped, 1 bad", result)
	}
	wantFault := `events.csv:6: column Seen + Why (kind): "? + (empty)" is not among the mapping's values of kind: correct it, or say there what it means, beside "N + *", "N no reply", "Y"`
	if got := result.Err("events.csv").Error(); got != wantFault {
		t.Errorf("fault\n%s, want\n%s", got, wantFault)
	}
}

func TestMappingSaysWhichDatesItExpects(t *testing.T) {
	o := options(t, Events)
	o.Mapping = visits()
	_, faults := read(t, o, "Child;Day;Time;Sort;Seen;Why;No\nK;08/24/2026;16:10;;Y;;\n")
	want := `events.csv:2: column Day + Time (at): "08/24/2026 16:10" is not a date: the mapping expects DD/MM/YYYY HH:mm, DD/MM/YYYY or 2026-12-24 16:00`
	if faults != want {
		t.Errorf("got\n%s, want\n%s", faults, want)
	}
}

func TestMappingMissesItsColumns(t *testing.T) {
	o := options(t, Events)
	o.Mapping = visits()
	_, faults := read(t, o, "Child;Day;Time;Seen;Why;Colour\n")
	want := "events.csv:1: column No: is missing, and the mapping reads event_id from it: check that this is the right file and mapping\n" +
		"events.csv:1: column Sort: is missing, and the mapping leaves out rows by it: check that this is the right file and mapping\n" +
		"events.csv:1: column Colour: is not a column of events: correct it, take it out, or import with a mapping that ignores it"
	if faults != want {
		t.Errorf("got\n%s, want\n%s", faults, want)
	}
}

func TestMappingOnAFileWithoutHeaderRepeatsNothing(t *testing.T) {
	o := options(t, Events)
	o.Mapping = visits()
	_, faults := read(t, o, "1;Zoe Zebra;24/08/2026;16:10;Visit;Y;;East\n")
	want := "events.csv:1: the first line names no column of events: it should name the columns, such as Child, Seen, Why, Day, Time"
	if faults != want {
		t.Errorf("got\n%s, want\n%s", faults, want)
	}
}

func TestMistakesInAMapping(t *testing.T) {
	m := Mapping{
		For:       Events,
		Columns:   map[string][]Heading{"wen": Headings("Date"), "by": {}, "kind": Headings("Code")},
		Values:    map[string]map[string]string{"kind": {"Y": "sen", "N": "review-held", "*N": "seen", "*": "seen"}},
		Dates:     []string{"dd.mm.yyyy"},
		Constants: map[string]string{"kind": "seen", "colour": "blue"},
	}
	var got []string
	for _, f := range m.Check() {
		got = append(got, f.Key+": "+f.Message)
	}
	columns := ": the columns are event_id, case_ref, kind, at, recorded_at, by, value, due_at, booked_for, place, reason, reason_code"
	want := []string{
		"columns.by: names no column of the file",
		"constants.kind: has a column in the file too: keep one of the two",
		"columns.wen: is not a column of events" + columns,
		"constants.colour: is not a column of events" + columns,
		"values.kind.*: would take a child for seen of whom the file says nothing: name the code that says so",
		"values.kind.*N: has a * before its end: it stands for the rest of a value, as in 3*",
		`values.kind.Y: "sen" is not a kind of event (did you mean seen?)`,
		`dates[0]: "dd.mm.yyyy" is not a date format: write it with DD, MM, YYYY, HH, mm and ss, as in DD/MM/YYYY HH:mm`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	cases := Mapping{For: Cases, Values: map[string]map[string]string{"contact": {"6W": "sixweek"}, "plan": {"a": ""}}}
	if got := fmt.Sprint(cases.Check()); got != "[{values.contact.6W \"sixweek\" is not known: use antenatal, new-birth, six-week, one-year, two-year or other (did you mean six-week?)}]" {
		t.Errorf("got %s", got)
	}
	if got := fmt.Sprint((&Mapping{}).Check()); got != "[{for is missing: say what the file holds, people, cases or events}]" {
		t.Errorf("got %s", got)
	}
}

// outcomes reads rows of a flag and a reason, and returns the kinds of the events
// and what is wrong with the others.
func outcomes(t *testing.T, values map[string]string, rows string) (kinds []string, faults string) {
	t.Helper()
	o := options(t, Events)
	o.Partial = true
	o.Mapping = &Mapping{For: Events, Columns: map[string][]Heading{"kind": Headings("Flag", "Reason")}, Values: map[string]map[string]string{"kind": values}}
	if mistakes := o.Mapping.Check(); mistakes != nil {
		t.Fatal(mistakes)
	}
	k, faults := read(t, o, "case_ref,at,Flag,Reason\n"+rows)
	for _, e := range k.events {
		kinds = append(kinds, e.Kind)
	}
	return kinds, faults
}

// TestNobodyIsSeenWithoutACodeThatSaysSo: a reason does not pass for a flag, and a
// flag does not stand where a reason speaks against it.
func TestNobodyIsSeenWithoutACodeThatSaysSo(t *testing.T) {
	for _, values := range []map[string]string{
		{"Y + (empty)": "seen", "N + *": "not-seen"},
		{"Y +": "seen", "N + *": "not-seen"},
		{"Y*": "seen", "N + *": "not-seen"},
		{"Y": "seen", "N + *": "not-seen"},
	} {
		kinds, faults := outcomes(t, values, "K,2026-09-01,,Young person refused to come to the door\nK,2026-09-02,Y,Cancelled by family\n"+
			"K,2026-09-03,?,\nK,2026-09-04,,\nK,2026-09-05,seen,\nK,2026-09-06,Y,\nK,2026-09-07,n,\nK,2026-09-08,N,Out\n")
		if got := fmt.Sprint(kinds); got != "[seen not-seen not-seen]" {
			t.Errorf("%v: events %s, want seen of the sixth row alone, then not-seen twice:\n%s", values, got, faults)
		}
		for _, want := range []string{
			`events.csv:2: column Flag + Reason (kind): "(empty) + Young person refused to come to the door" is not among the mapping's values of kind`,
			`events.csv:3: column Flag + Reason (kind): "Y + Cancelled by family" is not among`,
			`events.csv:4: column Flag + Reason (kind): "? + (empty)" is not among`,
			`events.csv:5: column Flag + Reason (kind): "(empty) + (empty)" is not among`,
			`events.csv:6: column Flag + Reason (kind): "seen + (empty)" is not among`,
		} {
			if !strings.Contains(faults, want) {
				t.Errorf("%v: the faults lack %s:\n%s", values, want, faults)
			}
		}
	}
}

func TestTheClosestCodeCounts(t *testing.T) {
	kinds, faults := outcomes(t, map[string]string{"3 + *": "not-brought", "3 + A*": "not-seen", "3 + A01": "no-access", "4 + *": "(leave out)", "(empty) + Out": "no-access"},
		"K,2026-09-01,3,A01\nK,2026-09-02,03,a02\nK,2026-09-03,3,\nK,2026-09-04,4,A01\nK,2026-09-05,04,\nK,2026-09-06,,out\n")
	if got := fmt.Sprint(kinds); faults != "" || got != "[no-access not-seen not-brought no-access]" {
		t.Errorf("events %s, want [no-access not-seen not-brought no-access]:\n%s", got, faults)
	}
}

func TestAnEmptyCodeOfOneColumnIsNotSeen(t *testing.T) {
	o := options(t, Events)
	o.Mapping = &Mapping{For: Events, Columns: map[string][]Heading{"kind": Headings("Flag")}, Values: map[string]map[string]string{"kind": {"1": "seen", "0": "not-seen"}}}
	k, faults := read(t, o, "case_ref,at,Flag\nK,2026-09-01,\nK,2026-09-01,no-access\nK,2026-09-02,01\nK,2026-09-03,00\n")
	if len(k.events) != 2 || k.events[0].Kind != "seen" || k.events[1].Kind != "not-seen" {
		t.Errorf("events %+v, want seen and not-seen", k.events)
	}
	want := "events.csv:2: column Flag (kind): is empty: say what happened\n" +
		`events.csv:3: column Flag (kind): "no-access" is not among the mapping's values of kind: correct it, or say there what it means, beside "0", "1"`
	if faults != want {
		t.Errorf("faults\n%s, want\n%s", faults, want)
	}
}

// TestOtherNamesOfAColumn: the first that is not empty counts, in each row.
func TestOtherNamesOfAColumn(t *testing.T) {
	o := options(t, Events)
	o.Mapping = &Mapping{For: Events, Columns: map[string][]Heading{"case_ref": {{AnyOf: []string{"PATIENT ID (EXTENDED)", "PATIENT ID", "NUMBER"}}},
		"at": Headings("CONTACT DATE")}}
	k, faults := read(t, o, "patient_id_extended,Patient\u00a0ID,contact_date,kind\nA,B,2026-09-01,seen\n,B,2026-09-02,seen\n\u00a0,B\u00a0,2026-09-03T10:00:00Z,seen\n")
	if faults != "" || len(k.events) != 3 || k.events[0].Case != "A" || k.events[1].Case != "B" || k.events[2].Case != "B" {
		t.Errorf("events %+v, want of A, B and B:\n%s", k.events, faults)
	}
	_, faults = read(t, o, "contact_date,kind\n")
	if want := "events.csv:1: column PATIENT ID (EXTENDED) or PATIENT ID or NUMBER: is missing, and the mapping reads case_ref from it: check that this is the right file and mapping"; faults != want {
		t.Errorf("faults\n%s, want\n%s", faults, want)
	}
}

func TestDatesAreReadInEveryFormOfAnExtract(t *testing.T) {
	o := options(t, Events)
	o.Mapping = &Mapping{For: Events, Columns: map[string][]Heading{"at": Headings("Day", "Time")},
		Dates: []string{"D/M/YYYY", "DD/MM/YYYY HH:mm", "DD/MM/YYYY HH:mm:ss", "D/M/YY", "YYYYMMDD", "YYYYMMDD HH:mm:ss"}}
	if mistakes := o.Mapping.Check(); mistakes != nil {
		t.Fatal(mistakes)
	}
	k, faults := read(t, o, "case_ref,kind,Day,Time\nK,seen,3/9/2026,\nK,seen,03/09/2026,\nK,seen,03/09/2026,00:00\nK,seen,03/09/2026,00:00:00\nK,seen,3/9/26,\n"+
		"K,seen,20260903,\nK,seen,20260903,00:00:00\nK,seen,2026-09-03T00:00:00,\nK,seen,2026-09-03T00:00:00,00:00:00\nK,seen,2026-09-03 00:00:00.000,00:00\nK,seen,03/09/2026 00:00:00,00:00\n")
	for i, e := range k.events {
		if got := e.At.Format(time.RFC3339); got != "2026-09-02T23:00:00Z" {
			t.Errorf("row %d: %s, want the beginning of 3 September", i+2, got)
		}
	}
	if faults != "" || len(k.events) != 11 {
		t.Errorf("%d events, want 11:\n%s", len(k.events), faults)
	}
}

func TestAMappingHasOneOrderOfDayAndMonth(t *testing.T) {
	for _, dates := range [][]string{{"DD/MM/YYYY", "MM/DD/YYYY"}, {"M/D/YYYY HH:mm", "DD/MM/YYYY"}, {"DD/MM/YY", "YY/MM/DD"}, {"D/M/YYYY", "M/D/YY"}, {"MM/DD/YYYY hh:mm A", "DD-MM-YYYY"}} {
		mistakes := (&Mapping{For: Events, Dates: dates}).Check()
		want := "dates[1]: the same date would be another day in " + dates[0] + " and in " + dates[1] + ": keep the one that the file is written in"
		if len(mistakes) != 1 || mistakes[0].Key+": "+mistakes[0].Message != want {
			t.Errorf("%v: %v, want %s", dates, mistakes, want)
		}
	}
	for _, dates := range [][]string{{"DD/MM/YYYY", "D/M/YY", "YYYY-MM-DD", "YYYYMMDD HH:mm"}, {"DD/MM/YYYY", "MMM D YYYY"}} {
		if mistakes := (&Mapping{For: Events, Dates: dates}).Check(); len(mistakes) > 0 {
			t.Errorf("%v: %v, want no mistake: nobody takes one for the other", dates, mistakes)
		}
	}
}

// TestACodeMeansOneThing: codes are compared without capitals and leading zeros, so that
// two lines may be about one code; of two that mean different things neither counts.
func TestACodeMeansOneThing(t *testing.T) {
	for _, values := range []map[string]string{
		{"Seen": "no-access", "SEEN": "seen"}, {"05": "no-access", "5": "seen"}, {" Y ": "no-access", "y": "seen"},
		{"S*": "seen", "s*": "not-seen"}, {"(empty)": "not-seen", "": "no-access"},
	} {
		m := Mapping{For: Events, Columns: map[string][]Heading{"kind": Headings("Code")}, Values: map[string]map[string]string{"kind": values}}
		if mistakes := fmt.Sprint(m.Check()); !strings.Contains(mistakes, "is the same code as") {
			t.Errorf("%q: %s, want them refused as the same code", values, mistakes)
		}
	}
	m := Mapping{For: Events, Columns: map[string][]Heading{"kind": Headings("Flag", "Reason")},
		Values: map[string]map[string]string{"kind": {"N + Out": "no-access", "N Out": "not-seen", "Y": "seen", "y": "seen", "N + 1": "no-access", "N + 1*": "not-seen"}}}
	if got, want := fmt.Sprint(m.Check()), `[{values.kind.N Out is the same code as "N + Out", which means no-access: keep one of the two}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestValuesToLeaveOutAreWrittenAsCodes: as everywhere in a mapping.
func TestValuesToLeaveOutAreWrittenAsCodes(t *testing.T) {
	o := options(t, Events)
	o.Mapping = &Mapping{For: Events, Skip: map[string][]string{"Type": {"Phone*", "07", "(empty)"}}}
	if mistakes := o.Mapping.Check(); mistakes != nil {
		t.Fatal(mistakes)
	}
	k, faults := read(t, o, "case_ref,at,kind,Type\nK1,2026-09-01,seen,phone call\nK2,2026-09-01,seen,7\nK3,2026-09-01,seen,\nK4,2026-09-01,seen,Visit\n")
	if faults != "" || len(k.events) != 1 || k.events[0].Case != "K4" {
		t.Errorf("events %+v, want that of K4 alone:\n%s", k.events, faults)
	}
	m := Mapping{For: Events, Skip: map[string][]string{"Type": {"*", "*call"}}}
	want := "[{skip.Type[0] would leave out every row: name the values whose rows are meant} {skip.Type[1] has a * before its end: it stands for the rest of a value, as in 3*}]"
	if got := fmt.Sprint(m.Check()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestTryingAFileShowsEveryColumn: of what is private only that it is there.
func TestTryingAFileShowsEveryColumn(t *testing.T) {
	o := options(t, Events)
	rows, _, err := Try(t.Context(), strings.NewReader("case_ref,kind,at,by,place,reason,reason_code\nK,no-access,2026-09-02 10:00,W1,home,the dog,hiding\n"), o)
	want := "case K: no-access, at Wed 2 September 2026 10:00, by W1, place home, reason given, reason code given"
	if err != nil || len(rows) != 1 || rows[0].Text != want {
		t.Errorf("tried %+v, %v; want %q", rows, err, want)
	}
	o = options(t, Cases)
	rows, _, err = Try(t.Context(), strings.NewReader("ref,pathway,opened_at,large_print\nK,hv-child,2026-09-02 10:00,yes\n"), o)
	want = "case K, pathway hv-child, opened Wed 2 September 2026 10:00, large print given"
	if err != nil || len(rows) != 1 || rows[0].Text != want {
		t.Errorf("tried %+v, %v; want %q", rows, err, want)
	}
}

func TestAMappingSaysWhatGoesWithWhat(t *testing.T) {
	for _, tt := range []struct {
		mapping Mapping
		key     string
	}{
		{Mapping{For: Cases, Restarts: true}, "restarts"},
		{Mapping{For: Events, NoOlderThan: pathway.Offset{N: 5, Unit: pathway.Days}}, "no_older_than"},
		{Mapping{For: Cases, NoOlderThan: pathway.Offset{N: 5, Unit: pathway.Hours}}, "no_older_than"},
		{Mapping{For: Cases, Suffixes: map[string]string{"team": "x"}}, "suffixes.team"},
		{Mapping{For: Cases, Suffixes: map[string]string{"case_ref": "x"}}, "suffixes.case_ref"},
	} {
		faults := tt.mapping.Check()
		if len(faults) != 1 || faults[0].Key != tt.key {
			t.Errorf("%+v: faults %v, want one of %s", tt.mapping, faults, tt.key)
		}
	}
	good := Mapping{For: Events, Suffixes: map[string]string{"case_ref": "-S47"}, Columns: map[string][]Heading{"case_ref": Headings("Child")}}
	if faults := good.Check(); len(faults) > 0 {
		t.Fatalf("%v, want no fault", faults)
	}
	o := options(t, Events)
	o.Mapping = &good
	k, faults := read(t, o, "made by somebody,,\n\nChild,kind,at\n'0012,seen,2026-09-02\n9.4E+09,seen,2026-09-02\n,seen,2026-09-02\n")
	if len(k.events) != 1 || k.events[0].Case != "0012-S47" || strings.Count(faults, "\n") != 1 || !strings.Contains(faults, ":6: column Child (case_ref): is empty") {
		t.Errorf("events %+v and\n%s, want 0012-S47, and faults of the shortened number and the empty cell", k.events, faults)
	}
}
