package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// PrintState is what became of an item.
type PrintState string

const (
	PrintQueued    PrintState = "queued"
	PrintPrinted   PrintState = "printed"
	PrintOvertaken PrintState = "overtaken" // things have moved on, before or after it was printed
	PrintWithdrawn PrintState = "withdrawn" // something else took its place
)

// Print is an item as it is kept.
type Print struct {
	ID int64 // 0: not kept yet
	pathway.PaperItem
	Queued  time.Time
	Printed time.Time // when its batch was made; zero: not yet
	State   PrintState
	Outcome string // why overtaken or withdrawn
	Serial  string // once it is printed
	Batch   int64  // the batch it was printed with; 0: none
	Place   int    // in the batch, from 1; 0: a call, which is on no paper
	Input   string // all that stands on it, for printing it again; only from BatchItems

	// Where the case stands, from PrintQueue only.
	Team, Practitioner, Postcode string
}

const (
	printItemColumns = "case_ref, event, kind, variant, held_at, at, next_at, why, refused, once, queued_at, state"
	printColumns     = "p.id, p.case_ref, p.event, p.kind, p.variant, p.held_at, p.at, p.next_at, p.why, p.refused, p.once, p.queued_at, " +
		"p.state, p.outcome, p.serial, p.batch, p.place, b.made_at"
	fromPrints = " FROM print_items p LEFT JOIN print_batches b ON b.number = p.batch "

	// The round: cases of one postcode together, in the order of postcodes.
	selectPrintQueue = "SELECT " + printColumns + ", c.team, c.now_practitioner, c.postcode" + fromPrints + `JOIN cases c ON c.ref = p.case_ref
WHERE p.state = 'queued' AND p.kind IN ($1, $2) AND ($3 = '' OR p.case_ref = $3) AND %s
ORDER BY c.team, c.now_practitioner, c.postcode, p.case_ref, p.id`

	selectPrintsOfCase = "SELECT " + printColumns + fromPrints + "WHERE p.case_ref = $1 ORDER BY p.id"
	selectPrintSerial  = "SELECT " + printColumns + fromPrints + "WHERE p.serial = $1"

	// Nothing can have overtaken a print but what is known of its case besides its event, of
	// the same time or later, and that the family must not be written to any more.
	mayBeOvertaken = "SELECT " + printColumns + ` FROM print_batches b CROSS JOIN print_items p CROSS JOIN cases c
WHERE b.made_at >= $1 AND p.batch = b.number AND c.ref = p.case_ref AND p.state = 'printed' AND p.event <> '' AND p.place IS NOT NULL AND ($2 = '' OR p.case_ref = $2)
	AND (c.closed OR c.now_unsafe OR NOT c.safe_to_write
		OR EXISTS (SELECT 1 FROM events v JOIN events e ON e.case_ref = v.case_ref AND e.id <> v.id AND (e.at >= v.at OR e.recorded_at >= v.recorded_at)
			WHERE v.case_ref = p.case_ref AND v.id = p.event)
		OR EXISTS (SELECT 1 FROM cases h WHERE h.household = c.household AND h.household <> '' AND h.now_unsafe = TRUE))
	AND %s ORDER BY p.batch, p.place`

	selectBooked = `WHERE e.case_ref = c.ref AND e.booked_for >= $1 AND e.booked_for < $2 AND e.kind = 'visit-booked'
	AND ($3 = '' OR c.now_practitioner = $3)
ORDER BY c.team, c.now_practitioner, e.booked_for, e.case_ref, e.id`
)

// scan reads printColumns, and what follows them into more.
func (p *Print) scan(rows row, more ...any) error {
	var at, next, queued, batch, place, made sql.NullInt64
	var serial sql.NullString
	err := rows.Scan(append([]any{&p.ID, &p.Case, &p.Event, &p.Kind, &p.Variant, &p.Where, &at, &next, &p.Why, &p.Refused, &p.Once, &queued,
		&p.State, &p.Outcome, &serial, &batch, &place, &made}, more...)...)
	p.At, p.Next, p.Queued, p.Printed = instant(at), instant(next), instant(queued), instant(made)
	p.Serial, p.Batch, p.Place = serial.String, batch.Int64, int(place.Int64)
	return err
}

func scanPrint(rows row) (p Print, err error) {
	err = p.scan(rows)
	return p, err
}

// PrintQueue returns what waits to be printed of either kind, of one case or of
// all (empty), of the cases that a scope holds or of all (nil), in the order of teams,
// practitioners and postcodes. It ends with the first error.
func (s *Store) PrintQueue(ctx context.Context, kind, orKind, ref string, scope *pathway.Scope) iter.Seq2[Print, error] {
	return func(yield func(Print, error) bool) {
		args := []any{kind, orKind, ref}
		held := s.dialect.rowInScope(scope, &args)
		rows, err := s.db.QueryContext(ctx, fmt.Sprintf(selectPrintQueue, held), args...)
		if err == nil {
			defer rows.Close()
			err = eachPrint(rows, yield, func(p *Print) []any { return []any{&p.Team, &p.Practitioner, &p.Postcode} })
		}
		if err != nil {
			yield(Print{}, fmt.Errorf("read the print queue: %w", explain(err)))
		}
	}
}

// PrintsClosedOff counts the restricted cases of which something waits to be printed, and
// that a scope would hold by line of management or by team, were they not restricted.
func (s *Store) PrintsClosedOff(ctx context.Context, scope *pathway.Scope) (int, error) {
	query, args := s.printsClosedOff(scope)
	if query == "" {
		return 0, nil
	}
	return s.countOne(ctx, "count restricted cases with paper", query, args)
}

func (s *Store) printsClosedOff(scope *pathway.Scope) (query string, args []any) {
	condition := s.dialect.closedOffBy(scope, &args)
	if condition == "" {
		return "", nil
	}
	return "SELECT COUNT(DISTINCT c.ref) FROM " + casesBy([]string{condition}, "ref") + " c CROSS JOIN print_items p WHERE p.case_ref = c.ref AND p.state = 'queued'", args
}

// eachPrint yields the rows' prints, until it is told to stop. more returns where
// what follows printColumns goes.
func eachPrint(rows *sql.Rows, yield func(Print, error) bool, more func(*Print) []any) error {
	for rows.Next() {
		var p Print
		if err := p.scan(rows, more(&p)...); err != nil {
			return err
		}
		if !yield(p, nil) {
			return nil
		}
	}
	return rows.Err()
}

// PrintsOfCase returns all that was ever queued or printed for a case, the oldest
// first.
func (s *Store) PrintsOfCase(ctx context.Context, ref string) ([]Print, error) {
	return collect(ctx, s, "read the prints of case "+ref, selectPrintsOfCase, []any{ref}, scanPrint)
}

// PrintBySerial returns what a serial stands on, or ErrNotFound.
func (s *Store) PrintBySerial(ctx context.Context, serial string) (*Print, error) {
	found, err := collect(ctx, s, "look up a serial", selectPrintSerial, []any{serial}, scanPrint)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("serial %s: %w", serial, ErrNotFound)
	}
	return &found[0], nil
}

// PrintByID returns an item with all that stands on it, or ErrNotFound.
func (s *Store) PrintByID(ctx context.Context, id int64) (*Print, error) {
	found, err := collect(ctx, s, "look for a print", selectPostingPrint, []any{id}, func(rows *sql.Rows) (p Print, err error) {
		return p, p.scan(rows, &p.Input)
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("print %d: %w", id, ErrNotFound)
	}
	return &found[0], nil
}

// MayBeOvertaken returns what was printed at or after an instant, because something called
// for it, and still stands, where something is known since by which it may have been
// overtaken: of one case or of all (empty), of the cases that a scope holds or of all (nil).
func (s *Store) MayBeOvertaken(ctx context.Context, since time.Time, ref string, scope *pathway.Scope) ([]Print, error) {
	args := []any{since.UnixMilli(), ref}
	held := s.dialect.rowInScope(scope, &args)
	return collect(ctx, s, "read what was printed", fmt.Sprintf(mayBeOvertaken, held), args, scanPrint)
}

// CardsAhead returns the newest batch with a card for a visit to come, by case and by when
// the visit is.
func (s *Store) CardsAhead(ctx context.Context, refs []string) (map[string]map[int64]int64, error) {
	ahead := map[string]map[int64]int64{}
	err := s.among(ctx, "look up cards for visits to come", `SELECT case_ref, at || ' ' || batch FROM print_items
WHERE kind = 'card' AND event = '' AND place IS NOT NULL AND at IS NOT NULL AND batch IS NOT NULL AND `+s.dialect.isAny("case_ref", 1), refs,
		func(ref, found string) {
			var at, batch int64
			if _, err := fmt.Sscan(found, &at, &batch); err != nil {
				return // no other can be there
			}
			if ahead[ref] == nil {
				ahead[ref] = map[int64]int64{}
			}
			ahead[ref][at] = max(ahead[ref][at], batch)
		})
	return ahead, err
}

// SerialsTaken returns those of the serials that stand on something.
func (s *Store) SerialsTaken(ctx context.Context, serials []string) (map[string]bool, error) {
	taken := map[string]bool{}
	err := s.among(ctx, "look up serials", "SELECT serial, '' FROM print_items WHERE "+s.dialect.isAny("serial", 1), serials,
		func(serial, _ string) { taken[serial] = true })
	return taken, err
}

// PrintedOnce returns, for those of the keys (pathway.PaperItem.Once) of which one was
// printed, the case it was printed for.
func (s *Store) PrintedOnce(ctx context.Context, keys []string) (map[string]string, error) {
	printed := map[string]string{}
	err := s.among(ctx, "look up household letters",
		"SELECT once, case_ref FROM print_items WHERE once <> '' AND state = 'printed' AND "+s.dialect.isAny("once", 1), keys,
		func(key, ref string) { printed[key] = ref })
	return printed, err
}

// among calls found for each row of a query for two columns that takes a list.
func (s *Store) among(ctx context.Context, doing, query string, list []string, found func(a, b string)) error {
	if len(list) == 0 {
		return nil
	}
	type pair struct{ a, b string }
	pairs, err := collect(ctx, s, doing, query, []any{s.dialect.listArgument(list)}, func(rows *sql.Rows) (p pair, err error) {
		return p, rows.Scan(&p.a, &p.b)
	})
	for _, p := range pairs {
		found(p.a, p.b)
	}
	return err
}

// PrintCase is what cards and letters are filled in from.
type PrintCase struct {
	Case         pathway.Case
	Practitioner string          // now
	Events       []pathway.Event // in order of when they happened
}

// PrintCases returns those of the cases that there are.
func (s *Store) PrintCases(ctx context.Context, refs []string) (map[string]*PrintCase, error) {
	found := map[string]*PrintCase{}
	list := s.dialect.listArgument(refs)
	err := s.read(ctx, func(tx *sql.Tx) error {
		query := "SELECT " + caseColumns + ", " + caseNows + ", " + caseDetails + " FROM cases WHERE " + s.dialect.isAny("ref", 1)
		err := selectAll(ctx, tx, query, list, func(rows *sql.Rows) error {
			c, err := scanCase(rows, true)
			if err == nil {
				found[c.Ref] = &PrintCase{Case: c.Case, Practitioner: c.Now.Practitioner}
			}
			return err
		})
		if err != nil {
			return err
		}
		written := make([]*pathway.Case, 0, len(found))
		for _, c := range found {
			written = append(written, &c.Case)
		}
		if err := (knowledge{tx, &s.dialect}).unsafeHouseholds(ctx, written); err != nil {
			return err
		}
		query = "SELECT " + eventColumns + " FROM events WHERE " + s.dialect.isAny("case_ref", 1) + " ORDER BY at, recorded_at, id"
		return selectAll(ctx, tx, query, list, func(rows *sql.Rows) error {
			e, err := scanEvent(rows)
			if c := found[e.Case]; c != nil {
				c.Events = append(c.Events, e)
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the cases to print for: %w", err)
	}
	return found, nil
}

// Booked is a visit that is booked.
type Booked struct {
	pathway.Event
	Team, Practitioner string
}

// BookedVisits returns the visits booked for from one instant until before
// another, of one practitioner's open cases or of all (empty), of those that a scope
// holds or of all (nil), in the order of teams, practitioners and times. Some may have
// been voided or cancelled since.
func (s *Store) BookedVisits(ctx context.Context, from, until time.Time, practitioner string, scope *pathway.Scope) ([]Booked, error) {
	columns := "e." + strings.ReplaceAll(eventColumns, ", ", ", e.") + ", c.team, c.now_practitioner "
	rest, args := s.bookedVisits(from, until, practitioner, scope)
	return collect(ctx, s, "read the booked visits", "SELECT "+columns+rest, args,
		func(rows *sql.Rows) (b Booked, err error) {
			b.Event, err = scanEvent(rows, &b.Team, &b.Practitioner)
			return b, err
		})
}

func (s *Store) bookedVisits(from, until time.Time, practitioner string, scope *pathway.Scope) (rest string, args []any) {
	args = []any{from.UnixMilli(), until.UnixMilli(), practitioner}
	if scope == nil {
		return "FROM events e JOIN cases c ON NOT c.closed " + selectBooked, args
	}
	return "FROM " + s.dialect.casesIn(scope, "ref, team, now_practitioner", 0, &args) + " c CROSS JOIN events e " + selectBooked, args
}

// ErrBatchTaken says that somebody else has made a batch meanwhile: nothing was
// kept, and the queue is to be looked at again.
var ErrBatchTaken = errors.New("somebody else has printed meanwhile")

// ErrFormSent says that a form on a page has made a batch before.
var ErrFormSent = errors.New("the form has made a batch before")
