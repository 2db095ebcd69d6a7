package smtptest

import (
	"fmt"

	"github.com/emersion/go-smtp"
)

// Stage is a point in a conversation at which a fault can happen.
type Stage string

const (
	AtGreeting  Stage = "greeting"  // instead of the first line
	AtSender    Stage = "sender"    // instead of the answer to MAIL
	AtRecipient Stage = "recipient" // instead of the answer to RCPT
	AtData      Stage = "data"      // instead of the answer to DATA
	InContent   Stage = "content"   // after the first bytes of the content
	AtEnd       Stage = "end"       // instead of the answer to the closing dot
)

// Fault is one thing to go wrong. Of Code, Stall, Drop and Hold exactly one is
// set.
type Fault struct {
	At Stage
	// Recipient limits an AtRecipient fault to one address; empty: any.
	Recipient string
	// Taken keeps the message all the same: with Drop or Stall AtEnd, the server
	// has accepted it and the sender cannot know.
	Taken bool
	// Always repeats the fault for ever; otherwise it happens once.
	Always bool
	// OncePerRecipient makes an AtRecipient fault happen once for each address, as
	// greylisting does.
	OncePerRecipient bool

	Code     int    // the reply code, such as 451; a 421 hangs up as well
	Enhanced string // RFC 3463, such as "4.7.1"; empty: the code's own
	Text     string // what the reply says

	Stall bool // say nothing more until the sender goes away
	Drop  bool // end the connection without a word
	// Hold is called, and once it returns all goes on as if nothing had happened:
	// it lets a test do something at exactly this point.
	Hold func()
}

// Greylisting turns every recipient away once.
var Greylisting = Fault{At: AtRecipient, OncePerRecipient: true, Code: 451, Enhanced: "4.7.1", Text: "Greylisted, try again later"}

// Refuse turns one recipient away for good, and says who, as servers do.
func Refuse(recipient string) Fault {
	return Fault{At: AtRecipient, Recipient: recipient, Always: true, Code: 550, Enhanced: "5.1.1",
		Text: "<" + recipient + ">: Recipient address rejected: User unknown"}
}

// answer is the fault as go-smtp is to put it.
func (f *Fault) answer() *smtp.SMTPError {
	code := smtp.EnhancedCode{f.Code / 100, 0, 0}
	if f.Enhanced != "" {
		fmt.Sscanf(f.Enhanced, "%d.%d.%d", &code[0], &code[1], &code[2])
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: code, Message: f.Text}
}

// Plan adds faults to what is to go wrong.
func (s *Server) Plan(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Forget drops every fault that is still to come.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.met = nil, make(map[string]bool)
}

// next returns the fault to happen now, or nil, and counts it as happened.
func (s *Server) next(at Stage, recipient string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.At != at || f.Recipient != "" && f.Recipient != recipient {
			continue
		}
		if f.OncePerRecipient {
			if s.met[recipient] {
				continue
			}
			s.met[recipient] = true
		} else if !f.Always {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return &f
	}
	return nil
}
