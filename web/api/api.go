package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// Path is where the API is.
const Path = "/api/v1"

// What a token may do.
const (
	ScopeRead   = "read"   // cases, duties and messages
	ScopeEvents = "events" // what happened
	ScopeCases  = "cases"  // cases, as a file of them would bring
	ScopePeople = "people" // staff: who has which role, and where their messages go
)

// Scopes are all of them.
var Scopes = []string{ScopeRead, ScopeEvents, ScopeCases, ScopePeople}

// Options is what the API works with.
type Options struct {
	Version  string
	Store    *store.Store
	Rules    *pathway.Rules
	Importer *intake.Importer
	Mappings map[string]intake.Mapping // by name
	Now      func() time.Time
	Log      *slog.Logger
}

type api struct {
	Options
	zone *time.Location
}

// New returns what answers below Path.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	a := &api{o, o.Rules.Calendar.Location()}
	served := humago.NewWithPrefix(mux, Path, config(o.Version))
	served.UseMiddleware(a.onlyWithToken(served), onlyOnce(served))
	a.addDuties(served)
	a.addCases(served)
	a.addEvents(served)
	a.addMessages(served)
	a.addImports(served)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.nothing(w, r, mux) })
	return readToTheEnd(mux)
}

// nothing answers where there is nothing: 405 where there is by another method.
func (a *api) nothing(w http.ResponseWriter, r *http.Request, there *http.ServeMux) {
	status, says := http.StatusNotFound, "there is nothing at this path"
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := there.Handler(other); pattern != "/" && pattern != "" {
			w.Header().Set("Allow", method)
			status, says = http.StatusMethodNotAllowed, "this path is there for "+method+" alone"
		}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	err := json.NewEncoder(w).Encode(huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: says + ": " + Path + "/openapi.json lists what there is"})
	if err != nil {
		a.Log.Debug("an answer did not reach whoever asked", "error", err)
	}
}

const (
	// mostThrownAway is how much of a body that is refused is read all the same, so that
	// whoever sends it reads the answer in place of a connection that breaks.
	mostThrownAway = 32 << 20
	// throwingAway is how long that may take.
	throwingAway = 10 * time.Second
)

// readToTheEnd reads what an answer has left unread of what was sent.
func readToTheEnd(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := r.Body
		next.ServeHTTP(w, r)
		if http.NewResponseController(w).SetReadDeadline(time.Now().Add(throwingAway)) == nil {
			io.CopyN(io.Discard, body, mostThrownAway)
		}
	})
}

// onlyOnce refuses a query in which a name stands twice: one of the two would count
// without a word.
func onlyOnce(served huma.API) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		u := c.URL()
		for name, values := range u.Query() {
			if len(values) > 1 {
				twice := badValue("query."+name, "stands twice: keep one of the two")
				_ = huma.WriteErr(served, c, twice.Status, twice.Detail, twice.Errors[0])
				return
			}
		}
		next(c)
	}
}

// bearer is how requests are authorised, as the document calls it.
const bearer = "token"

func config(version string) huma.Config {
	c := huma.DefaultConfig("Doorstep", version)
	c.Info.Description = "What happened to open cases, what is to be done, and what was said. " +
		"Times are RFC 3339; given without an offset they are the organisation's."
	c.Servers = []*huma.Server{{URL: Path}}
	c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", nil
	c.RejectUnknownQueryParameters = true
	c.Formats = withoutRepeats(c.Formats)
	c.Transformers = []huma.Transformer{withoutValues}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{bearer: {
		Type: "http", Scheme: "bearer", Description: "A token of \"doorstep token add\", with the scope that the operation asks for.",
	}}
	return c
}

// withoutValues takes out of a problem what was sent: it may be about a family. Its detail
// says what is wrong, also where a check against the document has found it.
func withoutValues(_ huma.Context, _ string, v any) (any, error) {
	if problem, is := v.(*huma.ErrorModel); is {
		for i, detail := range problem.Errors {
			detail.Value = nil
			if i == 0 && problem.Detail == "validation failed" {
				problem.Detail = fmt.Sprintf("%s: %s: %s/openapi.json says what can stand there", detail.Location, detail.Message, Path)
			}
		}
	}
	return v, nil
}

// needs says what a token must be allowed for an operation.
func needs(scope string) []map[string][]string { return []map[string][]string{{bearer: {scope}}} }

// usedBy is the token that a request came with.
type usedBy struct{}

// onlyWithToken lets only requests through whose token may do what they ask for.
func (a *api) onlyWithToken(served huma.API) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		refuse := func(status int, why string) {
			c.SetHeader("WWW-Authenticate", "Bearer")
			// An error here is one of the connection: nobody is left to tell.
			_ = huma.WriteErr(served, c, status, why)
		}
		scheme, secret, _ := strings.Cut(c.Header("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || secret == "" {
			refuse(http.StatusUnauthorized, "this needs a token: send it as Authorization: Bearer TOKEN; doorstep token add makes one")
			return
		}
		token, err := a.Store.TokenOf(c.Context(), a.Now(), secret)
		switch {
		case errors.Is(err, store.ErrNotFound):
			refuse(http.StatusUnauthorized, "this token is not known, has expired or was revoked: see doorstep token list")
			return
		case err != nil:
			problem := a.problem(c.Context(), err)
			_ = huma.WriteErr(served, c, problem.Status, problem.Detail)
			return
		}
		for _, allowed := range c.Operation().Security {
			for _, scope := range allowed[bearer] {
				if !slices.Contains(token.Scopes, scope) {
					refuse(http.StatusForbidden, fmt.Sprintf("the token %q may not do this: it needs the scope %s", token.Name, scope))
					return
				}
			}
		}
		next(huma.WithValue(c, usedBy{}, token.Name))
	}
}

// who is the program that asks, as histories name it.
func who(ctx context.Context) string {
	name, _ := ctx.Value(usedBy{}).(string)
	return "token " + name
}

// problem is what went wrong, as a problem document says it. What is no fault of
// whoever asks goes into the log and is not told.
func (a *api) problem(ctx context.Context, err error) *huma.ErrorModel {
	status := map[pathway.ProblemKind]int{
		pathway.Refused: http.StatusUnprocessableEntity, pathway.NotFound: http.StatusNotFound,
		pathway.Conflict: http.StatusConflict, pathway.Unavailable: http.StatusServiceUnavailable,
	}[pathway.ProblemOf(err)]
	told := err.Error()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		status, told = http.StatusRequestEntityTooLarge, fmt.Sprintf("this is more than %d MB: send it in parts", tooLarge.Limit>>20)
	case status != 0:
	case ctx.Err() != nil:
		status, told = http.StatusServiceUnavailable, "the request was broken off: nothing was kept; send it again"
	default:
		status, told = http.StatusInternalServerError, "something went wrong here, and nothing was kept: the log says what"
		if store.IsTemporary(err) {
			status, told = http.StatusServiceUnavailable, "the database cannot be reached at the moment, and whether anything was kept is not certain: send it again later, under the same event_id where it has one"
		}
		a.Log.Error("a request of the API failed", "error", err)
	}
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: told}
}

// badValue is a problem with one value of a request.
func badValue(location, message string) *huma.ErrorModel {
	const status = http.StatusUnprocessableEntity
	return &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: message, Errors: []*huma.ErrorDetail{{Location: location, Message: message}}}
}
