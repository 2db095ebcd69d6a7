package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// Pools are the store's connections, by what they are for.
func (s *Store) Pools() map[string]*sql.DB {
	return map[string]*sql.DB{"daily": s.db, "outcomes": s.outcomes, "long": s.long}
}

// ClaimsOnPostgres are the statements by which daemons claim what they send there.
func ClaimsOnPostgres() map[string]string {
	d := &postgresDialect
	return map[string]string{
		"messages": fmt.Sprintf(claimMessages, d.skipLocked, d.isPicked),
		"webhooks": fmt.Sprintf(claimWebhooks, d.skipLocked, d.isPicked),
	}
}

// ResetTo gives a database without rows the schema of an earlier version.
func (s *Store) ResetTo(ctx context.Context, version int64) error { return s.resetTo(ctx, version) }

// UnsafeOther finds another case of a household that is unsafe to write to.
const UnsafeOther = unsafeOther

// DailySettings are those of the connections that are asked all day.
const DailySettings = "SELECT 1" + singly + byIndex + plannedOnce

// Question is a statement with its arguments.
type Question struct {
	Text string
	Args []any
}

// DutiesOnPostgres are the statements by which somebody's duties are read there, by what for.
func DutiesOnPostgres(scope *pathway.Scope) map[string]Question {
	s := &Store{dialect: postgresDialect}
	now := time.Unix(1796000000, 0)
	all := map[string]Question{}
	ask := func(what, text string, args []any) { all[what] = Question{text, args} }
	for what, f := range map[string]DutyFilter{"list": {OpenAt: now}, "list_of_team": {OpenAt: now, Team: "T1"}, "list_of_owner": {OpenAt: now, Owner: "W1"}} {
		text, args := s.casesDueInOrder(scope, &f, caseDue{ref: "KN-1", before: 1}, casesAtFirst)
		ask(what+"_cases", text, args)
		text, args = s.countDuties(scope, &f, 501)
		ask(what+"_count", text, args)
	}
	text, args := s.dutiesOfCases(scope, &DutyFilter{OpenAt: now, Most: 51}, nil)
	ask("list", text, append([]any{"{KN-1}"}, args[1:]...))
	text, args = s.dutiesInOrder(scope, &DutyFilter{OpenAt: now, Owners: scope.People})
	ask("desk", text, args)
	text, args = s.overdueIn(scope, now)
	ask("board", text, args)
	text, args = s.closedOff(scope, &DutyFilter{OpenAt: now, LateAt: now})
	ask("count", text, args)
	return all
}

// SomebodysDuties is the question for the open duties of the person who is $1, at $2.
func SomebodysDuties() string {
	query, _ := (&DutyFilter{Owner: "W1", OpenAt: time.UnixMilli(1)}).openDuties(&postgresDialect)
	return query
}

// DueOnPostgres takes the first of the duties that a scan is to look at.
func DueOnPostgres() string { return fmt.Sprintf(selectDue, postgresDialect.skipLocked) }
