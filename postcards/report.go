package postcards

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Report is a paper for staff: the cover sheet of a batch, the chronology of a
// case. It stays in the office, so that it may say what cards must not.
type Report struct {
	Title    string
	Notes    []string // lines under the title
	Sections []Section
	Foot     string // of every page; empty: the title
}

// Section is a table with a heading.
type Section struct {
	Heading string // may be empty, as may the next
	Note    string // under it, before the table
	Columns []Column
	Rows    [][]string // a cell for each column
	None    string     // what stands there when there are no rows
}

// Column is a column of a table.
type Column struct {
	Title string
	Share float64 // of the width, in proportion to the other columns' shares
}

// Report writes the report as one PDF on A4. Every page says which it is of how
// many and repeats the columns' titles; a row stays on one page unless it is
// longer than one. A character that cannot be printed is written as its number,
// such as [U+1F600]: a record is shown as it is, never refused.
func (p *Printer) Report(w io.Writer, r Report, o Options) (Summary, error) {
	fail := func(err error) (Summary, error) { return Summary{}, fmt.Errorf("printing %s: %w", r.Title, err) }
	words := p.wording.words[defaultLanguage]
	s := &reportSheet{canvas: &canvas{fonts: p.fonts, height: a4Height}, title: p.fonts.printable(r.Title), foot: p.fonts.printable(cmp.Or(r.Foot, r.Title))}
	s.y = reportArea.top
	s.flow(s.title, true, 16)
	for _, note := range r.Notes {
		s.flow(p.fonts.printable(note), false, reportSize)
	}
	rows := 0
	for i := range r.Sections {
		section := &r.Sections[i]
		for j, row := range section.Rows {
			if len(row) != len(section.Columns) {
				return fail(fmt.Errorf("section %q: row %d has %d cells for %d columns", section.Heading, j+1, len(row), len(section.Columns)))
			}
		}
		s.section(section)
		rows += len(section.Rows)
	}
	s.done = append(s.done, s.drawnSoFar())

	d := newDocument(w, p.fonts)
	pack := newPacker(o.Compress)
	for i, content := range s.done {
		s.text(reportArea.left, a4Height-12, false, 8, s.foot)
		number := expand(words.Page, func(name string) string {
			if name == "page" {
				return strconv.Itoa(i + 1)
			}
			return strconv.Itoa(len(s.done))
		})
		s.text(reportArea.right-s.width(number, false, 8), a4Height-12, false, 8, number)
		page := pack.page(append(content, s.drawnSoFar()...))
		d.page(page.content, page.filter)
	}
	if err := p.finish(d, s.needs, a4Width, a4Height, "Report", o); err != nil {
		return fail(err)
	}
	return Summary{Items: rows, Pages: len(d.pages)}, nil
}

// Where a report stands on its page (mm), and how large it is set (points).
var reportArea = box{18, 18, 192, a4Height - 20}

const (
	reportSize    = 10.0
	reportHeading = 12.5
	cellGap       = 3.0 // between columns
	rowGap        = 1.2 // above and below a row's text
)

// reportSheet is a report on its way down the pages.
type reportSheet struct {
	*canvas
	title, foot string
	y           float64
	done        [][]byte // pages
}

func reportSetting(width, size float64) setting {
	return setting{width: width, size: size, leading: size * 1.25 / mm}
}

// flow writes a paragraph over the whole width.
func (s *reportSheet) flow(text string, bold bool, size float64) {
	set := reportSetting(reportArea.right-reportArea.left, size)
	for _, line := range s.cell(text, bold, set) {
		s.need(set.leading)
		s.y = s.drawFlow(reportArea.left, s.y, [][]fragment{line}, set)
	}
	s.y += rowGap
}

// need begins a new page unless there is so much room left on this one.
func (s *reportSheet) need(high float64) bool {
	if s.y+high <= reportArea.bottom || s.y == reportArea.top {
		return false
	}
	s.newPage()
	return true
}

func (s *reportSheet) newPage() {
	s.done = append(s.done, s.drawnSoFar())
	s.y = reportArea.top
}

// section writes a table under its heading. Heading, titles and the first row
// stay together.
func (s *reportSheet) section(section *Section) {
	s.clear()
	set := reportSetting(0, reportSize)
	s.y += 4
	s.need(reportHeading*1.25/mm + 4*(set.leading+2*rowGap))
	if section.Heading != "" {
		s.flow(s.fonts.printable(section.Heading), true, reportHeading)
	}
	if section.Note != "" {
		s.flow(s.fonts.printable(section.Note), false, reportSize)
	}
	if len(section.Rows) == 0 {
		if section.None != "" {
			s.flow(s.fonts.printable(section.None), false, reportSize)
		}
		return
	}
	var shares float64
	for _, c := range section.Columns {
		shares += c.Share
	}
	room := reportArea.right - reportArea.left - cellGap*float64(len(section.Columns)-1)
	widths := make([]float64, len(section.Columns))
	titles := make([]string, len(section.Columns))
	for i, c := range section.Columns {
		widths[i], titles[i] = room*c.Share/shares, c.Title
	}
	s.row(titles, widths, true, nil)
	for _, row := range section.Rows {
		s.clear()
		s.row(row, widths, false, titles)
	}
}

// row writes a row of a table; titles are repeated where it begins a page.
func (s *reportSheet) row(texts []string, widths []float64, bold bool, titles []string) {
	cells := make([][][]fragment, len(texts))
	most := 1
	for i, text := range texts {
		cells[i] = s.cell(s.fonts.printable(text), bold, reportSetting(widths[i], reportSize))
		most = max(most, len(cells[i]))
	}
	set := reportSetting(0, reportSize)
	if s.need(float64(most)*set.leading+2*rowGap) && titles != nil {
		s.row(titles, widths, true, nil)
	}
	s.y += rowGap
	for line := range most {
		// A row longer than a page goes on on the next.
		if s.y+set.leading > reportArea.bottom {
			s.newPage()
			if titles != nil {
				s.row(titles, widths, true, nil)
			}
		}
		x := reportArea.left
		for i := range cells {
			if line < len(cells[i]) {
				s.drawFlow(x, s.y, cells[i][line:line+1], reportSetting(widths[i], reportSize))
			}
			x += widths[i] + cellGap
		}
		s.y += set.leading
	}
	s.y += rowGap
	thick := 0.1
	if bold {
		thick = 0.4
	}
	s.rule(reportArea.left, s.y, reportArea.right, s.y, thick)
}

// cell breaks a text into lines, a word too long for one wherever it must.
func (s *reportSheet) cell(text string, bold bool, set setting) [][]fragment {
	from := len(s.fragments)
	s.split(text, bold, true)
	var words []fragment
	for _, f := range s.fragments[from:] {
		first := f.first
		for f.wide(set.size) > set.width {
			cut, width := 0, 0
			for i, r := range f.text {
				width += s.face(bold).width(string(r))
				if float64(width)*set.size/1000/mm > set.width && cut > 0 {
					break
				}
				cut = i + utf8.RuneLen(r)
			}
			if cut >= len(f.text) {
				break // one character in a column narrower than it
			}
			words = append(words, fragment{text: f.text[:cut], bold: bold, first: first, width: s.face(bold).width(f.text[:cut])})
			f.text, first = f.text[cut:], true
			f.width = s.face(bold).width(f.text)
		}
		f.first = first
		words = append(words, f)
	}
	set.width = max(set.width, 20) // a lone character is never too wide
	lines, err := s.breakLines(words, set)
	if err != nil {
		return nil
	}
	return lines
}

// printable returns s as a report shows it: on one line, with the number of each
// character that cannot be drawn.
func (f *fonts) printable(s string) string {
	s = strings.Join(strings.Fields(norm.NFC.String(strings.ToValidUTF8(s, "\ufffd"))), " ")
	if clean, err := f.clean(s); err == nil {
		return clean
	}
	var b strings.Builder
	var last rune
	for _, r := range s {
		if f.prints(last, r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "[U+%04X]", r)
		}
		last = r
	}
	return b.String()
}
