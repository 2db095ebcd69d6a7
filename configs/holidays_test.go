package configs_test

import (
	"strings"
	"testing"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
)

func TestHolidaysThatEndWithinAYearAreWarnedOf(t *testing.T) {
	known := pathway.Date{Year: 2027, Month: time.December, Day: 31}
	calendar, err := pathway.NewCalendar(pathway.CalendarSettings{Location: time.UTC, KnownUntil: known})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]bool{"2026-12-30": false, "2027-01-02": true} {
		now, err := time.Parse("2006-01-02", day)
		if err != nil {
			t.Fatal(err)
		}
		warning := configs.CheckHolidays(calendar, now)
		if got := strings.Contains(warning, "known only up to 2027-12-31"); got != want {
			t.Errorf("on %s: %q, want a warning: %v (holidays are known for a year from then, or not)", day, warning, want)
		}
	}
}

func TestAPathwayThatIsNotThereIsNotFoundAndTheOthersAreNamed(t *testing.T) {
	config, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	pathways, err := config.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	if p, err := pathways.Find("hv-child"); err != nil || p.ID != "hv-child" {
		t.Errorf("found %v, %v; want hv-child", p, err)
	}
	_, err = pathways.Find("hv-chld")
	if pathway.ProblemOf(err) != pathway.NotFound || !strings.Contains(err.Error(), `there is no pathway "hv-chld" (did you mean hv-child?): use one of `) || !strings.Contains(err.Error(), "hv-child") {
		t.Errorf("got %v, want not found, with the pathways that there are", err)
	}
}
