package pages

import (
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
)

// TestALongQueueIsListedInPart: how many more wait is said, and where they are.
func TestALongQueueIsListedInPart(t *testing.T) {
	s := &printSheet{Queue: &printing.Queue{Ready: make([]printing.Waiting, mostPrints), More: 20, Next: 77}}
	for i := range s.Ready {
		if s.Ready[i].Kind = pathway.PaperLetter; i >= 30 {
			s.Ready[i].Kind = pathway.PaperCard
		}
	}
	if letters, cards, more := len(s.Letters()), len(s.Cards()), s.Unlisted(); letters != 30 || cards != mostPrints-30 || more != 20 {
		t.Errorf("it lists %d letters and %d cards and %d more wait, want 30, %d and 20", letters, cards, more, mostPrints-30)
	}
	if got, want := s.After(), "/print?behind=77"; got != want {
		t.Errorf("the next ones are at %q, want %q", got, want)
	}
	s = &printSheet{Queue: &printing.Queue{Ready: make([]printing.Waiting, 3)}}
	if s.After() != "" || s.Unlisted() != 0 {
		t.Errorf("of three %d more wait at %q, want none", s.Unlisted(), s.After())
	}
}
