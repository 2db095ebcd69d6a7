package lifecycle

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// diary is what happened to the parts of a test, in order.
type diary struct {
	lines []string
	log   strings.Builder
}

func (d *diary) lifecycle() *Lifecycle {
	return &Lifecycle{Log: slog.New(slog.NewTextHandler(&d.log, nil)), Within: 30 * time.Second}
}

// part is one that starts and stops as told.
func (d *diary) part(name string, start, stop error) Part {
	return Part{name,
		func(context.Context) error { d.lines = append(d.lines, "start "+name); return start },
		func(context.Context) error { d.lines = append(d.lines, "stop "+name); return stop }}
}

func (d *diary) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(d.lines, want) {
		t.Errorf("what happened: %q, want %q", d.lines, want)
	}
}

func TestPartsStopTheOtherWayRound(t *testing.T) {
	var d diary
	l := d.lifecycle()
	check := d.part("check", nil, nil)
	check.Stop = nil
	if err := l.Start(t.Context(), d.part("database", nil, nil), check, d.part("daemon", nil, nil)); err != nil {
		t.Fatal(err)
	}
	if err := l.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	d.want(t, "start database", "start check", "start daemon", "stop daemon", "stop database")
}

func TestAPartThatCannotStartStopsThoseBeforeIt(t *testing.T) {
	var d diary
	taken, locked := errors.New("the address is taken"), errors.New("the database is locked")
	err := d.lifecycle().Start(t.Context(), d.part("database", nil, locked), d.part("channels", nil, nil),
		d.part("web server", taken, nil), d.part("daemon", nil, nil))
	if !errors.Is(err, taken) || !errors.Is(err, locked) {
		t.Errorf("got %v, want why it could not start and what went wrong as it was undone", err)
	}
	d.want(t, "start database", "start channels", "start web server", "stop channels", "stop database")
}

func TestAPartThatFailsToStopKeepsNoOtherFromStopping(t *testing.T) {
	var d diary
	l := d.lifecycle()
	broken := errors.New("the pipe is broken")
	if err := l.Start(t.Context(), d.part("database", nil, nil), d.part("channels", nil, broken)); err != nil {
		t.Fatal(err)
	}
	if err := l.Stop(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v, want what went wrong", err)
	}
	d.want(t, "start database", "start channels", "stop channels", "stop database")
}

// TestPartsThatNeverStopAreNamedAndLeftBehind: two of four hang, one of them after it
// was asked to break off. The others have their turn, and all of it ends in time.
func TestPartsThatNeverStopAreNamedAndLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		l := d.lifecycle()
		hangs := make(chan struct{})
		defer close(hangs)
		daemon := d.part("daemon", nil, nil)
		daemon.Stop = func(context.Context) error { <-hangs; return nil }
		server := d.part("web server", nil, nil)
		server.Stop = func(ctx context.Context) error { <-ctx.Done(); <-hangs; return nil }
		if err := l.Start(t.Context(), d.part("database", nil, nil), d.part("channels", nil, nil), server, daemon); err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		err := l.Stop(ended)
		if took := time.Since(began); took != 28*time.Second {
			t.Errorf("it took %s to stop, want 28s: two seconds are kept for the parts that come later", took)
		}
		for _, name := range []string{"daemon", "web server"} {
			if err == nil || !strings.Contains(err.Error(), "the "+name+" did not stop in time") {
				t.Errorf("got %v, want it to name the %s", err, name)
			}
			if !strings.Contains(strings.ReplaceAll(d.log.String(), `"`, ""), "level=ERROR msg=a part does not stop and is left behind part="+name) {
				t.Errorf("the log says %q, want it to name the %s", d.log.String(), name)
			}
		}
		if strings.Contains(err.Error(), "database") {
			t.Errorf("got %v, want nothing about the database, which stopped", err)
		}
		d.want(t, "start database", "start channels", "start web server", "start daemon", "stop channels", "stop database")
	})
}

// TestAPartIsAskedToBreakOffBeforeItIsLeftBehind: one that does is no fault.
func TestAPartIsAskedToBreakOffBeforeItIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		l := d.lifecycle()
		server := d.part("web server", nil, nil)
		server.Stop = func(ctx context.Context) error { <-ctx.Done(); return nil }
		if err := l.Start(t.Context(), server); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := l.Stop(t.Context()); err != nil || d.log.Len() > 0 {
			t.Errorf("got %v, logged %q; want neither", err, d.log.String())
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %s to stop, want at most 30s", took)
		}
	})
}

// TestWorkGoesOnUntilItsTurnToStop: the end of the process's context alone does not
// end it.
func TestWorkGoesOnUntilItsTurnToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := false
		work := Go(ctx, func(ctx context.Context) { <-ctx.Done(); ended = true })
		cancel()
		synctest.Wait()
		if ended {
			t.Error("it ended with the context, before its turn")
		}
		if err := work.Stop(t.Context()); err != nil || !ended {
			t.Errorf("stop: %v, ended %v; want it ended", err, ended)
		}
	})
}
