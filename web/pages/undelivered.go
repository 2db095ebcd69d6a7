package pages

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// undeliveredSheet is the call sheet, as far as it is about the cases of whoever looks: so
// many lines, behind others.
type undeliveredSheet struct {
	*casefile.Sheet
	InAll   int             // lines
	Behind  int             // lines that stand before these
	Next    string          // the address of those behind them; empty: there are none
	mayTell map[string]bool // cases on which whoever looks may say that somebody was told
	Saved   *toldByPhone    // nil: nothing
}

// toldByPhone is of which case somebody was just told by phone, and the event that says so.
type toldByPhone struct{ Ref, Event string }

// MayTell reports whether whoever looks may say that somebody was told of a line's case.
func (s *undeliveredSheet) MayTell(ref string) bool { return s.mayTell[ref] }

// ID is an id for what is saved of a line, and no other.
func (s *undeliveredSheet) ID() string { return newID() }

// AllDelivered reports whether nothing is left to be told. What is on its way is every
// team's: it is not said here that all has arrived before it has.
func (s *undeliveredSheet) AllDelivered() bool {
	return s.Hidden == 0 && s.InAll == 0 && s.Sheet.AllDelivered()
}

func (a *app) showUndelivered(v *visit) error {
	if err := v.enter("undelivered", pathway.DeedOversee); err != nil {
		return err
	}
	s := &undeliveredSheet{mayTell: map[string]bool{}}
	if text := v.r.URL.Query().Get("behind"); text != "" {
		var err error
		if s.Behind, err = strconv.Atoi(text); err != nil || s.Behind < 0 {
			return unknownField{"behind"}
		}
	}
	scope := pathway.ScopeOf(v.who, pathway.DeedLook)
	var err error
	if s.Sheet, err = casefile.CallSheet(v.ctx(), v.Store, v.Rules, v.DutyDesk(v.who.Team), v.Ways, casefile.Concerning{Scope: &scope}, v.now); err != nil {
		return err
	}
	cases, err := v.Store.AccessCases(v.ctx(), s.page())
	if err != nil {
		return err
	}
	for i := range cases {
		s.mayTell[cases[i].Ref] = v.may(tellsByPhone, &cases[i].On)
	}
	if said := strings.Split(v.sessions.PopString(v.ctx(), sessionSaved), "\n"); said[0] == "told" && len(said) == 3 {
		s.Saved = &toldByPhone{said[1], said[2]}
	}
	return v.show(http.StatusOK, "undelivered", s)
}

// mostUndelivered is how many lines a page shows.
const mostUndelivered = 50

// page leaves the lines that the page shows, and returns which cases they are about.
func (s *undeliveredSheet) page() (refs []string) {
	s.InAll = len(s.Lines)
	s.Lines = s.Lines[min(s.Behind, s.InAll):]
	if len(s.Lines) > mostUndelivered {
		s.Lines = s.Lines[:mostUndelivered]
		s.Next = fmt.Sprintf("/undelivered?behind=%d", s.Behind+mostUndelivered)
	}
	for i := range s.Lines {
		refs = append(refs, s.Lines[i].Case)
	}
	return distinct(refs)
}

// tellsByPhone is what whoever has told somebody by phone says: that they know of the duty.
var tellsByPhone = pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindAcknowledged}

// tellByPhone takes down that somebody was told by phone of what a message was to say that
// did not arrive. It stands on the case, and can be undone there. Said again it is what was
// said before.
func (a *app) tellByPhone(v *visit) error {
	a.acknowledging.Lock() // two clicks at once: the second finds what the first has said
	defer a.acknowledging.Unlock()
	v.now = a.Now() // it may have waited
	if err := v.enter("undelivered", pathway.DeedOversee); err != nil {
		return err
	}
	ref := v.r.PathValue("ref")
	if _, err := v.allowed(ref, tellsByPhone); err != nil {
		return err
	}
	line, err := v.undeliveredLine(ref, v.r.PathValue("duty"), v.r.PostForm.Get("message"))
	if err != nil {
		return err
	}
	if line == nil {
		return pathway.NewProblem(pathway.Conflict, "nothing like that waits to be told of %s any more: look at what was not delivered again", ref)
	}
	if line.Known != nil {
		return v.goTo("/undelivered")
	}
	e := v.event(ref, v.r.PostForm.Get("event_id"), pathway.KindAcknowledged, v.now.Truncate(time.Millisecond))
	e.Value, e.Reason = line.Duty, "told by phone in place of the "+pathway.ChannelInWords(line.Channel)+" to "+v.staff.nameOf(line.Person)
	if _, err := v.Store.Record(v.ctx(), v.now, v.person.ID, []pathway.Event{e}, store.RecordOptions{Rules: v.Rules, Way: pathway.WayPage}); err != nil {
		return err
	}
	v.sessions.Put(v.ctx(), sessionSaved, "told\n"+ref+"\n"+e.ID)
	return v.goTo("/undelivered")
}

// undeliveredLine finds what did not arrive of a case; nil: it has by now, or is about
// nothing that is open.
func (v *visit) undeliveredLine(ref, duty, message string) (*casefile.CallLine, error) {
	sheet, err := casefile.CallSheet(v.ctx(), v.Store, v.Rules, nil, nil, casefile.Concerning{Case: ref}, v.now)
	if err != nil {
		return nil, err
	}
	for i := range sheet.Lines {
		if l := &sheet.Lines[i]; l.Duty == duty && strconv.FormatInt(l.Message, 10) == message {
			v.staff.names = sheet.Names
			return l, nil
		}
	}
	return nil, nil
}
