package postcards

import "strings"

// fragment is a piece of text in one face without a space in it, or a blank to
// write on. Fragments that follow each other make a word until one is first.
type fragment struct {
	text  string
	bold  bool
	blank bool
	first bool // a line may break before it
	width int  // in thousandths of the font size
}

// value is what stands for a name in braces; blank where it is left to be
// written by hand.
type value struct {
	text   string
	strong bool // printed bold, so that the eye finds it
	blank  bool
}

// values are the values of one card or letter, by their place in valueNames.
type values [len(valueNames)]value

// fill appends a paragraph's words, with the values put in, to the canvas's
// fragments and returns them. They hold until the canvas is cleared.
func (c *canvas) fill(p *paragraph, v *values) []fragment {
	from := len(c.fragments)
	strong := p.style == heading || p.style == action
	first := true
	for _, part := range p.parts {
		switch {
		case part.value == noValue:
			first = c.split(part.text, strong, first)
		case v[part.value].blank:
			c.fragments = append(c.fragments, fragment{blank: true, first: first})
			first = false
		default:
			first = c.split(v[part.value].text, strong || v[part.value].strong, first)
		}
	}
	return c.fragments[from:]
}

// split appends a text's words. first says whether a line may break before it;
// what it returns, whether one may after it.
func (c *canvas) split(text string, bold, first bool) bool {
	for text != "" {
		word, rest, space := strings.Cut(text, " ")
		if word != "" {
			c.fragments = append(c.fragments, fragment{text: word, bold: bold, first: first, width: c.face(bold).width(word)})
			first = false
		}
		first = first || space
		text = rest
	}
	return first
}

// blankLeast is how long a line to write on is at least, with the gaps at its
// ends, and blankHigh how much room there is above it (mm).
const (
	blankLeast = 38
	blankHigh  = 9
)

// setting is how a text is set: mm and points.
type setting struct {
	width   float64
	size    float64
	leading float64
}

// tooWide is a word that does not fit into a line.
type tooWide struct{ text string }

func (e tooWide) Error() string { return "has a word too long for the line: shorten it" }

// breakLines distributes words over lines, left aligned. The lines hold until the
// canvas is cleared.
func (c *canvas) breakLines(words []fragment, s setting) ([][]fragment, error) {
	start := len(c.broken)
	space := c.space(s.size)
	from, used := 0, 0.0
	for i := 0; i < len(words); {
		end, width := i, 0.0
		for ; end < len(words) && (end == i || !words[end].first); end++ {
			width += words[end].wide(s.size)
		}
		if width > s.width {
			return nil, tooWide{text(words[i:end])}
		}
		switch {
		case i == from:
			used = width
		case used+space+width > s.width:
			c.broken = append(c.broken, words[from:i])
			from, used = i, width
		default:
			used += space + width
		}
		i = end
	}
	if from < len(words) {
		c.broken = append(c.broken, words[from:])
	}
	return c.broken[start:], nil
}

// wide returns a fragment's least width in mm.
func (f *fragment) wide(size float64) float64 {
	if f.blank {
		return blankLeast
	}
	return float64(f.width) * size / 1000 / mm
}

func (c *canvas) space(size float64) float64 { return c.width(" ", false, size) }

func text(word []fragment) string {
	var b strings.Builder
	for _, f := range word {
		b.WriteString(f.text)
	}
	return b.String()
}

// blanks counts the lines to write on in a line of text.
func blanks(line []fragment) int {
	n := 0
	for i := range line {
		if line[i].blank {
			n++
		}
	}
	return n
}

// highOf returns how high a line is: one that is written on, high enough for a
// biro.
func highOf(line []fragment, s setting) float64 {
	if blanks(line) > 0 {
		return max(s.leading, blankHigh+s.size*descent/mm)
	}
	return s.leading
}

// drawFlow draws lines from the top y downwards and returns where the next may
// begin.
func (c *canvas) drawFlow(x, y float64, lines [][]fragment, s setting) float64 {
	for i, line := range lines {
		y += highOf(line, s)
		baseline := y - s.size*descent/mm
		if n := blanks(line); n > 0 {
			c.drawBlanks(x, baseline, line, s, n)
			continue
		}
		c.lines(x, baseline, s, lines[i:i+1])
	}
	return y
}

// linesAndBlanks draws lines as lines does, one below the other, also where something is
// to be written on some of them.
func (c *canvas) linesAndBlanks(x, baseline float64, s setting, lines [][]fragment) {
	plain := 0
	for i, line := range lines {
		n := blanks(line)
		if n == 0 {
			continue
		}
		if plain < i {
			c.lines(x, baseline+float64(plain)*s.leading, s, lines[plain:i])
		}
		c.drawBlanks(x, baseline+float64(i)*s.leading, line, s, n)
		plain = i + 1
	}
	if plain < len(lines) {
		c.lines(x, baseline+float64(plain)*s.leading, s, lines[plain:])
	}
}

// drawBlanks draws a line whose n blanks share the room that is left.
func (c *canvas) drawBlanks(x, baseline float64, line []fragment, s setting, n int) {
	space := c.space(s.size)
	used := 0.0
	for i := range line {
		if i > 0 && line[i].first {
			used += space
		}
		used += line[i].wide(s.size)
	}
	length := blankLeast + (s.width-used)/float64(n)
	for i, f := range line {
		if i > 0 && f.first {
			x += space
		}
		if f.blank {
			c.dotted(x+1, x+length-1, baseline)
			x += length
			continue
		}
		c.text(x, baseline, f.bold, s.size, f.text)
		x += f.wide(s.size)
	}
}

// How far the fonts reach above and below the baseline, in font sizes (hhea).
const (
	ascent  = 0.905
	descent = 0.212
)
