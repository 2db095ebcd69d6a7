package smtptest

import (
	"bytes"
	"io"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one conversation, from its EHLO on.
type session struct {
	server   *Server
	conn     *smtp.Conn
	signedIn bool
	from     string
	to       []string
}

// play makes f happen and returns the answer to give; nil is no fault.
func (s *session) play(f *Fault) error {
	if f == nil {
		return nil
	}
	if f.Hold != nil {
		f.Hold()
		return nil
	}
	if f.Stall {
		io.Copy(io.Discard, s.conn.Conn()) // until the sender goes away
	}
	if f.Stall || f.Drop {
		s.conn.Conn().Close()
	}
	return f.answer()
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.options.Username != "" && !s.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	<-time.After(s.server.options.Pace)
	s.from = from
	return s.play(s.server.next(AtSender, ""))
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.play(s.server.next(AtRecipient, to)); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	if s.server.options.Forgetful {
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
		s.server.take(nil)
		return nil
	}
	var content bytes.Buffer
	io.CopyN(&content, r, 64)
	if err := s.play(s.server.next(InContent, "")); err != nil {
		return err
	}
	if _, err := content.ReadFrom(r); err != nil {
		return err // cut short: not a message
	}
	_, encrypted := s.conn.TLSConnectionState()
	mail := &Mail{From: s.from, To: s.to, Content: content.Bytes(), Encrypted: encrypted}
	fault := s.server.next(AtEnd, "")
	if fault != nil && fault.Taken {
		s.server.take(mail)
		return s.play(fault)
	}
	if err := s.play(fault); err != nil {
		return err
	}
	s.server.take(mail)
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string {
	if s.server.options.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.server.options.Username || password != s.server.options.Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}
