package store_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestClaimsOnPostgresFindTheirRowsByKey: a statement that is executed again and again is
// planned once, for any number of rows that it may claim, and must not read the whole
// table each time.
func TestClaimsOnPostgresFindTheirRowsByKey(t *testing.T) {
	address := storetest.PostgresURL(t)
	s, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, do := range []string{
		`INSERT INTO messages (key, kind, person, channel, address, severity, created_at, next_try_at, state)
			SELECT 'k' || i, 'reminder', 'W1', 'email', 'w1@example.org', 100, 1, 1, 'queued' FROM generate_series(1, 10000) i`,
		`INSERT INTO webhooks (endpoint, key, event, at, queued_at, next_try_at)
			SELECT 'e', 'k' || i, 'message.failed', 1, 1, 1 FROM generate_series(1, 10000) i`,
		`ANALYZE messages, webhooks`,
		`SET plan_cache_mode = force_generic_plan`,
	} {
		if _, err := conn.Exec(t.Context(), do); err != nil {
			t.Fatalf("%s: %v", do, err)
		}
	}
	arguments := map[string]string{"messages": "'email', 5, 100, 'h', 60000, 60000", "webhooks": "'e', 5, 100, 'h', 60000"}
	for table, claim := range store.ClaimsOnPostgres() {
		if _, err := conn.Exec(t.Context(), "PREPARE "+table+" AS "+claim, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", claim, err)
		}
		rows, err := conn.Query(t.Context(), "EXPLAIN EXECUTE "+table+"("+arguments[table]+")", pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(lines, "\n"); strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, table+"_pkey") {
			t.Errorf("the plan of a claim of %s is\n%s\nwant it to use %s_pkey and to read no table", table, plan, table)
		}
	}
}
