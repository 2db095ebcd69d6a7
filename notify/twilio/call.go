package twilio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"time"
)

// call carries one call of twilio-go's, which takes no context, returns no header
// and leaves an error's body unread, so that its connection is lost. It sends the
// request to the base address with the context, reads the whole answer, and
// remembers of it what twilio-go forgets.
type call struct {
	ctx     context.Context // of this one call only
	now     time.Time       // for a Retry-After that is a date; zero: that is ignored
	channel *Channel

	connected  bool          // the request may have been seen at the other end
	status     int           // of the answer; 0: there was none
	retryAfter time.Duration // that it asks for
	err        error         // why there is none, or it could not be read
}

const (
	// longestAnswer is more than a page of the longest texts takes.
	longestAnswer = 2 << 20
	// longestWait is how far a Retry-After is believed.
	longestWait = time.Hour
)

var (
	errTooLong  = errors.New("the answer is longer than any of Twilio's")
	errRedirect = errors.New("the answer points to another address")
)

// RoundTrip is http.RoundTripper's.
func (c *call) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.answer(r)
	c.err = err
	return response, err
}

func (c *call) answer(asked *http.Request) (*http.Response, error) {
	c.connected, c.status, c.retryAfter = false, 0, 0
	ctx, cancel := context.WithTimeout(c.ctx, c.channel.settings.Timeout)
	defer cancel() // the answer is read by then
	r := asked.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { c.connected = true },
	}))
	r.URL = c.channel.base.JoinPath(asked.URL.Path)
	r.URL.RawQuery = asked.URL.RawQuery
	r.Host = r.URL.Host
	response, err := c.channel.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	c.status = response.StatusCode
	c.retryAfter = wait(response.Header.Get("Retry-After"), c.now)
	body, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > longestAnswer:
		return nil, errTooLong
	case c.status >= 300 && c.status < 400: // twilio-go would take it for an answer
		return nil, errRedirect
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// wait reads a Retry-After (RFC 9110, 10.2.3): seconds, or a date. What makes no
// sense is as if it were not there.
func wait(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		return min(max(time.Duration(seconds)*time.Second, 0), longestWait)
	}
	if date, err := http.ParseTime(header); err == nil && !now.IsZero() {
		return min(max(date.Sub(now), 0), longestWait)
	}
	return 0
}
