package pages

import (
	"encoding/json"
	"slices"

	"example.org/doorstep/store/casefile"
)

// told is who is told now of what somebody has just saved, besides themselves.
type told struct {
	Event     string // the first event that was saved
	People    []toldNow
	Household []string // cases, whose practitioners are told of a visit
}

type toldNow struct {
	Person   string // id
	Channels []string
}

// keepTold has the page that comes next say who is told of what was saved.
func (v *visit) keepTold(event string, ahead *casefile.Ahead) error {
	t := told{Event: event, Household: ahead.Household}
	for _, n := range ahead.Told {
		if n.Person.ID != v.person.ID {
			t.People = append(t.People, toldNow{n.Person.ID, n.Channels})
		}
	}
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	v.sessions.Put(v.ctx(), sessionTold, string(text))
	return nil
}

// toldOf is who is told of an event that was saved last, or with it; nil: it was another.
func (v *visit) toldOf(event string) *told {
	var t told
	if err := json.Unmarshal([]byte(v.sessions.GetString(v.ctx(), sessionTold)), &t); err != nil || t.Event != event {
		return nil
	}
	for _, n := range t.People {
		slices.Sort(n.Channels)
	}
	return &t
}
