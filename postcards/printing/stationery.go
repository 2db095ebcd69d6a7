package printing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
	"testing/fstest"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
)

// Stationery is all that paper is printed with besides what stands on each item:
// kept with every batch, so that it can be printed again after the wording or the
// organisation's number have changed.
type Stationery struct {
	Organisation  string            `json:"organisation"`
	Service       string            `json:"service"`
	ContactNumber string            `json:"contact_number"`
	TimeZone      string            `json:"time_zone"`
	Logo          []byte            `json:"logo,omitempty"`
	Wording       map[string]string `json:"wording"`
}

// ReadWording reads the wording of cards and letters out of the wording's files.
func ReadWording(files fs.FS) (map[string]string, error) {
	wording := map[string]string{}
	for _, folder := range []string{"cards", "letters", "words"} {
		err := fs.WalkDir(files, folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, path)
			wording[path] = string(text)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the wording: %w", err)
		}
	}
	return wording, nil
}

// lastPrinter is the printer that was made last, and of what: whoever looks at what waits
// on pages has it drawn with the same wording each time, and checking that wording and
// cutting the fonts costs ten times as much as drawing a page.
var lastPrinter struct {
	sync.Mutex
	of      string // the stationery, packed
	printer *postcards.Printer
}

// Printer prints with the stationery. Faults in the wording are bad input.
func (st *Stationery) Printer() (*postcards.Printer, error) {
	of, _, err := st.pack()
	if err != nil {
		return nil, err
	}
	lastPrinter.Lock()
	defer lastPrinter.Unlock()
	if lastPrinter.printer == nil || lastPrinter.of != of {
		p, err := st.newPrinter()
		if err != nil {
			return nil, err
		}
		lastPrinter.of, lastPrinter.printer = of, p
	}
	return lastPrinter.printer, nil
}

func (st *Stationery) newPrinter() (*postcards.Printer, error) {
	location, err := time.LoadLocation(st.TimeZone)
	if err != nil {
		return nil, pathway.NewProblem(pathway.Refused, "organisation.time_zone: %w", err)
	}
	p, err := postcards.NewPrinter(st.wordingFiles(), postcards.Settings{Organisation: st.Organisation, Service: st.Service,
		ContactNumber: st.ContactNumber, Location: location, Logo: st.Logo})
	if err != nil {
		return nil, pathway.AsProblem(pathway.Refused, err)
	}
	return p, nil
}

// Tables are the tables of the wording, by which is decided what events call for.
func (st *Stationery) Tables() (*pathway.PaperTables, error) {
	tables, err := postcards.LoadTables(st.wordingFiles())
	if err != nil {
		return nil, pathway.AsProblem(pathway.Refused, err)
	}
	return tables, nil
}

func (st *Stationery) wordingFiles() fs.FS {
	files := fstest.MapFS{}
	for path, text := range st.Wording {
		files[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// pack writes the stationery for keeping, with its SHA-256.
func (st *Stationery) pack() (content, digest string, err error) {
	text, err := json.Marshal(st)
	if err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(text)
	return string(text), hex.EncodeToString(sum[:]), nil
}

func unpackStationery(content string) (*Stationery, error) {
	st := &Stationery{}
	if err := json.Unmarshal([]byte(content), st); err != nil {
		return nil, fmt.Errorf("what a batch was printed with cannot be read: %w", err)
	}
	return st, nil
}
