package scheduler

import (
	"context"
	"encoding/json"
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
	// answersAnHour is how many answers a number gets: two machines that answer
	// each other soon fall silent.
	answersAnHour = 6
	// answerSeverity: whoever texts waits for the answer.
	answerSeverity = 150
	// listenEvery is how often a provider is asked for texts that came in.
	listenEvery = 15 * time.Second
	// listenBack is how far back it is asked at first, and then from the last answer
	// on: what is known already is not taken again.
	listenBack      = 24 * time.Hour
	listenBackAgain = time.Hour
)

// What came of a text that came in (store.Reply.Outcome, Observer.ReplySeen),
// besides the words of notify.Answer.Says.
const (
	replyUnknownNumber = "unknown-number"
	replyRepeated      = "repeated"
)

// listen asks a channel's provider for the texts that came in, until ctx ends.
func (d *delivery) listen(ctx context.Context, name string, s Sender) {
	listener, ok := s.Channel.(notify.Listener)
	if !ok || !d.replies {
		return
	}
	every := listenEvery
	if s.Callbacks {
		every = callbackGrace
	}
	since := d.clock.Now().Add(-listenBack)
	for {
		now := d.clock.Now()
		received, err := listener.Received(ctx, since)
		if err == nil {
			err = d.takeReplies(ctx, now, name, received)
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
// that they should be told again.
func (d *delivery) takeReplies(ctx context.Context, now time.Time, channel string, all []notify.Received) error {
	for i := range all {
		if err := d.takeReply(ctx, now, channel, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// takeReply does what a text asks for and answers it once. Its words are read
// here and nowhere kept.
func (d *delivery) takeReply(ctx context.Context, now time.Time, channel string, in *notify.Received) error {
	if in.At.IsZero() { // the provider does not say
		in.At = now
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

// answerByText is the answer to a text; none where the number has had its share
// this hour.
func (d *delivery) answerByText(ctx context.Context, now time.Time, in *notify.Received, p *pathway.Person, answer *notify.Answer) []store.Message {
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
	return []store.Message{{
		Key: testKey("answer", in.ID), Kind: string(notify.KindAnswer), Person: p.ID, Channel: channel, Address: address,
		Severity: answerSeverity, NextTry: now, UsefulUntil: now.Add(time.Hour), Payload: text,
	}}
}

// stopTexts ends texts to a number. The answer goes by email: the number wants
// none, and the network would not let one through.
func (d *delivery) stopTexts(ctx context.Context, now time.Time, reply store.Reply, in *notify.Received, people []pathway.Person) error {
	p := &people[0]
	err := d.store.DisableAddress(ctx, now, store.DisabledAddress{Channel: pathway.ChannelSMS, Address: in.From, Person: p.ID,
		Fault: string(notify.FaultOptedOut), Reason: "the recipient asked for no more texts (STOP): they can text START"})
	if err != nil {
		return err
	}
	d.forgetDisabled(true)
	reply.Outcome = notify.AnswerStopped
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

// obey does what DONE, SEEN or ACK ask for, as the person to whom the text with
// that code went, where they may.
func (d *delivery) obey(ctx context.Context, now time.Time, in *notify.Received, said notify.Reply, people []pathway.Person) (*pathway.Person, *notify.Answer, error) {
	answer := &notify.Answer{Says: notify.AnswerUnknownCode, Code: said.Code}
	if said.Code == "" {
		answer.Says = notify.AnswerNoCode
		return &people[0], answer, nil
	}
	texts, err := d.store.TextsTo(ctx, in.From, now.Add(-codesLast))
	if err != nil {
		return nil, nil, err
	}
	texts = slices.DeleteFunc(texts, func(t store.SaidByText) bool { return notify.ReplyCode(t.Key) != said.Code })
	if len(texts) > 1 { // two texts with one code: only one that is still open can be meant
		texts = slices.DeleteFunc(texts, func(t store.SaidByText) bool { return len(openReminders(t.Reminders)) == 0 })
	}
	person := &people[0]
	if len(texts) != 1 {
		if len(texts) > 1 {
			answer.Says = notify.AnswerSeveral
		}
		return person, answer, nil
	}
	text := &texts[0]
	i := slices.IndexFunc(people, func(p pathway.Person) bool { return p.ID == text.Person })
	if i < 0 {
		answer.Says = notify.AnswerNotYours
		return person, answer, nil
	}
	person = &people[i]
	first := &text.Reminders[0]
	answer.CaseRef, answer.Title = first.Duty.Case, d.rules.Title(&first.Duty)
	open := openReminders(text.Reminders)
	if len(open) == 0 {
		answer.Says = notify.AnswerNotOpen
		if first.State == pathway.Met {
			answer.Says = notify.AnswerAlready
		}
		return person, answer, nil
	}
	events, says := d.events(said.Verb, open)
	if says != "" {
		answer.Says = says
		return person, answer, nil
	}
	answer.CaseRef, answer.Title = open[0].Duty.Case, d.rules.Title(&open[0].Duty)
	answer.Says, err = d.recordEvents(ctx, now, in, person, said.Verb, events)
	return person, answer, err
}

// openReminders are those whose duty is still to be done.
func openReminders(all []store.MessageReminder) []store.MessageReminder {
	return slices.DeleteFunc(slices.Clone(all), func(r store.MessageReminder) bool { return r.State != pathway.Open })
}

// events are what a verb records of the duties that a text was about; or what the
// sender is told instead.
func (d *delivery) events(verb string, open []store.MessageReminder) (events []pathway.Event, says string) {
	first := &open[0]
	switch verb {
	case notify.VerbAck:
		for i := range open {
			events = append(events, pathway.Event{Case: open[i].Duty.Case, Kind: pathway.KindAcknowledged, Value: open[i].Duty.ID})
		}
		return events, ""
	case notify.VerbSeen:
		for i := range open {
			if open[i].Duty.Case != first.Duty.Case {
				return nil, notify.AnswerSeveral // which family?
			}
		}
		if first.Role != pathway.Practitioner {
			return nil, notify.AnswerNotYours
		}
		return []pathway.Event{{Case: first.Duty.Case, Kind: pathway.KindSeen}}, ""
	}
	if len(open) > 1 {
		return nil, notify.AnswerSeveral
	}
	if first.Role != first.Duty.Owner {
		return nil, notify.AnswerNotYours
	}
	kind, can := d.doneBy(&first.Duty)
	if !can {
		return nil, notify.AnswerNotByText
	}
	return []pathway.Event{{Case: first.Duty.Case, Kind: kind}}, ""
}

// needsMore are the kinds of event that say more than that something was done.
var needsMore = []string{
	pathway.KindTimeframeSet, pathway.KindFrequencySet, pathway.KindReferralDecided, pathway.KindReviewConsidered, pathway.KindLiaison,
	pathway.KindVulnerabilityAnswered, pathway.KindVisitBooked, pathway.KindAppointmentOffered, pathway.KindReallocated,
	pathway.KindCardLeft, pathway.KindEDDChanged, pathway.KindPathwayChanged, pathway.KindBorn,
}

// doneBy returns the kind of event that meets a duty and needs nothing but to have
// happened; false where there is none.
func (d *delivery) doneBy(duty *pathway.Duty) (kind string, can bool) {
	rule := d.rules.Rule(duty.Pathway, duty.Version, duty.ID)
	if rule == nil || len(rule.Checklist) > 0 {
		return "", false
	}
	for _, m := range rule.MetBy {
		if m.Value == "" && !slices.Contains(needsMore, m.Kind) && !pathway.Unsuccessful(m.Kind) {
			return m.Kind, true
		}
	}
	return "", false
}

// canBeDoneByText reports whether DONE says all that a duty asks for.
func (d *delivery) canBeDoneByText(duty *pathway.Duty) bool {
	if !d.replies {
		return false
	}
	_, can := d.doneBy(duty)
	return can
}

// recordEvents takes events in as the person's, and returns what they are told. The
// ids of the events follow from the text's, so that a text that is told twice is
// recorded once.
func (d *delivery) recordEvents(ctx context.Context, now time.Time, in *notify.Received, p *pathway.Person, verb string, events []pathway.Event) (says string, err error) {
	at := in.At
	if at.IsZero() || at.After(now) {
		at = now
	}
	try := func(dryRun bool) (store.IntakeResult, error) {
		intake, err := d.store.NewIntake(ctx, d.rules, store.IntakeOptions{Now: now, DryRun: dryRun})
		if err != nil {
			return store.IntakeResult{}, err
		}
		defer intake.Rollback()
		for i, e := range events {
			e.ID, e.At, e.Recorded, e.By = testKey("text", in.ID, fmt.Sprint(i)), at, now, p.ID
			if err := intake.AddEvent(i+1, e); err != nil {
				return store.IntakeResult{}, err
			}
		}
		return intake.Commit(ctx)
	}
	if verb != notify.VerbAck { // would it change anything, coming from this person?
		result, err := try(true)
		if err != nil {
			return "", err
		}
		changes := result.DutiesMet + result.DutiesOpened + result.DutiesEnded + result.Unchanged
		switch {
		case result.FaultCount > 0, verb == notify.VerbDone && result.DutiesMet == 0 && result.Unchanged == 0:
			return notify.AnswerNotByText, nil
		case changes == 0:
			return notify.AnswerAlready, nil
		}
	}
	result, err := try(false)
	switch {
	case err != nil:
		return "", err
	case result.FaultCount > 0:
		return notify.AnswerNotByText, nil
	}
	d.log.Info("a text was taken in", "asks", verb, "events", len(events), "duties_met", result.DutiesMet)
	switch verb {
	case notify.VerbAck:
		return notify.AnswerAcknowledged, nil
	case notify.VerbSeen:
		return notify.AnswerSeen, nil
	}
	return notify.AnswerDone, nil
}
