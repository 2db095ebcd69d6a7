package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// colleagues are a team that is told by text. W2 has no email, and is covered by
// W3.
const colleagues = `id,name,role,team,email,mobile,channel,reports_to,cover
W1,Ottoline Quillfeather,practitioner,East,w1@council.example,07700 900101,sms,G1,
W2,Cordelia Winterbottom,practitioner,East,,07700 900102,sms,G1,W3
W3,Peregrine Oakapple,practitioner,East,w3@council.example,07700 900103,sms,G1,
G1,Barnaby Featherstonehaugh,manager,East,g1@council.example,07700 900111,sms,V1,
V1,Marigold Threlfall,service-manager,,v1@council.example,07700 900121,email,,
`

// Their numbers.
const (
	mobileW1 = "+447700900101"
	mobileW2 = "+447700900102"
	mobileW3 = "+447700900103"
	mobileG1 = "+447700900111"
	mobileV1 = "+447700900121"

	mobileOperations = "+447700900131"
	mobileStranger   = "+447700900199"
)

// neverTold are what no log and no figure may hold: parts of the names, addresses,
// numbers and places above and below, of texts and emails, and of secrets.
var neverTold = []string{
	"Ottoline", "Quillfeather", "Cordelia", "Winterbottom", "Peregrine", "Oakapple", "Barnaby", "Featherstonehaugh", "Marigold", "Threlfall",
	"Hollingberry", "Larkrise", "SN1 1AA", "01793 555", "1793555",
	"@council.example", "7700900", "7700 900",
	"the child", "Reply DONE", "Reply ACK", ":-)", "test message", "Recorded as", "Nothing recorded", "no more texts",
	twiliotest.AuthToken, "hunter2", "3d844edf", "eyJ0",
}

// oneChannel is a configuration's pathways: everybody is told by the channel that
// they chose, and not by every channel as the urgent ladder has it.
const oneChannel = `
ladders:
  - id: urgent
    title: Urgent
    office_hours: false
    every_channel: false
    severity: 1
    rungs:
      - {at: start, to: [owner, manager], skip_recorder: true}
      - {at: due, to: [owner, manager]}
`

// keys are parts of a configuration, by their first name.
type keys map[string]string

// newCouncil is newDaemon with colleagues who are told by text, one channel each,
// and with what no log may tell looked for in the end. Schedules other than the
// scan do not run unless the test says so.
func newCouncil(t *testing.T, mail *smtptest.Server, more ...keys) *daemon {
	t.Helper()
	d := &daemon{t: t, binary: buildBinary(t), folder: t.TempDir()}
	all := keys{
		"database":     fmt.Sprintf("%q", onSQLite(t)),
		"listen":       "127.0.0.1:0",
		"public_url":   "https://doorstep.council.example",
		"organisation": `{contact_number: "01632 960001"}`,
		"schedules":    `{scan: "@every 1s", inbox: "", digest: "", contact_test: "", bounces: ""}`,
		"duty_address": "{email: duty@council.example}",
		"operations":   "{email: operations@council.example}",
		"delivery":     "{lease: 10s}",
		"log":          "{level: debug}",
		"pathways":     "[ladders.yaml]",
		"email":        bySMTP(mail),
	}
	for _, m := range more {
		maps.Copy(all, m)
	}
	var config strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&config, "%s: %s\n", key, all[key])
	}
	d.write("ladders.yaml", oneChannel)
	d.write("doorstep.yaml", config.String())
	d.command("import", "people", d.write("people.csv", colleagues))
	t.Cleanup(func() { // after the processes have been killed
		for _, p := range d.processes {
			tellsNobody(t, "the log", p.log.String())
		}
	})
	return d
}

func bySMTP(mail *smtptest.Server) string {
	return fmt.Sprintf(`{via: smtp, from: "Doorstep <doorstep@council.example>", smtp: {host: %s, port: %d}}`, mail.Host, mail.Port)
}

// byTwilio is what sends texts through texts. how is what else there is to say of
// sms.
func byTwilio(texts *twiliotest.Server, how string) keys {
	return keys{"sms": fmt.Sprintf("{via: twilio, twilio: {account_sid: %s, auth_token: %q, from: %q, base_url: %q}%s}",
		twiliotest.AccountSID, twiliotest.AuthToken, twiliotest.Number, texts.URL, how)}
}

// tellsNobody fails where words that a daemon wrote hold what they must not.
func tellsNobody(t testing.TB, what, words string) {
	t.Helper()
	lower := strings.ToLower(words)
	for _, secret := range neverTold {
		if at := strings.Index(lower, strings.ToLower(secret)); at >= 0 {
			t.Errorf("%s holds %q: …%s…", what, secret, words[max(0, at-200):min(len(words), at+200)])
		}
	}
}

// drop puts a file into a folder of the daemon's, whole.
func (d *daemon) drop(folder, name, content string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Join(d.folder, folder), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(d.write(name, content), filepath.Join(d.folder, folder, name)); err != nil {
		d.t.Fatal(err)
	}
}

// refer imports a case that was referred a minute ago: an urgent duty of the
// practitioner's, of which the manager is told too.
func (d *daemon) refer(ref, practitioner string) {
	d.t.Helper()
	d.command("import", "cases", d.write("cases-"+ref+".csv", fmt.Sprintf(
		"ref,pathway,opened_at,practitioner,manager,team,addressee,address_1,postcode,phone\n%s,csc-section-47,%s,%s,G1,East,The Hollingberry family,12 Larkrise Terrace,SN1 1AA,01793 555000\n",
		ref, ago(time.Minute), practitioner)))
}

// referApart is refer, and waits for the scan that tells of it: what the next scan tells
// is in messages of its own.
func (d *daemon) referApart(ref, practitioner string) {
	d.t.Helper()
	d.refer(ref, practitioner)
	d.await("the scan that tells of "+ref, func() bool {
		return d.rows("reminders r JOIN duties d ON d.id = r.duty_id WHERE d.case_ref = '"+ref+"'") > 0
	})
}

// wordsOfFigures leaves the numbers of /metrics out: any row of digits turns up among them
// sooner or later. What could tell of somebody are names, labels and explanations.
func wordsOfFigures(figures string) string {
	var words strings.Builder
	for line := range strings.Lines(figures) {
		if !strings.HasPrefix(line, "#") {
			line = line[:strings.LastIndex(line, " ")+1] + "\n"
		}
		words.WriteString(line)
	}
	return words.String()
}

// figure reads one of the daemon's figures, by its name and labels; -1 where it is
// not there. It looks whether the figures tell of anybody.
func (d *daemon) figure(name string) float64 {
	d.t.Helper()
	status, body := d.get("/metrics")
	if status != http.StatusOK {
		d.t.Fatalf("/metrics answers %d", status)
	}
	tellsNobody(d.t, "/metrics", wordsOfFigures(body))
	for line := range strings.Lines(body) {
		var value float64
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			fmt.Sscan(rest, &value)
			return value
		}
	}
	return -1
}

// end stops a daemon after a last look at its figures.
func (d *daemon) end(p *process) {
	d.t.Helper()
	d.figure("")
	if code, log := p.stop(); code != exitDone {
		d.t.Errorf("serve stopped with exit %d and logged %s", code, log)
	}
}

// configuration reads the daemon's configuration.
func (d *daemon) configuration() string {
	d.t.Helper()
	config, err := os.ReadFile(filepath.Join(d.folder, "doorstep.yaml"))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(config)
}

// database is the address of the daemon's database.
func (d *daemon) database() string {
	d.t.Helper()
	return regexp.MustCompile(`(?m)^database: "(.*)"$`).FindStringSubmatch(d.configuration())[1]
}

// rows counts rows of the daemon's database.
func (d *daemon) rows(of string) int {
	d.t.Helper()
	return count(d.t, d.database(), "SELECT count(*) FROM "+of)
}

// says fails where what a command prints lacks any of the words.
func (d *daemon) says(words []string, args ...string) {
	d.t.Helper()
	out := d.command(args...)
	unfolded := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	for _, w := range words {
		if !strings.Contains(unfolded(out), unfolded(w)) {
			d.t.Errorf("doorstep %s prints\n%s\nwant it to say %q", strings.Join(args, " "), out, w)
		}
	}
}

// undisturbed opens and closes ports while no process is being started: one that is
// has for a moment all that is open here, and keeps what is closed meanwhile taken.
func undisturbed(do func()) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	do()
}

// textsTo returns the words of the texts that were taken for a number.
func textsTo(texts *twiliotest.Server, mobile string) []string {
	var out []string
	for _, m := range texts.Messages() {
		if !m.Inbound && m.To == mobile {
			out = append(out, m.Body)
		}
	}
	return out
}

// emailsTo returns the emails that were taken for an address.
func emailsTo(mail *smtptest.Server, address string) []smtptest.Mail {
	return slices.DeleteFunc(mail.Taken(), func(m smtptest.Mail) bool { return !slices.Contains(m.To, address) })
}

// replyCode is the code that a text asks to be answered by.
func replyCode(t testing.TB, text string) string {
	t.Helper()
	found := regexp.MustCompile(`Reply (?:DONE|ACK) (\w{5})$`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("the text %q asks for no answer", text)
	}
	return found[1]
}
