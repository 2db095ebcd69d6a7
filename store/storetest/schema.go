package storetest

import (
	"testing"

	"example.org/doorstep/store"
)

func testSchema(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("MigratedStoreIsReady", func(t *testing.T) {
		s := open(t)
		version, err := s.SchemaVersion(t.Context())
		if err != nil || version < 2 {
			t.Errorf("SchemaVersion after Migrate = %d, %v; want 2 or more", version, err)
		}
		if err := s.CheckSchema(t.Context()); err != nil {
			t.Errorf("CheckSchema after Migrate = %v, want no error", err)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Errorf("second Migrate = %v, want no error", err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("Ping = %v, want no error", err)
		}
	})
}
