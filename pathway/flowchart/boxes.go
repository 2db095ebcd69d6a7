package flowchart

import (
	"example.org/doorstep/pathway"
)

// block is something with a place on the chart: measured first, drawn once its
// place is known. It may be drawn taller than it needs, to line up with others.
type block struct {
	height float64
	draw   func(c *canvas, x, y, height float64)
}

const pad = 2.0 // between a box's edge and its text

// textWidth is how wide text in a box may be: a little less than there is, for
// fonts that run wider than the table of widths.
func textWidth(box float64) float64 { return (box - 2*pad) * 0.97 }

// paragraph is lines of text that keep their own height.
func paragraph(f font, lines []string) block {
	return block{f.leading() * float64(len(lines)), func(c *canvas, x, y, _ float64) {
		c.lines(x, y, f, "start", lines)
	}}
}

// dutyBox shows a duty: who, what, by when and whose figure that is, what to
// consider, what meets it, and the clause, in at least so many lines.
func dutyBox(r *pathway.DutyRule, also string, width float64, clauseLines int, ladders map[string]*pathway.Ladder) block {
	inner := textWidth(width)
	clocks := clocks(r)
	mark := commonBasis(r, clocks)
	owner := boldFont.wrap(pathway.Capitalised(role(r.Owner)), inner-markWidth(pathway.Local), 0)

	body := []block{paragraph(dutyFont, dutyFont.wrap(clean(r.Title), inner, 0))}
	for _, k := range clocks {
		body = append(body, clockLines(k, mark == "", width))
	}
	says, reminders := manner(r, also), ladderName(r, ladders)+" reminders"
	beside := false
	if n := len(clocks); n > 0 && mark != "" {
		body[n], beside = withRight(body[n], boldFont.wrap(clocks[n-1].Says, inner, 0), reminders, width)
	}
	if !beside {
		says += pathway.Capitalised(reminders) + "."
	}
	if r.If.Text != "" {
		body = append(body, paragraph(bodyFont, bodyFont.wrap("Only "+condition(r.If)+".", inner, 0)))
	}
	body = append(body,
		paragraph(bodyFont, bodyFont.wrap(clean(r.Guide), inner, 0)),
		checklist(r.Checklist, inner),
		paragraph(bodyFont, bodyFont.wrap(says, inner, 0)))
	for _, k := range clocks {
		body = append(body, paragraph(clauseFont, clauseFont.wrap(k.Clause, inner, 2)))
	}
	clause := func(room float64) block {
		lines := max(clauseLines, int(room/clauseFont.leading()))
		return paragraph(clauseFont, clauseFont.wrap(clean(r.Clause), inner, lines))
	}

	const gap = 0.6
	strip := paragraph(boldFont, owner).height + 1.6
	height := strip + 1 + gap
	for _, b := range body {
		if b.height > 0 {
			height += b.height + gap
		}
	}
	height += clause(0).height + gap
	return block{height, func(c *canvas, x, y, height float64) {
		bottom := y + height - gap
		stroke, thick, tint := grey, 0.3, "#ecedee"
		if mark == pathway.Guidance {
			stroke, thick, tint = blue, 0.7, "#d5e3ef"
		}
		c.group("duty", clean(r.Clause))
		c.rect(x, y, width, height, 0, "#ffffff", stroke, thick)
		c.rect(x, y, width, strip, 0, tint, stroke, thick)
		c.lines(x+pad, y+0.8, boldFont, "start", owner)
		if mark != "" {
			c.mark(x+width-1, y+0.7, mark)
		}
		y += strip + 1
		for _, b := range body {
			if b.height > 0 {
				b.draw(c, x+pad, y, b.height)
				y += b.height + gap
			}
		}
		clause(bottom-y).draw(c, x+pad, y, 0)
		c.end()
	}}
}

// commonBasis is whose figure a duty's clocks are; empty where they differ.
func commonBasis(r *pathway.DutyRule, clocks []clock) pathway.Basis {
	common := r.Basis
	for i := range clocks {
		if clocks[i].Basis != clocks[0].Basis {
			return ""
		}
		common = clocks[i].Basis
	}
	return common
}

// clockLines shows one due time, with its own mark where the box has none.
func clockLines(k clock, marked bool, width float64) block {
	room := textWidth(width)
	if marked {
		room -= markWidth(k.Basis)
	}
	b := paragraph(boldFont, boldFont.wrap(k.Says, room, 0))
	lines := b.draw
	if marked {
		b.height += 0.6
		b.draw = func(c *canvas, x, y, height float64) {
			lines(c, x, y, height)
			c.mark(x-pad+width-1, y-0.3, k.Basis)
		}
	}
	return b
}

// withRight adds text at the right of a clock's last line where there is room.
func withRight(clock block, lines []string, text string, width float64) (block, bool) {
	inner, taken := textWidth(width), bodyFont.width(text)
	if len(lines) == 0 || boldFont.width(lines[len(lines)-1])+2+taken > inner {
		return clock, false
	}
	left := clock.draw
	clock.draw = func(c *canvas, x, y, height float64) {
		left(c, x, y, height)
		c.text(x+width-2*pad, y+boldFont.leading()*float64(len(lines)-1)+bodyFont.size*0.92, bodyFont, "end", text)
	}
	return clock, true
}

// manner says in sentences how a duty is met and who hears of it.
func manner(r *pathway.DutyRule, also string) string {
	s := "Done when: " + metBy(r) + ". "
	if also != "" {
		s += "Also opens on: " + also + ". "
	}
	if by := sooner(r); by != "" {
		s += "Sooner if an earlier date is set: " + by + ". "
	}
	if r.Replaces {
		s += "A new one replaces the one before. "
	}
	if r.BothRecord {
		s += "Practitioner and manager each record. "
	}
	if who := toldBesides(r); who != "" {
		s += "Told at the start: " + who + ". "
	}
	return s
}

// checklist shows the items to tick, as many beside each other as there is room.
func checklist(items []pathway.Item, width float64) block {
	const square, gap = 2.3, 2.5
	type place struct {
		text string
		x    float64
		line int
		tick bool
	}
	var places []place
	x, line := 0.0, -1
	for _, i := range items {
		lines := bodyFont.wrap(item(i), width-square-1, 0)
		for j, text := range lines {
			w := square + 1 + bodyFont.width(text) + gap
			if line < 0 || j > 0 || len(lines) > 1 || x+w-gap > width {
				x, line = 0, line+1
			}
			places = append(places, place{text, x, line, j == 0})
			x += w
		}
	}
	return block{bodyFont.leading() * float64(line+1), func(c *canvas, left, top, _ float64) {
		for _, p := range places {
			y := top + bodyFont.leading()*float64(p.line)
			if p.tick {
				c.rect(left+p.x, y+0.35, square, square, 0, "#ffffff", ink, 0.25)
			}
			c.lines(left+p.x+square+1, y, bodyFont, "start", []string{p.text})
		}
	}}
}

// markWidth is how much of a line the mark takes.
func markWidth(b pathway.Basis) float64 { return boldFont.width(b.Words()) + 3 }

// mark says whose figure it is, right-aligned at x: in words, light on dark for
// guidance and dark on light for a local default, so that it needs no colour.
func (c *canvas) mark(x, y float64, b pathway.Basis) {
	f, fill := boldFont, "#ffffff"
	if b == pathway.Guidance {
		f.fill, fill = "#ffffff", blue
	}
	w := markWidth(b) - 0.8
	c.rect(x-w, y, w, 3.7, 0.8, fill, blue, 0.25)
	c.text(x-w/2, y+2.8, f, "middle", b.Words())
}

// eventPill names what happens: duties hang from it.
func eventPill(text string, width float64) block {
	lines := eventFont.wrap(text, textWidth(width), 0)
	high := paragraph(eventFont, lines).height
	return block{high + 2.4, func(c *canvas, x, y, height float64) {
		c.group("event", "")
		c.rect(x, y, width, height, 2.4, blue, blue, 0.3)
		c.lines(x+width/2, y+(height-high)/2, eventFont, "middle", lines)
		c.end()
	}}
}

// question is a decision: a shape with pointed ends.
func question(text string, width float64) block {
	const point = 4.0
	lines := boldFont.wrap(text, width-2*point, 0)
	high := paragraph(boldFont, lines).height
	return block{high + 4, func(c *canvas, x, y, height float64) {
		c.group("question", "")
		mid, bottom := y+height/2, y+height
		c.polygon("#ffffff", x, mid, x+point, y, x+width-point, y, x+width, mid, x+width-point, bottom, x+point, bottom)
		c.lines(x+width/2, y+(height-high)/2, boldFont, "middle", lines)
		c.end()
	}}
}

// terminal says where the way goes on or ends: rounded.
func terminal(text string, width float64) block {
	lines := bodyFont.wrap(text, textWidth(width), 0)
	high := paragraph(bodyFont, lines).height
	return block{high + 2.4, func(c *canvas, x, y, height float64) {
		c.group("end", "")
		c.rect(x, y, width, height, 3, "#f3f3ee", ink, 0.3)
		c.lines(x+width/2, y+(height-high)/2, bodyFont, "middle", lines)
		c.end()
	}}
}

// otherPathway is the way to another chart: a box with double sides.
func otherPathway(p *pathway.Pathway, m pathway.Move, width float64) block {
	lines := boldFont.wrap("Goes on as: "+pathwayName(m.To), textWidth(width)-3, 0)
	lines2 := bodyFont.wrap("(pathway "+clean(m.To)+"); "+keeps(p, m), textWidth(width)-3, 0)
	first, second := paragraph(boldFont, lines), paragraph(bodyFont, lines2)
	return block{first.height + second.height + 2, func(c *canvas, x, y, height float64) {
		c.group("move", "")
		c.rect(x, y, width, height, 0, "#f3f3ee", ink, 0.5)
		c.line(x+1.4, y, x+1.4, y+height)
		c.line(x+width-1.4, y, x+width-1.4, y+height)
		first.draw(c, x+1.5+pad, y+1, 0)
		second.draw(c, x+1.5+pad, y+1+first.height, 0)
		c.end()
	}}
}

// ladderTable says who is told about a duty, and when: a line for each ladder.
func ladderTable(ladders []*pathway.Ladder) block {
	columns := []struct {
		heading string
		width   float64
		says    func(l *pathway.Ladder) []string
	}{
		{"Reminders", 17, func(l *pathway.Ladder) []string { return []string{pathway.Capitalised(ladderTitle(l))} }},
		{"How", 38, func(l *pathway.Ladder) []string { return []string{how(l)} }},
		{"At the start", 36, atStart},
		{"Before it is due", 31, at(pathway.BeforeDue)},
		{"When due", 30, at(pathway.AtDue)},
		{"After", chartWidth - 152, afterDue},
	}
	var rows [][]block
	tops := []float64{0}
	add := func(f font, says func(column int) []string) {
		var row []block
		height := 0.0
		for i := range columns {
			var lines []string
			for _, s := range says(i) {
				lines = append(lines, f.wrap(s, columns[i].width-1.5, 0)...)
			}
			b := paragraph(f, lines)
			row, height = append(row, b), max(height, b.height)
		}
		rows = append(rows, row)
		tops = append(tops, tops[len(tops)-1]+height+1.2)
	}
	add(boldFont, func(i int) []string { return []string{columns[i].heading} })
	for _, l := range ladders {
		add(bodyFont, func(i int) []string { return columns[i].says(l) })
	}
	return block{tops[len(rows)], func(c *canvas, x, y, height float64) {
		c.group("ladders", "")
		c.rect(x, y, chartWidth, height, 0, "#ffffff", ink, 0.25)
		c.rect(x, y, chartWidth, tops[1], 0, "#ecedee", ink, 0.25)
		for i, row := range rows {
			if i > 1 {
				c.line(x, y+tops[i], x+chartWidth, y+tops[i])
			}
			left := x + 1
			for j, cell := range row {
				cell.draw(c, left, y+tops[i]+0.6, 0)
				left += columns[j].width
			}
		}
		c.end()
	}}
}
