package configs

import (
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// holidaysAhead is how far ahead the calendar should know its holidays: duties reach
// up to some months ahead, and a release takes its time.
const holidaysAhead = 366 * 24 * time.Hour

// CheckHolidays warns of a calendar whose holidays end soon; empty: they do not.
func CheckHolidays(calendar *pathway.Calendar, now time.Time) string {
	if !calendar.BeyondHorizon(calendar.DateOf(now.Add(holidaysAhead))) {
		return ""
	}
	return fmt.Sprintf("special bank holidays are known only up to %s: install a newer Doorstep, or set organisation.holidays_known_until once you have checked them", calendar.Settings().KnownUntil)
}
