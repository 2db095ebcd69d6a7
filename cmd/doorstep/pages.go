package main

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
	"example.org/doorstep/web/pages"
	"example.org/doorstep/web/signin"
)

// checkPages says what is wrong with the pages' wording.
func (s *setup) checkPages() error {
	wording, err := s.pagesWording()
	if err != nil {
		return err
	}
	return pages.CheckTexts(wording)
}

func (s *setup) pagesWording() (fs.FS, error) {
	texts, err := s.config.Texts()
	if err != nil {
		return nil, badInput{err}
	}
	return fs.Sub(texts, "pages")
}

// pages makes what people see in a browser; change may set it up otherwise.
func (s *setup) pages(db *store.Store, rules *pathway.Rules, now func() time.Time, log *slog.Logger, change func(*pages.Options)) (http.Handler, error) {
	wording, err := s.pagesWording()
	if err != nil {
		return nil, err
	}
	tables, err := s.paperTables()
	if err != nil {
		return nil, err
	}
	importer, err := s.importer(db, rules)
	if err != nil {
		return nil, err
	}
	notices := scheduler.NewNotices(db, rules, s.dutyDesk, s.config.InformationGovernance())
	o := pages.Options{
		TellOpened: notices.Opened, TellSignedInPast: notices.SignedInPast,
		Importer: importer, Mappings: s.config.Import.Mappings,
		Store: db, Rules: rules, Paper: tables, Texts: wording, DutyDesk: s.dutyDesk, Ways: s.ways(), Kept: s.kept(),
		PrintRoom: func() (room *printing.Room, err error) {
			room = s.postRoom(db, log)
			room.Rules = rules
			room.Stationery, err = s.stationery() // with the wording as it is by then
			return room, err
		},
		RecordSystem: s.config.RecordSystem.Name, RecordLink: s.config.RecordSystem.CaseLink, AcknowledgementLasts: s.config.AcknowledgementLasts,
		Organisation: s.config.Organisation.Name, PublicURL: s.config.PublicURL,
		Idle: s.config.SignIn.Idle, Loopback: s.config.PagesOnLoopback(),
		Now: now, Log: log,
	}
	change(&o)
	shown, err := pages.New(o)
	if err != nil {
		return nil, badInput{err}
	}
	return shown, nil
}

// kept is how long things are kept, for people to read.
func (s *setup) kept() (all []pages.Kept) {
	r := &s.config.Retention
	for _, k := range []struct {
		kind string
		keep configs.Keep
	}{
		{"closed_cases", r.ClosedCases}, {"messages", r.Messages}, {"audit", r.Audit}, {"texts_received", r.TextsReceived}, {"printed_batches", r.PrintedBatches},
		{"rejected_files", r.RejectedFiles}, {"imported_files", r.ImportedFiles}, {"sessions", r.Sessions}, {"webhooks", r.Webhooks},
	} {
		lasts := ""
		if k.keep.N > 0 {
			text, _ := k.keep.MarshalText() // it never fails
			lasts = string(text)
		}
		all = append(all, pages.Kept{Kind: k.kind, For: lasts})
	}
	return all
}

// provider is where people sign in; nil: with a password of Doorstep's own only.
func (s *setup) provider() *signin.Provider {
	c := &s.config.SignIn
	if c.Issuer == "" {
		return nil
	}
	return &signin.Provider{Issuer: c.Issuer, ClientID: c.ClientID, Secret: c.ClientSecret.Reveal(),
		Redirect: s.config.PublicURL + pages.ComeBackPath, PersonClaim: c.PersonClaim,
		GroupsClaim: c.Rights.Claim, Operates: c.Rights.Operates, Audits: c.Rights.Audits}
}
