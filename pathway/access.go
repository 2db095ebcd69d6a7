package pathway

import "slices"

// Who is somebody who asks to do something. What they are to a case the case says;
// their role adds their team.
type Who struct {
	Person string // id
	Role   Role
	Team   string
	Active bool     // they work here, now
	Covers []Post   // of those who are away and for whom they stand in
	Named  []string // the restricted cases that are open to them by name, by reference
	// Operates and Audits are rights over the service, which no role has and which
	// open no case.
	Operates, Audits bool
	// Outside says that they are not on the people list: no case is theirs, even one that
	// names somebody by their id.
	Outside bool
}

// Post is the place of somebody on the people list.
type Post struct {
	Person string // id
	Role   Role
	Team   string
}

// posts are somebody's own and those of whom they stand in for.
func (w *Who) posts() []Post {
	return append([]Post{{w.Person, w.Role, w.Team}}, w.Covers...)
}

// Serves reports whether somebody has one of these roles, or stands in for somebody who has.
func (w *Who) Serves(roles ...Role) bool {
	return slices.ContainsFunc(w.posts(), func(p Post) bool { return slices.Contains(roles, p.Role) })
}

// PostsFor are those by which somebody may do one of these deeds, on no case: their own, and
// while somebody is away theirs.
func PostsFor(who *Who, deeds ...Deed) (by []Post) {
	for _, p := range who.posts() {
		if who.Active && slices.ContainsFunc(deeds, p.may) {
			by = append(by, p)
		}
	}
	return by
}

// may reports whether a post brings a deed with it that is about no case.
func (p Post) may(do Deed) bool {
	return (p.Team != "" || p.Role == ServiceManager) && slices.Contains(teamDeeds[p.Role], do)
}

// Deed is what somebody asks to do.
type Deed string

const (
	// On one case.
	DeedLook       Deed = "look"        // duties, events, messages, plan
	DeedContact    Deed = "contact"     // the family's address and phone
	DeedRecord     Deed = "record"      // an event, of Action.Kind
	DeedDecide     Deed = "decide"      // as the manager: cover, change of practitioner, sign-off
	DeedPrint      Deed = "print"       // its cards and letters; on no case: the print room
	DeedExport     Deed = "export"      // its chronology
	DeedBreakGlass Deed = "break-glass" // open a case that is not theirs, with a reason that is told to its manager
	// On no case.
	DeedOversee       Deed = "oversee"        // what is overdue or undelivered in a team, and its reports
	DeedStaffContacts Deed = "staff-contacts" // colleagues' email addresses and mobiles
	DeedImport        Deed = "import"         // by TheirRight: only how many rows came to what, and none of them
	DeedAdminister    Deed = "administer"     // readiness, schedules, channels, configuration
	DeedAudit         Deed = "audit"          // who did what
)

// Action is a deed and what it is about.
type Action struct {
	Do   Deed
	Kind string // DeedRecord: the kind of event
	// Owner is whose duty the event is to meet: whoever has that role on the case may
	// record it, and nobody else. Empty: it is about no duty.
	Owner Role
	// Others says that an event of KindVoided takes back what somebody else entered:
	// that is for a manager.
	Others bool
	// Reasoned says that they say why, which is kept on the audit trail.
	Reasoned bool
}

// AccessCase is what decides who may come near a case: who is who on it.
type AccessCase struct {
	Ref string
	Allocation
	// AbovePractitioner is whom the practitioner reports to, AboveManager whom the
	// manager does.
	AbovePractitioner, AboveManager string
	// Restricted: only its practitioner, its manager and its chair, who stand in for them,
	// and those whom the restriction names.
	Restricted bool
}

// ToldAs is the case for somebody who was told of it in a role: they have that role,
// and nobody another. So what they were told, they can answer.
func ToldAs(person string, role Role) (on AccessCase) {
	switch role {
	case Practitioner:
		on.Practitioner = person
	case Manager:
		on.Manager = person
	case ServiceManager:
		on.AboveManager = person
	case Chair:
		on.Chair = person
	}
	return on
}

// Holder is who has a role on a case, by id; empty: nobody.
func (on *AccessCase) Holder(role Role) string { return on.holder(role, on.AboveManager) }

// Because is why somebody may do something, or may not.
type Because string

const (
	TheirCase  Because = "their-case" // they have the role on it themselves
	CoversIt   Because = "covers"     // they stand in for whoever has
	TheirTeam  Because = "their-team"
	TheirRight Because = "their-right" // over the service
	Emergency  Because = "emergency"   // it is not theirs: the reason they give is told to its manager

	NotHere     Because = "not-here"    // they do not work here now
	NotTheirs   Because = "not-theirs"  // they are nobody on the case
	IsClosedOff Because = "restricted"  // they would be, but the case is restricted
	NotInRole   Because = "not-in-role" // their role may not, or the duty is another role's
)

// tie is what somebody is to a case.
type tie struct {
	role    Role
	because Because
}

// teamDeeds are what a role may do in its team, on no case.
var teamDeeds = map[Role][]Deed{
	Manager:        {DeedOversee},
	ServiceManager: {DeedOversee},
	Admin:          {DeedImport, DeedStaffContacts, DeedPrint},
}

// caseDeeds are what a role may do on the cases that it is tied to. What is not here
// nobody may.
var caseDeeds = map[Role][]Deed{
	Practitioner:   {DeedLook, DeedContact, DeedRecord, DeedPrint, DeedExport},
	Manager:        {DeedLook, DeedContact, DeedRecord, DeedDecide, DeedPrint, DeedExport},
	ServiceManager: {DeedLook, DeedExport},
	Chair:          {DeedLook},
	Admin:          {DeedRecord, DeedPrint},
}

// withReason are what a role may do besides, if they say why.
var withReason = map[Role][]Deed{
	ServiceManager: {DeedContact},
}

// breaksGlass are the roles that may open a case of others in an emergency.
var breaksGlass = []Role{Practitioner, Manager, ServiceManager}

// May reports whether somebody may do something, and why or why not. on is nil for
// what is about no case. It is a pure function, and says no to what it does not know.
func May(who *Who, a Action, on *AccessCase) (bool, Because) {
	switch {
	case !who.Active:
		return false, NotHere
	case on == nil:
		return mayInService(who, a)
	case a.Do == DeedBreakGlass:
		return mayBreakGlass(who, on)
	}
	ties, closedOff := tiesTo(who, on)
	for _, t := range ties {
		if mayAs(t.role, a) && (!a.Others || t.role == Manager) {
			return true, t.because
		}
	}
	switch {
	case len(ties) > 0:
		return false, NotInRole
	case closedOff:
		return false, IsClosedOff
	}
	return false, NotTheirs
}

func mayAs(role Role, a Action) bool {
	if a.Do == DeedRecord && a.Owner != "" {
		return role == a.Owner
	}
	if !slices.Contains(caseDeeds[role], a.Do) {
		return a.Reasoned && slices.Contains(withReason[role], a.Do)
	}
	if a.Do == DeedRecord && role == Admin {
		return KindOf(a.Kind).ByAdmin // what comes back in the post
	}
	return a.Do != DeedRecord || mayBeSaidBy(a.Kind, role)
}

func mayInService(who *Who, a Action) (bool, Because) {
	by := PostsFor(who, a.Do)
	switch {
	case len(by) > 0 && by[0].Person == who.Person:
		return true, TheirTeam
	case len(by) > 0:
		return true, CoversIt
	case who.Operates && (a.Do == DeedAdminister || a.Do == DeedImport), who.Audits && a.Do == DeedAudit:
		return true, TheirRight
	}
	return false, NotInRole
}

// MayInEmergency reports whether somebody may do something on a case that is not theirs and
// that they have opened in an emergency: look at it, and find the family.
func MayInEmergency(who *Who, a Action, on *AccessCase) bool {
	may, _ := May(who, Action{Do: DeedBreakGlass}, on)
	return may && (a.Do == DeedLook || a.Do == DeedContact)
}

func mayBreakGlass(who *Who, on *AccessCase) (bool, Because) {
	switch {
	case on.Restricted:
		return false, IsClosedOff
	case !slices.Contains(breaksGlass, who.Role):
		return false, NotInRole
	}
	return true, Emergency
}

// named are those whom a case names, with the role that each has on it.
var named = []struct {
	role   Role
	person func(*AccessCase) string
	byLine bool // of management: not where the case is restricted
	scope  func(*Scope) *bool
}{
	{Practitioner, func(on *AccessCase) string { return on.Practitioner }, false, func(s *Scope) *bool { return &s.AsPractitioner }},
	{Manager, func(on *AccessCase) string { return on.Manager }, false, func(s *Scope) *bool { return &s.AsManager }},
	{ServiceManager, func(on *AccessCase) string { return on.AboveManager }, true, func(s *Scope) *bool { return &s.AboveManager }},
	{Chair, func(on *AccessCase) string { return on.Chair }, false, func(s *Scope) *bool { return &s.AsChair }},
	{Manager, func(on *AccessCase) string { return on.AbovePractitioner }, true, func(s *Scope) *bool { return &s.AbovePractitioner }},
}

// Scope is on which cases somebody may do a deed, in terms that a query can ask for:
// those that name one of People in one of the ways, and those of a team. What May says
// of a case, its scope says too.
type Scope struct {
	People []string // themselves, and those for whom they stand in; empty: no case at all

	AsPractitioner, AsManager, AsChair bool
	Named                              []string // restricted cases that are open to them by name
	// By line of management and by team no restricted case counts: to one of People reports
	// the case's manager, or its practitioner.
	AboveManager, AbovePractitioner bool
	Teams                           []string
}

// ScopeOf returns on which cases somebody may do a deed that needs no kind of event.
func ScopeOf(who *Who, do Deed) (s Scope) {
	if !who.Active || who.Outside {
		return s
	}
	for _, p := range who.posts() {
		s.People = append(s.People, p.Person)
		if p.byTeam() && slices.Contains(caseDeeds[p.Role], do) && !slices.Contains(s.Teams, p.Team) {
			s.Teams = append(s.Teams, p.Team)
		}
	}
	for _, n := range named {
		*n.scope(&s) = slices.Contains(caseDeeds[n.role], do)
	}
	if slices.Contains(caseDeeds[who.Role], do) {
		s.Named = who.Named
	}
	return s
}

// byTeam reports whether a post makes one something to every case of its team.
func (p Post) byTeam() bool {
	return p.Team != "" && (p.Role == Manager || p.Role == Admin)
}

// tiesTo returns what somebody is to a case, and whether they would be more if it
// were not restricted.
func tiesTo(who *Who, on *AccessCase) (ties []tie, closedOff bool) {
	if who.Outside {
		return nil, false
	}
	posts := who.posts()
	for _, n := range named {
		person := n.person(on)
		at := slices.IndexFunc(posts, func(p Post) bool { return p.Person == person })
		if person == "" || at < 0 {
			continue
		}
		because := TheirCase
		if at > 0 {
			because = CoversIt
		}
		if n.byLine && on.Restricted {
			closedOff = true
			continue
		}
		ties = append(ties, tie{n.role, because})
	}
	for i, p := range posts {
		switch {
		case !p.byTeam() || p.Team != on.Team:
		case on.Restricted:
			closedOff = true
		case i == 0:
			ties = append(ties, tie{p.Role, TheirTeam})
		default:
			ties = append(ties, tie{p.Role, CoversIt})
		}
	}
	if on.Restricted && slices.Contains(who.Named, on.Ref) {
		ties = append(ties, tie{who.Role, TheirCase})
	}
	return ties, closedOff
}
