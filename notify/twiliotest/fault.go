package twiliotest

import (
	"cmp"
	"io"
	"net/http"
)

// Action is something that a server is asked for.
type Action string

const (
	Create Action = "create" // POST: send a text
	Fetch  Action = "fetch"  // GET: one text
	List   Action = "list"   // GET: several texts
)

// Fault is one thing to go wrong. With Status, Code or Body the request is
// refused; of that, Drop, Stall and Fails at most one is set.
type Fault struct {
	On     Action // empty: Create
	To     string // only for this number; empty: any
	Number int    // only the request of this number among all of its kind, from 1; 0: the next one
	Always bool   // for ever; otherwise it happens once
	// Taken sends the text all the same, so that the sender cannot know.
	Taken bool

	Status     int    // the HTTP status; 0: the one that Twilio gives with Code
	Code       int    // Twilio's, such as 21211; with Status alone: none, and no body
	RetryAfter string // that header, such as "2"
	Location   string // that header, for a redirect
	Body       string // instead of Twilio's own JSON, as "<html>" or half an answer

	Drop  bool // end the connection without a word
	Stall bool // say nothing until the sender goes away
	// Fails takes the text, which later comes to nothing with this code, as 30003.
	Fails int
	// Hold is called first: it lets a test do something at exactly this point.
	// Alone, all goes on as if nothing had happened.
	Hold func()
}

// Refuse turns every text to one number down, or to all where it is empty.
func Refuse(to string, code int) Fault { return Fault{To: to, Code: code, Always: true} }

// TooMany is the answer to one request too many.
func TooMany(retryAfter string) Fault { return Fault{Code: 20429, RetryAfter: retryAfter} }

// HTML is a page such as a proxy or a broken server gives instead of an answer.
func HTML(status int) Fault {
	return Fault{Status: status, Body: "<html><body><h1>It did not work</h1></body></html>"}
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
	s.faults = nil
}

// next returns the fault to happen now, or nil, and counts it as happened.
func (s *Server) next(on Action, r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[on]++
	to := r.Form.Get("To")
	if m := s.bySID[sidOf(r)]; m != nil {
		to = m.To
	}
	for i, f := range s.faults {
		if f.On == "" {
			f.On = Create
		}
		if f.On != on || f.To != "" && f.To != to || f.Number != 0 && f.Number != s.requests[on] {
			continue
		}
		if !f.Always {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return &f
	}
	return nil
}

// instead reports whether f takes the place of the proper answer.
func (f *Fault) instead() bool {
	return f.Status != 0 || f.Code != 0 || f.Body != "" || f.Drop || f.Stall
}

// happen is what the sender gets to see instead of the proper answer.
func (f *Fault) happen(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Stall:
		io.Copy(io.Discard, r.Body) // else the server does not see the sender go away
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.Code != 0 && f.Body == "":
		a := refusal(f.Code, r)
		if f.Status != 0 {
			a.status = f.Status
		}
		a.retryAfter = f.RetryAfter
		a.write(w)
	default:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		if f.Location != "" {
			w.Header().Set("Location", f.Location)
		}
		w.WriteHeader(cmp.Or(f.Status, http.StatusOK))
		io.WriteString(w, f.Body)
	}
}
