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
// manager, most of whom do what is asked of them in time. It is the same each time.
type fourWeeks struct {
	random *rand.Rand
	zone   *time.Location
	cases  strings.Builder
	events strings.Builder
	visits int // unsuccessful ones
	number int
}

const (
	fourWeeksFrom = "2026-08-31"
	fourWeeksTo   = "2026-09-28"
	teamOfSix     = "id,name,role,team,email,mobile,channel,reports_to\n" +
		"M1,Manager One,manager,East,m1@example.org,07700 900111,email,V1\n" +
		"V1,Service Manager One,service-manager,,v1@example.org,07700 900121,email,\n"
)

func newFourWeeks(t testing.TB) *fourWeeks {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	w := &fourWeeks{random: rand.New(rand.NewPCG(4, 25)), zone: zone}
	w.cases.WriteString("ref,pathway,opened_at,practitioner,manager,team,plan,visit_every\n")
	w.events.WriteString("event_id,case_ref,kind,at,by,value,due_at,reason\n")
	begin := time.Date(2026, 8, 31, 0, 0, 0, 0, zone)
	for worker := 1; worker <= 6; worker++ {
		for n := 1; n <= 25; n++ {
			w.follow(fmt.Sprintf("KN-%d-%02d", worker, n), fmt.Sprintf("P%d", worker), n, begin)
		}
	}
	return w
}

func (w *fourWeeks) chance(percent int) bool { return w.random.IntN(100) < percent }

// follow is one case's four weeks.
func (w *fourWeeks) follow(ref, worker string, n int, begin time.Time) {
	path, plan, opened := "csc-plan", []string{"cin", "cp", "cfc"}[n%3], begin.AddDate(0, 0, -20+n%15).Add(10*time.Hour)
	switch {
	case n > 22:
		path, plan = "csc-parent-assessment", ""
	case n > 18:
		path, plan, opened = "csc-child-and-family", "", begin.AddDate(0, 0, w.random.IntN(20)).Add(9*time.Hour)
	}
	fmt.Fprintf(&w.cases, "%s,%s,%s,%s,M1,East,%s,\n", ref, path, opened.Format("2006-01-02 15:04"), worker, plan)
	if plan != "" {
		w.happens(ref, "frequency-set", opened.Add(26*time.Hour), "M1", map[string]string{"cin": "20 working days", "cp": "10 working days", "cfc": "6 weeks"}[plan], "")
	}
	end := begin.AddDate(0, 0, 28)
	at := opened.AddDate(0, 0, 1+w.random.IntN(2))
	for at.Before(end) {
		at = w.visit(ref, worker, path, w.workingDay(at))
	}
}

// workingDay is the first day from t on that is neither a weekend nor the bank holiday of
// the first Monday, at the hour of a visit: now and then in the evening.
func (w *fourWeeks) workingDay(t time.Time) time.Time {
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || t.Format(time.DateOnly) == "2026-08-31" {
		t = t.AddDate(0, 0, 1)
	}
	hour := 9 + w.random.IntN(8)
	if w.chance(15) {
		hour = 18 + w.random.IntN(4)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), hour, 5*w.random.IntN(12), 0, 0, w.zone)
}

// visit is one visit, and returns from when on the next one may be.
func (w *fourWeeks) visit(ref, worker, path string, at time.Time) time.Time {
	attempt := 0
	for attempt < 4 && w.chance(8+8*attempt) {
		attempt++
		w.visits++
		w.happens(ref, "no-access", at, worker, "", "")
		w.after(ref, worker, path, attempt, at)
		if attempt == 1 {
			at = w.workingDay(at.AddDate(0, 0, 1+w.random.IntN(3)))
		} else { // a plan is made so that the child is seen within 24 hours
			at = at.Add(time.Duration(3+w.random.IntN(20)) * time.Hour)
		}
	}
	w.happens(ref, "seen", at, worker, "", "")
	if path == "csc-child-and-family" {
		return at.AddDate(0, 0, 10)
	}
	return at.AddDate(0, 0, 11+w.random.IntN(6))
}

// after is what is done about an unsuccessful visit: mostly in time.
func (w *fourWeeks) after(ref, worker, path string, attempt int, at time.Time) {
	within := func(hours int) time.Time { return at.Add(time.Duration(10+w.random.IntN(60*hours)) * time.Minute) }
	discussed := within(3)
	if attempt > 1 {
		discussed = within(1)
	}
	if w.chance(8) {
		discussed = at.Add(28 * time.Hour)
	}
	w.happens(ref, "discussed-with-manager", discussed, worker, "seen-by-others=unknown;concern=low", "")
	if path != "csc-parent-assessment" {
		set := w.office(within(6))
		if w.chance(10) {
			set = w.office(at.Add(30 * time.Hour))
		}
		w.happens(ref, "timeframe-set", set, "M1", "", w.workingDay(set.AddDate(0, 0, 2+w.random.IntN(2))).Format(time.DateOnly))
		if attempt > 1 {
			w.happens(ref, "review-considered", w.office(within(8)), "M1", "review=no;legal=no", "")
		}
	} else {
		w.happens(ref, "action-agreed", w.office(within(60)), "M1", "", "")
	}
	w.happens(ref, "recorded", w.office(within(5)), worker, "", "")
	recorded := w.office(within(20))
	if w.chance(10) {
		recorded = w.office(at.Add(60 * time.Hour))
	}
	w.happens(ref, "recorded", recorded, "M1", "", "")
}

// office is t, or the next morning at which somebody is at a desk.
func (w *fourWeeks) office(t time.Time) time.Time {
	if t.Hour() >= 18 {
		t = time.Date(t.Year(), t.Month(), t.Day()+1, 8, w.random.IntN(60), 0, 0, w.zone)
	} else if t.Hour() < 8 {
		t = time.Date(t.Year(), t.Month(), t.Day(), 8, w.random.IntN(60), 0, 0, w.zone)
	}
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
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

// lives runs the four weeks and counts what the manager gets.
func (w *fourWeeks) lives(t testing.TB) (c counted) {
	t.Helper()
	folder := os.Getenv("DOORSTEP_FOUR_WEEKS") // where its files are to be kept; empty: nowhere
	if folder == "" {
		folder = t.TempDir()
	}
	people := teamOfSix
	for n := 1; n <= 6; n++ {
		people += fmt.Sprintf("P%d,Worker %d,practitioner,East,p%d@example.org,07700 90020%d,email,M1\n", n, n, n, n)
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
	s := simulation{setup: setup}
	for day, at := range map[string]*time.Time{fourWeeksFrom: &s.from, fourWeeksTo: &s.to} {
		if *at, err = intake.ParseTime(day, w.zone); err != nil {
			t.Fatal(err)
		}
	}
	files := simulationFiles{people: path("people.csv", people), cases: path("cases.csv", w.cases.String()), events: path("events.csv", w.events.String())}
	if err := s.read(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "doorstep.db")
	if _, err := s.run(t.Context(), "sqlite:"+database); err != nil {
		t.Fatal(err)
	}
	return w.count(t, database, s.from)
}

func (w *fourWeeks) count(t testing.TB, database string, from time.Time) (c counted) {
	t.Helper()
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT m.sent_at, COUNT(r.duty_id), SUM(r.rung = 'again'), SUM(NOT d.paperwork)
FROM messages m JOIN reminders r ON r.message_id = m.id AND r.reason = 'sent' JOIN duties d ON d.id = r.duty_id
WHERE m.person = 'M1' AND m.state = 'sent' AND m.sent_at >= $1 GROUP BY m.id`, from.UnixMilli())
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

// TestPaperworkWakesNoManagerInFourWeeks: whatever happens in four weeks, nothing that is
// only paperwork goes to the manager at night.
func TestPaperworkWakesNoManagerInFourWeeks(t *testing.T) {
	w := newFourWeeks(t)
	if w.visits < 30 {
		t.Fatalf("%d unsuccessful visits in four weeks of 150 cases are too few to show anything", w.visits)
	}
	if c := w.lives(t); c.paperworkAtNight > 0 || c.messages == 0 {
		t.Errorf("%+v of %d unsuccessful visits: want messages, and none of paperwork at night", c, w.visits)
	}
}

// BenchmarkFourWeeksOfAManager prints what a manager of six workers with 25 cases each
// gets in four weeks.
func BenchmarkFourWeeksOfAManager(b *testing.B) {
	w := newFourWeeks(b)
	var c counted
	for b.Loop() {
		c = w.lives(b)
	}
	for unit, n := range map[string]int{"visits": w.visits, "messages": c.messages, "lines": c.lines, "most/day": c.mostADay,
		"at-night": c.atNight, "paperwork-at-night": c.paperworkAtNight, "again": c.again} {
		b.ReportMetric(float64(n), unit)
	}
}
