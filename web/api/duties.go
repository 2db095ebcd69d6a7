package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

type dutiesAsked struct {
	State     string `query:"state" enum:"open,overdue" doc:"still in time, or overdue; both where it is not given"`
	Owner     string `query:"owner" doc:"whose they are to do, by a person's id"`
	Manager   string `query:"manager" doc:"who manages the cases, or whom that manager reports to, by id"`
	DueBefore string `query:"due_before" doc:"those due before this day or time"`
	After     string `query:"after" doc:"next of the page before"`
	Limit     int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type dutiesPage struct {
	Body struct {
		Duties []casefile.DutyLine `json:"duties" nullable:"false" doc:"what is due first first"`
		Next   string              `json:"next,omitempty" doc:"give it as after for the next page; absent on the last"`
		// of the whole list
		Restricted int `json:"restricted_cases,omitempty" doc:"how many restricted cases have such duties as well; only those named on a case see them"`
	}
}

func (a *api) addDuties(to huma.API) {
	huma.Register(to, huma.Operation{
		OperationID: "list-duties", Method: http.MethodGet, Path: "/duties", Summary: "What is to be done, what is due first first",
		Security: needs(ScopeRead), Tags: []string{"duties"},
	}, a.duties)
}

func (a *api) duties(ctx context.Context, asked *dutiesAsked) (*dutiesPage, error) {
	wanted := casefile.DutiesWanted{Owner: asked.Owner, Manager: asked.Manager, State: pathway.State(asked.State), Most: asked.Limit}
	var err error
	if asked.DueBefore != "" {
		if wanted.DueBefore, err = intake.ParseTime(asked.DueBefore, a.zone); err != nil {
			return nil, badValue("query.due_before", err.Error())
		}
	}
	if wanted.After, err = casefile.ParseDutyPlace(asked.After); err != nil {
		return nil, badValue("query.after", err.Error())
	}
	found, err := casefile.DutyPageOf(ctx, a.Store, a.Rules, wanted, a.Now())
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	page := &dutiesPage{}
	page.Body.Restricted = found.Restricted
	page.Body.Next, page.Body.Duties = found.Next, make([]casefile.DutyLine, len(found.Duties))
	for i := range found.Duties {
		page.Body.Duties[i] = found.Duties[i].Line(a.zone)
	}
	return page, nil
}
