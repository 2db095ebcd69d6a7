package twiliotest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const messagesPath = "/2010-04-01/Accounts/{account}/Messages"

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+messagesPath+".json", s.on(Create, s.create))
	mux.HandleFunc("GET "+messagesPath+".json", s.on(List, s.list))
	mux.HandleFunc("GET "+messagesPath+"/{sid}", s.on(Fetch, s.fetch))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { refusal(20404, r).write(w) })
	return mux
}

// answer is what a request gets.
type answer struct {
	status     int
	body       any // shown as JSON
	retryAfter string
}

func (a answer) write(w http.ResponseWriter) {
	body, err := json.Marshal(a.body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	if a.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	w.Write(body)
}

// on does what all requests have in common: what goes wrong, and who may ask.
func (s *Server) on(action Action, proper func(*http.Request, *Fault) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(s.options.Latency)
		r.ParseForm() // what cannot be read is missing below
		fault := s.next(action, r)
		if fault == nil {
			fault = &Fault{}
		}
		if fault.Hold != nil {
			fault.Hold()
		}
		if fault.instead() && !fault.Taken {
			fault.happen(w, r)
			return
		}
		a := s.permit(r)
		if a.status == 0 {
			a = proper(r, fault)
		}
		if fault.instead() {
			fault.happen(w, r)
			return
		}
		a.write(w)
	}
}

// permit refuses everybody but the account's owner.
func (s *Server) permit(r *http.Request) answer {
	username, password, _ := r.BasicAuth()
	switch {
	case username != s.options.AccountSID || password != s.options.AuthToken:
		return refusal(20003, r)
	case r.PathValue("account") != s.options.AccountSID:
		return refusal(20404, r)
	}
	return answer{}
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// create takes a text (POST Messages.json).
func (s *Server) create(r *http.Request, fault *Fault) answer {
	if code := s.objection(r); code != 0 {
		return refusal(code, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Now()
	if s.limit != nil && !s.limit.AllowN(now, 1) {
		a := refusal(20429, r)
		a.retryAfter = s.options.RetryAfter
		return a
	}
	validity, _ := strconv.Atoi(r.PostForm.Get("ValidityPeriod"))
	m := &Message{To: r.PostForm.Get("To"), Body: r.PostForm.Get("Body"), ValidityPeriod: validity,
		MessagingServiceSID: r.PostForm.Get("MessagingServiceSid"), StatusCallback: r.PostForm.Get("StatusCallback"),
		From: r.PostForm.Get("From"), Status: Queued, Created: now, fails: fault.Fails}
	if m.From == "" {
		m.Status = Accepted
	}
	if !s.options.Forgetful {
		m.Form = r.PostForm.Encode()
	}
	s.keep(m)
	return answer{status: http.StatusCreated, body: s.show(m)}
}

// objection returns the code of what is wrong with a text, or 0.
func (s *Server) objection(r *http.Request) int {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form := r.PostForm
	to, body, from, service, callback := form.Get("To"), form.Get("Body"), form.Get("From"), form.Get("MessagingServiceSid"), form.Get("StatusCallback")
	switch {
	case media != "application/x-www-form-urlencoded":
		return 20001
	case to == "":
		return 21604
	case from == "" && service == "":
		return 21603
	case body == "":
		return 21602
	case !e164.MatchString(to):
		return 21211
	case service != "" && service != s.options.MessagingServiceSID:
		return 21701
	case from != "" && from != s.options.Number:
		return 21659
	case utf8.RuneCountInString(body) > 1600:
		return 21617
	}
	if validity := form.Get("ValidityPeriod"); validity != "" {
		if seconds, err := strconv.Atoi(validity); err != nil || seconds < 1 || seconds > longestValidity {
			return 90007
		}
	}
	if callback != "" {
		if u, err := url.Parse(callback); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return 21609
		}
	}
	return 0
}

func sidOf(r *http.Request) string { return strings.TrimSuffix(r.PathValue("sid"), ".json") }

// fetch shows one text (GET Messages/SID.json).
func (s *Server) fetch(r *http.Request, _ *Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(sidOf(r))
	if m == nil || !strings.HasSuffix(r.PathValue("sid"), ".json") {
		return refusal(20404, r)
	}
	return answer{status: http.StatusOK, body: s.show(m)}
}
