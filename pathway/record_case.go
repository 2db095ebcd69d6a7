package pathway

import (
	"slices"
	"strings"
	"time"
)

// takeCase takes the rows about the case itself and leaves in Kept the case as it was
// or becomes; nil where there is none.
func (r *Recording) takeCase(calendar *Calendar, now time.Time) {
	if r.Known != nil {
		known := *r.Known.Case
		r.Kept = &known
	}
	if r.Kept == nil && r.Alike != "" && len(r.Cases) > 0 {
		for i := range r.Cases {
			r.fault(OfCases, r.Cases[i].Row, "ref", "%s", AlikeFault(r.Alike))
			r.knowsPeople(&r.Cases[i])
		}
		r.BadCase = true
		return
	}
	var first *CaseRow
	for i := range r.Cases {
		row := &r.Cases[i]
		if row.Doubtful {
			r.knowsPeople(row)
			r.BadCase = true
			continue
		}
		fresh := &KeptCase{Case: row.Completed(row.Given, r.Kept.lastListed())}
		digest := r.DigestOfCase(&fresh.Case)
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
			r.noteAddress(row.Row, r.Kept.lastListed(), &fresh.Case)
			fresh.Listed = ListedOf(&fresh.Case, digest)
			r.list(fresh, calendar, now)
		}
	}
}

// SaysNothingNew reports whether the rows say of a case that is known what the last row
// said, and nothing else. Then WorkOut needs neither its events nor its duties.
func (r *Recording) SaysNothingNew() bool {
	if r.Known == nil {
		return false
	}
	r.nothingNew = r.nothingNew || r.onlyLists(r.Known.Case.lastListed(), r.Known.Case.Listed.Digest)
	return r.nothingNew
}

// SaysAllThatIsListed reports, as SaysNothingNew does, whether the rows say what the last
// row said of a case, of which only the digest is known: they do if that is what they say
// of a new case, as all that they leave out was then left out by the last row too.
// Otherwise nobody knows yet.
func (r *Recording) SaysAllThatIsListed(digest int64) bool {
	r.nothingNew = r.onlyLists(nil, digest)
	return r.nothingNew
}

// onlyLists reports whether there are only rows of the case itself, and each of them says,
// together with what is known, what has this digest.
func (r *Recording) onlyLists(known *Case, digest int64) bool {
	if len(r.Cases) == 0 || len(r.Events) > 0 || r.BadCase || r.TooMany != nil || r.DeriveAgain {
		return false
	}
	for i := range r.Cases {
		if r.Cases[i].Doubtful {
			return false
		}
		c := r.Cases[i].Completed(r.Cases[i].Given, known)
		if r.DigestOfCase(&c) != digest {
			return false
		}
	}
	return true
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
		meant := slices.DeleteFunc(OtherLetters(id), func(other string) bool { return r.Roles[other] == "" })
		r.fault(of, row, column, "nobody is known as %q%s: import people first, or correct the id", Shorten(id), DidYouMean(id, meant))
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

// list takes in what a good row says of the case. Of a case that is known, what the
// row says anew becomes events; the pathway, the practitioner and the expected date of
// delivery that the case opened with stay what they were.
func (r *Recording) list(fresh *KeptCase, calendar *Calendar, now time.Time) {
	c, listed := &fresh.Case, fresh.Listed
	if r.Kept == nil {
		r.Added++
		r.Kept = fresh
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
	r.Kept.Recorded, r.Kept.Closed, r.Kept.UnsafeHousehold = opening.Recorded, time.Time{}, opening.UnsafeHousehold
	if r.Kept.AddressSince = opening.AddressSince; !slices.Equal(opening.Address, c.Address) || opening.Postcode != c.Postcode {
		r.Kept.AddressSince = now
	}
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
	said := slices.ContainsFunc(r.Known.Events, func(e Event) bool { return e.Kind == KindSafeToWrite })
	if said && c.SafeToWrite != opening.SafeToWrite && c.SafeToWrite == stands.Unsafe {
		r.news(KindSafeToWrite, now, now, saysYes(c.SafeToWrite))
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

func saysYes(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// news adds an event that the list of cases stands for.
func (r *Recording) news(kind string, at, now time.Time, value string) *Event {
	e := Event{Case: r.Ref, ID: listedID + kind + "@" + stampedID(now), Kind: kind, At: at, Recorded: now, Value: value, Way: r.Way}
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
