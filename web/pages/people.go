package pages

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// peopleSheet is the people whom somebody looks after: as their manager, when they are
// away and who stands in; as admin staff, where they are written to.
type peopleSheet struct {
	Absence, Contacts bool
	People            []colleague // so many of them, in order of name, behind a place
	InAll             int
	Behind, Next      string // the ids behind whom the page and the next one begin; empty: with the first, and there is none
}

// mostPeople is how many people a page lists.
const mostPeople = 50

// colleague is a member of staff, and who gets what is for them now.
type colleague struct {
	pathway.Person
	Away    bool
	Reached string // by id; empty: nobody of the people list
}

// personSheet is one of them, with the forms for what whoever looks may change.
type personSheet struct {
	peopleSheet
	*form
	colleague
	Staff     []pathway.Person // who can stand in
	Meanwhile string           // who gets what is for them when they are away as the form says; empty: nobody
	Changed   bool             // somebody has changed it since the form was made
	Last      []store.Change   // what was changed last
	Back      bool             // the form holds what was before
	Saved     bool
}

var (
	absenceFields = []string{"away_from", "away_until", "cover"}
	contactFields = []string{"email", "mobile", "channel"}
)

// team returns the people whom whoever is signed in looks after, in order of name.
func (v *visit) team(page string) (*peopleSheet, []pathway.Person, error) {
	if err := v.enter(page, pathway.DeedOversee, pathway.DeedStaffContacts); err != nil {
		return nil, nil, err
	}
	people, err := v.lookedAfter(pathway.DeedOversee, pathway.DeedStaffContacts)
	people = slices.DeleteFunc(people, func(p pathway.Person) bool { return !p.ActiveUntil.IsZero() && p.Left(v.now) })
	slices.SortFunc(people, func(a, b pathway.Person) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return &peopleSheet{Absence: whoMay(pathway.DeedOversee)(v.who), Contacts: whoMay(pathway.DeedStaffContacts)(v.who)}, people, err
}

// lookedAfter returns the people of the teams in which somebody may do one of these deeds:
// their own, and those of whom they stand in for.
func (v *visit) lookedAfter(deeds ...pathway.Deed) (all []pathway.Person, err error) {
	known := map[string]bool{}
	for _, post := range pathway.PostsFor(v.who, deeds...) {
		people, err := v.Store.TeamOf(v.ctx(), post.Person, post.Team)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if !known[p.ID] {
				known[p.ID], all = true, append(all, p)
			}
		}
	}
	return all, nil
}

// directory is who gets what is for whom, of some people and those who stand in for them.
func (v *visit) directory(people []pathway.Person) (*pathway.Directory, error) {
	dir := &pathway.Directory{People: map[string]*pathway.Person{}, DutyDesk: v.DutyDesk}
	for next := people; len(next) > 0; {
		var ids []string
		for i := range next {
			p := &next[i]
			if dir.People[p.ID] == nil {
				dir.People[p.ID] = p
			}
		}
		for i := range next {
			if cover := next[i].Cover; cover != "" && dir.People[cover] == nil {
				ids = append(ids, cover)
			}
		}
		if next = nil; len(ids) > 0 {
			var err error
			if next, err = v.Store.PeopleOf(v.ctx(), distinct(ids)); err != nil {
				return nil, err
			}
		}
	}
	return dir, nil
}

func (v *visit) colleague(dir *pathway.Directory, p *pathway.Person, at time.Time) colleague {
	c := colleague{Person: *p, Away: p.Away(at)}
	if there := dir.Present(p.ID, at); there != nil {
		c.Reached = there.ID
	}
	return c
}

func (a *app) showPeople(v *visit) error {
	s, people, err := v.team("people")
	if err != nil {
		return err
	}
	people = s.page(people, v.r.URL.Query().Get("behind"))
	dir, err := v.directory(people)
	if err != nil {
		return err
	}
	for i := range people {
		s.People = append(s.People, v.colleague(dir, &people[i], v.now))
	}
	return v.show(http.StatusOK, "people", s)
}

// page is the people of a page, of all in order.
func (s *peopleSheet) page(all []pathway.Person, behind string) []pathway.Person {
	s.InAll = len(all)
	at := slices.IndexFunc(all, func(p pathway.Person) bool { return p.ID == behind })
	if at >= 0 {
		s.Behind = behind
	}
	all = all[at+1:]
	if len(all) > mostPeople {
		all = all[:mostPeople]
		s.Next = all[mostPeople-1].ID
	}
	return all
}

// mostStandIns is how many people can be chosen from to stand in for somebody; where more
// are looked after, those of their own team can, and those of their level beside them.
const mostStandIns = 200

// mayStandIn are those who can be chosen to stand in for somebody, of all whom whoever is
// signed in looks after.
func mayStandIn(of *pathway.Person, all []pathway.Person) (staff []pathway.Person) {
	for _, p := range all {
		near := p.ID == of.Cover || p.ID == of.ReportsTo || p.Team != "" && p.Team == of.Team || p.ReportsTo != "" && p.ReportsTo == of.ReportsTo
		if p.ID != of.ID && p.Role != pathway.Admin && p.Role != pathway.Chair && (near || len(all) <= mostStandIns) {
			staff = append(staff, p)
		}
	}
	return staff
}

// personSheet finds one of the people whom whoever is signed in looks after.
func (v *visit) personSheet(filled *form) (*personSheet, error) {
	team, people, err := v.team("people")
	if err != nil {
		return nil, err
	}
	place := slices.IndexFunc(people, func(p pathway.Person) bool { return p.ID == v.r.PathValue("person") })
	if place < 0 {
		return nil, v.refuse("", pathway.Action{Do: pathway.DeedOversee}, string(pathway.NotTheirs))
	}
	dir, err := v.directory(people[place : place+1])
	if err != nil {
		return nil, err
	}
	s := &personSheet{peopleSheet: *team, form: filled, colleague: v.colleague(dir, &people[place], v.now)}
	s.Staff = mayStandIn(&people[place], people)
	changes, err := v.Store.ChangesOfPerson(v.ctx(), s.ID)
	for _, c := range slices.Backward(changes) {
		if mine := s.Absence && slices.Contains(absenceFields, c.Field) || s.Contacts && slices.Contains(contactFields, c.Field); !mine {
			continue
		}
		if len(s.Last) > 0 && !s.Last[0].At.Equal(c.At) {
			break
		}
		s.Last = append(s.Last, c)
	}
	if !s.AwayFrom.IsZero() {
		if there := dir.Present(s.ID, latest(s.AwayFrom, v.now)); there != nil {
			s.Meanwhile = there.ID
		}
	}
	return s, err
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// IsOfStaff reports whether somebody is among those who can be chosen to stand in.
func (s *personSheet) IsOfStaff(id string) bool {
	return slices.ContainsFunc(s.Staff, func(p pathway.Person) bool { return p.ID == id })
}

// AddressChanged reports whether what was changed last is where they are written to, of
// which others are told; BeforeToo, whether there was an address before, which is told as well.
func (s *personSheet) AddressChanged() bool {
	return slices.ContainsFunc(s.Last, func(c store.Change) bool { return pathway.IsStaffAddress(c.Field) })
}

func (s *personSheet) BeforeToo() bool {
	return slices.ContainsFunc(s.Last, func(c store.Change) bool { return pathway.IsStaffAddress(c.Field) && c.Old != "" })
}

// Version is another as soon as something about the person is.
func (s *personSheet) Version() string {
	sum := sha256.Sum256(fmt.Append(nil, s.Email, "\n", s.Mobile, "\n", s.Channel, "\n", s.Cover, "\n", s.AwayFrom.UnixMilli(), s.AwayUntil.UnixMilli()))
	return hex.EncodeToString(sum[:8])
}

// day is a day as the forms hold it; empty for none.
func (v *visit) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return v.Rules.Calendar.DateOf(t).String()
}

// fillIn has the forms say what is known, or with back what was before the last change.
func (v *visit) fillIn(s *personSheet) {
	p := s.Person
	if s.Back = v.r.URL.Query().Has("back") && len(s.Last) > 0; s.Back {
		for _, c := range s.Last {
			p.TakeBack(c.Field, c.Old)
		}
	}
	s.form = &form{values: url.Values{"away_from": {v.day(p.AwayFrom)}, "away_until": {v.day(p.AwayUntil)}, "cover": {p.Cover},
		"email": {p.Email}, "mobile": {p.Mobile}, "channel": {cmp.Or(p.Channel, pathway.ChannelEmail)}}}
	s.Saved = v.sessions.PopString(v.ctx(), sessionSaved) == "person "+p.ID
}

func (a *app) showPerson(v *visit) error {
	held, err := v.heldForm()
	if err != nil {
		return err
	}
	s, err := v.personSheet(held)
	if err != nil {
		return err
	}
	if held == nil || held.Lost {
		v.fillIn(s)
		s.Lost = held != nil
	}
	return v.show(http.StatusOK, "people-person", s)
}

// saveAbsence saves when somebody is away and who stands in for them.
func (a *app) saveAbsence(v *visit) error {
	return v.savePerson(pathway.DeedOversee, absenceFields, func(s *personSheet, p *pathway.Person) {
		p.AwayFrom, p.AwayUntil, p.Cover = v.dayOf(s, "away_from"), v.dayOf(s, "away_until"), s.Value("cover")
		if !p.AwayUntil.IsZero() && p.AwayUntil.Before(p.AwayFrom) {
			s.wrong("away_until", "before-leave")
		}
	})
}

// saveContacts saves where somebody is written to.
func (a *app) saveContacts(v *visit) error {
	return v.savePerson(pathway.DeedStaffContacts, contactFields, func(s *personSheet, p *pathway.Person) {
		p.Email, p.Mobile, p.Channel = strings.TrimSpace(s.Value("email")), strings.TrimSpace(s.Value("mobile")), s.Value("channel")
	})
}

// dayOf reads the start of a day that a form gives; zero where it gives none.
func (v *visit) dayOf(s *personSheet, field string) time.Time {
	text := strings.TrimSpace(s.Value(field))
	if text == "" {
		return time.Time{}
	}
	day, ok := parseDay(text, v.local(), true)
	if !ok {
		s.wrong(field, "day-ahead")
		return time.Time{}
	}
	return v.Rules.Calendar.StartOf(day)
}

// savePerson changes these fields of a person as a row of a file would.
func (v *visit) savePerson(do pathway.Deed, fields []string, read func(*personSheet, *pathway.Person)) error {
	if !whoMay(do)(v.who) {
		return v.refuse("", pathway.Action{Do: do}, string(pathway.NotInRole))
	}
	s, err := v.personSheet(&form{values: v.r.PostForm})
	if err != nil {
		return err
	}
	if err := s.knows("channel", pathway.ChannelEmail, pathway.ChannelSMS); err != nil {
		return err
	}
	p := pathway.Person{ID: s.ID}
	read(s, &p)
	if s.Value("version") != s.Version() {
		s.Changed = true
		return v.show(http.StatusConflict, "people-person", s)
	}
	if len(s.Errors) > 0 {
		return v.show(http.StatusUnprocessableEntity, "people-person", s)
	}
	what := "leave and cover of "
	if do == pathway.DeedStaffContacts {
		what = "contact details of "
	}
	if err := v.audit("", string(pathway.DeedRecord), what+s.ID, ""); err != nil {
		return err
	}
	faults, err := v.Store.ChangePerson(v.ctx(), v.now, v.person.ID, v.Rules, p, pathway.GivenBy(pathway.OfPeople, fields))
	if err != nil {
		return err
	}
	for _, f := range faults {
		s.says(f.Column, f.Message)
	}
	if len(s.Errors) > 0 {
		return v.show(http.StatusUnprocessableEntity, "people-person", s)
	}
	v.sessions.Put(v.ctx(), sessionSaved, "person "+s.ID)
	return v.goTo("/people/" + url.PathEscape(s.ID))
}
