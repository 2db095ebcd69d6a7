package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// dutiesShown is how many duties stand on one page.
const dutiesShown = 50

// dutyFields are those of the filter, and where the page begins.
var dutyFields = []string{"state", "owner", "team", "due_before", "after"}

// dutiesSheet is what is to be done on the cases that somebody may look at; the filter
// stands in the address.
type dutiesSheet struct {
	*casefile.DutyPage
	*form
	Begun bool // this is not the first page
	Teams []string
	Staff []pathway.Person // whose duties can be chosen
}

// First is the address of the first page, After that of the next one.
func (s *dutiesSheet) First() string { return s.address("") }
func (s *dutiesSheet) After() string { return s.address(s.Next) }

func (s *dutiesSheet) address(after string) string {
	query := url.Values{}
	for _, name := range dutyFields[:4] {
		if value := s.Value(name); value != "" {
			query.Set(name, value)
		}
	}
	if after != "" {
		query.Set("after", after)
	}
	return "/duties?" + query.Encode()
}

// Filtered reports whether not all is shown.
func (s *dutiesSheet) Filtered() bool {
	return s.Value("state") != "" || s.Value("owner") != "" || s.Value("team") != "" || s.Value("due_before") != ""
}

// hasDuties is whoever has a team's work on their list, and not single cases.
func hasDuties(who *pathway.Who) bool {
	return who.Serves(pathway.Practitioner, pathway.Manager, pathway.ServiceManager)
}

func (a *app) showDuties(v *visit) error {
	if !hasDuties(v.who) {
		return v.refuse("", pathway.Action{Do: pathway.DeedLook}, string(pathway.NotInRole))
	}
	if err := v.audit("", string(pathway.DeedLook), "duties", ""); err != nil {
		return err
	}
	s := &dutiesSheet{form: &form{values: v.r.URL.Query()}, DutyPage: &casefile.DutyPage{}}
	wanted := casefile.DutiesWanted{Owner: s.Value("owner"), Team: s.Value("team"), Most: dutiesShown}
	if wanted.State = pathway.State(s.Value("state")); s.knows("state", casefile.DutyStates...) != nil {
		s.wrong("state", "of-list")
	}
	var err error
	if wanted.After, err = casefile.ParseDutyPlace(s.Value("after")); err != nil {
		return unknownField{"after"}
	}
	s.Begun = wanted.After != (store.DutyPlace{})
	if text := strings.TrimSpace(s.Value("due_before")); text != "" {
		day, ok := parseDay(text, v.local(), true)
		if !ok {
			s.wrong("due_before", "day-ahead")
		}
		wanted.DueBefore = v.Rules.Calendar.StartOf(day)
	}
	if err := v.chooseFrom(s); err != nil {
		return err
	}
	if s.knows("owner", idsOf(s.Staff)...) != nil {
		s.wrong("owner", "of-list")
	}
	if s.knows("team", s.Teams...) != nil {
		s.wrong("team", "of-list")
	}
	if len(s.Errors) > 0 {
		return v.show(http.StatusUnprocessableEntity, "duties", s)
	}
	s.DutyPage, err = casefile.DutyPageIn(v.ctx(), v.Store, v.Rules, pathway.ScopeOf(v.who, pathway.DeedLook), wanted, v.now)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "duties", s)
}

func idsOf(people []pathway.Person) (ids []string) {
	for i := range people {
		ids = append(ids, people[i].ID)
	}
	return ids
}

// chooseFrom finds whose duties, and of which teams, whoever looks can choose.
func (v *visit) chooseFrom(s *dutiesSheet) (err error) {
	if whoMay(pathway.DeedOversee)(v.who) {
		s.Staff, err = v.lookedAfter(pathway.DeedOversee)
	} else {
		s.Staff, err = v.Store.PeopleOf(v.ctx(), pathway.ScopeOf(v.who, pathway.DeedLook).People)
	}
	for _, p := range s.Staff {
		if p.Team != "" && !slices.Contains(s.Teams, p.Team) {
			s.Teams = append(s.Teams, p.Team)
		}
	}
	slices.Sort(s.Teams)
	s.Staff = slices.DeleteFunc(s.Staff, func(p pathway.Person) bool { return p.Left(v.now) || p.Role == pathway.Admin })
	slices.SortFunc(s.Staff, func(a, b pathway.Person) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return err
}
