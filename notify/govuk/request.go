package govuk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// service is one service at Notify, as its API shows it.
type service struct {
	base    string
	key     key
	http    *http.Client
	timeout time.Duration
	now     func() time.Time

	turn    chan struct{} // a place for each request that may be under way
	closing chan struct{} // closed once Close is called
	once    sync.Once
}

func client(connections int) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() // the proxy from the environment, HTTP/2
	transport.MaxIdleConns = connections
	transport.MaxIdleConnsPerHost = connections
	transport.MaxConnsPerHost = connections
	return &http.Client{
		Transport: transport,
		// Whoever redirects is not Notify, and must not be handed the request.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

const (
	longestAnswer = 32 << 20 // a page of 250 long emails is some megabytes
	longestError  = 64 << 10
)

// get asks for something.
func (s *service) get(ctx context.Context, path string, query url.Values, into any) *failure {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return s.do(ctx, http.MethodGet, path, nil, into)
}

// post hands something over, once.
func (s *service) post(ctx context.Context, path string, body, into any) *failure {
	content, err := json.Marshal(body)
	if err != nil {
		return &failure{err: err}
	}
	return s.do(ctx, http.MethodPost, path, content, into)
}

func (s *service) do(ctx context.Context, method, path string, content []byte, into any) *failure {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-s.closing:
	case <-ctx.Done():
		return &failure{err: errWaiting}
	}
	select {
	case <-s.closing: // also where a place was to be had at the same moment
		return &failure{err: errClosing}
	default:
	}
	within, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	reached := false
	within = httptrace.WithClientTrace(within, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { reached = true }})

	request, err := http.NewRequestWithContext(within, method, s.base+path, bytes.NewReader(content))
	if err != nil {
		return &failure{err: err}
	}
	token, err := s.key.token(s.now()) // only now: it is good for 30 seconds
	if err != nil {
		return &failure{err: err}
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("User-Agent", "Doorstep")
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			err = errStopped
		}
		return &failure{err: err, reached: reached}
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return s.refusal(response)
	}
	body := io.LimitReader(response.Body, longestAnswer)
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return &failure{status: response.StatusCode, unreadable: true, reached: true}
	}
	io.Copy(io.Discard, body) // else the connection could not be used again
	return nil
}

// refusal reads an answer that says no.
func (s *service) refusal(response *http.Response) *failure {
	f := &failure{status: response.StatusCode, reached: true}
	var said struct {
		Errors []apiError `json:"errors"`
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, longestError)) // what is missing makes it unreadable
	if json.Unmarshal(body, &said) == nil {
		f.errors = said.Errors
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		f.retryAfter = time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		f.skew = s.now().Sub(date).Round(time.Second)
	}
	return f
}

var (
	errClosing = errors.New("Doorstep is stopping")
	errWaiting = errors.New("stopped while waiting for a connection to GOV.UK Notify")
	errStopped = errors.New("stopped before it answered")
)

// Close waits for the requests under way, at most until ctx ends, and lets go of
// every connection.
func (s *service) Close(ctx context.Context) error {
	s.once.Do(func() { close(s.closing) })
	defer s.http.CloseIdleConnections()
	taken := 0
	defer func() {
		for range taken {
			<-s.turn
		}
	}()
	for ; taken < cap(s.turn); taken++ { // whoever holds a place is still at it
		select {
		case s.turn <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("closing the connections to GOV.UK Notify: up to %d requests are still under way: %w", cap(s.turn)-taken, ctx.Err())
		}
	}
	return nil
}
