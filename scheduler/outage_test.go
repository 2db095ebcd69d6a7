package scheduler

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/storetest"
)

// alertsOf are the alerts that a channel was given, by what they say.
func (p *post) alertsOf(channel string) (says []string) {
	p.Lock()
	defer p.Unlock()
	for _, m := range p.got {
		if m.Alert != nil && m.Channel == channel {
			says = append(says, m.Alert.Says)
		}
	}
	return says
}

// takesAway moves a SQLite file away from under whoever uses it, until back is called.
func (w *world) takesAway() (back func()) {
	w.t.Helper()
	file := strings.TrimPrefix(w.url, "sqlite:")
	move := func(from, to string) {
		w.t.Helper()
		if err := os.Rename(from, to); err != nil {
			w.t.Fatal(err)
		}
	}
	move(file, file+".away")
	return func() { move(file+".away", file) }
}

// TestOperationsAreToldOfADatabaseThatFails: a slip tells nobody. What lasts for a minute
// is told once, past the ledger, by the channel that works; and when it is over.
func TestOperationsAreToldOfADatabaseThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		time.Sleep(time.Until(at(t, "2000-01-04 09:00")))
		mailIsDown := true
		p := &post{}
		p.answer = func(m notify.Message) notify.Outcome {
			if m.Channel == notify.ByEmail && mailIsDown {
				return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultProvider, Reason: "the mail server does not answer"}
			}
			return notify.Outcome{State: notify.Sent}
		}
		d := w.daemon(p, func(s *Settings) {
			s.Operations = &pathway.Person{ID: "operations", Email: "ops@example.org", Mobile: "+447700900999"}
		})
		ctx, stop := context.WithCancel(context.Background())
		stopped := make(chan struct{})
		go func() { defer close(stopped); d.Run(ctx) }()
		wants := func(when, texts, emails string) {
			t.Helper()
			time.Sleep(time.Until(at(t, when)))
			synctest.Wait()
			if got := strings.Join(p.alertsOf(notify.BySMS), " "); got != texts {
				t.Errorf("by %s operations were texted %q, want %q", when, got, texts)
			}
			if got := strings.Join(p.alertsOf(notify.ByEmail), " "); got != emails {
				t.Errorf("by %s operations were emailed %q, want %q", when, got, emails)
			}
		}
		wants("2000-01-04 09:05", "", "")
		back := w.takesAway()
		time.Sleep(40 * time.Second)
		back()
		wants("2000-01-04 09:10", "", "")

		back = w.takesAway()
		time.Sleep(50 * time.Second)
		wants("2000-01-04 09:10", "", "")
		wants("2000-01-04 09:13", "database-fails", "database-fails") // the email did not go
		wants("2000-01-04 09:40", "database-fails", "database-fails")
		mailIsDown = false
		back()
		wants("2000-01-04 10:00", "database-fails", "database-fails database-back")
		stop()
		<-stopped
		for _, m := range p.got {
			if a := m.Alert; a.Says == notify.AlertDatabaseFails && (!strings.Contains(a.Reason, "the database file was deleted or moved") || a.Since.Sub(at(t, "2000-01-04 09:10")) > 20*time.Second) {
				t.Errorf("operations are told %q, since %v; want that the file was moved at ten past nine", a.Reason, a.Since)
			}
		}
	})
}

// TestAJobThatFailsForAnotherReasonIsNoOutage: only what is wrong with the database is.
func TestAJobThatFailsForAnotherReasonIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		time.Sleep(time.Until(at(t, "2000-01-04 09:00")))
		p := &post{}
		d := w.daemon(p, func(s *Settings) {
			s.Operations = &pathway.Person{ID: "operations", Email: "ops@example.org"}
			s.Jobs = []Job{{Name: "inbox", Schedule: "@every 1m", Run: func(context.Context, time.Time) (map[string]int, error) {
				return nil, os.ErrPermission
			}}}
		})
		w.runs(d, "2000-01-04 10:00")
		if says := p.alertsOf(notify.ByEmail); len(says) != 0 {
			t.Errorf("operations are told %q, want nothing: the database works", says)
		}
	})
}
