package storetest

import (
	"bytes"
	_ "embed"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// ofBefore is the backup of an invented service at work, made by Doorstep as it stood at
// schema 6, when no pathway asked for anything by itself, on Monday 30 November 2026 at
// 08:04: an open case on every pathway, visits without access, duties overdue; messages
// sent, and others that wait for a mail server that is down; a practitioner's text that
// the child of KN-30 was seen; a household, KN-10 and KN-11; two batches of paper; and
// KN-20, whose visit was booked for a day that is past, of which nobody hears any more.
//
//go:embed testdata/of-before.backup
var ofBefore []byte

// RestoreOfBefore fills an empty store with the work of an earlier Doorstep.
func RestoreOfBefore(t testing.TB, s *store.Store) {
	t.Helper()
	if _, err := s.Restore(t.Context(), bytes.NewReader(ofBefore)); err != nil {
		t.Fatalf("restore the backup of an earlier Doorstep: %v", err)
	}
}

// Adopted puts the pathways that Doorstep is shipped with in force from now on, and
// returns the rules of all that were ever in force.
func Adopted(t testing.TB, s *store.Store, now time.Time) *pathway.Rules {
	t.Helper()
	pathways, calendar, err := shipped()
	if err != nil {
		t.Fatalf("read the built-in pathways: %v", err)
	}
	versions, err := s.AdoptPathways(t.Context(), now, pathways.List())
	if err != nil {
		t.Fatal(err)
	}
	rules := pathway.NewRules(calendar, pathways.Ladders)
	for _, v := range versions {
		rules.AddPathway(v.Pathway, v.From)
	}
	return rules
}
