package main

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

// coverNotes are what a cover sheet says besides what is in its batch. They are
// kept with it.
type coverNotes struct {
	Pull    []coverNote `json:"pull,omitempty"`    // printed before, not to go out any more
	Calls   []coverNote `json:"calls,omitempty"`   // to be phoned in place of paper
	Waiting []coverNote `json:"waiting,omitempty"` // not printed, and why
	Post    bool        `json:"post,omitempty"`    // GOV.UK Notify is to post the letters

	posted map[int64]store.Posting // by print, when it is printed again: what became of that
}

// coverNote is about one item. It names nobody but staff, by id.
type coverNote struct {
	Case         string `json:"case"`
	What         string `json:"what"`
	Serial       string `json:"serial,omitempty"`
	Batch        int64  `json:"batch,omitempty"`
	Practitioner string `json:"practitioner,omitempty"`
	Why          string `json:"why"`

	bad bool // it cannot be printed, which is said as an error too
}

func noteOf(p *store.Print, why string) coverNote {
	return coverNote{Case: p.Case, What: whatIs(p), Serial: p.Serial, Batch: p.Batch, Practitioner: p.Practitioner, Why: why}
}

func whatIs(p *store.Print) string { return p.Kind + " " + p.Variant }

// cover is a cover sheet being written: A4, mm.
type cover struct {
	pdf     *gofpdf.Fpdf
	widths  []float64
	heading []string
}

const (
	coverMargin = 15.0
	coverBottom = 280.0
	coverLine   = 5.0
)

// coverItems is how many items one cover sheet lists. A larger batch has several,
// because a PDF of this library is in memory as a whole.
const coverItems = 10_000

// writeCovers writes the sheets that stay in the office with a batch: which case
// each serial stands on, in the order of the pages, and what is to be done besides
// posting. open begins a file. The same batch gives the same bytes.
func writeCovers(open func() (io.Writer, error), b *store.PrintBatch, zone *time.Location, notes *coverNotes, items iter.Seq2[store.Print, error]) error {
	c := newCover(b)
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
			c = newCover(b)
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

func newCover(b *store.PrintBatch) *cover {
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
	return &cover{pdf: pdf}
}

func (c *cover) write(b *store.PrintBatch, made time.Time, notes *coverNotes) {
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
	list := func(title, explained string, headings []string, widths []float64, all []coverNote, row func(*coverNote) []string) {
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
		func(n *coverNote) []string {
			return []string{n.Case, n.Serial, strconv.FormatInt(n.Batch, 10), n.What, n.Why}
		})
	list("Phone instead", "Nothing is printed for these: the practitioner phones the family.",
		[]string{"Case", "Practitioner", "Why"}, []float64{32, 32, 116}, notes.Calls,
		func(n *coverNote) []string { return []string{n.Case, n.Practitioner, n.Why} })
	list("Not printed", "These wait in the queue until the reason is seen to.",
		[]string{"Case", "What", "Why"}, []float64{32, 32, 116}, notes.Waiting,
		func(n *coverNote) []string { return []string{n.Case, n.What, n.Why} })
}

func counted(b *store.PrintBatch) string {
	if len(b.Files) == 0 {
		return "Nothing was printed"
	}
	text := ""
	for i, f := range b.Files {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s on %s", many(f.Items, f.Kind), many(f.Pages, "page"))
	}
	return text
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func (c *cover) section(title, explained string, headings []string, widths []float64) {
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

func (c *cover) header() {
	c.pdf.SetFont("text", "B", 9)
	for i, h := range c.heading {
		c.pdf.CellFormat(c.widths[i], 6, h, "B", 0, "", false, 0, "")
	}
	c.pdf.Ln(7)
	c.pdf.SetFont("text", "", 9)
}

// row writes a row whose cells break into lines where they are long. The heading
// is repeated on a new page.
func (c *cover) row(cells []string) {
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
func (c *cover) broken(text string, width float64) []string {
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
