package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// What the digest's run counts, besides CountMessages.
const (
	CountDigests     = "digests"     // people who get one
	CountUnreachable = "unreachable" // people who should and have no address
)

const (
	// A digest that goes out later than this after its schedule says so.
	lateAfter = 5 * time.Minute
)

// Digests counts managers' working-day digests.
type Digests struct {
	store *store.Store
	rules *pathway.Rules
	// wrote is called with each digest that is new in the ledger.
	wrote func(person string, d *notify.Digest)
}

// NewDigests returns digests over what is in the store.
func NewDigests(s *store.Store, rules *pathway.Rules) *Digests {
	return &Digests{store: s, rules: rules}
}

// BuildDigest counts one person's digest at now. It is empty for somebody who
// manages nobody; store.ErrNotFound says that there is no such person.
func (g *Digests) BuildDigest(ctx context.Context, person string, now time.Time) (*notify.Digest, error) {
	r, err := g.read(ctx, now)
	if err != nil {
		return nil, err
	}
	if r.people[person] == nil {
		return nil, fmt.Errorf("person %q: %w", person, store.ErrNotFound)
	}
	return r.digest(person), nil
}

// Queue counts everybody's digest at now and takes those into the ledger that it
// does not have for the day of due, the time of the schedule that now sees to. A
// digest of a day is therefore sent once, whoever asks how often.
func (g *Digests) Queue(ctx context.Context, run *store.Run, now, due time.Time) (map[string]int, error) {
	counts := map[string]int{CountDigests: 0, CountMessages: 0}
	r, err := g.read(ctx, now)
	if err != nil {
		return counts, err
	}
	var messages []store.Message
	var digests []*notify.Digest
	for _, p := range r.recipients() {
		counts[CountDigests]++
		channel := digestChannel(p)
		if channel == "" {
			counts[CountUnreachable]++
			continue
		}
		d := r.digest(p.ID)
		d.DueAt = due
		d.Late = now.Sub(due) > lateAfter
		text, err := json.Marshal(payload{Digest: d})
		if err != nil {
			return counts, fmt.Errorf("write the digest of %s: %w", p.ID, err)
		}
		kind := notify.KindDigest
		if p.Role == pathway.ServiceManager {
			kind = notify.KindTeamDigest
		}
		digests = append(digests, d)
		messages = append(messages, store.Message{
			Key:         "digest/" + p.ID + "/" + r.calendar.DateOf(due).String(),
			Kind:        string(kind),
			Person:      p.ID,
			Channel:     channel,
			Address:     addressOf(p, channel),
			Severity:    pathway.DigestSeverity,
			NextTry:     now,
			UsefulUntil: r.tomorrow,
			Payload:     text,
		})
	}
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
	return counts, nil
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
