package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	largestCallback = 64 << 10
	// callbacksHeld bounds the bytes that are held of all bodies together, whole or
	// still coming.
	callbacksHeld = callbacksInLine * largestCallback
	// bodyPatience is for a body to come in, from the end of its headers.
	bodyPatience = 5 * time.Second
)

// heldBody counts what is held of a body while it comes in, and until letGo.
type heldBody struct {
	from  io.Reader
	held  *atomic.Int64 // by all callbacks
	bytes int64         // by this one
}

func (b *heldBody) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.bytes += int64(n)
	if b.held.Add(int64(n)) > callbacksHeld {
		return n, ErrBusy
	}
	return n, err
}

func (b *heldBody) letGo() { b.held.Add(-b.bytes) }

// takeIn reads the body, within bodyPatience, or says why it cannot be taken.
func (b *heldBody) takeIn(connection *http.ResponseController) (body []byte, became result, err error) {
	if err := connection.SetReadDeadline(time.Now().Add(bodyPatience)); err != nil {
		return nil, callbackFailed, err
	}
	body, err = io.ReadAll(b)
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case err == nil:
		return body, "", nil
	case errors.As(err, &tooLarge):
		return nil, callbackTooLarge, fmt.Errorf("larger than %d bytes", tooLarge.Limit)
	case errors.Is(err, ErrBusy):
		return nil, callbackBusy, ErrBusy
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, callbackSlow, fmt.Errorf("not here within %s", bodyPatience)
	}
	return nil, callbackUnreadable, errors.New("it broke off")
}
