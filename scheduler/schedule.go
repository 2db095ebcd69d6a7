package scheduler

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"example.org/doorstep/pathway"
)

// Schedule says when a job runs.
type Schedule interface {
	// Next returns the first instant later than t; the zero time when there is none.
	Next(t time.Time) time.Time
}

var parser = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour |
	cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseSchedule reads a cron expression ("0 8 * * MON-FRI", with a field for
// seconds in front where wanted) or a descriptor ("@daily", "@every 1m") in the
// organisation's time zone. What names an hour runs once on each of its days,
// on the days of a clock change too; what runs in every hour goes on through
// them by elapsed time.
func ParseSchedule(expression string, location *time.Location) (Schedule, error) {
	expression = strings.TrimSpace(expression)
	parsed, err := parse(expression)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w: write it like \"0 8 * * MON-FRI\" or \"@every 1m\"", expression, err)
	}
	if d, ok := parsed.(cron.ConstantDelaySchedule); ok {
		return every(d.Delay), nil
	}
	spec := parsed.(*cron.SpecSchedule)
	const everyHour = 1<<24 - 1
	local := *spec
	if local.Location == time.Local { // no zone of its own
		local.Location = location
	}
	var schedule Schedule = &local
	if local.Hour&everyHour != everyHour {
		zone := local.Location
		local.Location = time.UTC
		schedule = &wallClock{&local, zone}
	}
	// 2024 begins a span in which every day of the year comes.
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("schedule %q: there is no such day, so it would never run: correct the day or the month", expression)
	}
	return schedule, nil
}

func parse(expression string) (s cron.Schedule, err error) {
	defer func() {
		if recover() != nil { // the library's answer to a time zone with nothing behind it
			err = errors.New("it ends too early")
		}
	}()
	if delay, found := strings.CutPrefix(expression, "@every "); found {
		// The library takes anything shorter, below zero too, as a second.
		if d, err := time.ParseDuration(delay); err == nil && d < time.Second {
			return nil, errors.New("every second is the most often there is")
		}
	}
	return parser.Parse(expression)
}

// every runs so often, counted from midnight UTC where the day divides into it:
// every minute means whole minutes, whenever the daemon was started.
type every time.Duration

func (e every) Next(t time.Time) time.Time {
	return t.Truncate(time.Duration(e)).Add(time.Duration(e))
}

// wallClock runs a schedule by what the clock on the wall shows. The library
// leaves out a time that the clocks skip in spring and runs twice at one that
// they show twice in autumn; here the first runs when the clocks have gone on,
// and the second once.
type wallClock struct {
	spec *cron.SpecSchedule // in UTC, which carries wall clock readings
	zone *time.Location
}

func (w *wallClock) Next(t time.Time) time.Time {
	reading := asReading(t.In(w.zone))
	for {
		reading = w.spec.Next(reading)
		if reading.IsZero() {
			return reading
		}
		if at := w.instant(reading); at.After(t) {
			return at
		}
	}
}

// instant returns the first instant at which the clocks show the reading, or
// what they show an hour later where they skip it.
func (w *wallClock) instant(reading time.Time) time.Time {
	_, before := reading.Add(-24 * time.Hour).In(w.zone).Zone()
	_, after := reading.Add(24 * time.Hour).In(w.zone).Zone()
	first := reading.Add(-time.Duration(before) * time.Second).In(w.zone)
	if asReading(first).Equal(reading) {
		return first
	}
	second := reading.Add(-time.Duration(after) * time.Second).In(w.zone)
	if asReading(second).Equal(reading) {
		return second
	}
	return first
}

// asReading carries what a local clock shows in UTC, where no clock ever changes.
func asReading(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// workingDays leaves out the days on which nobody works.
type workingDays struct {
	Schedule
	calendar *pathway.Calendar
}

// longestHoliday bounds the search for a working day: a schedule that only ever
// falls on other days has no next time.
const longestHoliday = 400

func (w workingDays) Next(t time.Time) time.Time {
	for range longestHoliday {
		t = w.Schedule.Next(t)
		if t.IsZero() || w.calendar.IsWorkingDay(w.calendar.DateOf(t)) {
			return t
		}
	}
	return time.Time{}
}

// latest returns the last instant of the schedule that is later than after and
// not later than now: the one run that stands for all that were missed. It is
// zero when there is none.
func latest(s Schedule, after, now time.Time) time.Time {
	// Looking back a little further each time costs no more than a few hundred
	// steps, however long nobody was running.
	for _, back := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour, 31 * 24 * time.Hour, 366 * 24 * time.Hour} {
		if from := now.Add(-back); from.After(after) {
			if at := lastStep(s, from, now); !at.IsZero() {
				return at
			}
			continue
		}
		break
	}
	return lastStep(s, after, now)
}

func lastStep(s Schedule, after, now time.Time) (last time.Time) {
	for at := s.Next(after); !at.IsZero() && !at.After(now); at = s.Next(at) {
		last = at
	}
	return last
}
