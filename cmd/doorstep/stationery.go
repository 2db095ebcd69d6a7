package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"testing/fstest"
	"time"

	"example.org/doorstep/postcards"
)

// stationery is all that paper is printed with besides what stands on each item:
// kept with every batch, so that it can be printed again after the wording or the
// organisation's number have changed.
type stationery struct {
	Organisation  string            `json:"organisation"`
	Service       string            `json:"service"`
	ContactNumber string            `json:"contact_number"`
	TimeZone      string            `json:"time_zone"`
	Logo          []byte            `json:"logo,omitempty"`
	Wording       map[string]string `json:"wording"`
}

// stationery is what the configuration prints with now.
func (s *setup) stationery() (*stationery, error) {
	o := &s.config.Organisation
	st := &stationery{Organisation: o.Name, Service: o.Service, ContactNumber: o.ContactNumber, TimeZone: o.TimeZone,
		Wording: map[string]string{}}
	files, err := s.config.Texts()
	if err != nil {
		return nil, badInput{err}
	}
	if st.Logo, err = s.config.Logo(); err != nil {
		return nil, badInput{err}
	}
	for _, folder := range []string{"cards", "letters", "words"} {
		err := fs.WalkDir(files, folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, path)
			st.Wording[path] = string(text)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the wording: %w", err)
		}
	}
	return st, nil
}

// checkPrint finds what is wrong with the wording of cards and letters.
func (s *setup) checkPrint() error {
	st, err := s.stationery()
	if err == nil {
		_, err = st.printer()
	}
	return err
}

// printer prints with the stationery. Faults in the wording are bad input.
func (st *stationery) printer() (*postcards.Printer, error) {
	location, err := time.LoadLocation(st.TimeZone)
	if err != nil {
		return nil, badInput{fmt.Errorf("organisation.time_zone: %w", err)}
	}
	p, err := postcards.NewPrinter(st.files(), postcards.Settings{Organisation: st.Organisation, Service: st.Service,
		ContactNumber: st.ContactNumber, Location: location, Logo: st.Logo})
	if err != nil {
		return nil, badInput{err}
	}
	return p, nil
}

// choice decides by the tables of the wording.
func (st *stationery) choice() (*postcards.Choice, error) {
	choice, err := postcards.LoadChoice(st.files())
	if err != nil {
		return nil, badInput{err}
	}
	return choice, nil
}

func (st *stationery) files() fs.FS {
	files := fstest.MapFS{}
	for path, text := range st.Wording {
		files[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// pack writes the stationery for keeping, with its SHA-256.
func (st *stationery) pack() (content, digest string, err error) {
	text, err := json.Marshal(st)
	if err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(text)
	return string(text), hex.EncodeToString(sum[:]), nil
}

func unpackStationery(content string) (*stationery, error) {
	st := &stationery{}
	if err := json.Unmarshal([]byte(content), st); err != nil {
		return nil, fmt.Errorf("what a batch was printed with cannot be read: %w", err)
	}
	return st, nil
}
