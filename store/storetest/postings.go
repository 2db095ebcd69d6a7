package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// postScene is a batch of letters, one for each case, that are to be posted.
type postScene struct {
	*printScene
}

// newPostScene makes batch 1 at 08:00 on 3 September and queues its letters.
func newPostScene(t testing.TB, open func(t testing.TB) *store.Store, refs ...string) *postScene {
	t.Helper()
	s := &postScene{newPrintScene(t, open, refs...)}
	r := rows{IntakeOptions: s.options("2026-09-02 10:00")}
	for _, ref := range refs {
		r.events = append(r.events, pathway.Event{ID: "offer-" + ref, Case: ref, Kind: pathway.KindAppointmentOffered, By: "W1",
			At: at(t, "2026-09-02 10:00"), Booked: at(t, "2026-09-14 10:00")})
	}
	taken(t, s.Store, s.rules, r)
	s.keep(1, "K7M")
	if added := s.queues("2026-09-03 09:00"); added != len(refs) {
		t.Fatalf("QueuePostings = %d, want %d", added, len(refs))
	}
	return s
}

// queues queues all letters of batch 1, as "1-" and their case.
func (s *postScene) queues(when string) int {
	s.t.Helper()
	var postings []store.Posting
	for p, err := range s.BatchItems(s.t.Context(), 1, "letter") {
		if err != nil {
			s.t.Fatal(err)
		}
		postings = append(postings, store.Posting{Item: p.ID, Batch: 1, Reference: "1-" + p.Case, Postage: "second"})
	}
	added, err := s.QueuePostings(s.t.Context(), at(s.t, when), postings)
	if err != nil {
		s.t.Fatal(err)
	}
	return added
}

// claims claims a letter for a minute; nil where there is none.
func (s *postScene) claims(holder, when string) *store.ClaimedPosting {
	s.t.Helper()
	now := at(s.t, when)
	c, err := s.ClaimPosting(s.t.Context(), now, 1, holder, now.Add(time.Minute))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// accepts claims the next letter and has Notify take it as "id-" and its case.
func (s *postScene) accepts(when string) *store.ClaimedPosting {
	s.t.Helper()
	c := s.claims("a", when)
	if c == nil {
		s.t.Fatalf("no letter to claim at %s", when)
	}
	s.must(s.AcceptPosting(s.t.Context(), at(s.t, when), c.Item, "id-"+c.Print.Case, "ab"))
	return c
}

func (s *postScene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// standing says how the letters of batch 1 stand: "SW-1 accepted pending".
func (s *postScene) standing() []string {
	s.t.Helper()
	postings, err := s.Postings(s.t.Context(), 1)
	s.must(err)
	var out []string
	for _, p := range postings {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", p.Case, p.State, p.Status)))
	}
	return out
}

// becomes records how a letter stands now.
func (s *postScene) becomes(p *store.ClaimedPosting, state store.PostingState, status string, failed bool, change ...func(*store.PostingStatus)) {
	s.t.Helper()
	status1 := store.PostingStatus{Item: p.Item, ProviderID: "id-" + p.Print.Case, State: state, Status: status, At: at(s.t, "2026-09-04 10:00"),
		Reason: "words", Failed: failed}
	for _, c := range change {
		c(&status1)
	}
	s.must(s.RecordPostings(s.t.Context(), []store.PostingStatus{status1}))
}

func testPostings(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("LettersAreQueuedOnce", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1", "SW-2")
		if added := s.queues("2026-09-03 09:05"); added != 0 {
			t.Errorf("queued again: %d are new, want none", added)
		}
		s.accepts("2026-09-03 09:10")
		if added := s.queues("2026-09-03 09:15"); added != 0 {
			t.Errorf("queued after one was accepted: %d are new, want none", added)
		}
		same(t, "the batch, in the order of its pages", s.standing(), []string{"SW-2 queued", "SW-1 accepted"})
	})
	t.Run("SeveralWhoQueueAtOnceKeepEachLetterOnce", func(t *testing.T) {
		s := newPostScene(t, open)
		const people, rounds, letters = 4, 40, 8
		for round := range rounds {
			var postings []store.Posting
			for n := range letters {
				item := int64(round*letters + n + 1)
				postings = append(postings, store.Posting{Item: item, Batch: 1, Reference: fmt.Sprint("1-", item), Postage: "second"})
			}
			var added [people]int
			var all sync.WaitGroup
			for i := range people {
				all.Go(func() {
					var err error
					if added[i], err = s.QueuePostings(t.Context(), at(t, "2026-09-03 09:00"), postings); err != nil {
						t.Errorf("QueuePostings = %v", err)
					}
				})
			}
			all.Wait()
			if sum := added[0] + added[1] + added[2] + added[3]; sum != letters {
				t.Errorf("round %d: %v letters are new, want %d in all", round, added, letters)
			}
		}
		if waiting, _, err := s.WaitingPostings(t.Context()); err != nil || waiting[1] != rounds*letters {
			t.Errorf("%v letters wait, %v; want %d", waiting, err, rounds*letters)
		}
	})
	t.Run("AClaimIsOnesAloneUntilItRunsOut", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1")
		if c := s.claims("a", "2026-09-03 08:59"); c != nil {
			t.Errorf("claimed %+v before it was queued", c)
		}
		c := s.claims("a", "2026-09-03 09:10")
		if c == nil || c.Print.Case != "SW-1" || c.Print.Input != `{"card":{}}` || c.Print.Serial != "K7M-1" || c.Reference != "1-SW-1" || c.Postage != "second" ||
			c.State != store.PostingSending || !c.MaybeSent.IsZero() {
			t.Fatalf("claimed %+v, want the letter of SW-1 with all that stands on it", c)
		}
		if again := s.claims("b", "2026-09-03 09:10"); again != nil {
			t.Errorf("claimed by another meanwhile: %+v", again)
		}
		if next, err := s.NextPosting(t.Context(), 1); err != nil || !next.Equal(at(t, "2026-09-03 09:11")) {
			t.Errorf("the next claim is at %v, %v; want 09:11", next, err)
		}
		again := s.claims("b", "2026-09-03 09:11")
		if again == nil || !again.MaybeSent.Equal(at(t, "2026-09-03 09:10")) {
			t.Errorf("after the claim ran out: %+v, want the letter, maybe sent at 09:10", again)
		}
		s.must(s.ReleasePosting(t.Context(), "a", c.Item, time.Time{}, at(t, "2026-09-03 09:12"), "too late"))
		s.must(s.EndPosting(t.Context(), at(t, "2026-09-03 09:12"), "a", c.Item, store.PostingRefused, "too late"))
		same(t, "what the first holder says later counts for nothing", s.standing(), []string{"SW-1 sending"})
		s.must(s.AcceptPosting(t.Context(), at(t, "2026-09-03 09:12"), c.Item, "id-SW-1", "ab"))
		s.must(s.AcceptPosting(t.Context(), at(t, "2026-09-03 09:13"), c.Item, "other", "cd"))
		of, err := s.PostingsOf(t.Context(), []int64{c.Item, c.Item + 100})
		if p := of[c.Item]; err != nil || len(of) != 1 || p.State != store.PostingAccepted || p.ProviderID != "id-SW-1" || p.SHA256 != "ab" ||
			!p.Accepted.Equal(at(t, "2026-09-03 09:12")) || !p.NextTry.IsZero() || !p.MaybeSent.IsZero() {
			t.Errorf("accepted as %+v, %v; want it once, as id-SW-1 at 09:12", of, err)
		}
		if next, err := s.NextPosting(t.Context(), 1); err != nil || !next.IsZero() {
			t.Errorf("the next claim is at %v, %v; want none", next, err)
		}
	})
	t.Run("WhatWasGivenBackIsClaimedAgain", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1")
		c := s.claims("a", "2026-09-03 09:10")
		s.must(s.ReleasePosting(t.Context(), "a", c.Item, time.Time{}, at(t, "2026-09-03 09:10"), "nobody answers"))
		c = s.claims("a", "2026-09-03 09:20")
		if c == nil || !c.MaybeSent.IsZero() || c.Reason != "nobody answers" {
			t.Fatalf("claimed %+v, want the letter, surely not sent", c)
		}
		s.must(s.ReleasePosting(t.Context(), "a", c.Item, at(t, "2026-09-03 09:20"), at(t, "2026-09-03 09:21"), "no answer"))
		if c := s.claims("a", "2026-09-03 09:20"); c != nil {
			t.Errorf("claimed %+v before its time", c)
		}
		if c := s.claims("a", "2026-09-03 09:21"); c == nil || !c.MaybeSent.Equal(at(t, "2026-09-03 09:20")) {
			t.Errorf("claimed %+v, want the letter, maybe sent at 09:20", c)
		}
		if c := s.claims("a", "2026-09-03 09:30"); c == nil || !c.MaybeSent.Equal(at(t, "2026-09-03 09:20")) {
			t.Errorf("claimed %+v, want the letter, maybe sent first at 09:20", c)
		}
	})
	t.Run("SeveralClaimersGetEachLetterOnce", func(t *testing.T) {
		var refs []string
		for i := range 20 {
			refs = append(refs, fmt.Sprintf("SW-%d", i))
		}
		s := newPostScene(t, open, refs...)
		now := at(t, "2026-09-03 09:10")
		var mu sync.Mutex
		times := map[string]int{}
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for {
					c, err := s.ClaimPosting(t.Context(), now, 1, fmt.Sprint(i), now.Add(time.Minute))
					if err != nil || c == nil {
						if err != nil {
							t.Errorf("ClaimPosting = %v", err)
						}
						return
					}
					mu.Lock()
					times[c.Print.Case]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for _, ref := range refs {
			if times[ref] != 1 {
				t.Errorf("the letter of %s was claimed %d times, want once", ref, times[ref])
			}
		}
	})
	t.Run("AWithdrawnLettersPrintIsOvertaken", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1", "SW-2")
		for _, end := range []struct {
			state store.PostingState
			print store.PrintState
		}{{store.PostingWithdrawn, store.PrintOvertaken}, {store.PostingRefused, store.PrintPrinted}} {
			c := s.claims("a", "2026-09-03 09:10")
			s.must(s.EndPosting(t.Context(), at(t, "2026-09-03 09:10"), "a", c.Item, end.state, "words"))
			p, err := s.PrintBySerial(t.Context(), c.Print.Serial)
			if err != nil || p.State != end.print || (p.Outcome == "words") != (end.print == store.PrintOvertaken) {
				t.Errorf("%s: the print is %+v, %v; want it %s", end.state, p, err, end.print)
			}
			of, err := s.PostingsOf(t.Context(), []int64{c.Item})
			if got := of[c.Item]; err != nil || got.State != end.state || got.Reason != "words" || got.Failed != (end.state == store.PostingRefused) ||
				!got.StatusAt.Equal(at(t, "2026-09-03 09:10")) {
				t.Errorf("%s: the posting is %+v, %v", end.state, got, err)
			}
		}
	})
	t.Run("StatusesMoveUntilTheEnd", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1", "SW-2")
		one, two := s.accepts("2026-09-03 09:10"), s.accepts("2026-09-03 09:11")
		s.becomes(one, store.PostingAccepted, "pending-virus-check", false)
		s.becomes(two, store.PostingAccepted, "accepted", false, func(p *store.PostingStatus) { p.ProviderID = "another" })
		same(t, "after the first look", s.standing(), []string{two.Print.Case + " accepted", one.Print.Case + " accepted pending-virus-check"})
		s.becomes(one, store.PostingReceived, "received", false)
		s.becomes(one, store.PostingAccepted, "accepted", false)
		s.becomes(two, store.PostingRefused, "validation-failed", true)
		s.becomes(two, store.PostingReceived, "received", false)
		same(t, "at the end", s.standing(), []string{two.Print.Case + " refused validation-failed", one.Print.Case + " received received"})
		unfinished, err := s.UnfinishedPostings(t.Context(), at(t, "2026-09-04 10:00"))
		if err != nil || len(unfinished) != 1 || unfinished[0].Case != two.Print.Case || unfinished[0].Reason != "words" || !unfinished[0].StatusAt.Equal(at(t, "2026-09-04 10:00")) {
			t.Errorf("UnfinishedPostings = %+v, %v; want the refused letter", unfinished, err)
		}
		if later, err := s.UnfinishedPostings(t.Context(), at(t, "2026-09-04 10:01")); err != nil || len(later) != 0 {
			t.Errorf("UnfinishedPostings later = %+v, %v; want none", later, err)
		}
	})
	t.Run("OperationsAreToldOfEachFailureOnce", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1", "SW-2")
		untold := func() (out []string) {
			t.Helper()
			postings, err := s.UntoldPostings(t.Context())
			s.must(err)
			for _, p := range postings {
				out = append(out, p.Reference+" "+p.Status)
			}
			return out
		}
		one, two := s.accepts("2026-09-03 09:10"), s.accepts("2026-09-03 09:11")
		same(t, "at first", untold(), nil)
		s.becomes(one, store.PostingAccepted, "technical-failure", true)
		s.becomes(two, store.PostingAccepted, "accepted", false)
		same(t, "after a failure", untold(), []string{one.Reference + " technical-failure"})
		s.must(s.NoteTold(t.Context(), at(t, "2026-09-04 10:05"), []int64{one.Item}))
		same(t, "once they are told", untold(), nil)
		s.becomes(one, store.PostingRefused, "permanent-failure", true)
		same(t, "after it failed for good", untold(), []string{one.Reference + " permanent-failure"})
	})
	t.Run("LettersOnTheWayComeInTheOrderOfTheirAcceptance", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1", "SW-2", "SW-3", "SW-4")
		var want []string
		for _, when := range []string{"2026-09-03 09:12", "2026-09-03 09:10", "2026-09-03 09:10"} {
			want = append(want, s.accepts(when).Reference)
		}
		var behind *store.Posting
		var found []string
		for {
			some, err := s.PostingsOnTheWay(t.Context(), behind, 2)
			s.must(err)
			if len(some) == 0 {
				break
			}
			for i := range some {
				found = append(found, some[i].Reference)
				behind = &some[i]
			}
		}
		same(t, "on the way", found, []string{want[1], want[2], want[0]})
	})
	t.Run("WhatWaitsIsFound", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1", "SW-2")
		waiting, oldest, err := s.WaitingPostings(t.Context())
		if err != nil || len(waiting) != 1 || waiting[1] != 2 || !oldest.Equal(at(t, "2026-09-03 09:00")) {
			t.Errorf("WaitingPostings = %v since %v, %v; want two of batch 1 since 09:00", waiting, oldest, err)
		}
		s.accepts("2026-09-03 09:10")
		s.accepts("2026-09-03 09:10")
		if waiting, oldest, err := s.WaitingPostings(t.Context()); err != nil || len(waiting) != 0 || !oldest.IsZero() {
			t.Errorf("WaitingPostings = %v since %v, %v; want none", waiting, oldest, err)
		}
	})
	t.Run("BatchesWhoseLettersHaveNoPostingAreFound", func(t *testing.T) {
		s := newPostScene(t, open, "SW-1")
		unposted := func(since string) (out []string) {
			t.Helper()
			batches, err := s.UnpostedBatches(t.Context(), at(t, since))
			s.must(err)
			for _, b := range batches {
				out = append(out, fmt.Sprintf("%d %s", b.Number, b.Options))
			}
			return out
		}
		same(t, "with all letters queued", unposted("2026-09-03 08:00"), nil)
		s.visits("2026-09-03 10:00", "a1@SW-1")
		s.keep(2, "CRD")
		same(t, "with a batch of cards", unposted("2026-09-03 08:00"), nil)
		taken(t, s.Store, s.rules, rows{IntakeOptions: s.options("2026-09-03 11:00"), events: []pathway.Event{{ID: "o2", Case: "SW-1",
			Kind: pathway.KindAppointmentOffered, By: "W1", At: at(t, "2026-09-03 11:00"), Booked: at(t, "2026-09-15 10:00")}}})
		s.keep(3, "LTR")
		same(t, "with a batch of letters", unposted("2026-09-03 08:00"), []string{"3 {}"})
		same(t, "made before", unposted("2026-09-03 08:01"), nil)
	})
}
