package store

import (
	"database/sql"

	"example.org/doorstep/pathway"
)

const eventColumns = "case_ref, id, kind, at, recorded_at, by_person, by_role, value, due_at, booked_for, reason"

func addEvent(b *bulk, e *pathway.Event) {
	b.row()
	b.text(e.Case, e.ID, e.Kind)
	b.instants(e.At, e.Recorded)
	b.text(e.By, string(e.ByRole), e.Value)
	b.instants(e.Due, e.Booked)
	b.text(e.Reason)
}

func scanEvent(rows *sql.Rows) (pathway.Event, error) {
	var e pathway.Event
	var at, recorded, due, booked sql.NullInt64
	err := rows.Scan(&e.Case, &e.ID, &e.Kind, &at, &recorded, &e.By, &e.ByRole, &e.Value, &due, &booked, &e.Reason)
	e.At, e.Recorded, e.Due, e.Booked = instant(at), instant(recorded), instant(due), instant(booked)
	return e, err
}

// sameEvent reports whether two events with one id say the same, and otherwise
// which column differs. When an event was recorded does not count: a file that
// leaves it out says a new time on every import.
func sameEvent(a, b *pathway.Event) (column string, same bool) {
	switch {
	case a.Kind != b.Kind:
		return "kind", false
	case !a.At.Equal(b.At):
		return "at", false
	case a.By != b.By:
		return "by", false
	case a.Value != b.Value:
		return "value", false
	case !a.Due.Equal(b.Due):
		return "due_at", false
	case !a.Booked.Equal(b.Booked):
		return "booked_for", false
	case a.Reason != b.Reason:
		return "reason", false
	}
	return "", true
}

const (
	flagKey     = "case_ref, id, event, duty"
	flagColumns = flagKey + ", text, raised_at"
)

func scanFlag(rows *sql.Rows) (ref string, f pathway.Flag, err error) {
	var raised int64
	err = rows.Scan(&ref, &f.ID, &f.Event, &f.Duty, &f.Text, &raised)
	return ref, f, err
}
