package scheduler

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

// mailed is a story over a real mail server: routine emails to some people, each
// about a case of their own, all from 10:00.
type mailed struct {
	*afternoon
	server *smtptest.Server
}

func (w *world) mailed(people ...string) *mailed {
	w.t.Helper()
	for _, l := range w.rules.Ladders {
		l.EveryChannel = false
	}
	for i, who := range people {
		w.opens(duty{ref: fmt.Sprint("KN-", i+1), id: "see", ladder: "routine", opened: storyFrom, due: "2026-09-09 17:00", recorder: "G1", practitioner: who})
	}
	w.scans(storyFrom)
	m := &mailed{&afternoon{network: w.network()}, smtptest.Start(w.t, smtptest.Options{})}
	m.d.happened = m.tell
	channel, err := notify.NewSMTP(newComposer(w.t), notify.SMTPSettings{Host: m.server.Host, Port: m.server.Port})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { channel.Close(context.Background()) })
	m.channels[notify.ByEmail] = channel
	return m
}

// emails says how the emails stand, and how many of each.
func (m *mailed) emails() []string {
	return m.w.lines(`SELECT state, fault, COUNT(*) FROM messages WHERE channel = 'email' GROUP BY state, fault ORDER BY state, fault`)
}

// TestRefusalThatIsAboutUsLosesNobodysEmail: the channel stops at the first, or where
// no code says so at the third recipient; operations hear by text; what waited goes
// once the server takes it, the most serious first, and no address is switched off.
func TestRefusalThatIsAboutUsLosesNobodysEmail(t *testing.T) {
	for _, test := range []struct {
		story   string
		refusal smtptest.Fault
	}{
		{"a relay that refuses to relay", smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 554, Enhanced: "5.7.1", Text: "Relay access denied"}},
		{"a blocklist over 5.1.1", smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 550, Enhanced: "5.1.1", Text: "192.0.2.1 is on a blocklist"}},
		{"SPF", smtptest.Fault{At: smtptest.AtEnd, Always: true, Code: 550, Enhanced: "5.7.23", Text: "SPF"}},
		{"nobody says why", smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 550, Enhanced: "5.6.9", Text: "no"}},
		{"a machine without a name, for now", smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 450, Enhanced: "4.7.1", Text: "Client host rejected: cannot find your hostname"}},
		{"a sender's domain that is not found, for now", smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 450, Enhanced: "4.1.8", Text: "Sender address rejected: Domain not found"}},
		{"nobody says why, for now", smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 450, Enhanced: "4.6.9", Text: "no"}},
	} {
		t.Run(test.story, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, storetest.MigratedSQLiteURL(t))
			m := w.mailed("W1", "W2", "G2", "V1")
			m.server.Plan(test.refusal)
			m.passes("15:40")
			w.wants("the emails wait", m.emails(), "failed-temporarily account 4")
			w.wants("operations were told by text", w.alerts(), "sms sent")
			w.wants("no address is off", w.lines(`SELECT person FROM disabled_addresses`))
			if m.server.Count() != 0 {
				t.Errorf("the server took %d emails, want none", m.server.Count())
			}
			m.server.Forget()
			m.passes("16:00")
			w.wants("once it is mended", m.emails(), "sent  5") // and that emails go again
			if m.server.Count() != 5 {
				t.Errorf("the server took %d emails, want each once and the word to operations", m.server.Count())
			}
		})
	}
}

// TestOneRecipientWhoIsRefusedStopsNobodyElse: the others go, and after a second try
// somebody else is told.
func TestOneRecipientWhoIsRefusedStopsNobodyElse(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	m := w.mailed("W1", "W2", "G2", "V1")
	m.server.Plan(smtptest.Fault{At: smtptest.AtRecipient, Recipient: "w1@example.org", Always: true, Code: 550, Enhanced: "5.6.9", Text: "no"})
	m.passes("15:10")
	w.wants("emails", w.lines(`SELECT person, state, fault FROM messages WHERE channel = 'email' AND person <> 'operations' ORDER BY person`),
		"G2 sent ", "V1 sent ", "W1 failed refused", "W2 sent ")
	w.wants("W1 is texted instead", w.lines(`SELECT state FROM messages WHERE channel = 'sms' AND person = 'W1'`), "sent")
	w.wants("the channel", w.lines(`SELECT state FROM channel_states`))
	w.wants("no address is off", w.lines(`SELECT person FROM disabled_addresses`))
	if len(w.alerts()) == 0 {
		t.Error("operations were not told")
	}
}

// TestEmailThatOneOfSeveralRelaysRefusesIsNotLost: what is said of us is believed of the
// message least of all. The others go, and it does when it is let through.
func TestEmailThatOneOfSeveralRelaysRefusesIsNotLost(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	m := w.mailed("W1", "W2", "G2", "V1")
	m.server.Plan(smtptest.Fault{At: smtptest.AtRecipient, Recipient: "w1@example.org", Always: true, Code: 554, Enhanced: "5.7.1", Text: "Relay access denied"})
	m.passes("16:30")
	w.wants("emails", w.lines(`SELECT person, state, fault FROM messages WHERE channel = 'email' AND person <> 'operations' ORDER BY person`),
		"G2 sent ", "V1 sent ", "W1 failed-temporarily account", "W2 sent ")
	w.wants("the channel goes on", w.lines(`SELECT state FROM channel_states`), "closed")
	w.wants("no address is off", w.lines(`SELECT person FROM disabled_addresses`))
	m.server.Forget()
	m.passes("17:30")
	w.wants("once it is let through", w.lines(`SELECT state FROM messages WHERE channel = 'email' AND person = 'W1'`), "sent")
}

// TestGreylistedEmailGoesAfterAMinuteThenFive, as from a mail server.
func TestGreylistedEmailGoesAfterAMinuteThenFive(t *testing.T) {
	for _, code := range []int{450, 451} {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		m := w.mailed("W1", "W2")
		m.server.Plan(smtptest.Fault{At: smtptest.AtRecipient, Recipient: "w1@example.org", Always: true, Code: code, Enhanced: "4.7.1", Text: "Greylisted"})
		m.passes("15:05")
		m.server.Forget()
		m.passes("15:30")
		w.wants("the story", m.lines, "15:00:00 W1 email later, again 15:01:00", "15:00:00 W2 email sent", "15:01:00 W1 email later, again 15:06:00", "15:06:00 W1 email sent")
	}
}

// TestServerThatNeverGetsToKnowUsLosesNobodysEmail: what looks like greylisting, and is the
// same for everybody after the fourth try, is about us.
func TestServerThatNeverGetsToKnowUsLosesNobodysEmail(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	m := w.mailed("W1", "W2", "G2", "V1")
	m.server.Plan(smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 450, Enhanced: "4.7.1", Text: "no"})
	m.passes("15:20")
	w.wants("while it may get to know us", w.alerts())
	m.passes("17:30")
	w.wants("operations were told by text", w.alerts(), "sms sent")
	w.wants("all wait", w.lines(`SELECT state, COUNT(*) FROM messages WHERE channel = 'email' GROUP BY state`), "failed-temporarily 4")
	m.server.Forget()
	m.passes("18:30")
	w.wants("once it is mended", m.emails(), "sent  5")
}

// TestServerThatClosesAfterTheDotGetsAnEmailFewTimes: minutes, then hours lie between,
// and it stops nobody else: the channel goes on.
func TestServerThatClosesAfterTheDotGetsAnEmailFewTimes(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	m := w.mailed("W1", "W2", "G2", "V1", "W1", "W2")
	for range 6 {
		m.server.Plan(smtptest.Fault{At: smtptest.AtEnd, Drop: true, Taken: true})
	}
	m.passes("15:04")
	if m.server.Count() != 4 { // what is for one person at one time is one email
		t.Errorf("after four minutes the server has %d emails, want each of the four once", m.server.Count())
	}
	w.wants("the channel goes on", w.lines(`SELECT state FROM channel_states`))
	for range 50 {
		m.server.Plan(smtptest.Fault{At: smtptest.AtEnd, Drop: true, Taken: true})
	}
	m.passes("18:30")
	var times []string
	for _, line := range m.lines {
		if line[9:11] == "V1" {
			times = append(times, line[:5])
		}
	}
	if want := []string{"15:00", "15:05", "15:35"}; !slices.Equal(times[:min(3, len(times))], want) {
		t.Errorf("V1's email went at %v, want it at %v and then hours later", times, want)
	}
	if m.server.Count() > 4*4 {
		t.Errorf("in three and a half hours the server got %d emails, want each four times at most", m.server.Count())
	}
	w.wants("and goes on", w.lines(`SELECT state FROM channel_states`))
}

// TestStoppedChannelIsLookedAtWithoutAnEmail: while the server does not even greet, no
// email is tried; what may have arrived is never the one that is tried.
func TestStoppedChannelIsLookedAtWithoutAnEmail(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	m := w.mailed("W1", "W2", "G2")
	w.do(`UPDATE messages SET maybe_sent_at = created_at WHERE person = 'W1'`)
	w.behind.Insert("channel_states", map[string]any{"channel": "email", "state": "open", "since": at(t, storyFrom).UnixMilli(), "reason": "down", "fault": "provider",
		"next_probe_at": at(t, storyFrom).UnixMilli()})
	m.server.Plan(smtptest.Fault{At: smtptest.AtGreeting, Always: true, Code: 421, Enhanced: "4.3.2", Text: "Not now"})
	m.passes("15:10")
	w.wants("nobody's email has been tried", w.lines(`SELECT DISTINCT tries FROM messages WHERE channel = 'email'`), "0")
	w.do(`UPDATE messages SET state = 'cancelled' WHERE channel = 'email' AND person <> 'W1'`)
	m.server.Forget()
	m.server.Plan(smtptest.Fault{At: smtptest.AtEnd, Hold: func() {
		if got := w.lines(`SELECT state FROM channel_states WHERE channel = 'email'`); !slices.Equal(got, []string{"closed"}) {
			t.Errorf("what may have arrived was sent while the channel was %v", got)
		}
	}})
	m.passes("15:20")
	w.wants("then it goes", w.lines(`SELECT state FROM messages WHERE person = 'W1' AND channel = 'email'`), "sent")
}

// TestSlowServerHasAnEmailOnce: while it takes its time the claim is kept, so that
// another daemon does not send the email too.
func TestSlowServerHasAnEmailOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2000-01-04 10:00", due: "2000-01-11 17:00", recorder: "G1"})
		time.Sleep(time.Until(at(t, "2000-01-04 10:00")))
		var p post
		p.answer = func(notify.Message) notify.Outcome {
			time.Sleep(9 * time.Minute)
			return notify.Outcome{State: notify.Sent}
		}
		senders := func(s *Settings) { s.Senders = map[string]Sender{notify.ByEmail: {Channel: &p}} }
		other := w.daemon(&p, senders)
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			other.Run(ctx)
		}()
		w.runs(w.daemon(&p, senders), "2000-01-04 10:20")
		stop()
		<-stopped
		w.wants("sent", p.letters(), "w1@example.org: KN-1 see start")
		w.wants("the ledger", w.ledger(), "W1 sent ")
	})
}
