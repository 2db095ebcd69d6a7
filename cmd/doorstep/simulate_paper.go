package main

import (
	"context"
	"io"
	"math/rand/v2"
	"path/filepath"

	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/scheduler/rehearsal"
)

// demoSerials makes the demo's serials the same each time. Real ones come from a
// source that nobody can guess.
var demoSerials = [32]byte{'d', 'e', 'm', 'o'}

// writePaper writes the cards and letters among the lines as two PDFs, and returns
// the files it wrote.
func (s *simulation) writePaper(ctx context.Context, folder string, lines []rehearsal.Line) (files []string, err error) {
	var called []printing.Called
	for _, l := range lines {
		if l.Print != nil {
			called = append(called, *l.Print)
		}
	}
	names := map[string]string{}
	for p := range s.caseload.People() {
		names[p.ID] = p.Name
	}
	st, err := s.stationery()
	if err != nil {
		return nil, err
	}
	cards, letters, err := st.PrintCalled(ctx, called, s.caseload.Cases(), names, s.to, rand.NewChaCha8(demoSerials))
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		pdf  []byte
	}{{"cards.pdf", cards}, {"letters.pdf", letters}} {
		if len(f.pdf) == 0 {
			continue
		}
		path := filepath.Join(folder, f.name)
		if err := writeWhole(path, func(w io.Writer) error { _, err := w.Write(f.pdf); return err }); err != nil {
			return nil, err
		}
		files = append(files, path)
	}
	return files, nil
}
