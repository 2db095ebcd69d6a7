package main

import (
	"net/http"
	"regexp"
	"testing"
	"time"
)

// TestReadinessIsToEachWhatIsTheirs: who would be reached, to those who oversee a team;
// how the daemon does, to those who run it, with no case and nobody's name.
func TestReadinessIsToEachWhatIsTheirs(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		it := s.outsider("IT1", "Ira Best", "--operates")
		if got := it.get("/"); got.to != "/readiness" {
			t.Errorf("whoever runs the service comes to %q, want readiness", got.to)
		}
		s.await("a scan", func() bool {
			return count(t, s.database, "SELECT count(*) FROM runs WHERE schedule = 'scan' AND ended_at IS NOT NULL") > 0
		})
		page := it.get("/readiness")
		page.says(t, "readiness for IT", http.StatusOK, "Doorstep does its work", "Database Works Answers", "Email Sends nothing Written into the outbox, and sent to nobody", "Look for what is due @every 1m", "No file has come into the inbox yet",
			"The configuration in force, secrets hidden", "Northtown Council")
		if said := regexp.MustCompile(`he last good scan ended on [A-Z][a-z]{2} \d{1,2} [A-Z][a-z]+, \d\d:\d\d\b`); !said.MatchString(page.text()) {
			t.Errorf("readiness for IT says %q, want when the last scan was, as in Mon 7 December, 17:00", page.text())
		}
		if raw := regexp.MustCompile(`\d{4}-\d{2}-\d{2}T`).FindString(page.text()); raw != "" {
			t.Errorf("readiness for IT has a time as programs read it (%s…), want all as people do:\n%s", raw, page.text())
		}
		page.saysNot(t, "readiness for IT", "KN-1", "Sam Okafor", "w1@example.org", "Would not hear")
		manager := s.signedIn("M1").get("/readiness")
		manager.says(t, "readiness for a manager", http.StatusOK, "North, 4 open cases", "Practitioner: Sam Okafor, 3 cases", "Practitioner: Priya Nair, 1 case", "Sam Okafor is told instead",
			"Nobody would hear an urgent duty of North", "written into the outbox, and sent to nobody")
		manager.saysNot(t, "readiness for a manager", "South", "Joan Webb", "The configuration in force", "database:")
		calls := s.signedIn("M1").get("/undelivered")
		calls.says(t, "what was not delivered, while nothing is sent", http.StatusOK, "Every email is written into the outbox, and sent to nobody", "Every text is written into the outbox")
		calls.saysNot(t, "what was not delivered, while nothing is sent", "has been delivered")
		for _, who := range []string{"W1", "C1", "A1"} {
			if got := s.signedIn(who).get("/readiness"); got.status != http.StatusNotFound {
				t.Errorf("%s opening readiness gets %d, want 404", who, got.status)
			}
		}
	})
}

// TestReadinessNamesWhatIsWrong: a channel that is stopped, and files that should have come.
func TestReadinessNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t), `webhooks: [{name: hub, url: "http://127.0.0.1:9/hub", secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}]`)
	it := s.outsider("IT1", "Ira Best", "--operates")
	s.await("the webhook to be known", func() bool {
		return count(t, s.database, "SELECT count(*) FROM webhook_endpoints WHERE name = 'hub'") == 1
	})
	it.get("/readiness").says(t, "readiness before", http.StatusOK, "Webhooks to other systems Works Webhooks go")
	s.execute("UPDATE webhook_endpoints SET disabled_at = $1 WHERE name = 'hub'", s.now.UnixMilli())
	s.execute("INSERT INTO channel_states (channel, state, since, reason, fault) VALUES ('email', 'open', $1, '', 'account')", s.now.UnixMilli())
	s.execute("INSERT INTO arrivals (kind, expected_since, within_ms) VALUES ('events', $1, 93600000)", s.now.Add(-27*time.Hour).UnixMilli())
	it.get("/readiness").says(t, "readiness with faults", http.StatusOK, "4 things to look at", "Webhooks to other systems Look at this Hub is switched off since", "Email Look at this Stopped since", "the provider refuses our account", "events none yet Late", "every 26 hours")
}
