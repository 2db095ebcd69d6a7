package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/doorstep/pathway"
)

// IntakeOptions say how rows are taken in.
type IntakeOptions struct {
	Now     time.Time
	Partial bool // take in the good rows and reject the bad; otherwise it is all or nothing
	DryRun  bool // find out what would happen, and keep nothing
	// InParts lets the good rows of many come in part by part, so that others can record
	// on SQLite between two: what came in stays when the rest fails or is broken off. It
	// goes with Partial, and the same rows taken in again bring the rest.
	InParts bool
	// Guarded keeps nothing of rows that change a field of a large part of all that are
	// known: IntakeResult.MassChange then says what they would do.
	Guarded bool
	// Progress is told now and then how many rows Commit has dealt with; nil: nobody is.
	Progress func(rows int)
	// Paper decides what the new events call for on paper; the items join the print
	// queue in the same transaction. Nil: nothing is queued.
	Paper *pathway.PaperTables
	// Origin is who brings the rows, and from which file: what changes of cases and
	// people is kept with it.
	Origin Origin
}

const (
	// mostReported bounds the faults and the notes in a result.
	mostReported = 100
	// mostRejected bounds the faults of a partial intake, all of which are
	// reported: with more of them nothing is kept.
	mostRejected = 10_000
)

// Changes is what rows, or events by themselves, have changed.
type Changes struct {
	Added     int
	Changed   int
	Unchanged int // known already, every one of them

	DutiesOpened int
	DutiesMet    int
	DutiesMoved  int // got another due time
	DutiesEnded  int
	DutiesSaid   int // of which a text says that they are done: to be confirmed
}

// count adds what is recorded of one case.
func (c *Changes) count(r *pathway.Recording) {
	c.Added += r.Added
	c.Changed += r.Changed
	c.Unchanged += r.Unchanged
	c.DutiesOpened += r.Duties.Opened
	c.DutiesMet += r.Duties.Met
	c.DutiesMoved += r.Duties.Moved
	c.DutiesEnded += r.Duties.Ended
	c.DutiesSaid += r.Duties.Said
}

// IntakeResult is what became of the rows.
type IntakeResult struct {
	Rows int
	Changes

	Faults     []pathway.RowFault // the first hundred; with Partial all, which say what was left out
	FaultCount int
	Notes      []pathway.RowNote // the first hundred
	NoteCount  int
	Kept       bool // the good rows are in the database

	Fields     []FieldCount // what changed of people and cases that were known
	MassChange string       // why nothing is kept though the rows are good: IntakeOptions.Guarded
}

// Intake takes in rows of people, cases and events, in any order, and on Commit
// makes them and all that follows from them part of the database in one
// transaction, or in some (IntakeOptions.InParts). It is the only way in for more than a
// few (Store.Record). Until Commit it holds no lock; its memory does not grow with the
// number of cases and events. It is for one goroutine.
//
// What is there already stays, as far as a row does not give it. What it gives of a
// person replaces what was known; of a case too, and what it says anew of pathway,
// practitioner, expected date of delivery and closing becomes an event of now; an
// event is never changed.
type Intake struct {
	store   *Store
	rules   *pathway.Rules
	check   *pathway.Checker
	options IntakeOptions
	now     time.Time

	people []personRow
	spool  spool
	before IntakeResult // what is known of the rows before Commit
	// caseRows is how many of them are about cases themselves.
	caseRows int
	doubted  map[int]bool // rows that are only looked at
	over     bool
}

// NewIntake begins an intake. Commit or Rollback must follow.
func (s *Store) NewIntake(ctx context.Context, rules *pathway.Rules, options IntakeOptions) (*Intake, error) {
	if options.Now.IsZero() {
		return nil, errors.New("an intake needs the time of now")
	}
	now := truncated(options.Now)
	return &Intake{store: s, rules: rules, check: pathway.NewChecker(rules, now), options: options, now: now}, nil
}

// AddPerson takes in a row about a person. row is the caller's number for it, and
// given says which of its fields count: the others stay as they are known. A fault
// of the row is no error: it is in the result of Commit.
func (in *Intake) AddPerson(row int, p pathway.Person, given pathway.Given) error {
	in.before.Rows++
	if len(in.people) == mostPeople {
		return pathway.NewProblem(pathway.Refused, "more than %d people in one import: this does not look like a list of staff", mostPeople)
	}
	in.people = append(in.people, personRow{row: row, Person: p, given: given})
	return nil
}

// mostDoubted is how many rows that are refused already are looked at all the same.
const mostDoubted = 1000

// doubtful is set beside what a row gives where it is refused already, and only looked at
// for those it names.
const doubtful pathway.Given = 1 << 31

// doubts reports whether a row that is refused already is to be looked at.
func (in *Intake) doubts(row int) bool {
	if len(in.doubted) == mostDoubted {
		return false
	}
	if in.doubted == nil {
		in.doubted = map[int]bool{}
	}
	in.doubted[row] = true
	return true
}

// DoubtPerson looks at a row about a person that is refused already for faults of its
// own: Commit says of those it names, who are right by themselves, whether they are known.
func (in *Intake) DoubtPerson(row int, p pathway.Person) error {
	if in.doubts(row) {
		in.people = append(in.people, personRow{row: row, Person: p, doubtful: true, bad: true})
	}
	return nil
}

// DoubtCase looks at a row about a case, as DoubtPerson does.
func (in *Intake) DoubtCase(row int, c pathway.Case) error {
	if !in.doubts(row) {
		return nil
	}
	return in.spool.add(c.Ref, spooledCase, row, func(b []byte) []byte { return packCase(b, &c, doubtful) })
}

// DoubtEvent looks at a row about an event, as DoubtPerson does, and at its case.
func (in *Intake) DoubtEvent(row int, e pathway.Event) error {
	if !in.doubts(row) {
		return nil
	}
	return in.spool.add(e.Case, spooledEvent, row, func(b []byte) []byte { return packEvent(b, &e, doubtful) })
}

// AddCase takes in a row about a case, as AddPerson does. A Closed time on it
// becomes an event; Recorded is when the case became known, now if it is zero.
func (in *Intake) AddCase(row int, c pathway.Case, given pathway.Given) error {
	in.before.Rows++
	in.caseRows++
	c.Opened, c.Closed, c.Recorded = truncated(c.Opened), truncated(c.Closed), truncated(c.Recorded)
	if c.Recorded.IsZero() {
		c.Recorded = in.now
	}
	pack := func(b []byte) []byte { return packCase(b, &c, given&^doubtful) }
	if faults := in.check.Case(&c); len(faults) > 0 {
		in.refuse(&in.before, pathway.RowsOf(pathway.OfCases, row, faults))
		if slices.ContainsFunc(faults, func(f pathway.Fault) bool { return f.Column == "ref" }) {
			return nil
		}
		pack = func(b []byte) []byte { return b } // so that its events are known to belong to a bad row
	}
	return in.spool.add(c.Ref, spooledCase, row, pack)
}

// AddEvent takes in a row about an event, as AddPerson does. Without an id it
// gets one that follows from its case, kind, time and person; Recorded is now if
// it is zero.
func (in *Intake) AddEvent(row int, e pathway.Event, given pathway.Given) error {
	in.before.Rows++
	prepareEvent(&e, in.now)
	if faults := in.check.Event(&e); len(faults) > 0 {
		in.refuse(&in.before, pathway.RowsOf(pathway.OfEvents, row, faults))
		return nil
	}
	return in.spool.add(e.Case, spooledEvent, row, func(b []byte) []byte { return packEvent(b, &e, given&^doubtful) })
}

// prepareEvent makes an event one that can be kept: to the millisecond, and recorded
// now unless it says when.
func prepareEvent(e *pathway.Event, now time.Time) {
	e.At, e.Recorded, e.Due, e.Booked = truncated(e.At), truncated(e.Recorded), truncated(e.Due), truncated(e.Booked)
	if e.Recorded.IsZero() {
		e.Recorded = now
	}
}

// refuse adds faults to a result. Cases are not dealt with in the order of their rows:
// more are kept than are reported, of which those of the first rows are.
func (in *Intake) refuse(result *IntakeResult, faults []pathway.RowFault) {
	for i := range faults {
		if !in.doubted[faults[i].Row] { // else it counts as refused already
			result.FaultCount++
		}
	}
	result.Faults = append(result.Faults, faults...)
	if len(result.Faults) > 10*in.mostFaults() {
		in.keepFirst(result)
	}
}

// mostFaults is how many faults are reported.
func (in *Intake) mostFaults() int {
	if in.options.Partial {
		return mostRejected
	}
	return mostReported
}

// keepFirst keeps of the faults as many as are reported, those of the first rows.
func (in *Intake) keepFirst(result *IntakeResult) {
	if len(result.Faults) <= in.mostFaults() {
		return
	}
	slices.SortStableFunc(result.Faults, func(a, b pathway.RowFault) int { return cmp.Compare(a.Row, b.Row) })
	result.Faults = slices.Clone(result.Faults[:in.mostFaults()])
}

// KeepNothing makes the coming Commit find out what is wrong and keep nothing,
// for a file some of whose rows could not even be read.
func (in *Intake) KeepNothing() { in.options.DryRun = true }

// Rollback ends the intake and keeps nothing. After Commit it does nothing.
func (in *Intake) Rollback() error {
	if in.over {
		return nil
	}
	in.over = true
	return in.spool.drop()
}

// Commit makes the rows part of the database, or finds out why they cannot be:
// then the result has faults and, unless Partial was asked for, nothing is kept.
// An error says that the database failed; nothing is kept then either.
func (in *Intake) Commit(ctx context.Context) (IntakeResult, error) {
	if in.over {
		return IntakeResult{}, errors.New("this intake is over")
	}
	defer in.Rollback()
	result, err := in.commit(ctx)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // a connection that is cut off says many things
	}
	if err != nil {
		return IntakeResult{}, fmt.Errorf("take in rows: %w", explain(err))
	}
	in.keepFirst(&result)
	return result, nil
}

func (in *Intake) commit(ctx context.Context) (IntakeResult, error) {
	if err := in.spool.finish(); err != nil {
		return IntakeResult{}, err
	}
	outline, result, err := in.look(ctx)
	if err != nil || result != nil {
		if result == nil {
			result = &IntakeResult{}
		}
		return *result, err
	}
	if in.options.InParts && outline != nil {
		return in.commitParts(ctx, outline)
	}
	release, err := in.store.takeTurn(ctx)
	if err != nil {
		return IntakeResult{}, err
	}
	defer release()
	conn, narrow, err := in.connect(ctx)
	if err != nil {
		return IntakeResult{}, err
	}
	defer conn.Close()
	defer narrow()
	for try := 1; ; try++ {
		result, err := in.try(ctx, conn, narrow, outline)
		if err == nil || try == mostTries || !lostRace(err) {
			return result, err
		}
	}
}

// connect takes a connection for an intake, with the memory that it may use; narrow gives
// that back, at the latest before the connection is closed.
func (in *Intake) connect(ctx context.Context) (conn *sql.Conn, narrow func(), err error) {
	if conn, err = connection(ctx, in.store.long); err != nil {
		return nil, nil, err
	}
	if narrow, err = in.widen(ctx, conn); err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return conn, narrow, nil
}

// try is Commit's transaction.
func (in *Intake) try(ctx context.Context, conn *sql.Conn, narrow func(), outline *outline) (IntakeResult, error) {
	has := in.store.waits()
	tx, err := conn.BeginTx(ctx, nil)
	if has(); err != nil {
		return IntakeResult{}, err
	}
	defer tx.Rollback()
	t := in.begin(conn, tx)
	t.narrow, t.outline = narrow, outline
	for _, statement := range in.store.dialect.beginIntake {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return IntakeResult{}, err
		}
	}
	if err := t.takePeople(ctx); err != nil {
		return IntakeResult{}, err
	}
	if err := t.takeCases(ctx); err != nil {
		return IntakeResult{}, err
	}
	if err := t.refuseMassChange(ctx); err != nil {
		return IntakeResult{}, err
	}
	if in.options.DryRun || !t.keeping() || t.result.MassChange != "" {
		return t.result, nil
	}
	if err := tx.Commit(); err != nil {
		return IntakeResult{}, err
	}
	t.result.Kept = true
	// The rows are kept whatever becomes of this.
	_ = in.analyze(ctx, conn)
	return t.result, nil
}

func (in *Intake) begin(conn *sql.Conn, tx *sql.Tx) *transaction {
	return &transaction{Intake: in, tx: tx, known: knowledge{tx, &in.store.dialect},
		writer: &session{dialect: &in.store.dialect, conn: conn, byKey: true}, result: in.before.clone()}
}

// transaction is an intake at work in the database.
type transaction struct {
	*Intake
	tx     *sql.Tx
	known  knowledge
	writer *session
	result IntakeResult

	peopleKnown int // how many there were before
	casesAdded  int

	looking *outline // what is found, where it only looks; else nil
	outline *outline // what it found before, if it did

	indexes []index // dropped, to be built again
	narrow  func()  // gives memory back

	empty bool                    // there was no case before
	roles map[string]pathway.Role // of the people asked about; empty for who is not known
}

// keeping reports whether anything can still be kept.
func (t *transaction) keeping() bool {
	return t.result.FaultCount == 0 || t.options.Partial && t.result.FaultCount <= mostRejected
}

// clone copies the result so that a second try begins where the first did.
func (r *IntakeResult) clone() IntakeResult {
	c := *r
	c.Faults = append([]pathway.RowFault(nil), r.Faults...)
	return c
}
