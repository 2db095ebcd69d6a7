package pathway

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Result is what a case's events come to.
type Result struct {
	Standing Standing
	Duties   []Duty // in order of opening, then in the pathway's order
	Flags    []Flag
	Unheeded []Unheeded // in order of the events
}

// Standing is where a case stands after its events.
type Standing struct {
	Pathway      string
	Practitioner string
	Contact      string // the case's own, or the new birth contact where it was born on an antenatal one
	Attempt      int    // unsuccessful visits in a row
	Closed       bool
	EDD          Date
	VisitEvery   Offset // the case's own visiting frequency; zero when none was set
}

// Flag is something worth a manager's look that is no duty: a date set later
// than the cap, three cancellations in a row.
type Flag struct {
	ID    string // FlagLaterThanCap, FlagVisitAfterClosing, or the id of a pathway's flag rule
	Event string // the event that raised it
	Duty  string // the duty it concerns; empty for the whole case
	Text  string
	// NoReason marks a date beyond the cap that came without the reason it needs.
	NoReason bool
}

const (
	// FlagLaterThanCap: a person asked for a later date than the pathway allows
	// (How time is counted, rule 6). The cap stands.
	FlagLaterThanCap = "later-than-cap"
	// FlagVisitAfterClosing: an unsuccessful visit is recorded on a closed case,
	// where no clock runs, whenever it happened. It stands until the case is reopened.
	FlagVisitAfterClosing = "visit-after-closing"
)

// Derive works out what is due on a case. It is a pure function: the same case,
// events and rules give the same result in whatever order the events are
// handed over; it does not change them. Voided events, and an event that is
// there twice by id, do not count twice. Events of one instant are taken in the
// order of kindOrder, so that a contradiction leaves the clock running.
//
// It knows no now. What opens as time passes, and not on an event, is among the duties
// before it opens: Opened says when, unless something happens before that.
//
// A birth is one event (guidance, "Birth"): whatever moves a case from an antenatal
// pathway to a child's ends what the former asked for, but for what holds on every
// pathway, and the visits to the mother do not count for the child.
//
// Duty.Why is left empty; Duty.Explain gives it. The error says that the case is
// on a pathway that no configuration defines.
func Derive(r *Rules, c *Case, events []Event) (Result, error) {
	history := History(c, events)
	d := newDerivation(r, c, history, endingsOf(history))
	room := dutyRooms.Get().(*dutyRoom)
	defer func() { room.giveBack(len(d.duties)) }()
	d.duties = room[:0]
	opening := openingOf(c)
	if err := d.takeEvent(&opening); err != nil {
		return Result{}, err
	}
	for d.next = range d.events {
		d.passTo(d.events[d.next].At)
		if err := d.takeEvent(&d.events[d.next]); err != nil {
			return Result{}, err
		}
	}
	d.next = len(d.events)
	d.passTo(forever)
	d.noteSaid(saidBy(events))
	slices.SortStableFunc(d.duties, func(a, b Duty) int { return a.Opened.Compare(b.Opened) })
	return Result{Standing: d.standing, Duties: slices.Clone(d.duties), Flags: d.flags, Unheeded: d.unheeded}, nil
}

// dutyRoom is where a case's duties are made. A duty is large, and a list of them that
// grows leaves smaller ones behind: rooms are lent, and what is made in them is copied.
type dutyRoom [16]Duty

var dutyRooms = sync.Pool{New: func() any { return new(dutyRoom) }}

// giveBack gives back a room in which so many duties were made.
func (r *dutyRoom) giveBack(made int) {
	clear(r[:min(made, len(r))])
	dutyRooms.Put(r)
}

// derivation is a case on its way through its events.
type derivation struct {
	rules  *Rules
	cal    *Calendar
	c      *Case
	events []Event // in order
	next   int     // the event being taken; those before it have happened
	// endings are the places of those that close or reopen the case: mostly none.
	endings []int

	course
	duties   []Duty
	byRule   []dutiesOfRule
	places   []int // what the lists of byRule begin with, as far as it lasts
	flags    []Flag
	unheeded []Unheeded
	closed   time.Time // when it was last

	appointment appointment
	silence     silence
	counted     map[string][]time.Time // of triggers that count each event once, what is still to be counted
	birthNow    bool                   // the event being taken is the birth

	kinds   map[string]bool // of what has happened, as far as it has been asked for
	kindsTo int             // of so many events
}

// course is how a case has come to stand where it does: it follows from its events
// alone, whatever duties they open.
type course struct {
	standing  Standing
	birth     Date
	series    int       // how often the count of unsuccessful visits has begun anew
	lastVisit time.Time // the last unsuccessful visit, to know a second record of it
	inARow    int       // records of inARowOf since another visit outcome
	inARowOf  string
}

// newDerivation is a case before its opening, with the events that count and the places
// of its endings.
func newDerivation(r *Rules, c *Case, history []Event, endings []int) derivation {
	return derivation{
		rules:   r,
		cal:     r.Calendar,
		c:       c,
		events:  history,
		endings: endings,
		course: course{standing: Standing{
			Pathway:      c.Pathway,
			Practitioner: c.Practitioner,
			Contact:      c.Contact,
			EDD:          c.EDD,
			VisitEvery:   c.VisitEvery,
		}},
	}
}

// openingOf is a case's opening, as an event.
func openingOf(c *Case) Event { return Event{At: c.Opened, Recorded: c.Recorded, Kind: caseOpened} }

// takeEvent lets one event change the case: what it meets, where the case stands
// then, and what it opens.
func (d *derivation) takeEvent(e *Event) error {
	d.birthNow = false
	d.listen(e)
	if d.passesOver(e) {
		return nil
	}
	d.silence.hearOutcome(e)
	d.meet(e)
	moved, err := d.stand(e)
	if err != nil {
		return err
	}
	p, err := d.pathway(e.Recorded)
	if err != nil {
		return err
	}
	d.adjust(e)
	before := len(d.duties)
	if moved {
		d.openOnMove(p, e)
	}
	d.open(p, e)
	if len(d.duties) > before {
		d.meetByOpening(e)
	}
	d.raise(p, e)
	d.keepAppointment(e)
	return nil
}

// passesOver reports whether the event changes nothing: a second record of the same
// visit, or anything on a closed case but its reopening.
func (d *derivation) passesOver(e *Event) bool {
	if Unsuccessful(e.Kind) && e.At.Equal(d.lastVisit) {
		return true
	}
	closed := d.closed
	switch {
	case e.Kind == KindReopened:
		return false
	case Unsuccessful(e.Kind):
		if closed = d.closedAsRecorded(e); closed.IsZero() {
			return false
		}
		if d.recordedInTimeToo(e) {
			return true // and that record counts
		}
		d.standing.Attempt++
		d.lastVisit, d.silence.onClosed = e.At, e.Kind
		d.flags = append(d.flags, Flag{ID: FlagVisitAfterClosing, Event: e.ID,
			Text: "an unsuccessful visit is recorded after the case was closed: reopen the case, or void the visit"})
	case !d.standing.Closed:
		return false
	}
	d.afterClosing(e, closed)
	return true
}

// follow lets one event change where the case stands, and nothing else.
func (d *derivation) follow(e *Event) error {
	if d.passesOver(e) {
		return nil
	}
	if _, err := d.stand(e); err != nil {
		return err
	}
	_, err := d.pathway(e.Recorded)
	return err
}

func (d *derivation) pathway(recorded time.Time) (*Pathway, error) {
	p := d.rules.PathwayAt(d.standing.Pathway, recorded)
	if p == nil {
		return nil, fmt.Errorf("case %s is on pathway %q, which no configuration defines", d.c.Ref, d.standing.Pathway)
	}
	return p, nil
}

// stand updates where the case stands and reports whether it moved to another
// pathway.
func (d *derivation) stand(e *Event) (moved bool, err error) {
	d.countInARow(e)
	switch {
	case Unsuccessful(e.Kind):
		d.standing.Attempt++
		d.lastVisit = e.At
	case e.Kind == KindSeen:
		d.countAnew()
	case e.Kind == KindClosed:
		d.standing.Closed, d.closed = true, e.At
		d.endWhere(e.At, "the case was closed", func(*Duty) bool { return true })
	case e.Kind == KindReopened:
		d.standing.Closed = false
		d.flags = slices.DeleteFunc(d.flags, func(f Flag) bool { return f.ID == FlagVisitAfterClosing })
	case e.Kind == KindReallocated:
		d.standing.Practitioner = strings.TrimSpace(e.Value)
	case e.Kind == KindEDDChanged && !e.Due.IsZero():
		d.standing.EDD = d.cal.DateOf(e.Due)
	case e.Kind == KindBorn:
		d.birth = d.cal.DateOf(e.At)
	case e.Kind == KindFrequencySet:
		if o, err := ParseOffset(e.Value); err == nil {
			d.standing.VisitEvery = o
		}
	}
	to := ""
	if e.Kind == KindPathwayChanged {
		to = strings.TrimSpace(e.Value)
	} else {
		p, err := d.pathway(e.Recorded)
		if err != nil {
			return false, err
		}
		for i := range p.Moves {
			if p.Moves[i].On.matches(e, d) {
				to = p.Moves[i].To
				break
			}
		}
	}
	if to == "" || to == d.standing.Pathway {
		return false, nil
	}
	from := d.rules.PathwayAt(d.standing.Pathway, e.Recorded)
	d.standing.Pathway = to
	if isBirth(from, d.rules.PathwayAt(to, e.Recorded)) {
		d.bear(e, from)
	}
	return true, nil
}

// countAnew begins the count of unsuccessful visits anew.
func (d *derivation) countAnew() {
	d.standing.Attempt = 0
	d.series++
}

// bear makes the case the child's: see Derive.
func (d *derivation) bear(e *Event, from *Pathway) {
	d.birthNow = true
	d.countAnew()
	d.inARow, d.inARowOf = 0, ""
	d.silence.outcome = "" // nobody has seen the child yet
	if d.standing.Contact == "" || d.standing.Contact == contactAntenatal {
		d.standing.Contact = contactNewBirth
	}
	d.endWhere(e.At, "born", func(duty *Duty) bool {
		rule := from.Rule(duty.ID)
		return rule == nil || !rule.Everywhere
	})
}

// holds reports whether whoever recorded the event did so in the role: as the
// one the case names for it, or else as the role they hold in the organisation.
func (d *derivation) holds(e *Event, role Role) bool {
	if e.By == "" {
		return false
	}
	practitioner, manager := e.By == d.standing.Practitioner, e.By == d.c.Manager
	if practitioner || manager {
		return role == Practitioner && practitioner || role == Manager && manager
	}
	return e.ByRole == role || e.ByRole == ServiceManager && role == Manager
}

// happened reports whether an event of the kind has happened before now.
func (d *derivation) happened(kind string) bool {
	if d.kinds == nil {
		d.kinds = map[string]bool{}
	}
	for ; d.kindsTo < d.next; d.kindsTo++ {
		d.kinds[d.events[d.kindsTo].Kind] = true
	}
	return d.kinds[kind]
}

// visitOutcome reports whether an event says how a planned visit went.
func visitOutcome(kind string) bool {
	return kind == KindSeen || kind == KindCancelledByFamily || Unsuccessful(kind)
}

// countInARow counts visit outcomes of one kind that no other one interrupts.
func (d *derivation) countInARow(e *Event) {
	if !visitOutcome(e.Kind) {
		return
	}
	kind := e.Kind
	if Unsuccessful(kind) {
		kind = anyUnsuccessful
	}
	if kind != d.inARowOf {
		d.inARowOf, d.inARow = kind, 0
	}
	d.inARow++
}
