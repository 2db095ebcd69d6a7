package scheduler

import (
	"context"
	"fmt"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// obey does what DONE, SEEN or ACK ask for, as the person to whom the text with
// that code went, where they may.
func (d *delivery) obey(ctx context.Context, now time.Time, in *notify.Received, said notify.Reply, people []pathway.Person) (*pathway.Person, *notify.Answer, error) {
	person, answer := &people[0], &notify.Answer{Says: notify.AnswerUnknownCode, Code: said.Code}
	if said.Code == "" {
		answer.Says = notify.AnswerNoCode
		return person, answer, nil
	}
	by := now
	if in.At.After(by) { // the provider's clock has its say too
		by = in.At
	}
	wrong, err := d.store.RepliesSince(ctx, by, person.ID, d.startOfDay(in.At), wrongCodes)
	if err != nil {
		return nil, nil, err
	}
	if wrong >= wrongCodesADay {
		answer.Says = notify.AnswerLocked
		return person, answer, nil
	}
	texts, err := d.store.TextsTo(ctx, in.From, now.Add(-codesLast))
	if err != nil {
		return nil, nil, err
	}
	texts = slices.DeleteFunc(texts, func(t store.SaidByText) bool { return !notify.ReplyCodeIs(d.origin, said.Code, t.Person, t.Key) })
	if len(texts) > 1 { // two texts with one code: only one that is still open can be meant
		texts = slices.DeleteFunc(texts, func(t store.SaidByText) bool { return len(openReminders(t.Reminders)) == 0 })
	}
	switch {
	case len(texts) > 1:
		answer.Says = notify.AnswerSeveral
		return person, answer, nil
	case len(texts) == 0:
		if wrong+1 >= wrongCodesADay {
			answer.Says = notify.AnswerLocked
			d.tellGuessed(ctx, now, person, in.At)
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
	events, says := d.events(now, person, said.Verb, open)
	if says != "" {
		answer.Says = says
		return person, answer, nil
	}
	answer.CaseRef, answer.Title = open[0].Duty.Case, d.rules.Title(&open[0].Duty)
	answer.Says, err = d.recordEvents(ctx, now, in, person, said.Verb, events)
	if (answer.Says == notify.AnswerAlready || answer.Says == notify.AnswerNotByText) && slices.ContainsFunc(open, func(r store.MessageReminder) bool { return !r.Duty.Said.IsZero() }) {
		answer.Says = notify.AnswerSaidAlready
	}
	return person, answer, err
}

// wrongCodes are what came of texts with a code that none of ours bears.
var wrongCodes = []string{notify.AnswerUnknownCode, notify.AnswerLocked}

func (d *delivery) startOfDay(at time.Time) time.Time {
	return d.rules.Calendar.StartOf(d.rules.Calendar.DateOf(at))
}

// tellGuessed tells operations that somebody tries codes from a person's number.
func (d *delivery) tellGuessed(ctx context.Context, now time.Time, p *pathway.Person, at time.Time) {
	d.alert(ctx, now, "", "codes-guessed/"+p.ID+"/"+d.rules.Calendar.DateOf(at).String(),
		notify.Alert{Says: notify.AlertCodesGuessed, Channel: pathway.ChannelSMS, People: []string{p.ID}})
}

// openReminders are those whose duty is still to be done.
func openReminders(all []store.MessageReminder) []store.MessageReminder {
	return slices.DeleteFunc(slices.Clone(all), func(r store.MessageReminder) bool { return r.State != pathway.Open })
}

// events are what a verb records of the duties that a text was about; or what the
// sender is told instead.
func (d *delivery) events(now time.Time, person *pathway.Person, verb string, open []store.MessageReminder) (events []pathway.Event, says string) {
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
		if !mayRecord(now, person, first, pathway.KindSeen, pathway.Practitioner) {
			return nil, notify.AnswerNotYours
		}
		return []pathway.Event{{Case: first.Duty.Case, Kind: pathway.KindSeen}}, ""
	}
	if len(open) > 1 {
		return nil, notify.AnswerSeveral
	}
	kind, can := d.doneBy(&first.Duty)
	if !mayRecord(now, person, first, kind, first.Duty.Owner) {
		return nil, notify.AnswerNotYours
	}
	if !can {
		return nil, notify.AnswerNotByText
	}
	return []pathway.Event{{Case: first.Duty.Case, Kind: kind}}, ""
}

// mayRecord reports whether whoever was told of a duty may record by text what is
// its owner's to record: they act in the role in which they were told.
func mayRecord(now time.Time, p *pathway.Person, told *store.MessageReminder, kind string, owner pathway.Role) bool {
	who := pathway.Who{Person: p.ID, Role: p.Role, Team: p.Team, Active: !p.Left(now)}
	on := pathway.ToldAs(p.ID, told.Role)
	may, _ := pathway.May(&who, pathway.Action{Do: pathway.DeedRecord, Kind: kind, Owner: owner}, &on)
	return may
}

// doneBy returns the kind of event that DONE records for a duty; false where there is
// none.
func (d *delivery) doneBy(duty *pathway.Duty) (kind string, can bool) {
	rule := d.rules.Rule(duty.Pathway, duty.Version, duty.ID)
	if rule == nil {
		return "", false
	}
	return rule.DoneInAWord()
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
	for i := range events {
		events[i].ID, events[i].At, events[i].Recorded = keyOf("text", in.ID, fmt.Sprint(i)), in.At, now
	}
	result, err := d.store.Record(ctx, now, p.ID, events, store.RecordOptions{Rules: d.rules, Way: pathway.WayText, KeepIf: func(r *store.Recorded) bool {
		says = wouldSay(verb, r)
		return says == ""
	}})
	switch {
	case pathway.ProblemOf(err) == pathway.Refused:
		return notify.AnswerNotByText, nil
	case err != nil || says != "":
		return says, err
	}
	d.log.Info("a text was taken in", "asks", verb, "events", len(events), "duties_met", result.DutiesMet)
	switch {
	case verb == notify.VerbAck:
		return notify.AnswerAcknowledged, nil
	case pathway.KindOf(events[0].Kind).ByText:
		return notify.AnswerDone, nil
	}
	return notify.AnswerSaid, nil
}

// wouldSay is what somebody is told instead of recording what changes nothing; empty
// where it does.
func wouldSay(verb string, r *store.Recorded) string {
	switch {
	case verb == notify.VerbAck:
	case r.DutiesSaid > 0:
	case verb == notify.VerbDone && r.DutiesMet == 0 && r.Unchanged == 0:
		return notify.AnswerNotByText
	case r.DutiesMet+r.DutiesOpened+r.DutiesEnded+r.Unchanged == 0:
		return notify.AnswerAlready
	}
	return ""
}
