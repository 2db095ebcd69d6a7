package scheduler

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// checked is a message as it is to be sent at this moment, or why it is not.
type checked struct {
	message     notify.Message
	unsent      store.MessageState // cancelled or failed: it is not sent at all
	reason      string             // why not
	notBefore   time.Time          // it waits for the office to open
	officeHours bool               // it is for office hours only
	usefulUntil time.Time          // zero: no end
}

// payload is what the ledger keeps of a message that is no reminder.
type payload struct {
	Digest *notify.Digest `json:",omitempty"`
	Alert  *notify.Alert  `json:",omitempty"`
	Answer *notify.Answer `json:",omitempty"`
	Test   *notify.Test   `json:",omitempty"`
}

// check looks once more, right before a message goes, whether there is still
// anything to say: the duties are looked at as they stand now, those that are met
// are left out, and where none is left the message is cancelled.
func (d *delivery) check(ctx context.Context, now time.Time, m claimed) (checked, error) {
	c := checked{
		message: notify.Message{
			Key:     m.Key,
			Kind:    notify.Kind(m.Kind),
			Channel: m.Channel,
			Created: m.Created, MaybeSent: m.MaybeSent,
		},
		usefulUntil: m.UsefulUntil,
	}
	if m.Channel == notify.BySMS {
		c.message.To.Mobile = m.Address
		if d.replies && c.message.Kind == notify.KindReminder {
			c.message.ReplyCode = notify.ReplyCode(d.origin, m.Person, m.Key)
		}
	} else {
		c.message.To.Email = m.Address
	}
	if c.message.Kind == notify.KindReminder {
		err := d.checkReminders(ctx, now, m, &c)
		c.message.UsefulUntil = c.usefulUntil
		d.nameStaff(ctx, now, &c)
		return c, err
	}
	var p payload
	if err := json.Unmarshal(m.Payload, &p); err != nil {
		c.unsent, c.reason = store.MessageFailed, "what it says cannot be read: report this"
	}
	c.message.Digest, c.message.Alert, c.message.Answer, c.message.Test = p.Digest, p.Alert, p.Answer, p.Test
	c.message.UsefulUntil = c.usefulUntil
	if !c.usefulUntil.IsZero() && !now.Before(c.usefulUntil) {
		c.nothingLeft(m, store.ReasonTooLate)
	}
	d.nameStaff(ctx, now, &c)
	return c, nil
}

// nothingLeft cancels a message that has nothing to say any more. One that came
// to be too late because it could not be delivered has failed.
func (c *checked) nothingLeft(m claimed, reasons ...pathway.Reason) {
	if m.Tries > 0 && slices.Contains(reasons, store.ReasonTooLate) {
		c.unsent, c.reason = store.MessageFailed, m.Reason
		return
	}
	slices.Sort(reasons)
	var words []string
	for _, r := range slices.Compact(reasons) {
		words = append(words, string(r))
	}
	c.unsent, c.reason = store.MessageCancelled, "nothing was left to say: "+strings.Join(words, ", ")
}

func (d *delivery) checkReminders(ctx context.Context, now time.Time, m claimed, c *checked) error {
	reminders, err := d.asTheyStand(ctx, now, m)
	if err != nil {
		return err
	}
	acknowledgements, err := d.acknowledgements(ctx, m)
	if err != nil {
		return err
	}
	c.officeHours = true
	var dropped []pathway.Reason
	var kept []*pathway.Duty
	for i := range reminders {
		r := &reminders[i]
		reason := outdated(r, now)
		if reason == pathway.Sent && acknowledged(acknowledgements[r.ReminderKey.Duty], m.Person, m.Created, now, d.acknowledgementLasts) {
			reason = store.ReasonAcknowledged
		}
		if reason != pathway.Sent {
			if err := d.store.DropReminder(ctx, r.ReminderKey, reason); err != nil {
				return err
			}
			dropped = append(dropped, reason)
			continue
		}
		said := d.reminder(r, now)
		c.officeHours = c.officeHours && !said.Urgent
		if at := d.mayGo(r, now); c.notBefore.IsZero() || at.Before(c.notBefore) {
			c.notBefore = at
		}
		if strings.HasPrefix(m.Key, insteadKey) { // not cover: the message failed
			said.Unreached, said.CoverFor = said.CoverFor, ""
		}
		c.message.Reminders = append(c.message.Reminders, said)
		kept = append(kept, &r.Duty)
	}
	if len(c.message.Reminders) == 0 {
		c.nothingLeft(m, dropped...)
		return nil
	}
	if err := d.addBackground(ctx, c.message.Reminders, kept, m.discussed); err != nil {
		return err
	}
	c.usefulUntil = usefulUntil(reminders, now)
	return nil
}

// mayGo is when a reminder may go from now on: a message goes when one of its reminders
// may.
func (d *delivery) mayGo(r *store.MessageReminder, now time.Time) time.Time {
	ladder, calendar := d.rules.Ladder(r.Duty.Ladder), d.rules.Calendar
	switch {
	case ladder == nil:
		return now
	case warns(r) && ladder.PutForward(&r.Duty, calendar, now):
		return now
	}
	return ladder.MayGo(&r.Duty, calendar, now)
}

// acknowledgements returns who has acknowledged the duties of a message that was
// tried before: its reader may have learned of them by another way meanwhile.
func (d *delivery) acknowledgements(ctx context.Context, m claimed) (map[int64][]store.Acknowledgement, error) {
	if m.Tries == 0 {
		return nil, nil
	}
	duties := make([]int64, len(m.reminders))
	for i := range m.reminders {
		duties[i] = m.reminders[i].ReminderKey.Duty
	}
	return d.store.Acknowledgements(ctx, duties)
}

// asTheyStand returns what a claimed message has to say with its duties as they
// are now. What was read a moment ago is now.
func (d *delivery) asTheyStand(ctx context.Context, now time.Time, m claimed) ([]store.MessageReminder, error) {
	if since := now.Sub(m.looked); since >= 0 && since < freshFor {
		return m.reminders, nil
	}
	ids := make([]int64, len(m.reminders))
	for i := range m.reminders {
		ids[i] = m.reminders[i].ReminderKey.Duty
	}
	duties, err := d.checks.get(ctx, exchange{duties: ids})
	if err != nil {
		return nil, err
	}
	for i := range m.reminders {
		r := &m.reminders[i]
		duty := duties[r.ReminderKey.Duty]
		if !duty.Due.Equal(r.Duty.Due) || !duty.Set.Equal(r.Duty.Set) || !duty.Resumed.Equal(r.Duty.Resumed) { // and with it the reason why it is due then
			found, err := d.store.MessageReminders(ctx, []int64{m.ID})
			return found[m.ID], err
		}
		r.State, r.Duty.TakenOver = duty.State, duty.TakenOver
	}
	return m.reminders, nil
}

// outdated says why a reminder has nothing left to say at now; Sent when it has.
func outdated(r *store.MessageReminder, now time.Time) pathway.Reason {
	switch {
	case r.State == pathway.Met:
		return store.ReasonMet
	case r.State != pathway.Open:
		return store.ReasonEnded
	case r.Duty.IsSilenced(momentOf(r)):
		return pathway.TakenOver
	case momentOf(r) == pathway.Again:
		if now.Before(r.Duty.Due) {
			return store.ReasonMoved
		}
		return pathway.Sent
	case momentOf(r) == pathway.AtSet:
		if r.Due != r.Duty.Set.UnixMilli() {
			return store.ReasonMoved // set anew, which is said by itself
		}
		return pathway.Sent
	case r.Due != 0 && r.Due != r.Duty.Due.UnixMilli():
		return store.ReasonMoved // the new due time has rungs of its own
	case warns(r) && !now.Before(r.Duty.Due):
		return store.ReasonTooLate // the rung "due" says what has become true
	}
	return pathway.Sent
}

// momentOf is what the time of a reminder's rung is counted from, as far as it matters
// whether it is still to be said.
func momentOf(r *store.MessageReminder) pathway.Moment {
	switch m := pathway.Moment(r.Rung); m {
	case pathway.AtSet, pathway.Again:
		return m
	}
	return pathway.AtDue
}

// warns reports whether a reminder is of use only until its duty is due.
func warns(r *store.MessageReminder) bool {
	return strings.HasPrefix(r.Rung, string(pathway.BeforeDue))
}

// usefulUntil returns when the last of the reminders is of no use any more; zero
// when one of them always is.
func usefulUntil(reminders []store.MessageReminder, now time.Time) (until time.Time) {
	for i := range reminders {
		r := &reminders[i]
		if outdated(r, now) != pathway.Sent {
			continue
		}
		if !warns(r) {
			return time.Time{}
		}
		if r.Duty.Due.After(until) {
			until = r.Duty.Due
		}
	}
	return until
}

// reminder puts a duty into the words that package notify works with.
func (d *delivery) reminder(r *store.MessageReminder, now time.Time) notify.Reminder {
	duty := &r.Duty
	n := notify.Reminder{
		CaseRef:   duty.Case,
		Duty:      duty.ID,
		Title:     d.rules.Title(duty),
		Attempt:   duty.Attempt,
		Rung:      r.Rung,
		Role:      string(r.Role),
		OwnerRole: string(duty.Owner),
		OwnerID:   r.Practitioner,
		Opened:    duty.Opened,
		OpensFrom: duty.OpensFrom,
		Due:       duty.Due,
		Said:      duty.SaidAt(),
		Why:       duty.Why,
		Basis:     string(duty.Basis),
		Merged:    r.StandsFor > 0,
		Was:       duty.LateSince,
		CanDone:   r.Role == duty.Owner && duty.Said.IsZero() && d.canBeDoneByText(duty),
	}
	if !n.Was.IsZero() {
		n.Moved = duty.Moved
	}
	if r.Rung == string(pathway.AtSet) {
		n.SetBy = duty.SetBy
	}
	if r.Rung == string(pathway.AtStart) || n.Merged {
		if n.RecordedAfter = duty.RecordedAfter(); n.RecordedAfter != "" {
			n.Left = duty.Left(now)
		}
	}
	if duty.Owner == pathway.Manager {
		n.OwnerID = r.Manager
	}
	if !isRole(r.Instead) {
		n.CoverFor = r.Instead
	}
	if ladder := d.rules.Ladder(duty.Ladder); ladder != nil {
		n.Urgent, n.Immediate = ladder.Urgent(), ladder.Immediate()
	}
	if rule := d.rules.Rule(duty.Pathway, duty.Version, duty.ID); rule != nil {
		n.Clause = rule.Clause
		if r.Role == duty.Owner {
			n.AnswerPage = rule.AnswerPage()
		}
	}
	return n
}

// isRole reports whether somebody stands in for a role that nobody holds rather
// than for a person.
func isRole(instead string) bool {
	switch pathway.Role(instead) {
	case pathway.Practitioner, pathway.Manager, pathway.ServiceManager, pathway.Chair, pathway.Admin:
		return true
	}
	return false
}
