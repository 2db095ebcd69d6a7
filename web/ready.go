package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
)

// alive answers as long as the process can answer anything. It asks for nothing
// else: an orchestrator restarts what is not alive, and a restart mends no
// database.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "alive")
}

// scanPatience is how much later than twice its schedule a scan may end: the time that
// it takes itself.
const scanPatience = 5 * time.Second

// answer is the body of /readyz.
type answer struct {
	Ready  bool   `json:"ready"`
	Checks checks `json:"checks"`
}

type checks struct {
	Database check    `json:"database"`
	Scan     check    `json:"scan"`
	Delivery delivery `json:"delivery"`
	Files    check    `json:"files"`
	Clock    check    `json:"clock"`
	Webhooks *check   `json:"webhooks,omitempty"` // nil: there are none. They make no daemon unready.
}

type check struct {
	OK   bool   `json:"ok"`
	Says string `json:"says"`
}

// readiness answers whether the daemon does its work: the database answers,
// scans end well when they should, and messages can go.
type readiness struct {
	database Database
	scan     scheduler.Schedule
	clock    func() string              // nil: nobody looks
	fails    func() (time.Time, string) // of the database: since when and why; zero: it does not
	zone     *time.Location
	now      func() time.Time
	started  time.Time
	log      *slog.Logger

	mu      sync.Mutex
	unready bool // at the last answer: only changes are logged
}

func newReadiness(o Options) *readiness {
	if o.DatabaseSays == nil {
		o.DatabaseSays = func() (time.Time, string) { return time.Time{}, "" }
	}
	return &readiness{
		database: o.Database,
		scan:     o.Scan,
		clock:    o.ClockSays,
		fails:    o.DatabaseSays,
		zone:     o.TimeZone,
		now:      o.Now,
		started:  o.Now(),
		log:      o.Log,
	}
}

func (r *readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	ctx, cancel := context.WithTimeout(request.Context(), databasePatience)
	defer cancel()
	a, err := r.check(ctx, r.forPrograms())
	if request.Context().Err() == nil { // else nobody reads it, and err may say only that
		r.note(a, err)
	}
	w.Header().Set("Content-Type", "application/json")
	if !a.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	body := json.NewEncoder(w)
	body.SetIndent("", "  ")
	body.Encode(a) // fails only when nobody listens any more
}

// written is how the answer has its instants.
type written struct {
	on      string // what stands before one at which something happened
	instant func(time.Time) string
}

func (w written) at(t time.Time) string    { return w.on + " " + w.instant(t) }
func (w written) since(t time.Time) string { return "since " + w.instant(t) }

// check returns the answer, and for the log what the database said.
func (r *readiness) check(ctx context.Context, w written) (answer, error) {
	a, err := r.checkDatabase(ctx, w)
	a.Checks.Clock = r.checkClock()
	a.Ready = a.Ready && a.Checks.Clock.OK
	return a, err
}

// checkClock tells of this machine's clock, or of what one that was wrong has left.
func (r *readiness) checkClock() check {
	if r.clock != nil {
		if says := r.clock(); says != "" {
			return check{false, says}
		}
	}
	return check{true, "nothing is known to be wrong with this machine's clock"}
}

func (r *readiness) checkDatabase(ctx context.Context, w written) (answer, error) {
	unknown := func(database, why string) answer {
		no := check{false, "not known while the database " + why}
		return answer{Checks: checks{Database: check{false, database}, Scan: no, Files: no, Delivery: delivery{check: no}}}
	}
	if err := r.database.Ping(ctx); err != nil {
		return unknown("does not answer: see the log, and the database's own", "does not answer"), err
	}
	now := r.now()
	state, err := r.database.Schedule(ctx, scheduler.ScheduleScan)
	var arrivals []store.Arrival
	var carries delivery
	if err == nil {
		arrivals, err = r.database.Arrivals(ctx)
	}
	var webhooks []store.WebhookState
	if err == nil {
		webhooks, err = r.database.WebhookStates(ctx, now)
	}
	able := false
	if err == nil {
		carries, able, err = r.checkDelivery(ctx, now, w)
	}
	if err != nil {
		return unknown("answers, but cannot be read: see the log, and the database's own", "cannot be read"), err
	}
	scan, files := r.checkScan(state.LastSuccess, now, w), checkFiles(arrivals, now, w)
	a := answer{Ready: scan.OK && files.OK && able, Checks: checks{Database: check{true, "answers"}, Scan: scan, Files: files, Delivery: carries, Webhooks: checkWebhooks(webhooks, now, w)}}
	if err = r.database.CheckWork(ctx); err != nil {
		a.Ready = false
		a.Checks.Database = check{false, "can be read, but what the daemon does cannot be done: " + cmp.Or(store.Cause(err), "see the log, and the database's own")}
	} else if since, why := r.fails(); !since.IsZero() {
		a.Ready = false
		a.Checks.Database = check{false, "can be read, but what the daemon does fails " + w.since(since) + ": " + why}
	}
	return a, err
}

// checkFiles looks whether the record system's files come as often as they should.
func checkFiles(arrivals []store.Arrival, now time.Time, w written) check {
	says, ok := []string{}, true
	for _, a := range arrivals {
		switch {
		case a.Late(now):
			ok = false
			says = append(says, fmt.Sprintf("no file of %s has come into the inbox %s, and one is expected every %s: look at the record system", a.Of, w.since(a.Last()), a.Within))
		case !a.Arrived.IsZero():
			says = append(says, fmt.Sprintf("the last file of %s came %s", a.Of, w.at(a.Arrived)))
		}
	}
	if len(says) == 0 {
		return check{true, "none has come into the inbox yet, and none is late"}
	}
	return check{ok, strings.Join(says, "; ")}
}

// checkScan measures from the later of the last good scan and the start of this
// process: whoever has just started, perhaps after a long outage, has until its
// first scan is late. One is late once the next after it should have been. A good scan
// that is yet to come proves nothing.
func (r *readiness) checkScan(last, now time.Time, w written) check {
	if r.scan == nil {
		return check{true, "this daemon is not to scan: schedules.scan is empty"}
	}
	from, says := last, "the last good scan ended "+w.at(last)
	switch {
	case last.After(now.Add(store.ClockTolerance)):
		from = r.started
		says += ", which is yet to come: a clock was wrong then, and the next scan puts that right; this daemon started " + w.at(r.started)
	case last.IsZero():
		from, says = r.started, "there has been none yet; this daemon started "+w.at(r.started)
	case last.Before(r.started):
		from = r.started
		says += ", before this daemon started " + w.at(r.started)
	}
	expected := r.scan.Next(from)
	latest := expected
	if next := r.scan.Next(expected); !expected.IsZero() && !next.IsZero() {
		latest = next
	}
	if expected.IsZero() || !now.After(latest.Add(scanPatience)) {
		return check{true, says}
	}
	return check{false, fmt.Sprintf("%s; one was due %s and is late: see the log for why", says, w.at(expected))}
}

func (r *readiness) forPrograms() written {
	return written{"at", func(t time.Time) string { return t.In(r.zone).Format(time.RFC3339) }}
}

func (r *readiness) inWords() written {
	return written{"on", func(t time.Time) string {
		m := notify.MomentOf(t, r.now(), r.zone)
		return m.Date + ", " + m.Clock
	}}
}

// note logs when the daemon ceases to be ready and when it is so again. Probes
// come every few seconds and would fill the log.
func (r *readiness) note(a answer, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.Ready != r.unready {
		return
	}
	r.unready = !a.Ready
	if a.Ready {
		r.log.Info("ready again")
		return
	}
	attributes := []any{"database", a.Checks.Database.Says, "scan", a.Checks.Scan.Says, "delivery", a.Checks.Delivery.Says, "files", a.Checks.Files.Says, "clock", a.Checks.Clock.Says}
	if err != nil {
		attributes = append(attributes, "reason", err)
	}
	r.log.Warn("not ready", attributes...)
}
