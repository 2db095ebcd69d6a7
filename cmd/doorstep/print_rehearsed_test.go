package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestSimulateAnnouncesWhatIsPrintedThatEvening: what the day itself overtakes is not
// announced, and print --pending of the evening does not print it.
func TestSimulateAnnouncesWhatIsPrintedThatEvening(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	const day = "2026-10-06" // a Tuesday, over by the time of any test
	at := func(clock string) string { return day + " " + clock }
	for _, tt := range []struct {
		name   string
		events []string // clock time, kind, value, booked for
		want   string   // announced: at, kind, variant
	}{
		{"nobody was in", []string{"10:00,no-access,,"}, "10:00 card rearrange"},
		{"the child was seen in the afternoon", []string{"10:00,no-access,,", "15:00,seen,,"}, ""},
		{"the practitioner left a card", []string{"10:00,no-access,,", "10:05,card-left,rearrange,"}, ""},
		{"the visit was recorded in error", []string{"10:00,no-access,,", "11:00,voided,e0,"}, ""},
		{"the case was closed", []string{"10:00,no-access,,", "16:00,closed,,"}, ""},
		{"another appointment was made", []string{"10:00,appointment-offered,,2026-12-20 10:00", "12:00,appointment-offered,,2026-12-21 10:00"}, "12:00 letter appointment"},
		{"the family cancelled", []string{"10:00,appointment-offered,,2026-12-20 10:00", "12:00,cancelled-by-family,,"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := office(t, binary, onSQLite(t), family(1))
			rows := make([]string, len(tt.events))
			for i, e := range tt.events {
				clock, rest, _ := strings.Cut(e, ",")
				kind, values, _ := strings.Cut(rest, ",")
				rows[i] = fmt.Sprintf("e%d,SW-1,%s,%s,W1,%s", i, kind, at(clock), values)
			}
			const header = "event_id,case_ref,kind,at,by,value,booked_for\n"
			d.write("cases.csv", strings.Replace(caseHeader+family(1), ago(40*24*time.Hour), "2026-09-01", 1))
			d.command("import", "cases", "cases.csv")
			events := d.write("all.csv", header+strings.Join(rows, "\n")+"\n")
			out := d.command("simulate", "--people", "people.csv", "--cases", "cases.csv", "--events", events, "--from", day, "--to", "2026-10-08")
			var announced []string
			for line := range strings.Lines(out) {
				var l struct {
					Type, Kind, Variant string
					At                  time.Time
				}
				if err := json.Unmarshal([]byte(line), &l); err != nil {
					t.Fatal(err)
				}
				if l.Type == "print" {
					announced = append(announced, fmt.Sprint(l.At.Format("15:04 "), l.Kind, " ", l.Variant))
				}
			}
			if got := strings.Join(announced, ", "); got != tt.want {
				t.Errorf("simulate announces %q, want %q", got, tt.want)
			}
			for _, row := range rows { // one after the other, as the day goes by
				d.command("import", "events", d.write("event.csv", header+row+"\n"))
			}
			printed := d.prints("--pending", "--out", "evening")
			if want := len(announced); printed.Items != want {
				t.Errorf("print --pending prints %d items in the evening, and %d were announced: %s", printed.Items, want, printed.errs)
			}
		})
	}
}
