package postcards

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"example.org/doorstep/pathway"
)

// changed is the shipped wording with some files changed.
func changed(t testing.TB, files map[string]string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(shipped, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(shipped, name)
		out[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// longWording is an appointment letter of several pages.
func longWording(t testing.TB) fs.FS {
	return changed(t, map[string]string{"letters/en/appointment.txt": "# Your {contact} appointment\n\nDear {addressee}\n\n> {appointment}\n\n" +
		strings.Repeat(strings.Repeat("We look forward to seeing you and your child. ", 12)+"\n\n", 16) +
		"Please call {named_contact} on {contact_number}.\n\n| Yours sincerely\n\n| {named_contact}\n| {service}\n"})
}

// The zones of GOV.UK Notify's precompiled letters (FORMATS, "Print").
var (
	notifyAddress = box{24.6, 39.5, 120, 66.3}
	notifyFirst   = []box{notifyAddress, {15, 5, 125, 30}, {125, 30, 195, 95}, {15, 95, 195, 292}}
	notifyLater   = []box{{15, 5, 195, 292}}
)

func TestNotifyLetterKeepsToItsZones(t *testing.T) {
	p, err := NewPrinter(longWording(t), func() Settings { s := sampleSettings(); s.Logo = pngLogo(t, 900, 300); return s }())
	if err != nil {
		t.Fatal(err)
	}
	long := sampleLetter(t)
	long.Addressee, long.Address = "Parent of SW-3 Qgjpy", []string{"Flat 12, Qgjpy House", "Long Jetty Quay", "Qgyp Village", "Jggy Hill", "Swindon"}
	for _, large := range []bool{false, true} {
		long.LargePrint = large
		pdf, sum, errs := printLetters(t, p, LayoutNotify, Options{}, long)
		if len(errs) > 0 || sum.Pages < 2 {
			t.Fatalf("printed %+v (%v), want a letter of several pages", sum, errs)
		}
		checkSound(t, pdf)
		for page, words := range seenWords(t, pdf) {
			zones := notifyLater
			if page == 0 {
				zones = notifyFirst
			}
			for _, w := range words {
				if !slices.ContainsFunc(zones, w.inside) {
					t.Errorf("page %d: %v is in no zone", page+1, w)
				}
			}
			if where := inkOutside(render(t, pdf, page+1, 200), 200, zones...); where != "" {
				t.Errorf("page %d: ink outside the zones: %s", page+1, where)
			}
		}
		// Any word within 3 mm of the address is read as part of it, in this order.
		var near []string
		around := box{notifyAddress.left - 3, notifyAddress.top - 3, notifyAddress.right + 3, notifyAddress.bottom + 3}
		for _, w := range seenWords(t, pdf)[0] {
			if w.touches(around) {
				near = append(near, w.text)
			}
		}
		want := "Parent of SW-3 Qgjpy Flat 12, Qgjpy House Long Jetty Quay Qgyp Village Jggy Hill Swindon SN1 1AA"
		if got := strings.Join(near, " "); got != want {
			t.Errorf("Notify would read the address as %q, want %q", got, want)
		}
	}
}

func TestWindowOfAnEnvelopeShowsTheAddressAlone(t *testing.T) {
	p := newPrinter(t, func(s *Settings) { s.Logo = pngLogo(t, 900, 300) })
	window := box{20, 57, 100, 81}
	for _, lines := range [][]string{{"3 Test Street"}, {"3 Test Street", "Swindon"},
		{"Flat 12, Qgjpy House", "Long Jetty Quay", "Qgyp Village", "Jggy Hill", "Swindon"}} {
		for _, large := range []bool{false, true} {
			l := sampleLetter(t)
			l.Address, l.LargePrint = lines, large
			pdf, _, errs := printLetters(t, p, LayoutDL, Options{}, l)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			checkSound(t, pdf)
			var inside []string
			for _, w := range seenWords(t, pdf)[0] {
				switch {
				case w.inside(window):
					inside = append(inside, w.text)
				case w.touches(box{window.left - 6, window.top - 5, window.right + 6, window.bottom + 5}):
					t.Errorf("%v is in the window or too near it", w)
				}
			}
			want := "Parent of SW-3 " + strings.Join(lines, " ") + " SN1 1AA"
			if got := strings.Join(inside, " "); got != want {
				t.Errorf("the window shows %q, want %q", got, want)
			}
		}
	}
}

func TestLetterSaysWhatIsAsked(t *testing.T) {
	p := newPrinter(t)
	for variant, want := range map[string]string{
		pathway.LetterAppointment: "Tuesday 14 July 2026 at 10:40am",
		pathway.LetterMissed:      "Tuesday 14 July 2026 at 10:40am",
		pathway.LetterReOffer:     "Please call Worker Two on 01632 960123",
	} {
		l := sampleLetter(t)
		l.Variant = variant
		pdf, sum, errs := printLetters(t, p, LayoutDL, Options{}, l)
		if sum != (Summary{Items: 1, Pages: 1}) || len(errs) > 0 {
			t.Fatalf("%s: printed %+v (%v), want one page", variant, sum, errs)
		}
		got := strings.ReplaceAll(readText(t, pdf), "\u00a0", " ")
		for _, part := range []string{want, "Parent of SW-3 3 Test Street Swindon SN1 1AA", "Wednesday 1 July 2026", "Reference: K7M-2PX5",
			"Dear Parent of SW-3", "six-week", "Worker Two", "01632 960123", "Swindon Borough Council"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s says %q, want %q in it", variant, got, part)
			}
		}
		if variant == pathway.LetterReOffer && strings.Contains(got, "14 July") {
			t.Errorf("the re-offer names a date: %q", got)
		}
	}
}

var typeSize = regexp.MustCompile(`/[RB] ([0-9.]+) Tf`)

func TestTypeIsLargeEnoughToRead(t *testing.T) {
	p := newPrinter(t)
	for _, test := range []struct {
		large bool
		least float64
	}{{false, 12}, {true, 18}} {
		l := sampleLetter(t)
		l.LargePrint = test.large
		pdf, _, _ := printLetters(t, p, LayoutNotify, Options{}, l)
		address := len(l.Address) + 2 // in the window, at 12 point even in large print
		for i, m := range typeSize.FindAllSubmatch(pdf, -1) {
			least := test.least
			if i < address {
				least = 12
			}
			if size := number(t, m[1]); size < least {
				t.Errorf("large print %v: text %d is set in %g point, want %g", test.large, i+1, size, least)
			}
		}
	}
}

func TestSameInputGivesSameBytes(t *testing.T) {
	var letters []Letter
	for i := range 300 {
		l := sampleLetter(t)
		l.Appointment = l.Appointment.AddDate(0, 0, i%7)
		if i == 250 {
			l.Addressee = "Łucja Ștefan Ωμέγα"
		}
		letters = append(letters, l)
	}
	for _, o := range []Options{{}, {Compress: true}} {
		one, _, _ := printLetters(t, newPrinter(t, func(s *Settings) { s.Workers = 1 }), LayoutDL, o, letters...)
		many, _, _ := printLetters(t, newPrinter(t, func(s *Settings) { s.Workers = 5 }), LayoutDL, o, letters...)
		if !bytes.Equal(one, many) {
			t.Errorf("compressed %v: the same letters gave %d and %d bytes, or others", o.Compress, len(one), len(many))
		}
		checkSound(t, many)
		other := o
		other.Created = at(t, "2026-07-01 09:00")
		if dated, _, _ := printLetters(t, newPrinter(t), LayoutDL, other, letters...); bytes.Equal(one, dated) {
			t.Error("another date of printing gave the same bytes")
		}
	}
	cards := []Card{sampleCard(t, pathway.CardFinal), {Variant: pathway.CardRevisit}}
	first, _, _ := printCards(t, newPrinter(t), SheetFour, cards...)
	again, _, _ := printCards(t, newPrinter(t), SheetFour, cards...)
	if !bytes.Equal(first, again) {
		t.Error("the same cards gave other bytes")
	}
}

func TestAFileKeepsTheOrderOfItsLetters(t *testing.T) {
	p := newPrinter(t, func(s *Settings) { s.Workers = 4 })
	var letters []Letter
	for i := range 4*batchSize + 5 {
		l := sampleLetter(t)
		l.Address = []string{at(t, "2026-07-01 09:00").AddDate(0, 0, i).Format("020106") + " Test Street", "Swindon"}
		if i%10 == 3 {
			l.Postcode = "nowhere"
		}
		letters = append(letters, l)
	}
	var progress []int
	pdf, sum, errs := printLetters(t, p, LayoutDL, Options{Progress: func(done int) { progress = append(progress, done) }}, letters...)
	var want []string
	bad := 0
	for i, l := range letters {
		if i%10 != 3 {
			want = append(want, l.Address[0][:6])
			continue
		}
		if errs[bad].Index != i {
			t.Errorf("error %d is of letter %d, want %d", bad, errs[bad].Index, i)
		}
		bad++
	}
	var got []string
	for _, words := range seenWords(t, pdf) {
		for _, w := range words {
			if w.top < 81 && w.left < 100 && len(w.text) == 6 && strings.Trim(w.text, "0123456789") == "" {
				got = append(got, w.text)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the letters are in the order %v, want %v", got, want)
	}
	if sum.Items != len(want) || len(errs) != bad {
		t.Errorf("%d printed and %d not, want %d and %d", sum.Items, len(errs), len(want), bad)
	}
	if !slices.IsSorted(progress) || progress[len(progress)-1] != len(letters) {
		t.Errorf("progress was reported as %v, want it to end with %d", progress, len(letters))
	}
}

// One bad letter is an error that names its case and field, and says nothing of
// who lives there; the others are printed.
func TestABadLetterLeavesTheOthers(t *testing.T) {
	p := newPrinter(t)
	surname := strings.Repeat("Wolfeschlegelsteinhausenbergerdorff", 9)
	for _, test := range []struct {
		name, field, says string
		change            func(*Letter)
	}{
		{"emoji", "addressee", "U+1F600", func(l *Letter) { l.Addressee = "Jo 😀" }},
		{"combining marks", "addressee", "U+0302", func(l *Letter) { l.Addressee = "Jox\u0302" }},
		{"a pile of marks", "addressee", "U+0300", func(l *Letter) { l.Addressee = "Zo\u0323\u0300\u0301\u0300" }},
		{"mark without a letter", "address_1", "U+0301", func(l *Letter) { l.Address[0] = "\u0301 Test Street" }},
		{"right to left", "addressee", "right to left", func(l *Letter) { l.Addressee = "שלום" }},
		{"Arabic", "practitioner", "right to left", func(l *Letter) { l.NamedContact = "عمر" }},
		{"a turn of direction", "address_1", "U+202E", func(l *Letter) { l.Address[0] = "3 Test\u202eStreet" }},
		{"control character", "address_2", "U+0007", func(l *Letter) { l.Address[1] = "Swin\adon" }},
		{"zero width", "address_2", "U+200B", func(l *Letter) { l.Address[1] = "Swin\u200bdon" }},
		{"invalid UTF-8", "addressee", "UTF-8", func(l *Letter) { l.Addressee = "Jos\xe9" }},
		{"no such glyph", "addressee", "U+5F20", func(l *Letter) { l.Addressee = "张" }},
		{"private use", "addressee", "U+E000", func(l *Letter) { l.Addressee = "\ue000" }},
		{"surname of 300 letters", "addressee", "characters", func(l *Letter) { l.Addressee = surname }},
		{"surname of 180 letters", "addressee", "too long", func(l *Letter) { l.Addressee = surname[:180] }},
		{"long address line", "address_2", "too long", func(l *Letter) { l.Address[1] = strings.Repeat("Very Long Lane ", 6) }},
		{"eight lines", "address_6", "8 lines", func(l *Letter) { l.Address = []string{"1", "2", "3", "4", "5", "6"} }},
		{"two lines", "address_1", "2 lines", func(l *Letter) { l.Address = nil }},
		{"no postcode", "postcode", "missing", func(l *Letter) { l.Postcode = "" }},
		{"half a postcode", "postcode", "not a UK postcode", func(l *Letter) { l.Postcode = "SN1" }},
		{"foreign postcode", "postcode", "not a UK postcode", func(l *Letter) { l.Postcode = "75008" }},
		{"no fixed abode", "address_1", "no address", func(l *Letter) { l.Address = []string{"NFA", "Swindon"} }},
		{"no fixed abode in full", "address_1", "no address", func(l *Letter) { l.Address = []string{"Of no fixed abode", "Swindon"} }},
		{"no fixed abode as the postcode", "postcode", "no address", func(l *Letter) { l.Postcode = "No fixed abode" }},
		{"a line Notify refuses", "address_1", "begins with", func(l *Letter) { l.Address[0] = "(rear) 3 Test Street" }},
		{"an addressee Notify refuses", "addressee", "begins with", func(l *Letter) { l.Addressee = "~ Parent" }},
		{"an area that is none", "postcode", "no UK postcode begins", func(l *Letter) { l.Postcode = "QQ1 1AA" }},
		{"half an area", "postcode", "no UK postcode begins", func(l *Letter) { l.Postcode = "D1 1AA" }},
		{"no fixed abode in a sentence", "address_2", "no address", func(l *Letter) { l.Address[1] = "Currently no fixed address" }},
		{"nobody", "addressee", "no letter or digit", func(l *Letter) { l.Addressee = "?" }},
		{"commas for somebody", "addressee", "no letter or digit", func(l *Letter) { l.Addressee = "," }},
		{"a street of signs", "address_1", "no letter or digit", func(l *Letter) { l.Address[0] = "- - -" }},
		{"a country and a BFPO number", "address_2", "is a country", func(l *Letter) { l.Address, l.Postcode = []string{"1 Test Unit", "The Netherlands"}, "BFPO 58" }},
		{"a country and a BFPO number above the postcode", "address_2", "is a country", func(l *Letter) {
			l.Address, l.Postcode = []string{"1 Test Unit", "cyprus", "BFPO 58"}, ""
		}},
		{"no appointment", "booked_for", "missing", func(l *Letter) { l.Appointment = time.Time{} }},
		{"no practitioner", "practitioner", "no name", func(l *Letter) { l.NamedContact = " " }},
		{"no date", "date", "missing", func(l *Letter) { l.Date = time.Time{} }},
		{"unknown variant", "variant", "wording", func(l *Letter) { l.Variant = "thanks" }},
		{"unknown language", "language", "no wording", func(l *Letter) { l.Language = "pl" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			good, bad := sampleLetter(t), sampleLetter(t)
			bad.Case = "SW-9"
			test.change(&bad)
			pdf, sum, errs := printLetters(t, p, LayoutDL, Options{}, good, bad, good)
			if sum.Items != 2 || len(seenWords(t, pdf)) != 2 {
				t.Errorf("%+v printed, want the two good letters", sum)
			}
			if len(errs) != 1 || errs[0].Index != 1 || errs[0].Case != "SW-9" || errs[0].Field != test.field || !strings.Contains(errs[0].Error(), test.says) {
				t.Fatalf("errors %v, want one for case SW-9, field %s, saying %q", errs, test.field, test.says)
			}
			for _, secret := range []string{"Parent", "Test", "Swindon", "Jo", "Wolfe", "Very Long"} {
				if strings.Contains(errs[0].Error(), secret) {
					t.Errorf("the error says %q: %v", secret, errs[0])
				}
			}
		})
	}
}

// TestNotifyIsSentWhatItTakes: its validator looks for letters from A to Z.
func TestNotifyIsSentWhatItTakes(t *testing.T) {
	p, l := newPrinter(t), sampleLetter(t)
	l.Addressee = "Γιώργος"
	if _, sum, errs := printLetters(t, p, LayoutNotify, Options{}, l, sampleLetter(t)); sum.Items != 1 || len(errs) != 1 || errs[0].Field != "addressee" || !strings.Contains(errs[0].Error(), "--layout dl") {
		t.Errorf("for GOV.UK Notify: %d printed, %v; want it refused", sum.Items, errs)
	}
	if _, sum, errs := printLetters(t, p, LayoutDL, Options{}, l); sum.Items != 1 {
		t.Errorf("for an envelope of our own: %v; want it printed", errs)
	}
}

func TestAddressesArePrintedByTheRules(t *testing.T) {
	p := newPrinter(t)
	for _, test := range []struct {
		name              string
		addressee, street string
		more              []string
		postcode, want    string
	}{
		{"capitals and one space", "Jo Bloggs", "3 Test Street", nil, "sn11aa", "Jo Bloggs|3 Test Street|SN1 1AA"},
		{"spaces anywhere", " Jo  Bloggs ", "3  Test Street,", nil, " ec1a1 bb ", "Jo Bloggs|3 Test Street|EC1A 1BB"},
		{"empty lines left out", "Jo Bloggs", "3 Test Street", []string{"", " ", "Swindon"}, "M1 1AE", "Jo Bloggs|3 Test Street|Swindon|M1 1AE"},
		{"postcode not twice", "Jo Bloggs", "3 Test Street", []string{"Swindon", "sn1 1aa"}, "SN1 1AA", "Jo Bloggs|3 Test Street|Swindon|SN1 1AA"},
		{"nobody named", "", "3 Test Street", nil, "SN1 1AA", "The parent or carer|3 Test Street|SN1 1AA"},
		{"BFPO as postcode", "Cpl J Bloggs", "1 Test Unit", nil, "bfpo58", "Cpl J Bloggs|1 Test Unit|BFPO 58"},
		{"BFPO as last line", "Cpl J Bloggs", "1 Test Unit", []string{"BFPO 105"}, "", "Cpl J Bloggs|1 Test Unit|BFPO 105"},
		{"a crown dependency", "Jo Bloggs", "3 Test Street", nil, "im11aa", "Jo Bloggs|3 Test Street|IM1 1AA"},
		{"a country of the United Kingdom", "Jo Bloggs", "3 Test Street", []string{"Wales"}, "CF1 1AA", "Jo Bloggs|3 Test Street|Wales|CF1 1AA"},
		{"BFPO with its postcode", "Cpl J Bloggs", "1 Test Unit", []string{"Bfpo 105"}, "BF1 3AA", "Cpl J Bloggs|1 Test Unit|BFPO 105|BF1 3AA"},
	} {
		got, err := p.fonts.printedAddress(&Letter{Addressee: test.addressee, Address: append([]string{test.street}, test.more...), Postcode: test.postcode}, "The parent or carer")
		var lines []string
		for _, line := range got {
			lines = append(lines, line.text)
		}
		if strings.Join(lines, "|") != test.want || err != nil {
			t.Errorf("%s: %q (%v), want %q", test.name, strings.Join(lines, "|"), err, test.want)
		}
	}
}

// Polish, Romanian, Turkish, Vietnamese, Yoruba, Greek, Russian and Ukrainian
// come out as they went in, drawn by a glyph each.
func TestScriptsOfEuropeAndMore(t *testing.T) {
	p := newPrinter(t)
	for _, name := range []string{"Żaneta Łącka-Źdźbło", "Ștefan Țurcanu", "Şükrü Işık Ğ", "Nguyễn Thị Hồng Ưng", "Adébáyọ̀ Ọlọ́runfẹ́mi Ṣadé",
		"Ẹ̀gbá Ọ̀ṣun", "Γιώργος Ωνάσης", "Пётр Щербаков", "Їжакевич Ґалаґан", "Zoë Ó Súilleabháin", "Jos\u0065\u0301 Nu\u0303ez", "Þórður Æ", "Ħal Ġnien"} {
		l := sampleLetter(t)
		l.Addressee = name
		pdf, _, errs := printLetters(t, p, LayoutDL, Options{}, l)
		if len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
			continue
		}
		want, err := p.fonts.clean(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(tool(t, pdf, "pdftotext", "-raw", "FILE", "-")); !strings.Contains(got, want) {
			t.Errorf("%s reads back as %q", name, got)
		}
	}
}

func TestEveryCharacterOfARepertoireIsEmbedded(t *testing.T) {
	p := newPrinter(t)
	for r := range repertoires {
		var b []byte
		for _, c := range p.fonts.characters(r) {
			if c > 0x20 && c != 0xa0 && c != 0xad {
				b = append(b, string(c)...)
			}
		}
		if len(b) < 150 {
			t.Errorf("repertoire %d has only %q", r, b)
		}
	}
	// The smallest is enough for English, and keeps a letter's file small.
	pdf, _, _ := printLetters(t, p, LayoutNotify, Options{}, sampleLetter(t))
	if len(pdf) > 80_000 {
		t.Errorf("one letter takes %d bytes, want fewer than 80,000", len(pdf))
	}
}

func TestAFullDiskIsAnErrorOfTheFile(t *testing.T) {
	p := newPrinter(t)
	var letters []Letter
	for range 500 {
		letters = append(letters, sampleLetter(t))
	}
	full := errors.New("no space left on device")
	for _, room := range []int{0, 100_000} {
		if _, _, err := p.Letters(context.Background(), &fullDisk{room, full}, LayoutDL, slices.Values(letters), Options{}); !errors.Is(err, full) {
			t.Errorf("letters on a disk with %d bytes of room: %v, want %v", room, err, full)
		}
	}
	if _, _, err := p.Cards(context.Background(), &fullDisk{10, full}, SheetA6, []Card{sampleCard(t, pathway.CardFinal)}, Options{}); !errors.Is(err, full) {
		t.Errorf("cards on a full disk: %v, want %v", err, full)
	}
}

// fullDisk takes so many bytes.
type fullDisk struct {
	room int
	err  error
}

func (d *fullDisk) Write(b []byte) (int, error) {
	if len(b) > d.room {
		return d.room, d.err
	}
	d.room -= len(b)
	return len(b), nil
}

func TestPrintingStopsWhenToldTo(t *testing.T) {
	p := newPrinter(t)
	ctx, cancel := context.WithCancel(context.Background())
	taken := 0
	endless := func(yield func(Letter) bool) {
		for yield(sampleLetter(t)) {
			if taken++; taken == 1000 {
				cancel()
			}
		}
	}
	if _, _, err := p.Letters(ctx, io.Discard, LayoutDL, endless, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped with %v, want %v", err, context.Canceled)
	}
}

// Whatever people paste into a field, it is printed or refused by name, and the
// file is sound.
func TestAnythingPastedIntoAFieldIsPrintedOrRefused(t *testing.T) {
	p := newPrinter(t)
	good := sampleLetter(t)
	rapid.Check(t, func(r *rapid.T) {
		bad := good
		bad.Addressee = rapid.String().Draw(r, "addressee")
		bad.Address = rapid.SliceOfN(rapid.String(), 0, 8).Draw(r, "address")
		bad.NamedContact = string(rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(r, "practitioner"))
		bad.LargePrint = rapid.Bool().Draw(r, "large print")
		var out bytes.Buffer
		sum, errs, err := p.Letters(context.Background(), &out, LayoutNotify, slices.Values([]Letter{bad, good}), Options{})
		if err != nil || sum.Items+len(errs) != 2 || sum.Items < 1 {
			r.Fatalf("printed %+v, %v, %v: want the good letter, and the other or its error", sum, errs, err)
		}
		if len(errs) == 1 && strings.Contains(errs[0].Error(), "laid out") {
			r.Fatal(errs[0])
		}
	})
}

func TestTooManyPagesForNotify(t *testing.T) {
	files := changed(t, map[string]string{"letters/en/missed.txt": "{appointment} {named_contact} {contact_number}\n\n" + strings.Repeat(strings.Repeat("We look forward to it. ", 60)+"\n\n", 60)})
	_, err := NewPrinter(files, sampleSettings())
	if err == nil || !strings.Contains(err.Error(), "letters/en/missed.txt") || !strings.Contains(err.Error(), "Notify takes 10") {
		t.Errorf("a letter of many pages: %v, want it refused by name", err)
	}
}

func TestUnknownPaper(t *testing.T) {
	p := newPrinter(t)
	if _, _, err := p.Cards(context.Background(), io.Discard, "a5", []Card{{Variant: pathway.CardFinal}}, Options{}); err == nil || !strings.Contains(err.Error(), "a4-4up") {
		t.Errorf("an unknown sheet: %v, want an error naming those there are", err)
	}
	if _, _, err := p.Letters(context.Background(), io.Discard, "c5", slices.Values([]Letter{}), Options{}); err == nil || !strings.Contains(err.Error(), "notify") {
		t.Errorf("an unknown layout: %v, want an error naming those there are", err)
	}
}
