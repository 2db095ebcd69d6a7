package pages

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.org/doorstep/store/casefile"
)

// TestKnownFiguresAreShownWhileTheyAreCountedAgain: whoever asks waits only where nothing is
// known, and reads of when the figures are. A count that fails leaves them as they are.
func TestKnownFiguresAreShownWhileTheyAreCountedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reports{counting: map[int]bool{}, counted: map[int]reported{}}
		began := time.Now()
		var takes time.Duration
		var fails error
		counts := 0
		asks := func(waits time.Duration, counted time.Duration, counting bool) {
			t.Helper()
			asked := time.Now()
			f, being := r.figures(t.Context(), 3, asked, func(context.Context) (*casefile.Figures, error) {
				counts++
				time.Sleep(takes)
				return &casefile.Figures{}, fails
			})
			of := time.Duration(-1)
			if f != nil {
				of = f.at.Sub(began)
			}
			if waited := time.Since(asked); of != counted || being != counting || waited != waits {
				t.Errorf("after %v: figures of %v, being counted %v, after %v; want those of %v, %v, after %v", asked.Sub(began), of, being, waited, counted, counting, waits)
			}
		}
		takes = time.Minute
		later := func() {
			time.Sleep(time.Minute)
			synctest.Wait() // who counts has woken at the same moment
		}
		asks(figuresPatience, -1, true) // none are known
		asks(0, -1, true)               // somebody counts already
		later()
		asks(0, 0, false)
		time.Sleep(figuresLast)
		again := time.Since(began)
		asks(0, 0, true) // counted again
		asks(0, 0, true) // but once
		later()
		asks(0, again, false)
		time.Sleep(figuresLast)
		fails = errors.New("the database is away")
		asks(0, again, true)
		later()
		asks(0, again, true) // and tried once more
		later()
		if counts != 4 {
			t.Errorf("they were counted %d times, want 4", counts)
		}
	})
}
