package notify

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func renderEmail(t *testing.T, now string, m Message) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := newComposer(t).render(at(now), m, &b); err != nil {
		t.Fatalf("rendering %s: %v", m.Key, err)
	}
	return b.String()
}

// leaves returns the parts of an email as read back, content types first.
func leaves(t *testing.T, contentType, encoding string, body io.Reader) (parts [][2]string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("content type %q: %v", contentType, err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		reader := multipart.NewReader(body, params["boundary"])
		for {
			part, err := reader.NextRawPart()
			if err == io.EOF {
				return parts
			}
			if err != nil {
				t.Fatalf("reading a part: %v", err)
			}
			parts = append(parts, leaves(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)...)
		}
	}
	switch encoding {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("decoding a part: %v", err)
	}
	return [][2]string{{kind, string(content)}}
}

func readBack(t *testing.T, email string) (netmail.Header, [][2]string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(email))
	if err != nil {
		t.Fatalf("the email cannot be read back: %v\n%s", err, email)
	}
	return m.Header, leaves(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
}

func TestEmailHeaders(t *testing.T) {
	m := reminderEmail("scan/42/W1/email", seeAgain())
	header, parts := readBack(t, renderEmail(t, "2026-09-07 08:31", m))
	for name, want := range map[string]string{
		"From":                     `"Doorstep" <doorstep@example.org>`,
		"To":                       "<w1@example.org>",
		"Subject":                  "Due tomorrow 17:00: see the child again, KN-1",
		"Date":                     "Mon, 07 Sep 2026 08:31:00 +0100",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"User-Agent":               "",
		"X-Mailer":                 "",
		"X-Priority":               "",
		"Importance":               "",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var kinds []string
	for _, p := range parts {
		kinds = append(kinds, p[0])
	}
	if want := []string{"text/plain", "text/html", "text/calendar"}; !slices.Equal(kinds, want) {
		t.Errorf("the parts are %v, want %v", kinds, want)
	}

	m.Reminders[0].Urgent = true
	header, _ = readBack(t, renderEmail(t, "2026-09-07 08:31", m))
	for name, want := range map[string]string{"Importance": "high", "Priority": "urgent", "X-Priority": "", "Auto-Submitted": "auto-generated"} {
		if got := header.Get(name); got != want {
			t.Errorf("urgent: %s is %q, want %q", name, got, want)
		}
	}
}

func TestMessageIDComesFromTheKeyAlone(t *testing.T) {
	id := func(key, now string) string {
		header, _ := readBack(t, renderEmail(t, now, reminderEmail(key, seeAgain())))
		return header.Get("Message-ID")
	}
	first := id("a", "2026-09-07 08:30")
	if got := id("a", "2026-09-08 09:00"); got != first {
		t.Errorf("a repeat has %s, want %s", got, first)
	}
	if got := id("b", "2026-09-07 08:30"); got == first {
		t.Errorf("another message has the same Message-ID %s", got)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^<[0-9a-f]{32}@example\.org>$`).MatchString(first) || strings.Contains(first, host) {
		t.Errorf("the Message-ID is %s, want <hash@example.org>", first)
	}
}

func TestLongAndForeignSubjectsAreReadBackWhole(t *testing.T) {
	r := seeAgain()
	r.Title = "Ymweld â’r plentyn eto, " + strings.Repeat("a very long duty title ", 12) + "日本"
	header, _ := readBack(t, renderEmail(t, "2026-09-07 08:30", reminderEmail("k", r)))
	got, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Due tomorrow 17:00: " + inline(r.Title) + ", KN-1"; got != want {
		t.Errorf("the subject is\n%q, want\n%q", got, want)
	}
}

// TestSubjectThatWouldReadAsAnEncodedWordIsReadAsItStands: in a reference as in a title.
func TestSubjectThatWouldReadAsAnEncodedWordIsReadAsItStands(t *testing.T) {
	for _, word := range []string{"=?utf-8?Q?All_is_well?=", "=?UTF-8?B?QWxsIGlzIHdlbGw=?=", "KN=?us-ascii?q?=00?=1", "=?utf-8?q?=0D=0ABcc:_x@example.org?=", "=?utf-8?Q?Zo=C3=AB?= Zoë"} {
		for name, set := range map[string]func(*Reminder){"reference": func(r *Reminder) { r.CaseRef = word }, "title": func(r *Reminder) { r.Title = strings.Repeat(word+" ", 6) + "x" }} {
			r := seeAgain()
			set(&r)
			header, _ := readBack(t, renderEmail(t, "2026-09-07 08:30", reminderEmail("k", r)))
			got, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
			if want := "Due tomorrow 17:00: " + inline(r.Title) + ", " + r.CaseRef; err != nil || got != want {
				t.Errorf("%s %q: the subject is read as\n%q, %v, want\n%q", name, word, got, err, want)
			}
		}
	}
}

// hostile is what every string of a message is set to, one after the other.
const hostile = "x\r\nBcc: victim@example.org\r\nX-Evil: 1\n\n\u2028<b>body</b>\x00\x1b[31m\u202e\xff"

func TestNoValueCanAddAHeaderARecipientOrAPart(t *testing.T) {
	composer := newComposer(t)
	for _, s := range samples() {
		clean, cleanParts := readBack(t, renderEmail(t, s.now.Format("2006-01-02 15:04"), s.message))
		for i := range stringsIn(copyOf(s.message)) {
			m := copyOf(s.message)
			field := stringsIn(m)[i]
			field.SetString(hostile)
			dir := t.TempDir()
			outcome := NewOutbox(dir, composer).Send(context.Background(), s.now, *m)
			if outcome.State == Failed {
				if strings.Contains(outcome.Reason, "victim") {
					t.Errorf("%s, string %d: the reason repeats the value: %s", s.name, i, outcome.Reason)
				}
				continue
			}
			if outcome.State != Sent {
				t.Fatalf("%s, string %d: %+v", s.name, i, outcome)
			}
			header, parts := readBack(t, onlyFile(t, dir))
			if got, want := names(header), names(clean); !slices.Equal(got, want) {
				t.Errorf("%s, string %d: the headers are %v, want %v", s.name, i, got, want)
			}
			if got, want := header.Get("To"), clean.Get("To"); got != want {
				t.Errorf("%s, string %d: To is %q, want %q", s.name, i, got, want)
			}
			if len(parts) != len(cleanParts) {
				t.Errorf("%s, string %d: %d parts, want %d", s.name, i, len(parts), len(cleanParts))
			}
			for _, part := range parts {
				if strings.ContainsAny(part[1], "\x00\x1b\u202e\u2028") {
					t.Errorf("%s, string %d: a control character came through in %s", s.name, i, part[0])
				}
				if part[0] == "text/calendar" && strings.Contains(strings.ReplaceAll(part[1], "\r\n ", ""), "\r\nBcc") {
					t.Errorf("%s, string %d: a line of its own in the calendar:\n%s", s.name, i, part[1])
				}
				if part[0] == "text/html" && strings.Contains(part[1], "<b>body") {
					t.Errorf("%s, string %d: HTML of its own:\n%s", s.name, i, part[1])
				}
			}
		}
	}
}

func TestRecipientThatIsNotOnePlainAddressIsRefused(t *testing.T) {
	for _, address := range []string{"", "w1", "w1@", "w1@example.org, w2@example.org", "W One <w1@example.org>", "<w1@example.org>",
		"w1@example.org\r\nBcc: x@example.org", "w1@example.org\n", "w1@exa\x00mple.org", "wörker@example.org", "w1@example.org> SIZE=1 <x@example.org", strings.Repeat("w", 250) + "@example.org"} {
		m := reminderEmail("k", seeAgain())
		m.To.Email = address
		dir := t.TempDir()
		outcome := NewOutbox(dir, newComposer(t)).Send(context.Background(), m.Created, m)
		if outcome.State != Failed || address != "" && strings.Contains(outcome.Reason, address) {
			t.Errorf("%q: %+v, want it refused for good without repeating it", address, outcome)
		}
		if files, _ := os.ReadDir(dir); len(files) > 0 {
			t.Errorf("%q: there is a file %s", address, files[0].Name())
		}
	}
}

func TestEmailsAreAsAgreed(t *testing.T) {
	for _, s := range samples() {
		got := fixBoundaries(renderEmail(t, s.now.Format("2006-01-02 15:04"), s.message))
		path := filepath.Join("testdata", s.name+".eml")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				t.Errorf("%s:%d is no longer as agreed (-update writes it anew):\n%s\nwant\n%s", path, i+1, gotLines[i], wantLines[i])
				break
			}
		}
		if len(gotLines) != len(wantLines) {
			t.Errorf("%s: %d lines, want %d (-update writes it anew)", path, len(gotLines), len(wantLines))
		}
	}
}

// fixBoundaries replaces the one thing in an email that differs each time.
func fixBoundaries(email string) string {
	for i, found := range regexp.MustCompile(`boundary=(\S+)`).FindAllStringSubmatch(email, -1) {
		email = strings.ReplaceAll(email, found[1], "boundary-"+string(rune('a'+i)))
	}
	return email
}

// stringsIn finds every string of a message that can be set.
func stringsIn(m any) (found []reflect.Value) {
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			found = append(found, v)
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(m))
	return found
}

func names(h netmail.Header) []string {
	var all []string
	for name, values := range h {
		for range values {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files (%v), want 1", len(files), err)
	}
	content, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// copyOf is a copy of m whose strings can be set without touching m's.
func copyOf(m Message) *Message {
	m.Reminders = slices.Clone(m.Reminders)
	if m.Digest != nil {
		d := *m.Digest
		d.Teams = slices.Clone(d.Teams)
		d.Sections = slices.Clone(d.Sections)
		for i := range d.Sections {
			d.Sections[i].Lines = slices.Clone(d.Sections[i].Lines)
			for j := range d.Sections[i].Lines {
				d.Sections[i].Lines[j].clean() // copies what it points to
			}
		}
		m.Digest = &d
	}
	if m.Alert != nil {
		a := *m.Alert
		m.Alert = &a
	}
	if m.Answer != nil {
		a := *m.Answer
		m.Answer = &a
	}
	return &m
}
