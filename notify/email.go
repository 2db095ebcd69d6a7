package notify

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// domain is the part of the sender's address after the @.
func (c *Composer) domain() string {
	return c.from.Address[strings.LastIndexByte(c.from.Address, '@')+1:]
}

// render writes the whole email, as every channel sends it, to w. Only values
// that Compose has cleaned, checked addresses and constants go into headers.
func (c *Composer) render(now time.Time, m Message, w io.Writer) (*Rendered, error) {
	if err := checkEmail(m.To.Email); err != nil {
		return nil, err
	}
	r, err := c.Compose(now, m)
	if err != nil {
		return nil, err
	}
	// go-mail would name the host in the Message-ID and itself as the agent.
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(c.from)
	msg.ToMailAddress(&netmail.Address{Address: m.To.Email})
	msg.Subject(plainSubject(r.Subject))
	msg.SetDateWithValue(now.In(c.settings.Location))
	msg.SetMessageIDWithValue(c.MessageIDOf(m.Key))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	if m.Urgent() {
		msg.SetGenHeader(mail.HeaderImportance, "high") // RFC 2156
		msg.SetGenHeader(mail.HeaderPriority, "urgent") // RFC 2156; filters count X-Priority towards spam
	}
	msg.SetBodyString(mail.TypeTextPlain, r.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, r.HTML)
	if r.ICS != "" {
		// The file's type and name are constants: go-mail does not check them.
		msg.AttachReadSeeker("due.ics", strings.NewReader(r.ICS),
			mail.WithFileContentType("text/calendar; charset=utf-8"))
	}
	if _, err := msg.WriteTo(w); err != nil {
		return nil, fmt.Errorf("writing the email: %w", err)
	}
	return r, nil
}

// plainSubject writes a subject that would read as encoded words (RFC 2047) in such
// words, so that it reads as it stands. Others go-mail writes as they have to be.
func plainSubject(s string) string {
	if !strings.Contains(s, "=?") || !isPlain(s) {
		return s
	}
	const longest = 45 // bytes, of which each three become four
	var words []string
	for piece := range slices.Chunk([]byte(s), longest) {
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString(piece)+"?=")
	}
	return strings.Join(words, " ")
}

// unsendable is the outcome where a message could not be made ready to go.
func unsendable(err error) Outcome {
	fault := FaultContent
	if errors.Is(err, errEmail) || errors.Is(err, errMobile) {
		fault = FaultAddress
	}
	return Outcome{State: Failed, Fault: fault, Reason: err.Error()}
}
