package printing

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"example.org/doorstep/notify/govuk"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// Letters is how GOV.UK Notify is reached to print and post letters.
type Letters struct {
	APIKey  string
	BaseURL string // empty: the public one
	Postage string
}

// Posted is how the letters of a batch stand after they were handed over.
type Posted struct {
	Batch   *store.PrintBatch
	Sent    int // handed over by this call
	Letters []store.BatchPosting
}

// PrintToPost makes a batch of the letters that wait, for GOV.UK Notify to post: of it
// only the cover sheet is a file. Post hands them over.
func (r *Room) PrintToPost(ctx context.Context, now time.Time, who string, options Options, place *Place, progress func(items int)) (*Batch, error) {
	if p, err := r.poster(now, nil); err != nil {
		return nil, err
	} else {
		p.close()
	}
	options.Sheet, options.Layout, options.Post = postcards.SheetFour, postcards.LayoutNotify, true
	return r.Print(ctx, now, who, Selection{Kinds: []string{pathway.PaperLetter}, Options: options}, place, progress)
}

// Post hands over the letters of a batch that wait, each once, whoever else does so at
// the same time. progress is told how many have gone; nil: nobody is. Along with an
// error, which says how to go on, it returns how the letters stand all the same.
func (r *Room) Post(ctx context.Context, now time.Time, number int64, progress func(sent int)) (*Posted, error) {
	p, err := r.poster(now, progress)
	if err != nil {
		return nil, err
	}
	defer p.close()
	batch, err := p.queueBatch(ctx, number)
	if err != nil {
		return nil, err
	}
	refs, err := casesIn(ctx, r.Store, number, pathway.PaperLetter)
	if err != nil {
		return nil, err
	}
	asked := r.Asked
	asked.Who = cmp.Or(asked.Who, batch.By)
	if err := r.Store.AddAudit(ctx, asked.Trail(now, string(pathway.DeedPrint), fmt.Sprintf("batch %d handed over", number), refs)...); err != nil {
		return nil, err
	}
	posted := &Posted{Batch: batch}
	var failed error
	posted.Sent, failed = p.send(ctx, batch)
	posted.Letters, err = r.Store.Postings(context.WithoutCancel(ctx), number) // also when it was stopped
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	return posted, failed
}

// poster hands letters over to GOV.UK Notify. What it has in hand is kept in the
// database before it goes, so that any number of them share the work.
type poster struct {
	db       *store.Store
	letters  *govuk.Letters
	postage  string
	holder   string // this poster, where letters are claimed
	limiter  *rate.Limiter
	clock    runningClock
	progress func(sent int) // nil: nobody is told
}

const (
	// postConnections is how many letters are handed over at once.
	postConnections = 4
	// closingTakes bounds how long letting go of them takes.
	closingTakes = 7 * time.Second
)

func (r *Room) poster(now time.Time, progress func(sent int)) (*poster, error) {
	if r.Letters == nil {
		return nil, pathway.NewProblem(pathway.Refused, "letters.via is print: write letters: {via: notify, notify: {api_key: ...}} into the configuration to have GOV.UK Notify post letters")
	}
	letters, err := govuk.NewLetters(govuk.Settings{APIKey: r.Letters.APIKey, BaseURL: r.Letters.BaseURL, Connections: postConnections})
	if err != nil {
		return nil, pathway.AsProblem(pathway.Refused, err)
	}
	return &poster{db: r.Store, letters: letters, postage: r.Letters.Postage, holder: rand.Text(),
		limiter: rate.NewLimiter(govuk.Rate, govuk.Burst), clock: runFrom(now), progress: progress}, nil
}

// close lets go of the connections.
func (p *poster) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closingTakes)
	defer cancel()
	_ = p.letters.Close(ctx) // nothing is under way any more
}

// runningClock goes on from the time that a poster was told: handing over letters
// takes a while, and each is claimed and recorded at its own time.
type runningClock struct{ from, began time.Time }

func runFrom(now time.Time) runningClock { return runningClock{now, time.Now()} }

func (c runningClock) now() time.Time { return c.from.Add(time.Since(c.began)) }

// until is how long it is until then.
func (c runningClock) until(at time.Time) time.Duration { return at.Sub(c.now()) }
