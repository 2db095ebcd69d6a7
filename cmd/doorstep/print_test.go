package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store/storetest"
)

const caseHeader = "ref,pathway,opened_at,practitioner,manager,team,contact,household,addressee,address_1,address_2,postcode,safe_to_write\n"

// family writes the row of a case; address and what follows may be replaced.
func family(n int, change ...string) string {
	row := fmt.Sprintf("SW-%d,hv-child,%s,W1,G1,East,six-week,H%d,Parent of SW-%d,%d Test Street,Swindon,SN1 1AA,yes\n", n, ago(40*24*time.Hour), n, n, n)
	return strings.NewReplacer(change...).Replace(row)
}

// office is a daemon's folder with staff and families in it.
func office(t *testing.T, binary, database string, families ...string) *daemon {
	t.Helper()
	d := newDaemon(t, binary, database, smtptest.Start(t, smtptest.Options{}))
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv", caseHeader+strings.Join(families, "")))
	return d
}

// happens imports events: id, case, kind, how long ago, value, booked for.
func (d *daemon) happens(events ...string) {
	d.t.Helper()
	d.command("import", "events", d.write("events.csv", "event_id,case_ref,kind,at,by,value,booked_for\n"+strings.Join(events, "\n")+"\n"))
}

func event(id, ref, kind string, since time.Duration, more ...string) string {
	more = append(more, "", "")
	return strings.Join([]string{id, ref, kind, ago(since), "W1", more[0], more[1]}, ",")
}

// printRun is what print said.
type printRun struct {
	printing.Summary
	errs string
	code int
}

// prints runs a print command and reads its summary.
func (d *daemon) prints(args ...string) printRun {
	d.t.Helper()
	out, errs, code := d.try(append([]string{"print"}, args...)...)
	p := printRun{errs: errs, code: code}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := lines[len(lines)-1]; last != "" {
		if err := json.Unmarshal([]byte(last), &p.Summary); err != nil {
			d.t.Fatalf("doorstep print %s: the last line is %q: %v", strings.Join(args, " "), last, err)
		}
	}
	return p
}

// text reads a PDF back.
func (d *daemon) text(name string) string {
	d.t.Helper()
	var errs bytes.Buffer
	c := exec.CommandContext(d.t.Context(), "pdftotext", "-layout", name, "-")
	c.Dir, c.Stderr = d.folder, &errs
	out, err := c.Output()
	if err != nil {
		d.t.Fatalf("pdftotext %s: %v %s", name, err, &errs)
	}
	return string(out)
}

func (d *daemon) bytes(name string) []byte {
	d.t.Helper()
	data, err := os.ReadFile(filepath.Join(d.folder, name))
	if err != nil {
		d.t.Fatal(err)
	}
	return data
}

// says checks what a text holds and what it must not.
func says(t *testing.T, what, text string, wants []string, never ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, want := range wants {
		if !strings.Contains(flat, want) {
			t.Errorf("%s lacks %q:\n%s", what, want, text)
		}
	}
	for _, bad := range never {
		if strings.Contains(flat, bad) {
			t.Errorf("%s must not hold %q:\n%s", what, bad, text)
		}
	}
}

var serialPattern = regexp.MustCompile(`\b[2-9B-Z]{3}-[2-9B-Z]{4}\b`)

// TestOfficeDay is a day at the office's printer, on each database.
func TestOfficeDay(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	for _, database := range []struct{ name, url string }{{"SQLite", onSQLite(t)}, {"PostgreSQL", storetest.PostgresURL(t)}} {
		t.Run(database.name, func(t *testing.T) {
			d := office(t, binary, database.url, family(1), family(2), family(3), family(4), family(5, "yes", "no"), family(6, "H6", "H2"), family(7))
			soon := now().Add(9 * 24 * time.Hour).UTC().Format(time.RFC3339)
			d.happens(
				event("a1", "SW-1", "no-access", 20*time.Hour),
				event("a2", "SW-2", "appointment-offered", 20*time.Hour, "", soon),
				event("a3", "SW-3", "no-access", 90*time.Hour),
				event("a4", "SW-3", "no-access", 20*time.Hour),
				event("a5", "SW-5", "no-access", 20*time.Hour),
				event("a6", "SW-6", "appointment-offered", 20*time.Hour, "", soon),
			)
			first := d.prints("--pending", "--out", "first", "--by", "A1")
			if first.code != exitDone || first.Items != 3 || first.Batch != 1 || len(first.Files) != 2 {
				t.Fatalf("print --pending: %+v; want one letter and two cards in batch 1", first)
			}
			for _, f := range first.Files {
				if sum := sha256.Sum256(d.bytes(f.File)); hex.EncodeToString(sum[:]) != f.SHA256 {
					t.Errorf("%s has another SHA-256 than the summary's %s", f.File, f.SHA256)
				}
			}
			says(t, "the letter", d.text("first/batch-1-letters.pdf"), []string{"Parent of SW-2 2 Test Street Telephone: 01632 960001 Swindon SN1 1AA", "please call Worker One"}, "SW-6")
			card := d.text("first/batch-1-cards.pdf")
			says(t, "the card", card, []string{"Sorry we missed you for your six-week appointment", "If you would like to rearrange"}, "SW-1", "Parent", "Street", "You will not be offered")
			says(t, "the cover sheet", d.text(first.Cover),
				[]string{"by A1. 1 letter on 1 page, 2 cards on 1 page", "1 SW-2", "2 SW-1", "3 SW-3", "SW-5 Worker One (W1)", "unsafe to write to", "In place of a final card", "SW-3 card rearrange the question about"}, "Take out")
			says(t, "standard error", first.errs, []string{"case SW-5: ", "phone the family", "case SW-3: card rearrange in place of a final card: ", "liaison is incomplete"})

			serial := serialPattern.FindString(card)
			says(t, "the look-up", d.command("print", "lookup", strings.ToLower(strings.ReplaceAll(serial, "-", " "))), []string{"case SW-1: card rearrange", "batch 1 by A1"})

			again := d.prints("--batch", "1", "--out", "again")
			if again.code != exitDone || again.Items != 3 {
				t.Fatalf("print --batch 1: %+v", again)
			}
			for _, name := range []string{"batch-1-letters.pdf", "batch-1-cards.pdf", "batch-1-cover.pdf"} {
				if !bytes.Equal(d.bytes("first/"+name), d.bytes("again/"+name)) {
					t.Errorf("%s is not the same when it is printed again", name)
				}
			}
			if p := d.prints("--pending", "--out", "none"); p.code != exitDone || p.Items != 0 || p.Batch != 0 {
				t.Errorf("a second print --pending: %+v; want nothing", p)
			}

			// SW-1 is seen before its card is posted; at SW-7 all is answered by the second visit.
			d.happens(
				event("b1", "SW-1", "seen", time.Hour),
				event("b2", "SW-7", "no-access", 90*time.Hour),
				event("b3", "SW-7", "liaison", 80*time.Hour, "gp;chis;housing;early-years;record-check;siblings"),
				event("b4", "SW-7", "vulnerability-answered", 80*time.Hour, "no"),
				event("b5", "SW-7", "no-access", time.Hour),
			)
			next := d.prints("--pending", "--out", "next.pdf")
			if next.code != exitDone || next.Items != 1 || next.Batch != 2 || next.File != "next.pdf" {
				t.Fatalf("print --pending after liaison: %+v; want the final card in batch 2", next)
			}
			says(t, "the final card", d.text("next.pdf"), []string{"You will not be offered any further appointments at this time"})
			says(t, "the next cover sheet", d.text("next-cover.pdf"),
				[]string{"Take out before posting", "SW-1 " + serial + " 1 card rearrange the child has been seen since"}, "SW-5")
			says(t, "the look-up", d.command("print", "lookup", serial), []string{"not to go out any more: the child has been seen since"})
			if p := d.prints("--pending", "--out", "none"); p.code != exitDone || p.Batch != 0 || p.errs != "nothing was printed\n" {
				t.Errorf("a last print --pending: %+v; want nothing, and nothing to take out", p)
			}
		})
	}
}

func TestFinalCardIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1))
	d.happens(event("a1", "SW-1", "no-access", 90*time.Hour), event("a2", "SW-1", "no-access", 20*time.Hour))
	refused := d.prints("cards", "--case", "SW-1", "--variant", "final", "--out", "final.pdf")
	if refused.code != exitUsage || refused.Items != 0 || !strings.Contains(refused.errs, "doorstep: case SW-1: card final is not printed") ||
		!strings.Contains(refused.errs, "vulnerabilities is not answered") {
		t.Errorf("print cards --variant final: %+v; want a refusal that says why", refused)
	}
	if _, err := os.Stat(filepath.Join(d.folder, "final.pdf")); err == nil {
		t.Error("a refused card left a file")
	}
	other := d.prints("cards", "--case", "SW-1", "--variant", "rearrange", "--out", "other.pdf")
	if other.code != exitDone || other.Items != 1 || other.Cover != "" {
		t.Errorf("another card in its place: %+v; want one, without a cover sheet", other)
	}
	if p := d.prints("cards", "--case", "SW-1", "--variant", "rearrange", "--out", "other.pdf"); p.code != exitUsage || !strings.Contains(p.errs, "was printed in batch 1") {
		t.Errorf("the same card again: %+v; want to be told its batch", p)
	}
	if p := d.prints("--pending", "--out", "rest"); p.Items != 0 {
		t.Errorf("what waits after it: %+v; want nothing", p)
	}
}

func TestOneItemIsPrintedAgainInTheFormAskedFor(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2))
	soon := now().Add(9 * 24 * time.Hour).UTC().Format(time.RFC3339)
	d.happens(event("a1", "SW-1", "no-access", 20*time.Hour), event("a2", "SW-2", "appointment-offered", 20*time.Hour, "", soon))
	d.prints("--pending", "--out", "first")
	card, letter := serialPattern.FindString(d.text("first/batch-1-cards.pdf")), serialPattern.FindString(d.text("first/batch-1-letters.pdf"))
	says(t, "the card", d.text("first/batch-1-cards.pdf"), []string{"Please quote " + card})

	again := d.prints("--serial", strings.ToLower(letter), "--large-print", "--layout", "dl", "--out", "again.pdf", "--by", "A1")
	if again.code != exitDone || again.Items != 1 || again.Batch != 2 || again.Cover != "" {
		t.Fatalf("print --serial of a letter: %+v; want it in batch 2", again)
	}
	if now := serialPattern.FindString(d.text("again.pdf")); now == letter || now == "" {
		t.Errorf("it has the serial %q, want one of its own, not %s", now, letter)
	}
	if p := d.prints("--serial", card, "--large-print", "--out", "card.pdf"); p.code != exitDone || p.Items != 1 || p.Batch != 3 {
		t.Errorf("print --serial of a card: %+v; want it in batch 3", p)
	}
	says(t, "the case", d.command("case", "SW-2"), []string{letter, "in batch 2"})
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--serial", card, "--layout", "dl"}, "--layout is for letters, and " + card + " is a card"},
		{[]string{"--serial", letter, "--sheet", "a6"}, "--sheet is for cards, and " + letter + " is a letter"},
		{[]string{"--serial", letter, "--language", "xx"}, `there is no wording in the language "xx"`},
		{[]string{"--serial", letter, "--batch", "1"}, "say --pending for what waits, --batch"},
		{[]string{"--serial", "222-2222"}, "222-2222"},
		{[]string{"--batch", "1", "--large-print"}, "takes no --large-print"},
		{[]string{"--batch", "1", "--layout", "notify"}, "takes no --layout"},
		{[]string{"--batch", "1", "--language", "en"}, "takes no --language"},
		{[]string{"--batch", "1", "--sheet", "a4-4up"}, "takes no --sheet"},
	} {
		if p := d.prints(append(tt.args, "--out", "x.pdf")...); p.code != exitUsage || p.Items != 0 || !strings.Contains(p.errs, tt.want) {
			t.Errorf("print %q: %+v; want bad input with %q", tt.args, p, tt.want)
		}
	}
}

// TestSampleNumberIsNeverPrinted: a family that called it would reach nobody.
func TestSampleNumberIsNeverPrinted(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2))
	own := string(d.bytes("doorstep.yaml"))
	soon := now().Add(9 * 24 * time.Hour).UTC().Format(time.RFC3339)
	d.happens(event("a1", "SW-1", "no-access", 20*time.Hour), event("a2", "SW-2", "appointment-offered", 20*time.Hour, "", soon))
	for _, tt := range []struct{ number, fault string }{
		{`"01793 000000"`, `doorstep.yaml:2:16: organisation.contact_number: "01793 000000" is the sample's`},
		{`"01793000000"`, `doorstep.yaml:2:16: organisation.contact_number: "01793000000" is the sample's`},
		{`""`, "doorstep.yaml:2:16: organisation.contact_number: is empty"},
	} {
		d.write("doorstep.yaml", strings.Replace(own, `"01632 960001"`, tt.number, 1))
		if out, _, code := d.try("check"); code != exitUsage || !strings.Contains(out, tt.fault) {
			t.Errorf("check with the number %s exits %d and prints\n%s\nwant a fault: %s", tt.number, code, out, tt.fault)
		}
	}
	d.write("doorstep.yaml", strings.Replace(own, `"01632 960001"`, `"01793 000000"`, 1))
	d.prints("--pending", "--out", "paper")
	for _, kind := range []string{"cards", "letters"} {
		says(t, kind, d.text("paper/batch-1-"+kind+".pdf"), nil, "01793", "000000")
	}
	d.prints("cards", "--variant", "rearrange", "--blank", "4", "--out", "pad.pdf")
	says(t, "a pad", d.text("pad.pdf"), []string{"my contact number is"}, "01793", "000000")
}

func TestBadItemIsNamedAndOthersPrint(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1, "Parent of SW-1", "Parent 😀"), family(2), family(3, "H3", "H1"))
	soon := now().Add(9 * 24 * time.Hour).UTC().Format(time.RFC3339)
	for n := range 3 {
		ref := fmt.Sprintf("SW-%d", n+1)
		d.happens(event("a"+ref, ref, "appointment-offered", 20*time.Hour, "", soon))
	}
	p := d.prints("letters", "--pending", "--layout", "dl", "--compress", "--large-print", "--out", "letters.pdf")
	if p.code != exitUsage || p.Items != 2 || !strings.Contains(p.errs, "doorstep: case SW-1: addressee: ") || !strings.Contains(p.errs, "U+1F600") {
		t.Errorf("print letters: %+v; want two letters, and case SW-1 and its field named", p)
	}
	// SW-3 is of the same household: its letter goes where the other cannot.
	says(t, "the letters", d.text("letters.pdf"), []string{"Parent of SW-2", "Parent of SW-3"})
	says(t, "the cover sheet", d.text("letters-cover.pdf"), []string{"SW-1 letter appointment addressee: has"})
	d.command("import", "cases", d.write("cases.csv", caseHeader+family(1)))
	if p := d.prints("letters", "--pending", "--out", "rest.pdf"); p.code != exitDone || p.Items != 0 {
		t.Errorf("once it is corrected: %+v; want nothing more, because the household has had its letter", p)
	}
}

func TestTwoPrintTheSameQueueAtOnce(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	const families = 40
	var all, events []string
	for n := range families {
		all = append(all, family(n))
		events = append(events, event(fmt.Sprint("a", n), fmt.Sprintf("SW-%d", n), "no-access", 20*time.Hour))
	}
	for _, database := range []struct{ name, url string }{{"SQLite", onSQLite(t)}, {"PostgreSQL", storetest.PostgresURL(t)}} {
		t.Run(database.name, func(t *testing.T) {
			d := office(t, binary, database.url, all...)
			d.happens(events...)
			const people = 4
			var made [people]printRun
			var wait sync.WaitGroup
			for i := range people {
				wait.Go(func() { made[i] = d.prints("--pending", "--out", fmt.Sprint("person-", i)) })
			}
			wait.Wait()
			items, batches := 0, 0
			for i, p := range made {
				if p.code != exitDone {
					t.Errorf("person %d: exit %d: %s", i, p.code, p.errs)
				}
				if items += p.Items; p.Batch > 0 {
					batches++
				}
			}
			printed := count(t, database.url, "SELECT count(*) FROM print_items WHERE state = 'printed' AND batch IS NOT NULL")
			if kept := count(t, database.url, "SELECT count(*) FROM print_batches"); items != families || printed != families || kept != batches {
				t.Errorf("%d people printed %d items in %d batches, and %d are on record in %d; want each of %d once", people, items, batches, printed, kept, families)
			}
		})
	}
}

// TestPrintThatFailsLeavesTheQueue: wherever it fails, or is killed, what waits is
// either on record in a batch or waits on.
func TestPrintThatFailsLeavesTheQueue(t *testing.T) {
	t.Parallel()
	database := onSQLite(t)
	var all, events []string
	const families = 300
	for n := range families {
		all = append(all, family(n))
		events = append(events, event(fmt.Sprint("a", n), fmt.Sprintf("SW-%d", n), "no-access", 20*time.Hour))
	}
	d := office(t, buildBinary(t), database, all...)
	d.happens(events...)
	waiting := func() int {
		t.Helper()
		return count(t, database, "SELECT count(*) FROM print_items WHERE state = 'queued'")
	}
	d.write("file", "")
	for _, out := range []string{"file/x.pdf", "file/folder", "no/such/folder/x.pdf"} {
		if p := d.prints("--pending", "--out", out); p.code != exitFailed || !strings.HasPrefix(p.errs, "doorstep: cannot ") {
			t.Errorf("print --out %s: %+v; want it to fail and say why", out, p)
		}
	}
	if n := waiting(); n != families {
		t.Fatalf("after failures %d wait, want %d", n, families)
	}
	for try := range 3 {
		folder := fmt.Sprint("killed-", try)
		c := exec.CommandContext(t.Context(), d.binary, "print", "--pending", "--out", folder, "--config", "doorstep.yaml")
		c.Dir = d.folder
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { c.Wait(); close(ended) }()
		d.await("the printing to begin", func() bool {
			select {
			case <-ended:
				return true
			default:
			}
			begun, _ := filepath.Glob(filepath.Join(d.folder, folder, ".doorstep-*"))
			return len(begun) > 0
		})
		c.Process.Kill()
		<-ended
		if n, printed := waiting(), count(t, database, "SELECT count(*) FROM print_items WHERE state = 'printed'"); n+printed != families {
			t.Fatalf("killed: %d wait and %d are printed, want %d together", n, printed, families)
		}
	}
	d.command("print", "--pending", "--out", "rest")
	if batches := count(t, database, "SELECT count(*) FROM print_batches"); batches != 1 || waiting() != 0 {
		t.Errorf("%d batches and %d that wait, want all in one", batches, waiting())
	}
	d.command("print", "--batch", "1", "--out", "whole")
	if serials := serialPattern.FindAllString(d.text("whole/batch-1-cards.pdf"), -1); len(serials) != families || len(slices.Compact(slices.Sorted(slices.Values(serials)))) != families {
		t.Errorf("batch 1 holds %d serials, want %d different ones", len(serials), families)
	}
}

func TestFieldPackAndBlankPad(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2), family(3, "yes", "no"), family(4))
	today := now().In(london(t))
	tomorrow := time.Date(today.Year(), today.Month(), today.Day()+1, 10, 40, 0, 0, london(t))
	var booked []string
	for n := range 4 {
		booked = append(booked, event(fmt.Sprint("b", n), fmt.Sprintf("SW-%d", n+1), "visit-booked", 20*time.Hour, "", tomorrow.Format(time.RFC3339)))
	}
	d.happens(append(booked, event("c", "SW-4", "cancelled-by-family", time.Hour))...)
	pack := d.prints("cards", "--visits", "tomorrow", "--practitioner", "W1", "--out", "pack.pdf")
	if pack.code != exitDone || pack.Items != 2 || pack.Pages != 1 {
		t.Errorf("the pack: %+v; want two cards on a sheet", pack)
	}
	text := d.text("pack.pdf")
	says(t, "the pack", text, []string{tomorrow.Format("Monday 2 January 2006"), "10:40am"}, "SW-", "Parent")
	says(t, "the pack's warnings", pack.errs, []string{"case SW-3: no card: ", "unsafe to write to"})
	says(t, "the look-up", d.command("print", "lookup", serialPattern.FindString(text)), []string{"case SW-"})
	if p := d.prints("cards", "--visits", "tomorrow", "--practitioner", "G1", "--out", "pack.pdf"); p.code != exitDone || p.Items != 0 {
		t.Errorf("the pack of somebody without visits: %+v; want none", p)
	}

	pad := d.prints("cards", "--variant", "rearrange", "--blank", "40", "--out", "pad.pdf")
	if pad.code != exitDone || pad.Items != 40 || pad.Pages != 10 || pad.Batch != 0 {
		t.Errorf("the pad: %+v; want 40 cards on 10 sheets", pad)
	}
	if again := d.prints("cards", "--variant", "rearrange", "--blank", "40", "--out", "pad2.pdf"); again.SHA256 != pad.SHA256 || !bytes.Equal(d.bytes("pad.pdf"), d.bytes("pad2.pdf")) {
		t.Error("the same pad has other bytes")
	}
	for _, wrong := range [][]string{
		{"cards", "--out", "x.pdf"}, {"cards", "--blank", "4", "--out", "x.pdf"}, {"cards", "--variant", "final", "--pending", "--blank", "3", "--out", "x.pdf"},
		{"cards", "--variant", "sorry", "--pending", "--out", "x.pdf"}, {"cards", "--pending", "--sheet", "a5", "--out", "x.pdf"}, {"cards", "--visits", "someday", "--out", "x.pdf"},
		{"letters", "--out", "x.pdf"}, {"letters", "--pending", "--layout", "c5", "--out", "x.pdf"}, {"letters", "--pending"}, {"--batch", "9", "--out", "x.pdf"},
		{"--out", "x.pdf"}, {"letters", "--case", "SW-99", "--out", "x.pdf"}, {"cards", "--case", "SW-99", "--variant", "revisit", "--out", "x.pdf"}, {"lookup", "K7M-2PXX"},
	} {
		if p := d.prints(wrong...); p.code != exitUsage || !strings.HasPrefix(p.errs, "doorstep: ") && !strings.Contains(p.errs, "\ndoorstep: ") {
			t.Errorf("print %q: exit %d and %q, want bad input with a reason", wrong, p.code, p.errs)
		}
	}
}

func london(t *testing.T) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNightlyBatch(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2, "Parent of SW-2", "أحمد"))
	config := string(d.bytes("doorstep.yaml"))
	d.write("doorstep.yaml", strings.Replace(config, `inbox: "@every 2s"`, `print: "@every 1s"`, 1)+"print_folder: ./to-post\nprint_sheet: a6\n")
	d.happens(event("a1", "SW-1", "no-access", 20*time.Hour), event("a2", "SW-2", "appointment-offered", 20*time.Hour, "", now().Add(72*time.Hour).UTC().Format(time.RFC3339)))
	p := d.start()
	d.await("the batch and its cover sheet", func() bool {
		files, err := filepath.Glob(filepath.Join(d.folder, "to-post", "batch-1-*.pdf"))
		return err == nil && len(files) == 2
	})
	code, log := p.stop()
	if code != exitDone || !strings.Contains(log, "msg=printed batch=1 items=1") || !strings.Contains(log, "case=SW-2 field=addressee") {
		t.Errorf("serve stopped with exit %d and logged %s", code, log)
	}
	if strings.ContainsAny(log, "أحمد") || strings.Contains(log, "U+0623") {
		t.Errorf("the log spells out the letters of a name:\n%s", log)
	}
	says(t, "the card", d.text("to-post/batch-1-cards.pdf"), []string{"Sorry we missed you"})
	if n := count(t, "sqlite:"+strings.TrimPrefix(databaseOf(config), "sqlite:"), "SELECT count(*) FROM print_batches"); n != 1 {
		t.Errorf("%d batches, want 1: an empty queue makes none", n)
	}
}

func databaseOf(config string) string {
	_, rest, _ := strings.Cut(config, `database: "`)
	database, _, _ := strings.Cut(rest, `"`)
	return database
}

// TestOperationsAreToldOnceOfPaperThatWaits for over two working days.
func TestOperationsAreToldOnceOfPaperThatWaits(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	d := newDaemon(t, buildBinary(t), onSQLite(t), server)
	set := d.shiftClock()
	set(0)
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv", caseHeader+family(1)+family(2)))
	d.write("doorstep.yaml", strings.Replace(string(d.bytes("doorstep.yaml")), `inbox: "@every 2s"`, `inbox: "", digest: "@every 1s"`, 1))
	d.happens(event("a1", "SW-1", "no-access", time.Hour))
	told := func() (subjects []string) {
		for _, m := range server.Taken() {
			if m.To[0] == "duty@council.example" && strings.Contains(m.Header("Subject"), "been printed") {
				subjects = append(subjects, m.Header("Subject"))
			}
		}
		return subjects
	}
	set(8 * 24 * time.Hour)
	p := d.start()
	d.await("operations to be told", func() bool { return len(told()) > 0 })
	d.happens(event("a2", "SW-2", "no-access", -7*24*time.Hour))
	set(16 * 24 * time.Hour)
	d.await("operations to be told of the next", func() bool { return len(told()) > 1 })
	p.stop()
	if got := told(); len(got) != 2 || !strings.Contains(got[0], "a card or letter has not been printed") || got[1] != got[0] {
		t.Errorf("operations were told %q, want each card once", got)
	}
}
