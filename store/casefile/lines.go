package casefile

import (
	"time"

	"example.org/doorstep/pathway"
)

// DutyLine is a duty as programs read it: what simulate says of it too has the same
// name here. Times are RFC 3339 with the organisation's offset, empty where there is
// none.
type DutyLine struct {
	Case      string        `json:"case" doc:"reference of the case"`
	Duty      string        `json:"duty" doc:"what is to be done, by its id in the pathway" example:"discuss-with-manager"`
	Title     string        `json:"title"`
	Attempt   int           `json:"attempt,omitempty" doc:"the unsuccessful visit in a row that it followed"`
	Owner     pathway.Role  `json:"owner" doc:"the role that is to do it"`
	Person    string        `json:"person" doc:"who has that role now, by id; empty: nobody"`
	Manager   string        `json:"manager"`
	Team      string        `json:"team"`
	Opened    string        `json:"opened_at"`
	OpensFrom string        `json:"opens_from,omitempty" doc:"from when it can be done, where it has a window"`
	Due       string        `json:"due_at"`
	State     pathway.State `json:"state"`
	Basis     pathway.Basis `json:"basis" doc:"guidance, or local: the organisation's own default"`
	Why       string        `json:"why" doc:"why it is due then"`
}

// Stamp writes a time for programs; empty for none.
func Stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// Line is the duty as programs read it.
func (d *OpenDuty) Line(zone *time.Location) DutyLine {
	return DutyLine{d.Case, d.Duty.Duty.ID, d.Title, d.Attempt, d.Duty.Owner, d.OpenDuty.Owner, d.Manager, d.Team,
		Stamp(d.Opened, zone), Stamp(d.OpensFrom, zone), Stamp(d.Due, zone), d.State, d.Basis, d.Why}
}
