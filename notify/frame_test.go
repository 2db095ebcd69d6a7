package notify

import (
	"bytes"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestEmailsAreWrittenAsGoMailWritesThem: byte for byte but for the boundaries.
func TestEmailsAreWrittenAsGoMailWritesThem(t *testing.T) {
	words := rapid.SampledFrom([]string{"Urgent", "by", "today", "17:00:", "see", "the", "child", "again,", "KN-1", "=", "=?utf-8?q?x?=", "é", "", ".",
		strings.Repeat("long", 12), strings.Repeat("longer", 30), "O'Brien", "a=b", "From"})
	line := rapid.Map(rapid.SliceOfN(words, 1, 12), func(words []string) string { return strings.Join(words, " ") })
	lines := rapid.Map(rapid.SliceOfN(line, 1, 6), func(lines []string) string { return strings.Join(lines, "\n") + "\n" })
	composers := map[string]*Composer{}
	for _, from := range []string{"Doorstep <doorstep@example.org>", "doorstep@" + strings.Repeat("long.", 12) + "example.org"} {
		sender, err := netmail.ParseAddress(from)
		if err != nil {
			t.Fatal(err)
		}
		composers[from] = &Composer{from: sender, frames: newFrames(sender)}
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		c := composers[rapid.SampledFrom([]string{"Doorstep <doorstep@example.org>", "doorstep@" + strings.Repeat("long.", 12) + "example.org"}).Draw(t, "from")]
		e := envelope{
			from: c.from, to: rapid.SampledFrom([]string{"w1@example.org", strings.Repeat("w", 60) + "@example.org", "w+1@" + strings.Repeat("x.", 40) + "example.org"}).Draw(t, "to"),
			subject: plainSubject(strings.Join(strings.Fields(line.Draw(t, "subject")), " ")),
			date:    time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "date"), 0).In(zone), messageID: "e50877b3768f13a134ffc15a48bea7e0@" + c.domain(),
			urgent: rapid.Bool().Draw(t, "urgent"), text: lines.Draw(t, "text"), html: lines.Draw(t, "html"),
			ics: rapid.SampledFrom([]string{"", "BEGIN", strings.Repeat("x", 57), strings.Repeat("line\r\n", 60)}).Draw(t, "ics"),
		}
		var got, want bytes.Buffer
		if err := c.write(&e, &got); err != nil {
			t.Fatal(err)
		}
		if err := e.goMail(&want); err != nil {
			t.Fatal(err)
		}
		if got, want := fixBoundaries(got.String()), fixBoundaries(want.String()); got != want {
			t.Fatalf("the email is\n%s\nwant it as go-mail writes it:\n%s", got, want)
		}
	})
}

func TestBoundariesAreNeverTheSame(t *testing.T) {
	m := reminderEmail("1", seeAgain())
	seen := map[string]bool{}
	for range 3 {
		var b bytes.Buffer
		if _, err := newComposer(t).render(m.Created, m, &b); err != nil {
			t.Fatal(err)
		}
		for _, found := range boundaryOf.FindAllStringSubmatch(b.String(), -1) {
			if seen[found[1]] {
				t.Errorf("the boundary %s comes twice, want each once: whoever knows it could end a part", found[1])
			}
			seen[found[1]] = true
		}
	}
	if len(seen) != 6 {
		t.Errorf("three emails with a calendar entry have %d boundaries, want 6", len(seen))
	}
}

func TestQuotedPrintableIsTheLibrarys(t *testing.T) {
	pieces := rapid.SampledFrom([]string{" ", "\t", "=", "a", "word", "é", "\n", "\r\n", ".", "~", "\x7f", "\x00", strings.Repeat("x", 74), strings.Repeat("y", 30)})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 40).Draw(t, "pieces"), "")
		var want bytes.Buffer
		w := quotedprintable.NewWriter(&want)
		w.Write([]byte(text))
		w.Close()
		if got := appendQuoted(nil, text); string(got) != want.String() {
			t.Fatalf("%q is written\n%q, want\n%q", text, got, want.String())
		}
	})
}
