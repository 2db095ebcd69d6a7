package pathway

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWhichEventsStandVoided(t *testing.T) {
	const visit = "x1 no-access 2026-09-02 10:00"
	void := func(id, clock, of string) string { return id + " voided 2026-09-03 " + clock + " value=" + of }
	for _, test := range []struct {
		name   string
		events []string
		want   string
	}{
		{"nothing", []string{visit}, ""},
		{"a visit", []string{visit, void("v1", "10:00", "x1")}, "x1"},
		{"a visit that was put back", []string{visit, void("v1", "10:00", "x1"), void("v2", "11:00", "v1")}, "v1"},
		{"what put it back was voided", []string{visit, void("v1", "10:00", "x1"), void("v2", "11:00", "v1"), void("v3", "12:00", "v2")}, "v2 x1"},
		{"a visit that was put back and voided again", []string{visit, void("v1", "10:00", "x1"), void("v2", "11:00", "v1"), void("v3", "12:00", "x1")}, "v1 x1"},
		{"a visit that was voided twice, one of them in error", []string{visit, void("v1", "10:00", "x1"), void("v2", "10:30", "x1"), void("v3", "11:00", "v2")}, "v2 x1"},
		{"an earlier record does not decide over a later one", []string{visit, void("v1", "11:00", "x1"), void("v2", "10:00", "v1")}, "x1"},
		{"of one instant, the one that voids decides, whatever its id", []string{visit, void("b", "10:00", "x1"), void("a", "10:00", "b")}, "b"},
		{"of one instant, three deep", []string{visit, void("b", "10:00", "x1"), void("c", "10:00", "b"), void("a", "10:00", "c")}, "c x1"},
		{"each other, at one instant", []string{visit, void("v1", "10:00", "v2"), void("v2", "10:00", "v1")}, "v1"},
		{"the same record twice", []string{visit, void("v1", "10:00", "x1"), void("v2", "11:00", "v1"), void("v1", "12:00", "x1")}, "v1"},
		{"before it was recorded", []string{visit + " recorded=2026-09-04", void("v1", "10:00", "x1")}, "x1"},
	} {
		var events []Event
		for _, e := range test.events {
			events = append(events, event(t, organisation(t), e))
		}
		if got := strings.Join(slices.Sorted(maps.Keys(Voided(events))), " "); got != test.want {
			t.Errorf("%s: %q stand voided, want %q", test.name, got, test.want)
		}
	}
}

func TestEventsCountInTheirOrder(t *testing.T) {
	cal := organisation(t)
	for _, test := range []struct {
		name   string
		events []string
		closed string
		want   string
	}{
		{"by when they happened", []string{"b seen 2026-09-03 10:00", "a no-access 2026-09-02 10:00"}, "", "a b"},
		{"of one instant, the child that was seen before the visit, the answer after it", []string{"q vulnerability-answered 2026-09-02 10:00",
			"l liaison 2026-09-02 10:00", "x no-access 2026-09-02 10:00", "s seen 2026-09-02 10:00"}, "", "s x l q"},
		{"of records of one instant and kind, the first recorded", []string{"a no-access 2026-09-02 10:00 recorded=2026-09-05",
			"b no-access 2026-09-02 10:00 recorded=2026-09-04"}, "", "b a"},
		{"an event that is there twice, as it was first recorded", []string{"a no-access 2026-09-02 10:00 recorded=2026-09-05 by=W2",
			"a no-access 2026-09-02 10:00 by=W1"}, "", "a"},
		{"a closing date is an event", []string{"b recorded 2026-09-04 10:00", "a no-access 2026-09-02 10:00"}, "2026-09-03", "a closed b"},
	} {
		var events []Event
		for _, e := range test.events {
			events = append(events, event(t, cal, e))
		}
		c := &Case{}
		if test.closed != "" {
			c.Closed = clock(t, cal, test.closed)
		}
		got := History(c, events)
		if ids := idsOf(got); ids != test.want {
			t.Errorf("%s: %q count, want %q", test.name, ids, test.want)
		}
		if got[0].By == "W2" {
			t.Errorf("%s: it counts as it was recorded again", test.name)
		}
	}
}

// idsOf are the ids of events, or the kind of one that has none.
func idsOf(events []Event) string {
	var ids []string
	for i := range events {
		ids = append(ids, cmp.Or(events[i].ID, events[i].Kind))
	}
	return strings.Join(ids, " ")
}

func TestWhatCountedAtAnInstant(t *testing.T) {
	cal := organisation(t)
	var events []Event
	for _, e := range []string{"a no-access 2026-09-02 10:00", "b seen 2026-09-02 12:00 recorded=2026-09-04",
		"v1 voided 2026-09-05 10:00 value=a", "v2 voided 2026-09-06 10:00 value=v1"} {
		events = append(events, event(t, cal, e))
	}
	c := &Case{Closed: clock(t, cal, "2026-09-07 10:00")}
	for _, test := range []struct{ at, want string }{
		{"2026-09-02 09:59", ""}, {"2026-09-02 10:00", "a"}, {"2026-09-03", "a"}, {"2026-09-04", "a b"}, {"2026-09-05 10:00", "b"},
		{"2026-09-06 10:00", "a b"}, {"2026-09-07 10:00", "a b closed"},
	} {
		if got := idsOf(HistoryAt(c, events, clock(t, cal, test.at))); got != test.want {
			t.Errorf("at %s %q counted, want %q", test.at, got, test.want)
		}
	}
	if c.Closed.IsZero() {
		t.Error("the case lost its closing date")
	}
}

func TestHistoryHasItsProperties(t *testing.T) {
	cal := organisation(t)
	c := &Case{Ref: "C-1"}
	rapid.Check(t, func(t *rapid.T) {
		events := histories(cal).Draw(t, "history")
		voided, counted := Voided(events), History(c, events)
		shuffled := rapid.Permutation(slices.Clone(events)).Draw(t, "order")
		if again := Voided(shuffled); !maps.Equal(voided, again) {
			t.Fatalf("in another order %v stand voided, not %v", again, voided)
		}
		if again := History(c, shuffled); len(counted)+len(again) > 0 && !reflect.DeepEqual(counted, again) {
			t.Fatalf("in another order %s count, not %s", idsOf(again), idsOf(counted))
		}
		if len(events) == 0 {
			return
		}
		// Voiding an event takes it out; voiding that puts it back, and all else with it.
		target := events[rapid.IntRange(0, len(events)-1).Draw(t, "target")]
		late := events[0].Recorded
		for i := range events {
			if events[i].Recorded.After(late) {
				late = events[i].Recorded
			}
		}
		record := func(id, of string, after time.Duration) Event {
			return Event{ID: id, Kind: KindVoided, At: late.Add(after), Recorded: late.Add(after), Value: of}
		}
		out := append(slices.Clone(events), record("v1", target.ID, time.Hour))
		if !Voided(out)[target.ID] {
			t.Fatalf("%s is voided last, and stands", target.ID)
		}
		back := append(out, record("v2", "v1", 2*time.Hour))
		now := Voided(back)
		delete(now, "v1")
		if !maps.Equal(now, voided) && len(now)+len(voided) > 0 {
			t.Fatalf("after voiding %s and voiding that, %v stand voided, want %v", target.ID, now, voided)
		}
		if again := History(c, back); !reflect.DeepEqual(counted, again) {
			t.Fatalf("after voiding %s and voiding that, %s count, want %s", target.ID, idsOf(again), idsOf(counted))
		}
	})
}

// BenchmarkHistoryOfOneCase: ten times the events take about ten times as long,
// also where most of them void one another.
func BenchmarkHistoryOfOneCase(b *testing.B) {
	start := organisation(b).StartOf(Date{2026, 1, 5})
	for _, n := range []int{3_000, 30_000} {
		events := make([]Event, n)
		for i := range events {
			at := start.Add(time.Duration(i) * time.Minute)
			events[i] = Event{ID: fmt.Sprint("e", i), Kind: KindNoAccess, At: at, Recorded: at}
			if i%3 != 0 {
				events[i].Kind, events[i].Value = KindVoided, fmt.Sprint("e", i-1)
			}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if got := len(History(&Case{}, events)); got != n/3 {
					b.Fatalf("%d count, want %d", got, n/3)
				}
			}
		})
	}
}
