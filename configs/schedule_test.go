package configs

import "testing"

func TestCronMistakesSayWhichField(t *testing.T) {
	for _, good := range []string{"* * * * *", "0 8 * * MON-FRI", "*/15 * * * *", "30 0 8 1,15 jan-jun ?", "@every 1m", "@every 1h30m", "@daily", " 0 8 29 2 * "} {
		if err := checkCron(good); err != nil {
			t.Errorf("%s: %v, want no fault", good, err)
		}
	}
	examples := "; " + cronExamples
	for _, tt := range []struct{ expression, want string }{
		{"0 8 * *", `"0 8 * *" has 4 fields: there are 5 (minute, hour, day of the month, month, day of the week), or 6 with seconds in front` + examples},
		{"0 24 * * *", `"0 24 * * *": the field for the hour is "24", but it takes 0-23, or * for any` + examples},
		{"60 0 8 * * *", `"60 0 8 * * *": the field for the second is "60", but it takes 0-59, or * for any` + examples},
		{"0 8 32 * *", `"0 8 32 * *": the field for the day of the month is "32", but it takes 1-31, or * for any` + examples},
		{"0 8 * FEBR *", `"0 8 * FEBR *": the field for the month is "FEBR", but it takes 1-12 or JAN-DEC, or * for any` + examples},
		{"0 8 * * 8", `"0 8 * * 8": the field for the day of the week is "8", but it takes 0-6 or SUN-SAT, or * for any` + examples},
		{"*/0 * * * *", `"*/0 * * * *": the field for the minute is "*/0", but it takes 0-59, or * for any` + examples},
		{"0 8 30 2 *", `"0 8 30 2 *" would never run: there is no such day; correct the day or the month`},
		{"@every", `"@every" is not known: use @hourly, @daily, @weekly, @monthly, @yearly or @every 1m`},
		{"@every soon", `"@every soon": "soon" is not a length of time: write it like @every 30s, @every 1m or @every 1h30m`},
		{"@every -5m", `"@every -5m": once a second is the most often there is`},
		{"@reboot", `"@reboot" is not known: use @hourly, @daily, @weekly, @monthly, @yearly or @every 1m`},
		{"TZ=Europe/Paris", `"TZ=Europe/Paris" names a time zone: take it out, schedules run in organisation.time_zone`},
	} {
		if err := checkCron(tt.expression); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got\n%v, want\n%s", tt.expression, err, tt.want)
		}
	}
}
