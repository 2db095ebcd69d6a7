package postcards

import "strings"

// Layout is where things stand on a letter.
type Layout string

const (
	LayoutNotify Layout = "notify" // GOV.UK Notify, precompiled letters
	LayoutDL     Layout = "dl"     // UK DL window envelope
)

// A4 portrait, mm.
const (
	a4Width  = 210.0
	a4Height = 297.0
)

// box is a part of the page, mm from its top left corner.
type box struct{ left, top, right, bottom float64 }

// frame is where the parts of a letter stand.
type frame struct {
	address box
	contact box // who writes, and when
	logo    box
	body    box // page 1
	later   box // the pages after it
	most    int // pages a letter may have; 0: any number
	// latin says that each of the first two lines of the address needs a letter from A to
	// Z or a digit: GOV.UK Notify counts no others.
	latin bool
}

// The zones of GOV.UK Notify are 24.6–120 × 39.5–66.3 for the address (and 3 mm
// around it nothing else), 125–195 × 30–95 for the contact block, 15–125 × 5–30
// for the logo, 15–195 × 95–292 for the body and 15–195 × 5–292 on later pages.
//
// The window of a DL envelope shows 20–100 × 57–81; the letter moves about in it,
// so that what is not the address keeps away from it.
var frames = map[Layout]*frame{
	LayoutNotify: {
		address: box{25, 39.7, 119.5, 66.1},
		contact: box{128, 31, 194, 94},
		logo:    box{25, 8, 115, 27},
		body:    box{25, 97, 190, 284},
		later:   box{25, 20, 190, 284},
		most:    10,
		latin:   true,
	},
	LayoutDL: {
		address: box{21, 57.1, 99.5, 80.9},
		contact: box{122, 31, 194, 94},
		logo:    box{21, 12, 100, 34},
		body:    box{21, 99, 188, 280},
		later:   box{21, 20, 188, 280},
	},
}

const (
	letterSize  = 12.0
	largePrint  = 18.0
	lineSpacing = 1.32
)

// An address may be set smaller and closer than the rest, to fit its window: in
// points, and in font sizes.
const (
	addressSmallest = 10.0
	addressSpacing  = 1.15
	tightest        = 0.93
)

// drawAddress writes the address in its window, in the largest type that fits.
func (c *canvas) drawAddress(f *frame, lines []addressLine) error {
	b := f.address
	for size := letterSize; ; size -= 0.5 {
		leading := min((b.bottom-b.top-size*(ascent+descent)/mm)/float64(len(lines)-1), size*addressSpacing/mm)
		tooWide := ""
		for _, line := range lines {
			if c.width(line.text, false, size) > b.right-b.left {
				tooWide = line.field
				break
			}
		}
		if tooWide == "" && leading >= tightest*size/mm {
			for i, line := range lines {
				c.text(b.left, b.top+size*ascent/mm+float64(i)*leading, false, size, line.text)
			}
			return nil
		}
		if size <= addressSmallest {
			return wrong(tooWide, "is too long for the window of the envelope: shorten it, or put part of it on a line of its own")
		}
	}
}

// drawContact writes the contact block: who writes and how to reach them.
func (p *Printer) drawContact(c *canvas, f *frame, w *words, number value, size float64) error {
	b := f.contact
	s := setting{width: b.right - b.left, size: size, leading: size * lineSpacing / mm}
	y := b.top
	for i := range 3 {
		from := len(c.fragments)
		switch i {
		case 0:
			c.split(p.settings.Service, true, true)
		case 1:
			c.split(p.settings.Organisation, false, true)
		case 2:
			c.split(w.Telephone, false, true)
			if number.blank {
				c.fragments = append(c.fragments, fragment{blank: true, first: true})
			} else {
				c.split(number.text, true, true)
			}
		}
		lines, err := c.breakLines(c.fragments[from:], s)
		if err != nil {
			return wrong("contact_number", "the contact block has no room for it, or for a word of the organisation's names: shorten them")
		}
		y = c.drawFlow(b.left, y, lines, s)
	}
	if y > b.bottom {
		return wrong("contact_number", "the contact block is too long with it: shorten the number, or the organisation's names")
	}
	return nil
}

// bodyBlock is a paragraph set out in lines.
type bodyBlock struct {
	lines [][]fragment
	set   setting
	style style
	close bool
}

func (b *bodyBlock) high() float64 { return float64(len(b.lines)) * b.set.leading }

// actionIndent is how far an action is set off, behind its bar.
const actionIndent = 6.0

// drawBody writes the head's lines and the text of the letter, on as many pages
// as it takes, and returns them all.
func (c *canvas) drawBody(f *frame, t *template, head []string, v *values, size float64) ([]page, error) {
	blocks := make([]bodyBlock, 0, len(t.paragraphs))
	for i := range t.paragraphs {
		para := &t.paragraphs[i]
		if para.saysNothing(v) {
			continue
		}
		s := setting{width: f.body.right - f.body.left, size: size}
		switch para.style {
		case heading:
			s.size = size + 4
		case action:
			s.size, s.width = size+2, s.width-actionIndent
		}
		s.leading = s.size * lineSpacing / mm
		lines, err := c.breakLines(c.fill(para, v), s)
		if err != nil {
			return nil, whose(err, v)
		}
		blocks = append(blocks, bodyBlock{lines, s, para.style, para.close})
	}
	var pages []page
	area := f.body
	s := setting{size: size, leading: size * lineSpacing / mm}
	c.column(area.left, area.top+s.leading-size*descent/mm, s, head)
	y := area.top + float64(len(head))*s.leading
	for i := 0; i < len(blocks); {
		// Paragraphs without a line between them, as at a signature, stay together.
		n, high := 1, blocks[i].high()
		for i+n < len(blocks) && blocks[i+n].close {
			high += blocks[i+n].high()
			n++
		}
		gap := 0.0
		if y > area.top {
			gap = size * 0.8 / mm
			if blocks[i].style == action || i > 0 && blocks[i-1].style == action {
				gap *= 1.4
			}
		}
		if y+gap+high > area.bottom && y > area.top {
			pages = append(pages, page{content: c.drawnSoFar()})
			area = f.later
			y, gap = area.top, 0
		}
		y += gap
		for ; n > 0; n, i = n-1, i+1 {
			y = c.drawBlock(&blocks[i], area, y, &pages, f)
			area = f.areaOf(len(pages))
		}
	}
	pages = append(pages, page{content: c.drawnSoFar()})
	if f.most > 0 && len(pages) > f.most {
		return nil, wrong("variant", "the letter has %d pages: GOV.UK Notify takes %d; shorten %s", len(pages), f.most, t.file)
	}
	return pages, nil
}

func (f *frame) areaOf(page int) box {
	if page == 0 {
		return f.body
	}
	return f.later
}

// drawBlock draws a paragraph from y on; one longer than a page goes on on the
// next.
func (c *canvas) drawBlock(b *bodyBlock, area box, y float64, pages *[]page, f *frame) float64 {
	lines := b.lines
	for len(lines) > 0 {
		fit := min(len(lines), int((area.bottom-y)/b.set.leading+1e-6))
		if fit <= 0 {
			*pages = append(*pages, page{content: c.drawnSoFar()})
			area = f.later
			y = area.top
			continue
		}
		x := area.left
		if b.style == action {
			bottom := y + float64(fit)*b.set.leading
			c.rule(x+0.6, y+0.6, x+0.6, bottom+0.6, 1.2)
			x += actionIndent
		}
		c.linesAndBlanks(x, y+b.set.leading-b.set.size*descent/mm, b.set, lines[:fit])
		y += float64(fit) * b.set.leading
		lines = lines[fit:]
	}
	return y
}

// whose names the field that a word too long for a line comes from.
func whose(err error, v *values) error {
	w, ok := err.(tooWide)
	if !ok {
		return err
	}
	for _, f := range []struct {
		value int
		field string
	}{{valueAddressee, "addressee"}, {valueNamedContact, "practitioner"}, {valueContactNumber, "contact_number"}} {
		if containsWord(v[f.value].text, w.text) {
			return fieldError{f.field, err}
		}
	}
	return fieldError{"variant", err}
}

// containsWord reports whether a word on paper comes from a value: punctuation
// may stand around it.
func containsWord(value, word string) bool {
	for _, v := range strings.Fields(value) {
		if strings.Contains(word, v) {
			return true
		}
	}
	return false
}
