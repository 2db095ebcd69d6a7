package web

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// mostWaiting is how many connections of an address wait at once, for a request or for
	// the rest of one. Each takes some 20 KB; and browsers keep those open that they may
	// need again.
	mostWaiting = 1000
	// waitsAtLeast is for how long each may wait, however many do: who has something to
	// say says it at once, and who brings thousands of receipts over as many connections
	// comes back to each before.
	waitsAtLeast = 10 * time.Second
)

// crowd are the connections that an address has open. Where too many wait, those that
// have waited longest give way: somebody who only opens connections keeps nobody out, and
// takes no more memory than so many need.
type crowd struct {
	mu      sync.Mutex
	waits   map[net.Conn]*list.Element
	waiting *list.List // of waiter, whoever has waited longest first
}

type waiter struct {
	net.Conn
	since time.Time
}

func newCrowd() *crowd { return &crowd{waits: map[net.Conn]*list.Element{}, waiting: list.New()} }

// note follows what becomes of a connection, as http.Server tells it.
func (c *crowd) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(conn)
	if state == http.StateNew || state == http.StateIdle {
		c.waits[conn] = c.waiting.PushBack(waiter{conn, time.Now()})
	}
	for c.waiting.Len() > mostWaiting {
		first := c.waiting.Front().Value.(waiter)
		if time.Since(first.since) < waitsAtLeast {
			return
		}
		c.forget(first.Conn)
		first.Close()
	}
}

func (c *crowd) forget(conn net.Conn) {
	if e := c.waits[conn]; e != nil {
		c.waiting.Remove(e)
		delete(c.waits, conn)
	}
}
