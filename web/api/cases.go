package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// caseView is a case without where the family lives and how to reach them.
type caseView struct {
	Ref          string      `json:"ref"`
	Pathway      string      `json:"pathway" doc:"the one it is on now"`
	Title        string      `json:"title"`
	Opened       string      `json:"opened_at"`
	Closed       bool        `json:"closed"`
	Practitioner string      `json:"practitioner" doc:"a person's id, now; empty: nobody"`
	Manager      string      `json:"manager"`
	Chair        string      `json:"chair,omitempty"`
	Team         string      `json:"team"`
	Contact      string      `json:"contact,omitempty"`
	Plan         string      `json:"plan,omitempty"`
	Household    string      `json:"household,omitempty"`
	Attempt      int         `json:"attempt" doc:"unsuccessful visits in a row"`
	SafeToWrite  bool        `json:"safe_to_write"`
	Duties       []caseDuty  `json:"duties" nullable:"false" doc:"in the order in which they opened"`
	Events       []caseEvent `json:"events" nullable:"false" doc:"in the order in which they happened"`
	Flags        []string    `json:"flags,omitempty" doc:"what is worth a manager's look"`
}

type caseDuty struct {
	Duty        string        `json:"duty"`
	Title       string        `json:"title"`
	Attempt     int           `json:"attempt,omitempty"`
	Owner       pathway.Role  `json:"owner"`
	Opened      string        `json:"opened_at"`
	OpensFrom   string        `json:"opens_from,omitempty"`
	Due         string        `json:"due_at"`
	State       pathway.State `json:"state"`
	Met         string        `json:"met_at,omitempty"`
	Ended       string        `json:"ended_at,omitempty"`
	EndedWhy    string        `json:"ended_why,omitempty"`
	Basis       pathway.Basis `json:"basis"`
	Why         string        `json:"why"`
	Clause      string        `json:"clause,omitempty" doc:"of the guidance"`
	StillToTick []string      `json:"still_to_tick,omitempty" doc:"of its checklist"`
}

type caseEvent struct {
	ID         string `json:"event_id"`
	Kind       string `json:"kind"`
	At         string `json:"at"`
	Recorded   string `json:"recorded_at"`
	By         string `json:"by,omitempty"`
	Way        string `json:"way,omitempty" doc:"by which it came: file, text, command, page or api"`
	Value      string `json:"value,omitempty"`
	Due        string `json:"due_at,omitempty"`
	Booked     string `json:"booked_for,omitempty"`
	Place      string `json:"place,omitempty"`
	Reason     string `json:"reason,omitempty"`
	ReasonCode string `json:"reason_code,omitempty"`
	Voided     bool   `json:"voided,omitempty" doc:"it was recorded in error and counts for nothing"`
}

func (a *api) addCases(to huma.API) {
	huma.Register(to, huma.Operation{
		OperationID: "get-case", Method: http.MethodGet, Path: "/cases/{ref}", Summary: "One case: what happened, and what is to be done and why",
		Security: needs(ScopeRead), Tags: []string{"cases"},
	}, func(ctx context.Context, asked *struct {
		Ref string `path:"ref"`
	}) (*struct{ Body caseView }, error) {
		f, err := a.look(ctx, asked.Ref)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return &struct{ Body caseView }{a.caseView(f)}, nil
	})
}

// look reads a case, which is on record. A restricted one is for those named on it, of
// whom a program is none: that there is such a case is not said.
func (a *api) look(ctx context.Context, ref string) (*casefile.File, error) {
	on, err := a.Store.AccessCase(ctx, ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil, a.Store.NoCase(ctx, ref)
	}
	if err != nil {
		return nil, err
	}
	entry := store.AuditEntry{At: a.Now(), Who: who(ctx), Way: pathway.WayAPI, Deed: string(pathway.DeedLook), Case: ref}
	if on.Restricted {
		entry.Deed, entry.About = "refused", string(pathway.DeedLook)
	}
	if err := a.Store.AddLook(ctx, entry); err != nil {
		a.Log.Error("a request of the API failed", "error", err)
		return nil, pathway.NewProblem(pathway.Unavailable, "it cannot be put on record who looks, so nothing is shown: send it again later")
	}
	if on.Restricted {
		return nil, a.Store.NoCase(ctx, ref)
	}
	return casefile.Case(ctx, a.Store, a.Rules, ref, a.Now())
}

func (a *api) caseView(f *casefile.File) caseView {
	c := &f.Case
	v := caseView{
		Ref: c.Ref, Pathway: f.Now.Pathway, Title: f.Title, Opened: casefile.Stamp(c.Opened, a.zone), Closed: f.Now.Closed,
		Practitioner: f.Now.Practitioner, Manager: c.Manager, Chair: c.Chair, Team: c.Team, Contact: c.Contact, Plan: c.Plan,
		Household: c.Household, Attempt: f.Now.Attempt, SafeToWrite: f.Unsafe == "", Duties: []caseDuty{}, Events: []caseEvent{},
	}
	for i := range f.Duties {
		d := &f.Duties[i]
		v.Duties = append(v.Duties, a.caseDuty(d))
	}
	for i := range f.Events {
		e := &f.Events[i]
		v.Events = append(v.Events, caseEvent{e.ID, e.Kind, casefile.Stamp(e.At, a.zone), casefile.Stamp(e.Recorded, a.zone), e.By, e.Way, e.Value,
			casefile.Stamp(e.Due, a.zone), casefile.Stamp(e.Booked, a.zone), e.Place, e.Reason, e.ReasonCode, e.Voided})
	}
	for _, flag := range f.Flags {
		v.Flags = append(v.Flags, flag.Text)
	}
	return v
}

func (a *api) caseDuty(d *casefile.Duty) caseDuty {
	stamp := casefile.Stamp
	return caseDuty{d.Duty.Duty.ID, d.Title, d.Attempt, d.Owner, stamp(d.Opened, a.zone), stamp(d.OpensFrom, a.zone), stamp(d.Due, a.zone), d.State,
		stamp(d.Met, a.zone), stamp(d.Ended, a.zone), d.EndedWhy, d.Basis, d.Why, d.Clause, d.StillToTick}
}
