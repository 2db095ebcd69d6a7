package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/scheduler/journal"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/web/pages"
)

func checkCommand(o *options) *cobra.Command {
	var online bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Validate configuration, pathways and wording",
		Long: `Prints every fault with file, line and column and what to do about it, and what
is no fault but worth knowing: a reminder that would go to somebody else, a
holiday calendar that ends soon, a database that is still empty. Where the configured database exists, the people
in it are checked too. Exits with 2 when there is a fault.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r := &report{out: c.OutOrStdout()}
			r.check(c.Context(), o, online)
			return r.end()
		},
	}
	c.Flags().BoolVar(&online, "online", false, "also connect to the database, the mail server and the provider of texts, and ask whether this instance answers at public_url")
	return c
}

// report prints findings as they come.
type report struct {
	out            io.Writer
	faults         int
	secretsMissing bool // the configuration is right but for secrets that cannot be read
}

func (r *report) fault(err error) {
	for line := range strings.Lines(err.Error()) {
		r.faults++
		fmt.Fprintln(r.out, strings.TrimRight(line, "\n"))
	}
}

func (r *report) warn(format string, args ...any) {
	fmt.Fprintf(r.out, "warning: "+format+"\n", args...)
}

func (r *report) end() error {
	if r.faults == 1 {
		return badInput{errors.New("1 fault: correct it and check again")}
	}
	if r.faults > 1 {
		return badInput{fmt.Errorf("%d faults: correct them and check again", r.faults)}
	}
	_, err := fmt.Fprintln(r.out, "no faults")
	return err
}

func (r *report) check(ctx context.Context, o *options, online bool) {
	config, err := configs.LoadToSend(o.configFile(), "")
	if err != nil {
		r.fault(err)
		// Where only secrets are missing, everything else can be looked at.
		if rest, err := configs.Load(o.configFile()); err == nil {
			config, r.secretsMissing = rest, true
		}
	}
	if config == nil {
		return
	}
	for _, f := range config.PaperFaults() {
		r.fault(f)
	}
	for _, w := range config.Warnings() {
		r.warn("%v", w)
	}
	pathways, pathwaysErr := config.Pathways()
	if pathwaysErr != nil {
		r.fault(pathwaysErr)
	}
	calendar, calendarErr := pathway.NewCalendar(config.CalendarSettings())
	if calendarErr != nil {
		r.fault(fmt.Errorf("organisation: %w", calendarErr))
	}
	if err != nil && !r.secretsMissing || pathwaysErr != nil || calendarErr != nil {
		return
	}
	s := &setup{config, pathways, calendar, origin.FixedKeys()}
	var channels *channels
	if !r.secretsMissing {
		if channels, err = s.openChannels(); err != nil {
			r.fault(err)
		} else {
			defer channels.close(ctx, slog.New(slog.DiscardHandler))
		}
	}
	if err := s.checkPages(); err != nil {
		r.fault(err)
	}
	lacks, err := s.checkPrint()
	if err != nil {
		r.fault(err)
	}
	for _, what := range lacks {
		r.warn("%s", what)
	}
	if warning := configs.CheckHolidays(calendar, now()); warning != "" {
		r.warn("%s", warning)
	}
	r.people(ctx, s, online)
	if folder := config.NotesFolder(); folder != "" && config.NamesDatabase() {
		if err := journal.Check(folder); err != nil {
			r.fault(fmt.Errorf("delivery.notes: %w", err))
		}
	}
	if online && r.faults == 0 {
		r.providers(ctx, channels)
		r.webhooks(ctx, s)
	}
}

// publicURL asks at the address that messages link to whether this instance answers
// there.
func (r *report) publicURL(ctx context.Context, s *setup, db *store.Store) {
	if s.config.PagesURL() == "" {
		return // what is shipped is a sample
	}
	fault := func(format string, args ...any) {
		r.fault(fmt.Errorf("public_url: %s: "+format, append([]any{s.config.PublicURL}, args...)...))
	}
	ctx, cancel := context.WithTimeout(ctx, publicPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.config.PublicURL+"/signin", nil)
	if err != nil {
		fault("%v: correct it", err)
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		var asked *url.Error
		if errors.As(err, &asked) {
			err = asked.Err
		}
		fault("nothing answers there (%v): start doorstep serve, or correct it, or the proxy before it", err)
		return
	}
	response.Body.Close()
	keys, err := db.OriginKeys(ctx)
	if err != nil {
		r.fault(err)
		return
	}
	prints := make([]string, len(keys))
	for i, key := range keys {
		prints[len(keys)-1-i] = key.Fingerprint
	}
	switch instance := response.Header.Get(pages.InstanceHeader); {
	case instance == "":
		fault("what answers there is no Doorstep, or one without pages: correct it, or the proxy before it")
	case instance != instanceOf(prints):
		fault("another Doorstep answers there, with another database: messages of this one would lead to it")
	}
}

// publicPatience is how long check --online waits for public_url.
const publicPatience = 10 * time.Second

// instanceOf tells an installation from others by the fingerprints of its keys, the one
// in use first.
func instanceOf(fingerprints []string) string {
	if len(fingerprints) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte("instance " + fingerprints[0]))
	return hex.EncodeToString(sum[:8])
}

// people checks that every reminder would reach somebody, for the people in the
// database. A database on this machine that does not exist yet is left alone.
func (r *report) people(ctx context.Context, s *setup, online bool) {
	if s.config.NoDatabase() != nil { // which is said already
		r.reach(s, nil)
		return
	}
	file := s.config.DatabaseFile()
	if _, err := os.Stat(file); file != "" && err != nil || file == "" && !online {
		if file != "" && s.config.NamesDatabase() {
			r.warn("there is no database %s yet: doorstep migrate makes it, or the first import", file)
		}
		r.reach(s, nil)
		return
	}
	db, err := s.open(ctx, store.MayBeEmpty, store.LockWait{})
	if err != nil {
		r.fault(err)
		return
	}
	defer db.Close()
	if online {
		for _, check := range []func(context.Context) error{db.CheckPrimary, db.CheckConnections} {
			if err := check(ctx); err != nil {
				r.fault(fmt.Errorf("%s: %w", s.config.DatabaseName(), err))
				return
			}
		}
	}
	if online {
		if err := scheduler.CheckClock(ctx, db, now); err != nil {
			r.fault(fmt.Errorf("%s: %w", s.config.DatabaseName(), err))
		}
	}
	if err := db.CheckLooks(ctx); err != nil {
		r.fault(err)
	}
	version, err := db.SchemaVersion(ctx)
	if err != nil {
		r.fault(err)
		return
	}
	if version == 0 {
		by := "serve"
		if file != "" && s.config.NamesDatabase() {
			by = "migrate"
		}
		r.warn("%s is empty: import people, cases and events, or let %s make its tables", s.config.DatabaseName(), by)
		r.reach(s, nil)
		return
	}
	if online {
		if err := db.CheckDisk(ctx); err != nil {
			r.fault(fmt.Errorf("%s: %w", s.config.DatabaseName(), err))
		}
	}
	if online {
		r.publicURL(ctx, s, db)
	}
	people, err := db.People(ctx)
	if err != nil {
		r.fault(err)
		return
	}
	r.reach(s, people)
	if err := s.checkOrigin(ctx, db); err != nil {
		r.fault(err)
	}
	unread, err := casefile.UnreadManagers(ctx, db, now())
	if err != nil {
		r.fault(err)
	}
	for _, u := range unread {
		r.warn("%s manages %s, does not work here now, and nobody above them does: what they would read in a digest goes to the duty address; give the cases to another manager", u.Manager, pathway.Counted(u.Cases, "open case"))
	}
	r.languages(ctx, s, db)
	off, err := db.DisabledAddresses(ctx)
	if err != nil {
		r.fault(err)
	}
	for _, a := range off {
		r.warn("%s: the %s address is not used any more (%s): correct it in the people list", a.Person, pathway.ChannelInWords(a.Channel), a.Reason)
	}
}

// languages warns of families who read a language in which nothing can be printed.
func (r *report) languages(ctx context.Context, s *setup, db *store.Store) {
	tables, err := s.paperTables()
	if err != nil {
		return // which is said already
	}
	readers, err := db.Readers(ctx)
	if err != nil {
		r.fault(err)
		return
	}
	for _, l := range readers {
		if why := tables.InEnglish(&pathway.Case{Language: l.Language}); why != "" {
			r.warn("language %s, on %s: %s, and what is printed for them is in English: add cards/%s, letters/%s and words/%s.yaml to the wording", l.Language, pathway.Counted(l.Cases, "open case"), why, l.Language, l.Language, l.Language)
		}
	}
}

func (r *report) reach(s *setup, people []pathway.Person) {
	reach := s.config.CheckReach(people, nil, now())
	for _, fault := range reach.Faults {
		r.fault(errors.New(fault))
	}
	for _, warning := range reach.Warnings {
		r.warn("%s", warning)
	}
}

// providers asks whoever messages go by whether they would be taken, and sends
// nothing.
func (r *report) providers(ctx context.Context, c *channels) {
	ctx, cancel := context.WithTimeout(ctx, providerPatience)
	defer cancel()
	for _, name := range []string{pathway.ChannelEmail, pathway.ChannelSMS} {
		if err := notify.AskProvider(ctx, now(), c.senders[name].Channel); err != nil {
			r.fault(fmt.Errorf("%s: %w", name, err))
		}
	}
}

// providerPatience is how long check --online waits for everybody together.
const providerPatience = time.Minute
