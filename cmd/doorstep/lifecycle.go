package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// part is something that a process is made of.
type part struct {
	name  string
	start func(ctx context.Context) error // returns once the part works
	// stop returns once the part has stopped; when ctx ends it should break off what
	// keeps it. Nil: there is nothing to stop.
	stop func(ctx context.Context) error
}

// lifecycle starts the parts of a process one after the other and stops them the
// other way round: a part can count on those before it for as long as it works.
type lifecycle struct {
	log *slog.Logger
	// within is how long the parts may take to stop, all together.
	within time.Duration

	started []part
}

// keptBack is how much of the time to stop each part leaves to every one after it.
const keptBack = time.Second

// start starts the parts. Where one cannot start, those before it are stopped again.
func (l *lifecycle) start(ctx context.Context, parts ...part) error {
	for _, p := range parts {
		if err := p.start(ctx); err != nil {
			return errors.Join(err, l.stop(ctx))
		}
		if p.stop != nil {
			l.started = append(l.started, p)
		}
	}
	return nil
}

// stop stops what was started, whatever has become of ctx. A part that does not stop
// in its time is named in the log and left behind: it keeps neither the others nor
// the process.
func (l *lifecycle) stop(ctx context.Context) error {
	end := time.Now().Add(l.within)
	var problems []error
	for before, p := range slices.Backward(l.started) {
		problems = append(problems, l.stopPart(context.WithoutCancel(ctx), p, end.Add(-time.Duration(before)*keptBack)))
	}
	l.started = nil
	return errors.Join(problems...)
}

// stopPart leaves a part behind at the given time, after asking it to break off.
func (l *lifecycle) stopPart(ctx context.Context, p part, leave time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, leave.Add(-keptBack/2))
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- p.stop(ctx) }()
	select {
	case err := <-stopped:
		return err
	case <-time.After(time.Until(leave)):
		l.log.Error("a part does not stop and is left behind", "part", p.name)
		return fmt.Errorf("the %s did not stop in time and was left behind: see the log for what it was doing", p.name)
	}
}

// running is work that goes on until it is told to stop.
type running struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// goRun lets work run until stop is called. It goes on when ctx ends: the lifecycle
// says when its turn to stop has come.
func goRun(ctx context.Context, work func(ctx context.Context)) *running {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &running{cancel, make(chan struct{})}
	go func() {
		defer close(r.done)
		work(ctx)
	}()
	return r
}

// stop tells it to stop and returns once it has.
func (r *running) stop(context.Context) error {
	r.cancel()
	<-r.done
	return nil
}
