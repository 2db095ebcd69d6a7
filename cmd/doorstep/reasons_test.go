package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/pathway"
)

// TestWhyAFamilyDoesNotAttendStandsInItsCaseOnly: in the case and its chronology, by
// code and in words, and in no message, on no paper, in no list, report, figure or log.
func TestWhyAFamilyDoesNotAttendStandsInItsCaseOnly(t *testing.T) {
	t.Parallel()
	const words = "zebra crossing" // what the worker wrote of it
	d := newCouncil(t, smtptest.Start(t, smtptest.Options{}), keys{"email": "{via: file}", "sms": "{via: file}", "outbox": "./outbox"})
	events := "event_id,case_ref,kind,at,by,value,reason,reason_code\n"
	at := 50 * time.Hour
	for i, code := range pathway.ReasonCodes {
		kinds := []string{"no-access,%s,W1,", "not-brought,%s,W1,", "declined,%s,W1,visit"}
		for j, kind := range kinds {
			at -= time.Minute
			events += fmt.Sprintf("x%d-%d,KN-%d,%s,%s,%s\n", i, j, 1+j%2, fmt.Sprintf(kind, ago(at)), words, code)
		}
	}
	cases := fmt.Sprintf("ref,pathway,opened_at,practitioner,manager,team,addressee,address_1,postcode\n"+
		"KN-1,csc-section-47,%[1]s,W1,G1,East,,,\nKN-2,hv-child,%[1]s,W1,G1,East,Parent or carer,1 Test Street,SN1 1AB\n", ago(60*time.Hour))
	rehearsed := []string{"simulate", "--people", "people.csv", "--cases", d.write("cases.csv", cases), "--events", d.write("events.csv", events),
		"--from", ago(96 * time.Hour), "--to", ago(0), "--format"}

	said := d.command("import", "cases", "cases.csv") + d.command("import", "events", "events.csv")
	p := d.start()
	d.await("messages in the outbox", func() bool {
		files, _ := filepath.Glob(filepath.Join(d.folder, "outbox", "*"))
		return len(files) > 4 && count(t, d.database(), "SELECT COUNT(*) FROM messages WHERE state IN ('queued', 'sending') AND next_try_at < "+fmt.Sprint(time.Now().UnixMilli())) == 0
	})
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		_, body := d.get(path)
		said += body
	}
	_, log := p.stop()
	said += log
	for _, command := range [][]string{
		{"duties"}, {"duties", "--format", "csv"}, {"duties", "--format", "jsonl"}, {"digest", "--manager", "G1"}, {"undelivered"}, {"readiness"},
		{"print", "--pending", "--out", "today"}, append(rehearsed, "text"), append(rehearsed, "jsonl"),
	} {
		out, errs, _ := d.try(command...)
		said += out + errs
	}
	papers := 0
	for _, pattern := range []string{"outbox/*", "today/*", "today*"} {
		files, err := filepath.Glob(filepath.Join(d.folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, ".pdf") {
				papers++
				said += d.text(strings.TrimPrefix(file, d.folder+"/"))
			} else if data, err := os.ReadFile(file); err == nil {
				said += string(bytes.ReplaceAll(data, []byte("=\r\n"), nil)) // as emails break their lines
			}
		}
	}
	if papers == 0 {
		t.Error("nothing was printed, so that there is no paper to look at")
	}
	case1, case2 := d.command("case", "KN-1"), d.command("case", "KN-2")
	d.command("export", "chronology", "KN-1", "--out", "chronology.pdf")
	chronology := strings.Join(strings.Fields(d.text("chronology.pdf")), " ")
	for _, code := range pathway.ReasonCodes {
		spaced := strings.ReplaceAll(code, "-", " ")
		across := regexp.MustCompile(strings.ReplaceAll(code, "-", " (.{0,200} )?")) // the end of a page
		if !strings.Contains(case1, code) || !strings.Contains(case2, code) || !across.MatchString(chronology) {
			t.Errorf("%s does not stand in the case, or not in its chronology", code)
		}
		for _, form := range []string{code, spaced} {
			if found := regexp.MustCompile(`(?i)[^\n]*\b` + form + `\b[^\n]*`).FindString(said); found != "" {
				t.Errorf("%s is told outside the case: %s", form, found)
			}
		}
	}
	if at := strings.Index(strings.ToLower(said), words); at >= 0 {
		t.Errorf("what was written of the reason is told outside the case: …%s…", said[max(0, at-200):at+len(words)])
	}
	if !strings.Contains(chronology, words) {
		t.Error("what was written of the reason does not stand in the chronology")
	}
}
