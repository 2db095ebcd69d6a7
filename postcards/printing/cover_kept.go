package printing

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/jung-kurt/gofpdf"

	"example.org/doorstep/store"
)

// keptCover is a cover sheet as the first batches have it, being drawn again: A4, mm.
// Nothing of it may change: those batches are printed again byte for byte.
type keptCover struct {
	pdf     *gofpdf.Fpdf
	widths  []float64
	heading []string
}

const (
	coverMargin = 15.0
	coverBottom = 280.0
	coverLine   = 5.0
)

// writeKeptCovers draws the cover sheets of a batch as cover.write does, for batches
// that do not say what drew them.
func writeKeptCovers(open func() (io.Writer, error), b *store.PrintBatch, zone *time.Location, notes *Notes, items iter.Seq2[store.Print, error]) error {
	c := newKeptCover(b)
	c.write(b, b.Made.In(zone), notes)
	widths := []float64{14, 40, 26, 38, 32, 30}
	if notes.posts(b) {
		widths = []float64{12, 30, 24, 64, 25, 25}
	}
	end := func() error {
		w, err := open()
		if err != nil {
			return err
		}
		return c.pdf.Output(w)
	}
	listed := 0
	for p, err := range items {
		if err != nil {
			return err
		}
		if listed > 0 && listed%coverItems == 0 {
			if err := end(); err != nil {
				return err
			}
			c = newKeptCover(b)
		}
		in, err := unpackInput(&p)
		if err != nil {
			return err
		}
		if listed%coverItems == 0 {
			c.section("In this batch", "In the order of the pages; cards in the order of the cut and stacked piles.",
				[]string{"No.", "Case", "Serial", "What", "Team", "Practitioner"}, widths)
		}
		c.row([]string{strconv.Itoa(p.Place), p.Case, p.Serial, whatIs(&p) + notes.mark(&p), in.Team, in.Practitioner})
		listed++
	}
	return end()
}

func newKeptCover(b *store.PrintBatch) *keptCover {
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(b.Made.UTC())
	pdf.SetModificationDate(b.Made.UTC())
	pdf.SetTitle(fmt.Sprintf("Batch %d: cover sheet", b.Number), true)
	pdf.AddUTF8FontFromBytes("text", "", bytes.Clone(liberationsansregular.TTF)) // it keeps them
	pdf.AddUTF8FontFromBytes("text", "B", bytes.Clone(liberationsansbold.TTF))
	pdf.SetMargins(coverMargin, coverMargin, coverMargin)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetFooterFunc(func() {
		pdf.SetFont("text", "", 9)
		pdf.SetXY(coverMargin, 285)
		pdf.CellFormat(0, 5, fmt.Sprintf("Batch %d, page %d. This sheet stays in the office.", b.Number, pdf.PageNo()), "", 0, "", false, 0, "")
	})
	pdf.AddPage()
	return &keptCover{pdf: pdf}
}

func (c *keptCover) write(b *store.PrintBatch, made time.Time, notes *Notes) {
	c.pdf.SetFont("text", "B", 18)
	c.pdf.CellFormat(0, 9, fmt.Sprintf("Batch %d: cover sheet", b.Number), "", 1, "", false, 0, "")
	c.pdf.SetFont("text", "", 11)
	c.pdf.MultiCell(0, 6, fmt.Sprintf("Made %s by %s. %s.\nKeep this sheet in the office: it says which case each serial stands on.",
		made.Format("Monday 2 January 2006 at 15:04 MST"), plainText(b.By), counted(b)), "", "L", false)
	if notes.posts(b) {
		c.pdf.Ln(3)
		c.pdf.SetFont("text", "B", 11)
		c.pdf.MultiCell(0, 6, fmt.Sprintf("GOV.UK Notify prints and posts the letters that the list marks \"by Notify\": do not post them again.\n"+
			"How each stands: doorstep post --status --batch %d", b.Number), "", "L", false)
	}
	list := func(title, explained string, headings []string, widths []float64, all []Note, row func(*Note) []string) {
		if len(all) == 0 {
			return
		}
		c.section(title, explained, headings, widths)
		for i := range all {
			c.row(row(&all[i]))
		}
	}
	list("Take out before posting", "Printed before, and overtaken since. Take these out of the post and destroy them.",
		[]string{"Case", "Serial", "Batch", "What", "Why"}, []float64{32, 24, 14, 32, 78}, notes.Pull,
		func(n *Note) []string {
			return []string{n.Case, n.Serial, strconv.FormatInt(n.Batch, 10), n.What, n.Why}
		})
	list("Phone instead", "Nothing is printed for these: the practitioner phones the family.",
		[]string{"Case", "Practitioner", "Why"}, []float64{32, 32, 116}, notes.Calls,
		func(n *Note) []string { return []string{n.Case, n.Practitioner, n.Why} })
	list("Not printed", "These wait in the queue until the reason is seen to.",
		[]string{"Case", "What", "Why"}, []float64{32, 32, 116}, notes.Waiting,
		func(n *Note) []string { return []string{n.Case, n.What, n.Why} })
}

func (c *keptCover) section(title, explained string, headings []string, widths []float64) {
	if c.pdf.GetY() > coverBottom-40 {
		c.pdf.AddPage()
	}
	c.pdf.Ln(5)
	c.pdf.SetFont("text", "B", 13)
	c.pdf.CellFormat(0, 7, title, "", 1, "", false, 0, "")
	c.pdf.SetFont("text", "", 10)
	c.pdf.CellFormat(0, 6, explained, "", 1, "", false, 0, "")
	c.heading, c.widths = headings, widths
	c.header()
}

func (c *keptCover) header() {
	c.pdf.SetFont("text", "B", 9)
	for i, h := range c.heading {
		c.pdf.CellFormat(c.widths[i], 6, h, "B", 0, "", false, 0, "")
	}
	c.pdf.Ln(7)
	c.pdf.SetFont("text", "", 9)
}

// row writes a row whose cells break into lines where they are long. The heading
// is repeated on a new page.
func (c *keptCover) row(cells []string) {
	lines := make([][]string, len(cells))
	most := 1
	for i, cell := range cells {
		lines[i] = c.broken(plainText(cell), c.widths[i]-2)
		most = max(most, len(lines[i]))
	}
	if c.pdf.GetY()+float64(most)*coverLine > coverBottom {
		c.pdf.AddPage()
		c.header()
	}
	y := c.pdf.GetY()
	x := coverMargin
	for i := range lines {
		for n, line := range lines[i] {
			c.pdf.SetXY(x, y+float64(n)*coverLine)
			c.pdf.CellFormat(c.widths[i], coverLine, line, "", 0, "", false, 0, "")
		}
		x += c.widths[i]
	}
	c.pdf.SetXY(coverMargin, y+float64(most)*coverLine)
}

// broken breaks text into lines no wider than width, between words where it can.
func (c *keptCover) broken(text string, width float64) []string {
	if c.pdf.GetStringWidth(text) <= width { // nearly always
		return []string{text}
	}
	var lines []string
	for text != "" {
		end, space := 0, 0
		for end < len(text) && c.pdf.GetStringWidth(text[:end+1]) <= width {
			end++
			if end == len(text) || text[end] == ' ' {
				space = end
			}
		}
		if space == 0 {
			space = max(end, 1)
		}
		lines = append(lines, text[:space])
		text = text[space:]
		if text != "" && text[0] == ' ' {
			text = text[1:]
		}
	}
	return lines
}

// plainText writes what is not ASCII in a way that every font can draw: a
// reference or an id may hold anything that can be shown on a screen.
func plainText(s string) string {
	plain := make([]byte, 0, len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			plain = append(plain, byte(r))
		} else {
			plain = fmt.Appendf(plain, "<U+%04X>", r)
		}
	}
	return string(plain)
}
