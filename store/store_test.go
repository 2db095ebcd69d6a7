package store_test

import (
	"os"
	"testing"

	"example.org/doorstep/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func TestStoreKeepsItsPromises(t *testing.T) {
	for _, b := range storetest.Backends {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, b.Open)
		})
	}
}
