package scheduler

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/store/storetest"
)

// returned is what a mail server sends back (RFC 3464): more of its header, whom it could
// not reach, why, and which email that was about.
const returned = `%sFrom: MAILER-DAEMON@relay.example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.org

Final-Recipient: rfc822; %s
Action: failed
Diagnostic-Code: smtp; %s

--b
Content-Type: text/rfc822-headers

Message-ID: <%s>

--b--
`

const nobodyHere = "550 5.1.1 User unknown"

// postroom is a network whose emails come back.
type postroom struct {
	*network
	reader *bounceReader
	keys   origin.Keys
}

func (w *world) postroom() *postroom {
	w.t.Helper()
	p := &postroom{network: w.network(), keys: origin.FixedKeys()}
	p.reader = newBounceReader(p.d, Bounces{MessageIDsOf: newComposer(w.t).MessageIDsOf})
	return p
}

// tells has W1 told of a duty by email, and returns that email's key.
func (p *postroom) tells(ref, when string) string {
	p.w.t.Helper()
	p.w.opens(duty{ref: ref, id: "discuss", ladder: "routine", opened: when, due: "2026-09-30 10:00", recorder: "G1"})
	p.w.scans(when)
	p.delivers(when)
	p.went()
	keys := p.w.lines(`SELECT m.key FROM messages m JOIN reminders r ON r.message_id = m.id JOIN duties d ON d.id = r.duty_id
		WHERE d.case_ref = $1 AND m.channel = 'email' AND m.person = 'W1'`, ref)
	if len(keys) != 1 {
		p.w.t.Fatalf("%d emails to W1 about %s, want 1", len(keys), ref)
	}
	return keys[0]
}

// bounce takes in what came back, and returns what was made of it.
func (p *postroom) bounce(when, header, to, says, messageID string) error {
	p.w.t.Helper()
	p.w.clock.jump(at(p.w.t, when))
	b, err := notify.ReadBounce(strings.NewReader(fmt.Sprintf(returned, header, to, says, messageID)), "mx.example.org")
	if err != nil {
		p.w.t.Fatal(err)
	}
	err = p.reader.takeIn(p.w.t.Context(), at(p.w.t, when))(b)
	p.delivers(when)
	return err
}

func (p *postroom) id(key string) string { return newComposer(p.w.t).MessageIDOf(key) }

// TestAnAddressIsSwitchedOffByTwoBouncesOnTwoDays, each of an email of its own, and then
// its owner, the manager and operations are told.
func TestAnAddressIsSwitchedOffByTwoBouncesOnTwoDays(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		p := w.postroom()
		off := func() []string { return w.lines(`SELECT person, channel FROM disabled_addresses`) }
		first, again, third := p.tells("KN-1", "2026-09-01 10:00"), p.tells("KN-2", "2026-09-01 10:10"), p.tells("KN-3", "2026-09-01 10:20")
		for _, c := range []struct {
			name, when, key string
		}{
			{"the first", "2026-09-02 10:00", first},
			{"the same once more, the day after", "2026-09-03 09:00", first},
			{"another on the same day", "2026-09-02 10:30", again},
		} {
			if err := p.bounce(c.when, "", "W1@example.org", nobodyHere, p.id(c.key)); err != nil {
				t.Errorf("%s: %v, want it taken", c.name, err)
			}
			w.wants(c.name+": switched off", off())
		}
		w.wants("W1 is told by text instead", p.went(), "+447700900101: KN-1 discuss start", "+447700900101: KN-2 discuss start")
		if err := p.bounce("2026-09-03 10:00", "", "w1@example.org", nobodyHere, p.id(third)); err != nil {
			t.Fatal(err)
		}
		w.wants("another on another day: switched off", off(), "W1 email")
		w.wants("who hears of it", w.lines(`SELECT person, channel FROM messages WHERE payload LIKE '%address-off%' AND payload LIKE '%"W1"%' ORDER BY person`),
			"G1 email", "W1 sms", "operations email")
		if _, err := w.store.EnableAddress(t.Context(), notify.ByEmail, "w1@example.org"); err != nil {
			t.Fatal(err)
		}
		fourth := p.tells("KN-4", "2026-09-04 09:00")
		if err := p.bounce("2026-09-04 10:00", "", "w1@example.org", nobodyHere, p.id(fourth)); err != nil {
			t.Fatal(err)
		}
		w.wants("given back: what came back before counts no more", off())
	})
}

// TestABounceIsFoundHoweverItNamesItsEmail: in capitals, or below the name that a gateway
// gave what it returned.
func TestABounceIsFoundHoweverItNamesItsEmail(t *testing.T) {
	for name, named := range map[string]func(id string) string{
		"in capitals": strings.ToUpper,
		"after a gateway's own": func(id string) string {
			return "gateway@relay.example.org>\n\n--b\nContent-Type: message/rfc822\n\nTo: w1@example.org\nMessage-ID: <" + id
		},
	} {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		p := w.postroom()
		key := p.tells("KN-1", "2026-09-01 10:00")
		if err := p.bounce("2026-09-02 10:00", "", "w1@example.org", nobodyHere, named(p.id(key))); err != nil {
			t.Errorf("%s: %v, want it taken", name, err)
		}
		w.wants(name+": the email", w.lines(`SELECT state FROM messages WHERE key = $1`, key), "failed")
	}
}

// TestTwoBouncesOfOneDayAreNotOfTwo because a clock was a day ahead when the first was read.
func TestTwoBouncesOfOneDayAreNotOfTwo(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		p := w.postroom()
		first, again := p.tells("KN-1", "2026-09-01 10:00"), p.tells("KN-2", "2026-09-01 10:10")
		for _, b := range []struct{ when, key string }{{"2026-09-03 10:00", first}, {"2026-09-02 10:10", again}} {
			if err := p.bounce(b.when, "", "w1@example.org", nobodyHere, p.id(b.key)); err != nil {
				t.Fatal(err)
			}
		}
		w.wants("switched off", w.lines(`SELECT person FROM disabled_addresses`))
	})
}

// TestABounceThatProvesNothingChangesNothing: it lies there for operations to look at.
func TestABounceThatProvesNothingChangesNothing(t *testing.T) {
	const w1 = "w1@example.org"
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	p := w.postroom()
	key := p.tells("KN-1", "2026-09-01 10:00")
	for _, c := range []struct {
		name, header, to, id string
		want                 error
	}{
		{"computed from the ledger's key, without the installation's", "", w1, "9f86d081884c7d659a2feaa0c55ad015@example.org", notify.ErrNotOurs},
		{"under another installation's key", "", w1, fmt.Sprintf("%x@example.org", origin.NewKeys().Sign(origin.MessageID, key)[:16]), notify.ErrNotOurs},
		{"right but for the last digit", "", w1, strings.Replace(p.id(key), "@", "0@", 1), notify.ErrNotOurs},
		{"right, but about another address", "", "w2@example.org", p.id(key), notify.ErrUnproven},
		{"right, but about a longer address", "", "xw1@example.org", p.id(key), notify.ErrUnproven},
		{"right, but forged by what our server found", "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=a.example; dmarc=fail (p=REJECT) header.from=relay.example.org\n", w1, p.id(key), notify.ErrUnproven},
	} {
		if err := p.bounce("2026-09-02 10:00", c.header, c.to, nobodyHere, c.id); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		w.wants(c.name+": the email", w.lines(`SELECT state FROM messages WHERE key = $1`, key), "sent")
	}
	if err := p.bounce("2026-09-02 10:00", "Authentication-Results: mx.example.org; dmarc=pass header.from=relay.example.org\n", w1, nobodyHere, p.id(key)); err != nil {
		t.Errorf("one that our server found right: %v, want it taken", err)
	}
	w.wants("the email", w.lines(`SELECT state FROM messages WHERE key = $1`, key), "failed")
}

// TestWhatWentBeforeThereWasAKeyComesBack, and since anybody can make that up it speaks
// against no address.
func TestWhatWentBeforeThereWasAKeyComesBack(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	p := w.postroom()
	old := []string{p.tells("KN-1", "2026-09-01 10:00"), p.tells("KN-2", "2026-09-01 10:10")}
	if _, err := w.store.AdoptOrigin(t.Context(), at(t, "2026-09-01 12:00"), p.keys.Fingerprints(), false); err != nil {
		t.Fatal(err)
	}
	fresh := p.tells("KN-3", "2026-09-01 13:00")
	without := func(key string) string {
		all := newComposer(t).MessageIDsOf(key, true)
		return all[len(all)-1]
	}
	for i, when := range []string{"2026-09-02 10:00", "2026-09-03 10:00"} {
		if err := p.bounce(when, "", "w1@example.org", nobodyHere, without(old[i])); err != nil {
			t.Errorf("an email from before: %v, want it taken", err)
		}
	}
	w.wants("they failed", w.lines(`SELECT state FROM messages WHERE key IN ($1, $2)`, old[0], old[1]), "failed", "failed")
	w.wants("switched off", w.lines(`SELECT person FROM disabled_addresses`))
	if err := p.bounce("2026-09-03 11:00", "", "w1@example.org", nobodyHere, without(fresh)); !errors.Is(err, notify.ErrNotOurs) {
		t.Errorf("an email from after, by what could be computed: %v, want it not known", err)
	}
}

// TestBouncesAboutUsStopTheChannel once three recipients' mail servers say so: one must
// not keep all others from being told.
func TestBouncesAboutUsStopTheChannel(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	p := w.postroom()
	stopped := func() []string {
		return w.lines(`SELECT state, fault FROM channel_states WHERE channel = 'email' AND state = 'open'`)
	}
	for i, person := range []string{"W1", "W2", "G1"} {
		ref := fmt.Sprint("KN-", i+1)
		w.do(`UPDATE people SET mobile = '' WHERE id = $1`, person)
		w.opens(duty{ref: ref, id: "discuss", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-30 10:00", practitioner: person, recorder: "V1"})
		w.scans("2026-09-02 10:00")
		p.delivers("2026-09-02 10:00")
		w.wants("stopped after "+fmt.Sprint(i), stopped())
		key := w.lines(`SELECT m.key FROM messages m JOIN reminders r ON r.message_id = m.id JOIN duties d ON d.id = r.duty_id
			WHERE d.case_ref = $1 AND m.person = $2 AND m.channel = 'email'`, ref, person)
		if len(key) != 1 {
			t.Fatalf("%d emails to %s, want 1", len(key), person)
		}
		err := p.bounce("2026-09-02 10:00", "", strings.ToLower(person)+"@example.org", "554 5.7.1 Relay access denied", p.id(key[0]))
		if err != nil {
			t.Fatal(err)
		}
	}
	w.wants("stopped", stopped(), "open account")
	w.wants("switched off", w.lines(`SELECT person FROM disabled_addresses`))
	w.wants("they wait", w.lines(`SELECT COUNT(*) FROM messages WHERE kind = 'reminder' AND state = 'failed-temporarily'`), "3")
}
