package scheduler

import (
	"context"
	"time"

	"example.org/doorstep/store"
)

const (
	// CountDerived is how many cases a scan derives again because a new pathway file
	// asks for something by itself.
	CountDerived = "derived"

	derivedInBatch = 200
	derivedInScan  = 5000 // so that the next scan is not kept waiting
)

// deriveAgain derives the cases again that a new pathway file has to do with though
// nothing happens on them. What that opens, the next scan finds.
func (s *Scanner) deriveAgain(ctx context.Context, run *store.Run, now time.Time) (derived int, err error) {
	for derived < derivedInScan {
		n, err := s.store.DeriveAgain(ctx, run, now, s.rules, derivedInBatch)
		derived += n
		if err != nil || n < derivedInBatch {
			return derived, err
		}
	}
	return derived, nil
}
