package smtptest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// OAuth2 makes a server want a token instead of a password, and have a token
// endpoint that gives it for these values (client credentials, RFC 6749, 4.4).
// Whoever signs in may send as Options.Username only.
type OAuth2 struct {
	ClientID     string
	ClientSecret string
	Scope        string        // empty: any
	Life         time.Duration // of a token; 0: an hour
}

// Microsoft365 is what one mailbox there offers: tokens, three connections, 30
// messages a minute. The client's id is "doorstep", its secret "hunter2".
func Microsoft365(mailbox string) Options {
	return Options{STARTTLS: true, Username: mailbox, MaxConnections: 3, PerMinute: 30,
		OAuth2: &OAuth2{ClientID: "doorstep", ClientSecret: "hunter2", Scope: "https://outlook.office365.com/.default"}}
}

// TokenFault is one answer of the token endpoint that gives no token. Either
// Status or Drop is set.
type TokenFault struct {
	Status      int
	Error       string // RFC 6749, 5.2, such as "invalid_scope"
	Description string
	Body        string // instead of Error and Description
	RetryAfter  string // the header
	Location    string // the header
	Drop        bool   // ends the connection without a word
	// Hold is called before the answer; with nothing else set, a token is given.
	Hold func()
}

// PlanToken adds to what is to go wrong at the token endpoint, once each.
func (s *Server) PlanToken(faults ...TokenFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokenFaults = append(s.tokenFaults, faults...)
}

// TokenURL is where tokens are given; it has the certificate of the mail server.
func (s *Server) TokenURL() string { return s.tokenURL }

// TokensAsked is how often the token endpoint was asked.
func (s *Server) TokensAsked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokensAsked
}

// RevokeTokens makes every token given so far one that is refused.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// giveTokens starts the token endpoint.
func (s *Server) giveTokens(t testing.TB) {
	endpoint := httptest.NewUnstartedServer(http.HandlerFunc(s.token))
	endpoint.Config.ErrorLog = quiet
	endpoint.TLS = s.tls.Clone()
	endpoint.StartTLS()
	t.Cleanup(endpoint.Close)
	s.tokenURL = endpoint.URL + "/tenant/oauth2/v2.0/token"
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.tokensAsked++
	var fault TokenFault
	if len(s.tokenFaults) > 0 {
		fault, s.tokenFaults = s.tokenFaults[0], s.tokenFaults[1:]
	}
	s.mu.Unlock()
	if fault.Hold != nil {
		fault.Hold()
	}
	if fault.Drop {
		panic(http.ErrAbortHandler)
	}
	if fault.Status == 0 {
		fault = s.refusal(r)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store, no-cache")
	if fault.Status != 0 {
		for name, value := range map[string]string{"Retry-After": fault.RetryAfter, "Location": fault.Location} {
			if value != "" {
				w.Header().Set(name, value)
			}
		}
		w.WriteHeader(fault.Status)
		if fault.Error == "" {
			io.WriteString(w, fault.Body)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"error": fault.Error, "error_description": fault.Description, "timestamp": "2026-09-07 08:30:00Z"})
		return
	}
	life := s.options.OAuth2.Life
	if life == 0 {
		life = time.Hour
	}
	s.mu.Lock()
	value := fmt.Sprintf("eyJ0eXAiOiJKV1QifQ.token-%d", s.tokensAsked)
	s.tokens[value] = s.now().Add(life)
	s.mu.Unlock()
	json.NewEncoder(w).Encode(map[string]any{"token_type": "Bearer", "expires_in": int(life.Seconds()), "access_token": value})
}

// refusal says, in Microsoft's words, what is wrong with a request for a token.
func (s *Server) refusal(r *http.Request) TokenFault {
	o := s.options.OAuth2
	switch {
	case r.Method != http.MethodPost || r.ParseForm() != nil || r.PostForm.Get("client_id") == "":
		return TokenFault{Status: 400, Error: "invalid_request", Description: "AADSTS900144: The request body must contain the following parameter: 'client_id'."}
	case r.PostForm.Get("grant_type") != "client_credentials":
		return TokenFault{Status: 400, Error: "unsupported_grant_type", Description: "AADSTS70003: The app requested an unsupported grant type."}
	case r.PostForm.Get("client_id") != o.ClientID:
		return TokenFault{Status: 400, Error: "unauthorized_client", Description: "AADSTS700016: Application with identifier '" + r.PostForm.Get("client_id") + "' was not found in the directory."}
	case r.PostForm.Get("client_secret") != o.ClientSecret:
		return TokenFault{Status: 401, Error: "invalid_client", Description: "AADSTS7000215: Invalid client secret provided: '" + r.PostForm.Get("client_secret") + "'."}
	case o.Scope != "" && r.PostForm.Get("scope") != o.Scope:
		return TokenFault{Status: 400, Error: "invalid_scope", Description: "AADSTS70011: The provided value for the input parameter 'scope' isn't valid."}
	}
	return TokenFault{}
}

// xoauth2 reads "user=MAILBOX^Aauth=Bearer TOKEN^A^A".
type xoauth2 struct {
	session *session
}

func (x xoauth2) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte{}, false, nil
	}
	s := x.session.server
	user, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01")
	value, _, _ := strings.Cut(strings.TrimPrefix(rest, "auth=Bearer "), "\x01")
	s.mu.Lock()
	until, known := s.tokens[value]
	s.mu.Unlock()
	if user != s.options.Username || !known || !s.now().Before(until) {
		return nil, false, refuse(535, "5.7.3", "Authentication unsuccessful [LO2P123CA0001.GBRP123.PROD.OUTLOOK.COM]")
	}
	x.session.signedIn = true
	return nil, true, nil
}
