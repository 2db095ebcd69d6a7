package store

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// noPostgresAddress says how a PostgreSQL address is written, and nothing of one that
// is not: where a password is not escaped, any part of the address may be a part of it.
const noPostgresAddress = "is not a PostgreSQL address: write it like postgres://doorstep:${DB_PASSWORD}@host/doorstep?sslmode=verify-full; special characters in a password are written with %, as in %40 for @, %2F for / and %23 for #"

// CheckAddress says what is wrong with a database's address, as in Open. The error
// quotes nothing of it.
func CheckAddress(address string) error {
	scheme, rest, _ := strings.Cut(address, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return nil
	case scheme == "postgres" || scheme == "postgresql":
		if !isPostgresAddress(address) {
			return errors.New(noPostgresAddress)
		}
		return nil
	}
	return errors.New("is not a database Doorstep knows: write sqlite:doorstep.db or postgres://user:${DB_PASSWORD}@host/doorstep?sslmode=verify-full")
}

// isPostgresAddress reports whether an address says what its parts are. A password
// with / ? or # in it ends the host's part too early, and an @ is left behind: then what
// looks like a host, a port or a database is a part of the password.
func isPostgresAddress(address string) bool {
	_, rest, _ := strings.Cut(address, ":")
	rest, ok := strings.CutPrefix(rest, "//")
	if !ok || strings.Contains(rest, "#") {
		return false
	}
	if i := strings.IndexAny(rest, "/?"); i >= 0 && strings.Contains(rest[i:], "@") {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && (u.Host != "" || u.Query().Get("host") != "")
}

// ShownAddress is a database's address as it may be shown: without user, password
// and parameters. One that cannot be read shows nothing of itself.
func ShownAddress(address string) string {
	if strings.HasPrefix(address, "sqlite:") {
		return address
	}
	if CheckAddress(address) != nil {
		return "a database whose address cannot be read"
	}
	u, err := url.Parse(address)
	if err != nil {
		return "a database whose address cannot be read"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// poolConfig reads a PostgreSQL address. What pgx says of one quotes it, and its
// password where that is not where pgx looks for it.
func poolConfig(address string) (*pgxpool.Config, error) {
	if err := CheckAddress(address); err != nil {
		return nil, fmt.Errorf("the database's address %w", err)
	}
	config, err := pgxpool.ParseConfig(address)
	if err == nil {
		return config, nil
	}
	why := "it cannot be read"
	if cause := errors.Unwrap(err); cause != nil {
		why = cause.Error()
	}
	return nil, fmt.Errorf("the database's address cannot be used (%s): correct what stands behind its question mark", why)
}
