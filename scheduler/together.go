package scheduler

import (
	"context"
	"errors"
	"sync"
	"time"
)

// together lets those who ask the database for the same thing at the same moment
// share a round trip. Who comes while one is on its way waits for its end, and
// then all that have come meanwhile go in one. Whoever comes alone waits for nobody.
type together[Question, Answer any] struct {
	// ask answers every question, in order.
	ask func(context.Context, []Question) ([]Answer, error)
	// gather is how long after one trip the next begins at the earliest, where so many
	// come that the last one carried several; nil: at once.
	gather func() time.Duration

	mu      sync.Mutex
	busy    bool
	waiting []*asker[Question, Answer]
	carried int       // by the last trip
	began   time.Time // that trip
}

type asker[Question, Answer any] struct {
	question Question
	answer   Answer
	err      error
	turn     chan bool // true: ask for all who wait; false: the answer is there
}

// askTimeout bounds a round trip, so that a database that does not answer is
// noticed.
const askTimeout = 10 * time.Second

var errUnanswered = errors.New("another question broke off")

// get asks. Where ctx ends, whatever trip its caller has begun breaks off.
func (t *together[Q, A]) get(ctx context.Context, question Q) (A, error) {
	me := &asker[Q, A]{question: question, err: errUnanswered, turn: make(chan bool, 1)}
	t.mu.Lock()
	t.waiting = append(t.waiting, me)
	if t.busy {
		t.mu.Unlock()
		if ask := <-me.turn; !ask {
			return me.answer, me.err
		}
		t.mu.Lock()
	}
	t.busy = true
	if t.gather != nil && t.carried > 1 {
		if company := t.gather() - time.Since(t.began); company > 0 {
			t.mu.Unlock()
			<-time.After(company)
			t.mu.Lock()
		}
	}
	all := t.waiting
	t.waiting, t.carried, t.began = nil, len(all), time.Now()
	t.mu.Unlock()

	defer t.next(me, all)
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	questions := make([]Q, len(all))
	for i, a := range all {
		questions[i] = a.question
	}
	answers, err := t.ask(ctx, questions)
	for i, a := range all {
		if a.err = err; err == nil {
			a.answer = answers[i]
		}
	}
	return me.answer, me.err
}

// next hands out the answers and lets the first of those who have come meanwhile
// ask.
func (t *together[Q, A]) next(me *asker[Q, A], answered []*asker[Q, A]) {
	for _, a := range answered {
		if a != me {
			a.turn <- false
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy = len(t.waiting) > 0; t.busy {
		t.waiting[0].turn <- true
	}
}
