package notify

import (
	"sync/atomic"
	"time"
)

// doubts are the emails whose last line has gone to the mail server and that it has not
// answered yet. Should the process end now, nobody knows of each whether it was taken,
// and it goes again: so there are few at a time. Emails that have become ready together
// wait for each other a moment, as long as the server answers sooner than that; one that
// is slow gets as many as there are connections.
type doubts struct {
	places chan struct{}
	slow   atomic.Bool // the last answer was
}

const (
	doubtsAtOnce = 2
	// quickAnswer is what two emails at a time cost little with: at least 40 go in a
	// second. On a busy machine a server that is quick answers within it too.
	quickAnswer = 50 * time.Millisecond
)

func newDoubts() *doubts { return &doubts{places: make(chan struct{}, doubtsAtOnce)} }

// begin waits until one more may be in doubt. Call end when its answer is there.
func (d *doubts) begin() (end func()) {
	held := true
	select {
	case d.places <- struct{}{}:
	default:
		held = !d.slow.Load() && d.waited()
	}
	began := time.Now()
	return func() {
		d.slow.Store(time.Since(began) > quickAnswer)
		if held {
			<-d.places
		}
	}
}

// waited reports whether there was a place soon.
func (d *doubts) waited() bool {
	enough := time.NewTimer(quickAnswer)
	defer enough.Stop()
	select {
	case d.places <- struct{}{}:
		return true
	case <-enough.C:
		return false
	}
}
