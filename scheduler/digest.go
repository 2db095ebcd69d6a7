package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// What the digest's run counts, besides CountMessages.
const (
	CountDigests     = "digests"     // people who get one
	CountUnreachable = "unreachable" // people who should and have no address
	CountQuiet       = "quiet"       // people whose digest would have nothing to say
)

const (
	// A digest that goes out later than this after its schedule says so.
	lateAfter = 5 * time.Minute
	// A chair's digest is of use for so many days.
	chairsUseful = 5
)

// digests sends managers' working-day digests: when and to whom. What they say is
// package casefile's.
type digests struct {
	store *store.Store
	rules *pathway.Rules
	desk  casefile.DutyDesk
	log   *slog.Logger
	// wrote is called with each digest that is new in the ledger.
	wrote func(person string, d *notify.Digest)
}

// queue counts everybody's digest at now and takes those into the ledger that it
// does not have for the day of due, the time of the schedule that now sees to. A
// digest of a day is therefore sent once, whoever asks how often. Where there is
// nothing to say none is sent, but for the first of a week: it shows that Doorstep is
// there, and that silence means that nothing waits. Chairs have one with the first of a
// week, where there is something to say.
func (g *digests) queue(ctx context.Context, run *store.Run, now, due time.Time) (map[string]int, error) {
	counts := map[string]int{CountDigests: 0, CountMessages: 0}
	all, err := casefile.ReadDigests(ctx, g.store, g.rules, g.desk, now)
	if err != nil {
		return counts, err
	}
	weekly, err := g.firstOfWeek(ctx, due)
	if err != nil {
		return counts, err
	}
	calendar := g.rules.Calendar
	today := calendar.DateOf(now)
	q := digestQueue{digests: g, counts: counts, now: now, due: due}
	for _, p := range all.Recipients() {
		kind := notify.KindDigest
		if p.Role == pathway.ServiceManager {
			kind = notify.KindTeamDigest
		}
		q.add(p, kind, store.DigestKey(p.ID, calendar.DateOf(due)), calendar.StartOf(today.AddDays(1)), func() *notify.Digest {
			if d := all.Of(p.ID); weekly || d.HasNews() {
				return d
			}
			return nil
		})
	}
	if weekly {
		chairs, err := all.ReadChairs(ctx, g.store)
		if err != nil {
			return counts, err
		}
		for _, p := range chairs.Recipients() {
			q.add(p, notify.KindChairDigest, "chair-"+store.DigestKey(p.ID, calendar.DateOf(due)), calendar.StartOf(today.AddDays(chairsUseful)), func() *notify.Digest { return chairs.Of(p.ID) })
		}
	}
	messages, digests, faults := q.messages, q.written, q.faults
	added, err := g.store.QueueMessages(ctx, run, now, messages)
	if err != nil {
		return counts, err
	}
	counts[CountMessages] = len(added)
	for i, m := range messages {
		if added[m.Key] && g.wrote != nil {
			g.wrote(m.Person, digests[i])
		}
	}
	return counts, errors.Join(faults...)
}

// digestQueue is what a run of the schedule is to take into the ledger.
type digestQueue struct {
	*digests
	counts   map[string]int
	now, due time.Time
	messages []store.Message
	written  []*notify.Digest
	faults   []error
}

// add adds one person's digest, unless there is none.
func (q *digestQueue) add(p *pathway.Person, kind notify.Kind, key string, useful time.Time, read func() *notify.Digest) {
	channel := digestChannel(p)
	if channel == "" {
		q.counts[CountDigests]++
		q.counts[CountUnreachable]++
		return
	}
	var d *notify.Digest
	var text []byte
	err := safely(q.log, "a digest", func() (err error) { // one that breaks off is only that person's
		if d = read(); d == nil {
			return nil
		}
		d.DueAt = q.due
		d.Late = q.now.Sub(q.due) > lateAfter
		text, err = json.Marshal(payload{Digest: d})
		return err
	})
	switch {
	case err != nil:
		q.faults = append(q.faults, fmt.Errorf("write the digest of %s: %w", p.ID, err))
		return
	case d == nil:
		q.counts[CountQuiet]++
		return
	}
	q.counts[CountDigests]++
	q.written = append(q.written, d)
	q.messages = append(q.messages, store.Message{Key: key, Kind: string(kind), Person: p.ID, Channel: channel, Address: addressOf(p, channel),
		Severity: pathway.DigestSeverity, NextTry: q.now, UsefulUntil: useful, Payload: text})
}

// digestChannel is email; only who has no address for it gets a text.
func digestChannel(p *pathway.Person) string {
	switch {
	case p.Email != "":
		return pathway.ChannelEmail
	case p.Mobile != "":
		return pathway.ChannelSMS
	}
	return ""
}

// runsOfAWeek is more than a schedule of digests has in a week.
const runsOfAWeek = 50

// firstOfWeek reports whether no time of the schedule before due, in the same week, was
// seen to: on a Monday as a rule, on the next working day where that is none, and
// whenever the daemon is back where it was down.
func (g *digests) firstOfWeek(ctx context.Context, due time.Time) (bool, error) {
	runs, err := g.store.Runs(ctx, ScheduleDigest, runsOfAWeek)
	if err != nil {
		return false, err
	}
	calendar := g.rules.Calendar
	day := calendar.DateOf(due)
	monday := calendar.StartOf(day.AddDays(-(int(day.Weekday()) + 6) % 7))
	return !slices.ContainsFunc(runs, func(r store.RunRecord) bool {
		return r.Error == "" && !r.Ended.IsZero() && !r.Due.Before(monday) && r.Due.Before(due)
	}), nil
}
