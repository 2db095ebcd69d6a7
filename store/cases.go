package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"example.org/doorstep/pathway"
)

// CaseFile is one case with everything that is known about it.
type CaseFile struct {
	Case     pathway.Case // as it was opened; Standing says where it stands now
	Standing pathway.Standing
	Events   []pathway.Event // in order of when they happened
	Duties   []Duty          // in order of opening
	Flags    []pathway.Flag
}

// Case returns one case, or ErrNotFound.
func (s *Store) Case(ctx context.Context, ref string) (*CaseFile, error) {
	r := caseReading{ref: ref}
	return r.file(s.askAll(ctx, r.questions()...))
}

// caseReading is a case that is being read.
type caseReading struct {
	ref      string
	row      *caseRow // nil: there is none
	unsafe   string   // another case of its household
	CaseFile          // its events, duties and flags
}

const (
	selectCase = "SELECT " + caseColumns + ", " + caseNows + ", " + caseDetails + " FROM cases WHERE ref = $1"
	// As knowledge.unsafeHouseholds finds it. The first in an order with a limit PostgreSQL
	// would look for among all cases, in that order, where it knows nothing of households.
	unsafeOther = `SELECT COALESCE(MIN(c.ref), '') FROM cases v JOIN cases c ON c.household = v.household AND c.ref <> v.ref
WHERE v.ref = $1 AND v.household <> '' AND c.household <> '' AND c.now_unsafe = TRUE`
	eventsOfCase = "SELECT " + eventColumns + " FROM events WHERE case_ref = $1 ORDER BY at, recorded_at, id"
	dutiesOfCase = "SELECT id, " + dutyColumns + " FROM duties WHERE case_ref = $1 ORDER BY opened_at, id"
	flagsOfCase  = "SELECT " + flagColumns + " FROM flags WHERE case_ref = $1 ORDER BY raised_at, id, event, duty"
)

func (r *caseReading) questions() []question {
	return []question{
		{selectCase, []any{r.ref}, func(rows row) (err error) {
			r.row, err = scanCase(rows, true)
			return err
		}},
		{unsafeOther, []any{r.ref}, func(rows row) error { return rows.Scan(&r.unsafe) }},
		asking(&r.Events, func(rows row) (pathway.Event, error) { return scanEvent(rows) }, eventsOfCase, r.ref),
		asking(&r.Duties, func(rows row) (Duty, error) { return scanDuty(rows) }, dutiesOfCase, r.ref),
		asking(&r.Flags, func(rows row) (pathway.Flag, error) {
			_, f, err := scanFlag(rows)
			return f, err
		}, flagsOfCase, r.ref),
	}
}

// file is the case as it was read, unless err says that it was not.
func (r *caseReading) file(err error) (*CaseFile, error) {
	if err == nil && r.row == nil {
		return nil, fmt.Errorf("case %s: %w", r.ref, ErrNotFound)
	}
	if err == nil {
		r.row.UnsafeHousehold = r.unsafe
		r.Case = r.row.Case
		r.Standing, err = r.row.standing(r.Events)
	}
	if err != nil {
		return nil, fmt.Errorf("read case %s: %w", r.ref, err)
	}
	return &r.CaseFile, nil
}

// selectAll calls scan for every row of a query with one argument.
func selectAll(ctx context.Context, tx *sql.Tx, query string, argument any, scan func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, argument)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// EventsOfKinds returns the events of the kinds on some cases, by case, in order of when
// they happened. Cases without any are left out.
func (s *Store) EventsOfKinds(ctx context.Context, refs, kinds []string) (map[string][]pathway.Event, error) {
	query := "SELECT " + eventColumns + " FROM events WHERE " + s.dialect.isAny("case_ref", 1) + " AND " + s.dialect.isAny("kind", 2) + " ORDER BY case_ref, at, recorded_at, id"
	byCase := map[string][]pathway.Event{}
	_, err := collect(ctx, s, "read events of some kinds", query, []any{s.dialect.listArgument(refs), s.dialect.listArgument(kinds)},
		func(rows *sql.Rows) (none struct{}, err error) {
			e, err := scanEvent(rows)
			byCase[e.Case] = append(byCase[e.Case], e)
			return none, err
		})
	return byCase, err
}

// CaseRefs returns the references of all cases, in order.
func (s *Store) CaseRefs(ctx context.Context) ([]string, error) {
	return collect(ctx, s, "list the cases", "SELECT ref FROM cases ORDER BY ref", nil, func(rows *sql.Rows) (ref string, err error) {
		err = rows.Scan(&ref)
		return ref, err
	})
}

// caseRow is a row of the table cases.
type caseRow pathway.KeptCase

// The columns of a case in three groups: what its duties depend on and what an
// import compares, what is for people and print only, and where it stands.
const (
	caseOthers  = caseRest + ", " + caseDetails + ", " + caseNows
	caseColumns = "ref, " + caseRest
	caseRest    = "pathway, opened_at, recorded_at, practitioner, manager, edd, chair, contact, plan, open_to, visit_every, " +
		"listed_row, listed_pathway, listed_practitioner, listed_edd, listed_closed_at, address_since, safe_to_write"
	caseDetails = "team, household, addressee, address, postcode, phone, language, large_print"
	caseNows    = "now_pathway, now_practitioner, now_manager, now_edd, closed, now_unsafe"
)

func (c *caseRow) addTo(b *bulk) {
	b.row()
	b.text(c.Ref)
	c.addRow(b)
}

// addRelisted adds the columns with the key last.
func (c *caseRow) addRelisted(b *bulk) {
	b.row()
	c.addRow(b)
	b.text(c.Ref)
}

// addMoved adds where the case stands, and the key.
func (c *caseRow) addMoved(b *bulk) {
	b.row()
	addNow(b, &c.Now)
	b.text(c.Ref)
}

// addRow adds every column but the reference.
func (c *caseRow) addRow(b *bulk) {
	b.text(c.Pathway)
	b.instants(c.Opened, c.Recorded)
	b.text(c.Practitioner, c.Manager, c.EDD.String(), c.Chair, c.Contact, c.Plan, strings.Join(c.OpenTo, words), c.VisitEvery.String())
	b.number(c.Listed.Digest)
	b.text(c.Listed.Pathway, c.Listed.Practitioner, c.Listed.EDD)
	b.instants(c.Listed.Closed, c.AddressSince)
	b.flags(c.SafeToWrite)
	b.text(c.Team, c.Household, c.Addressee, strings.Join(c.Address, lines), c.Postcode, c.Phone, c.Language)
	b.flags(c.LargePrint)
	addNow(b, &c.Now)
}

func addNow(b *bulk, n *pathway.CaseNow) {
	b.text(n.Pathway, n.Practitioner, n.Manager, n.EDD)
	b.flags(n.Closed, n.Unsafe)
}

// scanCase reads a case's columns, nows, and with details those too.
func scanCase(rows row, details bool) (*caseRow, error) {
	var c caseRow
	var edd, openTo, every, address string
	into := []any{&c.Ref, &c.Pathway, readInstant(&c.Opened), readInstant(&c.Recorded), &c.Practitioner, &c.Manager, &edd, &c.Chair, &c.Contact, &c.Plan, &openTo, &every,
		&c.Listed.Digest, &c.Listed.Pathway, &c.Listed.Practitioner, &c.Listed.EDD, readInstant(&c.Listed.Closed), readInstant(&c.AddressSince), &c.SafeToWrite,
		&c.Now.Pathway, &c.Now.Practitioner, &c.Now.Manager, &c.Now.EDD, &c.Now.Closed, &c.Now.Unsafe}
	if details {
		into = append(into, &c.Team, &c.Household, &c.Addressee, &address, &c.Postcode, &c.Phone, &c.Language, &c.LargePrint)
	}
	err := rows.Scan(into...)
	if err != nil {
		return nil, err
	}
	c.Address, c.OpenTo = splitList(address, lines), splitList(openTo, words)
	if c.EDD, err = date(edd); err == nil {
		c.VisitEvery, err = offset(every)
	}
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", c.Ref, err)
	}
	return &c, nil
}

// anyCalendar is made once, for what does not depend on one.
var anyCalendar = sync.OnceValues(func() (*pathway.Calendar, error) {
	return pathway.NewCalendar(pathway.CalendarSettings{Location: time.UTC})
})

// standing is where the case stands after its events. What no pathway decides is
// not kept but derived again: here by a pathway that asks for nothing, so that a birth
// begins no new count of visits.
func (c *caseRow) standing(events []pathway.Event) (pathway.Standing, error) {
	calendar, err := anyCalendar()
	if err != nil {
		return pathway.Standing{}, err
	}
	rules := pathway.NewRules(calendar, nil)
	rules.AddPathway(&pathway.Pathway{ID: c.Pathway}, time.Time{})
	for i := range events {
		if events[i].Kind == pathway.KindPathwayChanged {
			rules.AddPathway(&pathway.Pathway{ID: strings.TrimSpace(events[i].Value)}, time.Time{})
		}
	}
	result, err := pathway.Derive(rules, &c.Case, events)
	if err != nil {
		return pathway.Standing{}, err
	}
	s := result.Standing
	s.Pathway, s.Practitioner, s.Closed = c.Now.Pathway, c.Now.Practitioner, c.Now.Closed
	s.EDD, err = date(c.Now.EDD)
	return s, err
}
