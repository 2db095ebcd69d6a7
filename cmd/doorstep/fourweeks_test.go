package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store/intake"
)

// fourWeeks is a team's work for four weeks: six workers of 25 cases each and their
// manager. It is the same each time. What the team does is what a team does that keeps
// its standards on the whole, and the rates by which it does not are these:
//
//   - each visit is planned within the standard of its case (see planned), and one in
//     twenty slips by some days;
//   - one planned visit in ten is unsuccessful, and of further ones more;
//   - of what is to be done within hours about one in ten is done a day late, and so is
//     the manager's record.
type fourWeeks struct {
	random *rand.Rand
	zone   *time.Location
	cases  strings.Builder
	events strings.Builder
	visits int // unsuccessful ones
	number int
	// unsuccessful visits by case
	unsuccessful map[string]int
	// workers have so many cases each; of what is to be done after an unsuccessful visit
	// neglect in a hundred is not done.
	workers, caseload, neglect int
}

const (
	fourWeeksFrom = "2026-08-31"
	fourWeeksTo   = "2026-09-28"
	teamOfSix     = "id,name,role,team,email,mobile,channel,reports_to\n" +
		"M1,Manager One,manager,East,m1@example.org,07700 900111,email,V1\n" +
		"V1,Service Manager One,service-manager,,v1@example.org,07700 900121,email,\n"
)

func newFourWeeks(t testing.TB, seed uint64) *fourWeeks {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return newWeeksOf(fourWeeks{random: rand.New(rand.NewPCG(seed, 25)), zone: zone, workers: 6, caseload: 25})
}

func newWeeksOf(weeks fourWeeks) *fourWeeks {
	w := &weeks
	w.unsuccessful = map[string]int{}
	w.cases.WriteString("ref,pathway,opened_at,practitioner,manager,team,plan,visit_every\n")
	w.events.WriteString("event_id,case_ref,kind,at,by,value,due_at,reason\n")
	begin := time.Date(2026, 8, 31, 0, 0, 0, 0, w.zone)
	for worker := 1; worker <= w.workers; worker++ {
		for n := 1; n <= w.caseload; n++ {
			w.follow(fmt.Sprintf("KN-%d-%02d", worker, n), fmt.Sprintf("P%d", worker), n, begin)
		}
	}
	return w
}

func (w *fourWeeks) chance(percent int) bool { return w.random.IntN(100) < percent }

// follow is one case's four weeks.
func (w *fourWeeks) follow(ref, worker string, n int, begin time.Time) {
	kind, opened := []string{"cin", "cp", "cfc"}[n%3], begin.AddDate(0, 0, -20+n%15).Add(10*time.Hour)
	path, plan := "csc-plan", kind
	switch {
	case n > 22:
		path, plan, kind = "csc-parent-assessment", "", "parents"
	case n > 18: // referred on a working day of these weeks
		opened = w.later(begin.AddDate(0, 0, -1), 1+w.random.IntN(18)).Add(9 * time.Hour)
		path, plan, kind = "csc-child-and-family", "", "referral"
	}
	fmt.Fprintf(&w.cases, "%s,%s,%s,%s,M1,East,%s,\n", ref, path, opened.Format("2006-01-02 15:04"), worker, plan)
	if plan != "" {
		w.happens(ref, "frequency-set", opened.Add(26*time.Hour), "M1", map[string]string{"cin": "20 working days", "cp": "10 working days", "cfc": "6 weeks"}[plan], "")
	}
	end := begin.AddDate(0, 0, 28)
	at := w.visitTime(w.later(opened, 1))
	for at.Before(end) {
		last := w.visit(ref, worker, path, at)
		at = w.visitTime(w.later(last, w.planned(kind)))
	}
}

// planned is after how many working days the next visit is made. The standards are 20
// working days for a child in need, 10 for a child protection plan, and six weeks for a
// child who is cared for; an assessment sees the family every week or two.
func (w *fourWeeks) planned(kind string) int {
	between := map[string][2]int{"cin": {12, 19}, "cp": {6, 9}, "cfc": {18, 28}, "parents": {4, 6}, "referral": {5, 8}}[kind]
	days := between[0] + w.random.IntN(between[1]-between[0]+1)
	if w.chance(5) {
		days += 1 + w.random.IntN(5)
	}
	return days
}

// later is so many working days after a day: the first Monday is a bank holiday.
func (w *fourWeeks) later(day time.Time, n int) time.Time {
	for n > 0 {
		if day = day.AddDate(0, 0, 1); w.isWorkingDay(day) {
			n--
		}
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, w.zone)
}

func (w *fourWeeks) isWorkingDay(t time.Time) bool {
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && t.Format(time.DateOnly) != "2026-08-31"
}

// visitTime is the hour of a visit on a day: now and then in the evening.
func (w *fourWeeks) visitTime(day time.Time) time.Time {
	hour := 9 + w.random.IntN(8)
	if w.chance(15) {
		hour = 18 + w.random.IntN(4)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 5*w.random.IntN(12), 0, 0, w.zone)
}

// visit is one visit with those that follow where it was unsuccessful, and returns the
// last.
func (w *fourWeeks) visit(ref, worker, path string, at time.Time) time.Time {
	attempt := 0
	for attempt < 4 && w.chance(10+8*attempt) {
		attempt++
		w.visits++
		w.happens(ref, "no-access", at, worker, "", "")
		w.after(ref, worker, path, attempt, at)
		switch again := at.Add(time.Duration(3+w.random.IntN(4)) * time.Hour); {
		case attempt == 1: // by the date that the manager sets
			at = w.visitTime(w.later(at, 1+w.random.IntN(2)))
		case again.Hour() < 21 && again.Day() == at.Day(): // the child is to be seen within 24 hours
			at = again
		default:
			at = time.Date(at.Year(), at.Month(), at.Day()+1, 8+w.random.IntN(3), 5*w.random.IntN(12), 0, 0, w.zone)
		}
	}
	w.happens(ref, "seen", at, worker, "", "")
	return at
}

// after is what is done about an unsuccessful visit: mostly in time.
func (w *fourWeeks) after(ref, worker, path string, attempt int, at time.Time) {
	does := func(kind string, at time.Time, by, value, due string) {
		if w.neglect == 0 || !w.chance(w.neglect) {
			w.happens(ref, kind, at, by, value, due)
		}
	}
	within := func(hours int) time.Time { return at.Add(time.Duration(10+w.random.IntN(60*hours)) * time.Minute) }
	discussed := within(3)
	if attempt > 1 {
		discussed = within(1)
	}
	if w.chance(8) {
		discussed = at.Add(28 * time.Hour)
	}
	does("discussed-with-manager", discussed, worker, "seen-by-others=unknown;concern=low", "")
	if path != "csc-parent-assessment" {
		// The timeframe is due within 24 hours, weekends included, and so it is set.
		set := w.awake(within(6))
		if w.chance(10) {
			set = w.office(at.Add(30 * time.Hour))
		}
		does("timeframe-set", set, "M1", "", w.later(set, 2+w.random.IntN(2)).Format(time.DateOnly))
		if attempt > 1 {
			does("review-considered", w.office(within(8)), "M1", "review=no;legal=no", "")
		}
	} else {
		does("action-agreed", w.office(within(60)), "M1", "", "")
	}
	does("recorded", w.office(within(5)), worker, "", "")
	recorded := w.office(within(20))
	if w.chance(10) {
		recorded = w.office(at.Add(60 * time.Hour))
	}
	does("recorded", recorded, "M1", "", "")
	if w.unsuccessful[ref]++; w.unsuccessful[ref] == 3 { // which is asked of the manager
		does("history-reviewed", w.office(at.Add(time.Duration(24+w.random.IntN(48))*time.Hour)), "M1", "", "")
	}
}

// awake is t, or the next morning.
func (w *fourWeeks) awake(t time.Time) time.Time {
	switch {
	case t.Hour() >= 20:
		return time.Date(t.Year(), t.Month(), t.Day()+1, 8, w.random.IntN(60), 0, 0, w.zone)
	case t.Hour() < 8:
		return time.Date(t.Year(), t.Month(), t.Day(), 8, w.random.IntN(60), 0, 0, w.zone)
	}
	return t
}

// office is t, or the next morning at which somebody is at a desk.
func (w *fourWeeks) office(t time.Time) time.Time {
	if t.Hour() >= 18 {
		t = time.Date(t.Year(), t.Month(), t.Day()+1, 8, w.random.IntN(60), 0, 0, w.zone)
	} else if t.Hour() < 8 {
		t = time.Date(t.Year(), t.Month(), t.Day(), 8, w.random.IntN(60), 0, 0, w.zone)
	}
	for !w.isWorkingDay(t) {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

func (w *fourWeeks) happens(ref, kind string, at time.Time, by, value, due string) {
	w.number++
	fmt.Fprintf(&w.events, "e%d,%s,%s,%s,%s,%s,%s,as agreed\n", w.number, ref, kind, at.Format(time.RFC3339), by, value, due)
}

// counted is what a manager gets in four weeks.
type counted struct{ messages, lines, mostADay, atNight, paperworkAtNight, again int }

// lives runs the four weeks and returns what is left of them.
func (w *fourWeeks) lives(t testing.TB) (s simulation, database string) {
	t.Helper()
	folder := os.Getenv("DOORSTEP_FOUR_WEEKS") // where its files are to be kept; empty: nowhere
	if folder == "" {
		folder = t.TempDir()
	}
	people := teamOfSix
	for n := 1; n <= w.workers; n++ {
		people += fmt.Sprintf("P%d,Worker %d,practitioner,East,p%d@example.org,07700 90020%d,%s,M1\n", n, n, n, n, []string{"email", "sms"}[n%2])
	}
	path := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	o := &options{}
	setup, err := o.load()
	if err != nil {
		t.Fatal(err)
	}
	s.setup = setup
	for day, at := range map[string]*time.Time{fourWeeksFrom: &s.from, fourWeeksTo: &s.to} {
		if *at, err = intake.ParseTime(day, w.zone); err != nil {
			t.Fatal(err)
		}
	}
	files := simulationFiles{people: path("people.csv", people), cases: path("cases.csv", w.cases.String()), events: path("events.csv", w.events.String())}
	if err := s.read(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	database = filepath.Join(t.TempDir(), "doorstep.db")
	if _, err := s.run(t.Context(), "sqlite:"+database); err != nil {
		t.Fatal(err)
	}
	return s, database
}

// count is what the manager gets.
func (w *fourWeeks) count(t testing.TB) (c counted) {
	t.Helper()
	s, database := w.lives(t)
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT m.sent_at, COUNT(r.duty_id), SUM(r.rung = 'again'), SUM(NOT d.paperwork)
FROM messages m JOIN reminders r ON r.message_id = m.id AND r.reason = 'sent' JOIN duties d ON d.id = r.duty_id
WHERE m.person = 'M1' AND m.state = 'sent' AND m.sent_at >= $1 GROUP BY m.id`, s.from.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	days := map[string]int{}
	for rows.Next() {
		var at int64
		var lines, again, others int
		if err := rows.Scan(&at, &lines, &again, &others); err != nil {
			t.Fatal(err)
		}
		sent := time.UnixMilli(at).In(w.zone)
		c.messages++
		c.lines += lines
		if again > 0 {
			c.again++
		}
		days[sent.Format(time.DateOnly)]++
		c.mostADay = max(c.mostADay, days[sent.Format(time.DateOnly)])
		if sent.Hour() >= 21 || sent.Hour() < 7 {
			c.atNight++
			if others == 0 && sent.Format("15:04") != "21:00" { // warnings of what falls due before the morning
				c.paperworkAtNight++
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAManagersFourWeeks: whatever happens in them, nothing that is only paperwork goes to
// the manager at night, and the messages are few enough to be read.
func TestAManagersFourWeeks(t *testing.T) {
	w := newFourWeeks(t, 2)
	if w.visits < 50 {
		t.Fatalf("%d unsuccessful visits in four weeks of 150 cases are too few to show anything", w.visits)
	}
	if c := w.count(t); c.paperworkAtNight > 0 || c.messages == 0 || c.messages >= 150 {
		t.Errorf("%+v of %d unsuccessful visits: want fewer than 150 messages, and none of paperwork at night", c, w.visits)
	}
}

// BenchmarkFourWeeksOfAManager prints what a manager of six workers with 25 cases each
// gets in four weeks.
func BenchmarkFourWeeksOfAManager(b *testing.B) {
	for seed := uint64(1); seed <= 5; seed++ {
		b.Run(fmt.Sprint(seed), func(b *testing.B) {
			w := newFourWeeks(b, seed)
			var c counted
			for b.Loop() {
				c = w.count(b)
			}
			for unit, n := range map[string]int{"visits": w.visits, "messages": c.messages, "lines": c.lines, "most/day": c.mostADay,
				"at-night": c.atNight, "paperwork-at-night": c.paperworkAtNight, "again": c.again} {
				b.ReportMetric(float64(n), unit)
			}
		})
	}
}
