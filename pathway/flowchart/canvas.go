package flowchart

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// canvas collects SVG. All lengths are millimetres from the top left of the
// first page.
type canvas struct{ svg strings.Builder }

// font is how a line of text is set. 1 pt is 0.3528 mm: nothing is smaller than
// 8 pt, so that it can be read in print.
type font struct {
	size   float64 // mm
	bold   bool
	italic bool
	fill   string
}

const (
	pt   = 25.4 / 72
	ink  = "#0b0c0c"
	blue = "#12436d"
	grey = "#444b51"
)

var (
	bodyFont   = font{size: 8 * pt, fill: ink}
	boldFont   = font{size: 8 * pt, bold: true, fill: ink}
	clauseFont = font{size: 8 * pt, italic: true, fill: grey}
	dutyFont   = font{size: 9 * pt, bold: true, fill: ink}
	eventFont  = font{size: 9 * pt, bold: true, fill: "#ffffff"}
	titleFont  = font{size: 16 * pt, bold: true, fill: ink}
)

// leading is the distance between lines.
func (f font) leading() float64 { return f.size * 1.15 }

// advances are the widths of the printable ASCII characters, space first, in
// thousandths of the font's size, as Arial, Helvetica and Liberation Sans have
// them.
var advances = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// width is about how wide the text will be. Characters outside the table count
// as wide as any of their kind.
func (f font) width(text string) float64 {
	sum := 0
	for _, r := range text {
		switch {
		case r >= ' ' && int(r-' ') < len(advances):
			sum += advances[r-' ']
		case r == '’' || r == '‘':
			sum += 222
		case r == '“' || r == '”':
			sum += 333
		case r == '–':
			sum += 556
		case r < 0x2000 && unicode.IsLower(r):
			sum += 700
		case r < 0x2000:
			sum += 900
		default:
			sum += 1100
		}
	}
	w := float64(sum) / 1000 * f.size
	if f.bold {
		w *= 1.07
	}
	return w
}

// wrap breaks text into lines no wider than width, between words where it can.
// Where it comes to more than most lines (0: any number), the last one ends in
// an ellipsis.
func (f font) wrap(text string, width float64, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && f.width(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for f.width(word) > width {
			n := f.fits(word, width)
			lines = append(lines, word[:n])
			word = word[n:]
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	if most == 0 || len(lines) <= most {
		return lines
	}
	last := lines[most-1]
	for f.width(last+"…") > width {
		if i := strings.LastIndexByte(last, ' '); i > 0 {
			last = last[:i]
			continue
		}
		_, n := utf8.DecodeLastRuneInString(last)
		last = last[:len(last)-n]
	}
	return append(lines[:most-1:most-1], strings.TrimRight(last, " ,;:–-")+"…")
}

// fits returns how many bytes of a word fit into width: one character at least.
func (f font) fits(word string, width float64) int {
	_, n := utf8.DecodeRuneInString(word)
	for i, r := range word {
		end := i + utf8.RuneLen(r)
		if f.width(word[:end]) > width {
			break
		}
		n = max(n, end)
	}
	return n
}

// mm writes a length to a hundredth of a millimetre, so that the same chart is
// the same bytes on every machine.
func mm(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// element writes <name key="value" …/>; numbers are lengths.
func (c *canvas) element(name string, attributes ...any) {
	c.svg.WriteString("<" + name)
	c.attributes(attributes)
	c.svg.WriteString("/>\n")
}

func (c *canvas) attributes(pairs []any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		value, isText := pairs[i+1].(string)
		if !isText {
			value = mm(pairs[i+1].(float64))
		}
		c.svg.WriteString(" " + pairs[i].(string) + `="` + escape(value) + `"`)
	}
}

// group opens a group with a tooltip, which says in full what its box cuts short.
func (c *canvas) group(class, tooltip string) {
	c.svg.WriteString(`<g class="` + class + `">` + "\n")
	if tooltip != "" {
		c.svg.WriteString("<title>" + escape(tooltip) + "</title>\n")
	}
}

func (c *canvas) end() { c.svg.WriteString("</g>\n") }

// text writes one line with its baseline at y. The length it gives lets viewers
// with a wider font squeeze it into its place. anchor is start, middle or end.
func (c *canvas) text(x, y float64, f font, anchor, text string) {
	attributes := []any{"x", x, "y", y, "font-size", f.size, "fill", f.fill, "textLength", f.width(text), "lengthAdjust", "spacingAndGlyphs"}
	if f.bold {
		attributes = append(attributes, "font-weight", "bold")
	}
	if f.italic {
		attributes = append(attributes, "font-style", "italic")
	}
	if anchor != "start" {
		attributes = append(attributes, "text-anchor", anchor)
	}
	c.svg.WriteString("<text")
	c.attributes(attributes)
	c.svg.WriteString(">" + escape(text) + "</text>\n")
}

// lines writes lines below each other from y down and returns where they end.
func (c *canvas) lines(x, y float64, f font, anchor string, lines []string) float64 {
	for i, line := range lines {
		c.text(x, y+f.leading()*float64(i)+f.size*0.92, f, anchor, line)
	}
	return y + f.leading()*float64(len(lines))
}

// line draws a line through points x1, y1, x2, y2, …
func (c *canvas) line(points ...float64) {
	c.element("polyline", "points", coordinates(points), "fill", "none", "stroke", ink, "stroke-width", 0.35)
}

func (c *canvas) rect(x, y, w, h, round float64, fill, stroke string, thick float64) {
	c.element("rect", "x", x, "y", y, "width", w, "height", h, "rx", round, "fill", fill, "stroke", stroke, "stroke-width", thick)
}

func (c *canvas) polygon(fill string, points ...float64) {
	c.element("polygon", "points", coordinates(points), "fill", fill, "stroke", ink, "stroke-width", 0.35)
}

// arrow is a line with a head at its end, which must be upright or level.
func (c *canvas) arrow(points ...float64) {
	c.line(points...)
	n := len(points)
	x, y := points[n-2], points[n-1]
	dx, dy := sign(x-points[n-4]), sign(y-points[n-3])
	const long, half = 1.9, 0.95
	head := []float64{x, y, x - dx*long - dy*half, y - dy*long - dx*half, x - dx*long + dy*half, y - dy*long + dx*half}
	c.element("polygon", "points", coordinates(head), "fill", ink)
}

func sign(v float64) float64 {
	switch {
	case v > 0.001:
		return 1
	case v < -0.001:
		return -1
	}
	return 0
}

func coordinates(points []float64) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteString([]string{" ", ","}[i%2])
		}
		b.WriteString(mm(p))
	}
	return b.String()
}
