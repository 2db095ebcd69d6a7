package casefile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Ahead is what would follow from events that are not recorded yet.
type Ahead struct {
	Before, After pathway.Standing
	Duties        []AheadDuty
	Paper         []*pathway.PaperItem
	English       string       // why that is in English though the family reads another language; empty: it is not, or they do not say
	Told          []ToldAtOnce // whom the duties that open would tell now
	Household     []string     // other open cases, whose practitioners are told of a visit that did not succeed
}

// AheadDuty is what would become of a duty, in words.
type AheadDuty struct {
	pathway.ForeseenDuty
	Title string
}

// ToldAtOnce is somebody who would be told.
type ToldAtOnce struct {
	Person   *pathway.Person
	Channels []string
}

// Foresee says what would follow if more events were recorded at the file's time. It
// changes nothing. desk gives the duty address of a team.
func (f *File) Foresee(ctx context.Context, db *store.Store, rules *pathway.Rules, paper *pathway.PaperTables, desk func(team string) *pathway.Person, more []pathway.Event) (*Ahead, error) {
	events := make([]pathway.Event, len(f.Events))
	for i := range f.Events {
		events[i] = f.Events[i].Event
	}
	foresight, err := pathway.Foresee(rules, paper, &f.Case, events, more, f.At)
	if err != nil {
		return nil, err
	}
	a := &Ahead{Before: foresight.Before, After: foresight.After, English: paper.InEnglish(&f.Case)}
	for i := range foresight.Paper {
		a.Paper = append(a.Paper, &foresight.Paper[i])
	}
	for _, d := range foresight.Duties {
		a.Duties = append(a.Duties, AheadDuty{d, rules.Title(&d.Duty)})
	}
	slices.SortStableFunc(a.Duties, func(x, y AheadDuty) int { return x.Due.Compare(y.Due) })
	for i := range more {
		e := &more[i]
		if !pathway.Unsuccessful(e.Kind) || f.At.Sub(e.At) > pathway.HouseholdToldFor || len(a.Household) > 0 {
			continue
		}
		for _, c := range f.Household {
			if !c.Closed && !c.Opened.After(f.At) && c.Practitioner != "" && c.Practitioner != e.By {
				a.Household = append(a.Household, c.Ref)
			}
		}
	}
	return a, a.tell(ctx, db, rules, desk, f)
}

func (a *Ahead) tell(ctx context.Context, db *store.Store, rules *pathway.Rules, desk func(team string) *pathway.Person, f *File) error {
	if !slices.ContainsFunc(a.Duties, func(d AheadDuty) bool { return d.Becoming.Opened && d.IsOpen() }) {
		return nil
	}
	if f.reachable == nil { // read once, for however many answers
		people, err := db.ReachablePeople(ctx)
		if err != nil {
			return err
		}
		f.reachable = make(map[string]*pathway.Person, len(people))
		for i := range people {
			f.reachable[people[i].ID] = &people[i]
		}
	}
	dir := &pathway.Directory{People: f.reachable, DutyDesk: desk}
	who := pathway.Allocation{Practitioner: a.After.Practitioner, Manager: f.Case.Manager, Chair: f.Case.Chair, Team: f.Case.Team}
	for i := range a.Duties {
		d := &a.Duties[i]
		ladder := rules.Ladder(d.Ladder)
		if !d.Becoming.Opened || !d.IsOpen() || ladder == nil {
			continue
		}
		now := ladder.Climb(&d.Duty, pathway.Progress{}, rules.Calendar, f.At).Now
		if now == nil {
			continue
		}
		for _, t := range pathway.Tell(ladder, now.RungRule, &d.Duty, who, dir, f.At) {
			if t.Reason == pathway.Sent {
				a.add(t.Person, t.Channel)
			}
		}
	}
	return nil
}

func (a *Ahead) add(p *pathway.Person, channel string) {
	for i := range a.Told {
		if t := &a.Told[i]; t.Person.ID == p.ID {
			if !slices.Contains(t.Channels, channel) {
				t.Channels = append(t.Channels, channel)
			}
			return
		}
	}
	a.Told = append(a.Told, ToldAtOnce{p, []string{channel}})
}

// OnlyDone reports whether no more follows than that duties are done.
func (a *Ahead) OnlyDone() bool {
	return len(a.Told)+len(a.Paper)+len(a.Household) == 0 && a.After.Attempt == a.Before.Attempt && a.After.Closed == a.Before.Closed &&
		!slices.ContainsFunc(a.Duties, func(d AheadDuty) bool { return !d.Becoming.Met })
}

// Digest is the same for consequences that people are told in the same words, what is
// over left out: a scan between the form and its saving is no change.
func (a *Ahead) Digest() string {
	h := sha256.New()
	if a.After.Attempt != a.Before.Attempt { // or else nothing is said of it
		fmt.Fprintln(h, a.After.Attempt)
	}
	fmt.Fprintln(h, a.After.Closed, a.After.Pathway, a.After.Practitioner)
	for i := range a.Duties {
		d := &a.Duties[i]
		if d.Becoming == onlyOver {
			continue
		}
		fmt.Fprintln(h, d.Becoming, d.ID, d.Attempt, d.Owner, d.Due.UnixMilli(), d.EndedWhy)
	}
	for _, p := range a.Paper {
		fmt.Fprintln(h, p.Kind, p.Variant, p.Refused, a.English)
	}
	for _, t := range a.Told {
		fmt.Fprintln(h, t.Person.ID, t.Channels)
	}
	fmt.Fprintln(h, a.Household)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Foretold reports whether what was recorded changed what was foreseen, and no more.
func (a *Ahead) Foretold(ref string, r *store.Recorded) bool {
	var steps, recorded []pathway.DutyStep
	for i := range a.Duties {
		steps = appendChanged(steps, a.Duties[i].Step())
	}
	for _, step := range r.Duties[ref] {
		recorded = appendChanged(recorded, step)
	}
	inOrder := func(a, b pathway.DutyStep) int {
		return cmp.Or(strings.Compare(a.Duty, b.Duty), strings.Compare(a.Opening, b.Opening))
	}
	slices.SortFunc(steps, inOrder)
	slices.SortFunc(recorded, inOrder)
	return slices.EqualFunc(steps, recorded, func(a, b pathway.DutyStep) bool {
		return a.Becoming == b.Becoming && a.Duty == b.Duty && a.Opening == b.Opening && a.Was.UnixMilli() == b.Was.UnixMilli()
	})
}

// appendChanged leaves out what is over: whether that is said of a duty that nothing calls
// for any more depends on how far its reminders have come.
func appendChanged(steps []pathway.DutyStep, step pathway.DutyStep) []pathway.DutyStep {
	if step.Becoming == onlyOver {
		return steps
	}
	return append(steps, step)
}

// onlyOver is what becomes of a duty that nothing calls for any more.
var onlyOver = pathway.Becoming{Ended: true}

// Version is another as soon as something else has happened on the case, or it is
// somebody else's.
func (f *File) Version() string {
	h := sha256.New()
	fmt.Fprintln(h, f.Now.Pathway, f.Now.Practitioner, f.Case.Manager, f.Case.Closed.UnixMilli())
	for i := range f.Events {
		fmt.Fprintf(h, "%q %t\n", f.Events[i].ID, f.Events[i].Voided)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// FindEvent returns an event of the case by id, or nil.
func (f *File) FindEvent(id string) *Event {
	for i := range f.Events {
		if f.Events[i].ID == id {
			return &f.Events[i]
		}
	}
	return nil
}

// Tries are the visits and appointments that did not succeed since the family was last
// seen, in order. Of several records of one visit the first is it.
func (f *File) Tries() []Event {
	var tries []Event
	for i := range f.Events {
		switch e := &f.Events[i]; {
		case e.Voided || e.ToConfirm():
		case e.Kind == pathway.KindSeen:
			tries = nil
		case pathway.Unsuccessful(e.Kind) && (len(tries) == 0 || !tries[len(tries)-1].At.Equal(e.At)):
			tries = append(tries, *e)
		}
	}
	return tries
}

// NextVisit is the visit or appointment that is booked for the time from now on; zero
// where none is.
func (f *File) NextVisit() (next time.Time) {
	for i := range f.Events {
		e := &f.Events[i]
		if e.Voided || e.ToConfirm() || !e.Booked.After(f.At) || e.Kind != pathway.KindVisitBooked && e.Kind != pathway.KindAppointmentOffered {
			continue
		}
		if next.IsZero() || e.Booked.Before(next) {
			next = e.Booked
		}
	}
	return next
}
