package smtptest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
)

// faultyListener hands out connections on which the faults happen that a
// session never gets to see.
type faultyListener struct {
	net.Listener
	server *Server
}

func (l *faultyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.server.mu.Lock()
	l.server.connections++
	l.server.mu.Unlock()
	return &faultyConn{Conn: conn, server: l.server}, nil
}

// faultyConn changes what the server says before TLS, and hangs up after a 421.
type faultyConn struct {
	net.Conn
	server  *Server
	greeted bool
	end     sync.Once
}

func (c *faultyConn) Write(line []byte) (int, error) {
	var fault *Fault
	switch {
	case c.server.options.ImplicitTLS: // nothing to be seen in it
	case c.server.options.OneByOne && bytes.HasPrefix(line, []byte("250-PIPELINING")):
		return len(line), nil
	case !c.greeted:
		c.greeted = true
		fault = c.server.next(AtGreeting, "")
	case bytes.HasPrefix(line, []byte("354 ")):
		fault = c.server.next(AtData, "")
	}
	if fault != nil && fault.Hold != nil {
		fault.Hold()
		fault = nil
	}
	switch {
	case fault == nil:
		n, err := c.Conn.Write(line)
		if bytes.HasPrefix(line, []byte("421 ")) {
			c.Close()
		}
		return n, err
	case fault.Stall:
		io.Copy(io.Discard, c.Conn) // until the sender goes away
	case fault.Code != 0:
		fmt.Fprintf(c.Conn, "%d %s %s\r\n", fault.Code, fault.Enhanced, fault.Text)
	}
	c.Close() // go-smtp believes it has said something else
	return len(line), nil
}

func (c *faultyConn) Close() error {
	err := c.Conn.Close()
	c.end.Do(func() {
		select {
		case c.server.ended <- struct{}{}:
		default: // nobody counts this many
		}
	})
	return err
}
