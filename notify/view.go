package notify

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// view is what every template is given. The wording files may use its fields
// and no others; NewComposer tries them all. The fields are plain values, which
// templates read several times faster than methods and embedded structs.
type view struct {
	Organisation string
	Service      string
	Home         string // the pages' address; empty when there are none
	RecordSystem string // the name staff know it by; empty: things are recorded on the pages
	HasPages     bool

	Reminders []reminderView // most serious first, and of these what is due first
	First     *reminderView  // the first of them; nil when there are none
	Several   bool           // there is more than one
	AllMine   bool           // the reader holds the duties of all of them
	Whose     string         // where it is the same for several: said once, and by none of them
	Merged    string         // the same
	Urgent    bool           // one of them does not wait for office hours
	Also      string         // the other cases they are about, "KN-2, KN-3"
	Late      int            // how many of them are overdue
	ReplyCode string         // empty: nobody reads answers
	CanDone   bool           // DONE may be the answer: it is about one duty only
	Digest    digestView
	Alert     alertView
	Answer    answerView
	Test      Test
}

// reminderView is a Reminder with its times in words. Text and HTML share its
// sentences, so each is made once.
type reminderView struct {
	// What it is at now: one of these, or else merely due soon.
	Overdue bool
	DueNow  bool
	New     bool
	DateSet bool // somebody else has set or moved its date
	Still   bool // overdue, and it was said before

	Urgent     bool
	Immediate  bool
	Number     int // its place in a message with several
	CaseRef    string
	Title      string // as a line of its own: "See the child again"
	Action     string // inside a sentence: "see the child again"
	Attempt    int
	Link       string // to the case's page, and below in the record system: with the first reminder of each case
	RecordLink string
	AnswerLink string // to the form that says what was done: where the reader is to do it, on the pages
	ByVisit    bool   // with AnswerLink: the form is about a visit
	Due        moment
	OpensFrom  moment // set only while the window has not opened
	SaidAt     moment // set only where somebody said by text that it is done
	Household  []string
	Discussed  *discussedView
	Was        moment // set only where it was overdue when its date was moved
	MovedAt    moment // with Was

	SetBy         string // who set the date, where that is news and known
	RecordedAfter string // "33 hours", where what opened it was recorded late
	Left          string // with RecordedAfter: "15 hours"; empty: its time has run out

	Mine      bool // the reader holds the duty
	Role      string
	OwnerRole string
	OwnerID   string
	CoverFor  string
	Unreached string
	Why       string // a sentence without its full stop
	WhyOnPage bool   // Why tells why the family is known, so it is left to the case's page
	Local     bool   // the figure is a local default
	Clause    string // its reference only

	// Sentences out of words.tmpl; one that does not apply is empty.
	Label      string
	Lead       string
	When       string
	Whose      string
	Known      string // said with the first reminder of the case
	Window     string
	Merged     string
	Dates      string // how it came by its date
	Said       string
	Background string
	Record     string // where it is to be recorded; only in a text, to whoever is to do it

	RecordSystem string // as in view
	HasPages     bool
	Several      bool

	reminder *Reminder
}

// dueNowFor is how long after its due time a duty still reads "due now": the
// due rung goes out with the first scan after it.
const dueNowFor = 15 * time.Minute

func (c *Composer) reminderView(now time.Time, r *Reminder) (reminderView, error) {
	v := reminderView{
		CaseRef: r.CaseRef, Title: r.Title, Action: inline(r.Title), Attempt: r.Attempt, Link: c.link(r.CaseRef), RecordLink: c.recordLink(r.CaseRef),
		RecordSystem: c.settings.RecordSystem, HasPages: c.settings.PublicURL != "",
		Urgent: r.Urgent, Immediate: r.Immediate,
		Due:  c.moment(r.Due, now),
		Mine: r.Role == r.OwnerRole || r.OwnerRole == "", Role: r.Role, OwnerRole: r.OwnerRole, OwnerID: r.OwnerID, CoverFor: r.CoverFor, Unreached: r.Unreached,
		Why: strings.TrimSuffix(r.Why, "."), Local: r.Basis == BasisLocal, Clause: shortClause(r.Clause),
		reminder: r,
	}
	if tells(v.Why) {
		v.Why, v.WhyOnPage = "", true
	}
	if r.AnswerPage != "" && v.Link != "" && v.RecordSystem == "" {
		v.AnswerLink, v.ByVisit = v.Link+(&url.URL{Path: "/" + r.AnswerPage}).EscapedPath(), r.AnswerPage == "record"
	}
	if r.OpensFrom.After(now) {
		v.OpensFrom = c.moment(r.OpensFrom, now)
	}
	v.SaidAt, v.Was, v.MovedAt = c.moment(r.Said, now), c.moment(r.Was, now), c.moment(r.Moved, now)
	v.SetBy, v.RecordedAfter, v.Left = r.SetBy, r.RecordedAfter, r.Left
	v.Household, v.Discussed = r.Household, c.discussedView(r.Discussed, now)
	// A message may wait for office hours or for the mail server, so what it says
	// goes by the time now, not by the rung alone.
	switch late := now.Sub(r.Due); {
	case late > dueNowFor, late > 0 && r.Rung != "due":
		v.Overdue, v.Still = true, r.Rung == "again"
	case late >= 0:
		v.DueNow = true
	default:
		v.New, v.DateSet = r.Rung == "start", r.Rung == "set"
	}
	dates := r.Rung == "set" || v.Was.Set || v.RecordedAfter != ""
	return v, c.sayAll(&v, []sentence{
		{"label", &v.Label, true}, {"lead", &v.Lead, true}, {"when", &v.When, true}, {"whose", &v.Whose, true},
		{"known", &v.Known, v.Discussed != nil || len(v.Household) > 0}, {"window", &v.Window, v.OpensFrom.Set}, {"merged", &v.Merged, r.Merged},
		{"dates", &v.Dates, dates}, {"said", &v.Said, !r.Said.IsZero()}, {"background", &v.Background, true},
		{"sms-record", &v.Record, v.Mine},
	})
}

// discussedView is a Discussed with its time in words.
type discussedView struct {
	At                    moment
	Concern, SeenByOthers string
}

func (c *Composer) discussedView(d *Discussed, now time.Time) *discussedView {
	if d == nil {
		return nil
	}
	return &discussedView{c.moment(d.At, now), d.Concern, d.SeenByOthers}
}

// sentence is one sentence of words.tmpl and where it goes, if it applies.
type sentence struct {
	name    string
	to      *string
	applies bool
}

func (c *Composer) sayAll(v *reminderView, sentences []sentence) (err error) {
	for _, s := range sentences {
		if s.applies && err == nil {
			*s.to, err = c.words(s.name, v)
		}
	}
	return err
}

// alertView is an Alert with its time in words; Action is its title inside a
// sentence.
type alertView struct {
	Title, Action, Text string

	Says     string
	CaseRef  string
	Link     string
	Channel  string
	Reason   string
	Since    moment
	Waiting  int
	File     string
	Files    string
	People   []string
	More     int // people who are not named
	By       string
	Own      bool
	Visited  []string
	Cases    []string
	HasPages bool
}

func (c *Composer) alertView(now time.Time, a *Alert) (alertView, error) {
	v := alertView{
		Title: a.Title, Text: a.Text, Says: a.Says, CaseRef: a.CaseRef, Link: cmp.Or(c.link(a.CaseRef), c.recordLink(a.CaseRef)), HasPages: c.settings.PublicURL != "",
		Channel: a.Channel, Reason: strings.TrimSuffix(a.Reason, "."), Since: c.moment(a.Since, now), Waiting: a.Waiting,
		File: a.File, Files: a.Files, People: slices.Clone(a.People), More: max(0, a.Waiting-len(a.People)), By: a.By, Own: a.Own,
		Visited: a.Visited, Cases: a.Cases,
	}
	if a.Says != "" {
		title, err := c.words("alert-title", &v)
		if err != nil {
			return v, err
		}
		text, err := c.words("alert-text", &v)
		if err != nil {
			return v, err
		}
		v.Title, v.Text = strings.TrimSpace(title), strings.TrimSpace(text)
	}
	v.Action = inline(v.Title)
	return v, nil
}

// answerView is an Answer; Action is the duty's title inside a sentence.
type answerView struct {
	Says, Code, CaseRef, Action, Link string

	RecordSystem string // as in view
	HasPages     bool
	Several      bool
}

func (c *Composer) view(now time.Time, m Message) (*view, error) {
	v := &view{
		Organisation: c.settings.OrganisationName,
		Service:      c.settings.ServiceName,
		Home:         c.settings.PublicURL,
		RecordSystem: c.settings.RecordSystem,
		HasPages:     c.settings.PublicURL != "",
		ReplyCode:    m.ReplyCode,
	}
	slices.SortStableFunc(m.Reminders, func(a, b Reminder) int {
		return cmp.Or(a.seriousness()-b.seriousness(), a.Due.Compare(b.Due), strings.Compare(a.CaseRef, b.CaseRef))
	})
	v.Reminders = make([]reminderView, len(m.Reminders))
	for i := range m.Reminders {
		r, err := c.reminderView(now, &m.Reminders[i])
		if err != nil {
			return nil, err
		}
		if m.Channel == BySMS { // which has room for one
			r.Link = cmp.Or(r.Link, r.RecordLink)
		}
		r.Number = i + 1
		v.Urgent = v.Urgent || r.Urgent
		if r.Overdue {
			v.Late++
		}
		v.Reminders[i] = r
	}
	if len(v.Reminders) > 0 {
		v.First, v.Several = &v.Reminders[0], len(v.Reminders) > 1
		v.Also = otherCases(m.Reminders)
		v.CanDone = !v.Several && m.Reminders[0].CanDone
		v.AllMine = !slices.ContainsFunc(v.Reminders, func(r reminderView) bool { return !r.Mine })
	}
	var err error
	if v.Several {
		if err = c.sayOnce(v); err != nil {
			return nil, err
		}
	}
	if m.Digest != nil {
		if v.Digest, err = c.digestView(m.Digest); err != nil {
			return nil, err
		}
	}
	if m.Alert != nil {
		if v.Alert, err = c.alertView(now, m.Alert); err != nil {
			return nil, err
		}
	}
	if a := m.Answer; a != nil {
		v.Answer = answerView{a.Says, a.Code, a.CaseRef, inline(a.Title), cmp.Or(c.link(a.CaseRef), c.recordLink(a.CaseRef)), c.settings.RecordSystem, c.settings.PublicURL != "", false}
	}
	if m.Test != nil {
		v.Test = *m.Test
	}
	return v, nil
}

// sayOnce has what several reminders would each say said once: whose they are to do, and
// why they stand for others, where that is the same for all; the links to a case, and what
// is known of it, with the first reminder about it.
func (c *Composer) sayOnce(v *view) error {
	all := *v.First
	all.Several = true
	whose, merged := all.Whose, all.Merged
	linked, known := map[string]bool{}, map[string]bool{}
	for i := range v.Reminders {
		r := &v.Reminders[i]
		if r.Whose != whose {
			whose = ""
		}
		if r.Merged != merged {
			merged = ""
		}
		if linked[r.CaseRef] {
			r.Link, r.RecordLink = "", ""
		}
		if linked[r.AnswerLink] {
			r.AnswerLink = ""
		}
		linked[r.CaseRef], linked[r.AnswerLink] = true, true
		if known[r.CaseRef+r.Known] {
			r.Known = ""
		}
		known[r.CaseRef+r.Known] = true
	}
	for i := range v.Reminders {
		r := &v.Reminders[i]
		r.Several = true
		if whose != "" {
			r.Whose = ""
		}
		if merged != "" {
			r.Merged = ""
		}
	}
	return c.sayAll(&all, []sentence{{"whose", &v.Whose, whose != ""}, {"merged", &v.Merged, merged != ""}, {"sms-record", &v.First.Record, v.First.Mine}})
}

// seriousness is lower the more serious a reminder is.
func (r *Reminder) seriousness() int {
	switch {
	case r.Immediate:
		return 0
	case r.Urgent:
		return 1
	}
	return 2
}

// otherCases names the cases of reminders but the first's, each once.
func otherCases(all []Reminder) string {
	named := map[string]bool{all[0].CaseRef: true}
	var refs []string
	for i := range all {
		if ref := all[i].CaseRef; !named[ref] {
			named[ref] = true
			refs = append(refs, ref)
		}
	}
	return strings.Join(refs, ", ")
}

// link is the case's page, or nothing when there are no pages.
func (c *Composer) link(caseRef string) string {
	if c.settings.PublicURL == "" || caseRef == "" {
		return ""
	}
	return c.settings.PublicURL + "/cases/" + url.PathEscape(caseRef)
}

// recordLink opens the case in the record system; empty where nobody knows how.
func (c *Composer) recordLink(caseRef string) string {
	return RecordLink(c.settings.RecordLink, caseRef)
}

// RecordLink is the address of a case in the record system, LinkReference standing for its
// reference in link; empty where either is.
func RecordLink(link, caseRef string) string {
	if link == "" || caseRef == "" {
		return ""
	}
	// In a path, a query and behind a number sign alike.
	return strings.Replace(link, LinkReference, strings.ReplaceAll(url.QueryEscape(caseRef), "+", "%20"), 1)
}

// inline lets a title stand inside a sentence: "See the child" becomes "see the
// child", "C&F visit" stays.
func inline(title string) string {
	first, size := utf8.DecodeRuneInString(title)
	second, _ := utf8.DecodeRuneInString(title[size:])
	if unicode.IsLower(second) || second == ' ' {
		return string(unicode.ToLower(first)) + title[size:]
	}
	return title
}
