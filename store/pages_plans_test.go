package store

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// allCases is what stands in a plan that reads all cases, duties, events or people.
var allCases = regexp.MustCompile(`(?m)SCAN (cases|c|d|e|people|p)( USING (COVERING )?INDEX sqlite_|$)`)

// TestPagesReadOnlyTheCasesOfWhoeverLooks: what a page asks finds its rows by indexes,
// however many cases there are.
func TestPagesReadOnlyTheCasesOfWhoeverLooks(t *testing.T) {
	s := oneConnection(t)
	now := time.Date(2026, 12, 7, 14, 0, 0, 0, time.UTC)
	_, err := s.db.ExecContext(t.Context(), `INSERT INTO people (id, name, role, team, email, mobile, channel, reports_to, cover, updated_at)
VALUES ('W1', 'Worker One', 'practitioner', 'East', '', '', '', 'G1', '', 0)`)
	if err != nil {
		t.Fatal(err)
	}
	manager := pathway.ScopeOf(&pathway.Who{Person: "G1", Role: pathway.Manager, Team: "East", Active: true, Covers: []pathway.Post{{Person: "G2", Role: pathway.Manager, Team: "West"}}}, pathway.DeedLook)
	worker := pathway.ScopeOf(&pathway.Who{Person: "W1", Role: pathway.Practitioner, Active: true}, pathway.DeedLook)
	worker.AbovePractitioner, worker.Teams = false, nil
	due, dueArgs := s.casesDueInOrder(&manager, &DutyFilter{OpenAt: now, LateAt: now}, caseDue{"KN-1", 1}, casesAtFirst)
	dueOfOwner, dueOfOwnerArgs := s.casesDueInOrder(&manager, &DutyFilter{OpenAt: now, Owner: "W1"}, caseDue{}, casesAtFirst)
	dueOfTeam, dueOfTeamArgs := s.casesDueInOrder(&manager, &DutyFilter{OpenAt: now, Team: "East"}, caseDue{}, casesAtFirst)
	duties, dutiesArgs := s.dutiesOfCases(&manager, &DutyFilter{OpenAt: now, LateAt: now, Most: 51}, []caseDue{{"KN-1", 1}})
	counted, countedArgs := s.countDuties(&manager, &DutyFilter{OpenAt: now}, 501)
	board, boardArgs := s.overdueIn(&manager, now)
	closedOff, closedOffArgs := s.closedOff(&manager, &DutyFilter{OpenAt: now, LateAt: now})
	desk, deskArgs := s.dutiesInOrder(&worker, &DutyFilter{OpenAt: now, Owners: worker.People})
	visits, visitsArgs := s.bookedVisits(now, now.Add(24*time.Hour), "", &worker)
	allocations, allocationsArgs := s.allocations([]string{"East"})
	owned, ownedArgs := (&DutyFilter{OpenAt: now, Owner: "W1", Most: 1000}).openDuties(&s.dialect)
	managed, managedArgs := (&DutyFilter{OpenAt: now, Manager: "G1"}).openDuties(&s.dialect)
	admin := pathway.ScopeOf(&pathway.Who{Person: "A1", Role: pathway.Admin, Team: "East", Active: true}, pathway.DeedPrint)
	queued, queuedArgs := s.queuedPrints("", &admin)
	hiddenPaper, hiddenPaperArgs := s.printsClosedOff(&admin)
	withheld, withheldArgs := (&DutyFilter{OpenAt: now, Owner: "W1"}).restrictedCases()
	ofPerson, ofPersonArgs := (&MessageFilter{Person: "W1", State: MessageSent, Most: 100}).messages()
	failed, failedArgs := (&MessageFilter{State: MessageFailed, Most: 100}).messages()
	queuedNow, queuedNowArgs := (&MessageFilter{State: MessageQueued, Most: 100}).messages()
	undeliveredArgs := []any{0, 1}
	undelivered := s.undelivered(&UndeliveredOf{Scope: &manager}, false, &undeliveredArgs)
	of := Managers{"G1", "G2"}
	dueBy, dueByArgs := s.dutiesDueBy(now, now.Add(72*time.Hour), of)
	beyond, beyondArgs := s.dutiesBeyondCap(of)
	away, awayArgs := s.absences(now, of)
	flagged, flaggedArgs := s.flaggedSince(now, of)
	for _, tt := range []struct {
		name, query string
		args        []any
		indexes     []string
	}{
		{"a manager's board", board, boardArgs, []string{"cases_of_manager (now_manager=? AND now_practitioner>?)", "cases_of_team (team=? AND now_practitioner>?)", "SEARCH cases_overdue USING PRIMARY KEY (practitioner=?)", "SEARCH cases USING INDEX sqlite_autoindex_cases_1 (ref=?)", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"on which of a manager's cases something is due first", due, dueArgs, []string{"cases_of_manager (now_manager=? AND now_practitioner>?)", "cases_of_team (team=? AND now_practitioner>?)", "SEARCH o USING PRIMARY KEY (practitioner=?)"}},
		{"on which cases somebody has something due", dueOfOwner, dueOfOwnerArgs, []string{"cases_of_practitioner", "duties_of_service_managers", "SEARCH o USING PRIMARY KEY (practitioner=? AND case_ref=?)"}},
		{"on which cases of a team something is due", dueOfTeam, dueOfTeamArgs, []string{"cases_of_team (team=? AND now_practitioner>?)", "SEARCH o USING PRIMARY KEY (practitioner=?)"}},
		{"the duties of those cases", duties, dutiesArgs, []string{"SEARCH cases USING INDEX sqlite_autoindex_cases_1 (ref=?)", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"how many duties a manager's cases have", counted, countedArgs, []string{"cases_of_manager", "cases_of_team", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"a practitioner's desk", desk, deskArgs, []string{"cases_of_practitioner", "cases_of_manager", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"a practitioner's visits of tomorrow", "SELECT e.id " + visits, visitsArgs, []string{"cases_of_practitioner", "SEARCH e USING INDEX"}},
		{"somebody's calendar", owned, ownedArgs, []string{"cases_of_practitioner", "cases_of_manager", "cases_of_chair", "duties_of_service_managers", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"what is to be done under a manager", managed, managedArgs, []string{"cases_of_manager", "people_below", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"restricted cases on which somebody has something to do", withheld, withheldArgs, []string{"cases_closed_off", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"what waits to be printed for a team", queued, queuedArgs, []string{"cases_of_team", "print_items_of_case (case_ref=?)"}},
		{"paper of restricted cases", hiddenPaper, hiddenPaperArgs, []string{"cases_closed_off", "print_items_of_case (case_ref=?)"}},
		{"what of the paper may be overtaken", fmt.Sprintf(mayBeOvertaken, "team = 'East'"), []any{0, ""}, []string{"print_batches_made", "print_items_of_batch", "cases_unsafe"}},
		{"what did not arrive of somebody's cases", fmt.Sprintf(undeliveredReminders, "c.team = 'East'"), []any{0, 1}, []string{"messages_failed (created_at>?)", "messages_waiting", "reminders_message (message_id=?)", "SEARCH d USING INTEGER PRIMARY KEY", "sqlite_autoindex_cases_1 (ref=?)"}},
		{"restricted cases of which something did not arrive", fmt.Sprintf(undeliveredCases, casesBy([]string{"restricted AND CASE WHEN team = 'East' THEN 1 ELSE 0 END = 1"}, "ref")), []any{0, 1}, []string{"cases_closed_off", "sqlite_autoindex_duties_1 (case_ref=?)", "SEARCH r", "SEARCH m USING INTEGER PRIMARY KEY"}},
		{"what did not arrive of somebody's cases, among much else", undelivered, undeliveredArgs, []string{"cases_of_manager", "cases_of_team", "sqlite_autoindex_duties_1 (case_ref=?)", "SEARCH r", "SEARCH m USING INTEGER PRIMARY KEY"}},
		{"whether much did not arrive", fmt.Sprintf(countUndelivered, 501), []any{0, 1}, []string{"messages_failed (created_at>?)", "messages_waiting"}},
		{"a manager's digest: what is due", dueBy, dueByArgs, []string{"SEARCH cases_overdue USING PRIMARY KEY (practitioner=?)", "cases_of_manager", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"a manager's digest: dates beyond the cap", beyond, beyondArgs, []string{"cases_of_manager", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"a manager's digest: who is away", away, awayArgs, []string{"cases_of_manager", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"a manager's digest: flags", flagged, flaggedArgs, []string{"cases_of_manager", "sqlite_autoindex_flags_1 (case_ref=?)"}},
		{"who was told of cases", s.remindersOfCases(), []any{`["KN-1"]`}, []string{"sqlite_autoindex_duties_1 (case_ref=?)", "SEARCH r", "SEARCH m USING INTEGER PRIMARY KEY"}},
		{"the messages of a person", ofPerson, ofPersonArgs, []string{"messages_of_person (person=? AND id>?)"}},
		{"the messages that failed", failed, failedArgs, []string{"messages USING INTEGER PRIMARY KEY (rowid=?)", "messages_failed"}},
		{"the messages that wait", queuedNow, queuedNowArgs, []string{"messages USING INTEGER PRIMARY KEY (rowid=?)", "messages_waiting"}},
		{"a household", siblings, []any{"KN-1", 0}, []string{"(ref=?)", "cases_of_household (household=?)"}},
		{"another of it that is unsafe", unsafeOther, []any{"KN-1"}, []string{"(ref=?)", "household=?"}},
		{"the letters of a case that are posted", postingsOfCase, []any{"KN-1"}, []string{"SEARCH t"}},
		{"restricted cases", closedOff, closedOffArgs, []string{"SCAN cases USING INDEX cases_closed_off", "sqlite_autoindex_duties_1 (case_ref=?)"}},
		{"the cases of a practitioner", casesOfPractitioner, []any{"W1", 10}, []string{"cases_of_practitioner"}},
		{"who opened a case in an emergency", emergencies, []any{"KN-1", 0}, []string{"audit_of_case"}},
		{"for whom somebody stands in", coveredBy, []any{"W1", 0}, []string{"people_covered (cover=?)"}},
		{"a team", selectPeople + ofTeam, []any{"East", "G1"}, []string{"people_of_team (team=?)", "people_below (reports_to=?)"}},
		{"who is on the cases of a team", allocations, allocationsArgs, []string{"cases_of_team (team=?)"}},
		{"who has cases", s.withCases(), []any{`["W1"]`}, []string{"cases_of_practitioner (now_practitioner=?)", "cases_of_manager (now_manager=?)"}},
		{"who has answered", s.lastAnswers(), []any{`["W1"]`}, []string{"events_acknowledged (by_person=?)", "replies_of (person=?)"}},
		{"what has arrived at addresses", s.lastDeliveredTo(), []any{`["w1@example.org"]`, "email"}, []string{"messages_arrived (channel=? AND address=?)"}},
		{"who can be told in teams", s.reachableOf(), []any{`["V1"]`, `["East"]`}, []string{"people_of_team (team=?)", "sqlite_autoindex_people_1 (id=?)"}},
		{"who is on cases", casesOn + s.dialect.isAny("c.ref", 1), []any{`["KN-1"]`}, []string{"SEARCH c USING INDEX sqlite_autoindex_cases_1 (ref=?)"}},
		{"who is on a case", accessCase, []any{"KN-1"}, []string{"(ref=?)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := s.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+tt.query, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var plan []string
			for rows.Next() {
				var id, parent, unused int
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					t.Fatal(err)
				}
				plan = append(plan, step)
			}
			text := strings.Join(plan, "\n")
			if strings.Contains(text, "CO-ROUTINE c\n") { // the cases of a scope, read above
				text = strings.ReplaceAll(text, "\nSCAN c\n", "\n")
			}
			for _, index := range tt.indexes {
				if !strings.Contains(text, index) {
					t.Errorf("the plan is\n%s\nwant it to use %s", text, index)
				}
			}
			if allCases.MatchString(text) {
				t.Errorf("the plan is\n%s\nwant it not to read all cases or duties", text)
			}
		})
	}
}
