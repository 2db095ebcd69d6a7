package casefile

import (
	"cmp"
	"slices"
	"strings"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// sections are what a manager reads, in order.
func (r *Digests) sections(person string) []notify.Section {
	duties := r.duties[person]
	sections := []notify.Section{
		{ID: notify.Overdue, Lines: r.overdue(duties)},
		{ID: notify.DueToday},
		{ID: notify.DueBeforeOpen},
		{ID: notify.Coming},
		{ID: notify.BeyondCap, Lines: r.beyondCapLines(person)},
		{ID: notify.BothRecord, Lines: r.bothRecord(duties)},
		{ID: notify.AwayOrGone, Lines: r.awayOrGone(person)},
		{ID: notify.Undelivered, Lines: r.undeliveredLines(person)},
		{ID: notify.WorthALook, Lines: r.worthALook(person)},
	}
	for i := range duties {
		d := &duties[i]
		at := 3
		switch {
		case r.now.After(d.Due):
			continue
		case d.Due.Before(r.tomorrow):
			at = 1
		case !d.Due.After(r.beforeOpen):
			at = 2
		}
		sections[at].Lines = append(sections[at].Lines, r.line(d))
	}
	return slices.DeleteFunc(sections, func(s notify.Section) bool { return len(s.Lines) == 0 })
}

// overdue lists what is overdue since the longest first; what is overdue since
// the same day, the most serious first.
func (r *Digests) overdue(duties []store.DigestDuty) []notify.DigestLine {
	var late []*store.DigestDuty
	for i := range duties {
		if r.now.After(duties[i].Due) {
			late = append(late, &duties[i])
		}
	}
	slices.SortStableFunc(late, func(a, b *store.DigestDuty) int {
		return cmp.Or(
			strings.Compare(r.calendar.DateOf(a.Due).String(), r.calendar.DateOf(b.Due).String()),
			cmp.Compare(r.seriousness(a), r.seriousness(b)),
			a.Due.Compare(b.Due))
	})
	var lines []notify.DigestLine
	for _, d := range late {
		lines = append(lines, r.line(d))
	}
	return lines
}

func (r *Digests) seriousness(d *store.DigestDuty) int {
	if l := r.rules.Ladder(d.Ladder); l != nil {
		return l.Severity
	}
	return 0
}

func (r *Digests) line(d *store.DigestDuty) notify.DigestLine {
	line := notify.DigestLine{
		CaseRef:      d.Case,
		Title:        r.rules.Title(&pathway.Duty{ID: d.ID, Pathway: d.Pathway, Version: d.Version}),
		Due:          d.Due,
		OwnerRole:    string(d.Owner),
		Practitioner: d.Practitioner,
		Attempt:      d.Attempt,
		Said:         d.Said,
	}
	if l := r.rules.Ladder(d.Ladder); l != nil {
		line.Urgent = l.Urgent()
	}
	return line
}

func (r *Digests) beyondCapLines(person string) []notify.DigestLine {
	var lines []notify.DigestLine
	for i := range r.beyondCap[person] {
		d := &r.beyondCap[person][i]
		line := r.line(d)
		line.Note = d.Note
		lines = append(lines, line)
	}
	return lines
}

// bothRecord lists, once for each visit, the records that both the practitioner
// and the manager have to make, and who still has to.
func (r *Digests) bothRecord(duties []store.DigestDuty) []notify.DigestLine {
	var lines []notify.DigestLine
	var missing [][]string
	index := map[string]int{}
	for i := range duties {
		d := &duties[i]
		if !d.BothRecord {
			continue
		}
		visit := d.Case + "/" + d.Opening
		at, found := index[visit]
		if !found {
			at = len(lines)
			index[visit] = at
			lines, missing = append(lines, r.line(d)), append(missing, nil)
		}
		missing[at] = append(missing[at], string(d.Owner))
	}
	for i := range lines {
		slices.Sort(missing[i])
		lines[i].StillToRecord = missing[i]
	}
	return lines
}

func (r *Digests) awayOrGone(person string) []notify.DigestLine {
	var lines []notify.DigestLine
	for _, a := range r.absences[person] {
		p := r.people[a.Practitioner]
		lines = append(lines, notify.DigestLine{Practitioner: a.Practitioner,
			Absence: &notify.Absence{Gone: p.Left(r.now), Until: p.AwayUntil, Duties: a.Duties, Cover: p.Cover}})
	}
	return lines
}

func (r *Digests) undeliveredLines(person string) []notify.DigestLine {
	var lines []notify.DigestLine
	for _, u := range r.undelivered[person] {
		lines = append(lines, notify.DigestLine{CaseRef: u.Case, Undelivered: undeliverable(&u)})
	}
	return lines
}

// undeliverable is a message that did not arrive, with whoever got it instead.
func undeliverable(u *store.Undelivered) *notify.Undeliverable {
	out := &notify.Undeliverable{Person: u.Person, Channel: u.Channel, Reason: u.Reason}
	if u.Waits {
		out.WaitsSince = u.At
	}
	for _, s := range u.Instead {
		if isHad(s.State) {
			out.Instead = append(out.Instead, notify.Told{Person: s.Person, Channel: s.Channel})
		}
	}
	return out
}

func (r *Digests) worthALook(person string) []notify.DigestLine {
	var lines []notify.DigestLine
	for _, f := range r.flags[person] {
		if f.Flag.ID == pathway.FlagLaterThanCap && slices.ContainsFunc(r.beyondCap[person], func(d store.DigestDuty) bool {
			return d.Case == f.Case && d.ID == f.Flag.Duty
		}) {
			continue // it has a section of its own
		}
		lines = append(lines, notify.DigestLine{CaseRef: f.Case, Practitioner: f.Practitioner, Note: f.Flag.Text})
	}
	return lines
}
