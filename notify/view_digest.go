package notify

import (
	"strings"
	"time"
)

// digestView is a Digest with its times and sums in words.
type digestView struct {
	On         moment
	DueAt      moment
	Late       bool
	DataOf     moment
	LateFiles  []lateFilesView
	Overdue    int
	DueToday   int
	BeforeOpen int
	Coming     int
	Longest    *lineView // the duty that is overdue longest
	Sections   []sectionView
	Teams      []teamView
	LateIn     int       // teams with something overdue
	Worst      *teamView // the team with the duty that is overdue longest
}

type lateFilesView struct {
	Of    string
	Since moment
}

type sectionView struct {
	ID    string
	Lines []lineView
}

type lineView struct {
	CaseRef      string
	Title        string
	Action       string
	Due          moment
	Overdue      bool
	OwnerRole    string
	Practitioner string
	Attempt      int
	Urgent       bool
	Link         string
	Note         string
}

// noteView is what the note of a line is worded from.
type noteView struct {
	StillToRecord []string
	Absence       *absenceView
	Undelivered   *undeliveredView
	Said          moment
}

type absenceView struct {
	Gone   bool
	Until  moment
	Duties int
	Cover  string
}

type undeliveredView struct {
	Undeliverable
	Waits moment // set where it is still to go
}

type teamView struct {
	TeamSummary
	Oldest moment
	Link   string
}

// note words the note of a line.
func (c *Composer) note(l *DigestLine, on time.Time) (string, error) {
	if len(l.StillToRecord) == 0 && l.Absence == nil && l.Undelivered == nil && l.Said.IsZero() {
		return l.Note, nil
	}
	v := noteView{StillToRecord: l.StillToRecord, Said: c.moment(l.Said, on)}
	if a := l.Absence; a != nil {
		v.Absence = &absenceView{a.Gone, c.moment(a.Until, on), a.Duties, a.Cover}
	}
	if u := l.Undelivered; u != nil {
		v.Undelivered = &undeliveredView{*u, c.moment(u.WaitsSince, on)}
		v.Undelivered.Reason = strings.TrimSuffix(u.Reason, ".")
	}
	note, err := c.words("note", &v)
	return strings.TrimSpace(strings.TrimSpace(note) + " " + l.Note), err
}

func (c *Composer) lineView(l *DigestLine, on time.Time) (lineView, error) {
	note, err := c.note(l, on)
	return lineView{
		CaseRef: l.CaseRef, Title: l.Title, Action: inline(l.Title), Due: c.moment(l.Due, on), Overdue: !l.Due.IsZero() && on.After(l.Due),
		OwnerRole: l.OwnerRole, Practitioner: l.Practitioner, Attempt: l.Attempt, Urgent: l.Urgent, Link: c.link(l.CaseRef), Note: note,
	}, err
}

func (c *Composer) digestView(d *Digest) (digestView, error) {
	v := digestView{
		On: c.moment(d.On, d.On), DueAt: c.moment(d.DueAt, d.On), Late: d.Late,
		Overdue: d.Count(Overdue), DueToday: d.Count(DueToday), BeforeOpen: d.Count(DueBeforeOpen), Coming: d.Count(Coming),
	}
	v.DataOf = c.moment(d.DataOf, d.On)
	for _, f := range d.LateFiles {
		v.LateFiles = append(v.LateFiles, lateFilesView{f.Of, c.moment(f.Since, d.On)})
	}
	var longest, worst time.Time
	for _, s := range d.Sections {
		if len(s.Lines) == 0 {
			continue
		}
		section := sectionView{ID: string(s.ID)}
		for i := range s.Lines {
			l := &s.Lines[i]
			line, err := c.lineView(l, d.On)
			if err != nil {
				return v, err
			}
			section.Lines = append(section.Lines, line)
			if s.ID == Overdue && (v.Longest == nil || l.Due.Before(longest)) {
				v.Longest, longest = &line, l.Due
			}
		}
		v.Sections = append(v.Sections, section)
	}
	if len(d.Teams) > 0 { // the sections, if any, tell of duties that the teams count too
		v.Overdue, v.DueToday, v.BeforeOpen, v.Coming = 0, 0, 0, 0
	}
	for _, t := range d.Teams {
		team := teamView{TeamSummary: t, Oldest: c.moment(t.Oldest, d.On), Link: c.link(t.OldestOf)}
		v.Teams = append(v.Teams, team)
		v.Overdue, v.DueToday, v.Coming = v.Overdue+t.Overdue, v.DueToday+t.DueToday, v.Coming+t.Coming
		if t.Overdue > 0 {
			v.LateIn++
		}
		if !t.Oldest.IsZero() && (v.Worst == nil || t.Oldest.Before(worst)) {
			v.Worst, worst = &team, t.Oldest
		}
	}
	return v, nil
}
