package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// shared are the databases that several programs can open at once.
var shared = []struct {
	name   string
	driver string
	url    func(t testing.TB) string
}{
	{"SQLite", "sqlite", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db") }},
	{"Postgres", "pgx", storetest.PostgresURL},
}

// other opens the database as another program would.
func other(t *testing.T, driver, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestOneOfSeveralProgramsMigrates(t *testing.T) {
	for _, d := range shared {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			url := d.url(t)
			var wait sync.WaitGroup
			for range 4 {
				wait.Go(func() {
					s, err := store.Open(t.Context(), url)
					if err != nil {
						t.Errorf("Open: %v", err)
						return
					}
					defer s.Close()
					if err := s.Migrate(t.Context()); err != nil {
						t.Errorf("Migrate: %v", err)
					}
					if err := s.CheckSchema(t.Context()); err != nil {
						t.Errorf("CheckSchema: %v", err)
					}
				})
			}
			wait.Wait()
			var applied int
			err := other(t, d.driver, url).QueryRow("SELECT count(*) FROM schema_versions WHERE version_id = 1").Scan(&applied)
			if err != nil || applied != 1 {
				t.Errorf("the first migration was applied %d times (%v), want once", applied, err)
			}
		})
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	for _, d := range shared {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			url := d.url(t)
			s := storetest.Open(t, url)
			if _, err := other(t, d.driver, url).Exec("INSERT INTO schema_versions (version_id, is_applied) VALUES (99, true)"); err != nil {
				t.Fatal(err)
			}
			for name, check := range map[string]error{"CheckSchema": s.CheckSchema(t.Context()), "Migrate": s.Migrate(t.Context())} {
				if check == nil || !strings.Contains(check.Error(), "made by a newer Doorstep (schema 99") {
					t.Errorf("%s of a newer database gives %v, want it refused", name, check)
				}
			}
		})
	}
}

func TestAnEmptyDatabaseIsToBeMigrated(t *testing.T) {
	for _, d := range shared {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), d.url(t))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.CheckSchema(t.Context()); err == nil || !strings.Contains(err.Error(), "run doorstep migrate") {
				t.Errorf("CheckSchema of an empty database gives %v, want advice to migrate", err)
			}
		})
	}
}

func TestABadAddressIsExplained(t *testing.T) {
	for address, want := range map[string]string{
		"mysql://host/db":                          "not a database Doorstep knows",
		"sqlite:":                                  "names no file",
		"sqlite:a.db?cache=shared":                 "only busy_timeout",
		"sqlite:/nowhere/at/all/doorstep.db":       "check that its folder exists",
		"postgres://u:hush@127.0.0.1:1/db":         "cannot be reached",
		"postgres://u:hush@127.0.0.1:one/doorstep": "",
	} {
		s, err := store.Open(t.Context(), address)
		if err == nil {
			s.Close()
			t.Errorf("Open(%q) gave no error", address)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("Open(%q) = %v, want it to say %q and no password", address, err, want)
		}
	}
}

// TestWhatIsOverdueIsCarriedOver: it stood in the cases themselves, and for some hours in
// indexes of them.
func TestWhatIsOverdueIsCarriedOver(t *testing.T) {
	for _, d := range shared {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			url := d.url(t)
			s := storetest.Open(t, url)
			if err := s.ResetTo(t.Context(), 45); err != nil {
				t.Fatal(err)
			}
			before := other(t, d.driver, url)
			for _, statement := range []string{
				`DROP INDEX cases_of_manager`,
				`CREATE INDEX cases_of_manager ON cases (now_manager, overdue_from) WHERE NOT closed`,
				`INSERT INTO cases (ref, pathway, opened_at, recorded_at, practitioner, manager, edd, chair, contact, plan, open_to, visit_every,
	listed_row, listed_pathway, listed_practitioner, listed_edd, safe_to_write, team, household, addressee, address, postcode, phone, language,
	now_pathway, now_practitioner, now_manager, now_edd, closed, overdue_from)
SELECT ref, 'hv-child', 0, 0, 'W1', 'G1', '', '', '', '', '', '', 0, '', '', '', TRUE, '', '', '', '', '', '', '', 'hv-child', 'W1', 'G1', '', FALSE, overdue_from
FROM (SELECT 'KN-1' AS ref, CAST(1796000000000 AS BIGINT) AS overdue_from UNION ALL SELECT 'KN-2', NULL) AS c`,
			} {
				if _, err := before.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%v: %s", err, statement)
				}
			}
			before.Close()
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatalf("Migrate = %v, want no error", err)
			}
			after := other(t, d.driver, url)
			var got string
			if err := after.QueryRow(`SELECT CAST((SELECT overdue_from FROM cases_overdue WHERE case_ref = 'KN-1') AS TEXT) || ', ' ||
	COALESCE(CAST((SELECT overdue_from FROM cases_overdue WHERE case_ref = 'KN-2') AS TEXT), 'none') || ' of ' || CAST((SELECT count(*) FROM cases_overdue) AS TEXT)`).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if want := "1796000000000, none of 2"; got != want {
				t.Errorf("what is overdue of KN-1 and KN-2 from: %s, want %s", got, want)
			}
			if _, err := after.Exec(`DROP INDEX cases_of_manager`); err != nil {
				t.Errorf("cases of a manager are in no index any more: %v", err)
			}
		})
	}
}
