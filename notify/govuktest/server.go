package govuktest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// The service, its templates and their ids.
const (
	ServiceID       = "26785a09-ab16-4eb0-8407-a37497a57506"
	TextTemplateID  = "f33517ff-2a88-4f6e-b855-c550268ce08a"
	EmailTemplateID = "9d751e0e-f929-4891-82a1-a3e1c3c18ee3"
	secret          = "3d844edf-8d35-48ac-975b-e847b4f122b0"

	// APIKey is a key that the server takes.
	APIKey = "doorstep-live-" + ServiceID + "-" + secret
)

// Options are what a server is like.
type Options struct {
	// Now is the server's clock, read by many goroutines; nil: time.Now.
	Now func() time.Time
	// DeliverAfter is how long after it was taken a message has arrived, or a letter
	// is printed. Before that it goes through the states that Notify describes. Zero:
	// at once.
	DeliverAfter time.Duration

	PerMinute     int // requests that hand something over; 0: no limit
	TextsPerDay   int // 0: no limit; a day begins at midnight UTC
	EmailsPerDay  int
	LettersPerDay int
	AbroadPerDay  int // texts to numbers that are not British

	Abroad   bool     // the service may text abroad
	Trial    bool     // the service is on trial: only Team gets anything
	TeamOnly bool     // the key is for the team only
	Team     []string // numbers and addresses

	CallbackToken string
	// Forgetful servers count messages and keep none: for benchmarks.
	Forgetful bool
}

// Template is one of the service's.
type Template struct {
	Type    string // sms or email
	Subject string
	Body    string
	Deleted bool
}

// Server is a running Notify.
type Server struct {
	URL string

	options  Options
	http     *http.Server
	listener net.Listener

	mu        sync.Mutex
	templates map[string]Template
	taken     []*Notification
	byID      map[string]int
	count     int
	texts     []received
	fates     map[string]string
	told      map[string]bool // ids whose callbacks have been made
	faults    []Fault
	requests  map[string]int
	recent    []time.Time // of what was handed over in the last minute
	day       string
	today     map[string]int
}

// Start runs a server until the test ends.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &Server{options: options, byID: make(map[string]int), fates: make(map[string]string), told: make(map[string]bool),
		requests: make(map[string]int), today: make(map[string]int), templates: map[string]Template{
			TextTemplateID:  {Type: "sms", Body: "((message))"},
			EmailTemplateID: {Type: "email", Subject: "((subject))", Body: "((message))"},
		}}
	if err := s.listen("127.0.0.1:0"); err != nil {
		t.Fatalf("starting GOV.UK Notify for tests: %v", err)
	}
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.handler(), ErrorLog: log.New(io.Discard, "", 0)}
	s.mu.Lock()
	s.URL, s.http, s.listener = "http://"+listener.Addr().String(), server, listener
	s.mu.Unlock()
	go server.Serve(listener)
	return nil
}

// Stop ends every connection and refuses new ones.
func (s *Server) Stop() {
	s.mu.Lock()
	server, listener := s.http, s.listener
	s.mu.Unlock()
	listener.Close() // net/http may not have heard of it yet
	server.Close()
}

// Restart listens again on the same port after a Stop.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.listen(s.URL[len("http://"):]); err != nil {
		t.Fatalf("restarting GOV.UK Notify for tests: %v", err)
	}
}

// SetTemplate changes a template, or adds one.
func (s *Server) SetTemplate(id string, template Template) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.templates[id] = template
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/notifications/{kind}", s.authorised(s.send))
	mux.HandleFunc("GET /v2/notifications", s.authorised(s.listNotifications))
	mux.HandleFunc("GET /v2/notifications/{id}", s.authorised(s.showNotification))
	mux.HandleFunc("GET /v2/received-text-messages", s.authorised(s.listReceived))
	mux.HandleFunc("GET /v2/template/{id}", s.authorised(s.template))
	return s.withFaults(mux)
}

// Requests says how many requests of a kind were made, such as "POST
// /v2/notifications/sms" or "GET /v2/notifications/{id}", those that failed
// included.
func (s *Server) Requests(kind string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[kind]
}

// Taken returns the messages and letters in the order in which they were accepted,
// as they stand now.
func (s *Server) Taken() []Notification {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := make([]Notification, len(s.taken))
	for i, n := range s.taken {
		taken[i] = *n
		taken[i].Status = s.status(n, now)
	}
	return taken
}

// TakenByReference says how often each reference was accepted.
func (s *Server) TakenByReference() map[string]int {
	count := make(map[string]int)
	for _, n := range s.Taken() {
		count[n.Reference]++
	}
	return count
}

// Count is the number of messages and letters accepted.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

type apiError struct {
	Error   string `json:"error"`
	Message string `json:"message"`
}

// refuse answers as Notify does when it says no.
func refuse(w http.ResponseWriter, status int, name, message string) {
	answer(w, status, map[string]any{"status_code": status, "errors": []apiError{{name, message}}})
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// stamp writes a time as Notify does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
