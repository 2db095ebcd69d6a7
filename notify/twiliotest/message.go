package twiliotest

import (
	"fmt"
	"strconv"
	"time"
)

// The states of a text, in Twilio's words.
const (
	Accepted    = "accepted" // a Messaging Service has it, and no sender yet
	Queued      = "queued"
	Sent        = "sent"
	Delivered   = "delivered"
	Undelivered = "undelivered"
	Failed      = "failed"
	received    = "received"
)

// longestValidity is how long Twilio keeps a text that does not say otherwise.
const longestValidity = 36_000

// Message is one text that the server took, or that came in.
type Message struct {
	SID                 string
	Inbound             bool
	To                  string
	From                string // empty until a Messaging Service has chosen one
	MessagingServiceSID string
	Body                string
	ValidityPeriod      int // seconds; 0: none was given
	StatusCallback      string
	Form                string // all that was sent, encoded

	Status    string
	ErrorCode int       // with Undelivered and Failed
	Created   time.Time // all by Options.Now
	Sent      time.Time // zero: not yet
	Updated   time.Time

	fails int    // the code that it is to come to nothing with; 0: it arrives
	told  string // the last state for which a callback was posted
}

// passTime brings m to where it is at now.
func (s *Server) passTime(m *Message, now time.Time) {
	if m.Status == Accepted || m.Status == Queued {
		validity := time.Duration(m.ValidityPeriod) * time.Second
		if validity == 0 {
			validity = longestValidity * time.Second
		}
		after := s.options.SentAfter
		switch {
		case after > 0 && after <= validity && !now.Before(m.Created.Add(after)):
			s.move(m, Sent, 0, m.Created.Add(after))
		case now.After(m.Created.Add(validity)):
			s.move(m, Failed, 30036, m.Created.Add(validity))
		}
	}
	if after := s.options.DeliveredAfter; m.Status == Sent && after > 0 && !now.Before(m.Created.Add(after)) {
		s.end(m, m.Created.Add(after))
	}
}

// end is how a text that was sent comes out.
func (s *Server) end(m *Message, now time.Time) {
	if m.fails != 0 {
		s.move(m, Undelivered, m.fails, now)
		return
	}
	s.move(m, Delivered, 0, now)
}

func (s *Server) move(m *Message, status string, code int, now time.Time) {
	m.Status, m.ErrorCode, m.Updated = status, code, now
	if status != Failed && m.Sent.IsZero() {
		m.Sent, m.From = now, s.options.Number
	}
}

// Messages returns the texts, those that came in included, in the order in which
// they were taken, as they stand now.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	all := make([]Message, len(s.messages))
	for i, m := range s.messages {
		s.passTime(m, now)
		all[i] = *m
	}
	return all
}

// keep adds m, unless the server is forgetful.
func (s *Server) keep(m *Message) {
	s.numbered++
	m.SID = fmt.Sprintf("SM%032x", s.numbered)
	m.Updated = m.Created
	if !m.Inbound {
		s.taken++
	}
	if s.options.Forgetful {
		return
	}
	s.messages = append(s.messages, m)
	s.bySID[m.SID] = m
	s.byTo[m.To] = append(s.byTo[m.To], m)
}

// find returns the text with this SID as it stands now, or nil.
func (s *Server) find(sid string) *Message {
	if m := s.bySID[sid]; m != nil {
		s.passTime(m, s.options.Now())
		return m
	}
	if !s.options.Forgetful || len(sid) != 34 || sid[:2] != "SM" {
		return nil
	}
	if number, err := strconv.ParseUint(sid[2:], 16, 63); err != nil || int(number) > s.numbered {
		return nil
	}
	return &Message{SID: sid, Status: Delivered, From: s.options.Number}
}

// resource is a text as Twilio shows it (the Message resource).
type resource struct {
	Body                string            `json:"body"`
	NumSegments         string            `json:"num_segments"`
	Direction           string            `json:"direction"`
	From                *string           `json:"from"`
	To                  string            `json:"to"`
	DateUpdated         *string           `json:"date_updated"`
	Price               *string           `json:"price"`
	ErrorMessage        *string           `json:"error_message"`
	URI                 string            `json:"uri"`
	AccountSID          string            `json:"account_sid"`
	NumMedia            string            `json:"num_media"`
	Status              string            `json:"status"`
	MessagingServiceSID *string           `json:"messaging_service_sid"`
	SID                 string            `json:"sid"`
	DateSent            *string           `json:"date_sent"`
	DateCreated         *string           `json:"date_created"`
	ErrorCode           *int              `json:"error_code"`
	PriceUnit           string            `json:"price_unit"`
	APIVersion          string            `json:"api_version"`
	SubresourceURIs     map[string]string `json:"subresource_uris"`
}

func (s *Server) show(m *Message) resource {
	uri := "/2010-04-01/Accounts/" + s.options.AccountSID + "/Messages/" + m.SID
	r := resource{
		Body: m.Body, NumSegments: strconv.Itoa(segments(m)), Direction: "outbound-api", From: optional(m.From), To: m.To,
		DateUpdated: date(m.Updated), URI: uri + ".json", AccountSID: s.options.AccountSID, NumMedia: "0", Status: m.Status,
		MessagingServiceSID: optional(m.MessagingServiceSID), SID: m.SID, DateSent: date(m.Sent), DateCreated: date(m.Created),
		PriceUnit: "GBP", APIVersion: "2010-04-01", SubresourceURIs: map[string]string{"media": uri + "/Media.json"},
	}
	if m.Inbound {
		r.Direction = "inbound"
	}
	if m.ErrorCode != 0 {
		r.ErrorCode = &m.ErrorCode
	}
	return r
}

// segments is 0 until a Messaging Service has chosen a sender.
func segments(m *Message) int {
	switch n := len([]rune(m.Body)); {
	case m.From == "":
		return 0
	case n > 160:
		return (n + 152) / 153
	default:
		return 1
	}
}

// date is RFC 2822 in GMT, as all times of this API are.
func date(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	written := t.UTC().Format(time.RFC1123Z)
	return &written
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
