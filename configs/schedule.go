package configs

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronFields are the fields of a cron expression in order, each with the part of
// the parser that reads it alone.
var cronFields = []struct {
	name   string
	option cron.ParseOption
	range_ string
}{
	{"second", cron.Second, "0-59"},
	{"minute", cron.Minute, "0-59"},
	{"hour", cron.Hour, "0-23"},
	{"day of the month", cron.Dom, "1-31"},
	{"month", cron.Month, "1-12 or JAN-DEC"},
	{"day of the week", cron.Dow, "0-6 or SUN-SAT"},
}

var cronParser = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour |
	cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

const cronExamples = `write one like "0 8 * * MON-FRI" (08:00 on weekdays), "*/15 * * * *" (every quarter of an hour), "@every 1m" or "@daily"`

// checkCron says what is wrong with a cron expression: which field, and what a
// right one looks like.
func checkCron(expression string) error {
	expression = strings.TrimSpace(expression)
	if strings.HasPrefix(expression, "TZ=") || strings.HasPrefix(expression, "CRON_TZ=") {
		return fmt.Errorf("%q names a time zone: take it out, schedules run in organisation.time_zone", expression)
	}
	if every, ok := strings.CutPrefix(expression, "@every "); ok {
		length, err := time.ParseDuration(strings.TrimSpace(every))
		if err != nil {
			return fmt.Errorf("%q: %q is not a length of time: write it like @every 30s, @every 1m or @every 1h30m", expression, every)
		}
		if length < time.Second {
			return fmt.Errorf("%q: once a second is the most often there is", expression)
		}
		return nil
	}
	if strings.HasPrefix(expression, "@") {
		if _, err := cronParser.Parse(expression); err != nil {
			return fmt.Errorf("%q is not known: use @hourly, @daily, @weekly, @monthly, @yearly or @every 1m", expression)
		}
		return nil
	}
	fields := strings.Fields(expression)
	if len(fields) != len(cronFields) && len(fields) != len(cronFields)-1 {
		return fmt.Errorf("%q has %d fields: there are 5 (minute, hour, day of the month, month, day of the week), or 6 with seconds in front; %s",
			expression, len(fields), cronExamples)
	}
	for i, kind := range cronFields[len(cronFields)-len(fields):] {
		if err := checkCronField(fields[i], kind.option); err != nil {
			return fmt.Errorf("%q: the field for the %s is %q, but it takes %s, or * for any; %s",
				expression, kind.name, fields[i], kind.range_, cronExamples)
		}
	}
	schedule, err := cronParser.Parse(expression)
	if err != nil {
		return fmt.Errorf("%q is not a schedule; %s", expression, cronExamples)
	}
	if schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return fmt.Errorf("%q would never run: there is no such day; correct the day or the month", expression)
	}
	return nil
}

// checkCronField reads one field alone.
func checkCronField(field string, option cron.ParseOption) error {
	_, err := cron.NewParser(option).Parse(field)
	return err
}
