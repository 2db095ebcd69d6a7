package store

import (
	"errors"
	"net"
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
