package notify

import (
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// digestView is a Digest with its times and sums in words, and with what it says of a
// case in one place.
type digestView struct {
	On         moment
	Since      moment
	DueAt      moment
	Late       bool
	Quiet      bool // there is nothing to tell
	Chair      bool
	Desk       bool
	DataOf     moment
	LateFiles  []lateFilesView
	Overdue    int
	NewOverdue int // of these
	DueToday   int
	BeforeOpen int
	Coming     int
	Longest    *lineView     // the duty that is overdue longest
	New        []caseView    // with something new
	Same       []caseView    // as they stood in the last digest
	Sections   []sectionView // about no case
	Teams      []teamView
	LateIn     int       // teams with something overdue
	Worst      *teamView // the team with the duty that is overdue longest
}

type lateFilesView struct {
	Of    string
	Since moment
}

// caseView is all that a digest says of a case.
type caseView struct {
	CaseRef      string
	Practitioner string
	Attempt      int // the highest
	Discussed    *discussedView
	Link         string
	Overdue      bool
	Lines        []lineView // its duties
	First        *lineView  // the first of them; nil: none
	More         int        // duties besides the first
	Notes        []string   // what else there is to know
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
	Note         string
}

// noteView is what the note of a line is worded from.
type noteView struct {
	Absence     *absenceView
	Undelivered *undeliveredView
	Paper       *paperView
	Said        moment
	Visits      *inVainView
	Action      *actionView
}

type inVainView struct {
	Count int
	Last  moment
}

type actionView struct{ Agreed, Due moment }

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

type paperView struct {
	WaitingPaper
	Since moment
}

type teamView struct {
	TeamSummary
	Oldest moment
	Link   string
}

// note words the note of a line.
func (c *Composer) note(l *DigestLine, on time.Time) (string, error) {
	if l.Absence == nil && l.Undelivered == nil && l.Paper == nil && l.Said.IsZero() && l.Visits == nil && l.Action == nil {
		return pathway.Capitalised(l.Note), nil // it stands behind a full stop
	}
	v := noteView{Said: c.moment(l.Said, on)}
	if a := l.Absence; a != nil {
		v.Absence = &absenceView{a.Gone, c.moment(a.Until, on), a.Duties, a.Cover}
	}
	if u := l.Undelivered; u != nil {
		v.Undelivered = &undeliveredView{*u, c.moment(u.WaitsSince, on)}
		v.Undelivered.Reason = strings.TrimSuffix(u.Reason, ".")
	}
	if p := l.Paper; p != nil {
		v.Paper = &paperView{*p, c.moment(p.Since, on)}
		v.Paper.Why = strings.TrimSuffix(p.Why, ".")
	}
	if n := l.Visits; n != nil {
		v.Visits = &inVainView{n.Count, c.moment(n.Last, on)}
	}
	if a := l.Action; a != nil {
		v.Action = &actionView{c.moment(a.Agreed, on), c.moment(a.Due, on)}
	}
	note, err := c.words("note", &v)
	return strings.TrimSpace(strings.TrimSpace(note) + " " + l.Note), err
}

func (c *Composer) lineView(l *DigestLine, on time.Time) (lineView, error) {
	note, err := c.note(l, on)
	return lineView{
		CaseRef: l.CaseRef, Title: l.Title, Action: inline(l.Title), Due: c.moment(l.Due, on), Overdue: !l.Due.IsZero() && on.After(l.Due),
		OwnerRole: l.OwnerRole, Practitioner: l.Practitioner, Attempt: l.Attempt, Urgent: l.Urgent, Note: note,
	}, err
}

func (c *Composer) digestView(d *Digest) (digestView, error) {
	v := digestView{
		On: c.moment(d.On, d.On), Since: c.moment(d.Since, d.On), DueAt: c.moment(d.DueAt, d.On), Late: d.Late, Quiet: !d.Chair && !d.HasNews(), Chair: d.Chair, Desk: d.Desk,
		Overdue: d.Count(Overdue), DueToday: d.Count(DueToday), BeforeOpen: d.Count(DueBeforeOpen), Coming: d.Count(Coming),
	}
	v.DataOf = c.moment(d.DataOf, d.On)
	for _, f := range d.LateFiles {
		v.LateFiles = append(v.LateFiles, lateFilesView{f.Of, c.moment(f.Since, d.On)})
	}
	if err := c.arrange(d, &v); err != nil {
		return v, err
	}
	if len(d.Teams) > 0 { // the sections, if any, tell of duties that the teams count too
		v.Overdue, v.NewOverdue, v.DueToday, v.BeforeOpen, v.Coming = 0, 0, 0, 0, 0
	}
	var worst time.Time
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

// arrange puts all that is said of a case in one place, the cases in the order in which
// the sections first name them; what is about none, or a closed one, stays in its section.
func (c *Composer) arrange(d *Digest, v *digestView) error {
	cases := map[string]*caseView{}
	isNew := map[string]bool{}
	var order []string
	var longest time.Time
	for _, s := range d.Sections {
		if s.ID == bothRecord {
			continue
		}
		section := sectionView{ID: string(s.ID)}
		for i := range s.Lines {
			l := &s.Lines[i]
			line, err := c.lineView(l, d.On)
			if err != nil {
				return err
			}
			if s.ID == Overdue {
				if v.Longest == nil || l.Due.Before(longest) {
					v.Longest, longest = &line, l.Due
				}
				if l.New {
					v.NewOverdue++
				}
			}
			if l.CaseRef == "" || s.ID == ClosedCases {
				section.Lines = append(section.Lines, line)
				continue
			}
			of := cases[l.CaseRef]
			if of == nil {
				of = &caseView{CaseRef: l.CaseRef, Link: c.link(l.CaseRef)}
				cases[l.CaseRef] = of
				order = append(order, l.CaseRef)
			}
			of.take(line)
			if of.Discussed == nil {
				of.Discussed = c.discussedView(l.Discussed, d.On)
			}
			isNew[l.CaseRef] = isNew[l.CaseRef] || l.New || d.Since.IsZero()
		}
		if len(section.Lines) > 0 {
			v.Sections = append(v.Sections, section)
		}
	}
	for _, ref := range order {
		if isNew[ref] {
			v.New = append(v.New, *cases[ref])
		} else {
			v.Same = append(v.Same, *cases[ref])
		}
	}
	return nil
}

// take adds what one line says of the case.
func (of *caseView) take(line lineView) {
	if of.Practitioner == "" {
		of.Practitioner = line.Practitioner
	}
	of.Attempt = max(of.Attempt, line.Attempt)
	of.Overdue = of.Overdue || line.Overdue
	if line.Title == "" {
		of.Notes = append(of.Notes, line.Note)
		return
	}
	of.Lines = append(of.Lines, line)
	of.First, of.More = &of.Lines[0], len(of.Lines)-1
}
