package notify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"
)

// domain is the part of the sender's address after the @.
func (c *Composer) domain() string {
	return c.from.Address[strings.LastIndexByte(c.from.Address, '@')+1:]
}

// render writes the whole email, as every channel sends it, to w. Only values
// that Compose has cleaned, checked addresses and constants go into headers.
func (c *Composer) render(now time.Time, m Message, w *bytes.Buffer) (*Rendered, error) {
	if err := checkEmail(m.To.Email); err != nil {
		return nil, err
	}
	r, err := c.Compose(now, m)
	if err != nil {
		return nil, err
	}
	return r, c.write(&envelope{
		from: c.from, to: m.To.Email, subject: plainSubject(r.Subject), date: now.In(c.settings.Location), messageID: c.MessageIDOf(m.Key),
		urgent: m.Urgent(), text: r.Text, html: r.HTML, ics: r.ICS,
	}, w)
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
