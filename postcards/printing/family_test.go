package printing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// eachDatabase runs a test on SQLite and on PostgreSQL.
func eachDatabase(t *testing.T, run func(t *testing.T, o *office)) {
	t.Helper()
	for _, tt := range []struct {
		name string
		open func(testing.TB) *store.Store
	}{
		{"SQLite", func(t testing.TB) *store.Store { return storetest.OpenSQLite(t) }},
		{"PostgreSQL", func(t testing.TB) *store.Store { return storetest.OpenPostgres(t) }},
	} {
		t.Run(tt.name, func(t *testing.T) { run(t, newOffice(t, tt.open(t))) })
	}
}

// made is what a batch holds besides its files, as "SW-1 card rearrange" and "SW-2 call".
func made(b *printing.Batch) string {
	var all []string
	for _, n := range b.Notes.Calls {
		all = append(all, n.Case+" call: "+n.Why)
	}
	for _, n := range b.Notes.Pull {
		all = append(all, n.Case+" out: "+n.Why)
	}
	for _, n := range b.Notes.Waiting {
		all = append(all, n.Case+" waits: "+n.Why)
	}
	return strings.Join(all, "\n")
}

// TestOneUnsafeCaseHoldsForItsHousehold: whatever says so and whenever, also of paper
// that is printed already.
func TestOneUnsafeCaseHoldsForItsHousehold(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o *office) {
		day := func(n int) time.Time { return instant(t, fmt.Sprintf("2026-12-%02d 14:00", n)) }
		home := func(c *pathway.Case) { c.Household = "H" }
		o.takesIn(day(1), []pathway.Case{o.family(1, home), o.family(2, home), o.family(3, nil)})
		o.takesIn(day(2), nil, pathway.Event{Case: "SW-1", Kind: pathway.KindNoAccess, At: day(2).Add(-time.Hour)})
		if b := o.pending(day(2)); b.Items != 1 || made(b) != "" {
			t.Fatalf("while both are safe: %d items and %q, want one card", b.Items, made(b))
		}
		o.takesIn(day(3), nil, pathway.Event{Case: "SW-2", Kind: pathway.KindSafeToWrite, At: day(3).Add(-time.Hour), Value: "no", Reason: "somebody else reads it"},
			pathway.Event{Case: "SW-3", Kind: pathway.KindNoAccess, At: day(3).Add(-time.Hour)})
		if b, want := o.pending(day(3)), "SW-1 out: case SW-2 of the same household is marked unsafe to write to"; b.Items != 1 || made(b) != want {
			t.Errorf("once the sibling is unsafe: %d items and %q, want SW-3's card and %q", b.Items, made(b), want)
		}
		o.takesIn(day(4), nil, pathway.Event{Case: "SW-1", Kind: pathway.KindNoAccess, At: day(4).Add(-time.Hour)})
		if waiting := o.prints("SW-1"); waiting[len(waiting)-1].Kind != pathway.PaperPhone {
			t.Errorf("a visit since puts %+v into the queue, want a call", waiting[len(waiting)-1])
		}
		if b := o.pending(day(4)); b.Items != 0 || !strings.Contains(made(b), "SW-1 call: ") || !strings.Contains(made(b), "case SW-2 of the same household") {
			t.Errorf("a visit since: %d items and %q, want a call", b.Items, made(b))
		}
		o.takesIn(day(5), nil, pathway.Event{Case: "SW-2", Kind: pathway.KindSafeToWrite, At: day(5).Add(-time.Hour), Value: "yes", Reason: "they have moved"},
			pathway.Event{Case: "SW-1", Kind: pathway.KindNoAccess, At: day(5).Add(-30 * time.Minute)})
		if b := o.pending(day(5)); b.Items != 1 || made(b) != "" {
			t.Errorf("once it is safe again: %d items and %q, want a card", b.Items, made(b))
		}
		// The list says no; the list that says nothing new changes nothing.
		o.takesIn(day(6), []pathway.Case{o.family(2, func(c *pathway.Case) { c.Household, c.SafeToWrite = "H", false })})
		o.takesIn(day(6), []pathway.Case{o.family(2, func(c *pathway.Case) { c.Household, c.SafeToWrite = "H", false })},
			pathway.Event{Case: "SW-1", Kind: pathway.KindNoAccess, At: day(6).Add(-time.Hour)})
		if b := o.pending(day(6)); b.Items != 0 || !strings.Contains(made(b), "SW-1 call: ") {
			t.Errorf("the list says that the sibling is unsafe: %d items and %q, want a call", b.Items, made(b))
		}
	})
}

// TestLetterThatCameBackStopsLetters until a row brings another address.
func TestLetterThatCameBackStopsLetters(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o *office) {
		day := func(n int) time.Time { return instant(t, fmt.Sprintf("2026-12-%02d 14:00", n)) }
		offered := func(at time.Time, booked string) pathway.Event {
			return pathway.Event{Case: "SW-1", Kind: pathway.KindAppointmentOffered, At: at, Booked: instant(t, booked)}
		}
		o.takesIn(day(1), []pathway.Case{o.family(1, nil)}, offered(day(1).Add(-time.Hour), "2026-12-20 10:00"))
		if b := o.pending(day(1)); b.Items != 1 {
			t.Fatalf("the first letter: %d items, want it", b.Items)
		}
		serial := o.prints("SW-1")[0].Serial
		o.takesIn(day(4), nil, pathway.Event{Case: "SW-1", Kind: pathway.KindLetterReturned, At: day(4).Add(-time.Hour)})
		if b := o.pending(day(4)); b.Items != 0 || !strings.Contains(made(b), "SW-1 call: a letter to the address came back by post; phone the family instead: ask where they live now") ||
			!strings.Contains(made(b), "SW-1 out: a letter to the address came back by post") {
			t.Errorf("when it comes back: %d items and %q, want a call, and the letter out of the post", b.Items, made(b))
		}
		if _, err := o.again(serial, day(4), printing.Options{}); pathway.ProblemOf(err) != pathway.Refused {
			t.Errorf("printing it again gives %v, want it refused", err)
		}
		o.takesIn(day(5), []pathway.Case{o.family(1, func(c *pathway.Case) { c.Phone = "01632 960111" })}, offered(day(5).Add(-time.Hour), "2026-12-21 10:00"))
		if b := o.pending(day(5)); b.Items != 0 || !strings.Contains(made(b), "phone the family instead: a letter to the address came back") {
			t.Errorf("the next letter, to the same address: %d items and %q, want a call", b.Items, made(b))
		}
		o.takesIn(day(6), []pathway.Case{o.family(1, func(c *pathway.Case) { c.Address = []string{"9 Test Street", "Swindon"} })}, offered(day(6).Add(-time.Hour), "2026-12-22 10:00"))
		if b := o.pending(day(6)); b.Items != 1 || made(b) != "" {
			t.Errorf("to another address: %d items and %q, want the letter", b.Items, made(b))
		}
	})
}

// TestLettersSayWhere: at home, or a place with its address and how to find it.
func TestLettersSayWhere(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	o.Rules.SetPlaces(map[string]pathway.Place{"eastcott": {Name: "Eastcott Children's Centre", Address: []string{"1 Test Road", "Swindon", "SN1 3AA"}, Directions: "Next to the library."}})
	now := instant(t, "2026-12-02 14:00")
	offered := func(ref, place string) pathway.Event {
		return pathway.Event{Case: ref, Kind: pathway.KindAppointmentOffered, At: now.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00"), Place: place}
	}
	o.takesIn(now, []pathway.Case{o.family(1, nil), o.family(2, nil)}, offered("SW-1", ""), offered("SW-2", "eastcott"))
	b := o.pending(now)
	text := onPaper(t, b.Paths[0])
	for _, want := range []string{
		"Friday 11 December 2026 at 10:00am at your home If this",
		"Friday 11 December 2026 at 10:00am at Eastcott Children's Centre, 1 Test Road, Swindon, SN1 3AA Next to the library.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the letters lack %q:\n%s", want, text)
		}
	}
	large, err := o.again(o.prints("SW-2")[0].Serial, now, printing.Options{LargePrint: true})
	if err != nil {
		t.Fatal(err)
	}
	if text := onPaper(t, large.Paths[0]); !strings.Contains(text, "at Eastcott Children's Centre") {
		t.Errorf("printed again it does not say where:\n%s", text)
	}
	// The same time at home: the letter that names the place is to come out of the post.
	later := now.Add(time.Hour)
	o.takesIn(later, nil, pathway.Event{Case: "SW-2", Kind: pathway.KindVisitBooked, At: later.Add(-time.Minute), Booked: instant(t, "2026-12-11 10:00"), Place: "home"})
	if b := o.pending(later); !strings.Contains(made(b), "SW-2 out: another appointment has been made since") {
		t.Errorf("once it is at home: %q, want the letters to be taken out", made(b))
	}
}
