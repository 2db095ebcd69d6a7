package store_test

import (
	"strings"
	"testing"

	"example.org/doorstep/store"
)

// TestAnAddressIsShownWithoutItsPassword: or not at all, where nobody can tell what of
// it is the password.
func TestAnAddressIsShownWithoutItsPassword(t *testing.T) {
	const hidden = "a database whose address cannot be read"
	for address, want := range map[string]string{
		"sqlite:doorstep.db":                              "sqlite:doorstep.db",
		"postgres://u:hunter2@db.council.example/d":       "postgres://db.council.example/d",
		"postgres://u:p%40hunter2@db:5433/d?password=x":   "postgres://db:5433/d",
		"postgres://u:a@hunter2@db/d":                     "postgres://db/d",
		"postgresql:///d?host=/run/postgresql&user=u":     "postgresql:///d",
		"postgres://u:a#hunter2@db/d":                     hidden,
		"postgres://u:12/hunter2@db/d":                    hidden,
		"postgres://u:12?hunter2@db/d":                    hidden,
		"postgres://u:%zz@db/d":                           hidden,
		"host=db password=hunter2":                        hidden,
		"host=db password='a:hunter2'":                    hidden,
		"postgres:u:hunter2@db/d":                         hidden,
		"postgres://u:hunter2@db.council.example/d#there": hidden,
	} {
		if got := store.ShownAddress(address); got != want {
			t.Errorf("%s is shown as %q, want %q", address, got, want)
		}
		if want != hidden {
			continue
		}
		if _, err := store.Open(t.Context(), address); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("opening %s: error %v, want one that quotes nothing of it", address, err)
		}
	}
}
