package postcards

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
)

func TestMistakesInWordingAreFoundAtLoad(t *testing.T) {
	const card = "cards/en/rearrange.txt"
	const letter = "letters/en/missed.txt"
	good := "Date: {date} Time: {time}\n\n# Sorry {contact}\n\n{contact_number}\n"
	for _, test := range []struct{ name, file, text, want string }{
		{"unknown value", card, good + "\nAsk for {practitioner}", card + ":7:9: {practitioner} is not a value there is: use {date}"},
		{"a value of another variant", card, good + "{next_date}", card + ":6:1: {next_date} is not a value there is"},
		{"missing value", card, "Date: {date}\n\n{contact} {contact_number}", card + ":1:1: {time} is missing"},
		{"no end", card, good + "Call {contact_number", card + ":6:6: a { without a } after it"},
		{"no beginning", card, good + "Call number}", card + ":6:12: a } without a { before it"},
		{"column in characters", card, good + "Zażółć gęślą {x}", card + ":6:14: {x}"},
		{"empty braces", card, good + "{}", card + ":6:1: {} is not a value there is"},
		{"a letter without its date", letter, "Call {named_contact} on {contact_number}", letter + ":1:1: {appointment} is missing"},
		{"a re-offer with a date", "letters/en/re-offer.txt", "{named_contact} {contact_number} {appointment}", "letters/en/re-offer.txt:1:34: {appointment} is not a value"},
		{"emoji", card, good + "Call me 📞", card + ":6:9: has characters that cannot be printed (\"📞\", U+1F4DE)"},
		{"right to left", card, good + "שלום", card + ":6:1: is written from right to left"},
		{"not UTF-8", card, good + "caf\xe9", card + ":6:1: is not valid UTF-8"},
		{"too long for a card", card, good + strings.Repeat("This goes on and on. ", 60), card + ": "},
		{"a language without its words", "cards/pl/final.txt", good, "words/pl.yaml: is missing"},
		{"a language without a variant", "cards/pl/final.txt", good, "cards/pl/revisit.txt: is missing"},
		{"words: unknown key", "words/en.yaml", "greetings: hello\n", "words/en.yaml:1:1: unknown field"},
		{"words: a contact missing", "words/en.yaml", "contacts: {antenatal: a}\n", "words/en.yaml: contacts: six-week is missing"},
		{"words: not YAML", "words/en.yaml", "contacts: [\n", "words/en.yaml:"},
		{"table: unknown variant", cardTable, "table:\n  hv-child: {attempt_1: sorry, later: final, with_visit_booked: revisit}\n", cardTable + `:2:3: hv-child: attempt_1 is "sorry": use rearrange, final, revisit`},
		{"table: revisit without a visit", cardTable, "table:\n  hv-child: {attempt_1: revisit, later: final, with_visit_booked: revisit}\n", cardTable + ":2:3: hv-child: has revisit where no visit is booked"},
		{"table: final at once", cardTable, "table:\n  hv-child: {attempt_1: final, later: final, with_visit_booked: revisit}\n", cardTable + ":2:3: hv-child: has final for a first visit"},
		{"table: unknown key", cardTable, "table:\n  hv-child: {attempt_1: rearrange, attempt_2: final}\n", cardTable + ":2:"},
		{"table: dated letter without a date", letterTable, "table:\n  hv-child: {appointment_offered: appointment, offered_after_missed: missed, not_brought: missed}\n", letterTable + ":2:3: hv-child: has a letter with a date under not_brought"},
	} {
		_, err := NewPrinter(changed(t, map[string]string{test.file: test.text}), sampleSettings())
		if err == nil || !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(l string) bool { return strings.HasPrefix(l, test.want) }) {
			t.Errorf("%s: %v\nwant a line that begins %s", test.name, err, test.want)
		}
	}
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	s := sampleSettings()
	s.Service, s.Logo = "Health 😀", []byte("<svg/>")
	_, err := NewPrinter(changed(t, map[string]string{"cards/en/final.txt": "{date} {date2}", "letters/en/missed.txt": "{oops}"}), s)
	if err == nil {
		t.Fatal("wording full of mistakes was taken")
	}
	for _, want := range []string{"the logo is not a picture", "organisation.service: has characters", "cards/en/final.txt:1:8: {date2}", "cards/en/final.txt:1:1: {time} is missing", "letters/en/missed.txt:1:1: {oops}"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error is\n%v\nwant %q in it", err, want)
		}
	}
}

func TestNotesInWordingAreNotPrinted(t *testing.T) {
	p, err := NewPrinter(changed(t, map[string]string{"cards/en/rearrange.txt": "// for {nobody} 😀\r\nDate: {date} Time: {time}\r\n\r\nSorry {contact}\r\nnext line {contact_number}\r\n"}), sampleSettings())
	if err != nil {
		t.Fatal(err)
	}
	pdf, _, _ := printCards(t, p, SheetA6, sampleCard(t, pathway.CardRearrange))
	if got, want := onPaper(t, pdf), "Date: Tuesday 14 July 2026 Time: 10:40am Sorry six-week next line 01632 960123 Please quote K7M-2PX5"; got != want {
		t.Errorf("the card says %q, want %q", got, want)
	}
}

func TestALanguageIsAFolderOfWording(t *testing.T) {
	files := map[string]string{
		"words/pl.yaml": `
contacts: {antenatal: przedporodową, new-birth: po narodzinach, six-week: w szóstym tygodniu, one-year: roczną, two-year: dwuletnią, other: kontrolną}
weekdays: [niedziela, poniedziałek, wtorek, środa, czwartek, piątek, sobota]
months: [stycznia, lutego, marca, kwietnia, maja, czerwca, lipca, sierpnia, września, października, listopada, grudnia]
date: "{weekday}, {day} {month} {year}"
time: "{hour}:{minute}"
date_and_time: "{date} o godz. {time}"
clock: 24
addressee: Rodzic lub opiekun
greeting: Państwo
telephone: "Telefon:"
reference: "Znak:"
page: "Strona {page} z {pages}"
`}
	for _, v := range pathway.CardVariants() {
		text := "Data: {date} Godzina: {time}\n\n# Wizyta {contact}\n\nTelefon {contact_number}\n"
		if v == pathway.CardRevisit {
			text += "| Data: {next_date} Godzina: {next_time}\n"
		}
		files["cards/pl/"+v+".txt"] = text
	}
	p, err := NewPrinter(changed(t, files), sampleSettings())
	if err != nil {
		t.Fatal(err)
	}
	card := sampleCard(t, pathway.CardRevisit)
	card.Language = "pl"
	pdf, _, errs := printCards(t, p, SheetA6, card)
	if got, want := onPaper(t, pdf), "Data: wtorek, 14 lipca 2026 Godzina: 10:40 Wizyta w szóstym tygodniu Telefon 01632 960123 Data: wtorek, 21 lipca 2026 Godzina: 14:05 K7M-2PX5"; got != want {
		t.Errorf("the card says %q (%v), want %q", got, errs, want)
	}
}

func TestTimesOfDay(t *testing.T) {
	p := newPrinter(t)
	w := p.wording.words["en"]
	for when, want := range map[string]string{
		"2026-07-14 10:40": "Tuesday 14 July 2026 at 10:40am", "2026-12-01 00:05": "Tuesday 1 December 2026 at 12:05am",
		"2026-10-25 12:00": "Sunday 25 October 2026 at 12:00pm", "2027-01-31 13:09": "Sunday 31 January 2027 at 1:09pm", "2026-07-14 23:59": "Tuesday 14 July 2026 at 11:59pm",
	} {
		if got := w.dateAndTime(at(t, when)); got != want {
			t.Errorf("%s is written %q, want %q", when, got, want)
		}
	}
}

func TestLogosAreCheckedBeforeTheyAreUnpacked(t *testing.T) {
	jpegLogo := func(width, height int) []byte {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for _, test := range []struct {
		name, want string
		logo       []byte
	}{
		{"none", "", nil},
		{"PNG", "", pngLogo(t, 300, 100)},
		{"JPEG", "", jpegLogo(2000, 900)},
		{"not a picture", "not a picture", []byte("#!/bin/sh\n")},
		{"an SVG", "not a picture", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
		{"cut short", "damaged", pngLogo(t, 300, 100)[:120]},
		{"50 megapixels", "10 megapixels", patchedSize(t, 10_000, 5_000)},
		{"too small", "blur", pngLogo(t, 10, 10)},
		{"too thin", "too long and thin", pngLogo(t, 2000, 30)},
	} {
		s := sampleSettings()
		s.Logo = test.logo
		p, err := NewPrinter(shipped, s)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			pdf, _, errs := printCards(t, p, SheetA6, sampleCard(t, pathway.CardFinal))
			if len(errs) > 0 {
				t.Errorf("%s: %v", test.name, errs)
			}
			checkSound(t, pdf)
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want it to say %q", test.name, err, test.want)
		}
	}
}

// patchedSize is a PNG that claims a size; the pixels for it are not there.
func patchedSize(t *testing.T, width, height int) []byte {
	t.Helper()
	b := pngLogo(t, 100, 100)
	binary.BigEndian.PutUint32(b[16:], uint32(width))
	binary.BigEndian.PutUint32(b[20:], uint32(height))
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}
