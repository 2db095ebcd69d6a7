package postcards

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/jung-kurt/gofpdf"

	"example.org/doorstep/pathway"
)

// The benchmarks compare with gofpdf as its documentation shows it: fonts added
// to a document, cells and multi-cells, its own compression on. Run one of them
// with both in it: go test -bench 'Letters5000' ./postcards

func manyLetters(t testing.TB, n int) iter.Seq[Letter] {
	l := sampleLetter(t)
	return func(yield func(Letter) bool) {
		for i := range n {
			l := l
			l.Case = fmt.Sprintf("SW-%d", i)
			l.Addressee = "Parent of " + l.Case
			l.Appointment = l.Appointment.Add(time.Duration(i%200) * 5 * time.Minute)
			if !yield(l) {
				return
			}
		}
	}
}

func BenchmarkLetters5000(b *testing.B) {
	const n = 5000
	b.Run("naive-one-core", func(b *testing.B) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		b.ReportAllocs()
		for b.Loop() {
			var out counter
			if err := naiveLetters(&out, manyLetters(b, n)); err != nil {
				b.Fatal(err)
			}
			reportLetters(b, n, out)
		}
	})
	for _, r := range []struct {
		name     string
		workers  int
		compress bool
	}{{"one-core", 1, false}, {"all-cores", 0, false}, {"one-core-compressed", 1, true}, {"all-cores-compressed", 0, true}} {
		b.Run(r.name, func(b *testing.B) {
			if r.workers == 1 {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			}
			p := newPrinter(b, func(s *Settings) { s.Workers = r.workers })
			b.ReportAllocs()
			for b.Loop() {
				var out counter
				_, errs, err := p.Letters(context.Background(), &out, LayoutNotify, manyLetters(b, n), Options{Compress: r.compress})
				if err != nil || len(errs) > 0 {
					b.Fatal(err, errs)
				}
				reportLetters(b, n, out)
			}
		})
	}
}

func reportLetters(b *testing.B, n int, out counter) {
	b.ReportMetric(float64(out)/float64(n), "bytes/letter")

}

func BenchmarkCards2500Sheets(b *testing.B) {
	cards := make([]Card, 10_000)
	for i := range cards {
		cards[i] = sampleCard(b, pathway.CardVariants()[i%3])
	}
	b.Run("naive-one-core", func(b *testing.B) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		for b.Loop() {
			var out counter
			if err := naiveCards(&out, cards); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, r := range []struct {
		name     string
		workers  int
		compress bool
	}{{"one-core", 1, false}, {"all-cores", 0, false}, {"one-core-compressed", 1, true}, {"all-cores-compressed", 0, true}} {
		b.Run(r.name, func(b *testing.B) {
			if r.workers == 1 {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			}
			p := newPrinter(b, func(s *Settings) { s.Workers = r.workers })
			for b.Loop() {
				var out counter
				if _, errs, err := p.Cards(context.Background(), &out, SheetFour, cards, Options{Compress: r.compress}); err != nil || len(errs) > 0 {
					b.Fatal(err, errs)
				}
			}
		})
	}
}

// BenchmarkOneLetter measures a letter from a process that is running: warm with
// a printer that has printed before, cold with a new one.
func BenchmarkOneLetter(b *testing.B) {
	l := sampleLetter(b)
	foreign := sampleLetter(b)
	foreign.Addressee = "Łukasz Ștefan"
	p := newPrinter(b)
	one := func(b *testing.B, p *Printer, l Letter) {
		var out bytes.Buffer
		if _, errs, err := p.Letters(context.Background(), &out, LayoutNotify, slices.Values([]Letter{l}), Options{}); err != nil || len(errs) > 0 {
			b.Fatal(err, errs)
		}
		b.ReportMetric(float64(out.Len()), "bytes/file")
	}
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			one(b, p, l)
		}
	})
	b.Run("warm-other-letters", func(b *testing.B) {
		for b.Loop() {
			one(b, p, foreign)
		}
	})
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			one(b, newPrinter(b), l)
		}
	})
}

// BenchmarkLetters50000Memory reports the most memory that was in use while
// 50,000 letters were printed.
func BenchmarkLetters50000Memory(b *testing.B) {
	p := newPrinter(b)
	for b.Loop() {
		var most uint64
		var out counter
		o := Options{Progress: func(done int) {
			if done%(50*batchSize) == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.Sys)
			}
		}}
		if _, errs, err := p.Letters(context.Background(), &out, LayoutDL, manyLetters(b, 50_000), o); err != nil || len(errs) > 0 {
			b.Fatal(err, errs)
		}
		b.ReportMetric(float64(most)/1e6, "MB-from-system")
		b.ReportMetric(float64(out)/50_000, "bytes/letter")
	}
}

// counter is a file of which only the length matters.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// naiveLetters prints the same letters as Letters does, with gofpdf alone.
func naiveLetters(w io.Writer, letters iter.Seq[Letter]) error {
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("liberation", "", bytes.Clone(liberationsansregular.TTF))
	pdf.AddUTF8FontFromBytes("liberation", "B", bytes.Clone(liberationsansbold.TTF))
	pdf.SetMargins(25, 20, 20)
	for l := range letters {
		pdf.AddPage()
		pdf.SetFont("liberation", "", 12)
		pdf.SetXY(25, 39.7)
		for _, line := range append([]string{l.Addressee}, append(l.Address, l.Postcode)...) {
			pdf.CellFormat(0, 4.8, line, "", 2, "", false, 0, "")
		}
		pdf.SetXY(128, 31)
		pdf.SetFont("liberation", "B", 12)
		pdf.CellFormat(0, 5.6, "Health Visiting Service", "", 2, "", false, 0, "")
		pdf.SetFont("liberation", "", 12)
		pdf.CellFormat(0, 5.6, "Swindon Borough Council", "", 2, "", false, 0, "")
		pdf.CellFormat(0, 5.6, "Telephone: 01632 960123", "", 2, "", false, 0, "")
		pdf.SetXY(25, 97)
		pdf.CellFormat(0, 5.6, l.Date.Format("Monday 2 January 2006"), "", 1, "", false, 0, "")
		pdf.CellFormat(0, 5.6, "Reference: "+l.Serial, "", 1, "", false, 0, "")
		pdf.Ln(4)
		pdf.SetFont("liberation", "B", 16)
		pdf.CellFormat(0, 7, "Your six-week appointment", "", 1, "", false, 0, "")
		pdf.Ln(3)
		pdf.SetFont("liberation", "", 12)
		pdf.MultiCell(0, 5.6, "Dear "+l.Addressee, "", "", false)
		pdf.Ln(3)
		pdf.MultiCell(0, 5.6, "We would like to see you for your six-week appointment on", "", "", false)
		pdf.Ln(3)
		pdf.SetFont("liberation", "B", 14)
		pdf.MultiCell(0, 6.5, l.Appointment.Format("Monday 2 January 2006 at 3:04pm"), "", "", false)
		pdf.Ln(3)
		pdf.SetFont("liberation", "", 12)
		pdf.MultiCell(0, 5.6, "If this does not suit you, please call "+l.NamedContact+" on 01632 960123. We will find another day or time with you.", "", "", false)
		pdf.Ln(3)
		pdf.MultiCell(0, 5.6, "Yours sincerely", "", "", false)
		pdf.Ln(3)
		pdf.MultiCell(0, 5.6, l.NamedContact, "", "", false)
		pdf.MultiCell(0, 5.6, "Health Visiting Service", "", "", false)
	}
	return pdf.Output(w)
}

// naiveCards prints the same sheets of cards as Cards does, with gofpdf alone.
func naiveCards(w io.Writer, cards []Card) error {
	pdf := gofpdf.New("L", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("liberation", "", bytes.Clone(liberationsansregular.TTF))
	pdf.AddUTF8FontFromBytes("liberation", "B", bytes.Clone(liberationsansbold.TTF))
	pdf.SetAutoPageBreak(false, 0)
	texts := map[string][]string{
		pathway.CardRearrange: {"If you would like to rearrange my contact number is 01632 960123"},
		pathway.CardFinal: {"You will not be offered any further appointments at this time. However, we will continue to offer you future appointments in line with the Healthy Child Programme and you are welcome to call at any time for support.",
			"My contact number is 01632 960123"},
		pathway.CardRevisit: {"I will visit again", "Date: Tuesday 21 July 2026 Time: 2:05pm", "If this is inconvenient please call me on 01632 960123"},
	}
	sheets := (len(cards) + 3) / 4
	for s := range sheets {
		pdf.AddPage()
		for i := range 4 {
			if i*sheets+s >= len(cards) {
				continue
			}
			card := cards[i*sheets+s]
			x, y := float64(i%2)*148.5+10, float64(i/2)*105+8
			pdf.SetLeftMargin(x)
			pdf.SetXY(x, y)
			pdf.SetFont("liberation", "", 14)
			pdf.CellFormat(128, 7, card.Visit.Format("Date: Monday 2 January 2006 Time: 3:04pm"), "", 1, "", false, 0, "")
			pdf.Ln(5)
			pdf.SetFont("liberation", "B", 18)
			pdf.MultiCell(128, 8, "Sorry we missed you for your six-week appointment.", "", "", false)
			pdf.SetFont("liberation", "", 14)
			for _, text := range texts[card.Variant] {
				pdf.Ln(4)
				pdf.MultiCell(128, 7, text, "", "", false)
			}
			pdf.SetXY(x, y+78)
			pdf.SetFont("liberation", "", 11)
			pdf.CellFormat(128, 5, "Health Visiting Service, Swindon Borough Council", "", 1, "", false, 0, "")
			pdf.SetFont("liberation", "", 9)
			pdf.CellFormat(128, 4, card.Serial, "", 1, "", false, 0, "")
		}
	}
	return pdf.Output(w)
}
