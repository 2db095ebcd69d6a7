package govuktest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// Fault is one request that goes wrong. Of Status, Body, Stall, Drop and Hold one
// is set, or Status with Body.
type Fault struct {
	// At limits the fault to one kind of request, as Requests names them; empty: any
	// that hands something over.
	At string
	// Taken accepts what is handed over all the same: the sender cannot know.
	Taken bool
	// Always repeats the fault for ever; otherwise it happens once.
	Always bool

	Status     int    // of the answer; 0 with a Body: 200
	Error      string // with Status: an error as Notify names it, such as "BadRequestError"
	Message    string // its words
	Body       string // instead of Notify's JSON: a page in HTML, or half an answer
	RetryAfter int    // seconds, in the answer's header; 0: none

	Stall bool // say nothing until the sender goes away
	Drop  bool // end the connection without a word
	// Hold is called, and once it returns all goes on as if nothing had happened.
	Hold func()
}

// Some faults as Notify and what stands before it have them.
var (
	InternalError = Fault{Status: 500, Error: "Exception", Message: "Internal server error"}
	HTMLPage      = Fault{Status: 502, Body: "<html><head><title>502 Bad Gateway</title></head></html>"}
	HalfAnAnswer  = Fault{Taken: true, Status: 201, Body: `{"id": "740e5834-3a29-46`}
)

// Refuse answers with one of Notify's errors.
func Refuse(status int, name, message string) Fault {
	return Fault{Status: status, Error: name, Message: message}
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

// next counts a request and returns the fault to happen now, or nil.
func (s *Server) next(kind string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[kind]++
	for i, f := range s.faults {
		if f.At != kind && (f.At != "" || !strings.HasPrefix(kind, "POST ")) {
			continue
		}
		if !f.Always {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return &f
	}
	return nil
}

// kindOf names a request as Requests and Fault.At do.
func kindOf(r *http.Request) string {
	path := r.URL.Path
	for _, collection := range []string{"/v2/notifications/", "/v2/template/"} {
		if strings.HasPrefix(path, collection) && r.Method == http.MethodGet {
			path = collection + "{id}"
		}
	}
	return r.Method + " " + path
}

func (s *Server) withFaults(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.options.Now().UTC().Format(http.TimeFormat))
		fault := s.next(kindOf(r))
		if fault == nil {
			next.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body) // whole, so that the sender is waiting for the answer
		r.Body = io.NopCloser(bytes.NewReader(body))
		if fault.Hold != nil {
			fault.Hold()
			next.ServeHTTP(w, r)
			return
		}
		if fault.Taken {
			next.ServeHTTP(httptest.NewRecorder(), r)
		}
		switch {
		case fault.Stall:
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		case fault.Drop:
			panic(http.ErrAbortHandler)
		}
		if fault.RetryAfter != 0 {
			w.Header().Set("Retry-After", fmt.Sprint(fault.RetryAfter))
		}
		if fault.Body == "" {
			refuse(w, fault.Status, fault.Error, fault.Message)
			return
		}
		status := fault.Status
		if status == 0 {
			status = http.StatusOK
		}
		w.WriteHeader(status)
		io.WriteString(w, fault.Body)
	})
}
