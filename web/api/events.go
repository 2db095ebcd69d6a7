package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

// eventGiven is one event, value by value as the columns of a file of events.
type eventGiven struct {
	EventID    string `json:"event_id,omitempty" doc:"its id in the record system: the same event sent again changes nothing"`
	Kind       string `json:"kind" doc:"what happened" example:"no-access"`
	At         string `json:"at,omitempty" doc:"when it happened; now where it is not given, and when it was first sent where its event_id is known. Without an event_id it must be given" example:"2026-12-24T16:00:00Z"`
	RecordedAt string `json:"recorded_at,omitempty" doc:"when it was entered; now where it is not given"`
	By         string `json:"by,omitempty" doc:"who did it: a person's id"`
	Value      string `json:"value,omitempty"`
	DueAt      string `json:"due_at,omitempty"`
	BookedFor  string `json:"booked_for,omitempty"`
	Place      string `json:"place,omitempty" doc:"home, or the id of a configured place"`
	Reason     string `json:"reason,omitempty"`
	ReasonCode string `json:"reason_code,omitempty"`
}

// columns are its values as a file has them. It happened at now where nobody says when.
func (e *eventGiven) columns(ref string, now time.Time) map[string]string {
	columns := map[string]string{
		"case_ref": ref, "event_id": e.EventID, "kind": e.Kind, "at": e.At, "recorded_at": e.RecordedAt, "by": e.By, "value": e.Value,
		"due_at": e.DueAt, "booked_for": e.BookedFor, "place": e.Place, "reason": e.Reason, "reason_code": e.ReasonCode,
	}
	if e.At == "" {
		columns["at"] = now.Format(time.RFC3339)
	}
	return columns
}

type eventRecorded struct {
	Status int
	Body   struct {
		EventID string     `json:"event_id"`
		Known   bool       `json:"known" doc:"it was recorded before, and nothing changed"`
		Duties  []caseDuty `json:"duties" nullable:"false" doc:"those that it opened, moved, met or ended, as they stand now; none of a restricted case"`
		Notes   []string   `json:"notes,omitempty" doc:"what whoever recorded it should know"`
	}
}

func (a *api) addEvents(to huma.API) {
	huma.Register(to, huma.Operation{
		OperationID: "record-event", Method: http.MethodPost, Path: "/cases/{ref}/events", Summary: "Record one event, and say what it changes",
		DefaultStatus: http.StatusCreated, MaxBodyBytes: 64 << 10, Security: needs(ScopeEvents), Tags: []string{"cases"},
	}, func(ctx context.Context, given *struct {
		Ref     string `path:"ref"`
		RawBody []byte
		Body    eventGiven
	}) (*eventRecorded, error) {
		if isEmptyIn(given.RawBody, "at") {
			return nil, badValue("body.at", "is empty: say when it happened, or leave it out if that is now")
		}
		if given.Body.EventID == "" && given.Body.At == "" {
			return nil, badValue("body.event_id", "and at are missing: give the event an event_id, or say at when it happened, or it would count once more each time it is sent")
		}
		return a.record(ctx, given.Ref, &given.Body)
	})
	// Said in the document only: what comes is JSON, and one that is known gives 200.
	said := to.OpenAPI().Paths["/cases/{ref}/events"]
	operation := *said.Post
	body := *operation.RequestBody
	body.Content = map[string]*huma.MediaType{typeJSON: body.Content[typeJSON]}
	operation.RequestBody = &body
	created := operation.Responses["201"]
	operation.Responses = maps.Clone(operation.Responses)
	operation.Responses["200"] = &huma.Response{Description: "It was recorded before, and nothing has changed.", Headers: created.Headers, Content: created.Content}
	said.Post = &operation
}

// isEmptyIn reports whether a JSON object has a key, and nothing under it: a record system
// that does not know when somebody was seen does not mean now.
func isEmptyIn(object []byte, key string) bool {
	var values map[string]any
	if json.Unmarshal(object, &values) != nil {
		return false
	}
	value, given := values[key]
	return given && (value == nil || value == "")
}

// firstSaid is when an event happened that was sent before without saying when: then, and
// not now. Else it is now.
func (a *api) firstSaid(ctx context.Context, ref string, given *eventGiven, now time.Time) (time.Time, error) {
	if given.At != "" || given.EventID == "" {
		return now, nil
	}
	events, err := a.Store.EventsOfKinds(ctx, []string{ref}, []string{given.Kind})
	for _, e := range events[ref] {
		if e.ID == given.EventID {
			return e.At, err
		}
	}
	return now, err
}

func (a *api) record(ctx context.Context, ref string, given *eventGiven) (*eventRecorded, error) {
	now := a.Now()
	happened, err := a.firstSaid(ctx, ref, given, now)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	event, faults, err := intake.ReadEvent(ctx, given.columns(ref, happened), a.Rules, now)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	if len(faults) > 0 {
		return nil, badEvent(faults)
	}
	recorded, err := casefile.Record(ctx, a.Store, a.Rules, a.Importer.Paper, now, "", pathway.WayAPI, event)
	if invalid := (store.InvalidEvents)(nil); errors.As(err, &invalid) {
		for _, f := range invalid {
			faults = append(faults, intake.Fault{Column: f.Column, Message: f.Message})
		}
		return nil, badEvent(faults)
	}
	if nobody := (*casefile.UnknownPerson)(nil); errors.As(err, &nobody) {
		return nil, badValue("body."+nobody.Column, nobody.Error())
	}
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	answer := &eventRecorded{Status: http.StatusCreated}
	if recorded.Known {
		answer.Status = http.StatusOK
	}
	answer.Body.EventID, answer.Body.Known, answer.Body.Duties = recorded.Event.ID, recorded.Known, []caseDuty{}
	on, err := a.Store.AccessCase(ctx, ref)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	if on.Restricted { // it opens to no token: what happened is taken, and nothing is told
		return answer, nil
	}
	answer.Body.Notes = recorded.Notes
	for i := range recorded.Duties {
		answer.Body.Duties = append(answer.Body.Duties, a.caseDuty(&recorded.Duties[i].Duty))
	}
	return answer, nil
}

// badEvent says what is wrong with an event, column by column.
func badEvent(faults []intake.Fault) *huma.ErrorModel {
	problem := badValue("body."+faults[0].Column, faults[0].Message)
	for _, f := range faults[1:] {
		problem.Errors = append(problem.Errors, &huma.ErrorDetail{Location: "body." + f.Column, Message: f.Message})
	}
	return problem
}
