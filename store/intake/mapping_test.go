package intake

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func visits() *Mapping {
	return &Mapping{
		For:       Events,
		Delimiter: "semicolon",
		Columns: map[string][]string{
			"case_ref": {"Child"}, "at": {"Day", "Time"}, "kind": {"Seen", "Why"}, "event_id": {"No"},
		},
		Ignore:    []string{"Team"},
		Skip:      map[string][]string{"Sort": {"Phone call"}},
		Values:    map[string]map[string]string{"kind": {"Y*": "seen", "N*": "not-seen", "N no reply": "no-access"}},
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
	wantFault := `events.csv:6: column Seen + Why (kind): "?" is not known: use ` + oneOf(newParser(o, &plan{table: tables[Events]}).kinds.list)
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
		Columns:   map[string][]string{"wen": {"Date"}, "by": {}, "kind": {"Code"}},
		Values:    map[string]map[string]string{"kind": {"Y": "sen", "N": "review-held", "*N": "seen"}},
		Dates:     []string{"dd.mm.yyyy"},
		Constants: map[string]string{"kind": "seen", "colour": "blue"},
	}
	var got []string
	for _, f := range m.Check() {
		got = append(got, f.Key+": "+f.Message)
	}
	columns := ": the columns are event_id, case_ref, kind, at, recorded_at, by, value, due_at, booked_for, reason"
	want := []string{
		"columns.by: names no column of the file",
		"constants.kind: has a column in the file too: keep one of the two",
		"columns.wen: is not a column of events" + columns,
		"constants.colour: is not a column of events" + columns,
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
