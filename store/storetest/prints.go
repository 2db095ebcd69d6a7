package storetest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// printScene is a store in which unsuccessful visits call for cards, and offered
// appointments for letters.
type printScene struct {
	*store.Store
	t     testing.TB
	rules *pathway.Rules
}

func newPrintScene(t testing.TB, open func(t testing.TB) *store.Store, refs ...string) *printScene {
	t.Helper()
	s := &printScene{Store: open(t), t: t, rules: Guidance(t)}
	r := rows{people: team, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-01 10:00")}}
	for i, ref := range refs {
		r.cases = append(r.cases, pathway.Case{Ref: ref, Pathway: "hv-child", Opened: at(t, "2026-09-01 09:00"), Practitioner: "W1",
			Manager: "G1", Team: []string{"West", "East"}[i%2], Household: "H-" + ref, Address: []string{"1 Test Street; flat", "Swindon"},
			Postcode: fmt.Sprintf("SN1 %dAA", 9-i), SafeToWrite: true})
	}
	taken(t, s.Store, s.rules, r)
	return s
}

// printTables are the tables of a service that asks everybody to rearrange.
var printTables = &pathway.PaperTables{
	Cards:   map[string]pathway.CardChoice{"hv-child": {First: pathway.CardRearrange, Later: pathway.CardRearrange}},
	Letters: map[string]pathway.LetterChoice{"hv-child": {Offered: pathway.LetterAppointment, AfterMissed: pathway.LetterMissed, NotBrought: pathway.LetterReOffer}},
}

func (s *printScene) options(when string) store.IntakeOptions {
	return store.IntakeOptions{Now: at(s.t, when), Paper: printTables}
}

// visits records visits at which nobody answered, as id@case.
func (s *printScene) visits(when string, visits ...string) {
	s.t.Helper()
	s.happen(pathway.KindNoAccess, when, visits)
}

// offers records that appointments were offered, as id@case.
func (s *printScene) offers(when string, offers ...string) {
	s.t.Helper()
	s.happen(pathway.KindAppointmentOffered, when, offers)
}

func (s *printScene) happen(kind, when string, events []string) {
	s.t.Helper()
	r := rows{IntakeOptions: s.options(when)}
	for _, e := range events {
		id, ref, _ := strings.Cut(e, "@")
		r.events = append(r.events, pathway.Event{ID: id, Case: ref, Kind: kind, At: at(s.t, when), By: "W1"})
	}
	taken(s.t, s.Store, s.rules, r)
}

func (s *printScene) queue() []store.Print {
	s.t.Helper()
	var queue []store.Print
	for p, err := range s.PrintQueue(s.t.Context(), "card", "letter", "", nil) {
		if err != nil {
			s.t.Fatal(err)
		}
		queue = append(queue, p)
	}
	return queue
}

func (s *printScene) queued() []string {
	s.t.Helper()
	var out []string
	for _, p := range s.queue() {
		out = append(out, p.Event+"@"+p.Case)
	}
	return out
}

// batch is a batch of the number with all that waits, whose serials begin with
// the prefix.
func (s *printScene) batch(number int64, prefix string) (*store.PrintBatch, []store.Print) {
	items := s.queue()
	for i := range items {
		items[i].Place, items[i].Serial, items[i].Input = i+1, fmt.Sprintf("%s-%d", prefix, i+1), `{"card":{}}`
	}
	return &store.PrintBatch{Number: number, Made: at(s.t, "2026-09-03 08:00"), By: "A1", Items: len(items), Pages: 1,
		Files: []store.PrintFile{{Kind: "card", Items: len(items), Pages: 1, SHA256: "ab"}}, Options: "{}", Stationery: `{"wording":{}}`, Cover: "{}"}, items
}

func (s *printScene) keep(number int64, prefix string, dropped ...store.DroppedPrint) {
	s.t.Helper()
	b, items := s.batch(number, prefix)
	if err := s.KeepBatch(s.t.Context(), b, store.PrintAsked{}, "digest", eachPrint(items), dropped); err != nil {
		s.t.Fatal(err)
	}
}

func eachPrint(items []store.Print) iter.Seq2[store.Print, error] {
	return func(yield func(store.Print, error) bool) {
		for _, p := range items {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func testPrints(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("EventsQueueWhatTheyCallFor", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1", "SW-2", "SW-3")
		s.visits("2026-09-02 10:00", "a1@SW-1", "a2@SW-2", "a3@SW-3")
		s.visits("2026-09-02 10:00", "a1@SW-1") // again
		same(t, "the queue, by team, practitioner and postcode", s.queued(), []string{"a2@SW-2", "a3@SW-3", "a1@SW-1"})
		p := s.queue()[0]
		if p.Team != "East" || p.Practitioner != "W1" || !p.At.Equal(at(t, "2026-09-02 10:00")) || !p.Next.IsZero() ||
			p.State != store.PrintQueued || p.Why != "the first unsuccessful visit" || p.Serial != "" {
			t.Errorf("queued as %+v", p)
		}
		// A letter is decided on all that is known of a case, also of one that was there before.
		s.offers("2026-09-02 11:00", "b1@SW-1")
		same(t, "the queue with a letter", s.queued(), []string{"a2@SW-2", "a3@SW-3", "a1@SW-1", "b1@SW-1"})
		if l := s.queue()[3]; l.Kind != pathway.PaperLetter || l.Refused != "" || !strings.HasPrefix(l.Once, "household H-SW-1: ") {
			t.Errorf("the letter is queued as %+v, want one for the household H-SW-1 at its address", l)
		}
	})
	t.Run("AFormMakesOneBatchAndEachCaseIsOnTheTrail", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1", "SW-2")
		s.visits("2026-09-02 10:00", "a1@SW-1", "a2@SW-2")
		asked := store.PrintAsked{Who: "A7", Way: pathway.WayPage, Form: "form-1"}
		b, items := s.batch(1, "X")
		if err := s.KeepBatch(t.Context(), b, asked, "digest", eachPrint(items), nil); err != nil {
			t.Fatal(err)
		}
		var trail []string
		lines, err := s.Audit(t.Context(), store.AuditFilter{Who: "A7"})
		for _, e := range lines {
			trail = append(trail, e.Deed+" "+e.About+" "+e.Case)
		}
		if same(t, "the trail", trail, []string{"print batch 1 SW-2", "print batch 1 SW-1"}); err != nil {
			t.Error(err)
		}
		b, _ = s.batch(2, "Y")
		if err := s.KeepBatch(t.Context(), b, asked, "digest", eachPrint(nil), nil); !errors.Is(err, store.ErrFormSent) {
			t.Errorf("the same form again: %v, want ErrFormSent", err)
		}
		for form, want := range map[string]int64{"form-1": 1, "form-2": 0, "": 0} {
			if n, err := s.BatchOfForm(t.Context(), form); n != want || err != nil {
				t.Errorf("the batch of the form %q is %d (error %v), want %d", form, n, err, want)
			}
		}
		if lines, err := s.Audit(t.Context(), store.AuditFilter{}); err != nil || len(lines) != 2 {
			t.Errorf("there are %d lines (error %v) after a batch that was not kept, want 2", len(lines), err)
		}
	})
	t.Run("AScopeHoldsBackWhatIsOfOtherTeams", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1", "SW-2", "SW-3")
		s.visits("2026-09-02 10:00", "a1@SW-1", "a2@SW-2", "a3@SW-3")
		if err := s.Restrict(t.Context(), "SW-3"); err != nil {
			t.Fatal(err)
		}
		for team, want := range map[string][]string{"West": {"SW-1"}, "": nil} { // SW-3 is West's, and restricted
			scope := pathway.ScopeOf(&pathway.Who{Person: "A1", Role: pathway.Admin, Team: team, Active: true}, pathway.DeedPrint)
			var got []string
			for p, err := range s.PrintQueue(t.Context(), "card", "letter", "", &scope) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, p.Case)
			}
			same(t, "what waits for the team "+team, got, want)
			closed, err := s.PrintsClosedOff(t.Context(), &scope)
			if restricted := len(want); err != nil || closed != restricted { // of West one of each
				t.Errorf("for the team %q %d restricted cases have paper that waits (error %v), want %d", team, closed, err, restricted)
			}
			scope.Named = []string{"SW-3"}
			if closed, err := s.PrintsClosedOff(t.Context(), &scope); err != nil || closed != 0 {
				t.Errorf("where SW-3 is open to them by name %d are closed off (error %v), want none", closed, err)
			}
		}
	})
	t.Run("NothingIsQueuedForWhatIsNotKept", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1")
		r := rows{events: []pathway.Event{
			{ID: "a1", Case: "SW-1", Kind: pathway.KindNoAccess, At: at(t, "2026-09-02 10:00"), By: "W1"},
			{ID: "a2", Case: "SW-9", Kind: pathway.KindNoAccess, At: at(t, "2026-09-02 10:00"), By: "W1"},
		}, IntakeOptions: s.options("2026-09-02 10:30")}
		if result := takeRows(t, s.Store, s.rules, r); result.Kept {
			t.Fatal("an unknown case was taken in")
		}
		r.DryRun, r.events = true, r.events[:1]
		takeRows(t, s.Store, s.rules, r)
		same(t, "the queue", s.queued(), nil)
	})
	t.Run("BatchIsKeptWhole", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1", "SW-2", "SW-3")
		s.visits("2026-09-02 10:00", "a2@SW-2", "a3@SW-3")
		s.offers("2026-09-02 10:00", "a1@SW-1")
		b, items := s.batch(1, "K7M")
		dropped := []store.DroppedPrint{{ID: items[2].ID, State: store.PrintOvertaken, Why: "the child has been seen since"}}
		adhoc := store.Print{PaperItem: pathway.PaperItem{Case: "SW-3", Kind: "card", Variant: "revisit", At: at(t, "2026-09-09 10:00"), Next: at(t, "2026-09-09 10:00"), Once: "household H-SW-3"},
			Serial: "NEW-1", Place: 3, Input: `{"card":{}}`}
		if err := s.KeepBatch(t.Context(), b, store.PrintAsked{}, "digest", eachPrint([]store.Print{items[0], items[1], adhoc}), dropped); err != nil {
			t.Fatal(err)
		}
		same(t, "the queue", s.queued(), nil)
		var printed []string
		for p, err := range s.BatchItems(t.Context(), 1, "") {
			if err != nil {
				t.Fatal(err)
			}
			printed = append(printed, fmt.Sprintf("%d %s@%s %s %s %s", p.Place, p.Event, p.Case, p.Variant, p.Serial, p.Input))
		}
		same(t, "the batch", printed, []string{`1 a2@SW-2 rearrange K7M-1 {"card":{}}`, `2 a3@SW-3 rearrange K7M-2 {"card":{}}`, `3 @SW-3 revisit NEW-1 {"card":{}}`})
		got, err := s.Batch(t.Context(), 1)
		if err != nil || got.By != "A1" || got.Items != 3 || !got.Made.Equal(b.Made) || got.Stationery != b.Stationery || !slices.Equal(got.Files, b.Files) {
			t.Errorf("batch 1 is %+v, %v; want %+v", got, err, b)
		}
		p, err := s.PrintBySerial(t.Context(), "K7M-2")
		if err != nil || p.Case != "SW-3" || p.Batch != 1 || !p.Printed.Equal(b.Made) {
			t.Errorf("serial K7M-2 stands on %+v, %v; want case SW-3 in batch 1", p, err)
		}
		if _, err := s.PrintBySerial(t.Context(), "K7M-9"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown serial: %v, want ErrNotFound", err)
		}
		if _, err := s.Batch(t.Context(), 2); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an unknown batch: %v, want ErrNotFound", err)
		}
		of, err := s.PrintsOfCase(t.Context(), "SW-1")
		if err != nil || len(of) != 1 || of[0].State != store.PrintOvertaken || of[0].Outcome != dropped[0].Why {
			t.Errorf("the prints of SW-1 are %+v, %v; want one that was overtaken", of, err)
		}
		serials, err := s.SerialsTaken(t.Context(), []string{"K7M-1", "K7M-9"})
		if err != nil || len(serials) != 1 || !serials["K7M-1"] {
			t.Errorf("serials taken: %v, %v; want K7M-1", serials, err)
		}
		ahead, err := s.CardsAhead(t.Context(), []string{"SW-1", "SW-2", "SW-3"})
		if err != nil || len(ahead) != 1 || ahead["SW-3"][adhoc.At.UnixMilli()] != 1 {
			t.Errorf("cards for visits to come: %v, %v; want that of SW-3 in batch 1, which no event called for", ahead, err)
		}
		once, err := s.PrintedOnce(t.Context(), []string{items[2].Once, adhoc.Once})
		if err != nil || len(once) != 1 || once[adhoc.Once] != "SW-3" {
			t.Errorf("households that have had theirs: %v, %v; want that of SW-3", once, err)
		}
		followed := func(after time.Duration, ref string) (refs []string) {
			t.Helper()
			found, err := s.MayBeOvertaken(t.Context(), b.Made.Add(after), ref, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range found {
				refs = append(refs, p.Case)
			}
			return refs
		}
		same(t, "printed, and nothing known since", followed(0, ""), nil)
		s.visits("2026-09-02 12:00", "a9@SW-2")
		same(t, "printed, and visited again since", followed(0, ""), []string{"SW-2"})
		taken(t, s.Store, s.rules, rows{IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00")}, events: []pathway.Event{
			{ID: "u1", Case: "SW-3", Kind: pathway.KindSafeToWrite, Value: "no", By: "W1", At: at(t, "2026-09-02 11:59")}}})
		same(t, "of the other the family must not be written to", followed(0, ""), []string{"SW-2", "SW-3"})
		same(t, "of one case", followed(0, "SW-3"), []string{"SW-3"})
		same(t, "printed later", followed(time.Second, ""), nil)
	})
	t.Run("BatchThatFailsLeavesTheQueue", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1", "SW-2")
		s.visits("2026-09-02 10:00", "a1@SW-1", "a2@SW-2")
		b, items := s.batch(1, "K7M")
		full := errors.New("no space left on device")
		err := s.KeepBatch(t.Context(), b, store.PrintAsked{}, "digest", func(yield func(store.Print, error) bool) {
			_ = yield(items[0], nil) && yield(store.Print{}, full)
		}, nil)
		if !errors.Is(err, full) {
			t.Fatalf("KeepBatch = %v, want %v", err, full)
		}
		items[1].Serial = items[0].Serial
		if err := s.KeepBatch(t.Context(), b, store.PrintAsked{}, "digest", eachPrint(items), nil); err == nil {
			t.Error("two items of one serial were kept")
		}
		same(t, "the queue", s.queued(), []string{"a2@SW-2", "a1@SW-1"})
		if n, err := s.NextBatch(t.Context()); err != nil || n != 1 {
			t.Errorf("the next batch is %d, %v; want 1", n, err)
		}
		s.keep(1, "K7M")
	})
	t.Run("TwoAtOncePrintNothingTwice", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1", "SW-2", "SW-3", "SW-4")
		s.visits("2026-09-02 10:00", "a1@SW-1", "a2@SW-2", "a3@SW-3", "a4@SW-4")
		const people = 4
		failed := make([]error, people)
		var all sync.WaitGroup
		for i := range people {
			b, items := s.batch(1, fmt.Sprintf("P%d", i))
			all.Go(func() { failed[i] = s.KeepBatch(t.Context(), b, store.PrintAsked{}, "digest", eachPrint(items), nil) })
		}
		all.Wait()
		won := 0
		for _, err := range failed {
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrBatchTaken) {
				t.Errorf("KeepBatch = %v, want ErrBatchTaken", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d made the batch, want 1", won, people)
		}
		same(t, "the queue", s.queued(), nil)
		if n, err := s.NextBatch(t.Context()); err != nil || n != 2 {
			t.Errorf("the next batch is %d, %v; want 2", n, err)
		}
	})
	t.Run("BookedVisitsOfADay", func(t *testing.T) {
		s := newPrintScene(t, open, "SW-1", "SW-2")
		taken(t, s.Store, s.rules, rows{events: []pathway.Event{
			{ID: "b1", Case: "SW-1", Kind: pathway.KindVisitBooked, At: at(t, "2026-09-02 10:00"), By: "W1", Booked: at(t, "2026-09-03 11:00")},
			{ID: "b2", Case: "SW-2", Kind: pathway.KindVisitBooked, At: at(t, "2026-09-02 10:00"), By: "W1", Booked: at(t, "2026-09-03 09:00")},
			{ID: "b3", Case: "SW-2", Kind: pathway.KindVisitBooked, At: at(t, "2026-09-02 10:00"), By: "W1", Booked: at(t, "2026-09-04 00:00")},
		}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 10:30")}})
		for practitioner, want := range map[string][]string{"": {"b2@SW-2", "b1@SW-1"}, "W1": {"b2@SW-2", "b1@SW-1"}, "W2": nil} {
			visits, err := s.BookedVisits(t.Context(), at(t, "2026-09-03 00:00"), at(t, "2026-09-04 00:00"), practitioner, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range visits {
				got = append(got, v.ID+"@"+v.Case)
			}
			same(t, "visits of "+practitioner, got, want)
		}
	})
}
