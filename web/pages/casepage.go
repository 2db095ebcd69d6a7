package pages

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// caseSheet is one case as its page shows it.
type caseSheet struct {
	*casefile.File
	Manager    string
	English    string // why the family is written to in English though it reads another language; empty: it is not, or does not say
	MayRecord  bool
	MayContact bool
	MayDecide  bool
	MayExport  bool
	System     string     // what staff call the record system
	RecordLink string     // opens the case there; empty: nobody knows how
	ToDo       []caseDuty // what is to be done: what is to be confirmed, then what is due first
	Counts     *caseDuty  // what counts now: the visit that is due first, or else whatever is; nil: nothing
	Until      time.Time  // when it is closed to whoever looks again; zero: it is theirs
	NextVisit  time.Time
	Grid       *triedGrid // nil: nothing was tried
	Household  []sibling
	Hidden     int                      // cases of the household that are restricted
	Calls      []casefile.PaperStanding // to make in place of cards and letters
	Paper      []casefile.PaperStanding // cards and letters
	Entries    []entry
	All        bool // every entry is shown
	Count      int  // of all entries
	Saved      *entry
	Told       *told // of what is saved; nil: not known
}

// caseDuty is a duty, and what whoever looks can do about it.
type caseDuty struct {
	*casefile.Duty
	Holder  string // who has the duty's role on the case, by id; empty: nobody
	May     bool   // record that it is done
	ByVisit bool   // what meets it first of all is a visit
	// Confirms leads to the form that records what was said by text, Denies to where that is
	// taken back; empty: nothing was, or it is not theirs to do.
	Confirms, Denies string
	// KnownID is the id of an event with which whoever looks says that they know of it;
	// empty: there is nothing to say.
	KnownID string
	// QuietUntil is when what they say they know of is said to them again: now, or as they
	// have said.
	QuietUntil time.Time
}

type sibling struct {
	store.Sibling
	May bool
}

// entry is something that stands on the timeline: an event or a message.
type entry struct {
	At       time.Time
	Event    *casefile.Event
	Way      string
	MayUndo  bool
	UndoneBy *casefile.Event
	Told     []*casefile.Reminder // of one duty, at one time
}

// shownEntries is how many entries of the timeline are shown at first.
const shownEntries = 15

func (a *app) showCase(v *visit) error {
	f, on, err := v.open(pathway.Action{Do: pathway.DeedLook})
	if err != nil {
		return err
	}
	s, err := v.caseSheet(f, on)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "case", s)
}

func (v *visit) caseSheet(f *casefile.File, on *pathway.AccessCase) (*caseSheet, error) {
	v.staff.names = f.Names
	s := &caseSheet{File: f, Manager: on.Manager, English: v.Paper.InEnglish(&f.Case), NextVisit: f.NextVisit(), Grid: v.grid(f), All: v.r.URL.Query().Has("all"),
		MayRecord:  !f.Now.Closed && v.may(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindSeen}, on),
		MayContact: v.may(pathway.Action{Do: pathway.DeedContact, Reasoned: true}, on),
		MayDecide:  !f.Now.Closed && v.may(pathway.Action{Do: pathway.DeedDecide}, on) && v.hasToDecide(f, on),
		MayExport:  v.may(pathway.Action{Do: pathway.DeedExport}, on), System: v.RecordSystem, RecordLink: notify.RecordLink(v.RecordLink, f.Case.Ref)}
	s.Until = v.until
	s.MayContact = s.MayContact || !v.until.IsZero()
	if !v.may(pathway.Action{Do: pathway.DeedDecide}, on) {
		s.Opened = nil // it is for whoever manages the case
	}
	for i := range f.Duties {
		if d := &f.Duties[i]; d.IsOpen() {
			s.ToDo = append(s.ToDo, v.caseDuty(f, d, on))
		}
	}
	slices.SortStableFunc(s.ToDo, func(a, b caseDuty) int {
		if confirm := !a.SaidAt().IsZero(); confirm == b.SaidAt().IsZero() { // what was said by text is to be confirmed first
			if confirm {
				return -1
			}
			return 1
		}
		return a.Due.Compare(b.Due)
	})
	if len(s.ToDo) > 0 {
		s.Counts = &s.ToDo[max(0, slices.IndexFunc(s.ToDo, func(d caseDuty) bool { return d.ByVisit }))]
	}
	for _, n := range f.Siblings {
		may := v.may(pathway.Action{Do: pathway.DeedLook}, &n.On)
		if n.On.Restricted && !may {
			s.Hidden++
			continue
		}
		s.Household = append(s.Household, sibling{n, may})
	}
	paper, err := f.PaperStands(v.Rules, v.app.Paper)
	if err != nil {
		return nil, err
	}
	for _, p := range paper {
		switch {
		case p.Call:
			s.Calls = append(s.Calls, p)
		case p.Kind != pathway.PaperPhone:
			s.Paper = append(s.Paper, p)
		}
	}
	s.Entries = v.entries(f, on)
	s.Count = len(s.Entries)
	if s.Saved = v.saved(s.Entries); s.Saved != nil {
		s.Told = v.toldOf(v.r.URL.Query().Get("saved"))
	}
	if !s.All && s.Count > shownEntries {
		s.Entries = s.Entries[:shownEntries]
	}
	return s, nil
}

func (v *visit) caseDuty(f *casefile.File, d *casefile.Duty, on *pathway.AccessCase) caseDuty {
	c := caseDuty{Duty: d, Holder: on.Holder(d.Owner)}
	ways := v.answers(d)
	rule := v.Rules.Rule(d.Pathway, d.Version, d.DutyID())
	c.ByVisit = rule == nil || rule.AnswerPage() == pathway.RecordPage
	c.May = slices.ContainsFunc(ways, func(kind string) bool {
		return v.may(pathway.Action{Do: pathway.DeedRecord, Kind: kind, Owner: d.Owner}, on)
	})
	if !d.SaidAt().IsZero() && (c.May || c.ByVisit && v.may(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindSeen}, on)) {
		c.Confirms = confirms(f.Case.Ref, c.ByVisit, d.DutyID(), d.SaidBy)
		c.Denies = v.deniesSaid(f, d, on)
	}
	if d.State == pathway.Overdue && v.may(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindAcknowledged}, on) {
		if known := v.knowsOf(f, d); known != nil {
			c.QuietUntil = known.At.Add(v.AcknowledgementLasts)
		} else {
			c.KnownID, c.QuietUntil = newID(), v.now.Add(v.AcknowledgementLasts)
		}
	}
	return c
}

// entries are what happened and who was told, the newest first.
func (v *visit) entries(f *casefile.File, on *pathway.AccessCase) []entry {
	var all []entry
	undone := map[string]*casefile.Event{}
	for i := range f.Events {
		if e := &f.Events[i]; e.Kind == pathway.KindVoided && !e.Voided {
			undone[e.Value] = e
		}
	}
	for i := range f.Events {
		e := &f.Events[i]
		if e.Kind == pathway.KindVoided && f.FindEvent(e.Value) != nil {
			continue // it stands at what it takes back
		}
		n := entry{At: e.At, Event: e, Way: f.Way(e)}
		if e.Voided {
			n.UndoneBy = undone[e.ID]
		}
		n.MayUndo = !e.Voided && e.ID != "" && v.may(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindVoided, Others: e.By != v.person.ID}, on)
		all = append(all, n)
	}
	type telling struct {
		duty int64
		at   int64
	}
	places := map[telling]int{}
	for i := range f.Reminders {
		r := &f.Reminders[i]
		if !r.WasTold() {
			continue
		}
		key := telling{r.Duty, r.Decided.UnixMilli()}
		place, known := places[key]
		if !known {
			place = len(all)
			places[key] = place
			all = append(all, entry{At: r.Decided})
		}
		all[place].Told = append(all[place].Told, r)
	}
	slices.SortStableFunc(all, func(a, b entry) int { return b.At.Compare(a.At) })
	return all
}

// bannerLasts is for how long a page says that something has just been saved.
const bannerLasts = 10 * time.Minute

// saved is what whoever looks has just saved, where the address says so.
func (v *visit) saved(entries []entry) *entry {
	id := v.r.URL.Query().Get("saved")
	for i := range entries {
		for _, e := range []*casefile.Event{entries[i].Event, entries[i].UndoneBy} {
			if id != "" && e != nil && e.ID == id && e.By == v.person.ID && v.now.Sub(e.Recorded) < bannerLasts {
				return &entries[i]
			}
		}
	}
	return nil
}

// triedGrid is on which days and at which times of day a visit was tried.
type triedGrid struct {
	Tries   int
	Since   time.Time
	Rows    [3][7]int // to 12, 12 to 17, from 17; from Monday on
	Untried []string  // times of day and days of which none was tried: morning, afternoon, evening, weekend
}

var partsOfDay = [...]string{"morning", "afternoon", "evening"}

func (v *visit) grid(f *casefile.File) *triedGrid {
	tries := f.Tries()
	if len(tries) == 0 {
		return nil
	}
	g := &triedGrid{Tries: len(tries), Since: tries[0].At}
	var parts [3]bool
	weekend := false
	for i := range tries {
		at := tries[i].At.In(v.Rules.Calendar.Location())
		part := 0
		switch {
		case at.Hour() >= 17:
			part = 2
		case at.Hour() >= 12:
			part = 1
		}
		day := (int(at.Weekday()) + 6) % 7
		g.Rows[part][day]++
		parts[part] = true
		weekend = weekend || day > 4
	}
	for i, tried := range parts {
		if !tried {
			g.Untried = append(g.Untried, partsOfDay[i])
		}
	}
	if !weekend {
		g.Untried = append(g.Untried, "weekend")
	}
	return g
}

// contactSheet is where a family can be reached, or the question why somebody needs it.
type contactSheet struct {
	*casefile.File
	*form
	Asks bool
}

// showContact shows where a family can be reached: to a service manager who says why.
func (a *app) showContact(v *visit) error {
	ref := v.r.PathValue("ref")
	contact := pathway.Action{Do: pathway.DeedContact, Reasoned: true}
	on, err := v.Store.AccessCase(v.ctx(), ref)
	if err != nil || !v.may(contact, on) || v.may(pathway.Action{Do: pathway.DeedContact}, on) {
		f, _, err := v.open(pathway.Action{Do: pathway.DeedContact})
		if err != nil {
			return err
		}
		return v.show(http.StatusOK, "contact", contactSheet{f, &form{}, false})
	}
	s := contactSheet{&casefile.File{Case: pathway.Case{Ref: ref}}, &form{values: v.r.PostForm}, true}
	reason := strings.TrimSpace(s.Value("reason"))
	switch {
	case !v.isPost():
		if held, err := v.heldForm(); err != nil {
			return err
		} else if held != nil {
			s.form = held
		}
		return v.show(http.StatusOK, "contact", s)
	case reason == "" || len(reason) > longestReason:
		s.wrong("reason", "reason")
		return v.show(http.StatusUnprocessableEntity, "contact", s)
	}
	if err := v.audit(ref, string(contact.Do), "", reason); err != nil {
		return err
	}
	f, err := casefile.Case(v.ctx(), v.Store, v.Rules, ref, v.now)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "contact", contactSheet{f, s.form, false})
}

// longestReason is how long a reason on the audit trail can be, in bytes.
const longestReason = 500
