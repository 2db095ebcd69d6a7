package store

import (
	"context"
	"database/sql"
	"fmt"
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
