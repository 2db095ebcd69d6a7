package storetest

import (
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testIdentities: who signs in as whom is said once, and changes only by being ended.
func testIdentities(t *testing.T, open func(t testing.TB) *store.Store) {
	ctx := t.Context()
	s := newScene(t, open)
	const here, there = "https://id.example", "https://id2.example"
	now := at(t, "2026-09-01 08:00")
	link := func(issuer, subject, person string, want pathway.ProblemKind) {
		t.Helper()
		if err := s.LinkIdentity(ctx, now, issuer, subject, person); pathway.ProblemOf(err) != want || want == 0 && err != nil {
			t.Errorf("link %s %s to %s: %v, want problem %d", issuer, subject, person, err, want)
		}
	}
	link(here, "s1", "W1", 0)
	link(here, "s1", "W1", 0)                // once more
	link(here, "s1", "G1", pathway.Conflict) // it is W1's
	link(here, "s2", "W1", pathway.Conflict) // W1 is s1 there
	link(there, "s1", "G1", 0)               // the same subject elsewhere is somebody else
	link(here, "s3", "W99", pathway.NotFound)
	for _, c := range []struct{ issuer, subject, want string }{{here, "s1", "W1"}, {there, "s1", "G1"}, {here, "s2", ""}, {here, "S1", ""}} {
		if got, err := s.PersonAt(ctx, c.issuer, c.subject); err != nil || got != c.want {
			t.Errorf("%s %s is %q (%v), want %q", c.issuer, c.subject, got, err, c.want)
		}
	}
	if err := s.UnlinkIdentity(ctx, "W1"); err != nil {
		t.Fatal(err)
	}
	link(here, "s2", "W1", 0)
	if err := s.UnlinkIdentity(ctx, "G2"); err == nil {
		t.Error("a link that there is not ends without a word")
	}
}
