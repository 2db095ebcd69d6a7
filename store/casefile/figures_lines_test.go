package casefile

import (
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// TestFiguresOfSomeTeamsAddUpByMonth: no other team's count, and a month without any is
// there.
func TestFiguresOfSomeTeamsAddUpByMonth(t *testing.T) {
	calendar, err := pathway.NewCalendar(pathway.CalendarSettings{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	f := &Figures{From: day(9, 1), Until: day(11, 20), Lines: []Figure{
		{Month: "2026-09", Team: "East", Pathway: "a", Unsuccessful: 2, Discussed: Share{true, 1, 2}, Overdue: 1},
		{Month: "2026-09", Team: "East", Pathway: "b", Unsuccessful: 3, SeenInDays: Share{true, 2, 3}},
		{Month: "2026-09", Team: "West", Pathway: "a", Unsuccessful: 40},
		{Month: "2026-11", Team: "East", Pathway: "a", Unsuccessful: 1, Discussed: Share{true, 0, 0}},
	}}
	says := func(months []Figure) (out string) {
		for _, m := range months {
			out += fmt.Sprintf("%s %d visits, discussed %d of %d, seen %d of %d, %d overdue; ", m.Month, m.Unsuccessful, m.Discussed.Done, m.Discussed.Of, m.SeenInDays.Done, m.SeenInDays.Of, m.Overdue)
		}
		return out
	}
	for _, c := range []struct {
		teams   []string
		pathway string
		want    string
	}{
		{[]string{"East"}, "", "2026-09 5 visits, discussed 1 of 2, seen 2 of 3, 1 overdue; 2026-10 0 visits, discussed 0 of 0, seen 0 of 0, 0 overdue; 2026-11 1 visits, discussed 0 of 0, seen 0 of 0, 0 overdue; "},
		{[]string{"East"}, "b", "2026-09 3 visits, discussed 0 of 0, seen 2 of 3, 0 overdue; 2026-10 0 visits, discussed 0 of 0, seen 0 of 0, 0 overdue; 2026-11 0 visits, discussed 0 of 0, seen 0 of 0, 0 overdue; "},
	} {
		if got := says(f.Of(c.teams, c.pathway).ByMonth(calendar)); got != c.want {
			t.Errorf("the figures of %v on %q are %s, want %s", c.teams, c.pathway, got, c.want)
		}
	}
	if got := (Share{true, 199, 200}).Percent(); got != 99 {
		t.Errorf("199 of 200 are %d per cent, want 99: not all of them", got)
	}
}
