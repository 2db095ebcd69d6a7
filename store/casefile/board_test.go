package casefile_test

import (
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// TestADutyThatWasMovedWhenItWasOverdueStaysOnTheBoard: since it was due first, before
// what has fallen due later.
func TestADutyThatWasMovedWhenItWasOverdueStaysOnTheBoard(t *testing.T) {
	s := newScene(t)
	s.happens("v1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	set := func(id, at, due string) {
		s.takesIn(at, nil, nil, pathway.Event{ID: id, Case: "KN-7", Kind: pathway.KindTimeframeSet, At: s.at(at), By: "G1", ByRole: pathway.Manager, Due: s.at(due)})
	}
	set("t1", "2026-09-02 11:00", "2026-09-03 00:00")
	set("t2", "2026-09-04 09:00", "2026-09-08 00:00")
	who := &pathway.Who{Person: "G1", Role: pathway.Manager, Team: "East", Active: true}
	board, err := casefile.ReadBoard(t.Context(), s.Store, s.rules, who, casefile.BoardFilter{Duty: "see-child-again"}, s.at("2026-09-07 09:00"))
	if err != nil {
		t.Fatal(err)
	}
	if len(board.Cases) != 1 {
		t.Fatalf("the board has %d cases, want KN-7, which was to be seen by 3 September", len(board.Cases))
	}
	first := board.Cases[0].First()
	if since := first.OverdueSince(); !since.Equal(s.at("2026-09-03 17:00")) || !first.Due.Equal(s.at("2026-09-08 17:00")) {
		t.Errorf("it is overdue since %s and due %s, want since 3 September 17:00 and due 8 September 17:00", since, first.Due)
	}
	if !board.Cases[0].MayDecide {
		t.Errorf("its manager may not decide on it")
	}
	if next := board.NextToDecide("KN-7"); next != "" {
		t.Errorf("behind the last case comes %q, want none", next)
	}
}
