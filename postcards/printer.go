package postcards

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"example.org/doorstep/pathway"
)

// Settings are what the printer needs to know of the organisation.
type Settings struct {
	Organisation  string         // Swindon Borough Council
	Service       string         // Health Visiting Service
	ContactNumber string         // empty: a dotted line to write on
	Location      *time.Location // the organisation's; nil: UTC
	Logo          []byte         // PNG or JPEG, at most 10 megapixels; nil: none
	Workers       int            // pages are laid out on so many cores; 0: all there are
}

// Options are how one file is written.
type Options struct {
	// Compress makes the file about half as large and its making slower.
	Compress bool
	// Created stands in the file as its date, to the second. The same items and
	// the same Created give the same bytes. Zero: 1 January 2000.
	Created time.Time
	// Progress is told, from one goroutine and in order, how many items have been
	// taken, failed ones included. Nil: nobody is.
	Progress func(done int)
}

// Language says why nothing can be printed in a language; empty stands for en.
func (p *Printer) Language(language string) error {
	if language == "" || p.wording.cards[language] != nil || p.wording.letters[language] != nil {
		return nil
	}
	known := slices.Sorted(maps.Keys(p.wording.words))
	return fmt.Errorf("there is no wording in the language %q: use %s, or add it to the wording", language, pathway.OneOf(known))
}

// Summary says what is in a file.
type Summary struct {
	Items int // printed, without the failed ones
	Pages int // sides of paper
}

// ItemError is why one item was not printed.
type ItemError struct {
	Index int    // its place among the items handed over, from 0
	Case  string // the case's reference; empty for a blank card
	Field string // for instance "address_2"
	Err   error
}

// Error writes the error as
//
//	case SW-3: addressee: has a character that cannot be printed ("😀", U+1F600): …
func (e ItemError) Error() string {
	who := "card without a case"
	if e.Case != "" {
		who = "case " + e.Case
	}
	if e.Field == "" {
		return fmt.Sprintf("%s: %v", who, e.Err)
	}
	return fmt.Sprintf("%s: %s: %v", who, e.Field, e.Err)
}

func (e ItemError) Unwrap() error { return e.Err }

// Printer prints cards and letters with one organisation's wording. It is safe
// for concurrent use.
type Printer struct {
	settings Settings
	wording  *wording
	fonts    *fonts

	unbrokenNumber string // the service's contact number, on one line
}

// NewPrinter reads and checks the wording and the settings. The error lists
// every fault, one a line, those in wording files as file:line:column.
func NewPrinter(files fs.FS, s Settings) (*Printer, error) {
	if s.Location == nil {
		s.Location = time.UTC
	}
	picture, logoErr := readLogo(s.Logo)
	f, err := newFonts(picture)
	if err != nil {
		return nil, err
	}
	errs := []error{logoErr}
	for _, field := range []struct {
		name string
		text *string
	}{{"organisation.name", &s.Organisation}, {"organisation.service", &s.Service}, {"organisation.contact_number", &s.ContactNumber}} {
		clean, err := f.clean(*field.text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", field.name, err))
		} else if clean == "" && field.text != &s.ContactNumber {
			errs = append(errs, fmt.Errorf("%s: is empty: cards and letters need it", field.name))
		}
		*field.text = clean
	}
	var found faults
	readTables(files, &found)
	p := &Printer{settings: s, wording: readWording(files, f, &found), fonts: f, unbrokenNumber: unbroken(s.ContactNumber)}
	if err := errors.Join(append(errs, found.orNil())...); err != nil {
		return nil, err
	}
	if err := p.tryOut(); err != nil {
		return nil, err
	}
	return p, nil
}

// Lacks says, one a line, what the wording of cards and letters does not say that it
// should, where it is older than Doorstep's own.
func (p *Printer) Lacks() (lacks []string) {
	for _, language := range slices.Sorted(maps.Keys(p.wording.letters)) {
		for _, variant := range pathway.LetterVariants() {
			if t := p.wording.letters[language][variant]; t != nil && !t.uses(valueWhere) {
				lacks = append(lacks, t.file+": does not say where the appointment is: add {where} after {appointment}")
			}
		}
	}
	for _, language := range slices.Sorted(maps.Keys(p.wording.cards)) {
		if p.wording.words[language].Quote == "" {
			lacks = append(lacks, path.Join("words", language+".yaml")+": has nothing to stand before a card's serial: add quote, such as Please quote")
		}
	}
	return lacks
}

// tryOut prints each card and letter there is wording for once, so that one that
// has no room is found now and not on the day it is needed.
func (p *Printer) tryOut() error {
	var errs []error
	when := time.Date(2026, 9, 30, 10, 50, 0, 0, p.settings.Location) // a long date
	c := &canvas{fonts: p.fonts}
	for _, language := range slices.Sorted(maps.Keys(p.wording.cards)) {
		for _, variant := range pathway.CardVariants() {
			filled := Card{Variant: variant, Language: language, Visit: when, Next: when, Contact: "other"}
			for _, card := range []Card{{Variant: variant, Language: language}, filled} {
				if _, err := p.card(c, &card); err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", textFile("cards", language, variant), err))
					break
				}
			}
		}
	}
	for _, language := range slices.Sorted(maps.Keys(p.wording.letters)) {
		for _, variant := range pathway.LetterVariants() {
			l := Letter{Variant: variant, Language: language, Addressee: "Parent", Address: []string{"1 Test Street"}, Postcode: "SN1 1AA",
				LargePrint: true, Date: when, Appointment: when, NamedContact: "Practitioner",
				Place: &pathway.Place{Name: "A Children's Centre", Address: []string{"1 Test Street", "Testtown", "TE1 1ST"}, Directions: "Next to the library."}}
			for _, layout := range []Layout{LayoutNotify, LayoutDL} {
				if _, err := p.letter(c, frames[layout], &l); err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", textFile("letters", language, variant), err))
					break
				}
			}
		}
	}
	return errors.Join(errs...)
}
