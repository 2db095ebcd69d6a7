package notify

import (
	"net"
	"sync"
	"time"
)

// mostPatience is how long a mail server that goes on speaking may take over what it
// says (RFC 5321, 4.5.3.2).
const mostPatience = 5 * time.Minute

// patientConn is a connection to a mail server that is given up when nothing is heard
// for a while, and not when everything together takes long: one that answers each
// command after twenty seconds, or a byte a second as tarpits do, is slow and not down.
type patientConn struct {
	net.Conn
	pause time.Duration // how long it may say nothing

	mu       sync.Mutex
	deadline time.Time
	latest   time.Time // that the deadline can become
}

func (c *patientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline, c.latest = t, time.Now().Add(mostPatience)
	return c.Conn.SetDeadline(t)
}

func (c *patientConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && err == nil {
		err = c.heard()
	}
	return n, err
}

// heard moves the deadline on. There is none between messages.
func (c *patientConn) heard() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := time.Now().Add(c.pause)
	if next.After(c.latest) {
		next = c.latest
	}
	if c.deadline.IsZero() || !next.After(c.deadline) {
		return nil
	}
	c.deadline = next
	return c.Conn.SetDeadline(next)
}
