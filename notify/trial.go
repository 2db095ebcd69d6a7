package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// tryAll renders a sample of everything, so that a slip in the wording shows at
// the start and not with the first overdue duty.
func (c *Composer) tryAll(files map[string]string) error {
	now := time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC)
	for _, m := range slices.Concat(reminderTrials(now), digestTrials(now), otherTrials(now)) {
		if _, err := c.try(now, m, ByEmail); err != nil {
			return err
		}
		if err := c.tryText(now, m, files); err != nil {
			return err
		}
	}
	for _, m := range longTrials(now) {
		if err := c.tryText(now, m, files); err != nil {
			return err
		}
	}
	return nil
}

func (c *Composer) try(now time.Time, m Message, channel string) (*Rendered, error) {
	m.Key, m.Channel = "sample", channel
	return c.Compose(now, m)
}

// tryText refuses a text that leaves out what it must say, or is too long even
// with the link and the title left out.
func (c *Composer) tryText(now time.Time, m Message, files map[string]string) error {
	r, err := c.try(now, m, BySMS)
	if err != nil {
		return err
	}
	name := "sms-" + m.Kind.wording()
	fault := func(format string, args ...any) error {
		t := c.text.Lookup(name).Tree
		line, column := place(files[t.ParseName], start(t))
		return fmt.Errorf("message wording: %s:%d:%d: %q %s", t.ParseName, line, column, name, fmt.Sprintf(format, args...))
	}
	if m.Kind == KindReminder {
		first := &m.Reminders[0]
		for _, must := range []struct{ what, value, field string }{
			{"the case reference", first.CaseRef, "{{.First.CaseRef}}"},
			{"when it is due", first.Due.In(c.settings.Location).Format("15:04"), "{{.First.Due.Clock}}"},
			{"the reply code", m.ReplyCode, "{{.ReplyCode}}"},
		} {
			if !strings.Contains(r.SMS, must.value) {
				return fault("leaves out %s: add %s", must.what, must.field)
			}
		}
	}
	if r.Segments > c.segments {
		return fault("can take %d segments: shorten it, or allow more with {{define %q}}%d{{end}}", r.Segments, segmentsName, min(r.Segments, mostSegments))
	}
	return nil
}

// trialLadders are what ladders can say of their messages.
var trialLadders = []struct{ urgent, immediate bool }{{}, {urgent: true}, {urgent: true, immediate: true}}

// reminderTrials has a message for every branch of the wording.
func reminderTrials(now time.Time) (samples []Message) {
	before, after := now.AddDate(0, 0, -3), now.AddDate(0, 0, 2)
	for _, l := range trialLadders {
		for _, due := range []time.Time{before, now, after} {
			for _, rung := range []string{"start", "set", "due", "again"} {
				r := Reminder{CaseRef: "KN-1", Duty: "see-child-again", Title: "See the child again", Attempt: 1,
					Urgent: l.urgent, Immediate: l.immediate, Rung: rung, Role: "manager", OwnerRole: "practitioner", OwnerID: "W1", CoverFor: "W2",
					Opened: before, OpensFrom: after, Due: due, Why: "5 working days", Basis: BasisLocal, Clause: "3.2", Merged: true, CanDone: true,
					Household: []string{"KN-2", "KN-3"}, Discussed: &Discussed{before, "high", "unknown"}}
				mine := Reminder{CaseRef: "KN-1", Title: "See the child again", Urgent: l.urgent, Immediate: l.immediate, Rung: rung, Due: due}
				mine.Was, mine.Moved, mine.SetBy, mine.RecordedAfter, mine.Left = before, before, "M1", "33 hours", "15 hours"
				unsaid := mine
				unsaid.Said = before
				unsaid.SetBy, unsaid.Left = "", ""
				unsaid.Why, unsaid.Role, unsaid.OwnerRole, unsaid.Unreached = "28 days of age", "service-manager", "chair", "W3"
				for _, reminders := range [][]Reminder{{r}, {mine}, {unsaid}, {r, mine}} {
					samples = append(samples, Message{Kind: KindReminder, Reminders: reminders, ReplyCode: "4F7KP"})
				}
			}
		}
	}
	return samples
}

func digestTrials(now time.Time) []Message {
	before, after := now.AddDate(0, 0, -3), now.AddDate(0, 0, 2)
	full := Digest{On: now, Late: true, DueAt: now.Add(-time.Hour)}
	told := []Told{{"W1", ByEmail}, {"M1", BySMS}}
	for _, id := range sectionIDs {
		full.Sections = append(full.Sections, Section{id, []DigestLine{
			{CaseRef: "KN-1", Title: "See the child", Due: before, OwnerRole: "manager", Practitioner: "W1", Attempt: 2, Urgent: true, Note: "a note", Discussed: &Discussed{before, "low", ""}},
			{CaseRef: "KN-1", Title: "See the child", Due: after, New: true},
			{Note: "a note"},
			{CaseRef: "KN-1", Title: "See the child", Due: after, Said: before},
			{CaseRef: "KN-2", Visits: &InVain{2, before}}, {CaseRef: "KN-2", Action: &ActionAsked{Due: after}}, {CaseRef: "KN-3", Action: &ActionAsked{Agreed: before}}, {CaseRef: "KN-3", Visits: &InVain{1, before}, Action: &ActionAsked{}},
			{Absence: &Absence{Until: after, Duties: 2, Cover: "W2"}}, {Absence: &Absence{Gone: true, Duties: 1}}, {Absence: &Absence{}},
			{Undelivered: &Undeliverable{Person: "W1", Channel: BySMS, Reason: "the number does not exist", Instead: told}}, {Undelivered: &Undeliverable{Channel: ByEmail, WaitsSince: before}},
		}})
	}
	full.DataOf, full.LateFiles = before, []LateFiles{{"events", before}}
	teams := full
	teams.Teams = []TeamSummary{{Team: "East", Overdue: 1, DueToday: 1, Coming: 1, Oldest: before, OldestOf: "KN-1"}, {Team: "West"}}
	chair := full
	chair.Chair = true
	return []Message{{Kind: KindChairDigest, Digest: &chair}, {Kind: KindChairDigest, Digest: &Digest{On: now, Chair: true}}, {Kind: KindDigest, Digest: &full}, {Kind: KindDigest, Digest: &teams}, {Kind: KindDigest, Digest: &Digest{On: now}}}
}

// otherTrials are alerts, answers and tests.
func otherTrials(now time.Time) []Message {
	samples := []Message{
		{Kind: KindAlert, Alert: &Alert{Title: "Title", Text: "Text"}},
		{Kind: KindTest, Test: &Test{}}, {Kind: KindTest, Test: &Test{Probe: true}},
	}
	for _, says := range alerts {
		for _, channel := range []string{ByEmail, BySMS} {
			samples = append(samples, Message{Kind: KindAlert, Alert: &Alert{Says: says, Channel: channel}},
				Message{Kind: KindAlert, Alert: &Alert{Says: says, CaseRef: "KN-1", Channel: channel, Reason: "it does not answer", Since: now.Add(-time.Hour), Waiting: 12, File: "events.csv", Files: "events", People: []string{"W1", "W2"}, By: "clerk", Visited: []string{"KN-2"}, Cases: []string{"KN-1", "KN-3"}}},
				Message{Kind: KindNotice, Alert: &Alert{Says: says, Channel: channel, People: []string{"W1"}, Waiting: 1, Own: true}})
		}
	}
	for _, says := range answers {
		samples = append(samples, Message{Kind: KindAnswer, Answer: &Answer{Says: says}},
			Message{Kind: KindAnswer, Answer: &Answer{Says: says, Code: "4F7KP", CaseRef: "KN-1", Title: "See the child again"}})
	}
	return samples
}

// longTrials are the longest texts.
func longTrials(now time.Time) (samples []Message) {
	reference, title := strings.Repeat("K", longestReference), strings.Repeat("See them again ", 30)
	for _, l := range trialLadders {
		for _, due := range []time.Time{now.AddDate(-1, 0, 0), now.Add(-time.Minute), now.AddDate(1, 0, 0)} {
			r := Reminder{CaseRef: reference, Title: title, Urgent: l.urgent, Immediate: l.immediate, Rung: "due", Role: "manager", OwnerRole: "practitioner",
				OwnerID: reference, Due: due, CanDone: true}
			samples = append(samples, Message{Kind: KindReminder, Reminders: []Reminder{r}, ReplyCode: "4F7KP"},
				Message{Kind: KindReminder, Reminders: slices.Repeat([]Reminder{r}, 11), ReplyCode: "4F7KP"})
		}
	}
	for _, says := range alerts {
		samples = append(samples, Message{Kind: KindAlert, Alert: &Alert{Says: says, CaseRef: reference, Channel: ByEmail, Reason: title, Since: now.AddDate(-1, 0, 0)}})
	}
	for _, says := range answers {
		samples = append(samples, Message{Kind: KindAnswer, Answer: &Answer{Says: says, Code: "4F7KP", CaseRef: reference, Title: title}})
	}
	return append(samples, Message{Kind: KindAlert, Alert: &Alert{Title: title}})
}
