package postcards

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

func TestCardsSayWhatTheGuidanceSays(t *testing.T) {
	p := newPrinter(t)
	for _, test := range []struct{ variant, filled, blank string }{
		{pathway.CardRearrange,
			"Date: Tuesday 14 July 2026 Time: 10:40am Sorry we missed you for your six-week appointment. If you would like to rearrange my contact number is 01632 960123 Health Visiting Service, Swindon Borough Council Please quote K7M-2PX5",
			"Date: Time: Sorry we missed you for your appointment. If you would like to rearrange my contact number is 01632 960123 Health Visiting Service, Swindon Borough Council"},
		{pathway.CardFinal,
			"Date: Tuesday 14 July 2026 Time: 10:40am Sorry we missed you for your six-week appointment. You will not be offered any further appointments at this time. However, we will continue to offer you future appointments in line with the Healthy Child Programme and you are welcome to call at any time for support. My contact number is 01632 960123 Health Visiting Service, Swindon Borough Council Please quote K7M-2PX5",
			"Date: Time: Sorry we missed you for your appointment. You will not be offered any further appointments at this time. However, we will continue to offer you future appointments in line with the Healthy Child Programme and you are welcome to call at any time for support. My contact number is 01632 960123 Health Visiting Service, Swindon Borough Council"},
		{pathway.CardRevisit,
			"Date: Tuesday 14 July 2026 Time: 10:40am Sorry we missed you for your six-week appointment. I will visit again Date: Tuesday 21 July 2026 Time: 2:05pm If this is inconvenient please call me on 01632 960123 Health Visiting Service, Swindon Borough Council Please quote K7M-2PX5",
			"Date: Time: Sorry we missed you for your appointment. I will visit again Date: Time: If this is inconvenient please call me on 01632 960123 Health Visiting Service, Swindon Borough Council"},
	} {
		filled, _, _ := printCards(t, p, SheetA6, sampleCard(t, test.variant))
		if got := onPaper(t, filled); got != test.filled {
			t.Errorf("%s says\n%s\nwant\n%s", test.variant, got, test.filled)
		}
		blank, _, _ := printCards(t, p, SheetA6, Card{Variant: test.variant})
		if got := onPaper(t, blank); got != test.blank {
			t.Errorf("a blank %s says\n%s\nwant\n%s", test.variant, got, test.blank)
		}
	}
}

// onPaper returns the words in reading order: by line, then from the left.
func onPaper(t *testing.T, pdf []byte) string {
	var words []seenWord
	for _, page := range seenWords(t, pdf) {
		words = append(words, page...)
	}
	slices.SortStableFunc(words, func(a, b seenWord) int {
		if d := a.bottom - b.bottom; d > 1 || d < -1 {
			return int(d)
		}
		return int(a.left - b.left)
	})
	var texts []string
	for _, w := range words {
		texts = append(texts, w.text)
	}
	return strings.ReplaceAll(strings.Join(texts, " "), "\u00a0", " ")
}

func TestEveryContactHasFamilyFriendlyWords(t *testing.T) {
	p := newPrinter(t)
	for contact, want := range map[string]string{"antenatal": "your antenatal appointment", "new-birth": "your new birth appointment",
		"six-week": "your six-week appointment", "one-year": "your one-year appointment", "two-year": "your two-year appointment",
		"other": "your health visitor appointment", "": "your appointment", "section-47": "your appointment"} {
		card := sampleCard(t, pathway.CardRearrange)
		card.Contact = contact
		pdf, _, _ := printCards(t, p, SheetA6, card)
		if got := onPaper(t, pdf); !strings.Contains(got, want) {
			t.Errorf("contact %q: the card says %q, want %q in it", contact, got, want)
		}
	}
}

func TestNothingComesNearTheEdgeOfACard(t *testing.T) {
	p := newPrinter(t, func(s *Settings) { s.Logo = pngLogo(t, 900, 300) })
	var cards []Card
	for _, v := range pathway.CardVariants() {
		cards = append(cards, sampleCard(t, v), Card{Variant: v})
	}
	pdf, sum, _ := printCards(t, p, SheetA6, cards...)
	checkSound(t, pdf)
	if sum != (Summary{Items: 6, Pages: 6}) {
		t.Errorf("printed %+v, want 6 cards on 6 pages", sum)
	}
	for page := 1; page <= 6; page++ {
		if where := inkOutside(render(t, pdf, page, 150), 150, box{5, 5, cardWidth - 5, cardHeight - 5}); where != "" {
			t.Errorf("page %d: ink within 5 mm of the edge: %s", page, where)
		}
	}
}

func TestFourCardsOnASheetPartWithTwoCuts(t *testing.T) {
	p := newPrinter(t)
	var cards []Card
	for i := range 10 {
		cards = append(cards, sampleCard(t, pathway.CardVariants()[i%3]))
	}
	pdf, sum, _ := printCards(t, p, SheetFour, cards...)
	checkSound(t, pdf)
	if sum != (Summary{Items: 10, Pages: 3}) {
		t.Errorf("printed %+v, want 10 cards on 3 sheets", sum)
	}
	var allowed []box
	for _, x := range []float64{0, 148.5} {
		for _, y := range []float64{0, 105} {
			allowed = append(allowed, box{x + 5, y + 5, x + 148.5 - 5, y + 105 - 5})
		}
	}
	for page, words := range seenWords(t, pdf) {
		for _, w := range words {
			if !slices.ContainsFunc(allowed, w.inside) {
				t.Errorf("sheet %d: %v is within 5 mm of a card's edge", page+1, w)
			}
		}
	}
	// Besides the cards there is nothing but the marks.
	marks := []box{{148, 0, 149, 4.2}, {148, 205.8, 149, 210}, {0, 104.5, 4.2, 105.5}, {292.8, 104.5, 297, 105.5},
		{148, 102.8, 149, 107.2}, {146.3, 104.5, 150.7, 105.5}}
	picture := render(t, pdf, 1, 150)
	if where := inkOutside(picture, 150, append(marks, allowed...)...); where != "" {
		t.Errorf("ink where neither card nor mark is: %s", where)
	}
	for _, m := range marks {
		if blank := inkOutside(crop(picture, 150, m), 150); blank == "" {
			t.Errorf("no mark at x %.0f, y %.0f mm", m.left, m.top)
		}
	}
}

// Cut a pile of sheets with two cuts, put the second quarter on the first and so
// on, and the cards are in order.
func TestCutAndStackKeepsTheOrder(t *testing.T) {
	p := newPrinter(t)
	for _, count := range []int{1, 4, 5, 10, 12} {
		var cards []Card
		for i := range count {
			card := sampleCard(t, pathway.CardRearrange)
			card.Serial = ""
			card.ContactNumber = fmt.Sprintf("0%d", 1000+i)
			cards = append(cards, card)
		}
		pdf, _, _ := printCards(t, p, SheetFour, cards...)
		piles := [4][]string{}
		for _, words := range seenWords(t, pdf) {
			for _, w := range words {
				if len(w.text) != 5 || w.text[:2] != "01" {
					continue
				}
				pile := 0
				if w.left > 148.5 {
					pile++
				}
				if w.top > 105 {
					pile += 2
				}
				piles[pile] = append(piles[pile], w.text)
			}
		}
		var got, want []string
		for _, pile := range piles {
			got = append(got, pile...)
		}
		for _, c := range cards {
			want = append(want, c.ContactNumber)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d cards: the stack reads %v, want %v", count, got, want)
		}
	}
}

var dotted = regexp.MustCompile(`\[0 2\.6\] 0 d ([0-9.]+) ([0-9.]+) m ([0-9.]+) `)

func TestLinesToWriteOnAreLongAndHighEnough(t *testing.T) {
	for _, s := range []struct {
		name    string
		printer *Printer
	}{{"plain", newPrinter(t)}, {"with a logo", newPrinter(t, func(s *Settings) { s.Logo = pngLogo(t, 400, 400) })}} {
		for variant, lines := range map[string]int{pathway.CardRearrange: 3, pathway.CardFinal: 3, pathway.CardRevisit: 5} {
			pdf, _, _ := printCards(t, s.printer, SheetA6, Card{Variant: variant})
			words := seenWords(t, pdf)[0]
			found := dotted.FindAllSubmatch(pdf, -1)
			if len(found) != lines {
				t.Errorf("%s, %s: %d lines to write on, want %d", variant, s.name, len(found), lines)
			}
			for _, m := range found {
				left, y, right := number(t, m[1])/mm, cardHeight-number(t, m[2])/mm, number(t, m[3])/mm
				if right-left < 35 {
					t.Errorf("%s, %s: a line is %.1f mm long, want 35", variant, s.name, right-left)
				}
				for _, w := range words {
					if w.touches(box{left, y - 9, right, y}) {
						t.Errorf("%s, %s: %v leaves less than 9 mm above the line at y %.1f", variant, s.name, w, y)
					}
				}
				if y < 9+4 {
					t.Errorf("%s, %s: the line at y %.1f is too near the top edge to write on", variant, s.name, y)
				}
			}
		}
	}
}

func number(t *testing.T, b []byte) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCardsDiscloseNothing(t *testing.T) {
	p := newPrinter(t)
	card := sampleCard(t, pathway.CardFinal)
	card.Case = "SECRET-77"
	pdf, _, _ := printCards(t, p, SheetA6, card)
	for _, never := range []string{"SECRET", "safeguard", "protection", "in need", "Parent of"} {
		if bytes.Contains(bytes.ToLower(pdf), []byte(strings.ToLower(never))) || strings.Contains(strings.ToLower(onPaper(t, pdf)), strings.ToLower(never)) {
			t.Errorf("the card says %q", never)
		}
	}
}

func TestABadCardLeavesTheOthers(t *testing.T) {
	p := newPrinter(t)
	good := sampleCard(t, pathway.CardRearrange)
	for _, test := range []struct {
		name, field string
		bad         Card
	}{
		{"unknown variant", "variant", Card{Case: "SW-9", Variant: "sorry"}},
		{"unknown language", "language", Card{Case: "SW-9", Variant: pathway.CardFinal, Language: "xx"}},
		{"emoji in the number", "contact_number", Card{Case: "SW-9", Variant: pathway.CardFinal, ContactNumber: "0179 ☎📞"}},
		{"number without an end", "variant", Card{Case: "SW-9", Variant: pathway.CardFinal, ContactNumber: strings.Repeat("0", 190)}},
		{"misread serial", "serial", Card{Case: "SW-9", Variant: pathway.CardFinal, Serial: "K7M-2PX6"}},
	} {
		pdf, sum, errs := printCards(t, p, SheetA6, good, test.bad, good)
		if sum.Items != 2 || len(seenWords(t, pdf)) != 2 {
			t.Errorf("%s: %+v printed, want the two good cards", test.name, sum)
		}
		if len(errs) != 1 || errs[0].Index != 1 || errs[0].Case != "SW-9" || errs[0].Field != test.field {
			t.Errorf("%s: errors %v, want one for case SW-9, field %s", test.name, errs, test.field)
		}
	}
}

func TestNoCardsNoFile(t *testing.T) {
	p := newPrinter(t)
	pdf, sum, errs := printCards(t, p, SheetFour)
	if len(pdf) != 0 || sum != (Summary{}) || len(errs) != 0 {
		t.Errorf("no cards gave %d bytes, %+v, %v", len(pdf), sum, errs)
	}
}

func TestSerialsAreCheckedAndSayNothing(t *testing.T) {
	random := bytes.NewReader(bytes.Repeat([]byte{3, 200, 77, 255, 14, 91, 160, 8}, 500))
	serial, err := NewSerial(random)
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{serial, strings.ToLower(serial), strings.ReplaceAll(serial, "-", " "), " " + strings.ReplaceAll(serial, "-", "")} {
		if got, err := ParseSerial(typed); got != serial || err != nil {
			t.Errorf("%q is read as %q (%v), want %q", typed, got, err, serial)
		}
	}
	plain := []byte(strings.ReplaceAll(serial, "-", ""))
	for i := range plain {
		for _, b := range []byte(serialAlphabet) {
			wrong := bytes.Clone(plain)
			if wrong[i] = b; b == plain[i] {
				continue
			}
			if got, err := ParseSerial(string(wrong)); err == nil {
				t.Errorf("%s with a wrong letter passes as %s", serial, got)
			}
		}
		if i > 0 && plain[i] != plain[i-1] {
			swapped := bytes.Clone(plain)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			if got, err := ParseSerial(string(swapped)); err == nil {
				t.Errorf("%s with two letters swapped passes as %s", serial, got)
			}
		}
	}
	for _, never := range []string{"", "K7M", "K7M-2PXQQ", "A7M-2PXQ", "K7M-2PX?"} {
		if got, err := ParseSerial(never); err == nil {
			t.Errorf("%q passes as %s", never, got)
		}
	}
	if _, err := NewSerial(bytes.NewReader(nil)); err == nil {
		t.Error("a serial came without randomness")
	}
}

func TestCardsKeepTheClockOfTheOrganisation(t *testing.T) {
	p := newPrinter(t)
	card := sampleCard(t, pathway.CardRearrange)
	card.Visit = time.Date(2026, 10, 24, 23, 5, 0, 0, time.UTC) // summer time ends the night after
	pdf, _, _ := printCards(t, p, SheetA6, card)
	if got := onPaper(t, pdf); !strings.Contains(got, "Sunday 25 October 2026 Time: 12:05am") {
		t.Errorf("the card says %q, want Sunday 25 October 2026, 12:05am", got)
	}
}
