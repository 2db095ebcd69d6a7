package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/govuktest"
	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store/storetest"
)

// postOffice is an office whose letters GOV.UK Notify posts.
type postOffice struct {
	*daemon
	database string
	notify   *govuktest.Server
	mail     *smtptest.Server
}

const postLetter = "POST /v2/notifications/letter"

// newPostOffice has so many families, each of which has been offered an appointment.
func newPostOffice(t *testing.T, binary, database string, families int) *postOffice {
	t.Helper()
	mail := smtptest.Start(t, smtptest.Options{})
	o := &postOffice{newDaemon(t, binary, database, mail), database,
		govuktest.Start(t, govuktest.Options{DeliverAfter: 24 * time.Hour}), mail}
	o.write("doorstep.yaml", strings.Replace(string(o.bytes("doorstep.yaml")), `inbox: "@every 2s"`, `inbox: "", letters: ""`, 1)+fmt.Sprintf(`
operations: {email: operations@council.example}
print_folder: ./to-post
letters: {via: notify, postage: first, notify: {api_key: %s, base_url: %q}}
`, govuktest.APIKey, o.notify.URL))
	var all []string
	for n := range families {
		all = append(all, family(n+1))
	}
	o.command("import", "people", o.write("people.csv", staff))
	o.command("import", "cases", o.write("cases.csv", caseHeader+strings.Join(all, "")))
	for n := range families {
		all[n] = offer(n + 1)
	}
	o.happens(all...)
	return o
}

func offer(n int) string {
	return event(fmt.Sprint("offer-", n), fmt.Sprintf("SW-%d", n), "appointment-offered", 20*time.Hour, "", now().Add(9*24*time.Hour).UTC().Format(time.RFC3339))
}

// schedules changes a schedule from never to every second.
func (o *postOffice) every(schedule string) {
	o.t.Helper()
	config := string(o.bytes("doorstep.yaml"))
	if schedule == "print" {
		config = strings.Replace(config, `inbox: ""`, `inbox: "", print: "@every 1s"`, 1)
	} else {
		config = strings.Replace(config, `letters: ""`, `letters: "@every 1s"`, 1)
	}
	o.write("doorstep.yaml", config)
}

// posting is what post said.
type posting struct {
	printing.PostSummary
	out, errs string
	code      int
}

func (o *postOffice) posts(args ...string) posting {
	o.t.Helper()
	out, errs, code := o.try(append([]string{"post"}, args...)...)
	p := posting{out: out, errs: errs, code: code}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := lines[len(lines)-1]; last != "" {
		if err := json.Unmarshal([]byte(last), &p.PostSummary); err != nil {
			o.t.Fatalf("doorstep post %s: the last line is %q: %v", strings.Join(args, " "), last, err)
		}
	}
	return p
}

// wants checks what a command counted, as "sent 2, accepted 2" with what is not
// zero.
func (p posting) wants(t *testing.T, what string, code int, want string) {
	t.Helper()
	var got []string
	for _, c := range []struct {
		name  string
		count int
	}{{"sent", p.Sent}, {"waiting", p.Waiting}, {"accepted", p.Accepted}, {"received", p.Received}, {"refused", p.Refused}, {"withdrawn", p.Withdrawn}} {
		if c.count > 0 {
			got = append(got, fmt.Sprintf("%s %d", c.name, c.count))
		}
	}
	if text := strings.Join(got, ", "); p.code != code || text != want {
		t.Errorf("%s: exit %d and %s, want %d and %s:\n%s%s", what, p.code, text, code, want, p.out, p.errs)
	}
}

// changes runs a statement on the database, as nobody but a test does.
func (o *postOffice) changes(statement string) {
	o.t.Helper()
	driver, address := "pgx", o.database
	if path, ok := strings.CutPrefix(o.database, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(o.t.Context(), statement); err != nil {
		o.t.Fatalf("%s: %v", statement, err)
	}
}

// aMinutePasses lets every claim run out, and all that waits for its time wait no
// longer.
func (o *postOffice) aMinutePasses() {
	o.t.Helper()
	o.changes("UPDATE postings SET next_try_at = 1 WHERE next_try_at IS NOT NULL")
}

// eachOnce checks that Notify has taken so many letters, each once.
func (o *postOffice) eachOnce(letters int) {
	o.t.Helper()
	taken := o.notify.TakenByReference()
	for reference, times := range taken {
		if times != 1 {
			o.t.Errorf("letter %s was taken %d times", reference, times)
		}
	}
	if len(taken) != letters {
		o.t.Errorf("GOV.UK Notify has %d letters, want %d", len(taken), letters)
	}
}

// TestLettersArePostedAndFollowed is a batch's way from print to "received", on each
// database.
func TestLettersArePostedAndFollowed(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	for _, database := range []struct{ name, url string }{{"SQLite", onSQLite(t)}, {"PostgreSQL", storetest.PostgresURL(t)}} {
		t.Run(database.name, func(t *testing.T) {
			o := newPostOffice(t, binary, database.url, 1)
			o.prints("letters", "--pending", "--out", "one.pdf")
			p := o.posts("--batch", "1")
			p.wants(t, "post --batch 1", exitDone, "sent 1, accepted 1")
			taken := o.notify.Taken()
			if len(taken) != 1 || taken[0].Type != "letter" || taken[0].Postage != "first" || !bytes.Equal(taken[0].PDF, o.bytes("one.pdf")) {
				t.Fatalf("GOV.UK Notify has %d letters, want one, first class, byte for byte as it was printed", len(taken))
			}
			for _, personal := range []string{"SW-1", "Parent", "Street", "SN1", "Worker"} {
				if strings.Contains(taken[0].Reference, personal) {
					t.Errorf("the reference %s holds %s", taken[0].Reference, personal)
				}
			}
			o.posts("--batch", "1").wants(t, "post --batch 1 again", exitDone, "accepted 1")
			o.eachOnce(1)

			p = o.posts("--status")
			p.wants(t, "post --status", exitDone, "accepted 1")
			says(t, "the status", p.out, []string{"batch 1", "case SW-1: letter appointment", "pending virus check: being checked for viruses"}, "Parent", "Street")
			o.notify.Set(taken[0].ID, "received")
			p = o.posts("--status", "--batch", "1")
			p.wants(t, "post --status --batch 1", exitDone, "received 1")
			says(t, "the status", p.out, []string{"received: printed and posted"})
			says(t, "the case", o.command("case", "SW-1"), []string{"letter appointment: printed", "; GOV.UK Notify: received: printed and posted, "})
			serial := serialPattern.FindString(o.text("one.pdf"))
			says(t, "the look-up", o.command("print", "lookup", serial), []string{"GOV.UK Notify: received: printed and posted, "})
			if p := o.posts("--status"); p.code != exitDone || !strings.HasPrefix(p.out, "no letters are on their way\n") {
				t.Errorf("post --status at the end: %+v, want nothing on its way", p)
			}

			again := o.prints("--batch", "1", "--out", "again")
			says(t, "print --batch 1", again.errs, []string{"case SW-1: letter appointment, serial " + serial + ", is posted by GOV.UK Notify: do not post it again"})
			says(t, "its cover sheet", o.text(again.Cover), []string{"do not post them again", "letter appointment, by Notify"})
			if !bytes.Equal(o.bytes("one.pdf"), o.bytes(again.File)) {
				t.Error("the letter is not the same when it is printed again")
			}
		})
	}
}

func TestPostMakesABatchOfWhatWaits(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, buildBinary(t), onSQLite(t), 3)
	o.happens(event("a1", "SW-3", "no-access", time.Hour)) // overtakes the letter, and calls for a card
	p := o.posts("--pending", "--by", "A1")
	p.wants(t, "post --pending", exitDone, "sent 2, accepted 2")
	says(t, "the cover sheet", o.text(p.Cover), []string{"by A1. 2 letters on 2 pages", "do not post them again", "letter appointment, by Notify"}, "SW-3")
	if files, err := filepath.Glob(filepath.Join(o.folder, "to-post", "*")); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %q, %v; want the cover sheet only", files, err)
	}
	o.posts("--pending").wants(t, "post --pending again", exitDone, "")
	o.eachOnce(2)

	// What is overtaken now can only be cancelled there.
	o.happens(event("s1", "SW-1", "seen", time.Hour))
	next := o.prints("--pending", "--out", "next")
	if next.Items != 1 {
		t.Errorf("print --pending: %+v, want the card of SW-3", next)
	}
	says(t, "the next cover sheet", o.text(next.Cover), []string{"Take out before posting", "GOV.UK Notify has it: cancel it there"})
}

func TestWhatCannotBePostedIsRefusedByName(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, buildBinary(t), onSQLite(t), 2)
	o.prints("letters", "--case", "SW-1", "--layout", "dl", "--out", "dl.pdf")
	o.happens(event("a1", "SW-1", "no-access", time.Hour))
	o.prints("cards", "--pending", "--out", "cards.pdf")
	for _, tt := range []struct {
		args string
		want string
	}{
		{"--batch 1", "laid out for window envelopes (--layout dl): GOV.UK Notify takes --layout notify only"},
		{"--batch 2", "batch 2 holds cards and no letters: cards go through the door"},
		{"--batch 9", "there is no batch 9"},
		{"--status --batch 9", "there is no batch 9"},
		{"--pending --batch 1", "say --pending"},
		{"--pending --status", "say --pending"},
		{"", "say --pending"},
	} {
		if p := o.posts(strings.Fields(tt.args)...); p.code != exitUsage || !strings.HasPrefix(p.errs, "doorstep: ") || !strings.Contains(p.errs, tt.want) {
			t.Errorf("post %s: exit %d and %q, want %q", tt.args, p.code, p.errs, tt.want)
		}
	}
	o.write("doorstep.yaml", strings.Replace(string(o.bytes("doorstep.yaml")), "via: notify, postage", "via: print, postage", 1))
	if p := o.posts("--pending"); p.code != exitUsage || !strings.Contains(p.errs, "letters.via is print") {
		t.Errorf("post with letters.via print: exit %d and %q, want it refused", p.code, p.errs)
	}
	o.eachOnce(0)

	// Of a batch with both, the letters go.
	o = newPostOffice(t, o.binary, onSQLite(t), 2)
	o.happens(event("a1", "SW-1", "no-access", time.Hour))
	o.prints("--pending", "--out", "both")
	p := o.posts("--batch", "1")
	p.wants(t, "a batch of a card and a letter", exitDone, "sent 1, accepted 1")
	says(t, "standard error", p.errs, []string{"1 card of batch 1: not posted, cards go through the door"})
}
