package printing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

const (
	// postTakes bounds one try at a letter.
	postTakes = 30 * time.Second
	// postSettles is how long Notify may still be at work on a letter whose sender
	// has gone: asked for it sooner, it may not know it yet.
	postSettles = 30 * time.Second
	// postClaim is how long a letter is claimed: after it, whoever had it is done
	// with it, and so is Notify.
	postClaim = postTakes + postSettles
	// notifyRemembers is how long Notify keeps its records at least. What may have
	// gone before that cannot be asked for any more.
	notifyRemembers = 3 * 24 * time.Hour

	// mostTrouble is how often in a row it may go wrong.
	mostTrouble = 3
	// mostDoubt is how often it may have, for what is in doubt to be waited for.
	mostDoubt = 2
	// longestPause is how long a sender waits by itself because Notify asks it to.
	longestPause = time.Minute
)

// sending is the letters of one batch on their way to Notify.
type sending struct {
	*poster
	batch   *store.PrintBatch
	options Options
	printer *postcards.Printer

	mu      sync.Mutex
	sent    int
	trouble int       // how often in a row it went wrong
	reason  string    // why it did
	pause   time.Time // until then nothing is sent
	stopped error     // why nothing more is sent
}

// notNow is why Notify takes no more letters for some time, with nothing wrong.
type notNow struct{ reason string }

func (e notNow) Error() string { return e.reason }

// send hands over what waits of a batch, and waits for what others have in hand. It
// returns how many letters it has sent, also along with an error, which says how to
// go on.
func (p *poster) send(ctx context.Context, b *store.PrintBatch) (sent int, err error) {
	s := &sending{poster: p, batch: b}
	if s.options, err = optionsOf(b); err != nil {
		return 0, err
	}
	st, err := unpackStationery(b.Stationery)
	if err != nil {
		return 0, err
	}
	if s.printer, err = st.Printer(); err != nil {
		return 0, fmt.Errorf("batch %d cannot be printed as it was: %w", b.Number, err)
	}
	for {
		var workers sync.WaitGroup
		for range postConnections {
			workers.Go(func() { s.work(ctx) })
		}
		workers.Wait()
		switch {
		case s.stopped != nil:
		case ctx.Err() != nil:
			s.stopped = errors.New("stopped before it was done")
		case s.trouble >= mostDoubt:
			s.stopped = errors.New(s.reason)
		}
		if s.stopped != nil {
			return s.sent, fmt.Errorf("letters of batch %d: %d sent, the rest waits: %w: doorstep post --batch %d goes on with it", b.Number, s.sent, s.stopped, b.Number)
		}
		next, err := p.db.NextPosting(ctx, b.Number)
		if err != nil || next.IsZero() {
			return s.sent, err
		}
		rest(ctx, min(p.clock.until(next), time.Second)) // somebody else may be done before
	}
}

// rest waits, unless ctx ends before.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// work hands over one letter after the other, until there is none to claim.
func (s *sending) work(ctx context.Context) {
	for s.goesOn(ctx) {
		at := s.clock.now()
		claimed, err := s.db.ClaimPosting(ctx, at, s.batch.Number, s.holder, at.Add(postClaim))
		if err != nil && ctx.Err() == nil {
			s.stop(err)
		}
		if err != nil || claimed == nil {
			return
		}
		// A letter in hand is brought to its end: it takes no longer than its claim.
		if err := s.handOver(context.WithoutCancel(ctx), at, claimed); err != nil {
			s.stop(err)
		}
	}
}

// goesOn waits until a letter may be sent; false: no more.
func (s *sending) goesOn(ctx context.Context) bool {
	for {
		s.mu.Lock()
		stopped, pause := s.stopped != nil, s.clock.until(s.pause)
		s.mu.Unlock()
		if stopped || ctx.Err() != nil {
			return false
		}
		if pause <= 0 {
			return s.limiter.Wait(ctx) == nil
		}
		rest(ctx, pause)
	}
}

func (s *sending) stop(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped == nil {
		s.stopped = why
	}
}

// handOver hands over one letter and records what became of it. The error is about the
// database.
func (s *sending) handOver(ctx context.Context, at time.Time, c *store.ClaimedPosting) error {
	end := func(state store.PostingState, why string) error {
		return s.db.EndPosting(ctx, s.clock.now(), s.holder, c.Item, state, why)
	}
	why, posted, err := s.overtaken(ctx, at, &c.Print)
	switch {
	case err != nil:
		return errors.Join(err, s.db.ReleasePosting(ctx, s.holder, c.Item, c.MaybeSent, at, c.Reason))
	case posted:
		return end(store.PostingRefused, "since it was printed, a letter was recorded as sent: print it again and post it by hand where that was another one")
	case why != "" && c.MaybeSent.IsZero():
		return end(store.PostingWithdrawn, why)
	case why != "":
		return end(store.PostingRefused, fmt.Sprintf("%s, but it may have been sent on %s: look for %s at GOV.UK Notify and cancel it there",
			why, c.MaybeSent.Format("2 January 2006"), c.Reference))
	case !c.MaybeSent.IsZero() && at.Sub(c.MaybeSent) > notifyRemembers:
		return end(store.PostingRefused, fmt.Sprintf("whether it was sent on %s nobody knows any more, and it is not sent again: look for %s at GOV.UK Notify, and ask the family before you post it by hand",
			c.MaybeSent.Format("2 January 2006"), c.Reference))
	}
	pdf, why := s.pdf(ctx, &c.Print)
	if why != "" {
		return end(store.PostingRefused, why)
	}
	within, cancel := context.WithTimeout(ctx, s.clock.until(at.Add(postTakes)))
	defer cancel()
	id, o := s.letters.Send(within, c.Reference, pdf, c.Postage)
	switch {
	case o.State == notify.Sent:
		sum := sha256.Sum256(pdf)
		s.wentWell()
		return s.db.AcceptPosting(ctx, s.clock.now(), c.Item, id, hex.EncodeToString(sum[:]))
	case o.State == notify.Failed:
		return end(store.PostingRefused, o.Reason+": print it again and post it by hand")
	case o.Ambiguous:
		s.wentWrong(o)
		if c.MaybeSent.IsZero() {
			c.MaybeSent = at
		}
		return s.db.ReleasePosting(ctx, s.holder, c.Item, c.MaybeSent, s.clock.now().Add(postSettles), o.Reason)
	}
	s.wentWrong(o)
	return s.db.ReleasePosting(ctx, s.holder, c.Item, c.MaybeSent, s.clock.now(), o.Reason)
}

// overtaken says why a letter should no longer go out; empty: it should. posted says
// that somebody has posted it by hand, as it seems.
func (s *sending) overtaken(ctx context.Context, at time.Time, p *store.Print) (why string, posted bool, err error) {
	if p.State != store.PrintPrinted {
		return p.Outcome, false, nil
	}
	cases, err := s.db.PrintCases(ctx, []string{p.Case})
	if err != nil {
		return "", false, err
	}
	c := cases[p.Case]
	if c == nil {
		return "", false, fmt.Errorf("case %s has a letter to be posted, but is not known", p.Case)
	}
	if p.Passed(at) {
		return "the appointment is over", false, nil
	}
	return p.Overtaken(&c.Case, c.Events), pathway.LetterSentSince(c.Events, p.Printed), nil
}

// pdf is a letter as it was printed: the same bytes each time. Otherwise it says
// why it cannot be printed, without what stands on it.
func (s *sending) pdf(ctx context.Context, p *store.Print) (pdf []byte, why string) {
	in, err := unpackInput(p)
	if err != nil || in.Letter == nil {
		return nil, "what was printed cannot be read"
	}
	var out bytes.Buffer
	_, failed, err := s.printer.Letters(ctx, &out, s.options.Layout, slices.Values([]postcards.Letter{*in.Letter}),
		postcards.Options{Compress: s.options.Compress, Created: s.batch.Made})
	if len(failed) > 0 {
		return nil, fmt.Sprintf("this Doorstep cannot print it as it was (%s): post the paper of batch %d by hand", failed[0].Field, s.batch.Number)
	}
	if err != nil {
		return nil, fmt.Sprintf("this Doorstep cannot print it as it was: post the paper of batch %d by hand", s.batch.Number)
	}
	return out.Bytes(), ""
}

func (s *sending) wentWell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
	s.trouble = 0
	if s.progress != nil {
		s.progress(s.sent)
	}
}

// wentWrong decides whether it is worth going on. What lies in the account, or in
// the day's limit, every other letter would meet too.
func (s *sending) wentWrong(o notify.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, pause := s.clock.now(), o.RetryAfter
	if !at.Before(s.pause) { // else it is the trouble that the pause is for
		s.trouble++
	}
	s.reason = o.Reason
	switch {
	case s.stopped != nil:
		return
	case o.Fault == notify.FaultBusy && pause > longestPause:
		s.stopped = notNow{o.Reason}
		return
	case o.Fault == notify.FaultAccount || s.trouble >= mostTrouble:
		s.stopped = errors.New(o.Reason)
		return
	case o.Fault != notify.FaultBusy || pause == 0:
		pause = time.Duration(s.trouble) * time.Second // where it is in doubt, this letter waits for longer
	}
	if until := at.Add(pause); until.After(s.pause) {
		s.pause = until
	}
}
