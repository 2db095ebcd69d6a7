package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rendered is a message in the words people read. An email has Subject, Text
// and HTML, and ICS where there is a due time to come; a text has only SMS.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
	SMS     string
	ICS     string
}

// Compose renders m as its reader gets it at now: "tomorrow" is counted from
// now, not from when the message was queued.
func (c *Composer) Compose(now time.Time, m Message) (*Rendered, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	m = m.cleaned()
	v, err := c.view(now, m)
	if err != nil {
		return nil, err
	}
	if m.Channel == BySMS {
		sms, err := c.sms(m.Kind.wording(), v)
		if err != nil {
			return nil, err
		}
		return &Rendered{SMS: sms}, nil
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
	if r.HTML, err = c.words(name+".html.tmpl", v.escaped()); err != nil {
		return nil, err
	}
	if m.Kind == KindReminder && !m.Urgent {
		if r.ICS, err = c.calendar(now, v); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

// DigestText returns the digest as the email's text part has it.
func (c *Composer) DigestText(d *Digest) (string, error) {
	if err := d.check(); err != nil {
		return "", err
	}
	v, err := c.view(d.On, Message{Digest: d}.cleaned())
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
	}
	empty := false
	switch m.Kind {
	case KindReminder:
		empty = len(m.Reminders) == 0
	case KindDigest, KindTeamDigest:
		empty = m.Digest == nil
	case KindAlert:
		empty = m.Alert == nil
	default:
		return errors.New("the message is of no known kind")
	}
	if empty {
		return fmt.Errorf("the %s has nothing in it", m.Kind)
	}
	if m.Digest != nil {
		return m.Digest.check()
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
