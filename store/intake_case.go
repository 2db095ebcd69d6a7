package store

import (
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// caseWork is the rows about one case, and what follows from them.
type caseWork struct {
	ref     string
	cases   []inRow[pathway.Case]
	events  []inRow[pathway.Event]
	badCase bool // a row about the case itself had faults

	file  *file                   // what was known; nil: nothing
	roles map[string]pathway.Role // of everybody named; empty for who is not known

	faults                    []RowFault
	late                      []lateDuty
	added, changed, unchanged int

	kept      *caseRow // the case as it is to be kept; nil: nothing is to be written
	relisted  bool     // a row of the case says something new of it
	moved     bool     // it stands elsewhere than before
	newEvents []pathway.Event
	rows      map[string]int            // the row of each new event that came in one
	known     map[string]*pathway.Event // by id: from before, and new ones
	duties    dutyChanges
	raised    []pathway.Flag
	lowered   []pathway.Flag // raised before, and no more
	prints    []pathway.PaperItem
}

// inRow is a value and the row it came in.
type inRow[T any] struct {
	row   int
	value T
}

// unpackCaseWork reads the rows of one case that were set aside.
func unpackCaseWork(rows []spooledRow) (*caseWork, error) {
	w := &caseWork{ref: rows[0].ref}
	for i := range rows {
		r := &rows[i]
		switch {
		case r.what == spooledCase && len(r.data) == 0:
			w.badCase = true
		case r.what == spooledCase:
			c, err := unpackCase(r.data)
			if err != nil {
				return nil, err
			}
			w.cases = append(w.cases, inRow[pathway.Case]{int(r.row), c})
		default:
			e, err := unpackEvent(r.ref, r.data)
			if err != nil {
				return nil, err
			}
			w.events = append(w.events, inRow[pathway.Event]{int(r.row), e})
		}
	}
	return w, nil
}

// people calls name with the id of everybody the rows name.
func (w *caseWork) people(name func(id string)) {
	for i := range w.cases {
		c := &w.cases[i].value
		name(c.Practitioner)
		name(c.Manager)
		name(c.Chair)
	}
	for i := range w.events {
		e := &w.events[i].value
		name(e.By)
		if e.Kind == pathway.KindReallocated {
			name(e.Value)
		}
	}
}

func (w *caseWork) refuse(c rowCheck) { w.faults = append(w.faults, c.faults...) }

// workOut finds out what the rows change. It asks nobody: everything it needs
// has been looked up. The same work gives the same result.
func (w *caseWork) workOut(rules *pathway.Rules, now time.Time) {
	before := len(w.faults)
	w.takeCase(now)
	if w.kept == nil {
		w.refuseEvents(len(w.faults) > before || w.badCase)
		return
	}
	w.takeEvents()
	if w.file != nil && len(w.newEvents) == 0 && w.changed == 0 {
		w.kept = nil
		return
	}
	w.derive(rules, now)
}

// takeCase takes the rows about the case itself and leaves in kept the case as
// it was or becomes; nil where there is none.
func (w *caseWork) takeCase(now time.Time) {
	if w.file != nil {
		known := *w.file.row
		w.kept = &known
	}
	var first *inRow[pathway.Case]
	for i := range w.cases {
		r := &w.cases[i]
		row := listedOf(&r.value)
		check := rowCheck{of: OfCases, row: r.row}
		switch {
		case first != nil && row.digest == w.kept.listed.digest:
			w.unchanged++
		case first != nil:
			check.fault("ref", "row %d says something else about the same case: keep one of the two", first.row)
		case w.file != nil && row.digest == w.kept.listed.digest:
			w.unchanged++
			first = r
		default:
			if w.checkPeople(&check, &r.value); !check.good() {
				break
			}
			first = r
			w.list(&r.value, row, now)
		}
		w.refuse(check)
	}
}

// checkPeople checks that everybody the row names is known.
func (w *caseWork) checkPeople(check *rowCheck, c *pathway.Case) {
	w.checkPerson(check, "practitioner", c.Practitioner)
	w.checkPerson(check, "manager", c.Manager)
	w.checkPerson(check, "chair", c.Chair)
}

func (w *caseWork) checkPerson(check *rowCheck, column, id string) {
	if id != "" && w.roles[id] == "" {
		check.fault(column, "nobody is known as %q: import people first, or correct the id", pathway.Shorten(id))
	}
}

// list takes in a good row. Of a case that is known, what the row says anew
// becomes events; the pathway, the practitioner and the expected date of
// delivery that the case opened with stay what they were.
func (w *caseWork) list(c *pathway.Case, row listedRow, now time.Time) {
	if w.kept == nil {
		w.added++
		w.kept = &caseRow{Case: *c, listed: row}
		if !c.Closed.IsZero() {
			w.news(pathway.KindClosed, c.Closed, now, "")
		}
		w.kept.Closed = time.Time{}
		return
	}
	w.changed++
	w.relisted = true
	old, stands := w.kept.listed, w.kept.now
	opening := w.kept.Case
	w.kept.Case, w.kept.listed = *c, row
	w.kept.Pathway, w.kept.Practitioner, w.kept.EDD = opening.Pathway, opening.Practitioner, opening.EDD
	w.kept.Recorded, w.kept.Closed = opening.Recorded, time.Time{}

	// What people recorded here first is no news when the list says it too.
	if row.pathway != old.pathway && row.pathway != stands.pathway {
		w.news(pathway.KindPathwayChanged, now, now, row.pathway)
	}
	if row.practitioner != old.practitioner && row.practitioner != stands.practitioner {
		w.news(pathway.KindReallocated, now, now, row.practitioner)
	}
	if row.edd != old.edd && !c.EDD.IsZero() && row.edd != stands.edd {
		w.news(pathway.KindEDDChanged, now, now, row.edd)
	}
	switch {
	case row.closed.Equal(old.closed):
	case row.closed.IsZero() && stands.closed:
		w.news(pathway.KindReopened, now, now, "")
	case row.closed.IsZero():
	case old.closed.IsZero() && !stands.closed:
		w.news(pathway.KindClosed, c.Closed, now, "")
	case !old.closed.IsZero():
		if e := w.closing(old.closed); e != nil {
			w.news(pathway.KindVoided, now, now, e.ID)
		}
		w.news(pathway.KindClosed, c.Closed, now, "")
	}
}

// listedID begins the ids of the events that a changed row stands for.
const listedID = "list-"

// news adds an event that the list of cases stands for.
func (w *caseWork) news(kind string, at, now time.Time, value string) {
	e := pathway.Event{Case: w.ref, ID: listedID + kind + "@" + now.UTC().Format("2006-01-02T15:04:05.999Z"),
		Kind: kind, At: at, Recorded: now, Value: value}
	if now.Before(at) {
		e.Recorded = at
	}
	w.newEvents = append(w.newEvents, e)
}

// closing is the event by which an earlier row closed the case at the given time,
// and which stands.
func (w *caseWork) closing(at time.Time) *pathway.Event {
	voided := pathway.Voided(w.file.events)
	for i := range w.file.events {
		e := &w.file.events[i]
		if e.Kind == pathway.KindClosed && e.At.Equal(at) && strings.HasPrefix(e.ID, listedID) && !voided[e.ID] {
			return e
		}
	}
	return nil
}

// refuseEvents refuses the events of a case that there is not.
func (w *caseWork) refuseEvents(rejected bool) {
	for i := range w.events {
		check := rowCheck{of: OfEvents, row: w.events[i].row}
		if rejected {
			check.fault("case_ref", "the row about case %s was rejected, and its events with it", w.ref)
		} else {
			check.fault("case_ref", "no case %s is known: import its case first, or correct the reference", w.ref)
		}
		w.refuse(check)
	}
}

// derive works out the case's duties and flags after its events.
func (w *caseWork) derive(rules *pathway.Rules, now time.Time) {
	var events []pathway.Event
	var result pathway.Result
	for {
		events = w.newEvents
		if w.file != nil {
			events = slices.Concat(w.file.events, w.newEvents)
		}
		var err error
		if result, err = pathway.Derive(rules, &w.kept.Case, events); err != nil {
			w.refuseAll(err)
			return
		}
		if !w.refuseUnreasoned(result.Flags) {
			break
		}
	}
	stands := nowOf(&w.kept.Case, &result.Standing)
	w.moved, w.kept.now = stands != w.kept.now, stands
	var kept []keptDuty
	var flags []pathway.Flag
	if w.file != nil {
		kept, flags = w.file.duties, w.file.flags
	}
	w.duties = compare(rules, kept, result.Duties)
	w.compareFlags(flags, result.Flags)
	w.findLate()
}

// refuseAll refuses every row of the case.
func (w *caseWork) refuseAll(err error) {
	w.kept, w.newEvents, w.added, w.changed, w.unchanged = nil, nil, 0, 0, 0
	for i := range w.cases {
		w.faults = append(w.faults, RowFault{OfCases, w.cases[i].row, "ref", err.Error()})
	}
	for i := range w.events {
		w.faults = append(w.faults, RowFault{OfEvents, w.events[i].row, "case_ref", err.Error()})
	}
}

// refuseUnreasoned refuses the new events that set a date beyond the cap without
// a reason, and reports whether there were any.
func (w *caseWork) refuseUnreasoned(flags []pathway.Flag) bool {
	refused := false
	for _, f := range flags {
		row, isNew := w.rows[f.Event]
		if !f.NoReason || !isNew {
			continue
		}
		w.faults = append(w.faults, RowFault{OfEvents, row, "reason", f.Text + "; give the reason for it"})
		w.dropEvent(f.Event)
		refused = true
	}
	return refused
}

// dropEvent takes a new event out again.
func (w *caseWork) dropEvent(id string) {
	delete(w.rows, id)
	delete(w.known, id)
	w.newEvents = slices.DeleteFunc(w.newEvents, func(e pathway.Event) bool { return e.ID == id })
	w.added--
}

// compareFlags sets the flags that are raised now against those raised before.
func (w *caseWork) compareFlags(before, now []pathway.Flag) {
	same := func(a pathway.Flag) func(pathway.Flag) bool {
		return func(b pathway.Flag) bool { return a.ID == b.ID && a.Event == b.Event && a.Duty == b.Duty }
	}
	for i, f := range now {
		if !slices.ContainsFunc(before, same(f)) && !slices.ContainsFunc(now[:i], same(f)) {
			w.raised = append(w.raised, f)
		}
	}
	for _, f := range before {
		if !slices.ContainsFunc(now, same(f)) {
			w.lowered = append(w.lowered, f)
		}
	}
}

// recordedAt is when one of the new events was recorded; otherwise now.
func (w *caseWork) recordedAt(id string, now time.Time) time.Time {
	for i := range w.newEvents {
		if w.newEvents[i].ID == id && id != "" {
			return w.newEvents[i].Recorded
		}
	}
	return now
}
