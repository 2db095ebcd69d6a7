package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

// TestConnectionsThatAreDeadAndOpen: what stands between a daemon and its database forgets
// all connections and tells nobody. The daemon gives them up and goes on by new ones.
func TestConnectionsThatAreDeadAndOpen(t *testing.T) {
	t.Parallel()
	between := storetest.NewBetween(t, storetest.PostgresURL(t))
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, between.URL, server)
	d.opened("KN-1", time.Minute)
	p := d.start()
	d.await("the emails about the first case", func() bool { return about(server, "KN-1") == 2 })
	between.GoSilent()
	d.await("the daemon not to be ready", func() bool { status, _ := d.get("/readyz"); return status == 503 })
	between.Resume()
	d.opened("KN-2", time.Minute)
	d.await("the emails about the second case", func() bool { return about(server, "KN-2") == 2 })
	d.await("readiness", func() bool { status, _ := d.get("/readyz"); return status == 200 })
	if code, log := p.stop(); code != exitDone {
		t.Errorf("serve stopped with exit %d and logged %s", code, log)
	}
	if twice := server.Count() - len(server.TakenByID()); twice != 0 {
		t.Errorf("%d emails came twice, want none", twice)
	}
}

// TestSIGTERMEndsWhateverHangs: the database, the mail server and whoever asks for a page
// say nothing any more. systemd would kill the daemon after a minute.
func TestSIGTERMEndsWhateverHangs(t *testing.T) {
	t.Parallel()
	between := storetest.NewBetween(t, storetest.PostgresURL(t))
	hangs, asked := silentServer(t)
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, between.URL, server)
	d.write("doorstep.yaml", strings.Replace(d.configuration(), fmt.Sprintf("port: %d", server.Port), fmt.Sprintf("port: %d", hangs), 1))
	d.opened("KN-1", time.Minute)
	p := d.start()
	<-asked // an email is on its way
	page, err := net.Dial("tcp", d.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	if _, err := page.Write([]byte("GET /metrics HTTP/1.1\r\nHost: x\r\n")); err != nil { // and no more
		t.Fatal(err)
	}
	between.GoSilent()
	d.await("the daemon not to be ready", func() bool { status, _ := d.get("/readyz"); return status == 503 })
	told := time.Now()
	_, log := p.stop()
	if took := time.Since(told); took > 45*time.Second {
		t.Errorf("stopping took %s, want 30 seconds at most (and a slow machine's share):\n%s", took.Round(time.Second), log)
	}
}

// silentServer takes connections and says nothing. asked receives when the first comes.
func silentServer(t *testing.T) (port int, asked <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan struct{}, 1)
	var open []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open = append(open, conn)
			select {
			case first <- struct{}{}:
			default:
			}
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
		for _, conn := range open {
			conn.Close()
		}
	})
	return listener.Addr().(*net.TCPAddr).Port, first
}
