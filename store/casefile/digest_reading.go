package casefile

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// A digest looks ahead so many working days.
	lookAhead = 3
	// Flags stay in the digest for so many days.
	flagDays = 7
	// Digests are looked for among those of so many days: there is one in each week.
	sinceDays = 28
)

// Digests are all managers' digests of one moment: what is overdue or due soon, and
// what stands out, each listed once for all of them.
type Digests struct {
	calendar *pathway.Calendar
	rules    *pathway.Rules

	horizon
	last map[string]time.Time // when somebody's last digest was counted

	people       map[string]*pathway.Person
	sortedIDs    []string
	readers      map[string]string // who reads the digest of a manager
	desk         DutyDesk
	desks        map[string]*pathway.Person // those that read in place of managers, by id
	duties       map[string][]store.DigestDuty
	beyondCap    map[string][]store.DigestDuty
	absences     map[string][]store.Absence
	undelivered  map[string][]store.Undelivered
	flags        map[string][]store.FlaggedCase
	afterClosing map[string][]store.FlaggedCase
	discussed    map[string]*notify.Discussed // by case
	paper        map[string][]WaitingPaper
	arrivals     []store.Arrival
}

// DutyDesk gives the duty address of a team; nil: there is none.
type DutyDesk func(team string) *pathway.Person

// horizon is how far a digest looks from a moment.
type horizon struct {
	now         time.Time
	tomorrow    time.Time // the end of today
	beforeOpen  time.Time // when the next working day opens
	comingUntil time.Time // the end of the third working day ahead
}

func horizonAt(cal *pathway.Calendar, now time.Time) horizon {
	today := cal.DateOf(now)
	return horizon{
		now:         now,
		tomorrow:    cal.StartOf(today.AddDays(1)),
		beforeOpen:  cal.At(cal.NextWorkingDay(today), cal.Settings().OfficeOpens),
		comingUntil: cal.StartOf(cal.AddWorkingDays(today, lookAhead).AddDays(1)),
	}
}

// section returns where what is due then stands; empty where it lies further ahead.
func (h *horizon) section(due time.Time) notify.SectionID {
	switch {
	case h.now.After(due):
		return notify.Overdue
	case due.Before(h.tomorrow):
		return notify.DueToday
	case !due.After(h.beforeOpen):
		return notify.DueBeforeOpen
	case due.Before(h.comingUntil):
		return notify.Coming
	}
	return ""
}

// of is the section of a duty: one that was moved when it was overdue stays so.
func (h *horizon) of(d *store.DigestDuty) notify.SectionID {
	if !d.LateSince.IsZero() {
		return notify.Overdue
	}
	return h.section(d.Due)
}

// ReadDigests counts everybody's digest at now. What no manager reads, and nobody above one,
// the desk of the team does; a nil desk: nobody.
func ReadDigests(ctx context.Context, db *store.Store, rules *pathway.Rules, desk DutyDesk, now time.Time) (*Digests, error) {
	people, err := peopleByID(ctx, db)
	if err != nil {
		return nil, err
	}
	r := newDigests(rules, people, desk, now)
	return r, r.load(ctx, db, nil, r.everybody())
}

// newDigests are the digests of a moment, with nothing in them.
func newDigests(rules *pathway.Rules, people map[string]*pathway.Person, desk DutyDesk, now time.Time) *Digests {
	r := &Digests{
		calendar:  rules.Calendar,
		rules:     rules,
		horizon:   horizonAt(rules.Calendar, now),
		people:    people,
		sortedIDs: slices.Sorted(maps.Keys(people)),
		readers:   map[string]string{},
		desk:      desk,
		desks:     map[string]*pathway.Person{},
	}
	for _, id := range r.sortedIDs {
		if r.readers[id] = r.readerFor(id); r.readers[id] == "" && people[id].Manages() {
			r.readers[id] = r.deskFor(people[id].Team)
		}
	}
	return r
}

// everybody are all who may have a digest.
func (r *Digests) everybody() []string {
	return slices.Concat(r.sortedIDs, slices.Sorted(maps.Keys(r.desks)))
}

// readLast finds out when people's last digests were counted.
func (r *Digests) readLast(ctx context.Context, s *store.Store, people []string) (err error) {
	var days []pathway.Date
	for today, back := r.calendar.DateOf(r.now), 0; back < sinceDays; back++ {
		days = append(days, today.AddDays(-back))
	}
	r.last, err = s.LastDigests(ctx, people, days, r.now)
	return err
}

// dealDuties deals out the duties that are due soon, and those beyond the cap.
func (r *Digests) dealDuties(near, beyond []store.DigestDuty) {
	manager := func(d *store.DigestDuty) string { return d.Manager }
	r.duties, r.beyondCap = byReader(r, near, manager), byReader(r, beyond, manager)
}

// dealUndelivered deals out what did not arrive: by the case's manager, or by that of
// whoever it was to.
func (r *Digests) dealUndelivered(undelivered []store.Undelivered) {
	undelivered = slices.DeleteFunc(undelivered, func(u store.Undelivered) bool { // whoever runs Doorstep is told of those
		p := r.people[u.Person]
		return u.Case == "" && (p == nil || p.ReportsTo == "")
	})
	r.undelivered = byReader(r, undelivered, func(u *store.Undelivered) string {
		if u.Case != "" {
			return u.Manager
		}
		return r.people[u.Person].ReportsTo
	})
}

// load counts what there is on the cases of some managers, or of all, for some people.
func (r *Digests) load(ctx context.Context, s *store.Store, of store.Managers, people []string) (err error) {
	if err = r.readLast(ctx, s, people); err != nil {
		return err
	}
	if r.arrivals, err = s.Arrivals(ctx); err != nil {
		return err
	}
	duties, err := s.DutiesDueBy(ctx, r.now, r.comingUntil.Add(-time.Millisecond), of)
	if err != nil {
		return err
	}
	tried := map[string]bool{}
	for i := range duties {
		if duties[i].Attempt > 0 {
			tried[duties[i].Case] = true
		}
	}
	if r.discussed, err = LastDiscussed(ctx, s, slices.Sorted(maps.Keys(tried))); err != nil {
		return err
	}
	beyond, err := s.DutiesBeyondCap(ctx, of)
	if err != nil {
		return err
	}
	r.dealDuties(duties, beyond)
	absences, err := s.Absences(ctx, r.now, of)
	if err != nil {
		return err
	}
	r.absences = byReader(r, absences, func(a *store.Absence) string { return a.Manager })
	undelivered, err := undelivered(ctx, s, store.UndeliveredOf{Managers: of}, r.now)
	if err != nil {
		return err
	}
	r.dealUndelivered(undelivered)
	paper, err := PaperWaiting(ctx, s, r.rules, of, r.now)
	if err != nil {
		return err
	}
	r.paper = byReader(r, paper, func(w *WaitingPaper) string { return w.Manager })
	flags, err := s.FlaggedSince(ctx, r.now.AddDate(0, 0, -flagDays), of)
	if err != nil {
		return err
	}
	if r.afterClosing, err = r.readAfterClosing(ctx, s, of); err != nil {
		return err
	}
	r.flags = byReader(r, flags, func(f *store.FlaggedCase) string { return f.Manager })
	return nil
}

// readAfterClosing reads the visits on closed cases.
func (r *Digests) readAfterClosing(ctx context.Context, s *store.Store, of store.Managers) (map[string][]store.FlaggedCase, error) {
	visits, err := s.VisitsAfterClosing(ctx, of)
	return byReader(r, visits, func(f *store.FlaggedCase) string { return f.Manager }), err
}

// byReader deals rows out to those who read the digests of their managers.
func byReader[T any](r *Digests, rows []T, manager func(*T) string) map[string][]T {
	out := map[string][]T{}
	for i := range rows {
		id := manager(&rows[i])
		reader := r.readers[id]
		if r.people[id] == nil { // nobody manages the case, or somebody whom nobody knows
			reader = r.deskFor("")
		}
		if reader != "" {
			out[reader] = append(out[reader], rows[i])
		}
	}
	return out
}

// deskFor returns the id of the desk that reads for a team; empty: there is none.
func (r *Digests) deskFor(team string) string {
	if r.desk == nil {
		return ""
	}
	desk := r.desk(team)
	if desk == nil {
		return ""
	}
	r.desks[desk.ID] = desk
	return desk.ID
}

// readerFor returns who reads a manager's digest: the manager, while they are
// away whoever covers for them, and once they have gone the manager above.
func (r *Digests) readerFor(id string) string {
	at := id
	for range len(r.people) {
		p := r.people[at]
		switch {
		case p == nil:
			return stillHere(r.people[id], r.now)
		case p.Left(r.now):
			at = p.ReportsTo
		case p.Away(r.now) && p.Cover != "":
			at = p.Cover
		default:
			return at
		}
	}
	return stillHere(r.people[id], r.now) // covers that go round in a circle
}

func stillHere(p *pathway.Person, now time.Time) string {
	if p == nil || p.Left(now) {
		return ""
	}
	return p.ID
}

// Recipients are the managers and service managers who read their own digest,
// and whoever else reads that of a case's manager, by id; then the desks that have
// something to read.
func (r *Digests) Recipients() []*pathway.Person {
	var out []*pathway.Person
	for _, id := range r.sortedIDs {
		p := r.people[id]
		if p.Manages() && r.readers[id] == id || len(r.duties[id]) > 0 {
			out = append(out, p)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.desks)) {
		if len(r.sections(id)) > 0 {
			out = append(out, r.desks[id])
		}
	}
	return out
}

// readFor are those whose digests somebody reads.
func (r *Digests) readFor(person string) []string {
	ids := []string{}
	for _, id := range r.sortedIDs {
		if person != "" && r.readers[id] == person {
			ids = append(ids, id)
		}
	}
	return ids
}

// managersFor are the managers of whose cases somebody's digest has something: those whose
// digest they read, and those whose teams it sums up.
func (r *Digests) managersFor(person string) (managers store.Managers) {
	for _, id := range r.sortedIDs {
		if r.readers[id] == person || r.people[id].Role == pathway.Manager && r.readers[r.people[id].ReportsTo] == person {
			managers = append(managers, id)
		}
	}
	return managers
}

// teams sums up the teams of the managers who report to a person, or to somebody
// whom that person covers for.
func (r *Digests) teams(person string) []notify.TeamSummary {
	if r.desks[person] != nil {
		return nil // it has the cases themselves
	}
	var out []notify.TeamSummary
	index := map[string]int{}
	for _, id := range r.sortedIDs {
		m := r.people[id]
		if m.Role != pathway.Manager || r.readers[m.ReportsTo] != person {
			continue
		}
		var sum notify.TeamSummary
		r.countTeam(m.ID, &sum)
		if m.Left(r.now) && sum == (notify.TeamSummary{}) {
			continue
		}
		name := m.Team
		if name == "" {
			name = m.ID
		}
		i, found := index[name]
		if !found {
			i = len(out)
			index[name] = i
			out = append(out, notify.TeamSummary{Team: name})
		}
		addSummary(&out[i], sum)
	}
	slices.SortFunc(out, func(a, b notify.TeamSummary) int { return strings.Compare(a.Team, b.Team) })
	return out
}

func addSummary(team *notify.TeamSummary, more notify.TeamSummary) {
	team.Overdue += more.Overdue
	team.DueToday += more.DueToday
	team.Coming += more.Coming
	if team.Oldest.IsZero() || !more.Oldest.IsZero() && more.Oldest.Before(team.Oldest) {
		team.Oldest, team.OldestOf = more.Oldest, more.OldestOf
	}
}

// countTeam counts what is due on the cases of one manager.
func (r *Digests) countTeam(manager string, team *notify.TeamSummary) {
	for _, d := range r.duties[r.readers[manager]] {
		if d.Manager != manager {
			continue
		}
		switch r.of(&d) {
		case notify.Overdue:
			team.Overdue++
			if team.Oldest.IsZero() || d.Due.Before(team.Oldest) {
				team.Oldest, team.OldestOf = d.Due, d.Case
			}
		case notify.DueToday:
			team.DueToday++
		default:
			team.Coming++
		}
	}
}
