package casefile

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// File is one case with everything that is shown of it, as it stands At a time.
type File struct {
	At        time.Time
	Case      pathway.Case // as it was opened
	Now       pathway.Standing
	Title     string     // of the pathway it is on now; empty where nobody knows that pathway
	Events    []Event    // in order of when they happened
	Duties    []Duty     // in order of opening
	Reminders []Reminder // of all duties, in order of time
	Paper     []Paper    // cards, letters, and calls in place of them, in order of queueing
	Flags     []pathway.Flag
	Changes   []Change              // of the case itself since it became known, in order of time
	Household []store.HouseholdCase // its other cases, in order of reference
	Siblings  []store.Sibling       // those of them that are open, with what decides who may open them
	Visits    []store.VisitTold     // to the household's other cases, of which somebody was told by this one, in order of time
	Opened    []store.AuditEntry    // in emergencies in the last 30 days, the newest first
	Names     pathway.StaffNames

	Unsafe          string    // why the family must not be written to; empty: it may be
	AddressReturned time.Time // when a letter to the address came back; zero: none has

	reachable map[string]*pathway.Person // by id; nil: not read yet
}

// Event is something that happened on the case, whether it stands or was recorded
// in error.
type Event struct {
	pathway.Event
	Voided bool
}

// Way says by which way an event came, and whether it is still to be confirmed; empty
// where nobody knows.
func (f *File) Way(e *Event) string {
	way := e.WayInWords()
	if !e.ToConfirm() || e.Voided {
		return way
	}
	for i := range f.Duties {
		if d := &f.Duties[i]; d.SaidBy == e.ID && !d.SaidAt().IsZero() {
			return way + ", to be confirmed"
		}
	}
	return way
}

// Duty is a duty of the case, in words.
type Duty struct {
	store.Duty
	Title       string
	Clause      string // of the guidance; empty: none
	State       pathway.State
	StillToTick []string // of its checklist, while it is open
	Reminders   []Reminder
}

// Reminder is that somebody was told of a duty, or why they were not.
type Reminder struct {
	store.CaseReminder
	Title string // of the duty
}

// WasTold reports whether there is a message, however far it came.
func (r *Reminder) WasTold() bool { return r.Reason == pathway.Sent }

// Paper is a card, a letter, or a call to make in place of one.
type Paper struct {
	store.Print
	Posting *store.Posting // how a letter stands at GOV.UK Notify; nil: it does not post it
	Hashes  []string       // SHA-256 of the files of its batch that hold its kind; only from Chronology
}

// Case reads a case as it stands at now. Where there is none, the error is a
// pathway.Problem, NotFound.
func Case(ctx context.Context, db *store.Store, rules *pathway.Rules, ref string, now time.Time) (*File, error) {
	kept, err := db.WholeCase(ctx, ref, now)
	if errors.Is(err, store.ErrNotFound) {
		return nil, db.NoCase(ctx, ref)
	}
	if err != nil {
		return nil, err
	}
	reminders, stopped := kept.Reminders, whyStopped(kept.Stopped)
	for i := range reminders { // as the call sheet and the digest say it
		r := &reminders[i]
		if why, is := stopped[r.Channel]; is && (r.State == store.MessageQueued || r.State == store.MessageSending) {
			r.StateReason = why
		}
	}
	f := &File{At: now, Case: kept.Case, Now: kept.Standing, Flags: kept.Flags,
		Unsafe: kept.Case.Unsafe(kept.Events), AddressReturned: kept.Case.AddressReturned(kept.Events)}
	if stands, err := pathway.Derive(rules, &kept.Case, kept.Events); err == nil {
		f.Now.Attempt = stands.Standing.Attempt // which a birth begins anew
	}
	if p := rules.Pathway(kept.Standing.Pathway); p != nil {
		f.Title = p.Title
	}
	f.addEvents(kept.Events)
	f.addDuties(rules, kept.Duties, reminders)
	f.addChanges(kept.Changes)
	f.Household, f.Siblings, f.Visits, f.Opened = kept.Household, kept.Siblings, kept.Visits, kept.Opened
	f.addPaper(kept)
	f.Names, err = db.StaffNames(ctx, f.staff())
	return f, err
}

// staff are the ids of the members of staff that the file names.
func (f *File) staff() []string {
	ids := []string{f.Now.Practitioner, f.Case.Manager, f.Case.Chair}
	for i := range f.Events {
		ids = append(ids, f.Events[i].By)
		if pathway.KindOf(f.Events[i].Kind).Form == pathway.OfPerson {
			ids = append(ids, f.Events[i].Value)
		}
	}
	for i := range f.Reminders {
		ids = append(ids, f.Reminders[i].Person)
	}
	for i := range f.Visits {
		ids = append(ids, f.Visits[i].Person)
	}
	for i := range f.Changes {
		ids = append(ids, f.Changes[i].staff()...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// DutyTitle is what a duty of the case is called, by id; the id, where it has none by it.
func (f *File) DutyTitle(id string) string {
	for i := range f.Duties {
		if d := &f.Duties[i]; d.DutyID() == id {
			return d.Title
		}
	}
	return id
}

// ValueInWords is an event's value, with the name where that is somebody.
func (f *File) ValueInWords(e *Event) string {
	if pathway.KindOf(e.Kind).Form == pathway.OfPerson {
		return f.Names.Of(e.Value)
	}
	return e.Value
}

// Chronology reads a case as Case does, and the hashes of the files that its
// paper stands in.
func Chronology(ctx context.Context, db *store.Store, rules *pathway.Rules, ref string, now time.Time) (*File, error) {
	f, err := Case(ctx, db, rules, ref, now)
	if err != nil {
		return nil, err
	}
	batches := map[int64]*store.PrintBatch{}
	for i := range f.Paper {
		p := &f.Paper[i]
		if p.Batch == 0 {
			continue
		}
		if batches[p.Batch] == nil {
			if batches[p.Batch], err = db.Batch(ctx, p.Batch); err != nil {
				return nil, err
			}
		}
		for _, made := range batches[p.Batch].Files {
			if strings.HasPrefix(made.Kind, p.Kind) {
				p.Hashes = append(p.Hashes, made.SHA256)
			}
		}
	}
	return f, nil
}

func (f *File) addEvents(events []pathway.Event) {
	voided := pathway.Voided(events)
	for i := range events {
		f.Events = append(f.Events, Event{events[i], voided[events[i].ID]})
	}
}

func (f *File) addDuties(rules *pathway.Rules, duties []store.Duty, reminders []store.CaseReminder) {
	byID := map[int64]*Duty{}
	f.Duties = make([]Duty, 0, len(duties))
	for i := range duties {
		if duties[i].Opened.After(f.At) {
			continue // unless something happens before that
		}
		f.Duties = f.Duties[:len(f.Duties)+1]
		d := &f.Duties[len(f.Duties)-1]
		*d = Duty{Duty: duties[i], Title: rules.Title(&duties[i].Duty), State: duties[i].StateAt(f.At)}
		if rule := rules.Rule(d.Pathway, d.Version, d.Duty.Duty.ID); rule != nil {
			d.Clause = rule.Clause
		}
		if d.IsOpen() {
			d.StillToTick = d.Missing
		}
		byID[d.ID] = d
	}
	for i := range reminders {
		r := Reminder{CaseReminder: reminders[i]}
		if d := byID[r.Duty]; d != nil {
			r.Title = d.Title
			d.Reminders = append(d.Reminders, r)
		}
		f.Reminders = append(f.Reminders, r)
	}
}

// HouseholdRefs are the household's other cases by reference, and which are closed:
// "KN-2, KN-3 (closed)"; empty: there are none.
func (f *File) HouseholdRefs() string {
	var refs []string
	for _, c := range f.Household {
		ref := c.Ref
		if c.Closed {
			ref += " (closed)"
		}
		refs = append(refs, ref)
	}
	return strings.Join(refs, ", ")
}

func (f *File) addPaper(kept *store.WholeCase) {
	for i := range kept.Prints {
		p := Paper{Print: kept.Prints[i]}
		if posting, is := kept.Postings[p.ID]; is {
			p.Posting = &posting
		}
		f.Paper = append(f.Paper, p)
	}
}
