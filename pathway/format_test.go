package pathway

import (
	"strings"
	"testing"
)

// TestFormatExpressesOtherAuthoritiesClocks shows, one by one, the clocks that
// other authorities prescribe.
func TestFormatExpressesOtherAuthoritiesClocks(t *testing.T) {
	tests := []struct {
		name   string
		duty   duty
		c      Case
		opened string
		events []string
		want   string
		why    string
	}{
		{name: "same day",
			duty:   duty{id: "call", opens: "no-access", due: "same day", metBy: "seen"},
			events: []string{"x1 no-access 2026-09-02 10:00"},
			want:   "call 1 2026-09-02 17:00 open\n",
			why:    "the same day as the unsuccessful visit on Wed 2 September"},
		{name: "next working day over a bank holiday weekend",
			duty:   duty{id: "call", opens: "no-access", due: "next working day", metBy: "seen"},
			events: []string{"x1 no-access 2026-08-28 10:00"},
			want:   "call 1 2026-09-01 17:00 open\n",
			why:    "next working day from the unsuccessful visit on Fri 28 August; 31 August is a bank holiday"},
		{name: "48 hours",
			duty:   duty{id: "call", opens: "no-access", due: "48 hours", metBy: "seen"},
			events: []string{"x1 no-access 2026-09-04 10:00"},
			want:   "call 1 2026-09-06 10:00 open\n",
			why:    "48 hours from the unsuccessful visit on Fri 4 September at 10:00"},
		{name: "72 hours over the end of summer time",
			duty:   duty{id: "call", opens: "no-access", due: "72 hours", metBy: "seen"},
			events: []string{"x1 no-access 2026-10-23 16:00"},
			want:   "call 1 2026-10-26 15:00 open\n",
			why:    "72 hours from the unsuccessful visit on Fri 23 October at 16:00; the clocks go back in between"},
		{name: "months end with the month",
			duty:   duty{id: "review", opens: "seen", due: "1 month", metBy: "supervision"},
			events: []string{"x1 seen 2027-01-31 10:00"},
			want:   "review 0 2027-02-28 17:00 open\n",
			why:    "1 month from the last visit at which they were seen on Sun 31 January"},
		{name: "weeks before the expected date of delivery",
			duty: duty{id: "see", opens: "opened", due: "4 weeks before edd", metBy: "seen"},
			c:    Case{EDD: Date{2026, 12, 24}},
			want: "see 0 2026-11-26 17:00 open\n",
			why:  "4 weeks before the expected date of delivery, Thu 24 December"},
		{name: "by 28 days of age, known from the birth on",
			duty:   duty{id: "see", opens: "opened", due: "by 28 days of age", metBy: "seen"},
			events: []string{"x1 born 2026-09-05 04:10"},
			want:   "see 0 2026-10-03 17:00 open\n",
			why:    "28 days of age, born on Sat 5 September"},
		{name: "at least every 6 weeks",
			duty:   duty{id: "see", opens: "opened | seen", due: "at least every 6 weeks", metBy: "seen"},
			events: []string{"x1 seen 2026-09-10 10:00"},
			want:   "see 0 2026-10-13 17:00 met 2026-09-10 10:00\nsee 0 2026-10-22 17:00 open\n",
			why:    "at least every 6 weeks from the last visit at which they were seen on Thu 10 September"},
		{name: "working days before a conference",
			duty:   duty{id: "report", opens: "conference-booked", due: "2 working days before booked_for", metBy: "plan-shared"},
			events: []string{"x1 conference-booked 2026-12-10 10:00 booked=2026-12-29_10:00"},
			want:   "report 0 2026-12-23 17:00 open\n",
			why:    "2 working days before the date booked, Tue 29 December; 25 and 28 December are bank holidays"},
		{name: "a window",
			duty:   duty{id: "see", opens: "attempt 1", due: "from 4 weeks within 6 weeks", metBy: "seen"},
			events: []string{"x1 no-access 2026-09-02 10:00"},
			want:   "see 1 2026-10-14 17:00 open\n",
			why:    "from 4 weeks (Wed 30 September) within 6 weeks of the unsuccessful visit on Wed 2 September"},
		{name: "weekly until the first review, then 4-weekly",
			duty: duty{id: "see", opens: "opened | seen", metBy: "seen",
				due: "at least every 1 week if before first review-held | at least every 4 weeks"},
			events: []string{"x1 seen 2026-09-07 10:00", "x2 review-held 2026-09-08 10:00", "x3 seen 2026-09-10 10:00"},
			want: "see 0 2026-09-08 17:00 met 2026-09-07 10:00\nsee 0 2026-09-14 17:00 met 2026-09-10 10:00\n" +
				"see 0 2026-10-08 17:00 open\n",
			why: "at least every 4 weeks from the last visit at which they were seen on Thu 10 September"},
		{name: "a date set by a person, with a cap",
			duty:   duty{id: "visit", opens: "timeframe-set", due: "the date set, at most 10 working days", metBy: "seen"},
			events: []string{"x1 timeframe-set 2026-09-02 10:00 due=2026-09-30"},
			want:   "visit 0 2026-09-16 17:00 open\n",
			why:    "the date set on Wed 2 September; a later date was asked for, Wed 30 September; the latest allowed is 10 working days"},
		{name: "a checklist with a conditional item",
			duty:   duty{id: "liaise", opens: "attempt 1", due: "2 working days", metBy: "liaison", checklist: "gp | housing | mental-health if open to mental-health"},
			c:      Case{OpenTo: []string{"mental-health"}},
			events: []string{"x1 no-access 2026-09-02 10:00", "x2 liaison 2026-09-02 11:00 value=gp;housing", "x3 liaison 2026-09-03 09:00 value=mental-health"},
			want:   "liaise 1 2026-09-04 17:00 met 2026-09-03 09:00\n",
			why:    "2 working days from the unsuccessful visit on Wed 2 September"},
		{name: "a checklist without the item that does not apply",
			duty:   duty{id: "liaise", opens: "attempt 1", due: "2 working days", metBy: "liaison", checklist: "gp | housing | mental-health if open to mental-health"},
			events: []string{"x1 no-access 2026-09-02 10:00", "x2 liaison 2026-09-02 11:00 value=gp;housing"},
			want:   "liaise 1 2026-09-04 17:00 met 2026-09-02 11:00\n",
			why:    "2 working days from the unsuccessful visit on Wed 2 September"},
		{name: "three in any 12 months",
			duty: duty{id: "escalate", opens: "3 unsuccessful in any 12 months", due: "1 working day", metBy: "decision-recorded"},
			events: []string{"x1 not-brought 2026-09-02 10:00", "x2 seen 2026-09-20 10:00", "x3 not-brought 2027-03-02 10:00",
				"x4 seen 2027-04-01 10:00", "x5 no-access 2027-09-01 10:00"},
			opened: "2026-08-01 09:00",
			want:   "escalate 1 2027-09-02 17:00 open\n",
			why:    "1 working day from the unsuccessful visit on Wed 1 September"},
		{name: "three, but in more than 12 months",
			duty: duty{id: "escalate", opens: "3 unsuccessful in any 12 months", due: "1 working day", metBy: "decision-recorded"},
			events: []string{"x1 not-brought 2026-09-02 10:00", "x2 seen 2026-09-20 10:00", "x3 not-brought 2027-03-02 10:00",
				"x4 seen 2027-04-01 10:00", "x5 no-access 2027-09-02 10:00"},
			opened: "2026-08-01 09:00"},
		{name: "several clocks: six-week contact",
			duty:   duty{id: "second", opens: "attempt 1", due: "2 weeks if contact is six-week | from 4 weeks within 6 weeks", metBy: "seen"},
			c:      Case{Contact: "six-week"},
			events: []string{"x1 no-access 2026-09-02 10:00"},
			want:   "second 1 2026-09-16 17:00 open\n",
			why:    "2 weeks from the unsuccessful visit on Wed 2 September"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.opened == "" {
				tt.opened = "2026-09-01 09:00"
			}
			r := story{pathways: []*Pathway{pathwayOf(t, "p", tt.duty)}, c: tt.c, opened: tt.opened, events: tt.events}.derive(t)
			cal := organisation(t)
			if got := lines(cal, r.Duties); got != tt.want {
				t.Fatalf("duties:\n%swant:\n%s", got, tt.want)
			}
			if len(r.Duties) == 0 {
				return
			}
			if why := r.Duties[len(r.Duties)-1].Explain(cal); why != tt.why {
				t.Errorf("why: %q\nwant: %q", why, tt.why)
			}
		})
	}
}

func TestMistakesInAClockSayHowToWriteOne(t *testing.T) {
	for _, s := range []string{"", "soon", "5 fortnights", "-3 days", "99999999999 days", "from 2 hours within 6 weeks",
		"immediately (2 days)", "by 24 hours of age", "5 hours before edd", "the date set, at most soon"} {
		if _, err := ParseDue(s); err == nil {
			t.Errorf("ParseDue(%q) gave no error", s)
		} else if !strings.Contains(err.Error(), "5 working days") {
			t.Errorf("ParseDue(%q): %v: does not show how to write a clock", s, err)
		}
	}
	for _, s := range []string{"", "attempt 0", "Seen!", "1 seen in a row", "3 seen in any 4 hours", "recorded by nobody"} {
		if _, err := ParseTrigger(s); err == nil {
			t.Errorf("ParseTrigger(%q) gave no error", s)
		}
	}
	for _, s := range []string{"contact six-week", "plan = cp", "the moon is full"} {
		if _, err := ParseCondition(s); err == nil {
			t.Errorf("ParseCondition(%q) gave no error", s)
		}
	}
}
