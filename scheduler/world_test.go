package scheduler

import (
	"context"
	"database/sql"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// world is a store with a team in it, and the rules of the guidance's ladders:
// practitioner W1 and W2, their manager G1, cover G2, service manager V1.
type world struct {
	t      testing.TB
	store  *store.Store
	behind *storetest.Behind // the same database, to set the scene and to look behind it
	db     *sql.DB           // of behind
	url    string
	rules  *pathway.Rules
	clock  *jumpingClock
}

// onEveryDatabase tells a story on each database.
func onEveryDatabase(t *testing.T, story func(t *testing.T, w *world)) {
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); story(t, newWorld(t, storetest.MigratedSQLiteURL(t))) })
	t.Run("Postgres", func(t *testing.T) { t.Parallel(); story(t, newWorld(t, storetest.MigratedPostgresURL(t))) })
}

func newWorld(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, store: storetest.Open(t, url), url: url, rules: guidance(t), clock: &jumpingClock{}}
	w.behind = storetest.LookBehind(t, url)
	w.db = w.behind.DB
	for _, p := range []pathway.Person{
		{ID: "W1", Role: pathway.Practitioner, Mobile: "+447700900101", ReportsTo: "G1"},
		{ID: "W2", Role: pathway.Practitioner, Mobile: "+447700900102", ReportsTo: "G1"},
		{ID: "G1", Role: pathway.Manager, Mobile: "+447700900111", ReportsTo: "V1", Cover: "G2"},
		{ID: "G2", Role: pathway.Manager, Mobile: "+447700900112", ReportsTo: "V1"},
		{ID: "V1", Role: pathway.ServiceManager, Mobile: "+447700900121"},
	} {
		w.behind.Insert("people", map[string]any{"id": p.ID, "name": "Somebody", "role": string(p.Role), "team": "East", "channel": "email",
			"email": strings.ToLower(p.ID) + "@example.org", "mobile": p.Mobile, "reports_to": p.ReportsTo, "cover": p.Cover})
	}
	return w
}

func (w *world) do(statement string, args ...any) {
	w.t.Helper()
	w.behind.Do(statement, args...)
}

func (w *world) lines(query string, args ...any) []string {
	w.t.Helper()
	return w.behind.Lines(query, args...)
}

// duty is one open duty for a story.
type duty struct {
	ref, id, ladder     string
	owner               pathway.Role // zero: practitioner
	opened, due         string       // "2026-09-02 10:00"
	recorder            string
	practitioner        string // zero: W1
	manager             string // zero: G1; "-": nobody
	bothRecord, laterOn bool
}

// opens sets the scene: a case with a duty, as recording its event leaves them.
func (w *world) opens(d duty) (id int64) {
	w.t.Helper()
	if d.owner == "" {
		d.owner = pathway.Practitioner
	}
	if d.practitioner == "" {
		d.practitioner = "W1"
	}
	switch d.manager {
	case "":
		d.manager = "G1"
	case "-":
		d.manager = ""
	}
	if len(w.lines(`SELECT 1 FROM cases WHERE ref = $1`, d.ref)) == 0 {
		w.behind.Insert("cases", map[string]any{"ref": d.ref, "team": "East", "now_pathway": "csc", "now_practitioner": d.practitioner, "now_manager": d.manager})
	}
	opened, due := at(w.t, d.opened), at(w.t, d.due)
	p := pathway.Duty{Case: d.ref, ID: d.id, Ladder: d.ladder, Opened: opened, Due: due}
	next := w.rules.Ladder(d.ladder).Climb(&p, pathway.Progress{}, w.rules.Calendar, time.Time{}).Next
	w.behind.Insert("duties", map[string]any{
		"case_ref": d.ref, "duty": d.id, "opening": "e" + d.opened, "pathway": "csc", "version": "1", "attempt": 1,
		"owner": string(d.owner), "ladder": d.ladder, "basis": "guidance", "recorder": d.recorder,
		"opened_at": opened.UnixMilli(), "recorded_at": opened.UnixMilli(), "due_at": due.UnixMilli(),
		"later_than": d.laterOn, "both_record": d.bothRecord, "state": "open", "why": "because", "next_rung_at": next.UnixMilli(),
	})
	if err := w.db.QueryRow(`SELECT MAX(id) FROM duties`).Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) onSQLite() bool { return strings.HasPrefix(w.url, "sqlite:") }

// meets records that a duty was met, as recording its event does.
func (w *world) meets(id int64, when string) {
	w.t.Helper()
	w.do(`UPDATE duties SET state = 'met', met_at = $1, next_rung_at = NULL WHERE id = $2`, at(w.t, when).UnixMilli(), id)
}

// moves gives a duty another due time, as recording an event does.
func (w *world) moves(id int64, when, due string) {
	w.t.Helper()
	moved := at(w.t, when).UnixMilli()
	w.do(`UPDATE duties SET due_at = $1, moved_at = $2, next_rung_at = $2 WHERE id = $3`, at(w.t, due).UnixMilli(), moved, id)
}

// scans runs a scan and returns what it counted.
func (w *world) scans(when string) map[string]int {
	w.t.Helper()
	now := at(w.t, when)
	w.clock.jump(now)
	counts, err := w.scanner().Scan(context.Background(), nil, now)
	if err != nil {
		w.t.Fatalf("scan at %s: %v", when, err)
	}
	return counts
}

func (w *world) scanner() *Scanner {
	return NewScanner(w.store, w.rules, dutyDesk, w.clock)
}

func dutyDesk(team string) *pathway.Person {
	return &pathway.Person{ID: "duty-desk-" + team, Email: "duty@example.org", Channel: pathway.ChannelEmail}
}

// told checks who was told of what at a scan, in any order: "discuss due W1 email sent".
func (w *world) told(what, when string, want ...string) {
	w.t.Helper()
	got := w.lines(`SELECT d.duty, r.rung, r.person, r.channel, r.reason FROM reminders r JOIN duties d ON d.id = r.duty_id
		WHERE r.created_at = $1`, at(w.t, when).UnixMilli())
	slices.Sort(got)
	slices.Sort(want)
	w.wants(what, got, want...)
}

// wants checks lines, in order.
func (w *world) wants(what string, got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s:\ngot  %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func london(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// at is a time on the organisation's clocks: "2026-09-02 10:00".
func at(t testing.TB, text string) time.Time {
	t.Helper()
	parsed, err := time.ParseInLocation("2006-01-02 15:04", text, london(t))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// guidance returns rules with the ladders of the guidance and one pathway.
func guidance(t testing.TB) *pathway.Rules {
	t.Helper()
	calendar, err := pathway.NewCalendar(pathway.CalendarSettings{Location: london(t)})
	if err != nil {
		t.Fatal(err)
	}
	const (
		O, M, S = pathway.Owner, pathway.Manager, pathway.ServiceManager
		start   = pathway.AtStart
		before  = pathway.BeforeDue
		due     = pathway.AtDue
		after   = pathway.AfterDue
	)
	rung := func(m pathway.Moment, n int, u pathway.Unit, skip bool, to ...pathway.Role) pathway.RungRule {
		r := pathway.RungRule{Moment: m, To: to, SkipRecorder: skip}
		if n > 0 {
			r.Offset = pathway.Offset{N: n, Unit: u}
		}
		return r
	}
	rules := pathway.NewRules(calendar, map[string]*pathway.Ladder{
		"routine": {ID: "routine", OfficeHours: true, Severity: 2, Rungs: []pathway.RungRule{
			rung(start, 0, "", true, O), rung(before, 3, pathway.WorkingDays, false, O), rung(before, 1, pathway.WorkingDays, false, O),
			rung(due, 0, "", false, O, M), rung(after, 2, pathway.WorkingDays, false, M, S)}},
		"urgent": {ID: "urgent", EveryChannel: true, Severity: 1, Rungs: []pathway.RungRule{
			rung(start, 0, "", true, O, M), rung(before, 4, pathway.Hours, false, O),
			rung(due, 0, "", false, O, M), rung(after, 4, pathway.Hours, false, M, S)}},
		"immediate": {ID: "immediate", EveryChannel: true, Severity: 0, Rungs: []pathway.RungRule{
			rung(start, 0, "", false, O, M), rung(due, 0, "", false, O, M, S), rung(after, 4, pathway.Hours, false, S)}},
	})
	rules.AddPathway(&pathway.Pathway{ID: "csc", Version: "1", Duties: []pathway.DutyRule{
		{ID: "discuss", Title: "Discuss with the team manager", Clause: "2.1"},
		{ID: "record", Title: "Record the actions and decisions", Clause: "2.4"},
		{ID: "see", Title: "See the child again", Clause: "2.2"},
		{ID: "talk", Title: "Talk it over", MetBy: []pathway.Match{{Kind: pathway.KindDiscussedWithManager}}},
	}}, time.Time{})
	return rules
}
