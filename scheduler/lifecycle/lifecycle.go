// Package lifecycle starts the parts of a process one after the other and stops them
// the other way round, in bounded time: whatever hangs is named and left behind.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Part is something that a process is made of.
type Part struct {
	Name  string
	Start func(ctx context.Context) error // returns once the part works
	// Stop returns once the part has stopped; when ctx ends it should break off what
	// keeps it. Nil: there is nothing to stop.
	Stop func(ctx context.Context) error
}

// Lifecycle starts the parts of a process one after the other and stops them the
// other way round: a part can count on those before it for as long as it works.
type Lifecycle struct {
	Log *slog.Logger
	// Within is how long the parts may take to stop, all together.
	Within time.Duration

	started []Part
}

// keptBack is how much of the time to stop each part leaves to every one after it.
const keptBack = time.Second

// Start starts the parts. Where one cannot start, those before it are stopped again.
func (l *Lifecycle) Start(ctx context.Context, parts ...Part) error {
	for _, p := range parts {
		if err := p.Start(ctx); err != nil {
			return errors.Join(err, l.Stop(ctx))
		}
		if p.Stop != nil {
			l.started = append(l.started, p)
		}
	}
	return nil
}

// Stop stops what was started, whatever has become of ctx. A part that does not stop
// in its time is named in the log and left behind: it keeps neither the others nor
// the process.
func (l *Lifecycle) Stop(ctx context.Context) error {
	end := time.Now().Add(l.Within)
	var problems []error
	for before, p := range slices.Backward(l.started) {
		problems = append(problems, l.stopPart(context.WithoutCancel(ctx), p, end.Add(-time.Duration(before)*keptBack)))
	}
	l.started = nil
	return errors.Join(problems...)
}

// stopPart leaves a part behind at the given time, after asking it to break off.
func (l *Lifecycle) stopPart(ctx context.Context, p Part, leave time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, leave.Add(-keptBack/2))
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- p.Stop(ctx) }()
	select {
	case err := <-stopped:
		return err
	case <-time.After(time.Until(leave)):
		l.Log.Error("a part does not stop and is left behind", "part", p.Name)
		return fmt.Errorf("the %s did not stop in time and was left behind: see the log for what it was doing", p.Name)
	}
}

// Running is work that goes on until it is told to stop.
type Running struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// Go lets work run until Stop is called. It goes on when ctx ends: the lifecycle
// says when its turn to stop has come.
func Go(ctx context.Context, work func(ctx context.Context)) *Running {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &Running{cancel, make(chan struct{})}
	go func() {
		defer close(r.done)
		work(ctx)
	}()
	return r
}

// Stop tells it to stop and returns once it has.
func (r *Running) Stop(context.Context) error {
	r.cancel()
	<-r.done
	return nil
}
