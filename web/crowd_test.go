package web_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
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
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		_, err := c.Read(make([]byte, 1024)) // the body first, if it has not been read yet
		return err == nil || errors.Is(err, os.ErrDeadlineExceeded)
	}
	// Which of two was answered first the server may see otherwise than this test.
	longest, last := open[:2*further], open[2*further:]
	for len(longest) > further {
		if longest = slices.DeleteFunc(longest, func(c net.Conn) bool { return !isOpen(c) }); time.Now().After(limit) {
			t.Fatalf("of %d connections %d of the first %d are still open, want %d", most+further, len(longest), 2*further, further)
		}
		if response, body := d.request("GET", "/healthz"); response.StatusCode != http.StatusOK {
			t.Fatalf("beside %d connections GET /healthz = %d %q, want 200", most+further, response.StatusCode, body)
		}
	}
	for n, c := range last {
		if !isOpen(c) {
			t.Fatalf("connection %d was closed, want those that have waited longest", 2*further+n+1)
		}
	}
}
