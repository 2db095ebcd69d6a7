package notify

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
)

// envelope is what goes into an email: into its header, and into its parts.
type envelope struct {
	from      *netmail.Address
	to        string
	subject   string // as plainSubject gives it
	date      time.Time
	messageID string
	urgent    bool
	text      string
	html      string
	ics       string // empty: none
}

// goMail has go-mail write the email.
func (e *envelope) goMail(w *bytes.Buffer) error {
	// go-mail would name the host in the Message-ID and itself as the agent.
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(e.from)
	msg.ToMailAddress(&netmail.Address{Address: e.to})
	msg.Subject(e.subject)
	msg.SetDateWithValue(e.date)
	msg.SetMessageIDWithValue(e.messageID)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	if e.urgent {
		msg.SetGenHeader(mail.HeaderImportance, "high") // RFC 2156
		msg.SetGenHeader(mail.HeaderPriority, "urgent") // RFC 2156; filters count X-Priority towards spam
	}
	msg.SetBodyString(mail.TypeTextPlain, e.text)
	msg.AddAlternativeString(mail.TypeTextHTML, e.html)
	if e.ics != "" {
		// The file's type and name are constants: go-mail does not check them.
		msg.AttachReadSeeker("due.ics", strings.NewReader(e.ics),
			mail.WithFileContentType("text/calendar; charset=utf-8"))
	}
	if _, err := msg.WriteTo(w); err != nil {
		return fmt.Errorf("writing the email: %w", err)
	}
	return nil
}

// write writes the email as go-mail does, byte for byte but for the boundaries, which
// are random. What go-mail writes around the values is made once by it, which leaves a
// fifth of the time; a subject that is more than printing ASCII it writes itself.
func (c *Composer) write(e *envelope, w *bytes.Buffer) error {
	if !isPlain(e.subject) {
		return e.goMail(w)
	}
	f, err := c.frames[frameOf(e)]()
	if err != nil {
		return err
	}
	to := w.AvailableBuffer()
	var boundaries [2][]byte
	for i := range f.boundaries {
		boundaries[i] = newBoundary()
	}
	for i, place := range f.places {
		to = append(to, f.words[i]...)
		switch place {
		case placeDate:
			to = appendHeader(to, "Date", e.date.Format(time.RFC1123Z))
		case placeMessageID:
			to = appendHeader(to, "Message-ID", "<"+e.messageID+">")
		case placeSubject:
			to = appendHeader(to, "Subject", e.subject)
		case placeTo:
			to = appendHeader(to, "To", (&netmail.Address{Address: e.to}).String())
		case placeText:
			to = appendQuoted(to, e.text)
		case placeHTML:
			to = appendQuoted(to, e.html)
		case placeICS:
			to = appendBase64(to, e.ics)
		default:
			to = append(to, boundaries[place-placeBoundary]...)
		}
	}
	w.Write(append(to, f.words[len(f.places)]...))
	return nil
}

// frame is what stands around the values of an email.
type frame struct {
	words      []string // one more than places
	places     []int
	boundaries int
}

const (
	placeDate = iota
	placeMessageID
	placeSubject
	placeTo
	placeText
	placeHTML
	placeICS
	placeBoundary // the first of them, and those after it
)

// frames are made when they are first needed: with or without urgency and a calendar
// entry.
type frames [4]func() (*frame, error)

func frameOf(e *envelope) (number int) {
	if e.urgent {
		number += 2
	}
	if e.ics != "" {
		number++
	}
	return number
}

func newFrames(from *netmail.Address) (all frames) {
	for i := range all {
		all[i] = sync.OnceValues(func() (*frame, error) { return newFrame(from, i >= 2, i%2 == 1) })
	}
	return all
}

var boundaryOf = regexp.MustCompile(`boundary=(\S+)`)

// newFrame takes an email apart that go-mail has written around marks.
func newFrame(from *netmail.Address, urgent, withICS bool) (*frame, error) {
	e := envelope{from: from, to: "qk7zq@to.invalid", subject: "qk7zqsubject", date: time.Unix(0, 0).UTC(), messageID: "qk7zq@id.invalid",
		urgent: urgent, text: "qk7zqtext", html: "qk7zqhtml"}
	if withICS {
		e.ics = "qk7zqics"
	}
	var b bytes.Buffer
	if err := e.goMail(&b); err != nil {
		return nil, err
	}
	marks := []string{"Date: " + e.date.Format(time.RFC1123Z), "Message-ID: <" + e.messageID + ">", "Subject: " + e.subject, "To: <" + e.to + ">",
		e.text, e.html, base64.StdEncoding.EncodeToString([]byte("qk7zqics"))}
	text := b.String()
	f := &frame{}
	for _, found := range boundaryOf.FindAllStringSubmatch(text, -1) {
		marks = append(marks, found[1])
		f.boundaries++
	}
	for {
		at, number := len(text), -1
		for i, mark := range marks {
			if found := strings.Index(text, mark); found >= 0 && found < at {
				at, number = found, i
			}
		}
		f.words = append(f.words, text[:at])
		if number < 0 {
			return f, nil
		}
		f.places = append(f.places, number)
		text = text[at+len(marks[number]):]
	}
}

// newBoundary is none that somebody could put into a part.
func newBoundary() []byte {
	var random [30]byte
	rand.Read(random[:]) // never fails
	return hex.AppendEncode(nil, random[:])
}

// appendHeader folds a line of the header between words as go-mail does.
func appendHeader(to []byte, name, value string) []byte {
	left := mail.MaxHeaderLength - 2 - len(name) - len(": ")
	to = append(append(to, name...), ':', ' ')
	for first := true; ; first = false {
		word, rest, more := strings.Cut(value, " ")
		if !first {
			to = append(to, ' ')
			left--
		}
		if left-len(word) <= 1 {
			to = append(to[:len(to)-1], "\r\n "...)
			left = mail.MaxHeaderLength - 3
		}
		to = append(to, word...)
		left -= len(word)
		if value = rest; !more {
			return to
		}
	}
}

const base64Line = 76

// appendBase64 appends text in base64, in lines.
func appendBase64(to []byte, text string) []byte {
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	for len(encoded) > base64Line {
		to = append(append(to, encoded[:base64Line]...), '\r', '\n')
		encoded = encoded[base64Line:]
	}
	return append(to, encoded...)
}
