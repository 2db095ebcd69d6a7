package smtptest

import (
	"time"

	"github.com/emersion/go-smtp"
)

// What Microsoft says to a mailbox that opens too many connections and to one that
// sends too fast.
var (
	tooManyConnections = refuse(432, "4.3.2", "Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information.")
	tooManyMessages    = refuse(432, "4.3.2", "STOREDRV.ClientSubmit; sender thread limit exceeded")
)

// enter gives a session a place among those that may send, if there is one left.
// A session's place is the server's to look after: Stop ends sessions too.
func (s *Server) enter(session *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !session.place && (s.options.MaxConnections == 0 || s.open < s.options.MaxConnections) {
		session.place = true
		s.open++
	}
	return session.place
}

func (s *Server) leave(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session.place {
		session.place = false
		s.open--
	}
}

// limit says why a session may not send a message now; nil: it may.
func (s *Server) limit(session *session) error {
	if !s.enter(session) {
		return tooManyConnections
	}
	if s.options.PerMinute == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for len(s.begun) > 0 && !s.begun[0].After(now.Add(-time.Minute)) {
		s.begun = s.begun[1:]
	}
	if len(s.begun) >= s.options.PerMinute {
		return tooManyMessages
	}
	s.begun = append(s.begun, now)
	return nil
}

func (s *Server) now() time.Time {
	if s.options.Now != nil {
		return s.options.Now()
	}
	return time.Now()
}

// refuse is a reply as go-smtp is to put it.
func refuse(code int, enhanced, text string) *smtp.SMTPError {
	fault := Fault{Code: code, Enhanced: enhanced, Text: text}
	return fault.answer()
}
