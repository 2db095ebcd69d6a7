package store_test

import (
	"encoding/pem"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/doorstep/store"
)

func TestServerIsVerifiedByTLSAlone(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		address     string
		environment string // PGSSLMODE
		want        bool
	}{
		{"postgres:///doorstep?host=/var/run/postgresql", "", true},
		{"postgres://doorstep@localhost/doorstep", "", true},
		{"postgres://doorstep@127.0.0.1:6432/doorstep", "disable", true},
		{"postgres://doorstep@[::1]/doorstep", "", true},
		{"postgres://doorstep@db.example.org/doorstep", "", false},
		{"postgres://doorstep@192.0.2.7/doorstep", "", false},
		{"postgresql://doorstep@db.example.org/doorstep?sslmode=disable", "", false},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=allow", "", false},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=prefer", "", false},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=require", "", false},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=require&sslrootcert=" + authority, "", true}, // as verify-ca, says PostgreSQL
		{"postgres://doorstep@db.example.org/doorstep?sslmode=verify-ca&sslrootcert=" + authority, "", true},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=verify-ca", "", false}, // anybody has a certificate of some authority
		{"postgres://doorstep@db.example.org/doorstep?sslmode=prefer&sslrootcert=" + authority, "", false},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=verify-full", "", true},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=verify-full&sslrootcert=" + authority, "", true},
		{"postgres://doorstep@db.example.org/doorstep?sslrootcert=system", "", true},
		{"postgres://doorstep@db.example.org/doorstep", "verify-full", true},
		{"postgres://doorstep@db.example.org/doorstep?sslmode=require", "verify-full", false},
		// Of several servers each counts.
		{"postgres://doorstep@db1.example.org,db2.example.org:5433/doorstep?sslmode=verify-full", "", true},
		{"postgres://doorstep@localhost,db2.example.org/doorstep", "", false},
		{"postgres:///doorstep?host=/var/run/postgresql,db2.example.org", "", false},
	} {
		t.Setenv("PGSSLMODE", tt.environment)
		if got, err := store.VerifiesServer(tt.address); got != tt.want || err != nil {
			t.Errorf("%s with PGSSLMODE=%q: verified %t (%v), want %t", tt.address, tt.environment, got, err, tt.want)
		}
	}
}

func TestAddressThatCannotBeReadTellsNothingOfIt(t *testing.T) {
	for _, address := range []string{
		"postgres://doorstep:hush@db.example.org:one/doorstep",
		"postgres://doorstep:hush@db.example.org/doorstep?sslmode=hush",
		"postgres://doorstep:hu%sh@db.example.org/doorstep",
	} {
		if _, err := store.VerifiesServer(address); !errors.Is(err, store.ErrAddress) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %v and nothing of the address", address, err, store.ErrAddress)
		}
	}
	_, err := store.VerifiesServer("postgres://doorstep:hush@db.example.org/doorstep?sslmode=verify-full&sslrootcert=/no/such/ca.pem")
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "/no/such/ca.pem") || strings.Contains(err.Error(), "hush") {
		t.Errorf("an authority that is not there: %v, want the file named and no password", err)
	}
}
