package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// ClockTolerance is how far the clocks of those who work on one database may be apart:
// of two daemons, or of a daemon and the database. What is stored lies ahead of now by
// no more than that where it cannot lie ahead at all.
const ClockTolerance = time.Minute

// Clock asks the database's own clock; false where it has none: then all who work on it
// go by the machine's.
func (s *Store) Clock(ctx context.Context) (at time.Time, has bool, err error) {
	if !s.IsServer() {
		return time.Time{}, false, nil
	}
	var millis int64
	if err := s.db.QueryRowContext(ctx, `SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)`).Scan(&millis); err != nil {
		return time.Time{}, false, fmt.Errorf("ask the database's clock: %w", explain(err))
	}
	return time.UnixMilli(millis).UTC(), true, nil
}

// IsServer reports whether the database is a server, with processes and a clock of its own.
func (s *Store) IsServer() bool { return s.dialect.IsServer() }

// Waiting is a kind of message that waits to be sent, as far as its next try can be told
// from it.
type Waiting struct {
	Channel string
	State   MessageState // queued, sending or failed-temporarily
	Fault   string       // what the last failure lay in
	Urgent  bool
}

// Furthest says how far ahead of now instants can lie that were stored by a clock that
// was right.
type Furthest struct {
	Below int                                        // messages of a lower severity are urgent
	Run   time.Time                                  // the lease of a run
	Claim time.Time                                  // the claim of a message
	Tell  time.Time                                  // when others are told of a visit
	Probe func(fault string) time.Time               // when a stopped channel is next tried
	Poll  func(polls int) time.Time                  // when a provider is asked, after so many questions
	Try   func(w Waiting, probe time.Time) time.Time // when a message is tried, where its channel's next probe is at probe (zero: none)
}

// Ahead is what was found that lies further ahead than it can.
type Ahead struct {
	Instants map[string]int // how many, by what they are
	Latest   time.Time      // the furthest
}

func (a *Ahead) note(what string, n int, latest sql.NullInt64) {
	if n == 0 {
		return
	}
	a.Instants[what] += n
	if at := instant(latest); at.After(a.Latest) {
		a.Latest = at
	}
}

// Count is how many instants there are.
func (a *Ahead) Count() (n int) {
	for _, of := range a.Instants {
		n += of
	}
	return n
}

const (
	// Instants that are in the past when they are stored. Whoever looks for one that is
	// not finds the latest of each kind, at the cost of a few rows.
	countAhead = `SELECT what, CAST(SUM(n) AS BIGINT), MAX(latest) FROM (
	SELECT 'schedules' AS what, COUNT(*) AS n, MAX(latest) AS latest FROM (
		SELECT last_due_at AS latest FROM schedules UNION ALL SELECT last_started_at FROM schedules
		UNION ALL SELECT last_ended_at FROM schedules UNION ALL SELECT last_success_at FROM schedules) AS s WHERE latest > $1
	UNION ALL
	SELECT 'runs', COUNT(*), MAX(r.started_at) FROM schedules s JOIN runs r ON r.schedule = s.name AND r.started_at > $1
	UNION ALL
	SELECT 'channels', COUNT(*), MAX(since) FROM channel_states WHERE since > $1
	UNION ALL
	SELECT 'arrivals', COUNT(*), MAX(latest) FROM (
		SELECT expected_since AS latest FROM arrivals UNION ALL SELECT arrived_at FROM arrivals UNION ALL SELECT data_of FROM arrivals) AS a WHERE latest > $1
) AS ahead WHERE n > 0 GROUP BY what`

	waitingAhead = `SELECT channel, state, fault, severity < $1, COUNT(*), MAX(next_try_at) FROM messages
WHERE ` + waiting + ` AND next_try_at > $2 GROUP BY 1, 2, 3, 4`
	pollsAhead = `SELECT channel, polls, COUNT(*), MAX(poll_at) FROM messages WHERE poll_at IS NOT NULL AND poll_at > $1 GROUP BY 1, 2`
)

// CountAhead counts the stored instants that lie ahead of now although they are of what
// has been.
func (s *Store) CountAhead(ctx context.Context, now time.Time) (Ahead, error) {
	found := Ahead{Instants: map[string]int{}}
	type counted struct {
		what   string
		n      int
		latest sql.NullInt64
	}
	all, err := collect(ctx, s, "look for instants that are yet to come", countAhead, []any{now.Add(ClockTolerance).UnixMilli()},
		func(rows *sql.Rows) (c counted, err error) {
			err = rows.Scan(&c.what, &c.n, &c.latest)
			return c, err
		})
	for _, c := range all {
		found.note(c.what, c.n, c.latest)
	}
	return found, err
}

// change is a statement that takes instants back, and of what how many are changed.
type change struct {
	what, text string
	args       []any
}

// TakeBack takes what lies further ahead than it can as now: what has been has been by
// now, what is to be tried is to be tried now, and a claim or a lease begins now. It
// touches nothing that a clock which was right may have stored, and returns what it
// changed. What was written into the ledger meanwhile is left to Unsay.
func (s *Store) TakeBack(ctx context.Context, now time.Time, f Furthest) (Ahead, error) {
	found, err := s.CountAhead(ctx, now)
	if err != nil {
		return found, err
	}
	delete(found.Instants, "runs")
	changes, err := s.changesBack(ctx, now, f, &found)
	if err != nil || len(changes) == 0 && found.Count() == 0 {
		return found, err
	}
	if found.Count() > 0 {
		changes = append(changes, hasBeen(now, now.Add(ClockTolerance))...)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		for _, c := range changes {
			if _, err := tx.ExecContext(ctx, c.text, c.args...); err != nil {
				return fmt.Errorf("%s: %w", c.what, err)
			}
		}
		return nil
	})
	if err != nil {
		return found, fmt.Errorf("take instants as now that are yet to come: %w", err)
	}
	return found, nil
}

// hasBeen takes as now what cannot be yet to come.
func hasBeen(now, latest time.Time) []change {
	var all []change
	for _, of := range []struct{ table, column string }{
		{"schedules", "last_due_at"}, {"schedules", "last_started_at"}, {"schedules", "last_ended_at"}, {"schedules", "last_success_at"},
		{"channel_states", "since"}, {"arrivals", "expected_since"}, {"arrivals", "arrived_at"}, {"arrivals", "data_of"},
	} {
		all = append(all, change{of.table, fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s > $2", of.table, of.column, of.column),
			[]any{now.UnixMilli(), latest.UnixMilli()}})
	}
	return all
}

// changesBack are the changes to what may lie ahead, but not so far.
func (s *Store) changesBack(ctx context.Context, now time.Time, f Furthest, found *Ahead) (all []change, err error) {
	at := now.UnixMilli()
	limit := func(t time.Time) int64 { return t.Add(ClockTolerance).UnixMilli() }
	leases := []struct {
		what, table, column, which string
		furthest, becomes          int64
	}{
		{"leases", "schedules", "lease_until", "lease_until > $1", limit(f.Run), f.Run.UnixMilli()},
		{"visits to tell of", "visit_notices", "tell_at", "tell_at > $1", limit(f.Tell), at},
		{"letters", "postings", "next_try_at", postingWaits + " AND next_try_at > $1", limit(now.Add(postingFurthest)), at},
		{"webhooks", "webhooks", "next_try_at", "state = 'waiting' AND tries > 0 AND next_try_at > $1", limit(now.Add(webhookFurthest)), at},
		{"webhooks", "webhooks", "next_try_at", "state = 'waiting' AND tries = 0 AND next_try_at > $1", limit(now.Add(webhookClaimed)), at},
	}
	for _, l := range leases {
		var n int
		var latest sql.NullInt64
		err := s.db.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*), MAX(%s) FROM %s WHERE %s", l.column, l.table, l.which), l.furthest).Scan(&n, &latest)
		if err != nil {
			return nil, fmt.Errorf("look for %s that last too long: %w", l.what, explain(err))
		}
		if n > 0 {
			found.note(l.what, n, latest)
			all = append(all, change{l.what, fmt.Sprintf("UPDATE %s SET %s = $2 WHERE %s", l.table, l.column, l.which), []any{l.furthest, l.becomes}})
		}
	}
	probes, more, err := s.probesBack(ctx, now, f, found)
	all = append(all, more...)
	if err != nil {
		return nil, err
	}
	for _, back := range []func() ([]change, error){
		func() ([]change, error) { return s.triesBack(ctx, now, f, probes, found) },
		func() ([]change, error) { return s.pollsBack(ctx, now, f, found) },
	} {
		if more, err = back(); err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// postingFurthest is longer than the claim of a letter, and than its pause after a try.
const postingFurthest = 5 * time.Minute

// probesBack looks at when stopped channels are next tried, and returns when that is for
// each.
func (s *Store) probesBack(ctx context.Context, now time.Time, f Furthest, found *Ahead) (map[string]time.Time, []change, error) {
	states, err := collect(ctx, s, "look when channels are tried", "SELECT channel, fault, next_probe_at FROM channel_states WHERE state = 'open' AND next_probe_at IS NOT NULL", nil,
		func(rows *sql.Rows) (c ChannelState, err error) {
			var probe sql.NullInt64
			err = rows.Scan(&c.Channel, &c.Fault, &probe)
			c.NextProbe = instant(probe)
			return c, err
		})
	probes := map[string]time.Time{}
	var all []change
	for _, c := range states {
		if c.NextProbe.After(f.Probe(c.Fault).Add(ClockTolerance)) {
			found.note("probes", 1, millis(c.NextProbe))
			all = append(all, change{"probes", "UPDATE channel_states SET next_probe_at = $1 WHERE channel = $2 AND next_probe_at = $3",
				[]any{now.UnixMilli(), c.Channel, c.NextProbe.UnixMilli()}})
			c.NextProbe = now
		}
		probes[c.Channel] = c.NextProbe
	}
	return probes, all, err
}

func (s *Store) triesBack(ctx context.Context, now time.Time, f Furthest, probes map[string]time.Time, found *Ahead) ([]change, error) {
	type group struct {
		Waiting
		n      int
		latest sql.NullInt64
	}
	groups, err := collect(ctx, s, "look for messages that wait too long", waitingAhead, []any{f.Below, now.Add(ClockTolerance).UnixMilli()},
		func(rows *sql.Rows) (g group, err error) {
			err = rows.Scan(&g.Channel, &g.State, &g.Fault, &g.Urgent, &g.n, &g.latest)
			return g, err
		})
	var all []change
	for _, g := range groups {
		furthest, becomes := f.Claim, f.Claim
		if g.State != MessageSending {
			furthest, becomes = f.Try(g.Waiting, probes[g.Channel]), now
		}
		if furthest = furthest.Add(ClockTolerance); !instant(g.latest).After(furthest) {
			continue
		}
		found.note("messages", g.n, g.latest)
		text := `UPDATE messages SET next_try_at = $1 WHERE channel = $2 AND ` + waiting + ` AND state = $3 AND fault = $4 AND next_try_at > $5 AND `
		if g.Urgent {
			text += "severity < $6"
		} else {
			text += "severity >= $6"
		}
		all = append(all, change{"messages", text, []any{becomes.UnixMilli(), g.Channel, string(g.State), g.Fault, furthest.UnixMilli(), f.Below}})
	}
	return all, err
}

func (s *Store) pollsBack(ctx context.Context, now time.Time, f Furthest, found *Ahead) ([]change, error) {
	type group struct {
		channel  string
		polls, n int
		latest   sql.NullInt64
	}
	groups, err := collect(ctx, s, "look for receipts that are asked for too late", pollsAhead, []any{now.Add(ClockTolerance).UnixMilli()},
		func(rows *sql.Rows) (g group, err error) {
			err = rows.Scan(&g.channel, &g.polls, &g.n, &g.latest)
			return g, err
		})
	var all []change
	for _, g := range groups {
		furthest := f.Poll(g.polls).Add(ClockTolerance)
		if !instant(g.latest).After(furthest) {
			continue
		}
		found.note("receipts", g.n, g.latest)
		all = append(all, change{"receipts", `UPDATE messages SET poll_at = $1 WHERE channel = $2 AND poll_at IS NOT NULL AND polls = $3 AND poll_at > $4`,
			[]any{now.UnixMilli(), g.channel, g.polls, furthest.UnixMilli()}})
	}
	return all, err
}
