package postcards

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Card is one card. Whatever is empty or zero prints as a dotted line to write
// on.
type Card struct {
	Case     string // for errors only, never printed; empty on a blank pad
	Variant  string
	Serial   string // from NewSerial; empty: none
	Language string // of the wording; empty: en
	// LargePrint sets the text as large as it fits, up to 18 point instead of 14.
	LargePrint bool

	Visit         time.Time // the visit at which nobody was met
	Contact       string    // antenatal, new-birth, six-week, one-year, two-year, other
	Next          time.Time // the visit that pathway.CardRevisit announces
	ContactNumber string    // empty: the service's
}

// Cards writes the cards as one PDF. A card that cannot be printed is left out
// and returned as an ItemError; the error is about the file as a whole, which is
// then worthless. Where no card can be printed, nothing is written.
func (p *Printer) Cards(ctx context.Context, w io.Writer, sheet Sheet, cards []Card, o Options) (Summary, []ItemError, error) {
	paper, ok := sheets[sheet]
	if !ok {
		return Summary{}, nil, fmt.Errorf("printing cards: %q is not a sheet: use %s or %s", sheet, SheetA6, SheetFour)
	}
	var drawn [][]byte
	var needs repertoire
	errs, err := layOut(ctx, p, slices.Values(cards), Options{Progress: o.Progress},
		func(c *Card) string { return c.Case },
		func(c *canvas, card *Card) ([]page, error) {
			content, err := p.card(c, card)
			return []page{{content: content}}, err
		},
		func(b *batch[Card]) error {
			for _, pages := range b.pages {
				for _, page := range pages {
					drawn = append(drawn, page.content)
				}
			}
			needs = max(needs, b.needs)
			return nil
		})
	if err != nil {
		return Summary{}, errs, fmt.Errorf("printing cards: %w", err)
	}
	if len(drawn) == 0 {
		return Summary{}, errs, nil
	}
	d := newDocument(w, p.fonts)
	sheetErrs, err := layOut(ctx, p, paper.sheets(len(drawn)), Options{Compress: o.Compress},
		func(*int) string { return "" },
		func(c *canvas, s *int) ([]page, error) { return []page{{content: paper.impose(c, drawn, *s)}}, nil },
		func(b *batch[int]) error {
			for _, pages := range b.pages {
				d.page(pages[0].content, pages[0].filter)
			}
			return d.err
		})
	if err == nil && len(sheetErrs) > 0 {
		err = sheetErrs[0]
	}
	if err == nil {
		err = p.finish(d, needs, paper.width, paper.height, "Cards", o)
	}
	if err != nil {
		return Summary{}, errs, fmt.Errorf("printing cards: %w", err)
	}
	return Summary{Items: len(drawn), Pages: len(d.pages)}, errs, nil
}

// card draws one card, whose top left corner is that of the canvas.
func (p *Printer) card(c *canvas, card *Card) ([]byte, error) {
	t, w, err := p.wording.find(p.wording.cards, card.Language, card.Variant)
	if err != nil {
		return nil, err
	}
	v, err := p.cardValues(card, w)
	if err != nil {
		return nil, err
	}
	if card.Serial != "" {
		if _, err := ParseSerial(card.Serial); err != nil {
			return nil, fieldError{"serial", err}
		}
	}
	c.height = cardHeight
	scale := 1.0
	if card.LargePrint {
		scale = largePrint / cardSize
	}
	for ; scale >= cardSmallest; scale -= 0.055 {
		if set, ok := c.setCard(t, v, scale); ok {
			c.drawCard(set, w.quoting(card.Serial))
			return c.drawnSoFar(), nil
		}
	}
	return nil, wrong("variant", "the wording of %s is too long for a card with these values: shorten it", t.file)
}

func (p *Printer) cardValues(card *Card, w *words) (*values, error) {
	number, err := p.number(card.ContactNumber)
	if err != nil {
		return nil, err
	}
	v := &values{
		valueContact:       written(w.contact(card.Contact)),
		valueContactNumber: written(number),
		valueService:       {text: p.settings.Service},
		valueOrganisation:  {text: p.settings.Organisation},
		valueDate:          {blank: true}, valueTime: {blank: true},
		valueNextDate: {blank: true}, valueNextTime: {blank: true},
	}
	if t := card.Visit.In(p.settings.Location); !card.Visit.IsZero() {
		v[valueDate], v[valueTime] = written(w.date(t)), written(w.time(t))
	}
	if t := card.Next.In(p.settings.Location); !card.Next.IsZero() {
		v[valueNextDate], v[valueNextTime] = written(w.date(t)), written(w.time(t))
	}
	return v, nil
}

// number returns the contact number to print, the service's where none is given,
// which no line break divides; empty where there is none either.
func (p *Printer) number(given string) (string, error) {
	if given == "" {
		return p.unbrokenNumber, nil
	}
	number, err := p.fonts.clean(given)
	if err != nil {
		return "", fieldError{"contact_number", err}
	}
	return unbroken(number), nil
}

func unbroken(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// written is a value that is left to be written by hand where there is none.
func written(s string) value { return value{text: s, strong: true, blank: s == ""} }

// find returns the text of a variant in a language, and the language's words.
func (w *wording) find(texts map[string]map[string]*template, language, variant string) (*template, *words, error) {
	if language == "" {
		language = defaultLanguage
	}
	variants, ok := texts[language]
	if !ok {
		return nil, nil, wrong("language", "there is no wording in %q: add it, or print in English", language)
	}
	t, ok := variants[variant]
	if !ok {
		return nil, nil, wrong("variant", "there is no wording for %q: use one of those there is", variant)
	}
	return t, w.words[language], nil
}
