package notify

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// clean returns s on one line, without marks (pathway.IsMark): each could make a reader
// or a mail program see something that was not written.
func clean(s string) string {
	if isPlain(s) { // nearly always
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case pathway.IsMark(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
}

// isPlain reports whether s has printing ASCII and spaces only.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// cleanLines is clean for a text that may have several lines.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// cleaned returns a copy of m in which no value that people read can start a
// line of its own. The addresses are left alone: checkEmail and checkMobile
// refuse a bad one, because a mended address is somebody else's.
func (m Message) cleaned() Message {
	m.ReplyCode = clean(m.ReplyCode)
	reminders := make([]Reminder, len(m.Reminders))
	for i, r := range m.Reminders {
		cleanAll(&r.CaseRef, &r.Duty, &r.Title, &r.Rung, &r.Role,
			&r.OwnerRole, &r.OwnerID, &r.CoverFor, &r.Unreached, &r.SetBy, &r.RecordedAfter, &r.Left, &r.Why, &r.Basis, &r.Clause)
		r.Household, r.Discussed = cleanedAll(r.Household), r.Discussed.cleaned()
		reminders[i] = r
	}
	m.Reminders = reminders
	if m.Digest != nil {
		m.Digest = m.Digest.cleaned()
	}
	if m.Alert != nil {
		a := *m.Alert
		cleanAll(&a.Title, &a.Says, &a.CaseRef, &a.Channel, &a.Reason, &a.File, &a.Files)
		a.Text = cleanLines(a.Text)
		a.People = slices.Clone(a.People)
		a.Visited, a.Cases = cleanedAll(a.Visited), cleanedAll(a.Cases)
		m.Alert = &a
	}
	if m.Answer != nil {
		a := *m.Answer
		cleanAll(&a.Says, &a.Code, &a.CaseRef, &a.Title)
		m.Answer = &a
	}
	return m
}

func (d *Discussed) cleaned() *Discussed {
	if d == nil {
		return nil
	}
	return &Discussed{d.At, clean(d.Concern), clean(d.SeenByOthers)}
}

func cleanedAll(values []string) []string {
	values = slices.Clone(values)
	for i := range values {
		cleanAll(&values[i])
	}
	return values
}

func cleanAll(values ...*string) {
	for _, v := range values {
		*v = clean(*v)
	}
}

func (d *Digest) cleaned() *Digest {
	copied := *d
	copied.Sections = make([]Section, len(d.Sections))
	for i, s := range d.Sections {
		lines := make([]DigestLine, len(s.Lines))
		for j, l := range s.Lines {
			l.clean()
			lines[j] = l
		}
		copied.Sections[i] = Section{s.ID, lines}
	}
	copied.Teams = make([]TeamSummary, len(d.Teams))
	for i, t := range d.Teams {
		t.Team, t.OldestOf = clean(t.Team), clean(t.OldestOf)
		copied.Teams[i] = t
	}
	return &copied
}

// clean makes l's values clean, in copies of what it points to.
func (l *DigestLine) clean() {
	cleanAll(&l.CaseRef, &l.Title, &l.OwnerRole, &l.Practitioner, &l.Note)
	l.Discussed = l.Discussed.cleaned()
	if l.Absence != nil {
		a := *l.Absence
		a.Cover = clean(a.Cover)
		l.Absence = &a
	}
	if l.Undelivered != nil {
		u := *l.Undelivered
		cleanAll(&u.Person, &u.Channel, &u.Reason)
		u.Instead = slices.Clone(u.Instead)
		for i := range u.Instead {
			cleanAll(&u.Instead[i].Person, &u.Instead[i].Channel)
		}
		l.Undelivered = &u
	}
}

var (
	errEmail  = errors.New("the recipient's email address is not a valid one: correct it in the people list")
	errMobile = errors.New("the recipient's mobile number is not in international form, such as +447700900123: correct it in the people list")
)

// Check refuses what is no address of a channel (ByEmail or BySMS). The error says
// what to do and does not repeat the address.
func (a Address) Check(channel string) error {
	if channel == BySMS {
		return checkMobile(a.Mobile)
	}
	return checkEmail(a.Email)
}

// checkEmail refuses what import refuses too (pathway.ParseEmail). The error does not
// repeat the address.
func checkEmail(address string) error {
	if parsed, err := pathway.ParseEmail(address); err != nil || parsed != address {
		return errEmail
	}
	return nil
}

// checkMobile refuses anything but the form in which import leaves numbers.
func checkMobile(number string) error {
	if !pathway.IsE164(number) {
		return errMobile
	}
	return nil
}

// parseFrom reads the sender's address, which may have a display name.
func parseFrom(from string) (*netmail.Address, error) {
	parsed, err := netmail.ParseAddress(from)
	if err != nil || !isPlain(parsed.Address) || clean(from) != from {
		return nil, fmt.Errorf("email.from: %q is not an address: write it as Doorstep <doorstep@example.org>", from)
	}
	return parsed, nil
}
