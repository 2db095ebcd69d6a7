package flowchart

import (
	"slices"

	"example.org/doorstep/pathway"
)

// spine draws the way down the middle: the opening, then each unsuccessful visit.
func (ch *chart) spine(all []stage) {
	if len(all) == 0 || all[0].place != atOpening {
		all = append([]stage{{heading: "Case opened", place: atOpening}}, all...)
	}
	asked := make([]bool, len(ch.p.Moves))
	for i := range all {
		s := &all[i]
		if s.place > atAttempt {
			continue
		}
		ch.y += step
		rows := ch.rows(s)
		need := 0.0
		if len(rows) > 0 {
			need = bus + drop + rows[0].height
		}
		var bottom, x float64
		if s.place == atOpening {
			x, bottom = middle, ch.start(s, need)
		} else {
			x, bottom = left+column/2, ch.visit(s, need)
		}
		ch.hang(rows, x, bottom)
		if len(rows) > 0 {
			ch.join(&rows[len(rows)-1])
		}
		for j, m := range ch.p.Moves {
			if !asked[j] && s.answers(m) {
				asked[j] = true
				ch.ask(m)
			}
		}
	}
	for j, m := range ch.p.Moves {
		if !asked[j] {
			ch.ask(m)
		}
	}
	if ch.again > 0 {
		ch.y = max(ch.y, ch.last) + 1.5
		ch.arrow(middle, ch.last, middle, ch.y, far, ch.y, far, ch.again, far-column, ch.again)
		ch.line(far-column, ch.again, middle, ch.again)
		ch.text(left+chartWidth, ch.y+3.2, bodyFont, "end", "and so on at each later visit")
	}
}

// answers reports whether a duty of the stage is met by the move's event.
func (s *stage) answers(m pathway.Move) bool {
	return slices.ContainsFunc(s.duties, func(r *pathway.DutyRule) bool {
		return slices.ContainsFunc(r.MetBy, func(by pathway.Match) bool { return by.Kind == m.On.Kind })
	})
}

// down draws the arrow from what was drawn last down to y.
func (ch *chart) down(y float64) {
	if ch.last > 0 {
		ch.arrow(middle, ch.last, middle, y)
	}
}

// start draws the opening and returns where its duties hang. The page has room
// for need more below.
func (ch *chart) start(s *stage, need float64) float64 {
	b := eventPill(s.heading, pillWidth)
	y := ch.room(b.height + need)
	ch.y = y + b.height
	b.draw(&ch.canvas, middle-pillWidth/2, y, b.height)
	ch.down(y)
	ch.last = ch.y
	return ch.y
}

// visit draws the question whether they were seen: no leads to the stage, yes to
// an end.
func (ch *chart) visit(s *stage, need float64) float64 {
	const width = 38.0
	q := question("Seen at the visit?", width)
	no := eventPill(s.heading, column)
	yes := terminal(ch.whenSeen(), column)
	height := max(q.height, no.height, yes.height)
	y := ch.room(height + need)
	ch.y = y + height
	mid := y + height/2
	ch.down(y)
	ch.again = 0
	if s.opens.MaxAttempt == 0 {
		ch.again = y - step/2 // this stage is for all later visits
	}
	q.draw(&ch.canvas, middle-width/2, y, height)
	no.draw(&ch.canvas, left, y, height)
	yes.draw(&ch.canvas, right, y, height)
	ch.branch(middle-width/2, left+column, mid, "No")
	ch.branch(middle+width/2, right, mid, "Yes")
	ch.rail = append(ch.rail, mid)
	ch.last = y + height
	return y + height
}

// branch draws a level arrow with the answer over it.
func (ch *chart) branch(from, to, y float64, answer string) {
	ch.arrow(from, y, to, y)
	ch.text((from+to)/2, y-1, boldFont, "middle", answer)
}

// whenSeen says what a visit at which they were seen does.
func (ch *chart) whenSeen() string {
	s := "Seen: the count of unsuccessful visits starts again"
	for i := range ch.p.Duties {
		for _, t := range ch.p.Duties[i].Opens {
			if t.Times == 0 && t.Event.Kind == pathway.KindSeen {
				s += "; “" + clean(ch.p.Duties[i].Title) + "” opens again"
			}
		}
	}
	return s
}

// ask draws a move to another pathway as a question: yes leads there, no goes on
// down.
func (ch *chart) ask(m pathway.Move) {
	const width = 50.0
	q := question(asks(m), width)
	to := otherPathway(ch.p, m, column)
	height := max(q.height, to.height)
	ch.y += step
	y := ch.room(height)
	ch.down(y + (height-q.height)/2)
	q.draw(&ch.canvas, middle-width/2, y+(height-q.height)/2, q.height)
	to.draw(&ch.canvas, right, y, height)
	ch.branch(middle+width/2, right, y+height/2, "Yes")
	ch.text(middle-1.2, y+height/2+q.height/2+3.2, boldFont, "end", "No")
	ch.last = y + (height+q.height)/2
}

// row is duties beside each other.
type row struct {
	boxes  []block
	width  float64 // of each
	height float64
	left   float64
	span   float64 // from the left of the first to the right of the last, or more
}

// rows lays the duties of a stage of the spine out over the page's width.
func (ch *chart) rows(s *stage) []row {
	n := len(s.duties)
	if n == 0 {
		return nil
	}
	count := (n + columns - 1) / columns
	across := (n + count - 1) / count
	width := share(across)
	var out []row
	for i := 0; i < n; i += across {
		out = append(out, ch.row(s, i, min(i+across, n), width, chartWidth))
	}
	return out
}

// share is the width of each of so many boxes beside each other. One alone does
// not take the whole page: its lines would be too long to read.
func share(across int) float64 {
	if across == 1 {
		return 2*column + gutter
	}
	return (chartWidth - float64(across-1)*gutter) / float64(across)
}

// row measures the duties from..to of a stage, in the middle of a span that
// starts at the left.
func (ch *chart) row(s *stage, from, to int, width, span float64) row {
	r := row{width: width, span: span}
	for i := from; i < to; i++ {
		b := dutyBox(s.duties[i], s.also[i], width, ch.clauseLines, ch.ladders)
		r.boxes = append(r.boxes, b)
		r.height = max(r.height, b.height)
	}
	n := float64(to - from)
	r.left = left + (span-n*width-(n-1)*gutter)/2
	return r
}

func (r *row) centre(i int) float64 {
	return r.left + float64(i)*(r.width+gutter) + r.width/2
}

// boxes draws the duties of a row.
func (ch *chart) boxes(r *row, top float64) {
	for i, b := range r.boxes {
		b.draw(&ch.canvas, r.centre(i)-r.width/2, top, r.height)
	}
}

// hang draws the rows of a stage below the event at x.
func (ch *chart) hang(rows []row, x, bottom float64) {
	for i := range rows {
		r := &rows[i]
		if i > 0 {
			ch.y += gutter
		}
		top := ch.room(bus+drop+r.height) + bus + drop
		if i == 0 {
			ch.fan(r, x, bottom, top)
		} else {
			x = r.centre(0)
			ch.line(rows[0].centre(0), bottom+bus, inside, bottom+bus, inside, top-drop, x, top-drop)
			ch.fan(r, x, top-drop, top)
		}
		ch.boxes(r, top)
	}
}

// join leads from the duties of a row, which end at ch.y, back to the middle.
func (ch *chart) join(r *row) {
	n := len(r.boxes) - 1
	if n > 0 {
		level := ch.y + bus
		ch.line(r.centre(0), ch.y, r.centre(0), level, r.centre(n), level, r.centre(n), ch.y)
		for j := 1; j < n; j++ {
			ch.line(r.centre(j), ch.y, r.centre(j), level)
		}
		ch.y = level
	}
	ch.last = ch.y
}

// fan draws the lines from an event at x down to the boxes of a row.
func (ch *chart) fan(r *row, x, bottom, top float64) {
	level := top - drop
	ch.line(x, bottom, x, level)
	if from, to := min(x, r.centre(0)), max(x, r.centre(len(r.boxes)-1)); from < to {
		ch.line(from, level, to, level)
	}
	for i := range r.boxes {
		ch.arrow(r.centre(i), level, r.centre(i), top)
	}
}

// aside draws what other events open, beside each other, and then the ladders.
func (ch *chart) aside(all []stage) {
	var line []*stage
	across := 0
	flush := func() {
		ch.beside(line, across)
		line, across = nil, 0
	}
	for i := range all {
		s := &all[i]
		n := len(s.duties)
		switch {
		case s.place <= atAttempt, ch.listing.lists(s):
		case n > columns:
			flush()
			ch.alone(s)
		default:
			if across+n > columns {
				flush()
			}
			line, across = append(line, s), across+n
		}
	}
	flush()
	ch.others(all)
	if used := used(ch.p, ch.ladders); len(used) > 0 {
		ch.y += step
		t := ladderTable(used)
		t.draw(&ch.canvas, left, ch.room(t.height), t.height)
	}
}

// alone draws a stage whose duties take more than one row.
func (ch *chart) alone(s *stage) {
	rows := ch.rows(s)
	ch.y += step
	ch.last = 0
	bottom := ch.start(s, bus+drop+rows[0].height)
	if s.place == atEvery {
		ch.toEvery(middle-pillWidth/2, bottom-step/2)
	}
	ch.hang(rows, middle, bottom)
}

// beside draws stages that together have so many duties across.
func (ch *chart) beside(line []*stage, across int) {
	if across == 0 {
		return
	}
	width := share(across)
	pills, rows := make([]block, len(line)), make([]row, len(line))
	var pill, below float64
	for i, s := range line {
		n := len(s.duties)
		rows[i] = ch.row(s, 0, n, width, float64(n)*(width+gutter)-gutter)
		pills[i] = eventPill(s.heading, rows[i].span)
		pill, below = max(pill, pills[i].height), max(below, rows[i].height)
	}
	ch.y += step
	y := ch.room(pill + bus + drop + below)
	top := y + pill + bus + drop
	x := left
	if across == 1 {
		x = middle - width/2
	}
	for i, s := range line {
		r := &rows[i]
		pills[i].draw(&ch.canvas, x, y, pill)
		if s.place == atEvery {
			ch.toEvery(x, y+pill/2)
		}
		if i > 0 && s.place == following && line[i-1].answers(pathway.Move{On: s.opens.Event}) {
			ch.arrow(x-gutter, top+7, x, top+7)
		}
		r.left, r.height = x, below
		ch.fan(r, x+r.span/2, y+pill, top)
		ch.boxes(r, top)
		x += r.span + gutter
	}
}

// toEvery draws the rail from each unsuccessful visit to what all of them open.
func (ch *chart) toEvery(x, y float64) {
	if len(ch.rail) == 0 {
		return
	}
	for _, from := range ch.rail {
		ch.line(left, from, near, from)
	}
	ch.arrow(near, ch.rail[0], near, y, x, y)
}
