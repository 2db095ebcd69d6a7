package postcards

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/png"
	"os"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// The samples are invented; the telephone number is one of those that Ofcom keeps for
// fiction.

var london = mustLocation("Europe/London")

func mustLocation(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

// at reads a time on the organisation's clock.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", s, london)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func sampleSettings() Settings {
	return Settings{Organisation: "Swindon Borough Council", Service: "Health Visiting Service",
		ContactNumber: "01632 960123", Location: london}
}

// shipped is the wording that comes with Doorstep.
var shipped = os.DirFS("../configs/wording")

func newPrinter(t testing.TB, change ...func(*Settings)) *Printer {
	t.Helper()
	s := sampleSettings()
	for _, c := range change {
		c(&s)
	}
	p, err := NewPrinter(shipped, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sampleLetter(t testing.TB) Letter {
	return Letter{Case: "SW-3", Variant: pathway.LetterAppointment, Serial: "K7M-2PX5",
		Addressee: "Parent of SW-3", Address: []string{"3 Test Street", "Swindon"}, Postcode: "SN1 1AA",
		Date: at(t, "2026-07-01 09:00"), Contact: "six-week", Appointment: at(t, "2026-07-14 10:40"), NamedContact: "Worker Two"}
}

func sampleCard(t testing.TB, variant string) Card {
	return Card{Case: "SW-3", Variant: variant, Serial: "K7M-2PX5", Visit: at(t, "2026-07-14 10:40"),
		Contact: "six-week", Next: at(t, "2026-07-21 14:05")}
}

func printLetters(t testing.TB, p *Printer, layout Layout, o Options, letters ...Letter) ([]byte, Summary, []ItemError) {
	t.Helper()
	var out bytes.Buffer
	sum, errs, err := p.Letters(context.Background(), &out, layout, slices.Values(letters), o)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), sum, errs
}

func printCards(t testing.TB, p *Printer, sheet Sheet, cards ...Card) ([]byte, Summary, []ItemError) {
	t.Helper()
	var out bytes.Buffer
	sum, errs, err := p.Cards(context.Background(), &out, sheet, cards, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), sum, errs
}

// pngLogo is a logo without any shape of its own.
func pngLogo(t testing.TB, width, height int) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, width, height))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i % width * 200 / width)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// crop returns the part of a picture inside a box (mm).
func crop(picture *image.Gray, dpi int, b box) *image.Gray {
	pixel := func(v float64) int { return int(v * float64(dpi) / 25.4) }
	part := picture.SubImage(image.Rect(pixel(b.left), pixel(b.top), pixel(b.right)+1, pixel(b.bottom)+1)).(*image.Gray)
	out := image.NewGray(image.Rect(0, 0, part.Rect.Dx(), part.Rect.Dy()))
	draw.Draw(out, out.Rect, part, part.Rect.Min, draw.Src)
	return out
}
