package pages

import (
	"fmt"
	"testing"

	"example.org/doorstep/store/casefile"
)

// TestABoardOfManyCasesIsShownPageByPage: each case stands on one of them, and the one
// whose form is open stands on the page that is shown.
func TestABoardOfManyCasesIsShownPageByPage(t *testing.T) {
	board := &casefile.Board{Filter: casefile.BoardFilter{Owner: "W1"}}
	for n := range 120 {
		board.Cases = append(board.Cases, casefile.BoardCase{Ref: fmt.Sprintf("KN-%d", n)})
	}
	for _, tt := range []struct {
		open, from          string
		first, last         string
		toFirst, next, what string
	}{
		{"", "", "KN-0", "KN-49", "", "/overdue?owner=W1&from=50", "the first page"},
		{"", "50", "KN-50", "KN-99", "/overdue?owner=W1", "/overdue?owner=W1&from=100", "the second"},
		{"", "100", "KN-100", "KN-119", "/overdue?owner=W1", "", "the last"},
		{"KN-77", "", "KN-50", "KN-99", "/overdue?owner=W1", "/overdue?owner=W1&from=100", "that of an open case"},
		{"KN-77", "100", "KN-50", "KN-99", "/overdue?owner=W1", "/overdue?owner=W1&from=100", "that of an open case, whatever is asked for"},
		{"KN-999", "", "KN-0", "KN-49", "", "/overdue?owner=W1&from=50", "that of a case that is not on it"},
		{"", "120", "KN-100", "KN-119", "/overdue?owner=W1", "", "the last, for one behind it"},
		{"", "-3", "KN-0", "KN-49", "", "/overdue?owner=W1&from=50", "one before all"},
		{"", "soon", "KN-0", "KN-49", "", "/overdue?owner=W1&from=50", "none"},
	} {
		s := &overdueSheet{Board: board}
		s.From = s.pageOf(tt.open, tt.from)
		shown := s.Shown()
		if shown[0].Ref != tt.first || shown[len(shown)-1].Ref != tt.last || s.First() != tt.toFirst || s.Next() != tt.next {
			t.Errorf("%s: from %s to %s, first %q, next %q; want %s to %s, %q, %q", tt.what, shown[0].Ref, shown[len(shown)-1].Ref, s.First(), s.Next(), tt.first, tt.last, tt.toFirst, tt.next)
		}
	}
	empty := &overdueSheet{Board: &casefile.Board{}}
	if empty.From = empty.pageOf("", ""); len(empty.Shown()) != 0 || empty.Next() != "" || empty.First() != "" {
		t.Errorf("nothing overdue: %+v with a page before or behind it", empty.Shown())
	}
}
