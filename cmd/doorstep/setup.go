package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// setup is what a command works with, as the configuration says.
type setup struct {
	config   *configs.Config
	pathways *configs.Pathways
	calendar *pathway.Calendar
	// origin are the keys that what is sent is made with. Those that everybody knows,
	// until a command that sends has read the installation's.
	origin origin.Keys
}

// load reads the configuration and the pathways. Faults in them are bad input.
func (o *options) load() (*setup, error) {
	config, err := configs.Load(o.configFile())
	return newSetup(config, err)
}

// loadToSend is load with the secrets of all by which something is sent, or of those
// whose keys begin with by.
func (o *options) loadToSend(by string) (*setup, error) {
	config, err := configs.LoadToSend(o.configFile(), by)
	return newSetup(config, err)
}

func newSetup(config *configs.Config, err error) (*setup, error) {
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
	return &setup{config, pathways, calendar, origin.FixedKeys()}, nil
}

// configFile is the file of the configuration: the one that is named, else the first
// that is there; empty: the built-in one.
func (o *options) configFile() string {
	if named := cmp.Or(o.config, os.Getenv("DOORSTEP_CONFIG")); named != "" {
		return named
	}
	for _, usual := range usualConfigs {
		if _, err := os.Stat(usual); !errors.Is(err, fs.ErrNotExist) {
			return usual // what is wrong with it, reading it tells
		}
	}
	return ""
}

// usualConfigs are where a configuration is looked for that nobody names.
var usualConfigs = []string{"doorstep.yaml", "/etc/doorstep/doorstep.yaml"}

// tellConfig says, to whoever is about to write and has named no configuration, which
// one was taken.
func (o *options) tellConfig(errs io.Writer) {
	if o.config != "" {
		return
	}
	fmt.Fprintf(errs, "configuration: %s\n", cmp.Or(o.configFile(), "the built-in one"))
}

// waits has a command wait for whoever writes to a SQLite database, and say so after a
// second.
func waits(errs io.Writer) store.LockWait {
	return store.LockWait{AtMost: store.LongWait, Tell: func() {
		fmt.Fprintln(errs, "another program is writing to the database: waiting until it lets others write")
	}}
}

// open opens the configured database. The caller closes it.
func (s *setup) open(ctx context.Context, ready store.Readiness, wait store.LockWait) (*store.Store, error) {
	if err := s.config.NoDatabase(); err != nil {
		return nil, badInput{err}
	}
	file := s.config.DatabaseFile()
	db, err := store.OpenReady(ctx, s.config.Database.Reveal(), file, ready, wait)
	switch {
	case errors.Is(err, store.ErrEmptyDatabase):
		return nil, fmt.Errorf("the file %s is empty, and no database: if it is to become one, doorstep migrate makes it; else correct database in the configuration", file)
	case errors.Is(err, store.ErrNoDatabase) && ready == store.UpgradesOnly:
		return nil, fmt.Errorf("there is no database %s: if it is to be a new one, doorstep migrate makes it; else correct database in the configuration", file)
	case errors.Is(err, store.ErrNoDatabase):
		return nil, fmt.Errorf("there is no database %s yet: import people, cases and events first, or check --config", file)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.config.DatabaseName(), err)
	}
	db.TellWebhooks(s.webhookEndpoints())
	return db, nil
}

// tellMade tells of a file that was made for the database, and of what lay beside it.
func (s *setup) tellMade(db *store.Store, tell func(says string)) {
	made, aside := db.Made()
	if made {
		tell("made the database " + s.config.DatabaseFile())
	}
	for _, name := range aside {
		tell(fmt.Sprintf("an earlier database of that name has left something beside it, which lies in %s now: keep it with that database, or delete it", name))
	}
}

// rules returns what decides what is due: the configured pathways together with
// the earlier versions that open duties still follow.
func (s *setup) rules(ctx context.Context, db *store.Store) (*pathway.Rules, error) {
	at := now()
	if theirs, has, err := db.Clock(ctx); err != nil {
		return nil, err
	} else if has { // on whatever machine this runs: it decides from when a pathway is in force
		at = theirs
	}
	return s.rulesAt(ctx, at, db)
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

// newRules are rules without pathways.
func (s *setup) newRules() *pathway.Rules {
	rules := pathway.NewRules(s.calendar, s.pathways.Ladders)
	rules.SetPlaces(s.config.MeetingPlaces())
	rules.SetReferences(s.config.References())
	rules.SetStaffAddresses(s.config.StaffAddresses())
	return rules
}

func (s *setup) rulesOf(versions []store.StoredVersion) *pathway.Rules {
	rules := s.newRules()
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
	rules := s.newRules()
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
		PublicURL:        s.config.PagesURL(),
		RecordSystem:     s.config.RecordSystem.Name,
		RecordLink:       s.config.RecordSystem.CaseLink,
		Location:         s.calendar.Location(),
		Origin:           s.origin,
	})
}

// dutyDesk is who is told when nobody else is left.
func (s *setup) dutyDesk(team string) *pathway.Person { return s.config.DutyDesk(team) }

// readable reports early, and in one sentence, that a file cannot be opened.
func readable(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, badInput{fmt.Errorf("cannot read %s: %w: check the path", pathway.Escaped(path), pathway.WithoutPath(err))}
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, badInput{fmt.Errorf("cannot read %s: it is a folder: give a file in it", pathway.Escaped(path))}
	}
	return f, nil
}
