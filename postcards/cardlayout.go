package postcards

// The card, A6 landscape, in mm.
const (
	cardWidth  = 148.0
	cardHeight = 105.0
	cardMargin = 10.0
	cardTop    = 7.0
	cardFoot   = 98.5 // the lowest baseline, the serial's
	logoWidth  = 34.0
	logoHeight = 13.0
)

// How large the parts of a card are set, in points; all of it smaller, down to
// cardSmallest, where a service's own wording needs it.
const (
	cardSize     = 14.0
	cardHeading  = 18.0
	cardClosing  = 11.0
	serialSize   = 9.0
	cardSmallest = 0.78
	cardSpacing  = 1.3 // between baselines, in font sizes
)

// The gaps between paragraphs share the room that is left.
const (
	smallestGap = 2.0
	largestGap  = 7.0
)

// footBottom is where the closing line ends: the serial stands below it.
const footBottom = cardFoot - serialSize*(ascent+descent)/mm - 1

// cardBlock is a paragraph set out in lines.
type cardBlock struct {
	lines [][]fragment
	set   setting
	close bool // no gap above it
	high  float64
}

// cardText is a card's text, set out and found to fit.
type cardText struct {
	blocks []cardBlock
	foot   cardBlock
	gap    float64
}

// setCard sets a card's text out at a scale and reports whether it fits.
func (c *canvas) setCard(t *template, v *values, scale float64) (cardText, bool) {
	c.clear()
	text := cardText{blocks: make([]cardBlock, 0, len(t.paragraphs))}
	used, gaps := 0.0, 0
	for i := range t.paragraphs {
		para := &t.paragraphs[i]
		b := cardBlock{set: c.cardSetting(para.style, scale), close: para.close || len(text.blocks) == 0}
		var err error
		if b.lines, err = c.breakLines(c.fill(para, v), b.set); err != nil {
			return text, false
		}
		for _, line := range b.lines {
			b.high += highOf(line, b.set)
		}
		if para.style == closing {
			text.foot = b
			continue
		}
		if !b.close {
			gaps++
		}
		used += b.high
		text.blocks = append(text.blocks, b)
	}
	bottom := footBottom - text.foot.high
	if c.fonts.logo != nil {
		bottom = min(bottom, cardFoot-logoHeight)
	}
	room := bottom - smallestGap - cardTop - used
	text.gap = largestGap
	if gaps > 0 {
		text.gap = min(room/float64(gaps), largestGap)
	}
	return text, room >= 0 && text.gap >= smallestGap
}

func (c *canvas) cardSetting(s style, scale float64) setting {
	set := setting{width: cardWidth - 2*cardMargin, size: cardSize * scale}
	switch s {
	case heading:
		set.size = cardHeading * scale
	case closing:
		set.size = cardClosing
		if c.fonts.logo != nil {
			set.width -= logoWidth + 5
		}
	}
	set.leading = set.size * cardSpacing / mm
	return set
}

// drawCard draws what setCard set out, the serial below it, and the logo.
func (c *canvas) drawCard(text cardText, serial string) {
	y := cardTop
	for _, b := range text.blocks {
		if !b.close {
			y += text.gap
		}
		y = c.drawFlow(cardMargin, y, b.lines, b.set)
	}
	c.drawFlow(cardMargin, footBottom-text.foot.high, text.foot.lines, text.foot.set)
	c.text(cardMargin, cardFoot, false, serialSize, serial)
	c.logo(cardWidth-cardMargin-logoWidth, cardFoot-logoHeight, logoWidth, logoHeight, true)
}
