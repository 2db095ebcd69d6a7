package casefile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// sections are what a manager reads, in order.
func (r *Digests) sections(person string) []notify.Section {
	of := reader{r, r.last[person], r.horizon}
	if !of.since.IsZero() {
		of.before = horizonAt(r.calendar, of.since)
	}
	duties := r.duties[person]
	sections := []notify.Section{
		{ID: notify.Overdue, Lines: of.overdue(duties)},
		{ID: notify.DueToday, Lines: of.dueIn(notify.DueToday, duties)},
		{ID: notify.DueBeforeOpen, Lines: of.dueIn(notify.DueBeforeOpen, duties)},
		{ID: notify.Coming, Lines: of.dueIn(notify.Coming, duties)},
		{ID: notify.BeyondCap, Lines: of.beyondCapLines(r.beyondCap[person])},
		{ID: notify.ClosedCases, Lines: of.afterClosingLines(r.afterClosing[person])},
		{ID: notify.AwayOrGone, Lines: of.awayOrGone(r.absences[person])},
		{ID: notify.Undelivered, Lines: of.undeliveredLines(r.undelivered[person])},
		{ID: notify.PaperWaits, Lines: of.paperLines(r.paper[person])},
		{ID: notify.WorthALook, Lines: of.worthALook(r.flags[person], r.beyondCap[person])},
	}
	return slices.DeleteFunc(sections, func(s notify.Section) bool { return len(s.Lines) == 0 })
}

// reader is somebody as their digest is put together.
type reader struct {
	*Digests
	since  time.Time // their last digest; zero: none
	before horizon   // and how far that looked
}

// isNew reports whether something that came then stood in no digest of the reader.
func (r *reader) isNew(came time.Time) bool { return came.After(r.since) }

// isNewDuty reports whether a duty stood in none, or elsewhere, or otherwise.
func (r *reader) isNewDuty(d *store.DigestDuty) bool {
	return r.isNew(d.Recorded) || r.isNew(d.Moved) || r.isNew(d.Said) || r.before.of(d) != r.of(d)
}

func (r *reader) dueIn(section notify.SectionID, duties []store.DigestDuty) []notify.DigestLine {
	var lines []notify.DigestLine
	for i := range duties {
		if r.of(&duties[i]) == section {
			lines = append(lines, r.line(&duties[i]))
		}
	}
	return lines
}

// overdue lists what is overdue since the longest first; what is overdue since
// the same day, the most serious first.
func (r *reader) overdue(duties []store.DigestDuty) []notify.DigestLine {
	var late []*store.DigestDuty
	for i := range duties {
		if r.of(&duties[i]) == notify.Overdue {
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

func (r *reader) line(d *store.DigestDuty) notify.DigestLine {
	line := notify.DigestLine{
		CaseRef:      d.Case,
		Title:        r.rules.Title(&pathway.Duty{ID: d.ID, Pathway: d.Pathway, Version: d.Version}),
		Due:          d.Due,
		OwnerRole:    string(d.Owner),
		Practitioner: d.Practitioner,
		Attempt:      d.Attempt,
		Said:         d.Said,
		Note:         d.AskedFor,
		Discussed:    r.discussed[d.Case],
		New:          r.isNewDuty(d),
	}
	if l := r.rules.Ladder(d.Ladder); l != nil {
		line.Urgent = l.Urgent()
	}
	if moved := r.calendar.MovedWhenLate(d.LateSince, d.Due, d.Moved); moved != "" {
		line.Note = strings.TrimSuffix("It was "+moved+": it counts as late. "+line.Note, " ")
		line.Note = strings.TrimSuffix(line.Note, ".")
	}
	return line
}

// beyondCapLines lists those that the digest does not list anyway, by when they are due.
func (r *reader) beyondCapLines(duties []store.DigestDuty) []notify.DigestLine {
	var lines []notify.DigestLine
	for i := range duties {
		if d := &duties[i]; r.of(d) == "" {
			lines = append(lines, r.line(d))
		}
	}
	return lines
}

func (r *reader) awayOrGone(absences []store.Absence) []notify.DigestLine {
	var lines []notify.DigestLine
	for _, a := range absences {
		p := r.people[a.Practitioner]
		lines = append(lines, notify.DigestLine{Practitioner: a.Practitioner, New: r.isNewAbsence(p),
			Absence: &notify.Absence{Gone: p.Left(r.now), Until: p.AwayUntil, Duties: a.Duties, Cover: p.Cover}})
	}
	return lines
}

// isNewAbsence reports whether somebody was there at the reader's last digest.
func (r *reader) isNewAbsence(p *pathway.Person) bool {
	return r.since.IsZero() || !p.Left(r.since) && !p.Away(r.since)
}

func (r *reader) undeliveredLines(undelivered []store.Undelivered) []notify.DigestLine {
	var lines []notify.DigestLine
	for _, u := range undelivered {
		lines = append(lines, notify.DigestLine{CaseRef: u.Case, New: r.isNew(u.At), Undelivered: undeliverable(&u)})
	}
	return lines
}

// paperLines lists the cards and letters that nobody has printed, or nobody can.
func (r *reader) paperLines(paper []WaitingPaper) []notify.DigestLine {
	var lines []notify.DigestLine
	for _, w := range paper {
		lines = append(lines, notify.DigestLine{CaseRef: w.Case, Practitioner: w.Practitioner, New: r.isNew(w.Came),
			Paper: &notify.WaitingPaper{Kind: w.Kind, Since: w.Queued, Why: w.Why}})
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

func (r *reader) afterClosingLines(visits []store.FlaggedCase) []notify.DigestLine {
	var lines []notify.DigestLine
	for i, f := range visits {
		if i > 0 && visits[i-1].Case == f.Case {
			continue // once is enough
		}
		lines = append(lines, notify.DigestLine{CaseRef: f.Case, Practitioner: f.Practitioner, Note: f.Flag.Text, New: r.isNew(f.Raised)})
	}
	return lines
}

// worthALook lists what is flagged. A date beyond the cap stands with its duty while
// that is open.
func (r *reader) worthALook(flags []store.FlaggedCase, beyondCap []store.DigestDuty) []notify.DigestLine {
	var lines []notify.DigestLine
	for _, f := range flags {
		if f.Flag.ID == pathway.FlagLaterThanCap && slices.ContainsFunc(beyondCap, func(d store.DigestDuty) bool {
			return d.Case == f.Case && d.ID == f.Flag.Duty
		}) {
			continue
		}
		lines = append(lines, notify.DigestLine{CaseRef: f.Case, Practitioner: f.Practitioner, Note: f.Flag.Text, New: r.isNew(f.Raised)})
	}
	return lines
}
