package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// codesLast is how long a text can be answered by its code.
	codesLast = 14 * 24 * time.Hour
	// answersAnHour is how many answers a number gets to what changes nothing: two
	// machines that answer each other soon fall silent. What changes something is
	// answered always.
	answersAnHour = 6
	// wrongCodesADay is how many wrong codes lock a number for the rest of the day: a
	// code cannot be found by trying.
	wrongCodesADay = 5
	// confirmedFor is how long it is worth telling somebody what their text changed.
	confirmedFor = 24 * time.Hour
	// listenEvery is how often a provider is asked for texts that came in.
	listenEvery = 15 * time.Second
	// listenBack is how far back it is asked at first and at most, and then from the
	// last answer on: what is known already is not taken again.
	listenBack      = 24 * time.Hour
	listenBackAgain = time.Hour
	// mostFaults is how many texts may fail before the others wait too: it is not they.
	mostFaults = 20
)

// What came of a text that came in (store.Reply.Outcome, Observer.ReplySeen),
// besides the words of notify.Answer.Says.
const (
	replyUnknownNumber = "unknown-number"
	replyRepeated      = "repeated"
)

// ReplyOutcomes returns all that can come of a text that came in.
func ReplyOutcomes() []string {
	return append(notify.Answers(), replyUnknownNumber, replyRepeated)
}

// listen asks a channel's provider for the texts that came in, until ctx ends.
func (d *delivery) listen(ctx context.Context, name string, s Sender) {
	listener, ok := s.Channel.(notify.Listener)
	if !ok || !d.replies {
		return
	}
	every := listenEvery
	if s.TextsComeIn {
		every = callbackGrace
	}
	since := d.clock.Now().Add(-listenBack)
	for {
		now := d.clock.Now()
		if since.After(now) { // by a clock that was wrong
			since = now.Add(-listenBack)
		}
		asking, done := context.WithTimeout(ctx, askProviderFor)
		received, err := listener.Received(asking, since)
		done()
		if err == nil {
			err = d.takeReplies(ctx, now, name, received)
		}
		if back := now.Add(-listenBack); since.Before(back) {
			since = back
		}
		if err == nil {
			since = now.Add(-listenBackAgain)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Warn("cannot read the texts that came in: they are read again soon", "channel", name, "error", err)
		}
		if !wait(ctx, d.clock, now.Add(every), nil) {
			return
		}
	}
}

// takeReplies takes in texts, each once however often it is told. An error means
// that they should be told again. One that cannot be taken in holds up no other.
func (d *delivery) takeReplies(ctx context.Context, now time.Time, channel string, all []notify.Received) error {
	var faults []error
	for i := range all {
		err := safely(d.log, "taking in a text", func() error { return d.takeReply(ctx, now, channel, &all[i]) })
		if err != nil {
			faults = append(faults, err)
		}
		if ctx.Err() != nil || len(faults) == mostFaults || store.IsTemporary(err) {
			break
		}
	}
	return errors.Join(faults...)
}

// takeReply does what a text asks for and answers it once. Its words are read
// here and nowhere kept.
func (d *delivery) takeReply(ctx context.Context, now time.Time, channel string, in *notify.Received) error {
	if in.At.IsZero() || in.At.After(now) { // the provider does not say, or its clock is ahead
		in.At = now
	}
	select { // else many guesses at once would all be the first
	case d.replyTurn <- struct{}{}:
		defer func() { <-d.replyTurn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	known, err := d.store.ReplyKnown(ctx, in.ID)
	if err != nil || known {
		return err
	}
	people, err := d.store.PeopleByMobile(ctx, in.From)
	if err != nil {
		return err
	}
	reply := store.Reply{ID: in.ID, Channel: channel, Received: in.At}
	people = slices.DeleteFunc(people, func(p pathway.Person) bool { return p.Left(now) })
	if len(people) == 0 { // never answered: it may be a family, or a machine
		reply.Outcome = replyUnknownNumber
		return d.concludeReply(ctx, now, reply, nil)
	}
	reply.Person = people[0].ID
	said, understood := notify.ParseReply(in.Text)
	reply.Verb = said.Verb
	answer := &notify.Answer{Says: notify.AnswerHelp}
	switch {
	case !understood:
		answer.Says = notify.AnswerNotUnderstood
	case said.Verb == notify.VerbStop:
		return d.stopTexts(ctx, now, reply, in, people)
	case said.Verb == notify.VerbStart:
		if err := d.startTexts(ctx, in.From); err != nil {
			return err
		}
		answer.Says = notify.AnswerStarted
	case said.Verb != notify.VerbHelp:
		var person *pathway.Person
		if person, answer, err = d.obey(ctx, now, in, said, people); err != nil {
			return err
		}
		reply.Person = person.ID
	}
	reply.Outcome = answer.Says
	return d.concludeReply(ctx, now, reply, d.answerByText(ctx, now, in, &people[0], answer))
}

// concludeReply notes what came of a text and queues the answer.
func (d *delivery) concludeReply(ctx context.Context, now time.Time, r store.Reply, answers []store.Message) error {
	first, err := d.store.TakeReply(ctx, now, r, answers)
	if err != nil {
		return fmt.Errorf("note what came of a text that came in: %w", err)
	}
	if !first {
		r.Outcome = replyRepeated
	}
	d.observer.ReplySeen(r.Outcome)
	d.nudge()
	return nil
}

// changes are the answers that say that something is another now.
var changes = []string{notify.AnswerDone, notify.AnswerSaid, notify.AnswerAcknowledged, notify.AnswerStarted, notify.AnswerStopped}

// answerByText is the answer to a text; none where nothing was changed and the number
// has had its share this hour.
func (d *delivery) answerByText(ctx context.Context, now time.Time, in *notify.Received, p *pathway.Person, answer *notify.Answer) []store.Message {
	if slices.Contains(changes, answer.Says) {
		return d.answer(now, in, p, pathway.ChannelSMS, in.From, answer)
	}
	n, err := d.store.AnswersSince(ctx, in.From, now.Add(-time.Hour))
	if err != nil || n >= answersAnHour {
		return nil
	}
	return d.answer(now, in, p, pathway.ChannelSMS, in.From, answer)
}

func (d *delivery) answer(now time.Time, in *notify.Received, p *pathway.Person, channel, address string, answer *notify.Answer) []store.Message {
	text, err := json.Marshal(payload{Answer: answer})
	if err != nil || address == "" {
		return nil
	}
	useful := now.Add(time.Hour)
	if slices.Contains(changes, answer.Says) {
		useful = now.Add(confirmedFor)
	}
	return []store.Message{{
		Key: keyOf("answer", in.ID), Kind: string(notify.KindAnswer), Person: p.ID, Channel: channel, Address: address,
		Severity: d.rules.AnswerSeverity(), NextTry: now, UsefulUntil: useful, Payload: text,
	}}
}

// stopTexts ends texts to a number. The answer goes by email: the number wants
// none, and the network would not let one through.
func (d *delivery) stopTexts(ctx context.Context, now time.Time, reply store.Reply, in *notify.Received, people []pathway.Person) error {
	p := &people[0]
	_, again := d.disabled(pathway.ChannelSMS, in.From)
	err := d.store.DisableAddress(ctx, now, store.DisabledAddress{Channel: pathway.ChannelSMS, Address: in.From, Person: p.ID,
		Fault: string(notify.FaultOptedOut), Reason: "the recipient asked for no more texts (STOP): they can text START"})
	if err != nil {
		return err
	}
	d.forgetDisabled(true)
	reply.Outcome = notify.AnswerStopped
	if again { // they know
		return d.concludeReply(ctx, now, reply, nil)
	}
	return d.concludeReply(ctx, now, reply, d.answer(now, in, p, pathway.ChannelEmail, p.Email, &notify.Answer{Says: notify.AnswerStopped}))
}

// startTexts begins texts again where STOP had ended them; a number that does not
// exist stays unused.
func (d *delivery) startTexts(ctx context.Context, mobile string) error {
	all, err := d.store.DisabledAddresses(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Channel == pathway.ChannelSMS && a.Address == mobile && a.Fault == string(notify.FaultOptedOut) {
			if _, err := d.store.EnableAddress(ctx, a.Channel, a.Address); err != nil {
				return err
			}
		}
	}
	d.forgetDisabled(true)
	return nil
}
