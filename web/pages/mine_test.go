package pages

import (
	"testing"

	"example.org/doorstep/store/casefile"
)

// TestOfManyCasesTheFirstAreCards: the others are rows behind them, and none is left out.
func TestOfManyCasesTheFirstAreCards(t *testing.T) {
	for _, tt := range []struct{ now, week, cardsNow, moreNow, cardsWeek, moreWeek int }{
		{0, 0, 0, 0, 0, 0},
		{3, 5, 3, 0, 5, 0},
		{30, 0, 30, 0, 0, 0},
		{20, 180, 20, 0, 10, 170},
		{31, 2, 30, 1, 0, 2},
		{200, 0, 30, 170, 0, 0},
	} {
		s := &mineSheet{Now: make([]casefile.DeskCase, tt.now), Week: make([]casefile.DeskCase, tt.week)}
		s.keepShort()
		got := [...]int{len(s.Now), len(s.MoreNow), len(s.Week), len(s.MoreWeek)}
		if want := [...]int{tt.cardsNow, tt.moreNow, tt.cardsWeek, tt.moreWeek}; got != want {
			t.Errorf("of %d now and %d this week, cards and rows are %v, want %v", tt.now, tt.week, got, want)
		}
		if s.Cases() != tt.now+tt.week {
			t.Errorf("of %d now and %d this week %d are shown", tt.now, tt.week, s.Cases())
		}
	}
}
