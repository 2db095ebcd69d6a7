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
	Unsafe                              bool // to write to, by what was said last of this case
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

// RowFault is what is wrong with one row, or with many for one reason.
type RowFault struct {
	Of  string // OfPeople, OfCases or OfEvents
	Row int    // as whoever handed it in numbered it
	Fault
	Others []int // further rows, in order, with which the same is wrong
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
		out[i] = RowFault{Of: of, Row: row, Fault: f}
	}
	return out
}

// CaseRow is a row about a case itself, valid by itself.
type CaseRow struct {
	Row int
	Case
	Given Given
	// Doubtful says that the row is not valid by itself, and is refused already: only
	// whether those it names are known is still to be said.
	Doubtful bool
}

// EventRow is a row about an event, valid by itself.
type EventRow struct {
	Row int
	Event
	Given    Given
	Doubtful bool // as in CaseRow
}

// Recording is what comes in about one case, whichever way, and what follows from
// it. WorkOut asks nobody: everything it needs has been looked up, and the same
// recording gives the same result.
type Recording struct {
	Ref    string
	Cases  []CaseRow
	Events []EventRow
	Way    string // by which way they come: Event.Way
	// DeriveAgain says that what is known is to be derived again, whatever the rows say.
	DeriveAgain bool
	Alike       string          // of a case that is not known: one that is, by the same reference in other letters
	BadCase     bool            // a row about the case itself was not valid
	TooMany     *NumbersOfRows  // of the rows, where they were too many to be kept: then there are none of them here
	Known       *Known          // nil: nothing
	Roles       map[string]Role // of everybody named; empty for who is not known
	// Digest is a number that two duties share only if their events say the same of
	// them.
	Digest func(*Duty) int64
	// DigestOfCase does the same for what a whole row says of a case.
	DigestOfCase func(*Case) int64

	Faults                    []RowFault
	Added, Changed, Unchanged int

	Kept     *KeptCase // the case as it is to be kept; nil: nothing is to be written
	Relisted bool      // a row of the case says something new of it
	Moved    bool      // it stands elsewhere than before
	// OverdueFrom is before when nothing of the case is overdue, unless something happens;
	// zero: nothing is to be done.
	OverdueFrom  time.Time
	OverdueMoved bool // it is another than before
	NewEvents    []Event
	Duties       DutyChanges
	Raised       []Flag
	Lowered      []Flag        // raised before, and no more
	Called       []PaperItem   // what the new events call for on paper
	Changes      []FieldChange // of the case, where it was known
	ByEvents     []FieldChange // what events alone changed of where it stands
	remarks      []remark

	nothingNew bool
	now        time.Time

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
	r.now = now
	if r.refuseTooMany() {
		return
	}
	if r.nothingNew {
		r.Unchanged = len(r.Cases)
		return
	}
	before := len(r.Faults)
	r.takeCase(rules.Calendar, now)
	if r.Kept == nil {
		r.refuseEvents(len(r.Faults) > before || r.BadCase)
		return
	}
	r.takeEvents()
	if r.Known != nil && len(r.NewEvents) == 0 && r.Changed == 0 && !r.DeriveAgain {
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

// newlySaid are the ids of the new events that only stand as said. Mostly there are none.
func (r *Recording) newlySaid() (said map[string]bool) {
	for i := range r.NewEvents {
		if e := &r.NewEvents[i]; e.ToConfirm() {
			if said == nil {
				said = map[string]bool{}
			}
			said[e.ID] = true
		}
	}
	return said
}

// allEvents returns what is known to have happened, from before and new.
func (r *Recording) allEvents() []Event {
	if r.Known == nil || len(r.Known.Events) == 0 {
		return r.NewEvents
	}
	return slices.Concat(r.Known.Events, r.NewEvents)
}

func (r *Recording) fault(of string, row int, column, format string, args ...any) {
	r.Faults = append(r.Faults, RowFault{Of: of, Row: row, Fault: Fault{column, fmt.Sprintf(format, args...)}})
}

// derive works out the case's duties and flags after its events.
func (r *Recording) derive(rules *Rules) {
	var result Result
	var events []Event
	for {
		events = r.allEvents()
		var err error
		if result, err = Derive(rules, &r.Kept.Case, events); err != nil {
			r.refuseAll(err)
			return
		}
		if !r.refuseUnreasoned(result.Flags) {
			break
		}
	}
	s, before := &result.Standing, r.Kept.Now
	r.Kept.Now = CaseNow{Pathway: s.Pathway, Practitioner: s.Practitioner, Manager: r.Kept.Manager, EDD: s.EDD.String(), Closed: s.Closed, Unsafe: !r.Kept.SafeNow(events)}
	r.compareDuties(rules, result.Duties)
	if r.Moved = r.Kept.Now != before; r.Moved && r.Known != nil {
		r.ByEvents = movesOf(&before, &r.Kept.Now, r.Changes)
	}
	var flags []Flag
	if r.Known != nil {
		flags = r.Known.Flags
	}
	r.compareFlags(flags, result.Flags)
	r.noteNewEvents(rules)
	r.noteUnheeded(result.Unheeded)
	r.findLate()
}

// refuseAll refuses every row of the case, and undoes what was worked out.
func (r *Recording) refuseAll(err error) {
	r.Kept, r.NewEvents, r.Changes, r.Duties, r.Called, r.remarks = nil, nil, nil, DutyChanges{}, nil, nil
	r.ByEvents = nil
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
	if len(before)+len(now) == 0 {
		return
	}
	type key struct{ id, event, duty string }
	raised := make(map[key]bool, len(before)+len(now)) // whether now, too
	for _, f := range before {
		raised[key{f.ID, f.Event, f.Duty}] = false
	}
	for _, f := range now {
		k := key{f.ID, f.Event, f.Duty}
		if _, known := raised[k]; !known {
			r.Raised = append(r.Raised, f)
		}
		raised[k] = true
	}
	for _, f := range before {
		if !raised[key{f.ID, f.Event, f.Duty}] {
			r.Lowered = append(r.Lowered, f)
		}
	}
}

// RecordedAt is when one of the new events was recorded; otherwise now.
func (r *Recording) RecordedAt(id string, now time.Time) time.Time {
	if _, isNew := r.rows[id]; isNew {
		return r.events[id].Recorded
	}
	if !strings.HasPrefix(id, listedID) {
		return now
	}
	for i := range r.NewEvents {
		if r.NewEvents[i].ID == id {
			return r.NewEvents[i].Recorded
		}
	}
	return now
}
