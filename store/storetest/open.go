// Package storetest is the suite that every database of package store must pass,
// and what tests of other packages need to have a store: opened on a file, in
// memory and on PostgreSQL.
//
// It promises that each test has a database of its own, empty and migrated. It
// never skips: where there is no PostgreSQL, tests that need it fail and say so.
package storetest

import (
	"os"
	"path/filepath"
	"testing"

	"example.org/doorstep/store"
)

// Backends are the databases that everything must work on, by name.
var Backends = []struct {
	Name string
	Open func(t testing.TB) *store.Store
}{
	{"SQLiteFile", OpenSQLite},
	{"SQLiteMemory", OpenMemory},
	{"Postgres", OpenPostgres},
}

// OpenSQLite opens a new store in a file.
func OpenSQLite(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, MigratedSQLiteURL(t))
}

// MigratedSQLiteURL returns the address of a SQLite database of the test's own with the
// newest schema: a copy of one that the migrations have made once.
func MigratedSQLiteURL(t testing.TB) string {
	t.Helper()
	content, err := migratedFile()
	if err != nil {
		t.Fatalf("no migrated database to copy: %v", err)
	}
	path := filepath.Join(t.TempDir(), "doorstep.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// OpenMemory opens a new store in memory.
func OpenMemory(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, "sqlite::memory:")
}

// OpenPostgres opens a new store in a PostgreSQL database of its own.
func OpenPostgres(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, MigratedPostgresURL(t))
}

// Open opens the store at an address, brings it to the newest schema, and closes
// it when the test ends.
func Open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatalf("open a store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate a store: %v", err)
	}
	return s
}

// Run runs the whole suite on the stores that open gives, each empty and
// migrated.
func Run(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("Schema", func(t *testing.T) { testSchema(t, open) })
	t.Run("Cases", func(t *testing.T) { testCases(t, open) })
	t.Run("Lists", func(t *testing.T) { testLists(t, open) })
	t.Run("Given", func(t *testing.T) { testGiven(t, open) })
	t.Run("Changes", func(t *testing.T) { testChanges(t, open) })
	t.Run("MassChange", func(t *testing.T) { testMassChange(t, open) })
	t.Run("ManyRowsOfCase", func(t *testing.T) { testManyRowsOfCase(t, open) })
	t.Run("GivenOfPeopleAndEvents", func(t *testing.T) { testGivenOfPeopleAndEvents(t, open) })
	t.Run("Faults", func(t *testing.T) { testFaults(t, open) })
	t.Run("Pathways", func(t *testing.T) { testPathways(t, open) })
	t.Run("Silence", func(t *testing.T) { testSilence(t, open) })
	t.Run("Backup", func(t *testing.T) { testBackup(t, open) })
	t.Run("Record", func(t *testing.T) { testRecord(t, open) })
	t.Run("Concurrency", func(t *testing.T) { testConcurrency(t, open) })
	t.Run("Ledger", func(t *testing.T) { testLedger(t, open) })
	t.Run("Left", func(t *testing.T) { testLeft(t, open) })
	t.Run("Receipts", func(t *testing.T) { testReceipts(t, open) })
	t.Run("ReceiptsAtOnce", func(t *testing.T) { testReceiptsAtOnce(t, open) })
	t.Run("GiveUp", func(t *testing.T) { testGiveUp(t, open) })
	t.Run("Addresses", func(t *testing.T) { testAddresses(t, open) })
	t.Run("Channels", func(t *testing.T) { testChannels(t, open) })
	t.Run("Replies", func(t *testing.T) { testReplies(t, open) })
	t.Run("Origin", func(t *testing.T) { testOrigin(t, open) })
	t.Run("Schedules", func(t *testing.T) { testSchedules(t, open) })
	t.Run("Accounts", func(t *testing.T) { testAccounts(t, open) })
	t.Run("Identities", func(t *testing.T) { testIdentities(t, open) })
	t.Run("Rights", func(t *testing.T) { testRights(t, open) })
	t.Run("Tokens", func(t *testing.T) { testTokens(t, open) })
	t.Run("Arrivals", func(t *testing.T) { testArrivals(t, open) })
	t.Run("Digest", func(t *testing.T) { testDigest(t, open) })
	t.Run("OpenDuties", func(t *testing.T) { testOpenDuties(t, open) })
	t.Run("DutyFigures", func(t *testing.T) { testDutyFigures(t, open) })
	t.Run("DutiesOfAServiceManagerAndAChair", func(t *testing.T) { testDutiesOfAServiceManagerAndAChair(t, open) })
	t.Run("Find", func(t *testing.T) { testFind(t, open) })
	t.Run("Prints", func(t *testing.T) { testPrints(t, open) })
	t.Run("Access", func(t *testing.T) { testAccess(t, open) })
	t.Run("Audit", func(t *testing.T) { testAudit(t, open) })
	t.Run("Looks", func(t *testing.T) { testLooks(t, open) })
	t.Run("Retention", func(t *testing.T) { testRetention(t, open) })
	t.Run("Webhooks", func(t *testing.T) { testWebhooks(t, open) })
	t.Run("Postings", func(t *testing.T) { testPostings(t, open) })
}
