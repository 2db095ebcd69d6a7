package twiliotest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Signature is the header that a callback is signed in.
const Signature = "X-Twilio-Signature"

// Sign signs a callback: HMAC-SHA1 with the auth token over the address that was
// asked for, and then the form's fields in the order of their names, each right
// before its value.
func Sign(authToken, address string, form url.Values) string {
	hash := hmac.New(sha1.New, []byte(authToken))
	io.WriteString(hash, address)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		io.WriteString(hash, name+form.Get(name))
	}
	return base64.StdEncoding.EncodeToString(hash.Sum(nil))
}

// Deliver lets a text arrive, with the callbacks on the way.
func (s *Server) Deliver(t testing.TB, sid string) {
	t.Helper()
	s.Move(t, sid, Sent, 0)
	s.Move(t, sid, Delivered, 0)
}

// Fail lets a text that was sent come to nothing, with the callbacks on the way.
func (s *Server) Fail(t testing.TB, sid string, code int) {
	t.Helper()
	s.Move(t, sid, Sent, 0)
	s.Move(t, sid, Undelivered, code)
}

// Move puts a text into a state, and posts the callback for it where the text
// has an address for that. It returns the HTTP status of the callback's answer,
// 0 without one.
func (s *Server) Move(t testing.TB, sid, status string, code int) int {
	t.Helper()
	s.mu.Lock()
	m := s.bySID[sid]
	if m == nil {
		s.mu.Unlock()
		t.Fatalf("the server has no text %s", sid)
	}
	s.move(m, status, code, s.options.Now())
	m.told = status
	moved := *m
	s.mu.Unlock()
	if moved.StatusCallback == "" {
		return 0
	}
	return s.Post(t, moved.StatusCallback, s.StatusForm(moved))
}

// CallBack posts a callback for each text whose state has changed with the time
// since the last one, and returns how many those were. A state that was passed
// meanwhile is left out, as Twilio's callbacks may be late or lost.
func (s *Server) CallBack(t testing.TB) int {
	t.Helper()
	s.mu.Lock()
	now := s.options.Now()
	var moved []Message
	for _, m := range s.messages {
		s.passTime(m, now)
		if m.StatusCallback != "" && m.Status != m.told {
			m.told = m.Status
			moved = append(moved, *m)
		}
	}
	s.mu.Unlock()
	for _, m := range moved {
		s.Post(t, m.StatusCallback, s.StatusForm(m))
	}
	return len(moved)
}

// StatusForm is what a callback says about a text.
func (s *Server) StatusForm(m Message) url.Values {
	form := url.Values{
		"AccountSid": {s.options.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {m.From}, "To": {m.To},
		"MessageSid": {m.SID}, "MessageStatus": {m.Status}, "SmsSid": {m.SID}, "SmsStatus": {m.Status},
	}
	if m.MessagingServiceSID != "" {
		form.Set("MessagingServiceSid", m.MessagingServiceSID)
	}
	if m.ErrorCode != 0 {
		form.Set("ErrorCode", strconv.Itoa(m.ErrorCode))
	}
	return form
}

// Receive takes a text that somebody sent to the account's number, posts it to
// Options.InboundURL where there is one, and returns it.
func (s *Server) Receive(t testing.TB, from, body string) Message {
	t.Helper()
	s.mu.Lock()
	now := s.options.Now()
	m := &Message{Inbound: true, From: from, To: s.options.Number, MessagingServiceSID: s.options.MessagingServiceSID,
		Body: body, Status: received, Created: now, Sent: now}
	s.keep(m)
	s.mu.Unlock()
	if s.options.InboundURL != "" {
		s.Post(t, s.options.InboundURL, s.InboundForm(*m))
	}
	return *m
}

// InboundForm is what a callback says about a text that came in.
func (s *Server) InboundForm(m Message) url.Values {
	return url.Values{
		"AccountSid": {s.options.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {m.From}, "To": {m.To}, "Body": {m.Body},
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "SmsMessageSid": {m.SID}, "SmsStatus": {received},
		"MessagingServiceSid": {m.MessagingServiceSID}, "NumMedia": {"0"}, "NumSegments": {"1"}, "ToCountry": {"GB"}, "FromCountry": {"GB"},
	}
}

// Post signs a callback for an address, posts it there (or to Options.Via) and
// returns the answer's HTTP status.
func (s *Server) Post(t testing.TB, address string, form url.Values) int {
	t.Helper()
	r, err := s.Callback(address, form)
	if err != nil {
		t.Fatalf("making a callback: %v", err)
	}
	client := http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	if err != nil {
		t.Fatalf("posting a callback: %v", err)
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// Callback is a signed request as Post sends it.
func (s *Server) Callback(address string, form url.Values) (*http.Request, error) {
	public, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the address of the callback: %w", err)
	}
	target := address
	if s.options.Via != "" {
		target = strings.TrimRight(s.options.Via, "/") + public.RequestURI()
	}
	r, err := http.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("the callback: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("User-Agent", "TwilioProxy/1.1")
	r.Header.Set(Signature, Sign(s.options.AuthToken, address, form))
	return r, nil
}
