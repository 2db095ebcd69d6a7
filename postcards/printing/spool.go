package printing

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// printInput is all that stands on one item, as a batch keeps it.
type printInput struct {
	Team         string            `json:"team"`
	Practitioner string            `json:"practitioner"` // as the cover sheet calls them
	Card         *postcards.Card   `json:"card,omitempty"`
	Letter       *postcards.Letter `json:"letter,omitempty"`
}

func (in *printInput) pack() (string, error) {
	text, err := json.Marshal(in)
	return string(text), err
}

func unpackInput(p *store.Print) (*printInput, error) {
	in := &printInput{}
	if p.Input == "" {
		return nil, pathway.NewProblem(pathway.Refused, "what stood on it has been deleted, as retention.printed_batches says: it cannot be printed again as it was")
	}
	if err := json.Unmarshal([]byte(p.Input), in); err != nil || in.Card == nil && in.Letter == nil {
		return nil, fmt.Errorf("case %s: what was printed in batch %d cannot be read", p.Case, p.Batch)
	}
	return in, nil
}

// printSpool sets aside what is printed until it is known what could be, so that
// a batch of any size needs little memory. Its file has no name from the start.
type printSpool struct {
	file  *os.File
	out   *bufio.Writer
	lines *json.Encoder
	bad   map[int]bool // those that could not be printed, by their place
}

func newPrintSpool() (*printSpool, error) {
	f, err := os.CreateTemp("", "doorstep-print-*")
	if err != nil {
		return nil, fmt.Errorf("cannot set aside what is printed: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot set aside what is printed: %w", err)
	}
	s := &printSpool{file: f, out: bufio.NewWriterSize(f, 64<<10), bad: map[int]bool{}}
	s.lines = json.NewEncoder(s.out)
	return s, nil
}

func (s *printSpool) add(p *store.Print) error { return s.lines.Encode(p) }

func (s *printSpool) close() { s.file.Close() }

// all returns what was set aside, in order.
func (s *printSpool) all() iter.Seq2[store.Print, error] {
	return func(yield func(store.Print, error) bool) {
		err := s.out.Flush()
		if err == nil {
			_, err = s.file.Seek(0, io.SeekStart)
		}
		if err != nil {
			yield(store.Print{}, err)
			return
		}
		lines := json.NewDecoder(bufio.NewReaderSize(s.file, 64<<10))
		for lines.More() {
			var p store.Print
			err := lines.Decode(&p)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
