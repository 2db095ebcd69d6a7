package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// mostMoved is how many cases go to another practitioner at once.
const mostMoved = 200

// casesOfSheet is the cases of one practitioner, to be given to another.
type casesOfSheet struct {
	*form
	Person  *pathway.Person
	Cases   []string
	More    bool // there are more than are shown
	Hidden  int  // restricted ones, which whoever looks cannot open
	Others  []pathway.Person
	FormID  string
	Changed bool   // some of those ticked are somebody else's by now
	Moved   *moved // what was just saved
}

// moved is which cases have just gone from one practitioner to another.
type moved struct {
	From, To string
	Refs     []string
}

// Back is the address of the form that gives them back.
func (m *moved) Back() string {
	return "/people/" + url.PathEscape(m.To) + "/cases?" + url.Values{"to": {m.From}, "ref": m.Refs}.Encode()
}

func (v *visit) casesOfSheet(filled *form) (*casesOfSheet, error) {
	if err := v.enter("cases of somebody", pathway.DeedOversee); err != nil {
		return nil, err
	}
	people, err := v.lookedAfter(pathway.DeedOversee)
	if err != nil {
		return nil, err
	}
	s := &casesOfSheet{form: filled, FormID: newID()}
	for i := range people {
		switch p := &people[i]; {
		case p.ID == v.r.PathValue("person"):
			s.Person = p
		case p.Role == pathway.Practitioner && !p.Left(v.now):
			s.Others = append(s.Others, *p)
		}
	}
	if s.Person == nil {
		return nil, v.refuse("", pathway.Action{Do: pathway.DeedDecide}, string(pathway.NotTheirs))
	}
	found, err := v.Store.CasesOf(v.ctx(), s.Person.ID, mostMoved+1)
	for _, c := range found {
		switch may, because := pathway.May(v.who, pathway.Action{Do: pathway.DeedDecide}, &c.On); {
		case may:
			s.Cases = append(s.Cases, c.Ref)
		case because == pathway.IsClosedOff:
			s.Hidden++
		}
	}
	if s.More = len(s.Cases) > mostMoved; s.More {
		s.Cases = s.Cases[:mostMoved]
	}
	return s, err
}

func (a *app) showCasesOf(v *visit) error {
	filled, err := v.heldForm()
	if err != nil {
		return err
	}
	if filled == nil {
		filled = &form{values: v.r.URL.Query()}
	}
	s, err := v.casesOfSheet(filled)
	if err != nil {
		return err
	}
	if said := strings.Split(v.sessions.PopString(v.ctx(), sessionSaved), "\n"); said[0] == "moved" && len(said) > 4 {
		s.Moved = &moved{said[2], said[3], said[4:]}
	}
	if err := s.knows("to", append(idsOf(s.Others), s.Person.ID)...); err != nil {
		return err
	}
	status := http.StatusOK
	if s.Changed = slices.ContainsFunc(s.values["ref"], func(ref string) bool { return !slices.Contains(s.Cases, ref) }); s.Changed {
		status = http.StatusConflict
	}
	return v.show(status, "people-cases", s)
}

// moveCases gives cases to another practitioner, all that were ticked or none, and tells
// both.
func (a *app) moveCases(v *visit) error {
	s, err := v.casesOfSheet(&form{values: v.r.PostForm})
	if err != nil {
		return err
	}
	here := "/people/" + url.PathEscape(s.Person.ID) + "/cases"
	id, to, refs := s.Value("event_id"), s.Value("to"), distinct(slices.Clone(s.values["ref"]))
	if s.Value("all") != "" { // all that were listed, and none that has come since
		refs = distinct(slices.Clone(s.values["listed"]))
	}
	if done := v.sessions.GetString(v.ctx(), sessionSaved); id != "" && strings.HasPrefix(done, "moved\n"+id+"\n") {
		return v.goTo(here) // the same form once more
	}
	if !slices.ContainsFunc(s.Others, func(p pathway.Person) bool { return p.ID == to }) {
		s.wrong("to", "who-takes")
	}
	if err := s.knows("all", "1"); err != nil {
		return err
	}
	if len(refs) == 0 || id == "" {
		s.wrong("ref", "which-cases")
	}
	if len(s.Errors) > 0 {
		return v.show(http.StatusUnprocessableEntity, "people-cases", s)
	}
	if s.Changed = slices.ContainsFunc(refs, func(ref string) bool { return !slices.Contains(s.Cases, ref) }); s.Changed {
		return v.show(http.StatusConflict, "people-cases", s)
	}
	var events []pathway.Event
	for _, ref := range refs {
		if err := v.audit(ref, string(pathway.DeedRecord), pathway.KindReallocated, ""); err != nil {
			return err
		}
		e := v.event(ref, id+"-"+ref, pathway.KindReallocated, v.now.Truncate(time.Millisecond))
		e.Value = to
		events = append(events, e)
	}
	if _, err := v.Store.Record(v.ctx(), v.now, v.person.ID, events, store.RecordOptions{Rules: v.Rules, Way: pathway.WayPage, Paper: v.Paper}); err != nil {
		return err
	}
	v.sessions.Put(v.ctx(), sessionSaved, strings.Join(append([]string{"moved", id, s.Person.ID, to}, refs...), "\n"))
	return v.goTo(here)
}
