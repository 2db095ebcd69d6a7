package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Undelivered is a message that could not be delivered, or waits although it should
// have gone. One about duties that are still open stands once for each of their
// cases; another stands alone, without a case.
type Undelivered struct {
	Message int64
	Kind    string
	Person  string
	Channel string
	Waits   bool      // it is still to go; else it has failed
	At      time.Time // when it failed; of one that waits, when it was taken in
	Reason  string    // of the last failure; empty: it has not been tried
	Fault   string    // what that lay in
	Code    string    // the provider's own

	Case         string
	Practitioner string // of the case
	Manager      string
	// Of the open duties of the case that it was about, the one that is due first.
	Number  int64
	Duty    string
	Pathway string
	Version string
	Attempt int
	Due     time.Time
	Role    pathway.Role // in which the person was told

	// Instead is where the messages went that took its place, the first ones first.
	// One that failed too and had its place taken is not among them: what took its
	// place is.
	Instead []Substitute
}

// Substitute is a message that took the place of one that could not be delivered.
type Substitute struct {
	Person  string
	Channel string
	State   MessageState
}

const (
	// hasFailed is the condition on a message m that it is one since $1 that failed, isLate
	// that it waits and should have gone by $2.
	hasFailed     = "m.state = 'failed' AND m.created_at >= $1"
	isLate        = "m." + waiting + " AND m.created_at <= $2 AND (m.tries > 0 OR m.state = 'sending' OR m.next_try_at <= $2)"
	isUndelivered = "(" + hasFailed + " OR " + isLate + ")"

	// undelivered are the messages that are one or the other.
	undelivered = "SELECT m.id, m.kind, m.person, m.channel, 0 AS waits, m.next_try_at AS at, m.reason, m.fault, m.code FROM messages m WHERE " + hasFailed +
		" UNION ALL SELECT m.id, m.kind, m.person, m.channel, 1, m.created_at, m.reason, m.fault, m.code FROM messages m WHERE " + isLate

	// The order of a CROSS JOIN is the order in which SQLite reads: from the few
	// messages to their duties.
	undeliveredReminders = `WITH m AS MATERIALIZED (
	` + undelivered + `
)
SELECT m.id, m.kind, m.person, m.channel, m.waits, m.at, m.reason, m.fault, m.code,
	c.ref, c.now_practitioner, c.now_manager, d.id, d.duty, d.pathway, d.version, d.attempt, d.due_at, r.role
FROM m CROSS JOIN reminders r CROSS JOIN duties d CROSS JOIN cases c
WHERE r.message_id = m.id AND d.id = r.duty_id AND d.state = 'open' AND c.ref = d.case_ref AND %s
ORDER BY m.id, c.ref, d.due_at, d.id`

	// undeliveredOn is read from the cases of a scope and their duties.
	undeliveredOn = `SELECT m.id, m.kind, m.person, m.channel, CASE m.state WHEN 'failed' THEN 0 ELSE 1 END AS waits,
	CASE m.state WHEN 'failed' THEN m.next_try_at ELSE m.created_at END, m.reason, m.fault, m.code,
	c.ref, c.now_practitioner, c.now_manager, d.id, d.duty, d.pathway, d.version, d.attempt, d.due_at, r.role
FROM %s c CROSS JOIN duties d CROSS JOIN reminders r CROSS JOIN messages m
WHERE d.case_ref = c.ref AND d.state = 'open' AND r.duty_id = d.id AND m.id = r.message_id AND ` + isUndelivered + `
ORDER BY m.id, c.ref, d.due_at, d.id`

	undeliveredCases = `SELECT COUNT(DISTINCT c.ref) FROM %s c CROSS JOIN duties d CROSS JOIN reminders r CROSS JOIN messages m
WHERE d.case_ref = c.ref AND d.state = 'open' AND r.duty_id = d.id AND m.id = r.message_id AND ` + isUndelivered

	countUndelivered = "SELECT COUNT(*) FROM (SELECT 1 FROM messages m WHERE " + hasFailed + " UNION ALL SELECT 1 FROM messages m WHERE " + isLate + " LIMIT %d) AS found"

	undeliveredOthers = `SELECT id, kind, person, channel, waits, at, reason, fault, code, '', '', '', 0, '', '', '', 0, NULL, ''
FROM (
	` + undelivered + `
) AS m WHERE kind <> 'reminder'%s`

	substitutes = `WITH RECURSIVE taking (origin, id) AS (
	SELECT replaces, id FROM messages WHERE %s
	UNION ALL
	SELECT taking.origin, n.id FROM taking JOIN messages n ON n.replaces = taking.id
)
SELECT taking.origin, m.person, m.channel, m.state FROM taking CROSS JOIN messages m
WHERE m.id = taking.id AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.replaces = taking.id)
ORDER BY taking.origin, m.id`
)

// UndeliveredOf says of whose messages somebody asks; what is empty does not count.
type UndeliveredOf struct {
	Scope    *pathway.Scope // those about a case that it holds
	Case     string         // those about this case
	Managers Managers       // those about their cases, and those about no case to whoever reports to them
}

// Undelivered returns the messages taken in at or after since that could not be
// delivered, and those, however old, that should have gone by due and have not.
// Reminders of duties that have been met or ended meanwhile are left out.
func (s *Store) Undelivered(ctx context.Context, since, due time.Time, of UndeliveredOf) ([]Undelivered, error) {
	args := []any{since.UnixMilli(), due.UnixMilli()}
	few := false
	if of.Case == "" && (of.Scope != nil || of.Managers != nil) {
		n, err := s.countOne(ctx, "count undelivered messages", fmt.Sprintf(countUndelivered, fewMessages+1), args)
		if err != nil {
			return nil, err
		}
		few = n <= fewMessages
	}
	query := s.undelivered(&of, few, &args)
	all, err := collect(ctx, s, "look for undelivered messages", query, args, scanUndelivered)
	if err != nil {
		return nil, err
	}
	if of.Scope == nil && of.Case == "" {
		args, below := args[:2], ""
		if of.Managers != nil {
			args = append(args, s.dialect.listArgument(of.Managers))
			below = " AND person IN (SELECT id FROM people WHERE " + s.dialect.isAny("reports_to", 3) + ")"
		}
		others, err := collect(ctx, s, "look for undelivered messages", fmt.Sprintf(undeliveredOthers, below), args, scanUndelivered)
		if err != nil {
			return nil, err
		}
		all = append(all, others...)
	}
	slices.SortStableFunc(all, func(a, b Undelivered) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), strings.Compare(a.Case, b.Case))
	})
	all = slices.CompactFunc(all, func(a, b Undelivered) bool { return a.Message == b.Message && a.Case == b.Case })
	instead, err := s.substitutes(ctx, all)
	for i := range all {
		all[i].Instead = instead[all[i].Message]
	}
	return all, err
}

// fewMessages is up to how many messages that did not arrive of the whole service are looked
// at one by one. Of more, those of somebody's cases are found by these.
const fewMessages = 500

// undelivered writes the query for the reminders that somebody asks for, behind the arguments
// since and due.
func (s *Store) undelivered(of *UndeliveredOf, few bool, args *[]any) string {
	cases := ""
	switch {
	case of.Case != "":
		*args = append(*args, of.Case)
		cases = fmt.Sprintf("(SELECT ref, now_practitioner, now_manager FROM cases WHERE ref = $%d AND %s)", len(*args), s.dialect.rowInScope(of.Scope, args))
	case few || of.Scope == nil && of.Managers == nil:
		return fmt.Sprintf(undeliveredReminders, s.dialect.rowInScope(of.Scope, args)+of.Managers.are(&s.dialect, args))
	case of.Scope != nil:
		cases = s.dialect.casesIn(of.Scope, digestCase, 0, args)
	default:
		cases = of.Managers.cases(&s.dialect, digestCase, 0, args)
	}
	return fmt.Sprintf(undeliveredOn, cases)
}

// UndeliveredClosedOff counts the restricted cases that Undelivered would return something
// about, that a scope would hold by line of management or by team, were they not restricted.
func (s *Store) UndeliveredClosedOff(ctx context.Context, since, due time.Time, scope *pathway.Scope) (int, error) {
	args := []any{since.UnixMilli(), due.UnixMilli()}
	condition := s.dialect.closedOffBy(scope, &args)
	if condition == "" {
		return 0, nil
	}
	return s.countOne(ctx, "count restricted cases", fmt.Sprintf(undeliveredCases, casesBy([]string{condition}, "ref")), args)
}

func scanUndelivered(rows *sql.Rows) (u Undelivered, err error) {
	var at, due sql.NullInt64
	err = rows.Scan(&u.Message, &u.Kind, &u.Person, &u.Channel, &u.Waits, &at, &u.Reason, &u.Fault, &u.Code,
		&u.Case, &u.Practitioner, &u.Manager, &u.Number, &u.Duty, &u.Pathway, &u.Version, &u.Attempt, &due, &u.Role)
	u.At, u.Due = instant(at), instant(due)
	return u, err
}

// substitutes returns what took the messages' places, by the message.
func (s *Store) substitutes(ctx context.Context, messages []Undelivered) (map[int64][]Substitute, error) {
	ids := make([]int64, len(messages))
	for i := range messages {
		ids[i] = messages[i].Message
	}
	ids = slices.Compact(ids) // they are in order
	query := strings.Replace(substitutes, "%s", s.dialect.isAny("replaces", 1), 1)
	found := map[int64][]Substitute{}
	_, err := collect(ctx, s, "look for what took the place of messages", query, []any{s.dialect.numbersArgument(ids)},
		func(rows *sql.Rows) (none struct{}, err error) {
			var message int64
			var sub Substitute
			err = rows.Scan(&message, &sub.Person, &sub.Channel, &sub.State)
			found[message] = append(found[message], sub)
			return none, err
		})
	return found, err
}
