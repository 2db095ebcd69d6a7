package intake

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// ReadEvent reads one event that somebody gives value by value, by column, exactly as
// a row of a file of events is read. What is wrong is in faults, by column, and there
// is no event then.
func ReadEvent(ctx context.Context, values map[string]string, rules *pathway.Rules, now time.Time) (e pathway.Event, faults []Fault, err error) {
	t := tables[Events]
	var header, row []string
	for _, column := range t.columns {
		if value := values[column]; value != "" || slices.Contains(t.required, column) {
			header, row = append(header, column), append(row, value)
		}
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	if err := w.WriteAll([][]string{header, row}); err != nil {
		return e, nil, err
	}
	var one oneEvent
	result, err := Read(ctx, strings.NewReader(text.String()), Options{Of: Events, File: "event", Rules: rules, Now: now}, &one)
	return one.Event, result.Faults, err
}

// oneEvent is a Sink for a single event.
type oneEvent struct{ pathway.Event }

func (o *oneEvent) AddPerson(int, pathway.Person, pathway.Given) error { return nil }
func (o *oneEvent) AddCase(int, pathway.Case, pathway.Given) error     { return nil }
func (o *oneEvent) AddEvent(_ int, e pathway.Event, _ pathway.Given) error {
	o.Event = e
	return nil
}
