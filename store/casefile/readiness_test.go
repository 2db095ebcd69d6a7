package casefile_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// readiness reads who would be reached, a line for each role that has a case.
func (s *scene) readiness(now string, desk *pathway.Person, ways casefile.Ways) (lines []string) {
	s.t.Helper()
	r, err := casefile.ReadReadiness(s.t.Context(), s.Store, s.rules, func(string) *pathway.Person { return desk }, ways, nil, s.at(now))
	if err != nil {
		s.t.Fatal(err)
	}
	unheard := r.Unheard()
	for i := range r.Teams {
		for _, role := range r.Teams[i].Roles {
			if role.Cases == 0 && role.Role != casefile.DutyAddress {
				continue
			}
			line := fmt.Sprintf("%s: %s %s", r.Teams[i].Team, role.Role, role.Holder)
			if role.Told != role.Holder {
				line += " -> " + role.Told
			}
			for _, by := range role.By {
				line += " " + by.Channel
				if by.Not != "" {
					line += " (" + by.Not + ")"
				}
				if !by.Arrived.IsZero() {
					line += " " + by.Arrived.In(s.rules.Calendar.Location()).Format("2 Jan 15:04")
				}
			}
			if !role.Answered.IsZero() {
				line += ", answered " + role.Answered.In(s.rules.Calendar.Location()).Format("2 Jan 15:04")
			}
			if !role.Hears() {
				line += ": nobody"
				if len(unheard[r.Teams[i].Team]) == 0 {
					s.t.Errorf("%s is not among what nobody would hear", line)
				}
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// TestReadinessSaysWhoWouldBeReached: as a scan would tell them, by the channels that
// work, and what nobody would hear.
func TestReadinessSaysWhoWouldBeReached(t *testing.T) {
	desk := &pathway.Person{ID: "duty", Email: "duty@example.org"}
	all := []string{"East: practitioner W1 email sms", "East: manager G1 email sms", "East: service-manager V1 email sms"}
	end := "East: duty address  -> duty email sms (no address)"

	s := newScene(t)
	same(t, "everybody is here", s.readiness("2026-09-02 12:00", desk, nil), append(all[:3:3], end)...)
	same(t, "without a duty address", s.readiness("2026-09-02 12:00", nil, nil), append(all[:3:3], "East: duty address : nobody")...)
	same(t, "where emails go into a folder", s.readiness("2026-09-02 12:00", desk, casefile.Ways{"email": "a folder"}),
		"East: practitioner W1 email (a folder) sms", "East: manager G1 email (a folder) sms", "East: service-manager V1 email (a folder) sms",
		"East: duty address  -> duty email (a folder) sms (no address): nobody")

	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	s.happens("a1", pathway.KindAcknowledged, "2026-09-02 11:00", "discuss-with-manager")
	same(t, "who acknowledged is heard from", s.readiness("2026-09-02 12:00", desk, nil),
		"East: practitioner W1 email sms, answered 2 Sep 11:00", all[1], all[2], end)

	away := pathway.Person{ID: "W1", Role: pathway.Practitioner, Team: "East", Email: "w1@example.org", ReportsTo: "G1", Cover: "W2", AwayFrom: s.at("2026-09-01 00:00")}
	gone := pathway.Person{ID: "V1", Role: pathway.ServiceManager, Email: "v1@example.org", ActiveUntil: s.at("2026-09-01 00:00")}
	s.takesIn("2026-09-02 12:00", []pathway.Person{away, gone}, nil)
	if err := s.DisableAddress(t.Context(), s.at("2026-09-02 12:00"), store.DisabledAddress{Channel: "email", Address: "g1@example.org", Fault: "address", Person: "G1"}); err != nil {
		t.Fatal(err)
	}
	same(t, "one is away, an address is not used any more, one has gone", s.readiness("2026-09-02 12:00", desk, nil),
		"East: practitioner W1 -> W2 email sms", "East: manager G1 email (no address) sms", "East: service-manager V1 -> duty email sms (no address)", end)
	unheard := strings.Join(s.readiness("2026-09-02 12:00", nil, nil), "; ")
	if !strings.Contains(unheard, "service-manager V1 -> : nobody") {
		t.Errorf("without a duty address: %s; want that nobody hears what goes to V1", unheard)
	}
	if _, err := s.OpenChannel(t.Context(), s.at("2026-09-02 12:00"), store.ChannelState{Channel: "sms", Reason: "no credit"}); err != nil {
		t.Fatal(err)
	}
	same(t, "no texts go", s.readiness("2026-09-02 12:00", desk, nil),
		"East: practitioner W1 -> W2 email sms (stopped)", "East: manager G1 email (no address) sms (stopped): nobody",
		"East: service-manager V1 -> duty email sms (no address)", end)
}

// TestTheReadinessOfATeamIsThatOfAllWithoutTheOthers: also of those whose cases are
// another team's.
func TestTheReadinessOfATeamIsThatOfAllWithoutTheOthers(t *testing.T) {
	s := newScene(t)
	s.takesIn("2026-09-01 10:00", []pathway.Person{
		{ID: "W3", Name: "Worker Three", Role: pathway.Practitioner, Team: "West", Email: "w3@example.org", ReportsTo: "G3"},
		{ID: "W4", Name: "Worker Four", Role: pathway.Practitioner, Team: "West", Email: "w4@example.org", ReportsTo: "G3"},
		{ID: "G3", Name: "Manager Three", Role: pathway.Manager, Team: "West", Email: "g3@example.org", ReportsTo: "V1"},
	}, []pathway.Case{{Ref: "KN-9", Pathway: "csc-child-and-family", Opened: s.at("2026-09-01 09:00"), Practitioner: "W3", Manager: "G1", Team: "East"}})
	read := func(teams []string) (lines []string) {
		r, err := casefile.ReadReadiness(t.Context(), s.Store, s.rules, func(string) *pathway.Person { return nil }, nil, teams, s.at("2026-09-01 12:00"))
		if err != nil {
			t.Fatal(err)
		}
		for _, team := range r.Teams {
			for _, role := range team.Roles {
				lines = append(lines, fmt.Sprintf("%s, %d cases: %s %s -> %s, %d", team.Team, team.Cases, role.Role, role.Holder, role.Told, role.Cases))
			}
		}
		return lines
	}
	same(t, "West", read([]string{"West"}), "West, 0 cases: practitioner W4 -> W4, 0", "West, 0 cases: manager G3 -> G3, 0", "West, 0 cases: duty address  -> , 0")
	same(t, "East and West", read([]string{"East", "West"}), read(nil)...)
	same(t, "no team", read([]string{}))
}
