package printing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store/storetest"
)

// TestCaseloadCallsForWhatTheDayDoesNotOvertake: the office prints when the day ends.
func TestCaseloadCallsForWhatTheDayDoesNotOvertake(t *testing.T) {
	o := newOffice(t, storetest.OpenMemory(t))
	tables, err := o.Stationery.Tables()
	if err != nil {
		t.Fatal(err)
	}
	at := func(clock string) time.Time { return instant(t, "2026-12-02 "+clock) }
	event := func(ref int, clock, kind string, booked time.Time) pathway.Event {
		return pathway.Event{Case: fmt.Sprint("SW-", ref), ID: fmt.Sprint(kind, " ", clock), Kind: kind, At: at(clock), Recorded: at(clock), Booked: booked}
	}
	offered := func(ref int, clock string) pathway.Event {
		return event(ref, clock, pathway.KindAppointmentOffered, at("10:00").AddDate(0, 0, 9))
	}
	sibling := o.family(2, func(c *pathway.Case) { c.Household = "H1" })
	for _, tt := range []struct {
		name   string
		events []pathway.Event
		want   []string
	}{
		{"seen in the afternoon", []pathway.Event{event(1, "10:00", pathway.KindNoAccess, time.Time{}), event(1, "15:00", pathway.KindSeen, time.Time{})}, nil},
		{"seen when the day was over", []pathway.Event{event(1, "10:00", pathway.KindNoAccess, time.Time{}), event(1, "17:00", pathway.KindSeen, time.Time{})},
			[]string{"10:00 SW-1 card rearrange"}},
		{"all of it in the evening", []pathway.Event{event(1, "18:00", pathway.KindNoAccess, time.Time{}), event(1, "19:00", pathway.KindSeen, time.Time{})},
			[]string{"18:00 SW-1 card rearrange"}},
		{"one letter for a household", []pathway.Event{offered(1, "10:00"), offered(2, "10:00")}, []string{"10:00 SW-1 letter appointment"}},
		{"one letter for a household, and the first child is seen", []pathway.Event{offered(1, "10:00"), offered(2, "10:00"), event(1, "11:00", pathway.KindSeen, time.Time{})},
			[]string{"10:00 SW-2 letter appointment"}},
		{"before and after what is asked for", []pathway.Event{event(1, "08:59", pathway.KindNoAccess, time.Time{}), event(2, "22:01", pathway.KindNoAccess, time.Time{})}, nil},
	} {
		cases := []pathway.Case{o.family(1, nil), sibling}
		called, err := printing.CalledFor(o.Rules, tables, pointers(cases), pointers(tt.events), at("09:00"), at("22:00"))
		var got []string
		for _, c := range called {
			got = append(got, fmt.Sprint(c.Recorded.Format("15:04 "), c.Case, " ", c.Kind, " ", c.Variant))
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q called for (%v), want %q", tt.name, got, err, tt.want)
		}
	}
}

// pointers goes through the elements of a list.
func pointers[T any](list []T) func(yield func(*T) bool) {
	return func(yield func(*T) bool) {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}
