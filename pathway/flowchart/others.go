package flowchart

import "example.org/doorstep/pathway"

// Duties of every pathway hang on no visit of this one: they stand in a list below the
// way down, and so does what other events open where the chart fits on one page by it.

// listing says which stages stand in the list.
type listing int

const (
	listEverywhere listing = iota // what holds on every pathway
	listAside                     // and what other events open
)

// lists reports whether a stage's duties stand in the list.
func (l listing) lists(s *stage) bool {
	if s.place <= atEvery {
		return false
	}
	if l == listAside && s.place == aside {
		return true
	}
	for _, r := range s.duties {
		if !r.Everywhere {
			return false
		}
	}
	return true
}

// otherColumns are what the list says of each duty.
var otherColumns = []struct {
	heading string
	width   float64
	font    font
	says    func(s *stage, i int, ladders map[string]*pathway.Ladder) []string
}{
	{"When", 36, boldFont, func(s *stage, _ int, _ map[string]*pathway.Ladder) []string { return []string{s.heading} }},
	{"What", 46, boldFont, func(s *stage, i int, _ map[string]*pathway.Ladder) []string {
		return []string{clean(s.duties[i].Title)}
	}},
	{"Who", 31, bodyFont, func(s *stage, i int, _ map[string]*pathway.Ladder) []string {
		says := []string{pathway.Capitalised(role(s.duties[i].Owner))}
		if who := toldBesides(s.duties[i]); who != "" {
			says = append(says, "told: "+who)
		}
		return says
	}},
	{"By when", 39, bodyFont, func(s *stage, i int, _ map[string]*pathway.Ladder) (says []string) {
		for _, k := range clocks(s.duties[i]) {
			says = append(says, k.Says+" ("+k.Basis.Words()+")")
		}
		return says
	}},
	{"Done when", chartWidth - 152, bodyFont, func(s *stage, i int, ladders map[string]*pathway.Ladder) []string {
		r := s.duties[i]
		says := pathway.Capitalised(metBy(r)) + "."
		if r.If.Text != "" {
			says += " Only " + condition(r.If) + "."
		}
		return []string{says, pathway.Capitalised(ladderName(r, ladders)) + " reminders."}
	}},
}

// others draws the list: a line for each duty, this pathway's own first.
func (ch *chart) others(all []stage) {
	var own, everywhere []*listed
	for i := range all {
		s := &all[i]
		for j, r := range s.duties {
			switch {
			case !ch.listing.lists(s):
			case r.Everywhere:
				everywhere = append(everywhere, &listed{s, j})
			default:
				own = append(own, &listed{s, j})
			}
		}
	}
	const apart = 0.1 // so that lines stay beside each other however lengths are rounded
	for i, l := range append(own, everywhere...) {
		if i == 0 {
			ch.y += step
			top := listLine("others", "", "#ecedee", func(k int) (font, []string) {
				return boldFont, []string{otherColumns[k].heading}
			})
			top.draw(&ch.canvas, left, ch.room(top.height), top.height)
		}
		ch.y += apart
		line := listLine("duty", clean(l.duties[l.duty].Clause), "#ffffff", func(k int) (font, []string) {
			return otherColumns[k].font, otherColumns[k].says(l.stage, l.duty, ch.ladders)
		})
		line.draw(&ch.canvas, left, ch.room(line.height), line.height)
	}
}

// listed is a duty of a stage that has a line in the list.
type listed struct {
	*stage
	duty int
}

// listLine is one line of the list.
func listLine(class, title, fill string, says func(column int) (font, []string)) block {
	var cells []block
	height := 0.0
	for k := range otherColumns {
		f, texts := says(k)
		var lines []string
		for _, s := range texts {
			lines = append(lines, f.wrap(s, (otherColumns[k].width-2)*0.97, 0)...)
		}
		b := paragraph(f, lines)
		cells, height = append(cells, b), max(height, b.height)
	}
	return block{height + 1.2, func(c *canvas, x, y, height float64) {
		c.group(class, title)
		c.rect(x, y, chartWidth, height, 0, fill, ink, 0.25)
		for k, cell := range cells {
			cell.draw(c, x+1, y+0.6, 0)
			x += otherColumns[k].width
		}
		c.end()
	}}
}
