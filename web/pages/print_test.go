package pages

import (
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
)

// TestALongQueueIsListedInPart: and how many more wait is said.
func TestALongQueueIsListedInPart(t *testing.T) {
	s := &printSheet{Queue: &printing.Queue{Ready: make([]printing.Waiting, mostPrints+20)}}
	for i := range s.Ready {
		if s.Ready[i].Kind = pathway.PaperLetter; i >= 100 {
			s.Ready[i].Kind = pathway.PaperCard
		}
	}
	if letters, cards, more := len(s.Letters()), len(s.Cards()), s.More(); letters != 100 || cards != mostPrints-100 || more != 20 {
		t.Errorf("it lists %d letters and %d cards and %d more wait, want 100, %d and 20", letters, cards, more, mostPrints-100)
	}
}
