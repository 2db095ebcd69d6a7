package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// DigestDuty is an open duty as a digest lists it, with whoever holds its case.
type DigestDuty struct {
	Case         string
	ID           string
	Opening      string
	Pathway      string
	Version      string
	Attempt      int
	Owner        pathway.Role
	Ladder       string
	BothRecord   bool
	Recorded     time.Time // when what opened it was
	Due          time.Time
	Moved        time.Time // when a later record last changed Due; zero: none did
	LateSince    time.Time // the due time that had passed when Due was moved to a later one; zero: none had
	Said         time.Time // when somebody said by text that it is done, which is to be confirmed; zero: nobody has
	Practitioner string
	Manager      string
	AskedFor     string // where somebody asked for a date beyond the cap: what they did
}

// Absence is a practitioner who is away or gone, with the open duties that are
// still theirs under one manager.
type Absence struct {
	Practitioner string
	Manager      string
	Duties       int
}

// FlaggedCase is something worth a manager's look that is no duty.
type FlaggedCase struct {
	Case         string
	Flag         pathway.Flag
	Raised       time.Time
	Practitioner string
	Manager      string
}

const (
	digestColumns = `SELECT d.case_ref, d.duty, d.opening, d.pathway, d.version, d.attempt, d.owner, d.ladder, d.both_record, d.recorded_at, d.due_at, d.moved_at, d.late_since, d.said_at,
	c.now_practitioner, c.now_manager, CASE WHEN d.later_than = TRUE THEN COALESCE((SELECT f.text FROM flags f
		WHERE f.case_ref = d.case_ref AND f.id = 'later-than-cap' AND f.duty = d.duty ORDER BY f.raised_at DESC LIMIT 1), '') ELSE '' END`
	digestDuties = digestColumns + ` FROM duties d JOIN cases c ON c.ref = d.case_ref WHERE d.state = 'open' AND `
	// An OR would have all open duties read: each half finds its few by an index of its own.
	dueBy = `d.opened_at <= $1 AND d.id IN (SELECT id FROM duties WHERE state = 'open' AND due_at <= $2
	UNION ALL SELECT id FROM duties WHERE state = 'open' AND late_since IS NOT NULL)`
	orderDuties = ` ORDER BY d.due_at, d.case_ref, d.id`

	// The order of a CROSS JOIN is the order in which SQLite reads, which knows
	// nothing of how many rows there are: from the few people who are away to
	// their open cases.
	absences = `SELECT c.now_practitioner, c.now_manager, COUNT(*)
FROM people p CROSS JOIN cases c CROSS JOIN duties d
WHERE ` + isAbsent + ` AND c.now_practitioner = p.id AND NOT c.closed
	AND d.case_ref = c.ref AND d.state = 'open' AND d.opened_at <= $1` + byPractitioner
	isAbsent       = `(p.active_until <= $1 OR p.active_from > $1 OR (p.away_from <= $1 AND (p.away_until IS NULL OR p.away_until > $1)))`
	byPractitioner = ` GROUP BY c.now_practitioner, c.now_manager ORDER BY c.now_practitioner, c.now_manager`

	selectFlags = `SELECT f.case_ref, f.id, f.event, f.duty, f.text, f.raised_at, c.now_practitioner, c.now_manager
FROM flags f JOIN cases c ON c.ref = f.case_ref
WHERE `
	orderFlags = ` ORDER BY f.raised_at, f.case_ref, f.id, f.event`
)

// Managers are those whose cases somebody asks for, by id; nil: everybody's. What is read of
// some managers' cases costs what these have, whatever others have.
type Managers []string

// cases writes the open cases of managers as a table; lateBy is as in casesIn.
func (m Managers) cases(d *dialect, columns string, lateBy int, args *[]any) string {
	return d.casesIn(&pathway.Scope{People: m, AsManager: true}, columns, lateBy, args)
}

// are is the condition on a case c that it is one of managers, open or closed, behind others.
func (m Managers) are(d *dialect, args *[]any) string {
	if m == nil {
		return ""
	}
	*args = append(*args, d.listArgument(m))
	return " AND " + d.isAny("c.now_manager", len(*args))
}

const digestCase = "ref, now_practitioner, now_manager" // what is asked of c

// DutiesDueBy returns the duties open at now that are due at or before until, or were
// overdue when they were moved, the longest overdue first. Its cost follows their
// number, not how many cases there are.
func (s *Store) DutiesDueBy(ctx context.Context, now, until time.Time, of Managers) ([]DigestDuty, error) {
	query, args := s.dutiesDueBy(now, until, of)
	return s.digestDuties(ctx, query, args)
}

func (s *Store) dutiesDueBy(now, until time.Time, of Managers) (query string, args []any) {
	args = []any{now.UnixMilli(), until.UnixMilli()}
	if of == nil {
		return digestDuties + dueBy, args
	}
	args = append(args, max(now.UnixMilli(), until.UnixMilli()))
	return digestColumns + s.dialect.dutiesOn(of.cases(&s.dialect, digestCase, len(args), &args)) +
		" AND d.opened_at <= $1 AND (d.due_at <= $2 OR d.late_since IS NOT NULL)", args
}

// DutiesBeyondCap returns the open duties for which somebody asked for a later
// date than the guidance allows.
func (s *Store) DutiesBeyondCap(ctx context.Context, of Managers) ([]DigestDuty, error) {
	query, args := s.dutiesBeyondCap(of)
	return s.digestDuties(ctx, query, args)
}

func (s *Store) dutiesBeyondCap(of Managers) (query string, args []any) {
	if of == nil {
		return digestDuties + "d.later_than = TRUE", nil
	}
	// The CASE keeps SQLite from looking through all that are beyond it, for each case.
	return digestColumns + s.dialect.dutiesOn(of.cases(&s.dialect, digestCase, 0, &args)) + " AND CASE WHEN d.later_than THEN 1 ELSE 0 END = 1", args
}

func (s *Store) digestDuties(ctx context.Context, query string, args []any) ([]DigestDuty, error) {
	return collect(ctx, s, "read the duties of a digest", query+orderDuties, args, func(rows *sql.Rows) (d DigestDuty, err error) {
		var recorded, due, moved, late, said sql.NullInt64
		err = rows.Scan(&d.Case, &d.ID, &d.Opening, &d.Pathway, &d.Version, &d.Attempt, &d.Owner, &d.Ladder, &d.BothRecord, &recorded, &due, &moved, &late, &said,
			&d.Practitioner, &d.Manager, &d.AskedFor)
		d.Recorded, d.Due, d.Moved, d.LateSince, d.Said = instant(recorded), instant(due), instant(moved), instant(late), instant(said)
		return d, err
	})
}

// Absences returns the practitioners who are away or gone at now although open
// duties are still theirs.
func (s *Store) Absences(ctx context.Context, now time.Time, of Managers) ([]Absence, error) {
	query, args := s.absences(now, of)
	return collect(ctx, s, "look for practitioners who are away", query, args,
		func(rows *sql.Rows) (a Absence, err error) {
			err = rows.Scan(&a.Practitioner, &a.Manager, &a.Duties)
			return a, err
		})
}

func (s *Store) absences(now time.Time, of Managers) (query string, args []any) {
	args = []any{now.UnixMilli()}
	if of == nil {
		return absences, args
	}
	away := "(SELECT held.* FROM " + of.cases(&s.dialect, digestCase, 0, &args) + " held WHERE EXISTS (SELECT 1 FROM people p WHERE p.id = held.now_practitioner AND " + isAbsent + "))"
	return "SELECT c.now_practitioner, c.now_manager, COUNT(*)" + s.dialect.dutiesOn(away) + " AND d.opened_at <= $1" + byPractitioner, args
}

// FlaggedSince returns what was flagged at or after since on open cases.
func (s *Store) FlaggedSince(ctx context.Context, since time.Time, of Managers) ([]FlaggedCase, error) {
	query, args := s.flaggedSince(since, of)
	return collect(ctx, s, "read flags", query, args, scanFlagged)
}

func (s *Store) flaggedSince(since time.Time, of Managers) (query string, args []any) {
	args = []any{since.UnixMilli()}
	if of == nil {
		return selectFlags + "f.raised_at >= $1 AND NOT c.closed" + orderFlags, args
	}
	// The sign keeps SQLite from looking for all that was flagged since.
	return selectFlags + s.dialect.isIn("f.case_ref", "SELECT ref FROM "+of.cases(&s.dialect, digestCase, 0, &args)+" held") +
		" AND +f.raised_at >= $1" + orderFlags, args
}

func scanFlagged(rows *sql.Rows) (f FlaggedCase, err error) {
	var raised sql.NullInt64
	err = rows.Scan(&f.Case, &f.Flag.ID, &f.Flag.Event, &f.Flag.Duty, &f.Flag.Text, &raised, &f.Practitioner, &f.Manager)
	f.Raised = instant(raised)
	return f, err
}

// VisitsAfterClosing returns the unsuccessful visits that were recorded on cases that
// are closed.
func (s *Store) VisitsAfterClosing(ctx context.Context, of Managers) ([]FlaggedCase, error) {
	var args []any
	query := selectFlags + `f.id = '` + pathway.FlagVisitAfterClosing + `' AND c.closed` + of.are(&s.dialect, &args) + orderFlags
	return collect(ctx, s, "read visits after a closing", query, args, scanFlagged)
}

// ChairedCase is an open case with a chair.
type ChairedCase struct{ Ref, Chair string }

// ChairedCases returns those of some chairs, or of all where it is not said of which, in
// order of reference.
func (s *Store) ChairedCases(ctx context.Context, chairs []string) ([]ChairedCase, error) {
	query, args := "SELECT ref, chair FROM cases WHERE chair <> '' AND NOT closed", []any(nil)
	if chairs != nil {
		args = append(args, s.dialect.listArgument(chairs))
		query += " AND " + s.dialect.isAny("chair", 1)
	}
	return collect(ctx, s, "look for cases with a chair", query+" ORDER BY ref", args,
		func(rows *sql.Rows) (c ChairedCase, err error) {
			err = rows.Scan(&c.Ref, &c.Chair)
			return c, err
		})
}

// DigestKey names a person's digest of a day in the ledger: there is one at most.
func DigestKey(person string, day pathway.Date) string {
	return "digest/" + person + "/" + day.String()
}

// LastDigests returns when each of the people's last digest before now was taken into
// the ledger, of those of the given days. Who had none is left out.
func (s *Store) LastDigests(ctx context.Context, people []string, days []pathway.Date, now time.Time) (map[string]time.Time, error) {
	keys := make([]string, 0, len(people)*len(days))
	for _, person := range people {
		for _, day := range days {
			keys = append(keys, DigestKey(person, day))
		}
	}
	last := map[string]time.Time{}
	query := `SELECT person, MAX(created_at) FROM messages WHERE ` + s.dialect.isAny("key", 2) + ` AND created_at < $1 GROUP BY person`
	_, err := collect(ctx, s, "look for the last digests", query, []any{now.UnixMilli(), s.dialect.listArgument(keys)},
		func(rows *sql.Rows) (none struct{}, err error) {
			var person string
			var at sql.NullInt64
			err = rows.Scan(&person, &at)
			last[person] = instant(at)
			return none, err
		})
	return last, err
}

// QueueMessages takes messages into the ledger, but for those whose keys it has
// already, and returns the keys of those that are new. With a run, its lease is
// confirmed in the same transaction (see ScanBatch).
func (s *Store) QueueMessages(ctx context.Context, run *Run, now time.Time, messages []Message) (added map[string]bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if err := run.confirm(ctx, tx); err != nil {
			return err
		}
		ids, err := s.insertMessages(ctx, tx, now, messages, ` ON CONFLICT (key) DO NOTHING RETURNING id, key`)
		added = map[string]bool{}
		for key := range ids {
			added[key] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("queue messages: %w", err)
	}
	return added, nil
}

// collect reads all rows of a query. Scan takes them as rows of a query, or as any row.
func collect[T any, R row](ctx context.Context, s *Store, doing, query string, args []any, scan func(R) (T, error)) ([]T, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, explain(err))
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(any(rows).(R))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, explain(err))
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, explain(err))
	}
	return all, nil
}
