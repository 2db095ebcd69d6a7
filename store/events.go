package store

import (
	"example.org/doorstep/pathway"
)

const eventColumns = "case_ref, id, kind, at, recorded_at, by_person, by_role, value, due_at, booked_for, reason, place, reason_code, way"

func addEvent(b *bulk, e *pathway.Event) {
	b.row()
	b.text(e.Case, e.ID, e.Kind)
	b.instants(e.At, e.Recorded)
	b.text(e.By, string(e.ByRole), e.Value)
	b.instants(e.Due, e.Booked)
	b.text(e.Reason, e.Place, e.ReasonCode, e.Way)
}

// scanEvent reads an event's columns, and what stands behind them.
func scanEvent(rows row, behind ...any) (pathway.Event, error) {
	var e pathway.Event
	err := rows.Scan(append([]any{&e.Case, &e.ID, &e.Kind, readInstant(&e.At), readInstant(&e.Recorded), &e.By, &e.ByRole, &e.Value, readInstant(&e.Due), readInstant(&e.Booked),
		&e.Reason, &e.Place, &e.ReasonCode, &e.Way}, behind...)...)
	return e, err
}

const (
	flagKey     = "case_ref, id, event, duty"
	flagColumns = flagKey + ", text, raised_at"
)

func scanFlag(rows row) (ref string, f pathway.Flag, err error) {
	var raised int64
	err = rows.Scan(&ref, &f.ID, &f.Event, &f.Duty, &f.Text, &raised)
	return ref, f, err
}
