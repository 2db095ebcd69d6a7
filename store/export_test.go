package store

import "database/sql"

// Pools are the store's connections, by what they are for.
func (s *Store) Pools() map[string]*sql.DB {
	return map[string]*sql.DB{"daily": s.db, "outcomes": s.outcomes, "long": s.long}
}
