package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

type messagesAsked struct {
	Case   string `query:"case" doc:"about this case"`
	Person string `query:"person" doc:"to this person, by id"`
	State  string `query:"state" enum:"queued,sending,sent,delivered,failed-temporarily,failed,cancelled"`
	After  string `query:"after" doc:"next of the page before; also the last id that was seen"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// messageLine is a message without its text, and without the address it went to.
type messageLine struct {
	ID      string      `json:"id"`
	Kind    string      `json:"kind" doc:"reminder, digest, alert and so on"`
	Person  string      `json:"person" doc:"to whom, by id"`
	Channel string      `json:"channel" enum:"email,sms"`
	State   string      `json:"state"`
	Reason  string      `json:"reason,omitempty" doc:"of the state, where there is one"`
	Created string      `json:"created_at"`
	Sent    string      `json:"sent_at,omitempty"`
	Arrived string      `json:"progress,omitempty" doc:"how far its receipts say it has come"`
	About   []aboutDuty `json:"about,omitempty" doc:"what it reminds of"`
	More    int         `json:"about_restricted,omitempty" doc:"of how many duties on restricted cases it reminds as well"`
}

type aboutDuty struct {
	Case string `json:"case"`
	Duty string `json:"duty"`
	Rung string `json:"rung"`
	Role string `json:"role"`
}

type messagesPage struct {
	Body struct {
		Messages []messageLine `json:"messages" nullable:"false" doc:"in the order in which they were made"`
		Next     string        `json:"next,omitempty" doc:"give it as after for the next page; absent on the last"`
	}
}

func (a *api) addMessages(to huma.API) {
	huma.Register(to, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/messages", Summary: "What was said to staff, and whether it arrived",
		Security: needs(ScopeRead), Tags: []string{"messages"},
	}, a.messages)
}

func (a *api) messages(ctx context.Context, asked *messagesAsked) (*messagesPage, error) {
	f := store.MessageFilter{Case: asked.Case, Person: asked.Person, State: store.MessageState(asked.State), Most: asked.Limit + 1}
	if asked.After != "" {
		var err error
		if f.After, err = strconv.ParseInt(asked.After, 10, 64); err != nil {
			return nil, badValue("query.after", "this is not what a page gave as next: send that as it came")
		}
	}
	if f.Person != "" {
		if _, err := a.Store.Person(ctx, f.Person); err != nil {
			return nil, a.problem(ctx, err)
		}
	}
	found, err := a.Store.Messages(ctx, f)
	if err != nil {
		return nil, a.problem(ctx, err)
	}
	page := &messagesPage{}
	page.Body.Messages = []messageLine{}
	for i := range found {
		if i == asked.Limit {
			page.Body.Next = page.Body.Messages[i-1].ID
			break
		}
		m := &found[i]
		line := messageLine{ID: strconv.FormatInt(m.ID, 10), Kind: m.Kind, Person: m.Person, Channel: m.Channel, State: string(m.State), Reason: m.Reason,
			Created: casefile.Stamp(m.Created, a.zone), Sent: casefile.Stamp(m.Sent, a.zone), Arrived: m.Progress}
		for _, r := range m.Reminders {
			if r.Restricted {
				line.More++
				continue
			}
			line.About = append(line.About, aboutDuty{r.Duty.Case, r.Duty.ID, r.Rung, string(r.Role)})
		}
		page.Body.Messages = append(page.Body.Messages, line)
	}
	return page, nil
}
