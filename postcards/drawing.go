package postcards

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"strconv"

	"sync"
	"unicode/utf16"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// outlines are the shapes of the two faces' glyphs, by bold.
var outlines = sync.OnceValues(func() (map[bool]*sfnt.Font, error) {
	regular, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := sfnt.Parse(liberationsansbold.TTF)
	return map[bool]*sfnt.Font{false: regular, true: bold}, err
})

// drawing follows the content of a page as canvas writes it, and nothing else that a PDF
// may hold: it refuses an operator that canvas does not write. It collects the shapes
// that are to be inked, and the text.
type drawing struct {
	fonts    *fonts
	outlines map[bool]*sfnt.Font
	buffer   sfnt.Buffer
	ink      *vector.Rasterizer
	high     float64 // pixels
	logo     func(box image.Rectangle) error

	lines []drawnLine
	stack []any // operands

	// Text, as ISO 32000-1, 9.3 has it, in points from the bottom left.
	bold          bool
	size, leading float64
	rise          float64
	x, y, left    float64
	said          bool // the text of what is drawn was given already

	// Lines and pictures, likewise.
	width, dash float64
	from, to    [2]float64
	matrix      [6]float64
}

// drawnLine is what stands on one baseline.
type drawnLine struct {
	y    float64
	text string
}

func newDrawing(f *fonts, outlines map[bool]*sfnt.Font, width, height int) *drawing {
	return &drawing{fonts: f, outlines: outlines, ink: vector.NewRasterizer(width, height), high: float64(height)}
}

// Operands that are no numbers.
type (
	pdfName   string
	pdfString []byte
)

// run follows a content from its beginning to its end.
func (d *drawing) run(content []byte) error {
	for len(content) > 0 {
		switch b := content[0]; {
		case b == ' ' || b == '\n':
			content = content[1:]
		case b == '(':
			text, rest, err := readString(content[1:])
			if err != nil {
				return err
			}
			d.stack, content = append(d.stack, text), rest
		case b == '[' || b == ']':
			content = content[1:] // an array is its parts
		case bytes.HasPrefix(content, []byte("<<")), bytes.HasPrefix(content, []byte(">>")):
			content = content[2:] // and so is a dictionary
		default:
			end := 1
			for end < len(content) && !bytes.ContainsRune([]byte(" \n()[]<>/"), rune(content[end])) {
				end++
			}
			word := string(content[:end])
			content = content[end:]
			if n, err := strconv.ParseFloat(word, 64); err == nil {
				d.stack = append(d.stack, n)
			} else if word[0] == '/' {
				d.stack = append(d.stack, pdfName(word))
			} else if err := d.operator(word); err != nil {
				return fmt.Errorf("%s: %w", word, err)
			} else {
				d.stack = d.stack[:0]
			}
		}
	}
	return nil
}

// readString reads a string up to its closing bracket, as canvas.byte writes it.
func readString(content []byte) (text pdfString, rest []byte, err error) {
	for i := 0; i < len(content); i++ {
		switch b := content[i]; {
		case b == ')':
			return text, content[i+1:], nil
		case b == '\\' && i+1 < len(content):
			if i++; content[i] == 'r' {
				text = append(text, '\r')
			} else {
				text = append(text, content[i])
			}
		default:
			text = append(text, b)
		}
	}
	return nil, nil, fmt.Errorf("a string has no end")
}

// numbers are the last n operands, all of them numbers.
func (d *drawing) numbers(n int) ([]float64, error) {
	if len(d.stack) < n {
		return nil, fmt.Errorf("%d operands instead of %d", len(d.stack), n)
	}
	out := make([]float64, n)
	for i, v := range d.stack[len(d.stack)-n:] {
		number, is := v.(float64)
		if !is {
			return nil, fmt.Errorf("%v is no number", v)
		}
		out[i] = number
	}
	return out, nil
}

// operandsOf is how many numbers an operator takes.
var operandsOf = map[string]int{"Tf": 1, "Td": 2, "TL": 1, "Ts": 1, "w": 1, "d": 1, "m": 2, "l": 2, "cm": 6}

func (d *drawing) operator(name string) error {
	n, err := d.numbers(operandsOf[name])
	if err != nil {
		return err
	}
	switch name {
	case "BT":
		d.x, d.y, d.left, d.rise = 0, 0, 0, 0
	case "Tf":
		d.size, d.bold = n[0], d.stack[0] == pdfName("/B")
	case "Td":
		d.x, d.y, d.left = n[0], n[1], n[0]
		d.say("")
	case "TL":
		d.leading = n[0]
	case "T*":
		d.x, d.y = d.left, d.y-d.leading
		d.say("")
	case "Ts":
		d.rise = n[0]
	case "Tj", "TJ":
		return d.show()
	case "BDC":
		text, is := d.stack[len(d.stack)-1].(pdfString)
		if !is {
			return fmt.Errorf("no text is given")
		}
		d.say(string(charactersOf(text[2:]))) // behind the byte-order mark
		d.said = true
	case "EMC":
		d.said = false
	case "w":
		d.width = n[0]
	case "d":
		d.dash = d.stack[1].(float64) // of [0 2.6] 0
	case "m":
		d.from = [2]float64(n)
	case "l":
		d.to = [2]float64(n)
	case "S":
		d.stroke()
	case "cm":
		d.matrix = [6]float64(n)
	case "Do":
		return d.logo(image.Rect(d.pixel(d.matrix[4]), d.line(d.matrix[5]+d.matrix[3]), d.pixel(d.matrix[4]+d.matrix[0]), d.line(d.matrix[5])))
	case "Q":
		d.dash = 0
	case "ET", "J", "q":
	default:
		return fmt.Errorf("is no operator that is written here")
	}
	return nil
}

func (d *drawing) pixel(x float64) int { return int(math.Round(x * pictureScale)) }
func (d *drawing) line(y float64) int  { return int(math.Round(d.high - y*pictureScale)) }

// say adds text to the line on this baseline, which it begins where there is none.
func (d *drawing) say(text string) {
	if last := len(d.lines) - 1; last >= 0 && math.Abs(d.lines[last].y-d.y) < 0.1 {
		if text == "" {
			text = " "
		}
		d.lines[last].text += text
		return
	}
	d.lines = append(d.lines, drawnLine{d.y, text})
}

// charactersOf reads what canvas.glyph writes.
func charactersOf(text pdfString) []rune {
	codes := make([]uint16, len(text)/2)
	for i := range codes {
		codes[i] = uint16(text[2*i])<<8 | uint16(text[2*i+1])
	}
	return utf16.Decode(codes)
}

// show draws strings, and what moves them apart.
func (d *drawing) show() error {
	for _, operand := range d.stack {
		if by, is := operand.(float64); is {
			d.x -= by * d.size / 1000
			continue
		}
		text, is := operand.(pdfString)
		if !is {
			return fmt.Errorf("%v is no text", operand)
		}
		face := d.fonts.regular
		if d.bold {
			face = d.fonts.bold
		}
		for _, r := range charactersOf(text) {
			if !d.said {
				d.say(string(r))
			}
			if err := d.glyph(r); err != nil {
				return err
			}
			d.x += float64(face.widths[r]) * d.size / 1000
		}
	}
	return nil
}

// glyph inks a character at its place.
func (d *drawing) glyph(r rune) error {
	face := d.outlines[d.bold]
	index, err := face.GlyphIndex(&d.buffer, r)
	if err != nil {
		return err
	}
	segments, err := face.LoadGlyph(&d.buffer, index, fixed.Int26_6(d.size*pictureScale*64+0.5), &sfnt.LoadGlyphOptions{})
	if err != nil {
		return err
	}
	x, y := float32(d.x*pictureScale), float32(d.high-(d.y+d.rise)*pictureScale)
	at := func(p fixed.Point26_6) (float32, float32) { return x + float32(p.X)/64, y + float32(p.Y)/64 }
	for _, s := range segments {
		x1, y1 := at(s.Args[0])
		x2, y2 := at(s.Args[1])
		x3, y3 := at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			d.ink.ClosePath()
			d.ink.MoveTo(x1, y1)
		case sfnt.SegmentOpLineTo:
			d.ink.LineTo(x1, y1)
		case sfnt.SegmentOpQuadTo:
			d.ink.QuadTo(x1, y1, x2, y2)
		case sfnt.SegmentOpCubeTo:
			d.ink.CubeTo(x1, y1, x2, y2, x3, y3)
		}
	}
	d.ink.ClosePath()
	return nil
}

// stroke inks a straight line, or the dots of one to write on.
func (d *drawing) stroke() {
	if d.dash > 0 {
		d.y = d.from[1]
		d.say(" …… ")
		for x := d.from[0]; x <= d.to[0]; x += d.dash {
			d.box(x-d.width/2, d.from[1]-d.width/2, x+d.width/2, d.from[1]+d.width/2)
		}
		return
	}
	half := d.width / 2
	if d.from[0] == d.to[0] {
		d.box(d.from[0]-half, min(d.from[1], d.to[1]), d.from[0]+half, max(d.from[1], d.to[1]))
		return
	}
	d.box(min(d.from[0], d.to[0]), d.from[1]-half, max(d.from[0], d.to[0]), d.from[1]+half)
}

// box inks a rectangle.
func (d *drawing) box(left, bottom, right, top float64) {
	x1, x2 := float32(left*pictureScale), float32(right*pictureScale)
	y1, y2 := float32(d.high-top*pictureScale), float32(d.high-bottom*pictureScale)
	d.ink.MoveTo(x1, y1)
	d.ink.LineTo(x2, y1)
	d.ink.LineTo(x2, y2)
	d.ink.LineTo(x1, y2)
	d.ink.ClosePath()
}
