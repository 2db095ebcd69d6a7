package configs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Reach is what CheckReach found: who could not be told, and who would be told
// only by way of somebody else. People are named by their ids.
type Reach struct {
	Faults   []string // a reminder that nobody would get
	Warnings []string // a reminder that goes to somebody else instead
}

// CheckReach checks that whatever rung of whatever ladder comes due, somebody
// gets it. people are all there are; teams are those that cases name, on top of
// the people's own. now says who has left and who is away. Numbers that cannot get
// texts are found too.
func (c *Config) CheckReach(people []pathway.Person, teams []string, now time.Time) Reach {
	texts, local := c.textsGoOut()
	r := reach{byID: map[string]*pathway.Person{}, now: now, texts: texts && !local}
	for i := range people {
		r.byID[people[i].ID] = &people[i]
		teams = append(teams, people[i].Team)
	}
	c.checkTeams(&r, teams)
	for _, id := range slices.Sorted(maps.Keys(r.byID)) {
		r.person(r.byID[id])
	}
	return r.Reach
}

type reach struct {
	Reach
	byID  map[string]*pathway.Person
	now   time.Time
	texts bool // they go to real telephones
}

func (r *reach) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// checkTeams finds teams, and cases without a team, that have nobody at the end
// of the line.
func (c *Config) checkTeams(r *reach, teams []string) {
	slices.Sort(teams)
	var without []string
	for _, team := range slices.Compact(teams) {
		if team != "" && c.DutyDesk(team) == nil {
			without = append(without, team)
		}
	}
	switch {
	case c.DutyDesk("") != nil:
	case len(without) > 0:
		r.Faults = append(r.Faults, fmt.Sprintf("no duty address for %s: when the people on a case have left or are away, nobody would be told; add duty_address, or duty_email for each team under teams", strings.Join(without, ", ")))
	default:
		r.Faults = append(r.Faults, "no duty_address: on a case without a team nobody might be told; add duty_address")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Teams)) {
		if !slices.Contains(teams, name) {
			r.warn("teams.%s: no person and no case is in a team of this name: its duty address is never used", name)
		}
	}
}

// person finds what keeps reminders from one person.
func (r *reach) person(p *pathway.Person) {
	if p.Left(r.now) {
		return // their cases go to the manager
	}
	if !p.Reachable() {
		r.warn("%s has neither email nor mobile: reminders go to the next in line", p.ID)
	}
	if p.Channel == pathway.ChannelSMS && p.Mobile == "" && p.Email != "" {
		r.warn("%s chose texts but has no mobile: reminders go by email", p.ID)
	}
	r.mobile(p)
	if p.Role == pathway.Manager {
		r.manager(p)
	}
	switch cover := r.byID[p.Cover]; {
	case p.Cover == "" && p.Away(r.now):
		r.warn("%s is away without cover: reminders go to the next in line", p.ID)
	case p.Cover == "":
	case p.Cover == p.ID:
		r.warn("%s is their own cover: name somebody else", p.ID)
	case cover == nil:
		r.warn("%s is covered by %s, whom nobody knows: correct the id", p.ID, p.Cover)
	case p.Away(r.now) && r.directory().Present(p.ID, r.now) == nil:
		r.warn("%s is away, and whoever covers has left, is away or has no address: reminders go to the next in line", p.ID)
	}
}

// mobile finds a number that no text can reach. What is imported has been checked;
// what a database already holds has not.
func (r *reach) mobile(p *pathway.Person) {
	if p.Mobile == "" {
		return
	}
	number, err := pathway.ParseMobile(p.Mobile)
	switch {
	case err != nil:
		r.warn("%s's mobile: %v", p.ID, err)
	case r.texts && sampleNumber(number):
		r.warn("%s's mobile is a number kept free for drama (07700 900000 to 900999), which nobody has: correct it", p.ID)
	}
}

func (r *reach) manager(p *pathway.Person) {
	above := r.byID[p.ReportsTo]
	switch {
	case p.ReportsTo == "":
		r.warn("%s is a manager who reports to nobody: what should go to the service manager goes to the duty address; fill in reports_to", p.ID)
	case above == nil:
		r.warn("%s reports to %s, whom nobody knows: correct the id", p.ID, p.ReportsTo)
	case above.ID == p.ID:
		r.warn("%s reports to themselves: name the service manager", p.ID)
	case above.Left(r.now):
		r.warn("%s reports to %s, who has left: name the new service manager", p.ID, above.ID)
	}
}

// directory is everybody, as whoever decides who is told sees them.
func (r *reach) directory() *pathway.Directory { return &pathway.Directory{People: r.byID} }
