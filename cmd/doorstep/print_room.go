package main

import (
	"context"
	"log/slog"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

// printRoom is the print room with the wording and the rules of now.
func (s *setup) printRoom(ctx context.Context, at time.Time, db *store.Store, log *slog.Logger) (*printing.Room, error) {
	room := s.postRoom(db, log)
	var err error
	if room.Rules, err = s.rulesAt(ctx, at, db); err != nil {
		return nil, err
	}
	room.Stationery, err = s.stationery()
	return room, err
}

// postRoom is the print room as far as it hands over letters that are printed already.
func (s *setup) postRoom(db *store.Store, log *slog.Logger) *printing.Room {
	room := &printing.Room{Store: db, Sheet: postcards.Sheet(s.config.PrintSheet), Layout: postcards.Layout(s.config.PrintLayout),
		Folder: s.config.PrintFolder, Log: log}
	if l := &s.config.Letters; l.Via == configs.ViaNotify {
		room.Letters = &printing.Letters{APIKey: l.Notify.APIKey.Reveal(), BaseURL: l.Notify.BaseURL, Postage: l.Postage}
	}
	return room
}

// stationery is what the configuration prints with now.
func (s *setup) stationery() (*printing.Stationery, error) {
	files, err := s.config.Texts()
	if err != nil {
		return nil, badInput{err}
	}
	logo, err := s.config.Logo()
	if err != nil {
		return nil, badInput{err}
	}
	wording, err := printing.ReadWording(files)
	o := &s.config.Organisation
	return &printing.Stationery{Organisation: o.Name, Service: o.Service, ContactNumber: s.config.ContactNumber(), TimeZone: o.TimeZone,
		Logo: logo, Wording: wording}, err
}

// paperTables say which card or letter an event asks for, by the configured wording.
func (s *setup) paperTables() (*pathway.PaperTables, error) {
	st, err := s.stationery()
	if err != nil {
		return nil, err
	}
	return st.Tables()
}

// checkPrint finds what is wrong with the wording of cards and letters, and what it lacks.
func (s *setup) checkPrint() (lacks []string, err error) {
	st, err := s.stationery()
	if err != nil {
		return nil, err
	}
	printer, err := st.Printer()
	if err != nil {
		return nil, err
	}
	return printer.Lacks(), nil
}
