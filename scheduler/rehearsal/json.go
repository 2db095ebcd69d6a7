package rehearsal

import (
	"encoding/json"
	"io"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
)

// instant writes a time with the local offset, or null.
type instant struct {
	time.Time
	zone *time.Location
}

func (i instant) MarshalJSON() ([]byte, error) {
	if i.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(i.In(i.zone).Format(time.RFC3339))
}

// IsZero leaves a time out that is not known.
func (i instant) IsZero() bool { return i.Time.IsZero() }

type dutyJSON struct {
	Type      string        `json:"type"`
	Case      string        `json:"case"`
	Duty      string        `json:"duty"`
	Attempt   int           `json:"attempt"`
	Owner     pathway.Role  `json:"owner"`
	OpenedAt  instant       `json:"opened_at"`
	OpensFrom instant       `json:"opens_from,omitzero"`
	DueAt     instant       `json:"due_at"`
	State     pathway.State `json:"state"`
	MetAt     instant       `json:"met_at,omitzero"`
	Early     bool          `json:"early,omitempty"`
	Ended     string        `json:"ended,omitempty"`
	Basis     pathway.Basis `json:"basis"`
	Why       string        `json:"why"`
}

type messageJSON struct {
	Type    string       `json:"type"`
	At      instant      `json:"at"`
	Case    string       `json:"case"`
	Duty    string       `json:"duty"`
	Attempt int          `json:"attempt"`
	Ladder  string       `json:"ladder"`
	Rung    string       `json:"rung"`
	Role    pathway.Role `json:"role"`
	Person  string       `json:"person"`
	Channel string       `json:"channel"`
}

type digestJSON struct {
	Type     string  `json:"type"`
	At       instant `json:"at"`
	Person   string  `json:"person"`
	Overdue  int     `json:"overdue"`
	DueToday int     `json:"due_today"`
	DueSoon  int     `json:"due_soon"`
}

type deliveryJSON struct {
	Type    string   `json:"type"`
	At      instant  `json:"at"`
	Person  string   `json:"person"`
	Channel string   `json:"channel"`
	Kind    string   `json:"kind"`
	Cases   []string `json:"cases,omitempty"`
	Duty    string   `json:"duty,omitempty"`
	Rung    string   `json:"rung,omitempty"`
	State   string   `json:"state"`
	Reason  string   `json:"reason,omitempty"`
	NextTry instant  `json:"next_try_at,omitzero"`
	InPlace string   `json:"in_place_of,omitempty"`
	Alert   string   `json:"alert,omitempty"`
}

type printJSON struct {
	Type    string  `json:"type"`
	At      instant `json:"at"`
	Case    string  `json:"case"`
	Kind    string  `json:"kind"`
	Variant string  `json:"variant"`
}

// WriteJSON writes a line as one JSON object (FORMATS, "simulate"), with times in the
// given zone.
func (l *Line) WriteJSON(w io.Writer, zone *time.Location) error {
	at := func(t time.Time) instant { return instant{t, zone} }
	var value any
	switch {
	case l.Duty != nil:
		d := l.Duty
		value = dutyJSON{
			Type: "duty", Case: d.Case, Duty: d.ID, Attempt: d.Attempt, Owner: d.Owner,
			OpenedAt: at(d.Opened), OpensFrom: at(d.OpensFrom), DueAt: at(d.Due),
			State: d.StateAt(l.AsOf), MetAt: at(d.Met), Early: d.Early, Ended: d.EndedWhy, Basis: d.Basis, Why: d.Why,
		}
	case l.Reminder != nil:
		r := l.Reminder
		value = messageJSON{"message", at(r.At), r.Case, r.Duty, r.Attempt, r.Ladder, r.Rung, r.Role, r.Person, r.Channel}
	case l.Delivery != nil:
		d := l.Delivery
		value = deliveryJSON{"delivery", at(d.At), d.Person, d.Channel, string(d.Kind), d.Cases, d.Duty, d.Rung, d.What, d.Reason, at(d.Next), d.InPlaceOf, alertOf(d)}
	case l.Print != nil:
		value = printJSON{"print", at(l.At), l.Print.Case, l.Print.Kind, l.Print.Variant}
	default:
		d := l.Digest
		value = digestJSON{"digest", at(d.At), d.Person, d.Overdue, d.DueToday, d.DueSoon}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// alertOf is what an alert says, by name.
func alertOf(d *scheduler.SimulatedDelivery) string {
	if d.Alert == nil {
		return ""
	}
	return d.Alert.Says
}
