package printing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store/storetest"
)

// waiting says in short what a queue holds.
func waiting(q *printing.Queue) string {
	var out []string
	for _, w := range q.Ready {
		out = append(out, fmt.Sprintf("%s %s %s", w.Kind, w.Variant, w.Case))
	}
	for _, w := range q.Refused {
		out = append(out, fmt.Sprintf("not %s %s: %s%s", w.Kind, w.Case, w.Refused, w.Field))
	}
	for _, n := range q.Calls {
		out = append(out, "phone "+n.Case)
	}
	for _, n := range q.Pull {
		out = append(out, "pull out "+n.Case)
	}
	return strings.Join(out, "; ")
}

// everything is a part that has all of a short queue.
var everything = printing.Part{Most: 100}

// TestAPartOfALongQueueSaysWhatIsBehindIt: part by part it is the whole, and what is noted
// of something is said with each.
func TestAPartOfALongQueueSaysWhatIsBehindIt(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	now := instant(t, "2026-12-02 14:00")
	offer := func(ref string) pathway.Event {
		return pathway.Event{Case: ref, Kind: pathway.KindAppointmentOffered, At: now.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")}
	}
	o.takesIn(now, []pathway.Case{o.family(1, nil), o.family(2, nil), o.family(3, nil),
		o.family(4, func(c *pathway.Case) { c.Address, c.Postcode = nil, "" })},
		offer("SW-1"), pathway.Event{Case: "SW-2", Kind: pathway.KindNoAccess, At: now.Add(-time.Hour)}, offer("SW-3"), offer("SW-4"))
	const refused = "; not letter SW-4: the case has no full address: enter address and postcode, or phone the family"
	behind := int64(0)
	for _, want := range []struct {
		holds string
		more  int
	}{{"letter appointment SW-1; letter appointment SW-3" + refused, 1}, {"card rearrange SW-2" + refused, 0}} {
		q, err := o.Queue(t.Context(), now, nil, printing.Part{Behind: behind, Most: 2})
		if err != nil {
			t.Fatal(err)
		}
		if got := waiting(q); got != want.holds || q.More != want.more || (q.Next > 0) != (want.more > 0) || q.InAll() != len(q.Ready)+want.more {
			t.Errorf("behind %d it holds\n%s\nand %d more, the next behind %d; want\n%s\nand %d more", behind, got, q.More, q.Next, want.holds, want.more)
		}
		behind = q.Next
	}
	q, err := o.Queue(t.Context(), now, nil, printing.Part{Case: "SW-2", Most: 2})
	if err != nil || waiting(q) != "card rearrange SW-2" || q.InAll() != 1 {
		t.Errorf("what waits for SW-2: %s, %d in all (error %v); want its card alone", waiting(q), q.InAll(), err)
	}
}

// TestTheQueueIsWhatPrintWouldPrint: what is ready and what is not, with reasons that
// give nobody away, and looking changes nothing.
func TestTheQueueIsWhatPrintWouldPrint(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	now := instant(t, "2026-12-02 14:00")
	visit := func(ref string) pathway.Event {
		return pathway.Event{Case: ref, Kind: pathway.KindNoAccess, At: now.Add(-time.Hour)}
	}
	offer := func(ref string) pathway.Event {
		return pathway.Event{Case: ref, Kind: pathway.KindAppointmentOffered, At: now.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")}
	}
	o.takesIn(now, []pathway.Case{o.family(1, nil), o.family(2, nil),
		o.family(3, func(c *pathway.Case) { c.SafeToWrite = false }),
		o.family(4, func(c *pathway.Case) { c.Address, c.Postcode = nil, "" }),
		o.family(5, func(c *pathway.Case) { c.Addressee = "Pat 😀 Smith" }),
		o.family(6, func(c *pathway.Case) { c.Team = "West" })},
		visit("SW-1"), offer("SW-2"), visit("SW-3"), offer("SW-4"), offer("SW-5"), visit("SW-6"))
	scope := pathway.ScopeOf(&pathway.Who{Person: "A1", Role: pathway.Admin, Team: "East", Active: true}, pathway.DeedPrint)
	for range 2 { // looking changes nothing
		q, err := o.Queue(t.Context(), now, &scope, everything)
		if err != nil {
			t.Fatal(err)
		}
		want := "letter appointment SW-2; card rearrange SW-1; not letter SW-5: addressee; not letter SW-4: the case has no full address: enter address and postcode, or phone the family; phone SW-3"
		if got := waiting(q); got != want {
			t.Errorf("the queue of team East holds\n%s\nwant\n%s", got, want)
		}
	}
	q, err := o.Queue(t.Context(), now, &scope, everything)
	if err != nil {
		t.Fatal(err)
	}
	place, _ := folder(t)
	made, err := o.Print(t.Context(), now, "A1", printing.Selection{Kinds: []string{pathway.PaperLetter, pathway.PaperCard}, Only: []int64{q.Ready[1].ID}, Scope: &scope}, place, nil)
	if err != nil || made.Items != 1 || made.Files[0].Kind != pathway.PaperCard {
		t.Fatalf("printing the card alone gives %+v (error %v), want one card", made, err)
	}
	o.takesIn(now.Add(time.Hour), nil, pathway.Event{Case: "SW-1", Kind: pathway.KindSeen, At: now.Add(30 * time.Minute)})
	if q, err = o.Queue(t.Context(), now.Add(time.Hour), &scope, everything); err != nil || !strings.HasSuffix(waiting(q), "phone SW-3; pull out SW-1") {
		t.Errorf("the queue then holds %s (error %v), want SW-1's card to be pulled out", waiting(q), err)
	}
	if q, err = o.Queue(t.Context(), now, nil, everything); err != nil || !strings.Contains(waiting(q), "card rearrange SW-6") {
		t.Errorf("the queue of all teams holds %s (error %v), want SW-6 of team West too", waiting(q), err)
	}
}

// TestAnItemIsSeenBeforeItIsPrintedAndAfter: as it would be, in the form asked for; then as
// it was, whatever has changed since.
func TestAnItemIsSeenBeforeItIsPrintedAndAfter(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	now := instant(t, "2026-12-02 14:00")
	o.takesIn(now, []pathway.Case{o.family(1, nil)}, pathway.Event{Case: "SW-1", Kind: pathway.KindAppointmentOffered, At: now.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")})
	id := o.prints("SW-1")[0].ID
	text := func(form printing.Options) string {
		t.Helper()
		item, err := o.Item(t.Context(), now.Add(48*time.Hour), id, form)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := item.Picture()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(picture.Text, "|")
	}
	if got := text(printing.Options{}); !strings.Contains(got, "|1 Test Street|") || !strings.Contains(got, "Friday 4 December 2026") || strings.Contains(got, "Reference") {
		t.Errorf("before it is printed it says %q, want the address, the date of now and no serial", got)
	}
	o.pending(now)
	serial := o.prints("SW-1")[0].Serial
	o.takesIn(now.Add(time.Hour), []pathway.Case{o.family(1, func(c *pathway.Case) { c.Address = []string{"9 Test Street", "Swindon"} })})
	if got := text(printing.Options{}); !strings.Contains(got, "|1 Test Street|") || !strings.Contains(got, "Reference: "+serial) || !strings.Contains(got, "Wednesday 2 December 2026") {
		t.Errorf("after it was printed it says %q, want what stands on it", got)
	}
	if got := text(printing.Options{Layout: postcards.LayoutDL}); !strings.Contains(got, "|9 Test Street|") || strings.Contains(got, serial) {
		t.Errorf("printed again it would say %q, want the address of now and a serial of its own", got)
	}
	o.takesIn(now.Add(2*time.Hour), nil, pathway.Event{Case: "SW-1", Kind: pathway.KindSeen, At: now.Add(90 * time.Minute)})
	if item, err := o.Item(t.Context(), now.Add(3*time.Hour), id, printing.Options{}); err != nil || !strings.Contains(item.Not, "the child has been seen since") {
		t.Errorf("after the child was seen: %+v (error %v), want to be told why it is not printed again", item, err)
	}
}

// TestPacksAreWhatTheVisitsOfADayWouldTake: by practitioner, with the visits that get none.
func TestPacksAreWhatTheVisitsOfADayWouldTake(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	now := instant(t, "2026-12-02 14:00")
	books := func(ref string) pathway.Event {
		return pathway.Event{Case: ref, Kind: pathway.KindVisitBooked, At: now.Add(-time.Hour), Booked: instant(t, "2026-12-03 10:00")}
	}
	o.takesIn(now, []pathway.Case{o.family(1, nil), o.family(2, func(c *pathway.Case) { c.SafeToWrite = false })}, books("SW-1"), books("SW-2"))
	packs, err := o.Packs(t.Context(), now, pathway.Date{Year: 2026, Month: time.December, Day: 3}, nil)
	if err != nil || len(packs) != 1 || packs[0].Practitioner != "W1" || packs[0].Cards != 1 || len(packs[0].NoCards) != 1 || packs[0].NoCards[0].Case != "SW-2" {
		t.Errorf("the packs are %+v (error %v), want one card for W1, and none for SW-2", packs, err)
	}
}
