package postcards

import (
	"strings"
	"unicode/utf8"
)

// canvas draws on one page: positions in millimetres from the top left corner,
// font sizes in points. What it draws with must have been checked by
// fonts.check.
type canvas struct {
	fonts  *fonts
	height float64    // of the page, mm
	out    []byte     // PDF page content
	needs  repertoire // the largest that a character drawn so far is of

	// Room that fill and breakLines work in, used again for each item.
	fragments []fragment
	broken    [][]fragment
}

// clear makes the canvas ready for the next item. What fill and breakLines
// returned is gone then.
func (c *canvas) clear() {
	c.fragments, c.broken = c.fragments[:0], c.broken[:0]
}

func (c *canvas) face(bold bool) *font {
	if bold {
		return c.fonts.bold
	}
	return c.fonts.regular
}

// width returns how wide s is, in mm.
func (c *canvas) width(s string, bold bool, size float64) float64 {
	return float64(c.face(bold).width(s)) * size / 1000 / mm
}

func (c *canvas) number(n float64)      { c.out = append(appendDecimal(c.out, n), ' ') }
func (c *canvas) point(x, y float64)    { c.number(x * mm); c.number((c.height - y) * mm) }
func (c *canvas) operator(name string)  { c.out = append(c.out, name...); c.out = append(c.out, '\n') }
func (c *canvas) fontSize(size float64) { c.number(size); c.out = append(c.out, "Tf "...) }

// text writes s with its baseline at y.
func (c *canvas) text(x, y float64, bold bool, size float64, s string) {
	if s == "" {
		return
	}
	c.out = append(c.out, "BT "...)
	c.setFont(bold, size)
	c.point(x, y)
	c.out = append(c.out, "Td "...)
	c.out = append(c.out, '(')
	c.glyphs(s, bold, size)
	c.operator(")Tj ET")
}

func (c *canvas) setFont(bold bool, size float64) {
	if bold {
		c.out = append(c.out, "/B "...)
	} else {
		c.out = append(c.out, "/R "...)
	}
	c.fontSize(size)
}

// lines writes lines of text under each other, the first with its baseline at y.
func (c *canvas) lines(x, y float64, s setting, lines [][]fragment) {
	c.out = append(c.out, "BT "...)
	c.point(x, y)
	c.out = append(c.out, "Td "...)
	if len(lines) > 1 {
		c.number(s.leading * mm)
		c.out = append(c.out, "TL "...)
	}
	bold := !lines[0][0].bold // not yet set
	for i, line := range lines {
		if i > 0 {
			c.out = append(c.out, "T* "...)
		}
		for j := 0; j < len(line); {
			if line[j].bold != bold {
				bold = line[j].bold
				c.setFont(bold, s.size)
			}
			c.out = append(c.out, '(')
			for ; j < len(line) && line[j].bold == bold; j++ {
				if j > 0 && line[j].first {
					c.glyph(' ')
				}
				c.glyphs(line[j].text, bold, s.size)
			}
			c.out = append(c.out, ")Tj\n"...)
		}
	}
	c.operator("ET")
}

// column writes short texts under each other, in the regular face.
func (c *canvas) column(x, y float64, s setting, texts []string) {
	for _, text := range texts {
		c.text(x, y, false, s.size, text)
		y += s.leading
	}
}

// glyphs writes what draws s, in the midst of a string.
func (c *canvas) glyphs(s string, bold bool, size float64) {
	if !strings.ContainsFunc(s, isToneMark) { // nearly always
		for _, r := range s {
			c.needs = max(c.needs, repertoireOf(r))
			c.glyph(r)
		}
		return
	}
	for i, word := range strings.Split(s, " ") {
		if i > 0 {
			c.glyph(' ')
		}
		c.tonedWord(word, bold, size)
	}
}

// tonedWord writes what draws a word with tone marks. Who copies the text, or
// reads it by machine, gets the word as it was (ISO 32000-1, 14.9.4).
func (c *canvas) tonedWord(word string, bold bool, size float64) {
	c.out = append(c.out, ")Tj /Span<</ActualText(\xfe\xff"...)
	for _, r := range word {
		c.needs = max(c.needs, repertoireOf(r))
		c.glyph(r)
	}
	c.out = append(c.out, ")>>BDC ("...)
	for i, r := range word {
		if mark, _ := utf8.DecodeRuneInString(word[i+utf8.RuneLen(r):]); isToneMark(mark) {
			c.mark(r, mark, bold, size)
		}
		if !isToneMark(r) {
			c.glyph(r)
		}
	}
	c.out = append(c.out, ")Tj EMC ("...)
}

// mark draws a tone mark over the middle of the letter that comes next, in the
// midst of a string, and goes back to where the letter begins.
func (c *canvas) mark(letter, mark rune, bold bool, size float64) {
	f := c.face(bold)
	ahead := float64(int(f.widths[letter])/2 - f.middles[mark]) // thousandths
	c.out = append(c.out, ")Tj "...)
	if strings.ContainsRune(tallBases, letter) {
		c.number(tallerBy * size)
		c.out = append(c.out, "Ts "...)
	}
	c.out = append(c.out, '[')
	c.number(-ahead)
	c.out = append(c.out, '(')
	c.glyph(mark)
	c.out = append(c.out, ')')
	c.number(ahead)
	c.out = append(c.out, "]TJ 0 Ts ("...)
}

// glyph writes a character. gofpdf numbers the glyphs of a font by their
// characters, in two bytes.
func (c *canvas) glyph(r rune) {
	c.byte(byte(r >> 8))
	c.byte(byte(r))
}

// byte writes a byte of a string (ISO 32000-1, 7.3.4.2).
func (c *canvas) byte(b byte) {
	switch b {
	case '(', ')', '\\':
		c.out = append(c.out, '\\', b)
	case '\r':
		c.out = append(c.out, '\\', 'r')
	default:
		c.out = append(c.out, b)
	}
}

// dotted draws a line to write on.
func (c *canvas) dotted(x1, x2, y float64) {
	c.out = append(c.out, "q 1 J .8 w [0 2.6] 0 d "...)
	c.point(x1, y)
	c.out = append(c.out, "m "...)
	c.point(x2, y)
	c.operator("l S Q")
}

// rule draws a straight line, width in mm.
func (c *canvas) rule(x1, y1, x2, y2, width float64) {
	c.number(width * mm)
	c.out = append(c.out, "w "...)
	c.point(x1, y1)
	c.out = append(c.out, "m "...)
	c.point(x2, y2)
	c.operator("l S")
}

// logo draws the logo as large as the box allows, at its right or left edge.
func (c *canvas) logo(x, y, width, height float64, right bool) {
	l := c.fonts.logo
	if l == nil {
		return
	}
	w, h := l.fit(width, height)
	if right {
		x += width - w
	}
	c.out = append(c.out, "q "...)
	c.number(w * mm)
	c.out = append(c.out, "0 0 "...)
	c.number(h * mm)
	c.point(x, y+h)
	c.operator("cm /Logo Do Q")
}
