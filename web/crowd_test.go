package web_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// TestWhoOnlyKeepsConnectionsOpenKeepsNobodyOut: of more connections than may wait at an
// address, those that have waited longest give way as soon as others come.
func TestWhoOnlyKeepsConnectionsOpenKeepsNobodyOut(t *testing.T) {
	d := start(t)
	const most, further = 1000, 50 // as in crowd.go
	limit := time.Now().Add(time.Minute)
	var open []net.Conn
	for n := range most + further {
		c, err := net.Dial("tcp", d.server.Addr().String())
		if err != nil {
			t.Fatalf("connection %d: %v", n+1, err)
		}
		defer c.Close()
		c.SetDeadline(limit)
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: doorstep\r\n\r\n"); err != nil {
			t.Fatalf("connection %d: %v", n+1, err)
		}
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("connection %d is answered %v (%v), want 200", n+1, response, err)
		}
		open = append(open, c)
	}
	isOpen := func(c net.Conn) bool {
		c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, err := c.Read(make([]byte, 1024)) // the body first, if it has not been read yet
		return err == nil || errors.Is(err, os.ErrDeadlineExceeded)
	}
	for n, c := range open[:further] {
		for isOpen(c) {
			if time.Now().After(limit) {
				t.Fatalf("connection %d of %d is still open, want that it has given way", n+1, len(open))
			}
			if response, body := d.request("GET", "/healthz"); response.StatusCode != http.StatusOK {
				t.Fatalf("beside %d connections GET /healthz = %d %q, want 200", len(open), response.StatusCode, body)
			}
		}
	}
}
