package casefile

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// undeliveredDays is for how many days a message that did not arrive is shown, as
	// long as its duty is open.
	undeliveredDays = 14
	// waitsAfter is when a message that should have gone waits for longer than sending
	// takes.
	waitsAfter = 5 * time.Minute
)

// undelivered reads what could not be delivered by now, and what should have gone and
// waits. What waits for a channel that is stopped says why that is.
func undelivered(ctx context.Context, db *store.Store, of store.UndeliveredOf, now time.Time) ([]store.Undelivered, error) {
	all, err := db.Undelivered(ctx, now.AddDate(0, 0, -undeliveredDays), now.Add(-waitsAfter), of)
	if err != nil {
		return nil, err
	}
	stopped, err := stoppedChannels(ctx, db)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if why, is := stopped[all[i].Channel]; is && all[i].Waits {
			all[i].Reason = why
		}
	}
	return all, nil
}

// stoppedChannels says of the channels that are stopped why they are.
func stoppedChannels(ctx context.Context, db *store.Store) (map[string]string, error) {
	found, err := db.StoppedChannels(ctx)
	return whyStopped(found), err
}

func whyStopped(channels []store.ChannelState) map[string]string {
	stopped := map[string]string{}
	for _, c := range channels {
		stopped[c.Channel] = c.Reason
	}
	return stopped
}

// Concerning is what a call sheet is about; the zero value is everything.
type Concerning struct {
	Scope *pathway.Scope // the cases that it holds
	Case  string         // one case
}

// Sheet is the call sheet: what could not be delivered or waits, and whom to phone.
type Sheet struct {
	At       time.Time
	Lines    []CallLine              // what nobody has had comes first, what is about no case last
	Disabled []store.DisabledAddress // not used any more
	OnTheWay int                     // messages that are still to go, or of which it is not known yet whether they arrived
	Names    pathway.StaffNames      // of those whom it phones, or of all staff
	Unsaid   bool                    // reminders have come due that no scan has written yet
	Nowhere  []Nowhere               // the channels by which nothing leaves at all
	Hidden   int                     // restricted cases with lines, which a scope does not hold
}

// AllDelivered reports whether nothing failed, waits, is on its way or is still to be
// written, and messages leave at all.
func (s *Sheet) AllDelivered() bool {
	return len(s.Lines) == 0 && s.OnTheWay == 0 && !s.Unsaid && len(s.Nowhere) == 0
}

// Days is for how long a message that did not arrive is shown: of what failed before, the
// sheet says nothing.
func (s *Sheet) Days() int { return undeliveredDays }

// CallLine is one message that did not arrive, about one case or none.
type CallLine struct {
	store.Undelivered
	Title  string             // of the duty
	AsWell []store.Substitute // who was told the same anyway, and has had it
	Phone  []Call             // whom to phone, in this order
	// Known is that somebody has said since that they know of the duty, or that its people
	// were told by phone; nil: nobody has.
	Known *store.Acknowledgement
}

// Call is somebody who can be phoned.
type Call struct{ Person, Number string }

// Heard reports whether somebody has had what the message was to say by another way, or
// knows it by now.
func (l *CallLine) Heard() bool {
	return l.Known != nil || len(l.AsWell) > 0 || slices.ContainsFunc(l.Instead, func(s store.Substitute) bool { return isHad(s.State) })
}

// isHad reports whether somebody has had a message, as far as is known.
func isHad(s store.MessageState) bool {
	return s == store.MessageSent || s == store.MessageDelivered
}

// CallSheet reads what could not be delivered as it stands at now. desk, who may be
// nil, is phoned when nobody else can be. Where it is of some cases it has no lines about any
// others, and nothing is read of these.
func CallSheet(ctx context.Context, db *store.Store, rules *pathway.Rules, desk *pathway.Person, ways Ways, of Concerning, now time.Time) (*Sheet, error) {
	undelivered, err := undelivered(ctx, db, store.UndeliveredOf{Scope: of.Scope, Case: of.Case}, now)
	if err != nil {
		return nil, err
	}
	onTheWay, _, err := db.OldestUndelivered(ctx, now.AddDate(1, 0, 0), math.MaxInt32) // whenever it is to go, whatever its severity
	if err != nil {
		return nil, err
	}
	unsaid, err := db.AnyDue(ctx, now)
	if err != nil {
		return nil, err
	}
	off, err := db.DisabledAddresses(ctx)
	if err != nil {
		return nil, err
	}
	people, err := of.people(ctx, db, undelivered)
	if err != nil {
		return nil, err
	}
	var refs []string
	for i := range undelivered {
		refs = append(refs, undelivered[i].Case)
	}
	reminders, err := db.RemindersOfCases(ctx, inOrder(refs))
	if err != nil {
		return nil, err
	}
	sheet := &Sheet{At: now, Disabled: off, Names: namesOf(people), OnTheWay: onTheWay, Unsaid: unsaid, Nowhere: ways.nowhere()}
	phones := phoneBook{now, people, off, desk}
	if of.Scope != nil {
		if sheet.Hidden, err = db.UndeliveredClosedOff(ctx, now.AddDate(0, 0, -undeliveredDays), now.Add(-waitsAfter), of.Scope); err != nil {
			return nil, err
		}
	}
	for _, u := range undelivered {
		sheet.Lines = append(sheet.Lines, CallLine{
			Undelivered: u,
			Title:       rules.Title(&pathway.Duty{ID: u.Duty, Pathway: u.Pathway, Version: u.Version}),
			AsWell:      toldAsWell(&u, reminders[u.Case]),
			Phone:       phones.whomToPhone(&u),
		})
	}
	if err := sheet.readKnown(ctx, db); err != nil {
		return nil, err
	}
	slices.SortStableFunc(sheet.Lines, func(a, b CallLine) int {
		return cmp.Or(cmp.Compare(a.urgency(), b.urgency()), a.Due.Compare(b.Due))
	})
	return sheet, nil
}

// readKnown finds out of what nobody has had whether somebody knows by now.
func (s *Sheet) readKnown(ctx context.Context, db *store.Store) error {
	var duties []int64
	for i := range s.Lines {
		if l := &s.Lines[i]; l.Case != "" && !l.Heard() {
			duties = append(duties, l.Number)
		}
	}
	if len(duties) == 0 {
		return nil
	}
	known, err := db.Acknowledgements(ctx, duties)
	for i := range s.Lines {
		l := &s.Lines[i]
		since := func(a store.Acknowledgement) bool { return !a.At.Before(l.At) && !a.At.After(s.At) }
		if at := slices.IndexFunc(known[l.Number], since); at >= 0 {
			l.Known = &known[l.Number][at]
		}
	}
	return err
}

// people are those whom the messages were to, those on their cases, and who stands in for
// any of them or is above them, by id; of a sheet about everything all staff.
func (of Concerning) people(ctx context.Context, db *store.Store, messages []store.Undelivered) (map[string]*pathway.Person, error) {
	if of == (Concerning{}) {
		return peopleByID(ctx, db)
	}
	people := map[string]*pathway.Person{}
	var next []string
	for i := range messages {
		u := &messages[i]
		next = append(next, u.Person, u.Practitioner, u.Manager)
		for _, other := range u.Instead {
			next = append(next, other.Person)
		}
	}
	for range 2 {
		found, err := db.PeopleOf(ctx, inOrder(next))
		if err != nil {
			return nil, err
		}
		next = nil
		for i := range found {
			p := &found[i]
			people[p.ID], next = p, append(next, p.Cover, p.ReportsTo)
		}
	}
	return people, nil
}

func peopleByID(ctx context.Context, db *store.Store) (map[string]*pathway.Person, error) {
	people, err := db.People(ctx)
	byID := make(map[string]*pathway.Person, len(people))
	for i := range people {
		byID[people[i].ID] = &people[i]
	}
	return byID, err
}

func namesOf(people map[string]*pathway.Person) pathway.StaffNames {
	names := pathway.StaffNames{}
	for id, p := range people {
		names[id] = p.Name
	}
	return names
}

// urgency puts first what nobody has had, and last what is about no case.
func (l *CallLine) urgency() int {
	switch {
	case l.Case == "":
		return 2
	case l.Heard():
		return 1
	}
	return 0
}

// toldAsWell returns who has had what a message was to tell by a message of their
// own, as with a ladder that tells everybody by every channel. Where several to the
// same person failed or wait, all of that must have been told to somebody: to phone once too
// often is better than not to.
func toldAsWell(u *store.Undelivered, reminders []store.CaseReminder) []store.Substitute {
	var out []store.Substitute
	for i := range reminders {
		f := &reminders[i]
		if f.Person != u.Person || f.Channel != u.Channel || isHad(f.State) || f.State == store.MessageCancelled {
			continue
		}
		known := false
		for j := range reminders {
			r := &reminders[j]
			if r.Duty != f.Duty || r.Due != f.Due || r.Rung != f.Rung || !isHad(r.State) {
				continue
			}
			known = true
			other := store.Substitute{Person: r.Person, Channel: r.Channel, State: r.State}
			if !slices.Contains(out, other) && !slices.Contains(u.Instead, other) {
				out = append(out, other)
			}
		}
		if !known {
			return nil
		}
	}
	return out
}

// phoneBook is who can be phoned now.
type phoneBook struct {
	now    time.Time
	people map[string]*pathway.Person
	off    []store.DisabledAddress
	desk   *pathway.Person
}

// whomToPhone lists who could be told by phone: the person, whoever covers, the
// case's manager, the manager above, the duty address; each with a number that is
// not known to be dead.
func (b *phoneBook) whomToPhone(u *store.Undelivered) []Call {
	inOrder := make([]*pathway.Person, 0, 7)
	if p := b.people[u.Person]; p != nil {
		inOrder = append(inOrder, p, b.people[p.Cover])
	}
	inOrder = append(inOrder, b.people[u.Practitioner])
	if m := b.people[u.Manager]; m != nil {
		inOrder = append(inOrder, m, b.people[m.Cover], b.people[m.ReportsTo])
	}
	var calls []Call
	for _, p := range append(inOrder, b.desk) {
		if p == nil || !b.canBePhoned(p) {
			continue
		}
		if call := (Call{p.ID, p.Mobile}); !slices.Contains(calls, call) {
			calls = append(calls, call)
		}
	}
	return calls
}

// canBePhoned reports whether somebody is there and has a number that is not known
// to be dead. One that takes no texts any more may still ring.
func (b *phoneBook) canBePhoned(p *pathway.Person) bool {
	if p.Left(b.now) || p.Away(b.now) || p.Mobile == "" {
		return false
	}
	return !slices.ContainsFunc(b.off, func(a store.DisabledAddress) bool {
		return a.Channel == pathway.ChannelSMS && a.Address == p.Mobile && a.Fault != string(notify.FaultOptedOut)
	})
}

// UseAgain takes a person's addresses into use again and returns them. Where every
// one is in use, or there is no such person, the error is a pathway.Problem.
func UseAgain(ctx context.Context, db *store.Store, person string) ([]store.DisabledAddress, error) {
	if _, err := db.Person(ctx, person); err != nil {
		return nil, err
	}
	off, err := db.DisabledAddresses(ctx)
	if err != nil {
		return nil, err
	}
	var again []store.DisabledAddress
	for _, a := range off {
		if a.Person != person {
			continue
		}
		if _, err := db.EnableAddress(ctx, a.Channel, a.Address); err != nil {
			return again, err
		}
		again = append(again, a)
	}
	if len(again) == 0 {
		return nil, pathway.NewProblem(pathway.Refused, "every address of %s is in use: doorstep undelivered lists those that are not", person)
	}
	return again, nil
}
