package postcards

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Letter is one letter.
type Letter struct {
	Case       string
	Variant    string
	Serial     string // stands on the letter as its reference; empty: none
	Language   string // of the wording; empty: en
	LargePrint bool   // 18 point instead of 12

	Addressee string   // empty: "The parent or carer", in the wording's words
	Address   []string // lines as printed, without the postcode
	Postcode  string   // or a BFPO number

	Date          time.Time      // of the letter
	Contact       string         // antenatal, new-birth, six-week, one-year, two-year, other
	Appointment   time.Time      // not for pathway.LetterReOffer
	Place         *pathway.Place // where it is; nil: at the family's home
	NamedContact  string         // whom to ask for
	ContactNumber string         // empty: the service's
}

// Letters writes the letters as one PDF, in the order of the sequence, of which
// it holds a few hundred at a time. A letter that cannot be printed is left out
// and returned as an ItemError; the error is about the file as a whole, which is
// then worthless. Where no letter can be printed, nothing is written.
func (p *Printer) Letters(ctx context.Context, w io.Writer, layout Layout, letters iter.Seq[Letter], o Options) (Summary, []ItemError, error) {
	f, ok := frames[layout]
	if !ok {
		return Summary{}, nil, fmt.Errorf("printing letters: %q is not a layout: use %s or %s", layout, LayoutNotify, LayoutDL)
	}
	d := newDocument(w, p.fonts)
	var needs repertoire
	var sum Summary
	errs, err := layOut(ctx, p, letters, o,
		func(l *Letter) string { return l.Case },
		func(c *canvas, l *Letter) ([]page, error) { return p.letter(c, f, l) },
		func(b *batch[Letter]) error {
			for _, pages := range b.pages {
				if pages != nil {
					sum.Items++
				}
				for _, page := range pages {
					d.page(page.content, page.filter)
				}
			}
			needs = max(needs, b.needs)
			return d.err
		})
	if err == nil && len(d.pages) > 0 {
		err = p.finish(d, needs, a4Width, a4Height, "Letters", o)
	}
	if err != nil {
		return Summary{}, errs, fmt.Errorf("printing letters: %w", err)
	}
	sum.Pages = len(d.pages)
	return sum, errs, nil
}

// letter draws one letter.
func (p *Printer) letter(c *canvas, f *frame, l *Letter) ([]page, error) {
	t, w, err := p.wording.find(p.wording.letters, l.Language, l.Variant)
	if err != nil {
		return nil, err
	}
	address, err := p.fonts.printedAddress(l, w.Addressee)
	if err != nil {
		return nil, err
	}
	for _, line := range address[:2] {
		if f.latin && !strings.ContainsFunc(line.text, func(r rune) bool { return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' }) {
			return nil, wrong(line.field, "has no letter from A to Z and no digit, which GOV.UK Notify asks of the first two lines: write it in Latin letters, or print the letter with --layout dl")
		}
	}
	v, err := p.letterValues(l, t, w)
	if err != nil {
		return nil, err
	}
	size := letterSize
	if l.LargePrint {
		size = largePrint
	}
	c.height = a4Height
	if err := c.drawAddress(f, address); err != nil {
		return nil, err
	}
	c.logo(f.logo.left, f.logo.top, f.logo.right-f.logo.left, f.logo.bottom-f.logo.top, false)
	if err := p.drawContact(c, f, w, v[valueContactNumber], size); err != nil {
		return nil, err
	}
	head := make([]string, 0, 2)
	if head = append(head, v[valueDate].text); l.Serial != "" {
		head = append(head, w.Reference+" "+l.Serial)
	}
	return c.drawBody(f, t, head, v, size)
}

// letterValues returns what stands for the names in braces. What is missing is an
// error, but for the number to call, which somebody can write on the letter.
func (p *Printer) letterValues(l *Letter, t *template, w *words) (*values, error) {
	named, err := p.fonts.clean(l.NamedContact)
	if err != nil {
		return nil, fieldError{"practitioner", err}
	}
	number, err := p.number(l.ContactNumber)
	if err != nil {
		return nil, err
	}
	addressee, err := p.fonts.clean(l.Addressee)
	if err != nil {
		return nil, fieldError{"addressee", err}
	}
	if addressee == "" {
		addressee = w.Greeting
	}
	contact := w.contact(l.Contact)
	if contact == "" {
		contact = w.contact("other")
	}
	if l.Date.IsZero() {
		return nil, wrong("date", "is missing: a letter needs its date")
	}
	v := &values{
		valueAddressee:     {text: addressee},
		valueContact:       {text: contact},
		valueDate:          {text: w.date(l.Date.In(p.settings.Location))},
		valueNamedContact:  {text: named},
		valueContactNumber: written(number),
		valueService:       {text: p.settings.Service},
		valueOrganisation:  {text: p.settings.Organisation},
	}
	if err := p.where(v, l.Place, w); err != nil {
		return nil, err
	}
	if !l.Appointment.IsZero() {
		v[valueAppointment] = value{text: w.dateAndTime(l.Appointment.In(p.settings.Location)), strong: true}
	}
	for i := range t.paragraphs {
		for _, part := range t.paragraphs[i].parts {
			if part.value == noValue || part.value == valueDirections || v[part.value].text != "" || v[part.value].blank {
				continue
			}
			switch part.value {
			case valueAppointment:
				return nil, wrong("booked_for", "is missing: the letter %s says when the appointment is", l.Variant)
			case valueNamedContact:
				return nil, wrong("practitioner", "has no name: a letter names whom to ask for")
			}
			return nil, wrong(valueNames[part.value], "is missing: the letter %s needs it", l.Variant)
		}
	}
	return v, nil
}

// where puts in where the family is to be seen: at home, or a place with its address and
// how to find it.
func (p *Printer) where(v *values, place *pathway.Place, w *words) error {
	if place == nil {
		v[valueWhere] = value{text: w.AtHome, strong: true}
		return nil
	}
	lines := slices.Concat([]string{place.Name}, place.Address, []string{place.Directions})
	for i := range lines {
		clean, err := p.fonts.clean(lines[i])
		if err != nil {
			return fieldError{"place", err}
		}
		lines[i] = clean
	}
	last := len(lines) - 1
	v[valueDirections].text = lines[last]
	named := strings.Join(slices.DeleteFunc(lines[:last:last], func(s string) bool { return s == "" }), ", ")
	v[valueWhere] = value{text: expand(w.AtPlace, func(string) string { return named }), strong: true}
	return nil
}
