package storetest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"

	"example.org/doorstep/store"
)

// migrate brings the database at an address to the newest schema.
func migrate(address string) error {
	s, err := store.Open(context.Background(), address)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(context.Background())
}

// migratedTemplate returns the name of a database with the newest schema and no rows on
// the server that the tests have started, of which others are copies.
var migratedTemplate = sync.OnceValues(func() (string, error) {
	const name = "doorstep_template"
	address, err := serverAddress()
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	u.Path = "/" + name
	return name, migrate(u.String())
})

// migratedFile returns what a SQLite database with the newest schema and no rows holds.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "doorstep-migrated-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "doorstep.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
