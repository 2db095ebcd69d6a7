package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Rendered is a message in the words people read. An email has Subject, Text
// and HTML, and ICS where there is a due time to come; a text has only SMS, in
// the GSM 7-bit alphabet, and Segments, as how many texts it is sent and paid for.
type Rendered struct {
	Subject  string
	Text     string
	HTML     string
	SMS      string
	Segments int
	ICS      string
}

// Compose renders m as its reader gets it at now: "tomorrow" is counted from
// now, not from when the message was queued.
func (c *Composer) Compose(now time.Time, m Message) (*Rendered, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	m = m.cleaned()
	if m.Channel == BySMS {
		sms, err := c.sms(now, m)
		if err != nil {
			return nil, err
		}
		return &Rendered{SMS: sms, Segments: segments(sms)}, nil
	}
	m.name()
	v, err := c.view(now, m)
	if err != nil {
		return nil, err
	}
	var r Rendered
	name := m.Kind.wording()
	if r.Subject, err = c.words("subject-"+name, v); err != nil {
		return nil, err
	}
	r.Subject = strings.Join(strings.Fields(r.Subject), " ")
	if r.Text, err = c.words(name+".txt.tmpl", v); err != nil {
		return nil, err
	}
	r.Text = layOut(r.Text)
	if r.HTML, err = c.htmlWords(name+".html.tmpl", v); err != nil {
		return nil, err
	}
	if m.Kind == KindReminder && !m.Urgent() {
		if r.ICS, err = c.calendar(now, v); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

// DigestText returns the digest as the email's text part has it, with these names.
func (c *Composer) DigestText(d *Digest, staff pathway.StaffNames) (string, error) {
	if err := d.check(); err != nil {
		return "", err
	}
	m := Message{Digest: d, Staff: staff}.cleaned()
	m.name()
	v, err := c.view(d.On, m)
	if err != nil {
		return "", err
	}
	text, err := c.words(KindDigest.wording()+".txt.tmpl", v)
	return layOut(text), err
}

// check refuses a message that is not one.
func (m Message) check() error {
	switch {
	case m.Key == "":
		return errors.New("the message has no key, so a repeat could not be told from it")
	case m.Channel != ByEmail && m.Channel != BySMS:
		return errors.New("the message names no channel: use email or sms")
	case m.ReplyCode != "" && !isCode(m.ReplyCode):
		return errors.New("the message's reply code is none that an answer could be read by: take it from ReplyCode")
	}
	empty := false
	switch m.Kind {
	case KindReminder:
		empty = len(m.Reminders) == 0
	case KindDigest, KindTeamDigest, KindChairDigest:
		empty = m.Digest == nil
	case KindAlert, KindNotice:
		empty = m.Alert == nil
	case KindAnswer:
		empty = m.Answer == nil
	case KindTest:
		empty = m.Test == nil
	default:
		return errors.New("the message is of no known kind")
	}
	if empty {
		return fmt.Errorf("the %s has nothing in it", m.Kind)
	}
	switch {
	case m.Digest != nil:
		return m.Digest.check()
	case m.Alert != nil && m.Alert.Says != "" && !slices.Contains(alerts, m.Alert.Says):
		return errors.New("the alert says nothing that the wording knows")
	case m.Answer != nil && !slices.Contains(answers, m.Answer.Says):
		return errors.New("the answer says nothing that the wording knows")
	}
	return nil
}

// check refuses a section that has no heading in the wording.
func (d *Digest) check() error {
	for i, s := range d.Sections {
		if !slices.Contains(sectionIDs, s.ID) {
			return fmt.Errorf("section %d of the digest is of no known kind", i+1)
		}
	}
	return nil
}
