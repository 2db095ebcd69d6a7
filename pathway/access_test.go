package pathway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// deeds are all there are, in the order of the tables below.
var deeds = []Deed{DeedLook, DeedContact, DeedRecord, DeedDecide, DeedPrint, DeedExport, DeedBreakGlass,
	DeedOversee, DeedStaffContacts, DeedImport, DeedAdminister, DeedAudit}

// theCase is one that every relation of the tables below is drawn to.
func theCase() AccessCase {
	return AccessCase{Ref: "KN-7", Allocation: Allocation{Practitioner: "W1", Manager: "G1", Chair: "C1", Team: "East"},
		AbovePractitioner: "G2", AboveManager: "S1"}
}

// relations are all that somebody can be to the case.
var relations = []struct {
	name string
	who  Who
}{
	{"practitioner", Who{Person: "W1"}},
	{"covers the practitioner", Who{Person: "X", Covers: []Post{{"W1", Practitioner, "East"}}}},
	{"practitioner's manager", Who{Person: "G2"}},
	{"manager", Who{Person: "G1"}},
	{"covers the manager", Who{Person: "X", Covers: []Post{{"G1", Manager, "East"}}}},
	{"manager's manager", Who{Person: "S1"}},
	{"chair", Who{Person: "C1"}},
	{"same team", Who{Person: "X", Team: "East"}},
	{"covers a manager of the team", Who{Person: "X", Covers: []Post{{"G9", Manager, "East"}}}},
	{"named by the restriction", Who{Person: "X", Team: "West", Named: []string{"KN-7"}}},
	{"nobody", Who{Person: "X", Team: "West", Named: []string{"KN-8"}}},
}

// rights is every role, relation and deed: what may be done, by its first letters, on
// an open case and then on a restricted one. "record*" is with conditions of the kind.
var rights = map[Role]map[string][2]string{
	Practitioner: {
		"practitioner":                 {"look contact record* print export glass", "look contact record* print export"},
		"covers the practitioner":      {"look contact record* print export glass", "look contact record* print export"},
		"practitioner's manager":       {"look contact record decide print export glass", ""},
		"manager":                      {"look contact record decide print export glass", "look contact record decide print export"},
		"covers the manager":           {"look contact record decide print export glass", "look contact record decide print export"},
		"manager's manager":            {"look export glass", ""},
		"chair":                        {"look glass", "look"},
		"same team":                    {"glass", ""},
		"covers a manager of the team": {"look contact record decide print export glass", ""},
		"named by the restriction":     {"glass", "look contact record* print export"},
		"nobody":                       {"glass", ""},
	},
}

func init() {
	as := func(role Role, change map[string][2]string, glass bool) {
		rights[role] = map[string][2]string{}
		for relation, may := range rights[Practitioner] {
			if !glass {
				may[0] = strings.TrimSpace(strings.TrimSuffix(may[0], "glass"))
			}
			rights[role][relation] = may
		}
		for relation, may := range change {
			rights[role][relation] = may
		}
	}
	const byName = "named by the restriction"
	as(Manager, map[string][2]string{"same team": {"look contact record decide print export glass", ""}, byName: {"glass", "look contact record decide print export"}}, true)
	as(ServiceManager, map[string][2]string{byName: {"glass", "look export"}}, true)
	as(Chair, map[string][2]string{byName: {"", "look"}}, false)
	as(Admin, map[string][2]string{"same team": {"record* print", ""}, byName: {"", "record* print"}}, false)
	as("auditor", map[string][2]string{byName: {"", ""}}, false) // a role that nobody knows
}

// TestWhoMayDoWhatOnACase is the whole of it: role, relation and deed, on an open and
// on a restricted case. What is not said here nobody may.
func TestWhoMayDoWhatOnACase(t *testing.T) {
	for role, byRelation := range rights {
		for _, relation := range relations {
			want, known := byRelation[relation.name]
			if !known {
				t.Errorf("the table lacks %s as %s", role, relation.name)
			}
			for i, restricted := range []bool{false, true} {
				who, on := relation.who, theCase()
				who.Role, who.Active, on.Restricted = role, true, restricted
				var may []string
				for _, deed := range deeds {
					if deed != DeedRecord {
						if ok, _ := May(&who, Action{Do: deed}, &on); ok {
							may = append(may, strings.TrimPrefix(string(deed), "break-"))
						}
						continue
					}
					all, any := true, false
					for _, kind := range append(Kinds(), "own-kind") {
						ok, _ := May(&who, Action{Do: deed, Kind: kind}, &on)
						all, any = all && ok, any || ok
					}
					if all {
						may = append(may, "record")
					} else if any {
						may = append(may, "record*")
					}
				}
				if got := strings.Join(may, " "); got != want[i] {
					t.Errorf("a %s who is %s may %q on the case (restricted: %t), want %q", role, relation.name, got, restricted, want[i])
				}
			}
		}
	}
}

// TestWhoMayRecordWhichKind: managers' decisions are theirs, a chair records nothing, admin
// staff what came back in the post.
func TestWhoMayRecordWhichKind(t *testing.T) {
	on := theCase()
	for who, want := range map[string]func(kind string) bool{
		"W1": func(kind string) bool {
			return kind != KindReallocated && kind != KindReviewConsidered && kind != KindHistoryReviewed
		},
		"G1": func(string) bool { return true },
		"C1": func(string) bool { return false },
		"S1": func(string) bool { return false },
		"A1": func(kind string) bool { return kind == KindLetterReturned },
	} {
		asking := Who{Person: who, Active: true}
		if who == "A1" {
			asking.Role, asking.Team = Admin, on.Team
		}
		for _, kind := range append(Kinds(), "own-kind") {
			ok, because := May(&asking, Action{Do: DeedRecord, Kind: kind}, &on)
			if ok != want(kind) {
				t.Errorf("%s may record %s: %t (%s), want %t", who, kind, ok, because, want(kind))
			}
		}
	}
}

// TestADutyIsRecordedByItsOwner: whoever has the role that owns it, and nobody else.
func TestADutyIsRecordedByItsOwner(t *testing.T) {
	for person, role := range map[string]Role{"W1": Practitioner, "G1": Manager, "S1": ServiceManager, "C1": Chair} {
		for _, owner := range []Role{Practitioner, Manager, ServiceManager, Chair} {
			on := theCase()
			ok, because := May(&Who{Person: person, Active: true}, Action{Do: DeedRecord, Kind: KindReviewConsidered, Owner: owner}, &on)
			if ok != (role == owner) {
				t.Errorf("the %s may record what meets the %s's duty: %t (%s), want %t", role, owner, ok, because, role == owner)
			}
			told := ToldAs("X", role)
			if ok, because := May(&Who{Person: "X", Active: true}, Action{Do: DeedRecord, Owner: owner}, &told); ok != (role == owner) {
				t.Errorf("somebody told as %s may record what meets the %s's duty: %t (%s), want %t", role, owner, ok, because, role == owner)
			}
		}
	}
}

// TestRightsOverTheServiceOpenNoCase: and what is about no case needs a team, or a
// right of its own.
func TestRightsOverTheServiceOpenNoCase(t *testing.T) {
	may := func(who Who, on *AccessCase) string {
		var out []string
		for _, deed := range deeds {
			if ok, _ := May(&who, Action{Do: deed}, on); ok {
				out = append(out, string(deed))
			}
		}
		return strings.Join(out, " ")
	}
	on := theCase()
	for _, c := range []struct {
		who  Who
		want string
	}{
		{Who{Role: Practitioner, Team: "East"}, ""},
		{Who{Role: Manager, Team: "East"}, "oversee"},
		{Who{Role: ServiceManager, Team: "East"}, "oversee"},
		{Who{Role: Chair, Team: "East"}, ""},
		{Who{Role: Admin, Team: "East"}, "print staff-contacts import"},
		{Who{Role: Admin}, ""},
		{Who{Role: Practitioner, Team: "West", Covers: []Post{{"A9", Admin, "East"}}}, "print staff-contacts import"},
		{Who{Role: Practitioner, Team: "West", Covers: []Post{{"G9", Manager, "East"}}}, "oversee"},
		{Who{Role: Manager, Team: "West", Covers: []Post{{"W9", Practitioner, "East"}}}, "oversee"},
		{Who{Operates: true}, "import administer"},
		{Who{Operates: true, Role: Admin, Team: "East"}, "print staff-contacts import administer"},
		{Who{Operates: true, Audits: true, Outside: true}, "import administer audit"},
		{Who{Audits: true}, "audit"},
		{Who{}, ""},
	} {
		c.who.Person, c.who.Active = "X", true
		if got := may(c.who, nil); got != c.want {
			t.Errorf("%+v may %q about no case, want %q", c.who, got, c.want)
		}
		if c.who.Role == "" {
			if got := may(c.who, &on); got != "" {
				t.Errorf("%+v may %q on a case, want nothing", c.who, got)
			}
		}
		c.who.Active = false
		if got := may(c.who, nil); got != "" {
			t.Errorf("somebody who has left may %q, want nothing", got)
		}
	}
}

// TestWhoIsNotOnThePeopleListHasNoCase: not even one that names their id.
func TestWhoIsNotOnThePeopleListHasNoCase(t *testing.T) {
	on := theCase()
	who := Who{Person: "W1", Active: true, Outside: true, Operates: true, Audits: true}
	for _, deed := range deeds {
		if ok, because := May(&who, Action{Do: deed}, &on); ok {
			t.Errorf("they may %s on a case that names their id, because %q", deed, because)
		}
		if scope := ScopeOf(&who, deed); len(scope.People) > 0 {
			t.Errorf("the list of cases on which they may %s names %v, want nobody", deed, scope.People)
		}
	}
}

// TestMaySaysWhy: the page and the record of who looked say it in words.
func TestMaySaysWhy(t *testing.T) {
	for _, c := range []struct {
		story string
		who   Who
		do    Deed
		shut  bool
		want  Because
	}{
		{"their own case", Who{Person: "W1", Active: true}, DeedLook, false, TheirCase},
		{"a colleague's while they are away", Who{Person: "X", Covers: []Post{{"W1", Practitioner, "East"}}, Active: true}, DeedLook, false, CoversIt},
		{"their team's", Who{Person: "X", Role: Manager, Team: "East", Active: true}, DeedLook, false, TheirTeam},
		{"their team's, restricted", Who{Person: "X", Role: Manager, Team: "East", Active: true}, DeedLook, true, IsClosedOff},
		{"their own, what only a manager does", Who{Person: "W1", Active: true}, DeedDecide, false, NotInRole},
		{"somebody else's", Who{Person: "X", Role: Practitioner, Active: true}, DeedLook, false, NotTheirs},
		{"somebody else's, in an emergency", Who{Person: "X", Role: Practitioner, Active: true}, DeedBreakGlass, false, Emergency},
		{"a restricted one in an emergency", Who{Person: "X", Role: Practitioner, Active: true}, DeedBreakGlass, true, IsClosedOff},
		{"a restricted one that names them", Who{Person: "X", Role: ServiceManager, Named: []string{"KN-7"}, Active: true}, DeedLook, true, TheirCase},
		{"a restricted one, as its manager's manager", Who{Person: "S1", Role: ServiceManager, Active: true}, DeedLook, true, IsClosedOff},
		{"after they left", Who{Person: "W1"}, DeedLook, false, NotHere},
		{"a right over the service", Who{Person: "X", Operates: true, Active: true}, DeedImport, false, NotTheirs},
		{"something nobody knows", Who{Person: "G1", Role: Manager, Active: true}, "burn", false, NotInRole},
	} {
		on := theCase()
		on.Restricted = c.shut
		ok, because := May(&c.who, Action{Do: c.do}, &on)
		if because != c.want || ok != slices.Contains([]Because{TheirCase, CoversIt, TheirTeam, Emergency}, because) {
			t.Errorf("%s: %s", c.story, fmt.Sprintf("%t, because %q; want %q", ok, because, c.want))
		}
	}
}

// TestNobodyIsNobodyOnACaseWithoutNames: an empty name matches no one.
func TestNobodyIsNobodyOnACaseWithoutNames(t *testing.T) {
	for _, deed := range deeds {
		if ok, because := May(&Who{Role: Manager, Active: true}, Action{Do: deed}, &AccessCase{}); ok && deed != DeedBreakGlass {
			t.Errorf("%s is granted on a case without anybody, because %q", deed, because)
		}
	}
}
