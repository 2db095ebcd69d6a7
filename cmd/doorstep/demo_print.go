package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"example.org/doorstep/postcards"
	"example.org/doorstep/scheduler/rehearsal"
)

// demoSerials makes the demo's serials the same each time. Real ones come from a
// source that nobody can guess.
var demoSerials = [32]byte{'d', 'e', 'm', 'o'}

// writePrints writes the cards and letters among the lines as two PDFs, and
// returns the files it wrote.
func (s *simulation) writePrints(ctx context.Context, folder string, lines []rehearsal.Line) ([]string, error) {
	st, err := s.stationery()
	if err != nil {
		return nil, err
	}
	printer, err := st.printer()
	if err != nil {
		return nil, err
	}
	cards, letters, err := s.paper(lines)
	if err != nil {
		return nil, err
	}
	options := postcards.Options{Created: s.to, Compress: true}
	var files []string
	keep := func(name string, print func(io.Writer) error) error {
		var pdf bytes.Buffer
		if err := print(&pdf); err != nil || pdf.Len() == 0 {
			return err
		}
		files = append(files, filepath.Join(folder, name))
		return writeWhole(files[len(files)-1], func(w io.Writer) error { _, err := pdf.WriteTo(w); return err })
	}
	err = keep("cards.pdf", func(w io.Writer) error {
		_, _, err := printer.Cards(ctx, w, postcards.SheetFour, cards, options)
		return err
	})
	if err == nil {
		err = keep("letters.pdf", func(w io.Writer) error {
			_, _, err := printer.Letters(ctx, w, postcards.LayoutDL, slices.Values(letters), options)
			return err
		})
	}
	return files, err
}

// paper makes cards and letters of what the events called for.
func (s *simulation) paper(lines []rehearsal.Line) (cards []postcards.Card, letters []postcards.Letter, err error) {
	cases := s.casesByRef()
	names := map[string]string{}
	for p := range s.caseload.People() {
		names[p.ID] = p.Name
	}
	random := rand.NewChaCha8(demoSerials)
	for _, l := range lines {
		if l.Print == nil {
			continue
		}
		serial, err := postcards.NewSerial(random)
		if err != nil {
			return nil, nil, err
		}
		c := cases[l.Print.Case]
		if l.Print.Kind == postcards.KindCard {
			cards = append(cards, l.Print.Card(c, serial, ""))
		} else {
			letters = append(letters, l.Print.Letter(c, l.Print.At, names[c.Practitioner], serial, ""))
		}
	}
	return cards, letters, nil
}
