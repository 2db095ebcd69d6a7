package pathway

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// EventID names an event that came without a name, so that the same event coming
// again is known: its case's event of this kind, at this time, by this person
// (FORMATS, "CSV"). Databases hold such names: they stay as they are.
func EventID(e *Event) string {
	return e.Kind + "@" + stampedID(e.At) + "@" + e.By
}

// listedID begins the ids of the events that a changed row of a list stands for.
const listedID = "list-"

func stampedID(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.999Z") }

// KeptCase is a case as it is kept: as it was opened, what the last row of a record
// system's list said of it, and where it stands.
type KeptCase struct {
	Case
	Listed Listed
	Now    CaseNow
}

// Listed is what the last row of a list said, of the things whose change is an event.
type Listed struct {
	Digest       int64 // of the whole row: two rows that say the same share it
	Pathway      string
	Practitioner string
	EDD          string
	Closed       time.Time
}

// ListedOf is what a row says that has this digest.
func ListedOf(c *Case, digest int64) Listed {
	return Listed{digest, c.Pathway, c.Practitioner, c.EDD.String(), c.Closed}
}

// CaseNow is where a case stands after its events, as far as queries ask for it.
type CaseNow struct {
	Pathway, Practitioner, Manager, EDD string
	Closed                              bool
}

// Known is all that was known of a case.
type Known struct {
	Case   *KeptCase
	Events []Event
	Duties []KeptDuty
	Flags  []Flag
}

// What a row is about.
const (
	OfPeople = "people"
	OfCases  = "cases"
	OfEvents = "events"
)

// RowFault is what is wrong with one row.
type RowFault struct {
	Of  string // OfPeople, OfCases or OfEvents
	Row int    // as whoever handed it in numbered it
	Fault
}

// RowNote is something that whoever recorded a row should know.
type RowNote struct {
	Of      string
	Row     int
	Message string
}

// RowsOf says in which row there are faults.
func RowsOf(of string, row int, faults []Fault) []RowFault {
	out := make([]RowFault, len(faults))
	for i, f := range faults {
		out[i] = RowFault{of, row, f}
	}
	return out
}

// CaseRow is a row about a case itself, valid by itself.
type CaseRow struct {
	Row int
	Case
	Given Given
}

// EventRow is a row about an event, valid by itself.
type EventRow struct {
	Row int
	Event
	Given Given
}

// Recording is what comes in about one case, whichever way, and what follows from
// it. WorkOut asks nobody: everything it needs has been looked up, and the same
// recording gives the same result.
type Recording struct {
	Ref     string
	Cases   []CaseRow
	Events  []EventRow
	BadCase bool            // a row about the case itself was not valid
	Known   *Known          // nil: nothing
	Roles   map[string]Role // of everybody named; empty for who is not known
	// Digest is a number that two duties share only if their events say the same of
	// them.
	Digest func(*Duty) int64
	// DigestOfCase does the same for what a whole row says of a case.
	DigestOfCase func(*Case) int64

	Faults                    []RowFault
	Added, Changed, Unchanged int

	Kept      *KeptCase // the case as it is to be kept; nil: nothing is to be written
	Relisted  bool      // a row of the case says something new of it
	Moved     bool      // it stands elsewhere than before
	NewEvents []Event
	Duties    DutyChanges
	Raised    []Flag
	Lowered   []Flag        // raised before, and no more
	Called    []PaperItem   // what the new events call for on paper
	Changes   []FieldChange // of the case, where it was known
	late      []lateDuty

	rows   map[string]int    // the row of each new event that came in one
	events map[string]*Event // by id: from before, and new ones
}

// People calls name with the id of everybody the rows name.
func (r *Recording) People(name func(id string)) {
	for i := range r.Cases {
		c := &r.Cases[i]
		name(c.Practitioner)
		name(c.Manager)
		name(c.Chair)
	}
	for i := range r.Events {
		e := &r.Events[i]
		name(e.By)
		if KindOf(e.Kind).Form == OfPerson {
			name(e.Value)
		}
	}
}

// CallsForPaper reports whether one of the events can call for something on paper:
// then Known needs to say how the family is written to.
func (r *Recording) CallsForPaper() bool {
	return slices.ContainsFunc(r.Events, func(e EventRow) bool { return CallsForPaper(e.Kind) })
}

// WorkOut finds out what the rows change. Without tables nothing is called for on
// paper.
func (r *Recording) WorkOut(rules *Rules, tables *PaperTables, now time.Time) {
	before := len(r.Faults)
	r.takeCase(rules.Calendar, now)
	if r.Kept == nil {
		r.refuseEvents(len(r.Faults) > before || r.BadCase)
		return
	}
	r.takeEvents()
	if r.Known != nil && len(r.NewEvents) == 0 && r.Changed == 0 {
		r.Kept = nil
		return
	}
	if r.derive(rules); tables == nil || r.Kept == nil || !r.CallsForPaper() {
		return
	}
	var err error
	if r.Called, err = tables.CalledFor(rules, &r.Kept.Case, r.allEvents(), r.NewEvents); err != nil {
		r.refuseAll(err)
	}
}

// allEvents returns what is known to have happened, from before and new.
func (r *Recording) allEvents() []Event {
	if r.Known == nil {
		return r.NewEvents
	}
	return slices.Concat(r.Known.Events, r.NewEvents)
}

func (r *Recording) fault(of string, row int, column, format string, args ...any) {
	r.Faults = append(r.Faults, RowFault{of, row, Fault{column, fmt.Sprintf(format, args...)}})
}

// takeCase takes the rows about the case itself and leaves in Kept the case as it was
// or becomes; nil where there is none.
func (r *Recording) takeCase(calendar *Calendar, now time.Time) {
	if r.Known != nil {
		known := *r.Known.Case
		r.Kept = &known
	}
	var first *CaseRow
	for i := range r.Cases {
		row := &r.Cases[i]
		row.Complete(row.Given, r.Kept.lastListed())
		digest := r.DigestOfCase(&row.Case)
		same := r.Kept != nil && digest == r.Kept.Listed.Digest
		switch {
		case first != nil && !same:
			r.fault(OfCases, row.Row, "ref", "row %d says something else about the same case: keep one of the two", first.Row)
		case same:
			r.Unchanged++
			if first == nil {
				first = row
			}
		case r.knowsPeople(row):
			first = row
			r.list(&row.Case, digest, calendar, now)
		}
	}
}

// knowsPeople checks that everybody the row names is known.
func (r *Recording) knowsPeople(row *CaseRow) bool {
	before := len(r.Faults)
	r.checkPerson(OfCases, row.Row, "practitioner", row.Practitioner)
	r.checkPerson(OfCases, row.Row, "manager", row.Manager)
	r.checkPerson(OfCases, row.Row, "chair", row.Chair)
	return len(r.Faults) == before
}

func (r *Recording) checkPerson(of string, row int, column, id string) {
	if id != "" && r.Roles[id] == "" {
		r.fault(of, row, column, "nobody is known as %q: import people first, or correct the id", Shorten(id))
	}
}

// lastListed is the case as the last row of a list described it; nil for nil.
func (k *KeptCase) lastListed() *Case {
	if k == nil {
		return nil
	}
	c := k.Case
	c.Pathway, c.Practitioner, c.Closed = k.Listed.Pathway, k.Listed.Practitioner, k.Listed.Closed
	c.EDD, _ = ParseDate(k.Listed.EDD) // what is kept can be read; empty is none
	return &c
}

// changed is what a row changes of the case: what people recorded here first is no
// change when the list says it too.
func (k *KeptCase) changed(c *Case, zone *time.Location) []FieldChange {
	before := k.lastListed()
	if c.Pathway == k.Now.Pathway {
		before.Pathway = c.Pathway
	}
	if c.Practitioner == k.Now.Practitioner {
		before.Practitioner = c.Practitioner
	}
	if c.EDD.String() == k.Now.EDD {
		before.EDD = c.EDD
	}
	return changesOf(caseFields, before, c, zone)
}

// list takes in what a good row says of the case. Of a case that is known, what the row says anew becomes
// events; the pathway, the practitioner and the expected date of delivery that the
// case opened with stay what they were.
func (r *Recording) list(c *Case, digest int64, calendar *Calendar, now time.Time) {
	listed := ListedOf(c, digest)
	if r.Kept == nil {
		r.Added++
		r.Kept = &KeptCase{Case: *c, Listed: listed}
		if !c.Closed.IsZero() {
			r.news(KindClosed, c.Closed, now, "")
		}
		r.Kept.Closed = time.Time{}
		return
	}
	r.Changed++
	r.Relisted = true
	r.Changes = r.Kept.changed(c, calendar.Location())
	old, stands := r.Kept.Listed, r.Kept.Now
	opening := r.Kept.Case
	r.Kept.Case, r.Kept.Listed = *c, listed
	r.Kept.Pathway, r.Kept.Practitioner, r.Kept.EDD = opening.Pathway, opening.Practitioner, opening.EDD
	r.Kept.Recorded, r.Kept.Closed = opening.Recorded, time.Time{}
	again := !old.Closed.IsZero() && !c.Opened.Before(old.Closed) && c.Opened.After(opening.Opened)
	if again || r.knows(KindReopened, c.Opened) {
		r.Kept.Opened = opening.Opened // the list tells of a later time in which it is open
	}

	// What people recorded here first is no news when the list says it too.
	if listed.Pathway != old.Pathway && listed.Pathway != stands.Pathway {
		r.news(KindPathwayChanged, now, now, listed.Pathway)
	}
	if listed.Practitioner != old.Practitioner && listed.Practitioner != stands.Practitioner {
		r.news(KindReallocated, now, now, listed.Practitioner)
	}
	if listed.EDD != old.EDD && !c.EDD.IsZero() && listed.EDD != stands.EDD {
		r.news(KindEDDChanged, now, now, listed.EDD).Due = calendar.StartOf(c.EDD)
	}
	switch {
	case again:
		if !r.knows(KindReopened, c.Opened) {
			r.news(KindReopened, c.Opened, now, "")
		}
		if !c.Closed.IsZero() && !r.knows(KindClosed, c.Closed) {
			r.news(KindClosed, c.Closed, now, "")
		}
	case listed.Closed.Equal(old.Closed):
	case listed.Closed.IsZero() && stands.Closed:
		r.news(KindReopened, now, now, "")
	case listed.Closed.IsZero():
	case old.Closed.IsZero() && !stands.Closed:
		r.news(KindClosed, c.Closed, now, "")
	case !old.Closed.IsZero():
		if e := r.closing(old.Closed); e != nil {
			r.news(KindVoided, now, now, e.ID)
		}
		r.news(KindClosed, c.Closed, now, "")
	}
}

// news adds an event that the list of cases stands for.
func (r *Recording) news(kind string, at, now time.Time, value string) *Event {
	e := Event{Case: r.Ref, ID: listedID + kind + "@" + stampedID(now), Kind: kind, At: at, Recorded: now, Value: value}
	if now.Before(at) {
		e.Recorded = at
	}
	r.NewEvents = append(r.NewEvents, e)
	return &r.NewEvents[len(r.NewEvents)-1]
}

// knows reports whether an event of the kind is known to have happened at a time.
func (r *Recording) knows(kind string, at time.Time) bool {
	voided := Voided(r.Known.Events)
	return slices.ContainsFunc(r.Known.Events, func(e Event) bool { return e.Kind == kind && e.At.Equal(at) && !voided[e.ID] })
}

// closing is the event by which an earlier row closed the case at the given time, and
// which stands.
func (r *Recording) closing(at time.Time) *Event {
	voided := Voided(r.Known.Events)
	for i := range r.Known.Events {
		e := &r.Known.Events[i]
		if e.Kind == KindClosed && e.At.Equal(at) && strings.HasPrefix(e.ID, listedID) && !voided[e.ID] {
			return e
		}
	}
	return nil
}

// derive works out the case's duties and flags after its events.
func (r *Recording) derive(rules *Rules) {
	var result Result
	for {
		var err error
		if result, err = Derive(rules, &r.Kept.Case, r.allEvents()); err != nil {
			r.refuseAll(err)
			return
		}
		if !r.refuseUnreasoned(result.Flags) {
			break
		}
	}
	s := &result.Standing
	now := CaseNow{s.Pathway, s.Practitioner, r.Kept.Manager, s.EDD.String(), s.Closed}
	r.Moved, r.Kept.Now = now != r.Kept.Now, now
	var kept []KeptDuty
	var flags []Flag
	if r.Known != nil {
		kept, flags = r.Known.Duties, r.Known.Flags
	}
	r.Duties = compareDuties(rules, kept, result.Duties, r.Digest)
	r.compareFlags(flags, result.Flags)
	r.findLate()
}

// refuseAll refuses every row of the case, and undoes what was worked out.
func (r *Recording) refuseAll(err error) {
	r.Kept, r.NewEvents, r.Changes, r.Duties, r.Called, r.late = nil, nil, nil, DutyChanges{}, nil, nil
	r.Added, r.Changed, r.Unchanged = 0, 0, 0
	for i := range r.Cases {
		r.fault(OfCases, r.Cases[i].Row, "ref", "%v", err)
	}
	for i := range r.Events {
		r.fault(OfEvents, r.Events[i].Row, "case_ref", "%v", err)
	}
}

// compareFlags sets the flags that are raised now against those raised before.
func (r *Recording) compareFlags(before, now []Flag) {
	same := func(a Flag) func(Flag) bool {
		return func(b Flag) bool { return a.ID == b.ID && a.Event == b.Event && a.Duty == b.Duty }
	}
	for i, f := range now {
		if !slices.ContainsFunc(before, same(f)) && !slices.ContainsFunc(now[:i], same(f)) {
			r.Raised = append(r.Raised, f)
		}
	}
	for _, f := range before {
		if !slices.ContainsFunc(now, same(f)) {
			r.Lowered = append(r.Lowered, f)
		}
	}
}

// RecordedAt is when one of the new events was recorded; otherwise now.
func (r *Recording) RecordedAt(id string, now time.Time) time.Time {
	for i := range r.NewEvents {
		if r.NewEvents[i].ID == id && id != "" {
			return r.NewEvents[i].Recorded
		}
	}
	return now
}
