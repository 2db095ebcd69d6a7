package casefile

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Readiness is who would be told now of an urgent duty, team by team, and whether they
// would hear of it.
type Readiness struct {
	At    time.Time
	Teams []TeamReadiness // in order of name; the cases without a team come first
	Names pathway.StaffNames
}

// TeamReadiness is one team's.
type TeamReadiness struct {
	Team  string
	Cases int           // that are open
	Roles []RoleReached // in order of the roles
}

// DutyAddress stands in place of a role for whoever is told when nobody else is left.
const DutyAddress pathway.Role = "duty address"

// RoleReached is who is told in place of one holder of a role.
type RoleReached struct {
	Role     pathway.Role
	Holder   string      // empty: nobody has the role
	Cases    int         // on which it is so
	Told     string      // who is told, by id: the holder, or somebody in their place; empty: nobody
	By       []ReachedBy // by which channels, and why not by others
	Answered time.Time   // when they last answered a text or acknowledged a duty; zero: never

	told *pathway.Person // who is, which need not be anybody on the people list
}

// ReachedBy is one channel by which somebody is told.
type ReachedBy struct {
	Channel string
	Not     string    // why nothing gets there; empty: it goes
	Arrived time.Time // when something last arrived at this address; zero: nothing has yet
}

// Hears reports whether an urgent message would go to somebody.
func (r *RoleReached) Hears() bool {
	return slices.ContainsFunc(r.By, func(b ReachedBy) bool { return b.Not == "" })
}

// Unheard returns what nobody would hear, by team; none where every duty would reach
// somebody.
func (r *Readiness) Unheard() map[string][]RoleReached {
	unheard := map[string][]RoleReached{}
	for i := range r.Teams {
		for _, role := range r.Teams[i].Roles {
			if !role.Hears() {
				unheard[r.Teams[i].Team] = append(unheard[r.Teams[i].Team], role)
			}
		}
	}
	return unheard
}

// Ways are how messages leave: for each channel why nothing goes by it, or empty.
type Ways map[string]string

// Nowhere is a channel by which nothing leaves, and why.
type Nowhere struct{ Channel, Why string }

// nowhere are the channels by which nothing leaves.
func (w Ways) nowhere() (all []Nowhere) {
	for _, channel := range pathway.Channels {
		if why := w[channel]; why != "" {
			all = append(all, Nowhere{channel, why})
		}
	}
	return all
}

// InOutbox is why nothing leaves by a channel that writes files.
const InOutbox = "written into the outbox, and sent to nobody"

// Why messages do not get to somebody.
const (
	NoAddress = "no address"
	Stopped   = "stopped"
)

// urgentLadder is the ladder whose duties are urgent.
const urgentLadder = "urgent"

// ReadReadiness reads who would be told now, of the cases and people of some teams; nil
// stands for all. desk gives the duty address of a team, and nil where there is none.
func ReadReadiness(ctx context.Context, db *store.Store, rules *pathway.Rules, desk func(team string) *pathway.Person, ways Ways, teams []string, now time.Time) (*Readiness, error) {
	r := &readinessReading{now: now, ladder: rules.Ladder(urgentLadder), ways: Ways{}, teams: map[string]*TeamReadiness{}}
	allocated, err := db.Allocations(ctx, teams)
	if err != nil {
		return nil, err
	}
	if r.directory.People, err = concerned(ctx, db, allocated, teams); err != nil {
		return nil, err
	}
	off, err := db.DisabledAddresses(ctx)
	if err != nil {
		return nil, err
	}
	r.directory.DutyDesk = func(team string) *pathway.Person { return withoutDisabled(desk(team), off) }
	for _, channel := range pathway.Channels {
		state, err := db.ChannelState(ctx, channel)
		if err != nil {
			return nil, err
		}
		if r.ways[channel] = ways[channel]; r.ways[channel] == "" && state.State == store.ChannelOpen {
			r.ways[channel] = Stopped
		}
	}
	r.read(allocated)
	if err := r.readIdle(ctx, db, teams); err != nil {
		return nil, err
	}
	for name := range r.teams {
		r.add(name, RoleReached{Role: DutyAddress}, r.directory.DutyDesk(name))
	}
	if err := r.readHeard(ctx, db); err != nil {
		return nil, err
	}
	return r.result(), nil
}

// concerned are those of the teams, those on their cases, and whoever stands in for any of
// them or is above them; with no teams everybody.
func concerned(ctx context.Context, db *store.Store, allocated []store.AllocatedCases, teams []string) (map[string]*pathway.Person, error) {
	known := map[string]*pathway.Person{}
	if teams == nil {
		all, err := db.ReachablePeople(ctx)
		for i := range all {
			known[all[i].ID] = &all[i]
		}
		return known, err
	}
	asked := map[string]bool{"": true}
	var next []string
	ask := func(ids ...string) {
		for _, id := range ids {
			if !asked[id] {
				asked[id], next = true, append(next, id)
			}
		}
	}
	for i := range allocated {
		ask(allocated[i].Practitioner, allocated[i].Manager, allocated[i].Chair)
	}
	for first := true; first || len(next) > 0; first, teams = false, nil {
		found, err := db.ReachableOf(ctx, next, teams)
		if err != nil {
			return nil, err
		}
		next = nil
		for i := range found {
			p := &found[i]
			asked[p.ID], known[p.ID] = true, p
		}
		for i := range found {
			ask(found[i].Cover, found[i].ReportsTo)
		}
	}
	return known, nil
}

// withoutDisabled is a duty desk without the addresses that are not used any more; nil
// where none is left.
func withoutDisabled(desk *pathway.Person, off []store.DisabledAddress) *pathway.Person {
	if desk == nil {
		return nil
	}
	d := *desk
	for i := range off {
		switch a := &off[i]; {
		case a.Channel == pathway.ChannelEmail && a.Address == d.Email:
			d.Email = ""
		case a.Channel == pathway.ChannelSMS && a.Address == d.Mobile:
			d.Mobile = ""
		}
	}
	if !d.Reachable() {
		return nil
	}
	return &d
}

// readinessReading puts a Readiness together.
type readinessReading struct {
	now       time.Time
	ladder    *pathway.Ladder
	directory pathway.Directory
	ways      Ways
	teams     map[string]*TeamReadiness
}

// rolesTold are the roles in which somebody is told, in order.
var rolesTold = []pathway.Role{pathway.Practitioner, pathway.Manager, pathway.ServiceManager, pathway.Chair}

func (r *readinessReading) read(allocated []store.AllocatedCases) {
	for i := range allocated {
		a := &allocated[i]
		r.team(a.Team).Cases += a.Cases
		for _, role := range rolesTold {
			r.tell(role, a.Allocation, a.Cases)
		}
	}
}

// readIdle adds those of the teams who have no case yet: they may be given one at any time.
func (r *readinessReading) readIdle(ctx context.Context, db *store.Store, teams []string) error {
	theirs := map[string]bool{}
	for _, team := range teams {
		theirs[team] = true
	}
	var may []*pathway.Person
	var ids []string
	for _, p := range r.directory.People {
		if (teams == nil || theirs[p.Team]) && !p.Left(r.now) && (p.Role == pathway.Practitioner || p.Role == pathway.Manager) {
			may, ids = append(may, p), append(ids, p.ID)
		}
	}
	busy, err := db.WithCases(ctx, ids)
	for _, p := range may {
		who := pathway.Allocation{Team: p.Team, Practitioner: p.ID, Manager: p.ReportsTo}
		if p.Role == pathway.Manager {
			who = pathway.Allocation{Team: p.Team, Manager: p.ID}
		}
		if !busy[p.ID] {
			r.tell(p.Role, who, 0)
		}
	}
	return err
}

func (r *readinessReading) team(name string) *TeamReadiness {
	if r.teams[name] == nil {
		r.teams[name] = &TeamReadiness{Team: name}
	}
	return r.teams[name]
}

// tell adds who is told in a role of some cases, as a scan would tell them.
func (r *readinessReading) tell(role pathway.Role, who pathway.Allocation, cases int) {
	if role == pathway.Chair && who.Chair == "" {
		return
	}
	reached := RoleReached{Role: role, Holder: r.holder(role, who), Cases: cases}
	told := pathway.Tell(r.ladder, pathway.RungRule{To: []pathway.Role{role}}, &pathway.Duty{Owner: role}, who, &r.directory, r.now)
	if len(told) == 0 {
		r.add(who.Team, reached, nil)
		return
	}
	r.add(who.Team, reached, told[0].Person)
}

// holder is who has a role on a case.
func (r *readinessReading) holder(role pathway.Role, who pathway.Allocation) string {
	switch role {
	case pathway.Practitioner:
		return who.Practitioner
	case pathway.Chair:
		return who.Chair
	case pathway.ServiceManager:
		if m := r.directory.People[who.Manager]; m != nil {
			return m.ReportsTo
		}
		return ""
	}
	return who.Manager
}

// add adds who is told, once for each holder and whoever is told in their place.
func (r *readinessReading) add(name string, reached RoleReached, told *pathway.Person) {
	if told != nil {
		reached.Told = told.ID
	}
	team := r.team(name)
	for i := range team.Roles {
		if known := &team.Roles[i]; known.Role == reached.Role && known.Holder == reached.Holder && known.Told == reached.Told {
			known.Cases += reached.Cases
			return
		}
	}
	if told != nil {
		reached.told = told
		for _, way := range waysTo(told) {
			by := ReachedBy{Channel: way.channel, Not: r.ways[way.channel]}
			if way.address == "" {
				by.Not = NoAddress
			}
			reached.By = append(reached.By, by)
		}
	}
	team.Roles = append(team.Roles, reached)
}

// wayTo is a channel with somebody's address; empty: they have none.
type wayTo struct{ channel, address string }

// waysTo are the channels in the order in which they are shown.
func waysTo(p *pathway.Person) []wayTo {
	return []wayTo{{pathway.ChannelEmail, p.Email}, {pathway.ChannelSMS, p.Mobile}}
}

// readHeard adds when whoever is told was last heard from, and when something last arrived
// with them.
func (r *readinessReading) readHeard(ctx context.Context, db *store.Store) error {
	var ids []string
	addresses, arrived := map[string][]string{}, map[string]map[string]time.Time{}
	for _, role := range r.roles() {
		if role.told == nil {
			continue
		}
		ids = append(ids, role.Told)
		for _, way := range waysTo(role.told) {
			addresses[way.channel] = append(addresses[way.channel], way.address)
		}
	}
	answered, err := db.LastAnswers(ctx, inOrder(ids))
	if err != nil {
		return err
	}
	for channel, all := range addresses {
		if arrived[channel], err = db.LastDeliveredTo(ctx, channel, inOrder(all)); err != nil {
			return err
		}
	}
	for _, role := range r.roles() {
		if role.told == nil {
			continue
		}
		role.Answered = answered[role.Told]
		for i, way := range waysTo(role.told) {
			role.By[i].Arrived = arrived[way.channel][way.address]
		}
	}
	return nil
}

// roles are those of all teams.
func (r *readinessReading) roles() (all []*RoleReached) {
	for _, team := range r.teams {
		for i := range team.Roles {
			all = append(all, &team.Roles[i])
		}
	}
	return all
}

// inOrder sorts a list and leaves out what is in it again, or empty.
func inOrder(list []string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(text string) bool { return text == "" })
}

// result puts everything in order.
func (r *readinessReading) result() *Readiness {
	out := &Readiness{At: r.now, Names: namesOf(r.directory.People)}
	order := append(slices.Clone(rolesTold), DutyAddress)
	for _, team := range r.teams {
		slices.SortFunc(team.Roles, func(a, b RoleReached) int {
			return cmp.Or(cmp.Compare(slices.Index(order, a.Role), slices.Index(order, b.Role)), strings.Compare(a.Holder, b.Holder), strings.Compare(a.Told, b.Told))
		})
		out.Teams = append(out.Teams, *team)
	}
	slices.SortFunc(out.Teams, func(a, b TeamReadiness) int { return strings.Compare(a.Team, b.Team) })
	return out
}
