package scheduler

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
)

// office takes messages and keeps them.
type office struct{ messages []notify.Message }

func (o *office) Send(_ context.Context, _ time.Time, m notify.Message) notify.Outcome {
	o.messages = append(o.messages, m)
	return notify.Outcome{State: notify.Sent}
}

func (o *office) Close(context.Context) error { return nil }

// TestPractitionerIsToldToPhone: a case that is unsafe to write to gives a call
// in place of a card; its practitioner hears of it once, when the office opens.
func TestPractitionerIsToldToPhone(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		for _, ref := range []string{"SW-1", "SW-2", "SW-3"} {
			w.opens(duty{ref: ref, id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-10-01 17:00"})
		}
		w.do(`UPDATE cases SET now_practitioner = '' WHERE ref = 'SW-2'`)
		saturday := at(t, "2026-09-05 20:00")
		for ref, queued := range map[string]time.Time{"SW-1": saturday, "SW-2": saturday, "SW-3": saturday.AddDate(0, 0, -30)} {
			w.do(`INSERT INTO print_items (case_ref, event, kind, variant, why, refused, once, queued_at, state)
				VALUES ($1, 'x1', 'phone', 'rearrange', 'the case is marked unsafe to write to', '', '', $2, 'queued')`, ref, queued.UnixMilli())
		}
		w.do(`UPDATE print_items SET state = 'printed' WHERE case_ref = 'SW-1'`) // its cover sheet names the call
		scanner := NewScanner(w.store, w.rules, func(string) *pathway.Person { return nil }, w.clock)
		for _, want := range []int{2, 0} {
			if told, err := scanner.tellCalls(t.Context(), nil, saturday); err != nil || told != want {
				t.Fatalf("%d told, %v; want %d", told, err, want)
			}
		}
		var o office
		d := w.sender("h")
		w.clock.jump(saturday)
		if _, err := d.drain(t.Context(), notify.ByEmail, &o); err != nil || len(o.messages) != 0 {
			t.Fatalf("on Saturday night %d messages went, %v; want none", len(o.messages), err)
		}
		w.clock.jump(at(t, "2026-09-07 08:00"))
		if _, err := d.drain(t.Context(), notify.ByEmail, &o); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range o.messages {
			got = append(got, m.To.Email+": "+m.Alert.Says+" "+m.Alert.CaseRef)
			if !strings.Contains(m.Alert.Reason, "unsafe to write to") {
				t.Errorf("the message says %q, want why", m.Alert.Reason)
			}
		}
		slices.Sort(got)
		want := []string{
			"g1@example.org: phone-family SW-2", // nobody is allocated
			"w1@example.org: phone-family SW-1",
		}
		if !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}
