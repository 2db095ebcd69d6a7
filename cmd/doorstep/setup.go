package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// setup is what a command works with, as the configuration says.
type setup struct {
	config   *configs.Config
	pathways *configs.Pathways
	calendar *pathway.Calendar
}

// load reads the configuration and the pathways. Faults in them are bad input.
func (o *options) load() (*setup, error) {
	config, err := configs.Load(o.config)
	if err != nil {
		return nil, badInput{err}
	}
	pathways, err := config.Pathways()
	if err != nil {
		return nil, badInput{err}
	}
	calendar, err := pathway.NewCalendar(config.CalendarSettings())
	if err != nil {
		return nil, badInput{fmt.Errorf("organisation: %w", err)}
	}
	return &setup{config, pathways, calendar}, nil
}

// readiness says what a command does about the database's schema.
type readiness int

const (
	mustBeCurrent readiness = iota // it reads, or changes a little: the schema is as this binary needs it
	startsEmpty                    // as mustBeCurrent, but an empty database is set up
	brings                         // it brings the schema up to date, as the daemon does
)

// open opens the configured database. The caller closes it.
func (s *setup) open(ctx context.Context, r readiness) (*store.Store, error) {
	if err := s.readyFile(r); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, s.config.Database.Reveal())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.config.DatabaseName(), err)
	}
	if err := prepare(ctx, db, r); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.config.DatabaseName(), err), db.Close())
	}
	return db, nil
}

// readyFile makes the database's file where it is wanted and not there yet,
// readable by its owner only. A command that only looks makes none.
func (s *setup) readyFile(r readiness) error {
	file := s.config.DatabaseFile()
	if file == "" {
		return nil
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it, opening it tells
	}
	if r == mustBeCurrent {
		return fmt.Errorf("there is no database %s yet: import people, cases and events first, or check --config", file)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("cannot make the database: %w: check that its folder exists and can be written", err)
	}
	return f.Close()
}

func prepare(ctx context.Context, db *store.Store, r readiness) error {
	if r == startsEmpty {
		version, err := db.SchemaVersion(ctx)
		if err != nil {
			return err
		}
		if version == 0 {
			r = brings
		}
	}
	if r == brings {
		return db.Migrate(ctx)
	}
	return db.CheckSchema(ctx)
}

// rules returns what decides what is due: the configured pathways together with
// the earlier versions that open duties still follow.
func (s *setup) rules(ctx context.Context, db *store.Store) (*pathway.Rules, error) {
	return s.rulesAt(ctx, now(), db)
}

func (s *setup) rulesAt(ctx context.Context, at time.Time, db *store.Store) (*pathway.Rules, error) {
	versions, err := db.AdoptPathways(ctx, at, s.pathways.List())
	return s.rulesOf(versions), err
}

// rulesInForce returns what rules does, but puts nothing in force: for commands
// that only look.
func (s *setup) rulesInForce(ctx context.Context, db *store.Store) (*pathway.Rules, error) {
	versions, err := db.PathwayVersions(ctx)
	return s.rulesOf(versions), err
}

func (s *setup) rulesOf(versions []store.StoredVersion) *pathway.Rules {
	rules := pathway.NewRules(s.calendar, s.pathways.Ladders)
	for _, v := range versions {
		rules.AddPathway(v.Pathway, v.From)
		if s.pathways.ByID[v.Pathway.ID] == nil {
			rules.Retire(v.Pathway.ID)
		}
	}
	return rules
}

// configuredRules are rules without earlier versions, for what needs no database.
func (s *setup) configuredRules() *pathway.Rules {
	rules := pathway.NewRules(s.calendar, s.pathways.Ladders)
	for _, p := range s.pathways.List() {
		rules.AddPathway(p, time.Time{})
	}
	return rules
}

// composer renders messages in the configured wording.
func (s *setup) composer() (*notify.Composer, error) {
	texts, err := s.config.Texts()
	if err != nil {
		return nil, badInput{err}
	}
	messages, err := fs.Sub(texts, "messages")
	if err != nil {
		return nil, err
	}
	return notify.NewComposer(messages, notify.Settings{
		From:             s.config.Email.From,
		OrganisationName: s.config.Organisation.Name,
		ServiceName:      s.config.Organisation.Service,
		PublicURL:        s.config.PublicURL,
		Location:         s.calendar.Location(),
	})
}

// dutyDesk is who is told when nobody else is left.
func (s *setup) dutyDesk(team string) *pathway.Person { return s.config.DutyDesk(team) }

// readable reports early, and in one sentence, that a file cannot be opened.
func readable(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, badInput{fmt.Errorf("cannot read %s: %w: check the path", path, onlyReason(err))}
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, badInput{fmt.Errorf("cannot read %s: it is a folder: give a file in it", path)}
	}
	return f, nil
}

// onlyReason is what was wrong with a file, without its name and that of the system
// call.
func onlyReason(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}
