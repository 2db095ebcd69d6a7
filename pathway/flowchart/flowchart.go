// Package flowchart shows a pathway to people: as a flow chart that a manager
// can hold beside the guidance, and as text.
//
// It promises that the same pathway gives the same bytes, that every duty of the
// pathway stands on the chart with its clock and with whose figure that is, and
// that whatever stands in a pathway file is shown as text and never as markup.
// It never decides anything: what is due is Derive's business alone. It reads no
// file, no clock and no font; widths are reckoned.
package flowchart

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"example.org/doorstep/pathway"
)

// The page is A4 upright; a chart that needs more goes on below on further ones.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 7.5
	left       = margin + 1 // the rail to the duties of every visit runs left of it
	chartWidth = pageWidth - margin - left
	middle     = left + chartWidth/2
	columns    = 3
	pillWidth  = 88.0 // of an event in the middle
	gutter     = 4.0
	inside     = left - 1.7               // the rail to further rows of a stage's duties
	near       = left - 3.5               // the rail at the left edge
	far        = pageWidth - margin + 2.5 // and at the right one
	column     = (chartWidth - (columns-1)*gutter) / columns
	right      = left + 2*(column+gutter) // where the third column starts

	step = 4.2 // from one thing to the next below it: room for an arrow
	bus  = 1.4 // from an event, or from its duties, to the line that joins them
	drop = 2.6 // from that line down to a duty: room for an arrow's head
)

// SVG draws the pathway as a flow chart from top to bottom: what opens when the
// case opens, at the first unsuccessful visit and at later ones, and beside that
// what other events open; where the way leads to another pathway; in a list, what
// every pathway asks for; and who is told when, for the ladders that its duties
// climb. The chart is in millimetres on A4 pages; its text is 8 pt or larger. The error is the writer's.
func SVG(w io.Writer, p *pathway.Pathway, ladders map[string]*pathway.Ladder) error {
	all := stages(p)
	ch := onOnePage(p, all, ladders)
	if ch == nil {
		ch = draw(p, all, ladders, longestClause, listEverywhere)
	}
	height := mm(pageHeight * float64(ch.page+1))
	title := cmp.Or(clean(p.Title), clean(p.ID))
	_, err := fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%[1]smm" height="%[2]smm" viewBox="0 0 %[1]s %[2]s" font-family="Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans Condensed', sans-serif">
<title>%[3]s</title>
<desc>%[4]s</desc>
<style>@page { size: A4; margin: 0 }</style>
<rect width="%[1]s" height="%[2]s" fill="#ffffff"/>
%[5]s</svg>
`, mm(pageWidth), height, escape(title), escape(description(p, all)), ch.svg.String())
	if err != nil {
		return fmt.Errorf("writing the chart of pathway %s: %w", p.ID, err)
	}
	return nil
}

// onOnePage is the chart with as much on it as one page takes; nil where it takes
// more.
func onOnePage(p *pathway.Pathway, all []stage, ladders map[string]*pathway.Ladder) *chart {
	for _, list := range []listing{listEverywhere, listAside} {
		for lines := longestClause; lines > 0; lines-- {
			if ch := draw(p, all, ladders, lines, list); ch.page == 0 {
				return ch
			}
		}
	}
	return nil
}

// longestClause is for how many lines of the guidance's own words a box makes
// room; for fewer where that keeps the chart on one page.
const longestClause = 4

func draw(p *pathway.Pathway, all []stage, ladders map[string]*pathway.Ladder, clauseLines int, list listing) *chart {
	ch := &chart{p: p, ladders: ladders, clauseLines: clauseLines, listing: list, y: margin}
	ch.heading()
	ch.spine(all)
	ch.aside(all)
	ch.footing()
	return ch
}

// description says the chart in words, for people who do not see it.
func description(p *pathway.Pathway, all []stage) string {
	var b strings.Builder
	b.WriteString("Flow chart, after " + clean(p.Source) + ".")
	for _, s := range all {
		b.WriteString(" " + s.heading + ": ")
		b.WriteString(strings.Join(each(s.duties, func(r *pathway.DutyRule) string {
			due := each(clocks(r), func(k clock) string { return k.Says + " (" + k.Basis.Words() + ")" })
			return clean(r.Title) + ", " + role(r.Owner) + ", " + strings.Join(due, ", ")
		}), "; ") + ".")
	}
	for _, m := range p.Moves {
		b.WriteString(" " + asks(m) + " Yes: goes on as " + pathwayName(m.To) + ".")
	}
	return b.String()
}

// chart is a chart being drawn, from top to bottom.
type chart struct {
	canvas
	p           *pathway.Pathway
	ladders     map[string]*pathway.Ladder
	clauseLines int       // for how many a box makes room
	listing     listing   // which duties have a line in place of a box
	page        int       // counted from 0
	y           float64   // everything above is drawn
	last        float64   // where the next arrow down the middle starts; 0 for none
	rail        []float64 // the middles of the unsuccessful visits drawn so far
	again       float64   // where the way comes round to the last question whether they were seen
}

// room returns the top of a place of this height: below what is drawn, and on
// the next page where this one has no room left.
func (ch *chart) room(height float64) float64 {
	usable := pageHeight - 2*margin
	end := pageHeight*float64(ch.page+1) - margin
	if ch.y+height > end && height <= usable {
		ch.page++
		ch.y = pageHeight*float64(ch.page) + margin
	}
	top := ch.y
	ch.y += height
	ch.page = max(ch.page, int((ch.y-0.01)/pageHeight))
	return top
}

func (ch *chart) heading() {
	for _, p := range []block{
		paragraph(titleFont, titleFont.wrap(cmp.Or(clean(ch.p.Title), clean(ch.p.ID)), chartWidth, 0)),
		paragraph(bodyFont, bodyFont.wrap("Source: "+clean(ch.p.Source)+". Pathway "+edition(ch.p), chartWidth, 0)),
	} {
		p.draw(&ch.canvas, left, ch.room(p.height), p.height)
	}
	y := ch.room(4.5) + 1
	x := left - 0.8
	for _, b := range []pathway.Basis{pathway.Guidance, pathway.Local} {
		says := "this time is the guidance's own"
		if b == pathway.Local {
			says = "the guidance gives no time: this is a setting of the pathway file"
		}
		ch.mark(x+markWidth(b), y, b)
		ch.text(x+markWidth(b)+1.2, y+2.8, bodyFont, "start", says)
		x += markWidth(b) + 1.2 + bodyFont.width(says) + 6
	}
}

// footing says how to read the chart.
func (ch *chart) footing() {
	ch.y += 2
	notes := "Owner: whoever is named at the top of the box. An unsuccessful visit is no access, not seen, or not brought to an appointment; " +
		"one that the family cancelled is not. Hours run on through nights, weekends and holidays; working days leave out weekends, " +
		"bank holidays and closure days; the day of the event is day 0. Closing the case ends every open duty."
	if len(ch.p.Flags) > 0 {
		notes += " Pointed out to the manager: " + strings.Join(each(ch.p.Flags, flag), "; ") + "."
	}
	b := paragraph(bodyFont, bodyFont.wrap(notes, chartWidth, 0))
	b.draw(&ch.canvas, left, ch.room(b.height), b.height)
}
