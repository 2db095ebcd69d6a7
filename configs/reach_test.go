package configs

import (
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

func TestReachFindsWhoCannotBeTold(t *testing.T) {
	now := time.Date(2026, 9, 2, 12, 0, 0, 0, time.UTC)
	reachable := func(p pathway.Person) pathway.Person {
		p.Email, p.Team = p.ID+"@example.org", "East"
		return p
	}
	away := func(p pathway.Person) pathway.Person {
		p.AwayFrom = now.AddDate(0, 0, -1)
		return p
	}
	sm := reachable(pathway.Person{ID: "V1", Role: pathway.ServiceManager})
	manager := reachable(pathway.Person{ID: "G1", Role: pathway.Manager, ReportsTo: "V1"})
	worker := reachable(pathway.Person{ID: "W1", Role: pathway.Practitioner})
	other := reachable(pathway.Person{ID: "W2", Role: pathway.Practitioner})
	cover := func(p pathway.Person, by string) pathway.Person {
		p.Cover = by
		return p
	}
	tests := []struct {
		name   string
		people []pathway.Person
		want   string
	}{
		{"everybody can be told", []pathway.Person{sm, manager, cover(away(worker), "W2"), other}, ""},
		{"no address", []pathway.Person{{ID: "W1", Team: "East", Role: pathway.Practitioner}}, "W1 has neither email nor mobile: reminders go to the next in line"},
		{"who has left needs none", []pathway.Person{{ID: "W1", Team: "East", ActiveUntil: now}}, ""},
		{"texts without a mobile", []pathway.Person{{ID: "W1", Team: "East", Email: "w1@example.org", Channel: pathway.ChannelSMS}}, "W1 chose texts but has no mobile: reminders go by email"},
		{"manager without service manager", []pathway.Person{reachable(pathway.Person{ID: "G1", Role: pathway.Manager})}, "G1 is a manager who reports to nobody: what should go to the service manager goes to the duty address; fill in reports_to"},
		{"unknown service manager", []pathway.Person{manager}, "G1 reports to V1, whom nobody knows: correct the id"},
		{"away without cover", []pathway.Person{away(worker)}, "W1 is away without cover: reminders go to the next in line"},
		{"unknown cover", []pathway.Person{cover(worker, "W9")}, "W1 is covered by W9, whom nobody knows: correct the id"},
		{"own cover", []pathway.Person{cover(worker, "W1")}, "W1 is their own cover: name somebody else"},
		{"cover away too, in a circle", []pathway.Person{cover(away(worker), "W2"), cover(away(other), "W1")}, "W1 is away, and whoever covers has left, is away or has no address: reminders go to the next in line\n" +
			"W2 is away, and whoever covers has left, is away or has no address: reminders go to the next in line"},
	}
	c := mustLoad(t, "", nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := c.CheckReach(tt.people, nil, now)
			if got := strings.Join(append(r.Faults, r.Warnings...), "\n"); got != tt.want {
				t.Errorf("got\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

func TestTeamWithoutDutyAddressIsRefused(t *testing.T) {
	now := time.Date(2026, 9, 2, 12, 0, 0, 0, time.UTC)
	c := mustLoad(t, "duty_address: {email: ''}\nteams: {East: {duty_email: east@council.example}, Wets: {duty_email: west@council.example}}", nil)
	r := c.CheckReach([]pathway.Person{{ID: "W1", Team: "East", Email: "w1@example.org"}}, []string{"West", "North", "East"}, now)
	wantFault := "no duty address for North, West: when the people on a case have left or are away, nobody would be told; add duty_address, or duty_email for each team under teams"
	wantWarning := "teams.Wets: no person and no case is in a team of this name: its duty address is never used"
	if strings.Join(r.Faults, "\n") != wantFault || strings.Join(r.Warnings, "\n") != wantWarning {
		t.Errorf("faults %q, warnings %q; want %q and %q", r.Faults, r.Warnings, wantFault, wantWarning)
	}
	r = c.CheckReach(nil, []string{"East"}, now)
	if want := "no duty_address: on a case without a team nobody might be told; add duty_address"; strings.Join(r.Faults, "\n") != want {
		t.Errorf("faults %q, want %q", r.Faults, want)
	}
}
