package pathway

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ladderOf builds a ladder of its rungs.
func ladderOf(office, every bool, rungs ...RungRule) *Ladder {
	return &Ladder{ID: "l", OfficeHours: office, EveryChannel: every, Rungs: rungs}
}

var (
	routine = ladderOf(true, false,
		RungRule{Moment: AtStart, To: []Role{Owner}, SkipRecorder: true},
		RungRule{Moment: BeforeDue, Offset: Offset{3, WorkingDays}, To: []Role{Owner}},
		RungRule{Moment: BeforeDue, Offset: Offset{1, WorkingDays}, To: []Role{Owner}},
		RungRule{Moment: AtDue, To: []Role{Owner, Manager}},
		RungRule{Moment: AfterDue, Offset: Offset{2, WorkingDays}, To: []Role{Manager, ServiceManager}})
	urgent = ladderOf(false, true,
		RungRule{Moment: AtStart, To: []Role{Owner, Manager}, SkipRecorder: true},
		RungRule{Moment: BeforeDue, Offset: Offset{4, Hours}, To: []Role{Owner}},
		RungRule{Moment: AtDue, To: []Role{Owner, Manager}},
		RungRule{Moment: AfterDue, Offset: Offset{4, Hours}, To: []Role{Manager, ServiceManager}})
	immediate = ladderOf(false, true,
		RungRule{Moment: AtStart, To: []Role{Owner, Manager}},
		RungRule{Moment: AtDue, To: []Role{Owner, Manager, ServiceManager}},
		RungRule{Moment: AfterDue, Offset: Offset{4, Hours}, To: []Role{ServiceManager}})
	chase = ladderOf(true, false,
		RungRule{Moment: AtDue, To: []Role{Owner}},
		RungRule{Moment: AfterDue, Offset: Offset{2, WorkingDays}, To: []Role{Owner, Manager}})
)

func TestRungsStandWhereTheLadderSays(t *testing.T) {
	tests := []struct {
		name, opened, due, moved string
		ladder                   *Ladder
		want                     string
	}{
		{name: "routine over a bank holiday weekend", ladder: routine,
			opened: "2026-08-26 10:00", due: "2026-09-02 17:00",
			want: "start 26 10:00, before-3wd 27 08:30, before-1wd 01 08:30, due 02 17:00, after-2wd 04 08:30"},
		{name: "a before rung at or before the opening is left out", ladder: routine,
			opened: "2026-09-02 08:30", due: "2026-09-03 17:00",
			want: "start 02 08:30, due 03 17:00, after-2wd 07 08:30"},
		{name: "a before rung that fell before the due time was moved is left out", ladder: routine,
			opened: "2026-08-26 10:00", due: "2026-09-02 17:00", moved: "2026-08-28 09:00",
			want: "start 26 10:00, before-1wd 01 08:30, due 02 17:00, after-2wd 04 08:30"},
		{name: "routine waits for office hours", ladder: routine,
			opened: "2026-09-05 20:00", due: "2026-09-12 17:00",
			want: "start 07 08:00, before-3wd 09 08:30, before-1wd 11 08:30, due 14 08:00, after-2wd 15 08:30"},
		{name: "urgent goes day and night", ladder: urgent,
			opened: "2026-09-05 03:00", due: "2026-09-06 03:00",
			want: "start 05 03:00, before-4h 05 23:00, due 06 03:00, after-4h 06 07:00"},
		{name: "urgent with less than four hours has no warning", ladder: urgent,
			opened: "2026-09-05 03:00", due: "2026-09-05 07:00",
			want: "start 05 03:00, due 05 07:00, after-4h 05 11:00"},
		{name: "chase says nothing before the duty is due", ladder: chase,
			opened: "2026-08-26 10:00", due: "2026-09-02 17:00",
			want: "due 02 17:00, after-2wd 04 08:30"},
	}
	cal := organisation(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &Duty{Opened: clock(t, cal, tt.opened), Due: clock(t, cal, tt.due)}
			if tt.moved != "" {
				d.Moved = clock(t, cal, tt.moved)
			}
			var got []string
			for _, r := range tt.ladder.Steps(d, cal) {
				got = append(got, r.Name()+" "+r.Send.In(cal.Location()).Format("02 15:04"))
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("rungs %s\nwant  %s", s, tt.want)
			}
		})
	}
}

func TestMissedRungsMergeIntoTheMostSerious(t *testing.T) {
	cal := organisation(t)
	d := &Duty{Opened: clock(t, cal, "2026-08-26 10:00"), Due: clock(t, cal, "2026-09-02 17:00")}
	tests := []struct {
		name    string
		through string // handled up to, with the same due time; "" for nothing
		due     string // the due time then; "" for the same
		now     string
		want    string // rung taken; merged; next
	}{
		{"nothing is due before the start", "", "", "2026-08-26 09:59", "-;; 2026-08-26 10:00"},
		{"the start", "", "", "2026-08-26 10:00", "start;; 2026-08-27 08:30"},
		{"each rung once", "2026-08-26 10:00", "", "2026-08-26 10:01", "-;; 2026-08-27 08:30"},
		{"down from the start until after the last warning", "", "", "2026-09-01 09:00", "before-1wd; start before-3wd; 2026-09-02 17:00"},
		{"down until everything was missed", "2026-08-26 10:00", "", "2026-10-01 09:00", "after-2wd; before-3wd before-1wd due; -"},
		{"done for good", "2026-10-01 09:00", "", "2026-10-02 09:00", "-;; -"},
		{"a moved due time is climbed anew, but the start is not said twice", "2026-09-20 09:00", "2026-09-12 17:00", "2026-09-20 09:01", "after-2wd; before-3wd before-1wd due; -"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Progress{Due: d.Due}
			if tt.through != "" {
				p.Through = clock(t, cal, tt.through)
			}
			if tt.due != "" {
				p.Due = clock(t, cal, tt.due)
			}
			c := routine.Climb(d, p, cal, clock(t, cal, tt.now))
			got := "-"
			if c.Now != nil {
				got = c.Now.Name()
			}
			got += ";"
			for _, m := range c.Merged {
				got += " " + m.Name()
			}
			next := "-"
			if !c.Next.IsZero() {
				next = c.Next.In(cal.Location()).Format("2006-01-02 15:04")
			}
			if got += "; " + next; got != tt.want {
				t.Errorf("climb %q, want %q", got, tt.want)
			}
		})
	}
}

// staff is a team: W1 works for M1, M1 for S1; W2 covers for W1.
func staff(cal *Calendar, t testing.TB, change func(map[string]*Person)) *Directory {
	people := map[string]*Person{}
	for _, p := range []Person{
		{ID: "W1", Role: Practitioner, Email: "w1@example.org", Mobile: "+447700900101", Channel: ChannelEmail, ReportsTo: "M1", Cover: "W2"},
		{ID: "W2", Role: Practitioner, Email: "w2@example.org", Mobile: "+447700900102", Channel: ChannelSMS, ReportsTo: "M1"},
		{ID: "M1", Role: Manager, Email: "m1@example.org", Mobile: "+447700900111", Channel: ChannelEmail, ReportsTo: "S1"},
		{ID: "S1", Role: ServiceManager, Email: "s1@example.org", Channel: ChannelEmail},
		{ID: "C1", Role: Chair, Email: "c1@example.org", Mobile: "+447700900131", Channel: ChannelEmail},
	} {
		people[p.ID] = &p
	}
	if change != nil {
		change(people)
	}
	desk := &Person{ID: "duty:East", Email: "duty@example.org", Mobile: "+447700900199"}
	return &Directory{People: people, DutyDesk: func(string) *Person { return desk }}
}

func TestWhoIsToldOnARung(t *testing.T) {
	cal := organisation(t)
	now := clock(t, cal, "2026-09-02 10:00")
	usual := Allocation{Practitioner: "W1", Manager: "M1", Team: "East"}
	tests := []struct {
		name   string
		ladder *Ladder
		rung   int
		duty   Duty
		who    Allocation
		change func(map[string]*Person)
		want   string
	}{
		{name: "routine goes by the chosen channel", ladder: routine, rung: 3, duty: Duty{Owner: Practitioner}, who: Allocation{Practitioner: "W2", Manager: "M1"},
			want: "W2 sms sent, M1 email sent"},
		{name: "urgent goes by text and by email", ladder: urgent, rung: 2, duty: Duty{Owner: Practitioner}, who: usual,
			want: "W1 email sent, W1 sms sent, M1 email sent, M1 sms sent"},
		{name: "whoever recorded the event is left out of the start", ladder: urgent, rung: 0, duty: Duty{Owner: Practitioner, Recorder: "W1"}, who: usual,
			want: "W1 email recorder, W1 sms recorder, M1 email sent, M1 sms sent"},
		{name: "but not of an immediate start", ladder: immediate, rung: 0, duty: Duty{Owner: Practitioner, Recorder: "W1"}, who: usual,
			want: "W1 email sent, W1 sms sent, M1 email sent, M1 sms sent"},
		{name: "nor of a warning", ladder: routine, rung: 1, duty: Duty{Owner: Practitioner, Recorder: "W1"}, who: usual, want: "W1 email sent"},
		{name: "one person in two roles gets it once", ladder: routine, rung: 3, duty: Duty{Owner: Manager}, who: usual,
			want: "M1 email sent, M1 email same-person"},
		{name: "after the due time the service manager is told", ladder: routine, rung: 4, duty: Duty{Owner: Practitioner}, who: usual,
			want: "M1 email sent, S1 email sent"},
		{name: "a channel without an address is left out, with the reason", ladder: immediate, rung: 2, duty: Duty{Owner: Practitioner}, who: usual,
			want: "S1 email sent, S1 sms no-address"},
		{name: "the other channel where the chosen one has no address", ladder: routine, rung: 1, duty: Duty{Owner: Practitioner}, who: Allocation{Practitioner: "W2"},
			change: func(p map[string]*Person) { p["W2"].Mobile = "" }, want: "W2 email sent"},
		{name: "leave goes to the cover", ladder: routine, rung: 1, duty: Duty{Owner: Practitioner}, who: usual,
			change: func(p map[string]*Person) { p["W1"].AwayFrom = now.AddDate(0, 0, -1) }, want: "W2 for W1 sms sent"},
		{name: "leave without cover goes to the manager", ladder: routine, rung: 1, duty: Duty{Owner: Practitioner}, who: usual,
			change: func(p map[string]*Person) { p["W1"].AwayFrom, p["W1"].Cover = now.AddDate(0, 0, -1), "" }, want: "M1 for W1 email sent"},
		{name: "covers in a circle go to the manager", ladder: routine, rung: 1, duty: Duty{Owner: Practitioner}, who: usual,
			change: func(p map[string]*Person) {
				p["W1"].AwayFrom, p["W2"].AwayFrom, p["W2"].Cover = now.AddDate(0, 0, -1), now.AddDate(0, 0, -1), "W1"
			}, want: "M1 for W1 email sent"},
		{name: "a leaver's reminders go to the manager", ladder: routine, rung: 1, duty: Duty{Owner: Practitioner}, who: usual,
			change: func(p map[string]*Person) { p["W1"].ActiveUntil = now }, want: "M1 for W1 email sent"},
		{name: "an unallocated case goes to the manager", ladder: routine, rung: 1, duty: Duty{Owner: Practitioner}, who: Allocation{Manager: "M1"},
			want: "M1 for practitioner email sent"},
		{name: "with nobody at all the duty desk is told", ladder: routine, rung: 4, duty: Duty{Owner: Practitioner}, who: Allocation{Team: "East"},
			want: "duty:East for manager email sent, duty:East for service-manager email same-person"},
		{name: "a manager without a service manager sends it to the duty desk", ladder: immediate, rung: 2, duty: Duty{Owner: Practitioner}, who: usual,
			change: func(p map[string]*Person) { p["M1"].ReportsTo = "" }, want: "duty:East for service-manager email sent, duty:East for service-manager sms sent"},
		{name: "the chair is told at the start where there is one", ladder: routine, rung: 0, duty: Duty{Owner: Manager, Told: []Role{Chair}}, who: Allocation{Manager: "M1", Chair: "C1"},
			want: "M1 email sent, C1 email sent"},
		{name: "on a ladder without a start the manager is told with its first rung", ladder: chase, rung: 0, duty: Duty{Owner: Practitioner, Told: []Role{Manager}}, who: usual,
			want: "W1 email sent, M1 email sent"},
		{name: "and with its other rungs as the ladder says", ladder: chase, rung: 1, duty: Duty{Owner: Practitioner, Told: []Role{Chair}}, who: Allocation{Practitioner: "W1", Manager: "M1", Chair: "C1"},
			want: "W1 email sent, M1 email sent"},
		{name: "and nobody instead where there is none", ladder: routine, rung: 0, duty: Duty{Owner: Manager, Told: []Role{Chair}}, who: usual, want: "M1 email sent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, x := range Tell(tt.ladder, tt.ladder.Rungs[tt.rung], &tt.duty, tt.who, staff(cal, t, tt.change), now) {
				s := x.Person.ID
				if x.Instead != "" {
					s += " for " + x.Instead
				}
				got = append(got, s+" "+x.Channel+" "+string(x.Reason))
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("told %s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestSeverestPathStaysWithinADay(t *testing.T) {
	// A duty due at once still reaches the service manager four hours later.
	cal := organisation(t)
	opened := clock(t, cal, "2026-12-25 02:00")
	d := &Duty{Opened: opened, Due: opened.Add(time.Hour)}
	steps := immediate.Steps(d, cal)
	if last := steps[len(steps)-1]; !last.Send.Equal(opened.Add(5 * time.Hour)) {
		t.Errorf("the service manager is told at %s, want %s", last.Send, opened.Add(5*time.Hour))
	}
}

// TestAManagerDiscussesHerOwnCaseWithHers: and nobody else's duties, nor her others,
// go to anybody but the case's manager.
func TestAManagerDiscussesHerOwnCaseWithHers(t *testing.T) {
	cal := organisation(t)
	p := pathwayOf(t, "p",
		duty{id: "discuss-with-manager", opens: "attempt 1", due: "24 hours", metBy: "discussed-with-manager"},
		duty{id: "set-timeframe", owner: "manager", opens: "attempt 1", due: "24 hours", metBy: "timeframe-set by manager"})
	rules := NewRules(cal, nil)
	rules.AddPathway(p, time.Time{})
	people := staff(cal, t, func(p map[string]*Person) { p["S1"].ReportsTo = "S2" }).People
	for _, tt := range []struct {
		duty    string
		version string
		who     Allocation
		want    string // the manager
	}{
		{"discuss-with-manager", "v1", Allocation{Practitioner: "M1", Manager: "M1"}, "S1"},
		{"discuss-with-manager", "a version that is gone", Allocation{Practitioner: "M1", Manager: "M1"}, "S1"},
		{"set-timeframe", "v1", Allocation{Practitioner: "M1", Manager: "M1"}, "M1"},
		{"a duty that is gone", "v1", Allocation{Practitioner: "M1", Manager: "M1"}, "M1"},
		{"discuss-with-manager", "v1", Allocation{Practitioner: "W1", Manager: "M1"}, "M1"},
		{"discuss-with-manager", "v1", Allocation{Practitioner: "W1", Manager: "S1"}, "S1"},
		{"discuss-with-manager", "v1", Allocation{Manager: "M1"}, "M1"},
		{"discuss-with-manager", "v1", Allocation{}, ""},
		{"discuss-with-manager", "v1", Allocation{Practitioner: "C1", Manager: "C1"}, ""}, // who reports to nobody: the duty desk is told
		{"discuss-with-manager", "v1", Allocation{Practitioner: "X9", Manager: "X9"}, "X9"},
	} {
		d := Duty{ID: tt.duty, Pathway: "p", Version: tt.version, Owner: Practitioner}
		got := rules.Concerned(&d, tt.who, people)
		want := tt.who
		want.Manager = tt.want
		if got != want {
			t.Errorf("%s of %+v concerns %+v, want %+v", tt.duty, tt.who, got, want)
		}
	}
}

func hoursAfter(n ...int) (offsets []Offset) {
	for _, hours := range n {
		offsets = append(offsets, Offset{hours, Hours})
	}
	return offsets
}

// withAgain is a ladder that says an overdue duty again.
func withAgain(l *Ladder, again AgainRule) *Ladder {
	own := *l
	own.Again = again
	return &own
}

var (
	everyWorkingDay = Offset{1, WorkingDays}
	routineAgain    = withAgain(routine, AgainRule{Every: Offset{5, WorkingDays}, To: []Role{Owner, Manager}})
	urgentAgain     = withAgain(urgent, AgainRule{After: hoursAfter(12, 24, 36, 48, 60, 72), Every: everyWorkingDay, To: []Role{Manager, ServiceManager}})
	immediateAgain  = withAgain(immediate, AgainRule{After: hoursAfter(4, 8, 12, 16, 20, 24, 36, 48, 60, 72), Every: everyWorkingDay, To: []Role{Manager, ServiceManager}})
)

// climbs follows a duty up its ladder, scan by scan, from one instant at which it wants
// to be looked at to the next, and returns what is taken until an end.
func climbs(t *testing.T, l *Ladder, d *Duty, cal *Calendar, until string) (taken []string) {
	t.Helper()
	end := clock(t, cal, until)
	var p Progress
	for now := l.Climb(d, p, cal, time.Time{}).Next; !now.IsZero() && !now.After(end); {
		c := l.Climb(d, p, cal, now)
		if c.Now != nil {
			by := ""
			if c.Now.ByChoice {
				by = " by choice"
			}
			taken = append(taken, c.Now.Name()+now.In(cal.Location()).Format(" Mon 2 15:04")+by)
		}
		p = Progress{Due: d.Due, Through: now, Set: d.Set}
		if !c.Next.After(now) && !c.Next.IsZero() {
			t.Fatalf("looked at at %s, it wants to be looked at again at %s, which is no later", now, c.Next)
		}
		now = c.Next
	}
	return taken
}

func TestAnOverdueDutyIsSaidAgainUntilItIsMet(t *testing.T) {
	cal := organisation(t)
	tests := []struct {
		name, opened, due, until string
		ladder                   *Ladder
		want                     string
	}{
		{name: "urgent, over a weekend and a bank holiday", ladder: urgentAgain, opened: "2026-08-27 10:00", due: "2026-08-28 10:00", until: "2026-09-03 12:00",
			want: "start Thu 27 10:00, before-4h Fri 28 06:00, due Fri 28 10:00, after-4h Fri 28 14:00, " +
				"again Sat 29 02:00, again Sat 29 14:00, again Sun 30 02:00, again Sun 30 14:00, again Mon 31 02:00, again Mon 31 14:00, " +
				"again Tue 1 08:30 by choice, again Wed 2 08:30 by choice, again Thu 3 08:30 by choice"},
		{name: "immediate", ladder: immediateAgain, opened: "2026-09-02 09:00", due: "2026-09-02 10:00", until: "2026-09-08 09:00",
			want: "start Wed 2 09:00, due Wed 2 10:00, after-4h Wed 2 14:00, " +
				"again Wed 2 18:00, again Wed 2 22:00, again Thu 3 02:00, again Thu 3 06:00, again Thu 3 10:00, again Thu 3 14:00, " +
				"again Fri 4 02:00, again Fri 4 14:00, again Sat 5 02:00, again Sat 5 14:00, " +
				"again Mon 7 08:30 by choice, again Tue 8 08:30 by choice"},
		{name: "routine, every five working days over a bank holiday", ladder: routineAgain, opened: "2026-08-10 10:00", due: "2026-08-19 17:00", until: "2026-09-12 00:00",
			want: "start Mon 10 10:00, before-3wd Fri 14 08:30, before-1wd Tue 18 08:30, due Wed 19 17:00, after-2wd Fri 21 08:30, " +
				"again Fri 28 08:30 by choice, again Mon 7 08:30 by choice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &Duty{Opened: clock(t, cal, tt.opened), Due: clock(t, cal, tt.due)}
			if got := strings.Join(climbs(t, tt.ladder, d, cal, tt.until), ", "); got != tt.want {
				t.Errorf("taken %s\nwant  %s", got, tt.want)
			}
		})
	}
}

// TestWhatWasMissedOfAgainIsOneStep: however long nobody looked, one step is taken, and
// finding it does not take longer.
func TestWhatWasMissedOfAgainIsOneStep(t *testing.T) {
	cal := organisation(t)
	d := &Duty{Opened: clock(t, cal, "1962-08-27 10:00"), Due: clock(t, cal, "1962-08-28 10:00")}
	for _, l := range []*Ladder{routineAgain, urgentAgain, immediateAgain} {
		now := clock(t, cal, "2026-09-02 12:00")
		c := l.Climb(d, Progress{Due: d.Due, Through: clock(t, cal, "1962-09-28 10:00")}, cal, now)
		if c.Now == nil || c.Now.Moment != Again || len(c.Merged) != 0 || c.Missed != 1 {
			t.Errorf("after sixty years: step %v, %d merged, %d missed; want again, 0 merged, 1 missed", c.Now, len(c.Merged), c.Missed)
		}
		if ahead := c.Next.Sub(now); ahead <= 0 || ahead > 8*24*time.Hour {
			t.Errorf("after sixty years it wants to be looked at at %s, want within a week of %s", c.Next, now)
		}
	}
}

// TestAgainIsCountedAnewFromANewDueTime: what is overdue no more is not said again.
func TestAgainIsCountedAnewFromANewDueTime(t *testing.T) {
	cal := organisation(t)
	d := &Duty{Opened: clock(t, cal, "2026-09-02 10:00"), Due: clock(t, cal, "2026-09-03 10:00")}
	p := Progress{Due: d.Due, Through: clock(t, cal, "2026-09-04 02:00")}
	d.Due, d.Moved = clock(t, cal, "2026-09-08 17:00"), clock(t, cal, "2026-09-04 09:00")
	c := urgentAgain.Climb(d, p, cal, clock(t, cal, "2026-09-04 09:00"))
	if next := clock(t, cal, "2026-09-08 13:00"); c.Now != nil || !c.Next.Equal(next) {
		t.Errorf("moved when overdue: step %v, next %s; want none, and the warning at %s", c.Now, c.Next, next)
	}
}

func TestADutyThatIsTakenOverIsNotSaidAgain(t *testing.T) {
	cal := organisation(t)
	d := &Duty{Opened: clock(t, cal, "2026-09-02 10:00"), Due: clock(t, cal, "2026-09-03 10:00"), TakenOver: true}
	p := Progress{Due: d.Due, Through: clock(t, cal, "2026-09-03 14:00")}
	now := clock(t, cal, "2026-09-04 09:00")
	if c := urgentAgain.Climb(d, p, cal, now); c.Now != nil || !c.Next.IsZero() {
		t.Errorf("taken over: step %v, next %s; want none, and never", c.Now, c.Next)
	}
	d.TakenOver, d.Resumed = false, clock(t, cal, "2026-09-04 09:00")
	if c := urgentAgain.Climb(d, p, cal, now); c.Now != nil || !c.Next.Equal(clock(t, cal, "2026-09-04 14:00")) {
		t.Errorf("resumed: step %v, next %s; want none, and 14:00 that day, 24 hours after the last rung", c.Now, c.Next)
	}
	for moment, want := range map[Moment]bool{AtStart: true, AtDue: true, AfterDue: true, Again: false} {
		if got := d.IsSilenced(moment); got != want {
			t.Errorf("resumed: %s silenced %v, want %v", moment, got, want)
		}
	}
}

func TestPaperworkRestsAtNight(t *testing.T) {
	resting := *urgentAgain
	resting.Rest = Rest{21 * 60, 7 * 60}
	tests := []struct{ name, opened, due, until, want string }{
		{name: "a visit in the evening is said in the morning", opened: "2026-09-02 22:00", due: "2026-09-03 22:00", until: "2026-09-05 00:00",
			want: "start Thu 3 07:00, before-4h Thu 3 18:00, after-4h Fri 4 07:00, again Fri 4 14:00"},
		{name: "a warning at night of what falls due by day waits", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", until: "2026-09-03 11:00",
			want: "start Wed 2 10:00, before-4h Thu 3 07:00, due Thu 3 10:00"},
		{name: "a warning of what falls due before the morning goes the evening before", opened: "2026-09-02 07:00", due: "2026-09-03 07:00", until: "2026-09-03 12:00",
			want: "start Wed 2 07:00, before-4h Wed 2 21:00, due Thu 3 07:00, after-4h Thu 3 11:00"},
		{name: "the night begins at nine and ends at seven", opened: "2026-09-02 20:59", due: "2026-09-03 20:59", until: "2026-09-04 06:59",
			want: "start Wed 2 20:59, before-4h Thu 3 16:59, due Thu 3 20:59"},
	}
	cal := organisation(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &Duty{Opened: clock(t, cal, tt.opened), Due: clock(t, cal, tt.due), Paperwork: true}
			got := strings.Join(climbs(t, &resting, d, cal, tt.until), ", ")
			if got != tt.want {
				t.Errorf("taken %s\nwant  %s", got, tt.want)
			}
		})
	}
}

// TestNoStepGoesBeforeTheStart: a duty of which nothing was said is looked at when the
// first of all its steps goes, whatever its times and its ladder are.
func TestNoStepGoesBeforeTheStart(t *testing.T) {
	cal := organisation(t)
	resting := *urgentAgain
	resting.Rest = Rest{21 * 60, 7 * 60}
	settable := *routineAgain
	settable.Rungs = slices.Insert(slices.Clone(settable.Rungs), 1, RungRule{Moment: AtSet, To: []Role{Owner}})
	ladders := []*Ladder{routine, urgent, immediate, chase, routineAgain, urgentAgain, immediateAgain, &resting, &settable}
	hours := func(from, to int) *rapid.Generator[time.Duration] {
		return rapid.Map(rapid.IntRange(from*4, to*4), func(n int) time.Duration { return time.Duration(n) * 15 * time.Minute })
	}
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(ladders).Draw(t, "ladder")
		opened := cal.StartOf(Date{2026, 12, 18}).Add(hours(0, 24*20).Draw(t, "opened"))
		d := &Duty{Opened: opened, Due: opened.Add(hours(-48, 24*20).Draw(t, "due")), Paperwork: rapid.Bool().Draw(t, "paperwork")}
		if rapid.Bool().Draw(t, "set") {
			d.Set = opened.Add(hours(0, 24*10).Draw(t, "after"))
			d.Moved = d.Set
		}
		var first time.Time
		for _, r := range l.Steps(d, cal) {
			if first.IsZero() || r.Send.Before(first) {
				first = r.Send
			}
		}
		if next := l.Climb(d, Progress{}, cal, time.Time{}).Next; !next.Equal(first) {
			t.Fatalf("opened %s, due %s: looked at first at %s, and its first step goes at %s", d.Opened, d.Due, next, first)
		}
	})
}
