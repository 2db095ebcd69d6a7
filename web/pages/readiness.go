package pages

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// Service is what whoever runs the daemon is shown of it.
type Service struct {
	Schedules     map[string]string // cron expressions, by the names of the schedules
	Checks        func(ctx context.Context) []Check
	Configuration func() (string, error) // the one in force, secrets hidden
}

// Check is one of the things that /readyz looks at.
type Check struct {
	Name string // as in /readyz
	OK   bool
	Says string
	Idle bool // nothing leaves by this channel, as it is configured
}

// readinessSheet is who would be reached now, for those who oversee teams, and how the
// daemon does, for those who run it.
type readinessSheet struct {
	Oversees, Operates bool

	*casefile.Readiness // of the teams that they oversee: so many of them, behind a place
	InAll               int
	After               string // the page begins behind this team; empty: with the first
	Next                string // the address of the next page; empty: this is the last
	Deaf                []deafTeam
	DeafMore            int // teams of which nobody would hear something, beside those that are listed

	Service       bool // there is a daemon
	Wrong         int  // of the checks
	Checks        []Check
	Schedules     []shownSchedule
	Files         []*shownArrival
	Configuration string
}

// deafTeam is what nobody of a team would hear.
type deafTeam struct {
	Team  string
	Roles []casefile.RoleReached
}

type shownSchedule struct {
	Name, Expression string
	store.ScheduleState
	Failed bool // the last run that has ended
	Counts map[string]int
}

type shownArrival struct {
	store.Arrival
	IsLate bool
}

// Every says how often a file is expected.
func (a *shownArrival) Every() string {
	if a.Within%time.Hour == 0 {
		return pathway.Counted(int(a.Within/time.Hour), "hour")
	}
	return pathway.Counted(int(a.Within/time.Minute), "minute")
}

func (a *app) showReadiness(v *visit) error {
	if err := v.enter("readiness", pathway.DeedOversee, pathway.DeedAdminister); err != nil {
		return err
	}
	s := &readinessSheet{Oversees: whoMay(pathway.DeedOversee)(v.who), Operates: whoMay(pathway.DeedAdminister)(v.who)}
	if s.Oversees {
		if err := v.readReached(s); err != nil {
			return err
		}
	}
	if s.Operates {
		if err := v.readService(s); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, "readiness", s)
}

// readReached reads who would be reached in the teams that somebody oversees.
func (v *visit) readReached(s *readinessSheet) error {
	teams, err := v.Store.TeamsOf(v.ctx(), v.who)
	if err != nil {
		return err
	}
	if s.Readiness, err = casefile.ReadReadiness(v.ctx(), v.Store, v.Rules, v.DutyDesk, v.waysHere(), append([]string{}, teams...), v.now); err != nil {
		return err
	}
	deaf := s.Unheard()
	for _, team := range slices.Sorted(maps.Keys(deaf)) {
		if len(s.Deaf) == mostTeams {
			s.DeafMore = len(deaf) - mostTeams
			break
		}
		s.Deaf = append(s.Deaf, deafTeam{team, deaf[team]})
	}
	s.page(v.r.URL.Query().Get("after"))
	return nil
}

// mostTeams is how many teams a page shows.
const mostTeams = 10

// page leaves the teams behind a place, as many as a page shows.
func (s *readinessSheet) page(after string) {
	s.InAll, s.After = len(s.Teams), after
	s.Teams = slices.DeleteFunc(s.Teams, func(t casefile.TeamReadiness) bool { return after != "" && t.Team <= after })
	if len(s.Teams) > mostTeams {
		s.Teams = s.Teams[:mostTeams]
		s.Next = "/readiness?" + url.Values{"after": {s.Teams[mostTeams-1].Team}}.Encode()
	}
}

// waysHere are how messages leave. The demo, which sends none, shows how it would be if
// they left.
func (v *visit) waysHere() casefile.Ways {
	if v.Demo {
		return nil
	}
	return v.Ways
}

// readService reads how the daemon does.
func (v *visit) readService(s *readinessSheet) error {
	arrivals, err := v.Store.Arrivals(v.ctx())
	if err != nil {
		return err
	}
	for _, a := range arrivals {
		s.Files = append(s.Files, &shownArrival{a, a.Late(v.now)})
	}
	if s.Service = v.Service != nil; !s.Service {
		return nil
	}
	s.Checks = v.Service.Checks(v.ctx())
	for i := range s.Checks {
		c := &s.Checks[i]
		if !c.OK {
			s.Wrong++
		} else if why := v.Ways[c.Name]; why != "" { // channels are called alike there
			c.Says, c.Idle = why, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.Service.Schedules)) {
		shown := shownSchedule{Name: name, Expression: v.Service.Schedules[name]}
		if shown.ScheduleState, err = v.Store.Schedule(v.ctx(), name); err != nil {
			return err
		}
		runs, err := v.Store.Runs(v.ctx(), name, 2)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(runs, func(r store.RunRecord) bool { return !r.Ended.IsZero() }); i >= 0 {
			shown.Failed, shown.Counts = runs[i].Error != "", runs[i].Counts
		}
		s.Schedules = append(s.Schedules, shown)
	}
	s.Configuration, err = v.Service.Configuration()
	return err
}
