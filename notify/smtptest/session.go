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
	place    bool // it is among the connections that may send
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
	switch o := s.server.options; {
	case o.OAuth2 != nil && !s.signedIn:
		return refuse(530, "5.7.57", "Client not authenticated to send mail.")
	case o.Username != "" && !s.signedIn:
		return refuse(530, "5.7.0", "Authentication required")
	}
	if err := s.server.limit(s); err != nil {
		return err
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
		s.server.accept(nil)
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
		s.server.accept(mail)
		return s.play(fault)
	}
	if err := s.play(fault); err != nil {
		return err
	}
	if o := s.server.options; o.OAuth2 != nil && s.from != o.Username {
		return refuse(554, "5.2.252", "SendAsDenied; "+o.Username+" not allowed to send as "+s.from)
	}
	s.server.accept(mail)
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error {
	s.server.leave(s)
	return nil
}

func (s *session) AuthMechanisms() []string {
	switch {
	case s.server.options.OAuth2 != nil:
		return []string{"LOGIN", "XOAUTH2"} // as Microsoft does, who then refuses LOGIN
	case s.server.options.Username != "":
		return []string{sasl.Plain}
	}
	return nil
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if s.server.options.OAuth2 != nil {
		if mechanism != "XOAUTH2" {
			return nil, refuse(535, "5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.")
		}
		return xoauth2{s}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.server.options.Username || password != s.server.options.Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}
