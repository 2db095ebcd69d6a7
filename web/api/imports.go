package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

const (
	// mostImported is how much one request may bring.
	mostImported = 256 << 20
	// importPatience is how long a request may take to bring it, and to be answered.
	importPatience = 10 * time.Minute

	typeCSV  = "text/csv"
	typeJSON = "application/json"
)

// importAsked is how rows are to be taken in. The rows themselves are read as they come.
type importAsked struct {
	DryRun          bool   `query:"dry_run" doc:"say what would change, and keep nothing"`
	Partial         bool   `query:"partial" doc:"keep the good rows and say which are bad; otherwise it is all or nothing"`
	AllowMassChange bool   `query:"allow_mass_change" doc:"take in what changes a field of a large part of all that is known"`
	Mapping         string `query:"mapping" doc:"how columns and codes are read, by name"`

	body io.Reader
	is   string // the type of the body
}

// Resolve keeps the body to be read while it comes.
func (i *importAsked) Resolve(c huma.Context) []error {
	r, w := humago.Unwrap(c)
	control := http.NewResponseController(w)
	until := time.Now().Add(importPatience)
	if err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until)); err != nil {
		return []error{err}
	}
	i.body = http.MaxBytesReader(w, r.Body, mostImported)
	i.is, _, _ = mime.ParseMediaType(cmp.Or(c.Header("Content-Type"), typeCSV)) // another one is refused below
	return nil
}

type importDone struct {
	Body struct {
		Rows         int                `json:"rows"`
		Added        int                `json:"added"`
		Changed      int                `json:"changed"`
		Unchanged    int                `json:"unchanged"`
		DutiesOpened int                `json:"duties_opened"`
		DutiesMet    int                `json:"duties_met"`
		DutiesMoved  int                `json:"duties_moved"`
		DutiesEnded  int                `json:"duties_ended"`
		Kept         bool               `json:"kept" doc:"false for a dry run"`
		RejectedRows int                `json:"rejected_rows"`
		PassedOver   int                `json:"passed_over" doc:"rows that the mapping leaves out"`
		Fields       []fieldChanged     `json:"fields,omitempty" doc:"what changes of what was known, field by field"`
		Errors       []huma.ErrorDetail `json:"errors,omitempty" doc:"why rows were left out, the first hundred"`
		Notes        []string           `json:"notes,omitempty" doc:"what whoever recorded the rows should know"`
	}
}

type fieldChanged struct {
	Field   string `json:"field"`
	Changed int    `json:"changed"`
	Emptied int    `json:"emptied" doc:"those among them"`
	Says    string `json:"says" doc:"the same in a sentence, with the first examples"`
}

func (a *api) addImports(to huma.API) {
	text := &huma.Schema{Type: huma.TypeString, Description: "With a header row, as doorstep import reads it."}
	rows := &huma.Schema{Type: huma.TypeArray, Description: "The same columns; every row has the same keys. A key that is not there leaves what is known as it is.",
		Items: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString}}}
	for _, kind := range []struct{ of, scope string }{{intake.People, ScopePeople}, {intake.Cases, ScopeCases}, {intake.Events, ScopeEvents}} {
		huma.Register(to, huma.Operation{
			OperationID: "import-" + kind.of, Method: http.MethodPost, Path: "/import/" + kind.of, Summary: "Take in " + kind.of + ", as a file of them would be",
			Security: needs(kind.scope), Tags: []string{"import"},
		}, func(ctx context.Context, asked *importAsked) (*importDone, error) {
			return a.importRows(ctx, kind.of, asked)
		})
		// Said in the document only: the rows are not read to be checked against it.
		said := to.OpenAPI().Paths["/import/"+kind.of]
		operation := *said.Post
		operation.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{typeCSV: {Schema: text}, typeJSON: {Schema: rows}}}
		said.Post = &operation
	}
}

func (a *api) importRows(ctx context.Context, of string, asked *importAsked) (*importDone, error) {
	source := intake.Source{Of: of, Name: of}
	if asked.Mapping != "" {
		mapping, is := a.Mappings[asked.Mapping]
		if !is {
			return nil, badValue("query.mapping", fmt.Sprintf("there is no mapping %q: see doorstep mapping list", asked.Mapping))
		}
		source.Mapping = &mapping
	}
	content, rowOf := asked.body, func(line int) string { return fmt.Sprintf("line %d", line) }
	switch asked.is {
	case typeCSV:
	case typeJSON:
		rows := newJSONRows(asked.body)
		content, rowOf = rows, rows.place
	default:
		return nil, &huma.ErrorModel{Status: http.StatusUnsupportedMediaType, Title: http.StatusText(http.StatusUnsupportedMediaType),
			Detail: "send " + typeCSV + " or " + typeJSON + ", and say which in Content-Type"}
	}
	done, err := a.Importer.Import(ctx, a.Now(), content, source, intake.ImportOptions{
		DryRun: asked.DryRun, Partial: asked.Partial, AllowMassChange: asked.AllowMassChange, Who: who(ctx)})
	if done.MassChange != "" {
		return nil, badValue("", done.MassChange+"; nothing was imported: check that the rows are all there and their columns the right ones, or send them with allow_mass_change=true")
	}
	var faults *intake.Faults
	if errors.As(err, &faults) {
		problem := a.problem(ctx, err)
		problem.Detail = "nothing was imported: correct these rows, or send them with partial=true to import the others"
		problem.Errors = details(faults.List, rowOf)
		return nil, problem
	}
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	if done.Kept {
		// From when the record system's data is, for digests and /readyz. The rows are
		// kept whatever becomes of this.
		if err := a.Store.NoteArrival(ctx, a.Now(), of, a.Now()); err != nil {
			a.Log.Error("cannot note that rows came by the API", "of", of, "error", err)
		}
	}
	answer := &importDone{}
	b := &answer.Body
	b.Rows, b.Added, b.Changed, b.Unchanged, b.Kept = done.Rows, done.Added, done.Changed, done.Unchanged, done.Kept
	b.DutiesOpened, b.DutiesMet, b.DutiesMoved, b.DutiesEnded = done.DutiesOpened, done.DutiesMet, done.DutiesMoved, done.DutiesEnded
	b.RejectedRows, b.PassedOver = done.RejectedRows(), done.Skipped
	for i := range done.Fields {
		f := &done.Fields[i]
		b.Fields = append(b.Fields, fieldChanged{f.Field, f.Changed, f.Emptied, f.String()})
	}
	for _, d := range details(done.Rejected[:min(len(done.Rejected), mostTold)], rowOf) {
		b.Errors = append(b.Errors, *d)
	}
	for _, n := range done.Notes {
		b.Notes = append(b.Notes, rowOf(n.Row)+": "+n.Message)
	}
	return answer, nil
}

// mostTold is how many rows that were left out an answer speaks of.
const mostTold = 100

func details(faults []intake.Fault, rowOf func(line int) string) []*huma.ErrorDetail {
	var all []*huma.ErrorDetail
	for _, f := range faults {
		var where []string
		if f.Row > 0 {
			where = append(where, rowOf(f.Row))
		}
		if f.Column != "" {
			where = append(where, "column "+pathway.Escaped(f.Column))
		}
		message := pathway.Escaped(f.Message)
		if n := len(f.Others); n > 0 {
			message += fmt.Sprintf(" (and %s to %s)", pathway.Counted(n, "more row"), rowOf(f.Others[n-1]))
		}
		all = append(all, &huma.ErrorDetail{Location: strings.Join(where, ", "), Message: message})
	}
	return all
}
