package pages

import (
	"net/http"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Kept is for how long a kind of data is kept.
type Kept struct {
	Kind string // as configured under retention
	For  string // such as "1 year"; empty: for ever
}

// helpPages are those that say how Doorstep is used, and what it keeps.
func (a *app) helpPages() map[string]page {
	return map[string]page{"GET /help": a.showHelp, "GET /privacy": a.showPrivacy}
}

// helpSheet is how to use Doorstep.
type helpSheet struct {
	Visits   bool // they make visits, or answer for those who do
	Outcomes []string
	Manager  string          // whom they report to, by id; empty: nobody
	Desk     *pathway.Person // the duty address of their team; nil: none is configured
}

func (a *app) showHelp(v *visit) error {
	s := helpSheet{Visits: hasDuties(v.who), Outcomes: outcomes, Manager: v.person.ReportsTo, Desk: v.DutyDesk(v.person.Team)}
	return v.show(http.StatusOK, "help", s)
}

// privacySheet is what Doorstep keeps, for how long, and who sees it.
type privacySheet struct {
	Kept     []Kept
	Auditors []store.ServiceRights
	Idle     int // minutes after which somebody who does nothing is signed out
}

func (a *app) showPrivacy(v *visit) error {
	rights, err := v.Store.AllRights(v.ctx())
	if err != nil {
		return err
	}
	s := &privacySheet{Kept: v.Kept, Idle: int(v.Idle.Minutes())}
	for _, r := range rights {
		if r.Audits && (r.Ends.IsZero() || r.Ends.After(v.now)) {
			s.Auditors = append(s.Auditors, r)
		}
	}
	return v.show(http.StatusOK, "privacy", s)
}
