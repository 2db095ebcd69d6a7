package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"example.org/doorstep/store"
)

// oncePerCause logs what the database says is wrong once a minute for each cause,
// whoever runs into it and with whatever in hand, and with it how often else that
// happened. All that the daemon does needs the database, so one that is away is met by
// all of it at every round. What is logged with a "reason" instead of an "error" tells of
// a change and not of a try, and is always logged.
type oncePerCause struct {
	slog.Handler
	causes *causes
}

type causes struct {
	mu    sync.Mutex
	noted map[string]*causeNoted
}

type causeNoted struct {
	last  time.Time
	since int // how often it was not logged since
}

func newOncePerCause(h slog.Handler) *slog.Logger {
	return slog.New(oncePerCause{h, &causes{noted: map[string]*causeNoted{}}})
}

// Handle logs a line unless its cause was logged within a minute.
func (o oncePerCause) Handle(ctx context.Context, line slog.Record) error {
	cause := ""
	line.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && a.Key == "error" {
			cause = store.Cause(err)
		}
		return cause == ""
	})
	if cause == "" {
		return o.Handler.Handle(ctx, line)
	}
	unlogged, log := o.causes.note(cause, line.Time)
	if !log {
		return nil
	}
	if unlogged > 0 {
		line.AddAttrs(slog.Int("not_logged_since", unlogged))
	}
	return o.Handler.Handle(ctx, line)
}

func (c *causes) note(cause string, now time.Time) (unlogged int, log bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.noted[cause]
	if n == nil {
		n = &causeNoted{}
		c.noted[cause] = n
	} else if now.Sub(n.last).Abs() < time.Minute {
		n.since++
		return 0, false
	}
	unlogged = n.since
	*n = causeNoted{last: now}
	return unlogged, true
}

// WithAttrs is for slog.
func (o oncePerCause) WithAttrs(attributes []slog.Attr) slog.Handler {
	return oncePerCause{o.Handler.WithAttrs(attributes), o.causes}
}

// WithGroup is for slog.
func (o oncePerCause) WithGroup(name string) slog.Handler {
	return oncePerCause{o.Handler.WithGroup(name), o.causes}
}
