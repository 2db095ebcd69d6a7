package storetest

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Between is what stands between a program and a PostgreSQL server and forwards what
// they say, until it is told to stop: then connections stay open, nothing goes through
// them any more, and neither side is told.
type Between struct {
	URL string // the database's address by way of this

	listener net.Listener
	network  string // where the server listens
	address  string

	mu      sync.Mutex
	silent  bool
	carried []*carried
	open    []net.Conn
}

// carried is one connection from end to end.
type carried struct {
	mu   sync.Mutex
	dead bool
}

// NewBetween forwards to the server of a database's address, as PostgresURL gives it.
func NewBetween(t testing.TB, address string) *Between {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	b := &Between{network: "tcp", address: u.Host}
	q := u.Query()
	if folder := q.Get("host"); strings.HasPrefix(folder, "/") {
		b.network, b.address = "unix", folder+"/.s.PGSQL.5432"
		q.Del("host")
	}
	if b.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	u.Host = b.listener.Addr().String()
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	b.URL = u.String()
	go b.accept()
	t.Cleanup(b.close)
	return b
}

// GoSilent stops to forward: on every connection that there is, for ever, and, until
// Resume, on every new one.
func (b *Between) GoSilent() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.silent = true
	for _, c := range b.carried {
		c.mu.Lock()
		c.dead = true
		c.mu.Unlock()
	}
}

// Resume forwards what comes by new connections.
func (b *Between) Resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.silent = false
}

func (b *Between) accept() {
	for {
		near, err := b.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial(b.network, b.address)
		if err != nil {
			near.Close()
			continue
		}
		b.mu.Lock()
		c := &carried{dead: b.silent}
		b.carried = append(b.carried, c)
		b.open = append(b.open, near, far)
		b.mu.Unlock()
		go c.forward(near, far)
		go c.forward(far, near)
	}
}

func (c *carried) forward(from, to net.Conn) {
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		c.mu.Lock()
		dead := c.dead
		c.mu.Unlock()
		switch {
		case dead && err != nil: // the other side is not told
			return
		case dead:
			continue
		}
		if _, e := to.Write(data[:n]); e != nil || err != nil {
			to.Close()
			return
		}
	}
}

func (b *Between) close() {
	b.listener.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.open {
		c.Close()
	}
}
