package scheduler

import (
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

func mustSchedule(t *testing.T, expression string) Schedule {
	t.Helper()
	s, err := ParseSchedule(expression, london(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The clocks went forward on 29 March 2026 at 01:00 GMT and back on 25 October at
// 02:00 BST: 01:30 did not come on the first day and came twice on the second.
func TestScheduleRunsOncePerDayThroughClockChanges(t *testing.T) {
	for _, c := range []struct {
		name, expression, after string
		want                    []string
	}{
		{"skipped in spring", "30 1 * * *", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T02:30:00+01:00", "2026-03-30T01:30:00+01:00"}},
		{"shown twice in autumn", "30 1 * * *", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T01:30:00+01:00", "2026-10-26T01:30:00Z"}},
		{"asked between the two", "30 1 * * *", "2026-10-25T01:10:00Z",
			[]string{"2026-10-26T01:30:00Z"}},
		{"in the morning of a change", "0 8 * * *", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T08:00:00Z", "2026-10-26T08:00:00Z"}},
		{"every hour goes on by elapsed time", "0 * * * *", "2026-10-24T23:30:00Z",
			[]string{"2026-10-25T01:00:00+01:00", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"}},
		{"every quarter of an hour too", "*/15 * * * *", "2026-03-29T00:40:00Z",
			[]string{"2026-03-29T00:45:00Z", "2026-03-29T02:00:00+01:00", "2026-03-29T02:15:00+01:00"}},
		{"with seconds", "15 30 1 * * *", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T02:30:15+01:00"}},
		{"in a zone of its own", "TZ=UTC 0 8 * * *", "2026-07-01T12:00:00Z",
			[]string{"2026-07-02T08:00:00Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustSchedule(t, c.expression)
			last, err := time.Parse(time.RFC3339, c.after)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range c.want {
				want, err := time.Parse(time.RFC3339, text)
				if err != nil {
					t.Fatal(err)
				}
				last = s.Next(last)
				if !last.Equal(want) {
					t.Fatalf("run %d of %q: got %s, want %s", i+1, c.expression, last.In(london(t)), want.In(london(t)))
				}
			}
		})
	}
}

func TestEveryMinuteMeansWholeMinutes(t *testing.T) {
	s := mustSchedule(t, "@every 1m")
	from := at(t, "2026-09-02 10:00").Add(20 * time.Second)
	if got, want := s.Next(from), at(t, "2026-09-02 10:01"); !got.Equal(want) {
		t.Errorf("next after %s: got %s, want %s", from, got, want)
	}
}

func TestMistypedScheduleSaysWhatToWrite(t *testing.T) {
	for _, expression := range []string{
		"", "0 8 * *", "0 25 * * *", "0 8 * * MOO-FRI", "@weakly", "@every soon", "@every -5m", "@every 10ms",
		"TZ=Europe/London", "TZ=Nowhere/Land 0 8 * * *", "0 8 30 2 *", "0 , * * *",
	} {
		s, err := ParseSchedule(expression, london(t))
		if err == nil {
			t.Errorf("%q: got a schedule that next runs %s, want an error", expression, s.Next(at(t, "2026-01-01 00:00")))
			continue
		}
		if !strings.Contains(err.Error(), `"`+expression+`"`) || !strings.Contains(err.Error(), ": ") {
			t.Errorf("%q: the error %q neither quotes it nor says what to do", expression, err)
		}
	}
}

func TestLatestMissedTimeStandsForAll(t *testing.T) {
	calendar, err := pathway.NewCalendar(pathway.CalendarSettings{Location: london(t)})
	if err != nil {
		t.Fatal(err)
	}
	mornings := workingDays{mustSchedule(t, "0 8 * * *"), calendar}
	for _, c := range []struct {
		name       string
		schedule   Schedule
		after, now string
		want       string
	}{
		{"nothing missed", mustSchedule(t, "0 8 * * *"), "2026-09-02 08:00", "2026-09-03 07:59", ""},
		{"just now", mustSchedule(t, "0 8 * * *"), "2026-09-02 08:00", "2026-09-03 08:00", "2026-09-03 08:00"},
		{"a fortnight", mustSchedule(t, "0 8 * * *"), "2026-09-02 08:00", "2026-09-16 10:00", "2026-09-16 08:00"},
		{"two years", mustSchedule(t, "0 8 1 1 *"), "2024-06-01 00:00", "2026-12-16 10:00", "2026-01-01 08:00"},
		{"a month of minutes", mustSchedule(t, "@every 1m"), "2026-09-02 08:00", "2026-10-02 08:00", "2026-10-02 08:00"},
		{"Saturday, for Friday", mornings, "2026-09-03 08:00", "2026-09-05 12:00", "2026-09-04 08:00"},
		{"Easter Monday, for Maundy Thursday", mornings, "2026-04-01 08:00", "2026-04-06 12:00", "2026-04-02 08:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want time.Time
			if c.want != "" {
				want = at(t, c.want)
			}
			if got := latest(c.schedule, at(t, c.after), at(t, c.now)); !got.Equal(want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestScheduleOfOnlyHolidaysEnds(t *testing.T) {
	calendar, err := pathway.NewCalendar(pathway.CalendarSettings{Location: london(t)})
	if err != nil {
		t.Fatal(err)
	}
	s := workingDays{mustSchedule(t, "0 8 * * SUN"), calendar}
	if got := s.Next(at(t, "2026-01-01 00:00")); !got.IsZero() {
		t.Errorf("got %s, want no time: nobody works on Sundays", got)
	}
}
