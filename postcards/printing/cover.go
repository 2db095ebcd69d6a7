package printing

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// drawing is what a batch's cover sheets were drawn by. Whoever changes how a report
// looks gives the new drawing another name, and keeps this one for the batches that
// there are.
type drawing string

const (
	drawnAtFirst  drawing = "" // before they said so
	drawnByReport drawing = "report"
)

// cover is the sheet that stays in the office with a batch: which case each serial
// stands on, in the order of the pages, and what is to be done besides posting.
type cover struct {
	batch   *store.PrintBatch
	notes   *Notes
	zone    *time.Location
	printer *postcards.Printer // with the batch's wording
}

// coverItems is how many items one cover sheet lists. A larger batch has several,
// because a PDF of this library is in memory as a whole.
const coverItems = 10_000

// write draws the cover sheets; open begins a file. The same batch gives the same
// bytes.
func (c *cover) write(open func() (io.Writer, error), items iter.Seq2[store.Print, error]) error {
	if c.notes.Drawn == drawnAtFirst {
		return writeKeptCovers(open, c.batch, c.zone, c.notes, items)
	}
	list := c.list()
	sheets := 0
	end := func() error {
		w, err := open()
		if err != nil {
			return err
		}
		sheets++
		_, err = c.printer.Report(w, c.report(sheets, list), postcards.Options{Created: c.batch.Made, Compress: true})
		list.Rows = list.Rows[:0]
		return err
	}
	for p, err := range items {
		if err != nil {
			return err
		}
		if len(list.Rows) == coverItems {
			if err := end(); err != nil {
				return err
			}
		}
		in, err := unpackInput(&p)
		if err != nil {
			return err
		}
		list.Rows = append(list.Rows, []string{strconv.Itoa(p.Place), p.Case, p.Serial, whatIs(&p) + c.notes.mark(&p), in.Team, in.Practitioner})
	}
	return end()
}

// report is one cover sheet. The first says what is to be done, too.
func (c *cover) report(sheet int, list postcards.Section) postcards.Report {
	r := postcards.Report{Title: fmt.Sprintf("Batch %d: cover sheet", c.batch.Number)}
	if sheet > 1 {
		r.Title += fmt.Sprintf(", part %d", sheet)
	}
	r.Foot = r.Title + ". This sheet stays in the office."
	r.Notes = []string{
		fmt.Sprintf("Made %s by %s. %s.", c.batch.Made.In(c.zone).Format("Monday 2 January 2006 at 15:04 MST"), cmp.Or(c.notes.MadeBy, c.batch.By), counted(c.batch)),
		"Keep this sheet in the office: it says which case each serial stands on.",
	}
	if sheet == 1 && len(c.notes.Pull)+len(c.notes.Calls)+len(c.notes.Waiting) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Besides posting: %d to take out of earlier batches, %d to phone, %d not printed.",
			len(c.notes.Pull), len(c.notes.Calls), len(c.notes.Waiting)))
	}
	if c.notes.posts(c.batch) {
		r.Notes = append(r.Notes, "GOV.UK Notify prints and posts the letters that the list marks \"by Notify\": do not post them again. "+
			fmt.Sprintf("How each stands: doorstep post --status --batch %d", c.batch.Number))
	}
	if sheet == 1 {
		r.Sections = c.toDo()
	}
	if len(list.Rows) > 0 {
		r.Sections = append(r.Sections, list)
	}
	return r
}

func counted(b *store.PrintBatch) string {
	if len(b.Files) == 0 {
		return "Nothing was printed"
	}
	text := ""
	for i, f := range b.Files {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s on %s", pathway.Counted(f.Items, f.Kind), pathway.Counted(f.Pages, "page"))
	}
	return text
}

func (c *cover) list() postcards.Section {
	what := 1.6
	if c.notes.posts(c.batch) {
		what = 4.6
	}
	return postcards.Section{Heading: "In this batch", Note: "In the order of the pages; cards in the order of the cut and stacked piles.",
		Columns: []postcards.Column{{Title: "No.", Share: 0.6}, {Title: "Case", Share: 1.7}, {Title: "Serial", Share: 1.1},
			{Title: "What", Share: what}, {Title: "Team", Share: 1.3}, {Title: "Practitioner", Share: 1.3}}}
}

// toDo is what is to be done besides posting, most urgent first.
func (c *cover) toDo() (sections []postcards.Section) {
	section := func(heading, note string, columns []postcards.Column, notes []Note, row func(*Note) []string) {
		if len(notes) == 0 {
			return
		}
		s := postcards.Section{Heading: heading, Note: note, Columns: columns}
		for i := range notes {
			s.Rows = append(s.Rows, row(&notes[i]))
		}
		sections = append(sections, s)
	}
	section("Take out before posting", "Printed before, and overtaken since. Take these out of the post and destroy them.",
		[]postcards.Column{{Title: "Case", Share: 1.7}, {Title: "Serial", Share: 1.1}, {Title: "Batch", Share: 0.7}, {Title: "What", Share: 1.6}, {Title: "Why", Share: 3}},
		c.notes.Pull, func(n *Note) []string {
			return []string{n.Case, n.Serial, strconv.FormatInt(n.Batch, 10), n.What, n.Why}
		})
	section("Phone instead", "Nothing is printed for these: the practitioner phones the family.",
		[]postcards.Column{{Title: "Case", Share: 1.7}, {Title: "Practitioner", Share: 1.7}, {Title: "Why", Share: 5}},
		c.notes.Calls, func(n *Note) []string { return []string{n.Case, n.Practitioner, n.Why} })
	section("In place of a final card", "The visits call for a final card, which offers nothing further. It is not left while the reason stands.",
		[]postcards.Column{{Title: "Case", Share: 1.7}, {Title: "What", Share: 1.7}, {Title: "Why", Share: 5}},
		c.notes.Softer, func(n *Note) []string { return []string{n.Case, n.What, n.Why} })
	section("Not printed", "These wait in the queue until the reason is seen to.",
		[]postcards.Column{{Title: "Case", Share: 1.7}, {Title: "What", Share: 1.7}, {Title: "Why", Share: 5}},
		c.notes.Waiting, func(n *Note) []string { return []string{n.Case, n.What, n.Why} })
	return sections
}
