package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// CountTests is how many test messages a contact test queues.
	CountTests = "tests"

	// An address by which something arrived so recently needs no test.
	provenFor = 28 * 24 * time.Hour
	// testUseful is how long a test may wait.
	testUseful = 3 * 24 * time.Hour
)

// contacts tests whether messages would reach people, before it matters.
type contacts struct {
	store      *store.Store
	rules      *pathway.Rules
	operations *pathway.Person
	carries    func(channel string) bool
}

// test queues a test message to every address of everybody who works here by
// which nothing has arrived for a month. What does not arrive takes the usual way:
// the address is not used any more, and the digest of the person's manager and the
// call sheet say so.
func (c *contacts) test(ctx context.Context, run *store.Run, now time.Time) (map[string]int, error) {
	people, err := c.store.ReachablePeople(ctx)
	if err != nil {
		return nil, err
	}
	proven, err := c.store.LastDelivered(ctx, now.Add(-provenFor))
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(payload{Test: &notify.Test{}})
	if err != nil {
		return nil, fmt.Errorf("write a contact test: %w", err)
	}
	month := now.In(c.rules.Calendar.Location()).Format("2006-01")
	var messages []store.Message
	for i := range people {
		p := &people[i]
		if p.Left(now) || p.Away(now) {
			continue
		}
		for _, channel := range []string{pathway.ChannelEmail, pathway.ChannelSMS} {
			address := addressOf(p, channel)
			if _, arrived := proven[[2]string{channel, address}]; arrived || address == "" || !c.carries(channel) {
				continue
			}
			messages = append(messages, store.Message{
				Key: keyOf("contact", p.ID, channel, month), Kind: string(notify.KindTest), Person: p.ID, Channel: channel, Address: address,
				Severity: pathway.TestSeverity, NextTry: c.rules.Calendar.NextOffice(now), UsefulUntil: now.Add(testUseful), Payload: text,
			})
		}
	}
	added, err := c.store.QueueMessages(ctx, run, now, messages)
	return map[string]int{CountTests: len(added)}, err
}

// probe queues a test message to operations by each channel that they have an
// address for. Whether it arrives is looked at by missing.
func (c *contacts) probe(ctx context.Context, run *store.Run, now time.Time) (map[string]int, error) {
	text, err := json.Marshal(payload{Test: &notify.Test{Probe: true}})
	if err != nil {
		return nil, fmt.Errorf("write a probe: %w", err)
	}
	var messages []store.Message
	for _, channel := range c.probed() {
		messages = append(messages, store.Message{
			Key: probeKey(channel, run.Due), Kind: string(notify.KindTest), Person: c.operations.ID, Channel: channel,
			Address: addressOf(c.operations, channel), Severity: c.rules.AlertSeverity(), NextTry: now, UsefulUntil: now.Add(time.Hour), Payload: text,
		})
	}
	added, err := c.store.QueueMessages(ctx, run, now, messages)
	return map[string]int{CountTests: len(added)}, err
}

// probed are the channels by which operations are probed.
func (c *contacts) probed() []string {
	var out []string
	for _, channel := range []string{pathway.ChannelEmail, pathway.ChannelSMS} {
		if c.operations != nil && addressOf(c.operations, channel) != "" && c.carries(channel) {
			out = append(out, channel)
		}
	}
	return out
}

// arrivesWithin is how long a probe may take.
const arrivesWithin = 15 * time.Minute

// missing returns the channels whose last probe should have arrived by now and has
// not, and when that probe was due.
func (c *contacts) missing(ctx context.Context, now time.Time) (channels []string, due time.Time, err error) {
	if len(c.probed()) == 0 {
		return nil, due, nil
	}
	state, err := c.store.Schedule(ctx, ScheduleProbe)
	if err != nil || state.LastDue.IsZero() || now.Before(state.LastSuccess.Add(arrivesWithin)) || state.LastSuccess.IsZero() {
		return nil, due, err
	}
	for _, channel := range c.probed() {
		m, err := c.store.MessageByKey(ctx, probeKey(channel, state.LastDue))
		if errors.Is(err, store.ErrNotFound) {
			continue // operations had no such address then
		}
		if err != nil {
			return nil, due, err
		}
		if !hasArrived(&m) {
			channels = append(channels, channel)
		}
	}
	return channels, state.LastDue, nil
}

// hasArrived reports whether a message is known to have arrived, or was taken by a
// provider that gives no receipts.
func hasArrived(m *store.SentMessage) bool {
	return m.State == store.MessageDelivered || m.State == store.MessageSent && m.PollAt.IsZero()
}

func probeKey(channel string, due time.Time) string {
	return keyOf("probe", channel, due.UTC().Format(time.RFC3339))
}
