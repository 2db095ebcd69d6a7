package pages

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
	"example.org/doorstep/web/signin"
)

// Options is what the pages need.
type Options struct {
	Store *store.Store
	Rules *pathway.Rules
	Paper *pathway.PaperTables // what a visit calls for on paper; nil: nothing
	// PrintRoom is the print room with the wording of now.
	PrintRoom func() (*printing.Room, error)
	Texts     fs.FS // configs/wording/pages
	// DutyDesk is who is told when nobody else is left.
	DutyDesk func(team string) *pathway.Person

	// Provider is where people sign in; nil: with a password of Doorstep's own only.
	Provider *signin.Provider
	// Tell tells whoever runs Doorstep of something, once for each key.
	Tell func(ctx context.Context, now time.Time, key string, alert notify.Alert)

	// Importer takes in files; Mappings are those that can be chosen, by name.
	Importer *intake.Importer
	Mappings map[string]intake.Mapping
	// TellOpened tells the manager of a case that somebody has opened it in an emergency.
	TellOpened func(ctx context.Context, now time.Time, ref, by string) error
	// TellSignedInPast tells those who look at who did what that somebody has signed in with a
	// password where people sign in elsewhere, and returns how many there are to tell.
	TellSignedInPast func(ctx context.Context, now time.Time, by string) (int, error)

	// Ways are how messages leave.
	Ways casefile.Ways
	// Kept is how long things are kept; nil: nothing is deleted.
	Kept []Kept
	// Service is the daemon that shows the pages; nil: there is none.
	Service *Service

	// RecordSystem is what staff call the record system, and RecordLink opens a case there,
	// notify.LinkReference standing for its reference; empty: there is none.
	RecordSystem, RecordLink string
	// AcknowledgementLasts is for how long whoever knows of a duty is not told of it again.
	AcknowledgementLasts time.Duration

	Organisation string
	CalendarPath string        // below which people's calendars are; empty: there are none
	PublicURL    string        // where people reach the pages; empty: where they listen
	Idle         time.Duration // after which somebody who does nothing is signed out
	// Loopback says that the pages are reached on this machine alone, without TLS: the
	// cookie then cannot be one for TLS only.
	Loopback bool
	Demo     bool // all is invented: a banner says so, and whoever looks chooses who they are
	// Instance tells this installation from others: every page carries it.
	Instance string

	Now func() time.Time
	Log *slog.Logger
}

// InstanceHeader is the header that carries Options.Instance.
const InstanceHeader = "Doorstep-Instance"

// longestSession is when somebody has to sign in again, whatever they do.
const longestSession = 10 * time.Hour

// app is all pages together.
type app struct {
	Options
	styles   *styles
	texts    texts
	sessions *scs.SessionManager
	mux      *http.ServeMux
	reports  reports
	uploads  uploads

	acknowledging sync.Mutex
}

// New returns the pages. The error says what is wrong with their texts.
func New(o Options) (http.Handler, error) {
	a := &app{Options: o, uploads: uploads{byID: map[string]*upload{}}, reports: reports{counting: map[int]bool{}, counted: map[int]reported{}}}
	var err error
	if a.styles, err = newStyles(); err != nil {
		return nil, err
	}
	if a.texts, err = readTexts(o.Texts); err != nil {
		return nil, err
	}
	a.sessions = a.newSessions()
	mux := http.NewServeMux()
	a.mux = mux
	mux.Handle("GET "+a.styles.path, a.styles)
	for pattern, page := range map[string]page{
		"GET /signin":         a.showSignIn,
		"POST /signin":        a.signIn,
		"GET /signin/start":   a.goToProvider,
		"GET " + ComeBackPath: a.comeBack,
		"POST /signout":       a.signOut,
	} {
		mux.Handle(pattern, a.handler(page))
	}
	for pattern, page := range map[string]page{
		"GET /{$}":                             a.first,
		"GET /cases/{ref}":                     a.showCase,
		"GET /cases/{ref}/contact":             a.showContact,
		"POST /cases/{ref}/contact":            a.showContact,
		"GET /cases/{ref}/chronology.pdf":      a.exportChronology,
		"POST /cases/{ref}/acknowledge/{duty}": a.acknowledge,
		"GET /cases/{ref}/record":              a.showRecord,
		"POST /cases/{ref}/record":             a.saveRecord,
		"GET /cases/{ref}/do/{duty}":           a.showAnswer,
		"POST /cases/{ref}/do/{duty}":          a.saveAnswer,
		"GET /cases/{ref}/void/{event}":        a.showVoid,
		"POST /cases/{ref}/void/{event}":       a.saveVoid,
		"GET /cases/{ref}/decide":              a.showDecide,
		"POST /cases/{ref}/decide":             a.saveDecide,
		"GET /duties":                          a.showDuties,
		"GET /emergency":                       a.showEmergency,
		"POST /emergency":                      a.saveEmergency,
		"GET /people":                          a.showPeople,
		"GET /people/{person}":                 a.showPerson,
		"POST /people/{person}/absence":        a.saveAbsence,
		"POST /people/{person}/contacts":       a.saveContacts,
		"GET /people/{person}/cases":           a.showCasesOf,
		"POST /people/{person}/cases":          a.moveCases,
		"GET /overdue":                         a.showOverdue,
		"GET /undelivered":                     a.showUndelivered,
		"POST /cases/{ref}/told/{duty}":        a.tellByPhone,
		"GET /readiness":                       a.showReadiness,
		"GET /reports":                         a.showReports,
		"GET /reports.csv":                     a.exportReports,
		"GET /audit":                           a.showAudit,
		"GET /audit.csv":                       a.exportAudit,
		"GET /account":                         a.showAccount,
		"POST /account/sessions/{session}":     a.endSession,
		"POST /account/calendar":               a.makeCalendar,
	} {
		mux.Handle(pattern, a.handler(a.signedIn(page)))
	}
	for _, pages := range []map[string]page{a.printPages(), a.importPages(), a.helpPages()} {
		for pattern, page := range pages {
			mux.Handle(pattern, a.handler(a.signedIn(page)))
		}
	}
	mux.Handle("POST /import", a.taking(a.signedIn(a.takeUpload)))
	mux.Handle("/", a.handler(func(v *visit) error { return v.lost(mux) }))
	protection := http.NewCrossOriginProtection()
	if u, err := url.Parse(o.PublicURL); err == nil && u.Host != "" {
		if err := protection.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, err
		}
	}
	protection.SetDenyHandler(a.handler(func(v *visit) error { return v.fail(http.StatusForbidden, "forbidden") }))
	return &shown{a.withHeaders(protection.Handler(a.withWhoAsks(a.sessions.LoadAndSave(mux)))), mux}, nil
}

// shown are the pages, which say which of them answers a request.
type shown struct {
	answers http.Handler
	mux     *http.ServeMux
}

func (s *shown) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.answers.ServeHTTP(w, r) }

// Handler is http.ServeMux's.
func (s *shown) Handler(r *http.Request) (http.Handler, string) { return s.mux.Handler(r) }

// page answers one request. A pathway.Problem that it returns becomes a page of its
// own; what else goes wrong is logged, and the page says no more than that.
type page func(v *visit) error

// visit is one request on its way.
type visit struct {
	*app
	w      http.ResponseWriter
	r      *http.Request
	now    time.Time
	person *pathway.Person // who is signed in; nil: nobody
	who    *pathway.Who
	staff  staff
	until  time.Time // when the case that they look at is closed to them again; zero: it is theirs
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// largestForm is how much a form may send.
const largestForm = 64 << 10

func (a *app) handler(p page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{app: a, w: w, r: r, now: a.Now()}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, largestForm)
			if err := r.ParseForm(); err != nil {
				v.problem(errors.Join(errUnreadable, err))
				return
			}
			nameForm(r.PostForm)
		}
		if err := p(v); err != nil {
			v.problem(err)
		}
	})
}

// taking is handler for what sends more than a form: the page reads it itself.
func (a *app) taking(p page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{app: a, w: w, r: r, now: a.Now()}
		if err := p(v); err != nil {
			v.problem(err)
		}
	})
}

// problem shows what went wrong.
func (v *visit) problem(err error) {
	var tooLarge *http.MaxBytesError
	var unknown unknownField
	kind := pathway.ProblemOf(err)
	switch {
	case errors.As(err, &tooLarge):
		err = v.fail(http.StatusRequestEntityTooLarge, "too-large")
	case errors.Is(err, errUnreadable):
		err = v.fail(http.StatusBadRequest, "unreadable")
	case errors.As(err, &unknown):
		err = v.failWith(http.StatusNotFound, "unknown-field", unknown.name)
	case errors.Is(err, errNotFound), kind == pathway.NotFound:
		err = v.fail(http.StatusNotFound, "not-found")
	case kind == pathway.Refused:
		err = v.failWith(http.StatusUnprocessableEntity, "refused", err.Error())
	case kind == pathway.Conflict:
		err = v.failWith(http.StatusConflict, "conflict", err.Error())
	case kind == pathway.Unavailable, store.IsTemporary(err), v.isDatabaseAway():
		v.Log.Warn("a page could not be shown", "method", v.r.Method, "reason", err)
		name := "unavailable"
		if v.r.Method == http.MethodPost && v.person != nil { // who it is is looked up first
			name = "unavailable-sent" // perhaps it was saved, and only the answer is missing
		}
		err = v.fail(http.StatusServiceUnavailable, name)
	default:
		v.Log.Error("a page failed", "method", v.r.Method, "reason", err)
		err = v.fail(http.StatusInternalServerError, "failed")
	}
	if err != nil {
		v.Log.Error("an error page failed", "reason", err)
	}
}

// isDatabaseAway asks the database itself, as soon as something has gone wrong.
func (v *visit) isDatabaseAway() bool {
	ctx, cancel := context.WithTimeout(v.ctx(), 2*time.Second)
	defer cancel()
	return v.Store.Ping(ctx) != nil
}

// errUnreadable is a form that did not come whole, or is none.
var errUnreadable = errors.New("the form cannot be read")

// errNotFound is what there is not, or what whoever asks may not see.
var errNotFound = errors.New("not found")

// fail shows an error page, which needs no database.
func (v *visit) fail(status int, name string) error { return v.failWith(status, name, "") }

func (v *visit) failWith(status int, name, says string) error {
	return v.show(status, "error", struct{ Name, Says string }{name, says})
}

// lost answers what no page has: 405 where one has it by another method.
func (v *visit) lost(pages *http.ServeMux) error {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := &http.Request{Method: method, URL: v.r.URL, Host: v.r.Host}
		if _, pattern := pages.Handler(other); pattern != "/" && pattern != "" {
			v.w.Header().Set("Allow", method)
			return v.fail(http.StatusMethodNotAllowed, "method")
		}
	}
	return errNotFound
}

// withHeaders sets what keeps browsers from doing more than showing a page.
func (a *app) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if a.Instance != "" {
			h.Set(InstanceHeader, a.Instance)
		}
		if !a.Loopback {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
