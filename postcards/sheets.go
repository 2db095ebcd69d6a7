package postcards

import "iter"

// Sheet is the paper that cards are printed on.
type Sheet string

const (
	SheetA6   Sheet = "a6"     // one card a page, 148 × 105 mm
	SheetFour Sheet = "a4-4up" // four on A4 landscape, in cut-and-stack order
)

// paper is a sheet in mm and where the cards' top left corners lie on it, in the
// order of the piles.
type paper struct {
	width, height float64
	places        [][2]float64
}

// A4 is half a millimetre wider than two cards side by side: each has a quarter
// of one to spare on both sides, so that one cut parts them.
var sheets = map[Sheet]paper{
	SheetA6:   {cardWidth, cardHeight, [][2]float64{{0, 0}}},
	SheetFour: {297, 210, [][2]float64{{.25, 0}, {148.75, 0}, {.25, 105}, {148.75, 105}}},
}

// sheets returns the numbers, from 0, of the sheets that so many cards take.
func (p paper) sheets(cards int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for s := range p.count(cards) {
			if !yield(s) {
				return
			}
		}
	}
}

func (p paper) count(cards int) int { return (cards + len(p.places) - 1) / len(p.places) }

// impose puts the cards of a sheet in their places: those that make the piles, cut
// and laid one on the other in the order of the places, come out in the cards'
// order. The first place of all sheets comes first, then the second.
func (p paper) impose(c *canvas, cards [][]byte, sheet int) []byte {
	if len(p.places) == 1 {
		return cards[sheet]
	}
	c.height = p.height
	for i, place := range p.places {
		n := i*p.count(len(cards)) + sheet
		if n >= len(cards) {
			break
		}
		c.out = append(c.out, "q 1 0 0 1 "...)
		c.number(place[0] * mm)
		c.number((p.height - cardHeight - place[1]) * mm)
		c.operator("cm")
		c.out = append(c.out, cards[n]...)
		c.operator("Q")
	}
	c.cutMarks(p.width, p.height)
	return c.drawnSoFar()
}

// cutMarks shows where the two cuts go: 4 mm at each edge of the sheet and a
// small cross at its centre.
func (c *canvas) cutMarks(width, height float64) {
	const long, hair = 4.0, 0.15
	x, y := width/2, height/2
	for _, r := range [][4]float64{
		{x, 0, x, long}, {x, height - long, x, height},
		{0, y, long, y}, {width - long, y, width, y},
		{x, y - long/2, x, y + long/2}, {x - long/2, y, x + long/2, y},
	} {
		c.rule(r[0], r[1], r[2], r[3], hair)
	}
}
