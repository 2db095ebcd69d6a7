package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// TestNoDeadlineIsLessCovered: whatever is said together with something else, of each duty
// everybody whom its ladder asks to be told has been, by each channel, and no later than at
// the rung's own moment; or the ledger names why not.
func TestNoDeadlineIsLessCovered(t *testing.T) {
	t.Parallel()
	for _, weeks := range []struct{ seed, neglect int }{{1, 0}, {2, 40}, {3, 95}} {
		t.Run(fmt.Sprintf("%d in a hundred neglected", weeks.neglect), func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation("Europe/London")
			if err != nil {
				t.Fatal(err)
			}
			w := newWeeksOf(fourWeeks{random: rand.New(rand.NewPCG(uint64(weeks.seed), 25)), zone: zone, workers: 2, caseload: 25, neglect: weeks.neglect})
			s, database := w.lives(t)
			c := newCoverage(t, &s, database)
			if err := c.store.EachDuty(t.Context(), c.check); err != nil {
				t.Fatal(err)
			}
			if c.asked < 200 {
				t.Errorf("the ladders ask for %d reminders: too few to show anything", c.asked)
			}
		})
	}
}

// coverage holds what was sent against what the ladders ask for.
type coverage struct {
	t     *testing.T
	store *store.Store
	who   map[string]pathway.Allocation
	rules *pathway.Rules
	dir   pathway.Directory
	until time.Time
	told  map[store.ReminderKey]toldOf
	asked int
}

// toldOf is one line of the ledger, and when its message went.
type toldOf struct {
	reason pathway.Reason
	state  string
	sent   time.Time
}

func newCoverage(t *testing.T, s *simulation, database string) *coverage {
	t.Helper()
	opened, err := store.Open(t.Context(), "sqlite:"+database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	c := &coverage{t: t, store: opened, who: map[string]pathway.Allocation{}, rules: pathway.NewRules(s.calendar, s.pathways.Ladders), until: s.to,
		told: map[store.ReminderKey]toldOf{}}
	for _, p := range s.pathways.List() {
		c.rules.AddPathway(p, time.Time{})
	}
	people, err := opened.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.dir = pathway.Directory{People: map[string]*pathway.Person{}, DutyDesk: func(string) *pathway.Person { return nil }}
	for i := range people {
		c.dir.People[people[i].ID] = &people[i]
	}
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c.each(db, `SELECT ref, now_practitioner, now_manager, chair, team FROM cases`, func(rows *sql.Rows) error {
		var ref string
		var who pathway.Allocation
		err := rows.Scan(&ref, &who.Practitioner, &who.Manager, &who.Chair, &who.Team)
		c.who[ref] = who
		return err
	})
	c.each(db, `SELECT r.duty_id, r.due_at, r.rung, r.person, r.channel, r.reason, COALESCE(m.state, ''), COALESCE(m.sent_at, 0)
FROM reminders r LEFT JOIN messages m ON m.id = r.message_id`, func(rows *sql.Rows) error {
		var k store.ReminderKey
		var of toldOf
		var sent int64
		err := rows.Scan(&k.Duty, &k.Due, &k.Rung, &k.Person, &k.Channel, &of.reason, &of.state, &sent)
		of.sent = time.UnixMilli(sent)
		c.told[k] = of
		return err
	})
	return c
}

func (c *coverage) each(db *sql.DB, query string, do func(*sql.Rows) error) {
	c.t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
}

// check takes one duty up its ladder, as a clock would that never misses a moment.
func (c *coverage) check(d *store.Duty) {
	ladder := c.rules.Ladder(d.Ladder)
	who := c.rules.Concerned(&d.Duty, c.who[d.Case], c.dir.People)
	until := c.until
	for _, end := range []time.Time{d.Met, d.Ended} {
		if !end.IsZero() && end.Before(until) {
			until = end
		}
	}
	var progress pathway.Progress
	if !d.Moved.IsZero() { // what was said by an earlier date is not looked at
		progress = pathway.Progress{Through: d.Moved, Due: d.Due}
	}
	now := d.Recorded
	for {
		climb := ladder.Climb(&d.Duty, progress, c.rules.Calendar, now)
		if climb.Now != nil {
			c.checkRung(d, ladder, climb.Now, who)
		}
		progress = pathway.Progress{Due: d.Due, Through: now, Set: d.Set}
		if climb.Next.IsZero() || !climb.Next.Before(until) {
			return
		}
		now = climb.Next
	}
}

func (c *coverage) checkRung(d *store.Duty, ladder *pathway.Ladder, rung *pathway.Rung, who pathway.Allocation) {
	for _, t := range pathway.Tell(ladder, rung.RungRule, &d.Duty, who, &c.dir, rung.Send) {
		if t.Reason != pathway.Sent {
			continue
		}
		key := store.ReminderKey{Duty: d.ID, Due: d.Due.UnixMilli(), Rung: rung.Name(), Person: t.Person.ID, Channel: t.Channel}
		switch {
		case rung.Moment == pathway.AtStart:
			key.Due = 0
		case rung.Instant():
			key.Due = rung.At.UnixMilli()
		}
		c.asked++
		of, found := c.told[key]
		line := fmt.Sprintf("%s %s %s at %s to %s by %s", d.Case, d.Duty.ID, rung.Name(), rung.Send.In(c.rules.Calendar.Location()).Format("02 Jan 15:04"), t.Person.ID, t.Channel)
		switch {
		case !found:
			c.t.Errorf("%s: the ledger does not say why not", line)
		case of.reason != pathway.Sent && of.reason != pathway.TakenOver && of.reason != pathway.MergedInto:
			c.t.Errorf("%s: not told because %s", line, of.reason)
		case of.reason == pathway.Sent && of.state != string(store.MessageSent):
			c.t.Errorf("%s: its message is %q", line, of.state)
		case of.reason == pathway.Sent && of.sent.After(rung.Send.Add(time.Minute)):
			c.t.Errorf("%s: told at %s", line, of.sent.In(c.rules.Calendar.Location()).Format("02 Jan 15:04"))
		}
	}
}
