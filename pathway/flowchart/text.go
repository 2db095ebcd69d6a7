package flowchart

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"example.org/doorstep/pathway"
)

// Text writes the pathway for reading: each duty with what opens it, who, by
// when and whose figure that is, what meets it and where the source says so; then
// the ladders its duties climb. The error is the writer's.
func Text(w io.Writer, p *pathway.Pathway, ladders map[string]*pathway.Ladder) error {
	var t page
	t.WriteString(clean(p.Title) + "\n")
	t.field("Pathway", edition(p))
	t.field("Source", clean(p.Source))
	if h := p.Held; h != nil {
		where := "at " + clean(h.At) + " where their record does not say (" + h.Basis.Words() + ")"
		if h.Clause != "" {
			where += ". " + clean(h.Clause)
		}
		t.field("Appointments", where)
	}
	for _, s := range stages(p) {
		t.WriteString("\n" + strings.ToUpper(s.heading) + "\n")
		for _, r := range s.duties {
			t.duty(r, ladders)
		}
	}
	if len(p.Moves) > 0 {
		t.WriteString("\nMOVES TO ANOTHER PATHWAY\n")
	}
	for _, m := range p.Moves {
		t.field("", asks(m)+" Yes: goes on as "+pathwayName(m.To)+" ("+clean(m.To)+"); "+keeps(p, m)+".")
	}
	if len(p.Flags) > 0 {
		t.WriteString("\nPOINTED OUT TO THE MANAGER\n")
	}
	for _, f := range p.Flags {
		t.field("", pathway.Capitalised(flag(f))+".")
	}
	for _, l := range used(p, ladders) {
		t.WriteString("\nREMINDERS: " + strings.ToUpper(ladderTitle(l)) + "\n")
		t.field("How", how(l))
		for _, r := range l.Rungs {
			when, who := rung(r)
			t.field(pathway.Capitalised(when), who)
		}
		if says := again(l); says != "" {
			t.field("Again", says)
		}
	}
	if _, err := io.WriteString(w, t.String()); err != nil {
		return fmt.Errorf("writing pathway %s: %w", p.ID, err)
	}
	return nil
}

// List writes a line for each pathway: id, title, number of duties, source. The
// error is the writer's.
func List(w io.Writer, list []*pathway.Pathway) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PATHWAY\tTITLE\tDUTIES\tSOURCE")
	for _, p := range list {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", clean(p.ID), clean(p.Title), len(p.Duties), clean(p.Source))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the list of pathways: %w", err)
	}
	return nil
}

// page collects text with a column of labels at its left.
type page struct{ strings.Builder }

const (
	labels    = 24 // characters for the column of labels
	lineWidth = 96
)

// field writes a label and its text, broken into lines; nothing for no text.
func (t *page) field(label, text string) {
	line := fmt.Sprintf("    %-*s", labels-2, label)
	if label == "" {
		line = " "
	}
	indent := strings.Repeat(" ", utf8.RuneCountInString(line))
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > lineWidth {
			t.WriteString(line + "\n")
			line, empty = indent, true
		}
		line, empty = line+" "+word, false
	}
	if !empty {
		t.WriteString(line + "\n")
	}
}

func (t *page) duty(r *pathway.DutyRule, ladders map[string]*pathway.Ladder) {
	t.WriteString("\n  " + clean(r.Title) + " [" + clean(r.ID) + "]\n")
	t.field("Opens", and(each(r.Opens, trigger), "or"))
	if r.If.Text != "" {
		t.field("Only", condition(r.If))
	}
	who := role(r.Owner)
	if others := toldBesides(r); others != "" {
		who += "; told at the start: " + others
	}
	t.field("Who", who)
	for _, k := range clocks(r) {
		t.field("Due", k.Says+" ["+k.Basis.Words()+"]")
		t.field("Clause for this", k.Clause)
	}
	t.field("Sooner by", sooner(r))
	t.field("Consider", clean(r.Guide))
	t.field("Checklist", strings.Join(each(r.Checklist, item), "; "))
	t.field("Done when", metBy(r))
	if r.Replaces {
		t.field("Opened again", "a new one replaces the one before")
	}
	if r.BothRecord {
		t.field("Both", "practitioner and manager each record")
	}
	t.field("Clause", clean(r.Clause))
	t.field("Reminders", ladderName(r, ladders))
}
