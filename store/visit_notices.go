package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// VisitNotice is an unsuccessful visit of which somebody is to be told besides those
// whose duties it opens, or that a case is another practitioner's.
type VisitNotice struct {
	ID        int64
	Kind      string
	Case      string // the case that was visited, or is another's
	Event     string
	At        time.Time       // of the visit
	By        string          // who recorded it; empty: not known
	Household []HouseholdCase // the other cases of its household
}

// HouseholdCase is another case of a case's household.
type HouseholdCase struct {
	Ref    string
	Closed bool
	Opened time.Time
	pathway.Allocation
}

// VisitTold is that somebody was told of a visit, or why they were not.
type VisitTold struct {
	Kind    string
	Case    string    // the case by which they are told
	At      time.Time // of the visit
	Visited []string  // the cases that were visited then
	Person  string
	Channel string
	Role    pathway.Role
	Instead string // as in Reminder
	Reason  pathway.Reason
	Message string // the key of the message; empty: none

	// Of those that are read:
	Told  time.Time
	State MessageState // of the message
}

const (
	noticeColumns = "kind, case_ref, event, visited_at, by_person, tell_at"
	toldColumns   = "kind, case_ref, visited_at, visited, person, channel, role, instead, reason, message_key, told_at"

	selectNotices = `SELECT id, kind, case_ref, event, visited_at, by_person FROM visit_notices WHERE tell_at <= $1 ORDER BY tell_at, visited_at, case_ref, id LIMIT $2`

	household = `SELECT c.ref, c.closed, c.opened_at, c.now_practitioner, c.now_manager, c.chair, c.team
FROM cases v JOIN cases c ON c.household = v.household AND c.ref <> v.ref
WHERE v.ref = $1 AND v.household <> '' AND c.household <> '' ORDER BY c.ref`

	toldBefore = `SELECT DISTINCT case_ref FROM visits_told WHERE kind = $1 AND visited_at = $2 AND `

	toldOfCase = `SELECT t.kind, t.case_ref, t.visited_at, t.visited, t.person, t.channel, t.role, t.instead, t.reason, t.message_key, t.told_at, COALESCE(m.state, '')
FROM visits_told t LEFT JOIN messages m ON m.key = t.message_key AND t.message_key <> '' WHERE t.case_ref = $1 ORDER BY t.told_at, t.visited_at, t.person, t.channel`
)

var noticesWritten = columnsOf(noticeColumns)

// addNotices adds the case's new unsuccessful visits, of which its household is to be
// told: whether there is one is looked up when that is done. Those of long ago, which a
// first file brings, are no news. Of those on a closed case its manager is to be told,
// whenever they were. That a case is another practitioner's is told to both.
func addNotices(b *bulk, w *caseWork, now time.Time) {
	for i := range w.NewEvents {
		e := &w.NewEvents[i]
		if e.Kind == pathway.KindReallocated && w.Known != nil && now.Sub(e.At) <= pathway.HouseholdToldFor {
			addNotice(b, pathway.NoticeMoved, e, now)
		}
		if !pathway.Unsuccessful(e.Kind) {
			continue
		}
		if now.Sub(e.At) <= pathway.HouseholdToldFor {
			addNotice(b, pathway.NoticeHousehold, e, now)
		}
		if slices.ContainsFunc(w.Raised, func(f pathway.Flag) bool { return f.ID == pathway.FlagVisitAfterClosing && f.Event == e.ID }) {
			addNotice(b, pathway.NoticeClosedCase, e, now)
		}
	}
}

func addNotice(b *bulk, kind string, e *pathway.Event, now time.Time) {
	b.row()
	b.text(kind, e.Case, e.ID)
	b.instants(e.At)
	b.text(e.By)
	b.instants(now)
}

// VisitNotices returns at most so many visits of which somebody is to be told by now,
// each with the other cases of its household.
func (s *Store) VisitNotices(ctx context.Context, now time.Time, limit int) ([]VisitNotice, error) {
	found, err := collect(ctx, s, "look for visits to tell of", selectNotices, []any{now.UnixMilli(), limit}, func(rows *sql.Rows) (n VisitNotice, err error) {
		var at sql.NullInt64
		err = rows.Scan(&n.ID, &n.Kind, &n.Case, &n.Event, &at, &n.By)
		n.At = instant(at)
		return n, err
	})
	for i := range found {
		if err == nil && found[i].Kind == pathway.NoticeHousehold {
			found[i].Household, err = s.Household(ctx, found[i].Case)
		}
	}
	return found, err
}

// Household returns the other cases of a case's household, in order of reference.
func (s *Store) Household(ctx context.Context, ref string) ([]HouseholdCase, error) {
	return collect(ctx, s, "look for a household", household, []any{ref}, scanHousehold)
}

func scanHousehold(rows row) (c HouseholdCase, err error) {
	err = rows.Scan(&c.Ref, &c.Closed, readInstant(&c.Opened), &c.Practitioner, &c.Manager, &c.Chair, &c.Team)
	return c, err
}

// ToldBefore returns those of the cases by which somebody was told of a visit at that
// time.
func (s *Store) ToldBefore(ctx context.Context, kind string, at time.Time, refs []string) (map[string]bool, error) {
	told := map[string]bool{}
	_, err := collect(ctx, s, "look who was told of a visit", toldBefore+s.dialect.isAny("case_ref", 3),
		[]any{kind, at.UnixMilli(), s.dialect.listArgument(refs)}, func(rows *sql.Rows) (none struct{}, err error) {
			var ref string
			err = rows.Scan(&ref)
			told[ref] = true
			return none, err
		})
	return told, err
}

// PutOffNotices has notices looked at later, but for those that a case is another's.
func (s *Store) PutOffNotices(ctx context.Context, now, until time.Time) error {
	_, err := s.execute(ctx, s.db, `UPDATE visit_notices SET tell_at = $1 WHERE tell_at <= $2 AND kind <> $3`, until.UnixMilli(), now.UnixMilli(), pathway.NoticeMoved)
	if err != nil {
		return fmt.Errorf("put off telling of visits: %w", err)
	}
	return nil
}

// TellOfVisits takes the messages that tell of visits into the ledger and notes who was
// told, and ends the notices, in one transaction. It returns how many
// messages are new. With a run, its lease is confirmed.
func (s *Store) TellOfVisits(ctx context.Context, run *Run, now time.Time, notices []VisitNotice, told []VisitTold, messages []Message) (added int, err error) {
	ids := make([]int64, len(notices))
	for i := range notices {
		ids[i] = notices[i].ID
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if err := run.confirm(ctx, tx); err != nil {
			return err
		}
		keys, err := s.insertMessages(ctx, tx, now, messages, ` ON CONFLICT (key) DO NOTHING RETURNING id, key`)
		if err != nil {
			return err
		}
		added = len(keys)
		const columns = 11
		flat := make([]any, 0, columns*len(told))
		for _, t := range told {
			flat = append(flat, t.Kind, t.Case, t.At.UnixMilli(), strings.Join(t.Visited, words), t.Person, t.Channel, string(t.Role), t.Instead, string(t.Reason), t.Message, now.UnixMilli())
		}
		query := func(rows int) string {
			return "INSERT INTO visits_told (" + toldColumns + ") VALUES " + values(rows, columns) + " ON CONFLICT DO NOTHING"
		}
		if err := s.writeRows(ctx, tx, query, columns, flat, nil); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM visit_notices WHERE "+s.dialect.isAny("id", 1), s.dialect.numbersArgument(ids))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("tell of visits: %w", err)
	}
	return added, nil
}

func scanVisitTold(rows row) (t VisitTold, err error) {
	var visited string
	err = rows.Scan(&t.Kind, &t.Case, readInstant(&t.At), &visited, &t.Person, &t.Channel, &t.Role, &t.Instead, &t.Reason, &t.Message, readInstant(&t.Told), &t.State)
	t.Visited = splitList(visited, words)
	return t, err
}
