package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestClaimsOnPostgresFindTheirRowsByKey: a statement that is executed again and again is
// planned once, for any number of rows that it may claim, and must not read the whole
// table each time.
func TestClaimsOnPostgresFindTheirRowsByKey(t *testing.T) {
	conn := planner(t,
		`INSERT INTO messages (key, kind, person, channel, address, severity, created_at, next_try_at, state)
			SELECT 'k' || i, 'reminder', 'W1', 'email', 'w1@example.org', 100, 1, 1, 'queued' FROM generate_series(1, 10000) i`,
		`INSERT INTO webhooks (endpoint, key, event, at, queued_at, next_try_at)
			SELECT 'e', 'k' || i, 'message.failed', 1, 1, 1 FROM generate_series(1, 10000) i`,
		`ANALYZE messages, webhooks`,
	)
	arguments := map[string]string{"messages": "'email', 5, 100, 'h', 60000, 60000", "webhooks": "'e', 5, 100, 'h', 60000"}
	for table, claim := range store.ClaimsOnPostgres() {
		if plan := conn.plan(table, claim, arguments[table]); strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, table+"_pkey") {
			t.Errorf("the plan of a claim of %s is\n%s\nwant it to use %s_pkey and to read no table", table, plan, table)
		}
	}
}

// TestAHouseholdIsFoundByItsIndexOnPostgres also where nothing is known of households, as
// after an import until the server has looked at the cases by itself. A case is read with
// this wherever it is read.
func TestAHouseholdIsFoundByItsIndexOnPostgres(t *testing.T) {
	conn := planner(t,
		filled("cases", `WHEN 'ref' THEN '''KN-'' || i' WHEN 'household' THEN '''H'' || i / 2'`),
		`ANALYZE cases (ref, now_practitioner, closed)`,
	)
	if plan := conn.plan("household", store.UnsafeOther, "'KN-7000'"); strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "(household = v.household)") {
		t.Errorf("the plan is\n%s\nwant it to find the household's cases by an index", plan)
	}
}

// TestACalendarReadsTheCasesOfItsPersonOnPostgres and no others, whatever role they have.
func TestACalendarReadsTheCasesOfItsPersonOnPostgres(t *testing.T) {
	conn := planner(t,
		filled("cases", `WHEN 'ref' THEN '''KN-'' || i' WHEN 'now_practitioner' THEN '''W'' || i / 200' WHEN 'now_manager' THEN '''G'' || i / 2000'`),
		filled("duties", `WHEN 'id' THEN 'i' WHEN 'case_ref' THEN '''KN-'' || i' WHEN 'state' THEN '''open'''`),
		`ANALYZE`,
	)
	plan := conn.plan("calendar", store.SomebodysDuties(), "'W50', 1, 'W50'")
	if strings.Contains(plan, "Seq Scan on cases") || strings.Contains(plan, "Seq Scan on duties") || !strings.Contains(plan, "cases_of_practitioner") {
		t.Errorf("the plan is\n%s\nwant it to find the cases by who is on them, and their duties by the case", plan)
	}
}

// TestSomebodysDutiesAreFoundByTheirCasesOnPostgres: the server does not know how few cases
// those of one person are, and must not read the duties of all for them.
func TestSomebodysDutiesAreFoundByTheirCasesOnPostgres(t *testing.T) {
	conn := planner(t,
		filled("cases", `WHEN 'ref' THEN '''KN-'' || i' WHEN 'now_practitioner' THEN '''W'' || i / 200' WHEN 'now_manager' THEN '''G'' || i / 2000' WHEN 'team' THEN '''T'' || i / 2000'`),
		filled("duties", `WHEN 'id' THEN 'i' WHEN 'case_ref' THEN '''KN-'' || i' WHEN 'state' THEN '''open'''`),
		`INSERT INTO cases_overdue (practitioner, case_ref, overdue_from) SELECT now_practitioner, ref, CASE WHEN ref LIKE '%00' THEN 0 ELSE 9000000000000 END FROM cases`,
		`INSERT INTO people (id, name, role, team, email, mobile, channel, reports_to, cover, updated_at)
			SELECT 'W' || i, '', 'practitioner', '', '', '', '', 'G' || i / 10, '', 0 FROM generate_series(1, 100) i`,
		`ANALYZE`,
	)
	manager := pathway.ScopeOf(&pathway.Who{Person: "G1", Role: pathway.Manager, Team: "T1", Active: true}, pathway.DeedLook)
	for name, q := range store.DutiesOnPostgres(&manager) {
		arguments := make([]string, len(q.Args))
		for i, a := range q.Args {
			arguments[i] = fmt.Sprintf("'%v'", a)
		}
		plan := conn.plan(name, q.Text, strings.Join(arguments, ", "))
		if name == "board" && !strings.Contains(plan, "cases_overdue_first") {
			t.Errorf("the plan of what is overdue for a %s is\n%s\nwant it to read no case that is not", name, plan)
		}
		for _, table := range []string{"cases", "duties", "cases_overdue"} {
			if strings.Contains(plan, "Seq Scan on "+table+" ") {
				t.Errorf("the plan of what is read for a %s is\n%s\nwant it not to read all %s", name, plan, table)
			}
		}
	}
}

// TestAScanSortsNoDutiesOnPostgres: thousands come due at one instant, and are taken some
// hundreds at a time.
func TestAScanSortsNoDutiesOnPostgres(t *testing.T) {
	conn := planner(t,
		filled("cases", `WHEN 'ref' THEN '''KN-'' || i'`),
		filled("duties", `WHEN 'id' THEN 'i' WHEN 'case_ref' THEN '''KN-'' || i' WHEN 'state' THEN '''open''' WHEN 'next_rung_at' THEN '5'`),
		`ANALYZE`,
	)
	plan := conn.plan("scan", store.DueOnPostgres(), "10, 400")
	_, due, _ := strings.Cut(plan, "CTE d")
	due, _, _ = strings.Cut(due, "CTE Scan")
	if !strings.Contains(due, "Index Scan using duties_next_rung") || strings.Contains(due, "Sort") {
		t.Errorf("the plan is\n%s\nwant it to take the duties as duties_next_rung has them", plan)
	}
}

// filled is a statement that fills a table with 20,000 rows i. given says of some columns
// what stands there; in all others is nothing.
func filled(table, given string) string {
	return `DO $do$ DECLARE names TEXT; given TEXT; BEGIN
		SELECT string_agg(column_name, ', '), string_agg(CASE column_name ` + given + `
			ELSE CASE WHEN is_nullable = 'YES' THEN 'NULL' WHEN data_type = 'text' THEN '''''' WHEN data_type = 'boolean' THEN 'FALSE' ELSE '0' END END, ', ') INTO names, given
			FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '` + table + `';
		EXECUTE 'INSERT INTO ` + table + ` (' || names || ') SELECT ' || given || ' FROM generate_series(1, 20000) i';
	END $do$`
}

// planning is a connection that tells how PostgreSQL would go about a statement that is
// executed again and again.
type planning struct {
	*pgx.Conn
	t *testing.T
}

// planner is one to a database in which statements have been executed.
func planner(t *testing.T, statements ...string) planning {
	t.Helper()
	address := storetest.PostgresURL(t)
	storetest.Open(t, address)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	for _, do := range append(statements, store.DailySettings) {
		if _, err := conn.Exec(t.Context(), do); err != nil {
			t.Fatalf("%s: %v", do, err)
		}
	}
	return planning{conn, t}
}

func (p planning) plan(name, statement, arguments string) string {
	p.t.Helper()
	if _, err := p.Exec(p.t.Context(), "PREPARE "+name+" AS "+statement, pgx.QueryExecModeSimpleProtocol); err != nil {
		p.t.Fatalf("%s: %v", statement, err)
	}
	rows, err := p.Query(p.t.Context(), "EXPLAIN EXECUTE "+name+"("+arguments+")", pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		p.t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
