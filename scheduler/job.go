package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.org/doorstep/store"
)

// Job is something that is done on a schedule. Of several processes on one database
// one does it; a time that was missed is seen to late, once; a run that fails is on
// record, and tried again soon.
type Job struct {
	Name     string // of the schedule: in the configuration, the database and the metrics
	Schedule string // as ParseSchedule reads it; empty: never
	// AtFirst does it once as soon as the schedule is first known, instead of waiting
	// for its first time.
	AtFirst bool
	// Run does it at the time that now is, and counts what it did.
	Run func(ctx context.Context, now time.Time) (counts map[string]int, err error)
}

// work is Run as the daemon's own jobs are written.
func (j Job) work(ctx context.Context, _ *store.Run, now time.Time) (map[string]int, error) {
	return j.Run(ctx, now)
}

// job is what a schedule runs.
type job struct {
	name       string
	expression string // as ParseSchedule reads it; empty: never
	schedule   Schedule
	// atFirst runs it once as soon as the schedule is first known, instead of
	// waiting for its first time.
	atFirst bool
	work    func(ctx context.Context, run *store.Run, now time.Time) (counts map[string]int, err error)

	begun    bool // the database knows the schedule
	failures int  // in a row
}

const (
	// leaseFor is how long a run is held without a sign of life. Whoever takes
	// over from a process that died waits for so long.
	leaseFor = 30 * time.Second
	// A run that failed is tried again after a minute, then two, four and so on.
	firstRetry = time.Minute
	lastRetry  = 15 * time.Minute
	// lookAtClockAgain is when to look again at a clock that was wrong.
	lookAtClockAgain = 5 * time.Second
)

// jobs runs schedules, each run under a lease so that of several processes one
// does it, and puts each run on record.
type jobs struct {
	store    *store.Store
	clock    Clock
	holder   string
	log      *slog.Logger
	observer Observer
	watch    *watch   // nil: nobody looks whether the clock is right
	outage   *outage  // nil: nobody looks how long the database fails
	amender  *amender // nil: nobody looks what a clock that was wrong has left
}

// keep runs the job whenever it is due, until ctx ends.
func (r *jobs) keep(ctx context.Context, j *job, after func()) {
	for {
		next := r.step(ctx, j, after)
		if !wait(ctx, r.clock, next, nil) {
			return
		}
	}
}

// step runs the job if one of its times has come that nobody has seen to, and
// returns when to look again. Of several missed times the last one stands for
// all. after is called once a run has gone well.
func (r *jobs) step(ctx context.Context, j *job, after func()) (next time.Time) {
	now := r.clock.Now()
	switch right, err := r.watch.right(ctx, now, true); {
	case ctx.Err() != nil: // the daemon is stopping
		return now
	case err != nil:
		r.log.Error("cannot see whether the clock is right", "schedule", j.name, "error", err)
		r.outage.note(now, j.name, err)
		return now.Add(min(r.retry(j), lookAtClockAgain))
	case !right:
		return now.Add(lookAtClockAgain)
	}
	if err := r.amend(ctx, now, false); err != nil && ctx.Err() == nil {
		r.log.Error("cannot look whether what is stored lies ahead of now", "error", err)
	}
	due, following, err := r.due(ctx, j, now)
	if err != nil && ctx.Err() != nil { // the daemon is stopping
		return now
	}
	if err != nil {
		r.log.Error("cannot read how far a schedule has come", "schedule", j.name, "error", err)
		r.outage.note(now, j.name, err)
		return now.Add(r.retry(j))
	}
	if due.IsZero() {
		r.outage.note(now, j.name, nil)
		return following
	}
	err = r.runFor(ctx, j, now, due)
	if ctx.Err() == nil {
		r.outage.note(r.clock.Now(), j.name, err)
	}
	switch {
	case errors.Is(err, store.ErrRunTaken):
		return earlier(following, now.Add(leaseFor))
	case err != nil && ctx.Err() != nil: // the daemon is stopping
		return following
	case err != nil:
		r.log.Error("a run failed", "schedule", j.name, "error", err)
		return earlier(following, r.clock.Now().Add(r.retry(j)))
	}
	j.failures = 0
	if after != nil {
		after()
	}
	return following
}

// runFor runs the job for one of its times and puts that on record.
// store.ErrRunTaken: another process does so, or has.
func (r *jobs) runFor(ctx context.Context, j *job, now, due time.Time) error {
	run, err := r.store.BeginRun(ctx, now, j.name, due, r.holder, now.Add(leaseFor))
	if err != nil {
		return err
	}
	counts, err := r.run(ctx, j, run, now)
	err = errors.Join(err, r.end(ctx, run, counts, err))
	r.observer.RunEnded(j.name, now, r.clock.Now(), counts, err)
	return err
}

// due returns the time of the schedule that is to be seen to, zero for none, and
// the first one after now.
func (r *jobs) due(ctx context.Context, j *job, now time.Time) (due, following time.Time, err error) {
	if !j.begun {
		seenTo := now
		if j.atFirst {
			seenTo = time.Time{}
		}
		if err := r.store.BeginSchedule(ctx, j.name, seenTo); err != nil {
			return due, following, err
		}
		j.begun = true
	}
	state, err := r.store.Schedule(ctx, j.name)
	if err == nil && state.LastDue.After(now.Add(store.ClockTolerance)) {
		if err = r.amend(ctx, now, true); err == nil {
			state, err = r.store.Schedule(ctx, j.name)
		}
	}
	if err != nil {
		return due, following, err
	}
	following = j.schedule.Next(now)
	if following.IsZero() { // never again
		following = now.Add(lastRetry)
	}
	if state.LastDue.IsZero() {
		return now, following, nil
	}
	return latest(j.schedule, state.LastDue, now), following, nil
}

// amend makes good what a clock that was wrong has left, where somebody looks for it.
func (r *jobs) amend(ctx context.Context, now time.Time, atOnce bool) error {
	if r.amender == nil {
		return nil
	}
	return r.amender.amend(ctx, now, atOnce)
}

// run does the work, holding the lease meanwhile. A panic is an error like any
// other.
func (r *jobs) run(ctx context.Context, j *job, run *store.Run, now time.Time) (counts map[string]int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	held := make(chan struct{})
	go func() {
		defer close(held)
		r.hold(ctx, run, cancel)
	}()
	defer func() { <-held }()
	defer cancel(nil)
	defer func() {
		if p := recover(); p != nil {
			err = panicked(r.log, "the run", p)
		}
	}()
	counts, err = j.work(ctx, run, now)
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return counts, err
}

// hold renews the lease of a run until ctx ends, and ends the run where another
// process has taken over.
func (r *jobs) hold(ctx context.Context, run *store.Run, cancel context.CancelCauseFunc) {
	for {
		if !sleep(ctx, r.clock, leaseFor/3) {
			return
		}
		err := r.store.RenewRun(ctx, run, r.clock.Now().Add(leaseFor))
		if errors.Is(err, store.ErrLeaseLost) {
			cancel(err)
			return
		}
		if err != nil && ctx.Err() == nil {
			r.log.Warn("cannot hold the lease of a run", "schedule", run.Schedule, "error", err)
		}
	}
}

// end puts a run on record. A database that has gone away is given time to come
// back, because the record is also what tells others that the run is over.
func (r *jobs) end(ctx context.Context, run *store.Run, counts map[string]int, problem error) error {
	text := ""
	if problem != nil {
		text = problem.Error()
	}
	for pause := time.Second; ; pause = min(2*pause, leaseFor) {
		err := r.record(ctx, run, counts, text)
		if err == nil || !store.IsTemporary(err) || ctx.Err() != nil {
			return err
		}
		if !sleep(ctx, r.clock, pause) {
			return err
		}
	}
}

// record writes even where ctx has ended, but not for long.
func (r *jobs) record(ctx context.Context, run *store.Run, counts map[string]int, problem string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.store.EndRun(ctx, r.clock.Now(), run, counts, problem)
}

func (r *jobs) retry(j *job) time.Duration {
	j.failures++
	return min(firstRetry<<min(j.failures-1, 10), lastRetry)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
