package web

import (
	"sync"
	"time"
)

// rarely lets something that happens often be logged once a minute, with how often
// it happened.
type rarely struct {
	now func() time.Time

	mu    sync.Mutex
	noted map[string]noted
}

type noted struct {
	last  time.Time // when it was logged
	since int       // how often it has happened since
}

// note returns how often this has happened since it was last to be logged, this
// time included; 0: it is not to be logged yet.
func (r *rarely) note(what string) int {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.noted[what]
	n.since++
	times := 0
	if n.last.IsZero() || now.Sub(n.last) >= time.Minute {
		times, n = n.since, noted{last: now}
	}
	r.noted[what] = n
	return times
}
