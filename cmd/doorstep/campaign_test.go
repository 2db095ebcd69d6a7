package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
	"example.org/doorstep/store/storetest"
)

// The campaign of scripts/faults: go test ./cmd/doorstep -run Campaign -v -args -campaign 60
var campaign = flag.Int("campaign", 0, "how often TestCampaignOfFaults kills daemons; 0: it is skipped")

// tally is what came of messages in trouble.
type tally struct {
	tried, lost, repeated int
	// wrong are messages that do not stand as sent, addresses that were given up, and
	// duties that are not where they should be.
	wrong int
	note  string
}

// TestCampaignOfFaults has the built program send in all kinds of trouble, one after the
// other, and prints what came of it. Nothing may be lost or wrong.
func TestCampaignOfFaults(t *testing.T) {
	if *campaign == 0 {
		t.Skip("it takes many minutes: run scripts/faults")
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "trouble\ttried\tlost\trepeated\twrong\t")
	for _, row := range troubles {
		line := fmt.Sprintf("%s\t\t\t\t\tdid not come to its end", row.name) // unless it does
		if !t.Run(row.name, func(t *testing.T) {
			r := row.meet(t)
			line = fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%s", row.name, r.tried, r.lost, r.repeated, r.wrong, r.note)
			t.Logf("of %d messages %d were lost and %d repeated, and %d things are wrong. %s", r.tried, r.lost, r.repeated, r.wrong, r.note)
			if r.lost > 0 || r.wrong > 0 {
				t.Errorf("of %d messages %d were lost, and %d things are wrong; want neither", r.tried, r.lost, r.wrong)
			}
		}) {
			line += " FAILED"
		}
		if !strings.HasSuffix(line, "did not come to its end") { // as where only others are asked for
			fmt.Fprintln(w, line)
		}
	}
	w.Flush()
	fmt.Print("\n" + table.String() + "\n")
}

var troubles = []struct {
	name string
	meet func(t *testing.T) tally
}{
	{"kills, SQLite", func(t *testing.T) tally { return killing(t, onSQLite(t), 1, (*campaign+2)/3) }},
	{"kills, PostgreSQL", func(t *testing.T) tally { return killing(t, storetest.PostgresURL(t), 1, (*campaign+1)/3) }},
	{"kills, three daemons", func(t *testing.T) tally { return killing(t, storetest.PostgresURL(t), 3, *campaign/3) }},
	{"the database freezes", freezing},
	{"the database crashes", crashing},
	{"the database only reads", func(t *testing.T) tally {
		return ill(t, "ALTER SYSTEM SET default_transaction_read_only = on", "ALTER SYSTEM RESET default_transaction_read_only")
	}},
	{"the database hangs", hanging},
	{"disk full, SQLite", func(t *testing.T) tally { return fullDisk(t, onSQLite(t)) }},
	{"disk full, PostgreSQL", func(t *testing.T) tally { return fullDisk(t, storetest.PostgresURL(t)) }},
	{"failover to a standby", failingOver},
	{"the mail server is slow", func(t *testing.T) tally {
		return mailTrouble(t, 20, 0, slices.Repeat([]smtptest.Fault{{At: smtptest.AtEnd, Hold: func() { <-time.After(12 * time.Second) }}}, 8)...)
	}},
	{"it takes and hangs up", func(t *testing.T) tally {
		return mailTrouble(t, 20, 6*time.Minute, slices.Repeat([]smtptest.Fault{{At: smtptest.AtEnd, Drop: true, Taken: true}}, 3)...)
	}},
	{"it hangs up", func(t *testing.T) tally {
		return mailTrouble(t, 20, 6*time.Minute, slices.Repeat([]smtptest.Fault{{At: smtptest.InContent, Drop: true}}, 3)...)
	}},
	{"it refuses to relay", func(t *testing.T) tally {
		return mailTrouble(t, 20, 6*time.Minute, smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 554, Enhanced: "5.7.1", Text: "Relay access denied"})
	}},
	{"it does not know us", func(t *testing.T) tally { return mailTrouble(t, 20, 6*time.Minute, smtptest.Greylisting) }},
	{"it is down", func(t *testing.T) tally {
		return mailTrouble(t, 20, time.Minute, smtptest.Fault{At: smtptest.AtGreeting, Always: true, Code: 421, Enhanced: "4.3.2", Text: "Service not available"})
	}},
	{"Twilio fails", textTrouble},
}

// campaigning is a daemon with so many messages to send, by a mail server that takes its
// time so that trouble falls among them.
func campaigning(t *testing.T, database string, messages int) (*daemon, *smtptest.Server) {
	return campaigningAt(t, 20*time.Millisecond, database, messages)
}

func campaigningAt(t *testing.T, pace time.Duration, database string, messages int) (*daemon, *smtptest.Server) {
	server := smtptest.Start(t, smtptest.Options{Pace: pace})
	d := newDaemon(t, buildBinary(t), database, server)
	d.caseload(messages / 2)
	return d, server
}

// ends waits until nothing is left to send, and counts.
func (d *daemon) ends(database string, server *smtptest.Server, messages int) tally {
	d.t.Helper()
	const emails = "FROM messages WHERE channel = 'email' AND kind = 'reminder'"
	d.awaitFor(10*time.Minute, func() string { return "everything to be sent" }, func() bool {
		return count(d.t, database, "SELECT count(*) "+emails) >= messages && count(d.t, database, "SELECT count(*) "+emails+" AND state <> 'sent'") == 0
	})
	r := tally{tried: messages}
	got := map[string]int{}
	for _, m := range server.Taken() {
		if m.To[0] != "operations@council.example" && m.To[0] != "duty@council.example" {
			got[m.To[0]]++
		}
	}
	for _, n := range got {
		r.repeated += n - 1
	}
	r.lost = messages - len(got)
	r.wrong = count(d.t, database, "SELECT count(*) FROM disabled_addresses") + max(0, count(d.t, database, "SELECT count(*) "+emails)-messages) +
		count(d.t, database, "SELECT count(*) FROM duties WHERE state <> 'open' OR next_rung_at <> due_at - 4*3600*1000")
	return r
}

// killing kills one of so many daemons again and again, each at a random moment once it
// has sent some emails of its own and while there are more to send.
func killing(t *testing.T, database string, daemons, kills int) tally {
	// Each that is killed has claimed a hundred or two, which nobody else has for ten seconds.
	messages := 1200 * daemons
	// No faster with several, or they would send what comes in before it can be theirs.
	d, server := campaigningAt(t, time.Duration(daemons)*20*time.Millisecond, database, messages)
	d.write("doorstep.yaml", strings.Replace(d.configuration(), `"Doorstep <`, `"Doorstep ${START} <`, 1))
	starts := 0
	start := func() (string, *process) {
		starts++
		name := fmt.Sprintf("start-%d", starts)
		d.environment = []string{"START=" + name}
		return name, d.start()
	}
	random := rand.New(rand.NewPCG(*killSeed, uint64(daemons)))
	running, names := make([]*process, daemons), make([]string, daemons)
	for i := range running {
		names[i], running[i] = start()
	}
	out := senders{of: map[string]string{}, sent: map[string]int{}, again: map[string]int{}}
	for n := range kills {
		if n%max(1, kills/20) == 0 {
			t.Logf("%d of %d kills, %d of %d emails are out", n, kills, len(out.of), messages)
		}
		i := random.IntN(daemons)
		some := 1 + random.IntN(20)
		d.awaitFor(5*time.Minute, func() string { return "a daemon to send some emails" }, func() bool {
			out.look(server)
			if messages-len(out.of) < 800*daemons { // it has none left to send soon
				d.moreCases(messages/2, messages/2+1000)
				messages += 2000
			}
			return out.sent[names[i]] >= some
		})
		<-time.After(time.Duration(random.Int64N(int64(500 * time.Millisecond))))
		running[i].kill()
		names[i], running[i] = start()
	}
	r := d.ends(database, server, messages)
	out.look(server)
	most := 0
	for _, n := range out.again {
		most = max(most, n)
	}
	r.note = fmt.Sprintf("%d kills of daemons at work, at most %d repeated after one", kills, most)
	return r
}

// senders are what each start of a daemon has sent.
type senders struct {
	looked int               // at so many emails
	of     map[string]string // who sent an email first, by its Message-ID
	sent   map[string]int    // how many each has sent
	again  map[string]int    // how many of those that each sent first went again
}

// look looks at what has come since it was last called.
func (s *senders) look(server *smtptest.Server) {
	for _, m := range server.TakenSince(s.looked) {
		s.looked++
		from, id := m.Header("From"), m.MessageID()
		from = strings.Trim(strings.Fields(from)[1], `"`)
		s.sent[from]++
		if first, was := s.of[id]; was {
			s.again[first]++
		} else {
			s.of[id] = from
		}
	}
}

// during starts a daemon, and trouble once it has begun to send.
func during(t *testing.T, d *daemon, database string, server *smtptest.Server, messages int, trouble func()) tally {
	p := d.start()
	d.await("some emails", func() bool { return server.Count() >= messages/10 })
	trouble()
	r := d.ends(database, server, messages)
	if code, log := p.stop(); code != exitDone {
		t.Errorf("serve stopped with exit %d: %s", code, log)
	}
	return r
}

// longer is longer than a claim.
const longer = 15 * time.Second

// freezing lets connections hang that stay open.
func freezing(t *testing.T) tally {
	database, messages := storetest.PostgresURL(t), 600
	between := storetest.NewBetween(t, database)
	d, server := campaigning(t, between.URL, messages)
	return during(t, d, database, server, messages, func() {
		between.GoSilent()
		<-time.After(longer)
		between.Resume()
	})
}

// crashing breaks every connection, again and again.
func crashing(t *testing.T) tally {
	postgres, messages := storetest.OwnPostgres(t), 600
	d, server := campaigning(t, postgres.URL(), messages)
	return during(t, d, postgres.URL(), server, messages, func() {
		for range 20 {
			postgres.Do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
			<-time.After(200 * time.Millisecond)
		}
	})
}

// ill changes a setting of the server's for longer than a claim lasts.
func ill(t *testing.T, begin, end string) tally {
	postgres, messages := storetest.OwnPostgres(t), 600
	d, server := campaigning(t, postgres.URL(), messages)
	return during(t, d, postgres.URL(), server, messages, func() {
		postgres.Do(begin)
		postgres.Do("SELECT pg_reload_conf()")
		<-time.After(longer)
		postgres.Do(end)
		postgres.Do("SELECT pg_reload_conf()")
	})
}

// hanging locks the ledger for longer than any statement waits.
func hanging(t *testing.T) tally {
	postgres, messages := storetest.OwnPostgres(t), 600
	d, server := campaigning(t, postgres.URL(), messages)
	return during(t, d, postgres.URL(), server, messages, func() {
		letGo := postgres.Hold("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
		<-time.After(2 * longer)
		letGo()
	})
}

// fullDisk has the database take no outcome.
func fullDisk(t *testing.T, database string) tally {
	messages := 600
	d, server := campaigning(t, database, messages)
	return during(t, d, database, server, messages, func() {
		off := refusesOutcomes(t, database)
		<-time.After(longer)
		off()
	})
}

// refusesOutcomes has a database take no outcome of a message that went, until it is
// called off.
func refusesOutcomes(t *testing.T, database string) (off func()) {
	t.Helper()
	behind := storetest.LookBehind(t, database)
	if strings.HasPrefix(database, "sqlite:") {
		behind.Do(`CREATE TRIGGER refuses BEFORE UPDATE ON messages WHEN NEW.state = 'sent' BEGIN SELECT RAISE(ABORT, 'no'); END`)
		return func() { behind.Do(`DROP TRIGGER refuses`) }
	}
	behind.Do(`CREATE FUNCTION refuses() RETURNS trigger AS $$ BEGIN RAISE disk_full; END $$ LANGUAGE plpgsql`)
	behind.Do(`CREATE TRIGGER refuses BEFORE UPDATE ON messages FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION refuses()`)
	return func() { behind.Do(`DROP TRIGGER refuses ON messages`) }
}

// failingOver loses the primary server, and a standby takes its place.
func failingOver(t *testing.T) tally {
	primary, messages := storetest.OwnPostgres(t), 600
	standby := primary.Standby()
	both := primary.URLWith(standby)
	d, server := campaigning(t, both, messages)
	var took time.Duration
	r := during(t, d, both, server, messages, func() {
		primary.Stop()
		<-time.After(3 * time.Second)
		before := server.Count()
		standby.Promote()
		promoted := time.Now()
		d.awaitFor(time.Minute, func() string { return "an email after the promotion" }, func() bool { return server.Count() > before })
		took = time.Since(promoted)
	})
	r.note = fmt.Sprintf("the first email %.1f s after the promotion", took.Seconds())
	return r
}

// mailTrouble has the mail server fail, until all that was planned has happened or what
// goes on for ever is mended; then the clock goes on by so much, more than once.
func mailTrouble(t *testing.T, messages int, later time.Duration, faults ...smtptest.Fault) tally {
	server := smtptest.Start(t, smtptest.Options{})
	server.Plan(faults...)
	database := onSQLite(t)
	d := newDaemon(t, buildBinary(t), database, server)
	d.write("doorstep.yaml", strings.Replace(d.configuration(), "connections: 4", "connections: 4, timeout: 1s", 1)+operationsToo)
	set := d.shiftClock()
	set(0)
	d.caseload(messages / 2)
	p := d.start()
	<-time.After(longer)
	if faults[0].Always {
		server.Forget()
	}
	for ahead := time.Duration(0); later > 0 && ahead < 4*later; {
		ahead += later
		set(ahead)
		<-time.After(5 * time.Second)
	}
	r := d.ends(database, server, messages)
	if code, log := p.stop(); code != exitDone {
		t.Errorf("serve stopped with exit %d: %s", code, log)
	}
	return r
}

// textTrouble has Twilio fail in several ways at sending, and at saying what became of a
// text.
func textTrouble(t *testing.T) tally {
	mail := smtptest.Start(t, smtptest.Options{})
	texts := twiliotest.Start(t, twiliotest.Options{SentAfter: time.Second, DeliveredAfter: 2 * time.Second})
	for range 4 {
		texts.Plan(twiliotest.Fault{Status: 500}, twiliotest.Fault{Taken: true, Drop: true}, twiliotest.TooMany("1"), twiliotest.HTML(503), twiliotest.Fault{Drop: true})
	}
	texts.Plan(twiliotest.Fault{On: twiliotest.Fetch, To: mobileW1, Status: 200, Body: "{", Always: true})
	d := newCouncil(t, mail, byTwilio(texts, ""))
	p := d.start()
	const cases = 10
	for i := range cases {
		d.refer(fmt.Sprintf("KN-%d", i+1), "W3")
	}
	d.refer("KN-99", "W1")
	d.await("all texts to be queued", func() bool { return d.rows("messages WHERE channel = 'sms' AND kind = 'reminder'") >= 2*(cases+1) })
	told := func(ref string, who int, address string) int {
		n := 0
		for _, words := range textsTo(texts, fmt.Sprintf("+4477009001%02d", who)) {
			if strings.Contains(words, ref+".") {
				n++
			}
		}
		for _, m := range emailsTo(mail, address) {
			if strings.Contains(m.Header("Subject"), ref) {
				n++
			}
		}
		return n
	}
	d.awaitFor(10*time.Minute, func() string { return "all to be heard of" }, func() bool {
		return d.rows("messages WHERE state IN ('queued', 'sending', 'failed-temporarily')") == 0 &&
			d.rows("messages WHERE channel = 'sms' AND state = 'sent'") == len(textsTo(texts, mobileW1))
	})
	d.end(p)
	r := tally{tried: 2 * cases}
	for i := range cases {
		ref := fmt.Sprintf("KN-%d", i+1)
		for _, n := range []int{told(ref, 3, "w3@council.example"), told(ref, 11, "g1@council.example")} {
			if n == 0 {
				r.lost++
			}
			r.repeated += max(0, n-1)
		}
	}
	r.wrong = d.rows("disabled_addresses")
	r.note = "by text or, in its place, by email"
	return r
}
