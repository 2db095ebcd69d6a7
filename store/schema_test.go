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
