package govuk

import (
	"context"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
	"example.org/doorstep/notify/origin"
)

var noon = time.Date(2026, 9, 7, 12, 0, 0, 0, time.UTC)

// at is a clock that stands still.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// clock is one that a test sets.
type clock struct{ nanoseconds atomic.Int64 }

func clockAt(t time.Time) *clock {
	c := new(clock)
	c.nanoseconds.Store(t.UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.nanoseconds.Add(int64(d)) }

// composer is made once: it tries all the wording.
var composer = sync.OnceValues(func() (*notify.Composer, error) {
	return notify.NewComposer(os.DirFS("../../configs/wording/messages"), notify.Settings{
		From: "Doorstep <doorstep@example.org>", OrganisationName: "Swindon Borough Council",
		ServiceName: "Health Visiting Service", PublicURL: "https://doorstep.example", Origin: origin.FixedKeys()})
})

func newComposer(t testing.TB) *notify.Composer {
	t.Helper()
	c, err := composer()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// settingsFor reaches server, whose clock stands at noon, with a clock like it.
func settingsFor(server *govuktest.Server, kind string) Settings {
	settings := Settings{APIKey: govuktest.APIKey, BaseURL: server.URL, Channel: kind, TemplateID: govuktest.TextTemplateID,
		CallbackToken: "agreed", Timeout: 10 * time.Second, Now: at(noon)}
	if kind == notify.ByEmail {
		settings.TemplateID = govuktest.EmailTemplateID
	}
	return settings
}

func newChannel(t testing.TB, server *govuktest.Server, kind string, change func(*Settings)) *Channel {
	t.Helper()
	settings := settingsFor(server, kind)
	if change != nil {
		change(&settings)
	}
	c, err := New(newComposer(t), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func start(t testing.TB) *govuktest.Server {
	t.Helper()
	return govuktest.Start(t, govuktest.Options{Now: at(noon)})
}

func reminder(kind, key string) notify.Message {
	return notify.Message{Key: key, Kind: notify.KindReminder, Channel: kind, Created: noon,
		To: notify.Address{Email: "w1@example.org", Mobile: "+447700900101"},
		Reminders: []notify.Reminder{{CaseRef: "KN-1", Duty: "see-child-again", Title: "See the child again", Attempt: 1,
			Urgent: true, Rung: "due", Role: "practitioner", OwnerRole: "practitioner", OwnerID: "W1",
			Opened: noon.AddDate(0, 0, -5), Due: noon, Why: "5 working days from the visit", Basis: notify.BasisLocal}}}
}

func send(c *Channel, m notify.Message) notify.Outcome {
	return c.Send(context.Background(), noon, m)
}

// isSent checks that an outcome is that of a message that went.
func isSent(t *testing.T, o notify.Outcome, id string) {
	t.Helper()
	if want := (notify.Outcome{State: notify.Sent, ProviderID: id, Tracked: true}); o != want {
		t.Errorf("the outcome is\n%+v, want\n%+v", o, want)
	}
}

func TestTextArrivesAsWritten(t *testing.T) {
	server := start(t)
	m := reminder(notify.BySMS, "a")
	c := newChannel(t, server, notify.BySMS, nil)
	o := send(c, m)
	taken := server.Taken()
	if len(taken) != 1 {
		t.Fatalf("%+v: Notify has %d messages, want 1", o, len(taken))
	}
	isSent(t, o, taken[0].ID)
	rendered, err := c.composer.Compose(noon, m)
	if err != nil {
		t.Fatal(err)
	}
	if got := taken[0]; got.Type != "sms" || got.To != "+447700900101" || got.Body != rendered.SMS {
		t.Errorf("Notify has %q to %s, want %q to +447700900101", got.Body, got.To, rendered.SMS)
	}
}

func TestEmailArrivesAsPlainText(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.ByEmail, nil)
	m := reminder(notify.ByEmail, "a")
	m.Reminders[0].Title = "See [the child](https://example.org) again"
	o := send(c, m)
	taken := server.Taken()
	if len(taken) != 1 {
		t.Fatalf("%+v: Notify has %d messages, want 1", o, len(taken))
	}
	isSent(t, o, taken[0].ID)
	rendered, err := c.composer.Compose(noon, m)
	if err != nil {
		t.Fatal(err)
	}
	if got := taken[0]; got.To != "w1@example.org" || got.Subject != rendered.Subject || got.Body != plain(rendered.Text) {
		t.Errorf("Notify has\n%s\n%s\nto %s, want\n%s\n%s", got.Subject, got.Body, got.To, rendered.Subject, plain(rendered.Text))
	}
	if strings.Contains(taken[0].Body, "[the child]") || !strings.Contains(taken[0].Body, "https://doorstep.example/cases/KN-1") {
		t.Errorf("only the case's own link may be left:\n%s", taken[0].Body)
	}
}

func TestReferenceNamesNoCase(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, nil)
	for _, key := range []string{"KN-1/see-child/w1", "KN-1/see-child/w1", "KN-1/see-child/w2"} {
		send(c, reminder(notify.BySMS, key))
	}
	references := server.TakenByReference()
	if len(references) != 2 {
		t.Errorf("the references are %v, want one for each key", references)
	}
	for r := range references {
		if len(r) != 32 || strings.Contains(r, "KN-1") || strings.Contains(r, "w1") {
			t.Errorf("the reference is %q, want 32 figures that name nothing", r)
		}
	}
}

func TestLostMessageIsAskedForBeforeItIsSentAgain(t *testing.T) {
	const failed = "temporary-failure"
	tests := []struct {
		story    string
		fault    govuktest.Fault // of the first attempt
		before   string          // the status of an earlier one, an hour ago; empty: there was none
		status   string          // of what the first attempt left behind; empty: as it comes
		count    int             // of messages at Notify in the end
		lastOne  bool            // the outcome names the newest of them
		requests int             // that handed something over
	}{
		{"taken, and the answer lost", govuktest.Fault{Taken: true, Drop: true}, "", "", 1, true, 1},
		{"taken, and the answer cut off", govuktest.HalfAnAnswer, "", "", 1, true, 1},
		{"taken, and 500 answered", govuktest.Fault{Taken: true, Status: 500, Error: "Exception", Message: "Internal server error"}, "", "", 1, true, 1},
		{"taken, and failed since", govuktest.Fault{Taken: true, Drop: true}, "", "permanent-failure", 1, true, 1},
		{"lost on the way", govuktest.Fault{Drop: true}, "", "", 1, true, 2},
		{"500 and not taken", govuktest.InternalError, "", "", 1, true, 2},
		{"an earlier failure is not it", govuktest.Fault{Drop: true}, failed, "", 2, true, 3},
		{"an earlier failure, and taken", govuktest.Fault{Taken: true, Drop: true}, failed, "", 2, true, 2},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			clock := clockAt(noon.Add(-time.Hour))
			server := govuktest.Start(t, govuktest.Options{Now: clock.now})
			c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Now = clock.now })
			m := reminder(notify.BySMS, "a")
			if test.before != "" {
				server.Set(send(c, m).ProviderID, test.before)
			}
			clock.forward(time.Hour)
			server.Plan(test.fault)
			lost := send(c, m)
			if lost.State != notify.FailedTemporarily || lost.Fault != notify.FaultProvider || !lost.Ambiguous || lost.RetryAfter != 30*time.Second {
				t.Fatalf("%+v, want an ambiguous failure of the provider and half a minute's wait", lost)
			}
			if test.status != "" {
				server.Set(server.Taken()[0].ID, test.status)
			}
			m.MaybeSent = noon
			clock.forward(time.Minute)
			o := send(c, m)
			taken := server.Taken()
			if len(taken) != test.count || server.Requests("POST /v2/notifications/sms") != test.requests {
				t.Fatalf("%+v: Notify has %d messages after %d requests, want %d after %d", o, len(taken),
					server.Requests("POST /v2/notifications/sms"), test.count, test.requests)
			}
			isSent(t, o, taken[len(taken)-1].ID)
		})
	}
}

func TestNothingIsSentWhereNotifyCannotBeAsked(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, nil)
	for _, fault := range []govuktest.Fault{govuktest.InternalError, {Drop: true}, {Body: "<html>"}, {Status: 429, Error: "RateLimitError", Message: "Exceeded"}} {
		fault.At, fault.Always = "GET /v2/notifications", true // Go asks twice where a kept connection was lost
		server.Forget()
		server.Plan(fault)
		m := reminder(notify.BySMS, "a")
		m.MaybeSent = noon.Add(-time.Minute)
		if o := send(c, m); o.State != notify.FailedTemporarily || o.Ambiguous || o.Fault == "" {
			t.Errorf("after %+v the outcome is %+v, want a temporary failure that is not ambiguous", fault, o)
		}
	}
	if server.Count() != 0 {
		t.Errorf("Notify has %d messages, want none", server.Count())
	}
}

func TestMessagePastItsUseIsNotHandedOver(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, nil)
	m := reminder(notify.BySMS, "a")
	m.UsefulUntil = noon
	if o := send(c, m); o.State != notify.Failed || o.Fault != notify.FaultExpired || server.Count() != 0 {
		t.Errorf("%+v with %d messages at Notify, want it expired", o, server.Count())
	}
	m.UsefulUntil = noon.Add(time.Second)
	if o := send(c, m); o.State != notify.Sent {
		t.Errorf("%+v, want it sent", o)
	}
}

func TestMessageThatCannotGoIsNotHandedOver(t *testing.T) {
	server := start(t)
	tests := []struct {
		story  string
		kind   string
		change func(*notify.Message)
		want   notify.Fault
		reason string
	}{
		{"another channel's", notify.BySMS, func(m *notify.Message) { m.Channel = notify.ByEmail }, "", "texts only"},
		{"another channel's", notify.ByEmail, func(m *notify.Message) { m.Channel = notify.BySMS }, "", "emails only"},
		{"no number", notify.BySMS, func(m *notify.Message) { m.To.Mobile = "" }, notify.FaultAddress, "international form"},
		{"a national number", notify.BySMS, func(m *notify.Message) { m.To.Mobile = "07700900101" }, notify.FaultAddress, "international form"},
		{"no address", notify.ByEmail, func(m *notify.Message) { m.To.Email = "" }, notify.FaultAddress, "not a valid one"},
		{"two addresses", notify.ByEmail, func(m *notify.Message) { m.To.Email = "w1@example.org, w2@example.org" }, notify.FaultAddress, "not a valid one"},
		{"nothing to say", notify.BySMS, func(m *notify.Message) { m.Reminders = nil }, "", "has nothing in it"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			m := reminder(test.kind, "a")
			test.change(&m)
			o := send(newChannel(t, server, test.kind, nil), m)
			if o.State != notify.Failed || o.Fault != test.want || !strings.Contains(o.Reason, test.reason) {
				t.Errorf("%+v, want it failed for %q with %q", o, test.want, test.reason)
			}
		})
	}
	if n := server.Requests("POST /v2/notifications/sms") + server.Requests("POST /v2/notifications/email"); n != 0 {
		t.Errorf("Notify was asked %d times, want never", n)
	}
}

func TestManySendsShareFewConnections(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Connections = 3 })
	var mu sync.Mutex
	var atOnce, most int
	for range 12 {
		server.Plan(govuktest.Fault{Hold: func() {
			mu.Lock()
			atOnce++
			most = max(most, atOnce)
			mu.Unlock()
			mu.Lock()
			atOnce--
			mu.Unlock()
		}})
	}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() { send(c, reminder(notify.BySMS, string(rune('a'+i)))) })
	}
	wg.Wait()
	if server.Count() != 12 || most > 3 {
		t.Errorf("Notify has %d messages, and up to %d came at once: want 12, and 3 at most", server.Count(), most)
	}
}

func TestClosedChannelSendsNothing(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Connections = 1 })
	arrived, release := make(chan struct{}), make(chan struct{})
	server.Plan(govuktest.Fault{Hold: func() { close(arrived); <-release }})
	first := make(chan notify.Outcome, 1)
	go func() { first <- send(c, reminder(notify.BySMS, "a")) }()
	<-arrived

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Close(ctx); err == nil || !strings.Contains(err.Error(), "1 requests are still under way") {
		t.Errorf("closing says %v, want that a request is under way", err)
	}
	if o := send(c, reminder(notify.BySMS, "b")); o.State != notify.FailedTemporarily || o.Fault != notify.FaultBusy || o.Ambiguous {
		t.Errorf("%+v, want a temporary failure", o)
	}
	close(release)
	if o := <-first; o.State != notify.Sent {
		t.Errorf("what was under way came to %+v, want it sent", o)
	}
	if err := c.Close(context.Background()); err != nil || server.Count() != 1 {
		t.Errorf("%v with %d messages at Notify, want none and 1", err, server.Count())
	}
}
