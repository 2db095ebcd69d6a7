package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAConnectionThatSaysNothingIsGivenUp: whoever waits for it, and however long they
// would.
func TestAConnectionThatSaysNothingIsGivenUp(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	given := false
	c := &boundedConn{Conn: near, within: 20 * time.Millisecond, unanswered: func() { given = true }}
	defer c.Close()
	for _, wanted := range []time.Time{{}, time.Now().Add(time.Hour)} {
		if err := c.SetDeadline(wanted); err != nil {
			t.Fatal(err)
		}
		_, err := c.Read(make([]byte, 1))
		if !errors.Is(err, errUnanswered) || !IsTemporary(explain(err)) {
			t.Errorf("with a deadline of %v reading ends with %v, want that no answer comes, which is temporary", wanted, err)
		}
		if _, err = c.Write([]byte("x")); !errors.Is(err, errUnanswered) {
			t.Errorf("with a deadline of %v writing ends with %v, want that no answer comes", wanted, err)
		}
	}
	if given {
		t.Error("other connections were given up after a wait shorter than that for a sign of life")
	}
}

// TestAnAnswerThatComesTooLateHasACause, by which it is logged once a minute and told to
// operations; what is broken off because the program stops has none.
func TestAnAnswerThatComesTooLateHasACause(t *testing.T) {
	late := explain(fmt.Errorf("timeout: %w", context.DeadlineExceeded))
	if cause := Cause(late); !strings.Contains(cause, "no answer in time") || IsTemporary(late) {
		t.Errorf("the cause is %q (temporary: %t), want that no answer came in time, and that the same call may be too long again", cause, IsTemporary(late))
	}
	if cause := Cause(explain(fmt.Errorf("timeout: %w", context.Canceled))); cause != "" {
		t.Errorf("of what was broken off the cause is %q, want none", cause)
	}
}

// TestADeadlineOfWhoeverWaitsComesFirst: what breaks off a statement must not wait for
// the connection's own.
func TestADeadlineOfWhoeverWaitsComesFirst(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := &boundedConn{Conn: near, within: time.Hour, unanswered: func() {}}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read(make([]byte, 1))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || errors.Is(err, errUnanswered) {
		t.Errorf("reading ends with %v, want the timeout of whoever waits", err)
	}
	reading := make(chan error)
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	go func() { _, err := c.Read(make([]byte, 1)); reading <- err }()
	if err := c.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := <-reading; !errors.As(err, &timeout) {
		t.Errorf("reading that is broken off ends with %v, want a timeout", err)
	}
}
