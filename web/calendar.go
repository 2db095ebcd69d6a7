package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// CalendarPath is below what people's due times are: /calendar/{secret}.ics.
const CalendarPath = "/calendar/"

// Calendars answers programs that subscribe to a person's due times with the secret
// address that "doorstep calendar" has made.
type Calendars struct {
	Store    *store.Store
	Rules    *pathway.Rules
	Composer *notify.Composer
	Now      func() time.Time
	Log      *slog.Logger
}

// mostEntries is how many due times one calendar holds: those due first.
const mostEntries = 1000

func (c *Calendars) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a calendar can only be read", http.StatusMethodNotAllowed)
		return
	}
	secret, isCalendar := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, CalendarPath), ".ics")
	text, err := "", store.ErrNotFound
	if isCalendar {
		text, err = c.calendar(r, secret)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.Error(w, "there is no such calendar: ask for a new address", http.StatusNotFound)
	case err != nil:
		c.Log.Error("a calendar cannot be written", "error", err)
		http.Error(w, "the calendar cannot be read at the moment", http.StatusServiceUnavailable)
	default:
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
	}
}

func (c *Calendars) calendar(r *http.Request, secret string) (string, error) {
	ctx, now := r.Context(), c.Now()
	person, err := c.Store.CalendarOf(ctx, now, secret)
	if err != nil {
		return "", err
	}
	duties, err := casefile.Duties(ctx, c.Store, c.Rules, casefile.DutiesWanted{Owner: person.ID, Most: mostEntries, Restricted: true}, now)
	if err != nil {
		return "", err
	}
	var entries []notify.Reminder
	for d, err := range duties.Each {
		if err != nil {
			return "", err
		}
		entries = append(entries, notify.Reminder{CaseRef: d.Case, Duty: d.Duty.Duty.ID, Title: d.Title, Attempt: d.Attempt, Due: d.Due})
	}
	return c.Composer.Feed(now, entries)
}
