package notify

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"
	"unicode"
)

// clean returns s on one line: a control character, a line or paragraph
// separator and a mark that turns the writing direction could each make a
// reader or a mail program see something that was not written.
func clean(s string) string {
	if isPlain(s) { // nearly always
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
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
	reminders := make([]Reminder, len(m.Reminders))
	for i, r := range m.Reminders {
		for _, field := range []*string{&r.CaseRef, &r.Duty, &r.Title, &r.Ladder, &r.Rung, &r.Role,
			&r.OwnerRole, &r.OwnerID, &r.CoverFor, &r.Why, &r.Basis, &r.Clause} {
			*field = clean(*field)
		}
		reminders[i] = r
	}
	m.Reminders = reminders
	if m.Digest != nil {
		m.Digest = m.Digest.cleaned()
	}
	if m.Alert != nil {
		m.Alert = &Alert{Title: clean(m.Alert.Title), Text: cleanLines(m.Alert.Text)}
	}
	return m
}

func (d *Digest) cleaned() *Digest {
	copied := *d
	copied.Sections = make([]Section, len(d.Sections))
	for i, s := range d.Sections {
		lines := make([]DigestLine, len(s.Lines))
		for j, l := range s.Lines {
			for _, field := range []*string{&l.CaseRef, &l.Title, &l.OwnerRole, &l.Practitioner, &l.Note} {
				*field = clean(*field)
			}
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

var (
	errEmail  = errors.New("the recipient's email address is not a valid one: correct it in the people list")
	errMobile = errors.New("the recipient's mobile number is not in international form, such as +447700900123: correct it in the people list")
)

// checkEmail refuses anything but one plain address, such as w1@example.org. The
// error does not repeat it. Addresses beyond ASCII (RFC 6531) are refused by many
// servers on the way, silently by some.
func checkEmail(address string) (*netmail.Address, error) {
	parsed, err := netmail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 || !isPlain(address) {
		return nil, errEmail
	}
	return parsed, nil
}

var mobile = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func checkMobile(number string) error {
	if !mobile.MatchString(number) {
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
