package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/web"
)

const (
	statusPath = "/callbacks/twilio/status"
	form       = "application/x-www-form-urlencoded; charset=UTF-8"
	// family stands for what no log and no answer may show.
	family = "MessageSid=SM1&To=%2B447700900001&Body=Roe+family"
)

// calledBack starts a daemon that is called back at statusPath.
func calledBack(t *testing.T, read func(r *http.Request, body []byte) error) *daemon {
	t.Helper()
	return startCalledBack(t, openStore(t), began, scanEveryMinute(t), map[string]web.Callback{statusPath: {Read: read}})
}

func (d *daemon) callBack(contentType string, body io.Reader) (*http.Response, string) {
	d.t.Helper()
	response, err := http.Post("http://"+d.server.Addr().String()+statusPath, contentType, body)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response, string(answer)
}

func callbacksTotal(result string) string {
	return fmt.Sprintf("doorstep_callbacks_total{path=%q,result=%q}", statusPath, result)
}

func TestCallbackIsHandedOver(t *testing.T) {
	var got, signature string
	d := calledBack(t, func(r *http.Request, body []byte) error {
		got, signature = string(body), r.Header.Get("X-Twilio-Signature")
		return nil
	})
	d.wantFigures(map[string]float64{callbacksTotal("taken"): 0, callbacksTotal("forged"): 0})
	request, err := http.NewRequest("POST", "http://"+d.server.Addr().String()+statusPath, strings.NewReader(family))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", form)
	request.Header.Set("X-Twilio-Signature", "signed")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	response.Body.Close()
	if response.StatusCode != 204 || len(answer) > 0 || err != nil {
		t.Errorf("answered %d %q (%v), want 204 and nothing", response.StatusCode, answer, err)
	}
	if got != family || signature != "signed" {
		t.Errorf("handed over %q signed %q, want all of the body and its headers", got, signature)
	}
	d.wantFigures(map[string]float64{callbacksTotal("taken"): 1})
}

func TestCallbacksThatAreNotTaken(t *testing.T) {
	for _, test := range []struct {
		name   string
		err    error
		status int
		result string
	}{
		{"forged", fmt.Errorf("the signature does not match: %w", web.ErrForged), 403, "forged"},
		{"unreadable", fmt.Errorf("no MessageSid: %w", web.ErrUnreadable), 400, "unreadable"},
		{"busy", web.ErrBusy, 503, "busy"},
		{"anything else", errors.New("the database does not answer"), 503, "failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := calledBack(t, func(*http.Request, []byte) error { return test.err })
			response, answer := d.callBack(form, strings.NewReader(family))
			if response.StatusCode != test.status {
				t.Errorf("answered %d, want %d", response.StatusCode, test.status)
			}
			if got, want := response.Header.Get("Retry-After") != "", test.status == 503; got != want {
				t.Errorf("asked to come again: %t, want %t", got, want)
			}
			if strings.Contains(answer+d.log.String(), "Roe") || strings.Contains(answer, test.err.Error()) {
				t.Errorf("the answer %q or the log tells what it should not:\n%s", answer, d.log)
			}
			if d.logged("result="+test.result) != 1 || d.logged(statusPath) != 1 {
				t.Errorf("the log is\n%s\nwant the result %s and the path, once", d.log, test.result)
			}
			d.wantFigures(map[string]float64{callbacksTotal(test.result): 1, callbacksTotal("taken"): 0})
		})
	}
}

func TestCallbackOfAnotherKindIsRefusedUnread(t *testing.T) {
	read := 0
	d := calledBack(t, func(*http.Request, []byte) error { read++; return nil })
	for _, test := range []struct {
		contentType string
		body        io.Reader
		want        int
	}{
		{form, strings.NewReader(family), 204},
		{"application/json", strings.NewReader("{}"), 204},
		{"Application/JSON; charset=utf-8", strings.NewReader("{}"), 204},
		{"multipart/form-data; boundary=x", strings.NewReader(family), 400},
		{"text/plain", strings.NewReader(family), 400},
		{"", strings.NewReader(family), 400},
		{";", strings.NewReader(family), 400},
		{form, strings.NewReader(strings.Repeat("a", 64<<10)), 204},
		{form, strings.NewReader(strings.Repeat("a", 64<<10+1)), 413},
		{form, io.LimitReader(endless{}, 1<<20), 413}, // its length is not announced
	} {
		response, answer := d.callBack(test.contentType, test.body)
		if response.StatusCode != test.want {
			t.Errorf("%q was answered %d %s, want %d", test.contentType, response.StatusCode, answer, test.want)
		}
	}
	if read != 4 {
		t.Errorf("%d were read, want 4", read)
	}
	d.wantFigures(map[string]float64{callbacksTotal("taken"): 4, callbacksTotal("unreadable"): 4, callbacksTotal("too-large"): 2})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestCallbackThatBreaksOffIsNotRead(t *testing.T) {
	d := calledBack(t, func(*http.Request, []byte) error {
		t.Error("half a callback was read")
		return nil
	})
	conn, err := net.Dial("tcp", d.server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", statusPath)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400") {
		t.Errorf("answered %q (%v), want 400", answer, err)
	}
}

func TestOnlyPostsCallBack(t *testing.T) {
	d := calledBack(t, func(*http.Request, []byte) error {
		t.Error("read")
		return nil
	})
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
		response, _ := d.request(method, statusPath)
		if got := response.Header.Get("Allow"); response.StatusCode != 405 || got != "POST" {
			t.Errorf("%s = %d, Allow %q; want 405, POST", method, response.StatusCode, got)
		}
	}
	if response, _ := d.request("POST", "/callbacks/notify/status"); response.StatusCode != 404 {
		t.Errorf("a path where nobody is to call back answered %d, want 404", response.StatusCode)
	}
}

func TestForgedCallbacksDoNotFillTheLog(t *testing.T) {
	d := calledBack(t, func(*http.Request, []byte) error { return web.ErrForged })
	for range 5 {
		d.callBack(form, strings.NewReader(family))
	}
	d.waits(59 * time.Second)
	d.callBack(form, strings.NewReader(family))
	if d.logged("result=forged") != 1 || d.logged("times=1 ") != 1 {
		t.Errorf("the log is\n%s\nwant one line, of the first", d.log)
	}
	d.waits(time.Second)
	d.callBack(form, strings.NewReader(family))
	if d.logged("result=forged") != 2 || d.logged("times=6 ") != 1 {
		t.Errorf("the log is\n%s\nwant a second line, of the other 6", d.log)
	}
	d.wantFigures(map[string]float64{callbacksTotal("forged"): 7})
}

func TestPanicOverACallbackTellsNothingOfIt(t *testing.T) {
	broken := true
	d := calledBack(t, func(_ *http.Request, body []byte) error {
		if broken {
			panic(string(body))
		}
		return nil
	})
	response, answer := d.callBack(form, strings.NewReader(family))
	if response.StatusCode != 503 || strings.Contains(answer+d.log.String(), "Roe") || d.logged("panic=string") != 1 {
		t.Errorf("answered %d %q, want 503; the log should say what kind of panic it was and nothing of the body:\n%s", response.StatusCode, answer, d.log)
	}
	broken = false
	if response, _ := d.callBack(form, strings.NewReader(family)); response.StatusCode != 204 {
		t.Errorf("the next was answered %d, want 204", response.StatusCode)
	}
}

// manyClients calls back on as many connections as there are calls under way.
func manyClients(t testing.TB, connections int) *http.Client {
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestTenThousandReceiptsAtOnceAreAllTaken(t *testing.T) {
	var under, most, taken atomic.Int64
	d := calledBack(t, func(_ *http.Request, body []byte) error {
		n := under.Add(1)
		defer under.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		taken.Add(1)
		return nil
	})
	client, url := manyClients(t, 500), "http://"+d.server.Addr().String()+statusPath
	var calls sync.WaitGroup
	for range 10_000 {
		calls.Go(func() {
			response, err := client.Post(url, form, strings.NewReader(family))
			if err != nil {
				t.Errorf("not answered: %v", err)
				return
			}
			response.Body.Close()
			if response.StatusCode != 204 {
				t.Errorf("answered %d, want 204", response.StatusCode)
			}
		})
	}
	calls.Wait()
	if taken.Load() != 10_000 || most.Load() > 64 {
		t.Errorf("%d taken, %d of them at the same moment; want 10000, at most 64", taken.Load(), most.Load())
	}
	d.wantFigures(map[string]float64{callbacksTotal("taken"): 10_000})
}

// TestCallbacksBeyondTheLineArePutOff holds the first ones up, so that the line
// fills.
func TestCallbacksBeyondTheLineArePutOff(t *testing.T) {
	const inLine, beyond = 1024, 100
	var under atomic.Int64
	goOn := make(chan struct{})
	d := calledBack(t, func(*http.Request, []byte) error {
		if n := under.Add(1); n > 64 {
			t.Errorf("%d are worked on at once, want at most 64", n)
		}
		<-goOn
		under.Add(-1)
		return nil
	})
	release := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(release) // or the server could not stop
	client, url := manyClients(t, inLine+beyond), "http://"+d.server.Addr().String()+statusPath
	answers := make(chan int, inLine+beyond)
	for range inLine + beyond {
		go func() {
			response, err := client.Post(url, form, strings.NewReader(family))
			if err != nil {
				t.Errorf("not answered: %v", err)
				answers <- 0
				return
			}
			response.Body.Close()
			answers <- response.StatusCode
		}()
	}
	for i := range beyond {
		if got := <-answers; got != 503 {
			t.Fatalf("answer %d while nothing moves is %d, want 503", i+1, got)
		}
	}
	if response, _ := d.request("GET", "/healthz"); response.StatusCode != 200 {
		t.Errorf("GET /healthz = %d while the line is full, want 200", response.StatusCode)
	}
	release()
	for i := range inLine {
		if got := <-answers; got != 204 {
			t.Fatalf("answer %d of those in line is %d, want 204", i+1, got)
		}
	}
	d.wantFigures(map[string]float64{callbacksTotal("taken"): inLine, callbacksTotal("busy"): beyond})
}

// callsBackInPart announces a body of so many bytes and sends less.
func (d *daemon) callsBackInPart(announced int, sent string) net.Conn {
	d.t.Helper()
	conn, err := net.Dial("tcp", d.server.Addr().String())
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", statusPath, announced, sent)
	return conn
}

// TestSlowBodiesTakeNobodysPlace: more of them than there are places in line, and
// what comes whole is taken all the same. The slow ones are ended, and nobody reads
// half a body.
func TestSlowBodiesTakeNobodysPlace(t *testing.T) {
	t.Parallel()
	d := calledBack(t, func(_ *http.Request, body []byte) error {
		if string(body) != family {
			t.Errorf("read %q, want only what came whole", body)
		}
		return nil
	})
	const slow = 1100
	var callers []net.Conn
	for range slow {
		callers = append(callers, d.callsBackInPart(100, "{"))
	}
	if response, answer := d.callBack(form, strings.NewReader(family)); response.StatusCode != 204 {
		t.Errorf("beside %d slow bodies a whole one is answered %d %s, want 204", slow, response.StatusCode, answer)
	}
	for _, conn := range callers {
		// Nothing more is sent: the server ends it by itself, or this waits for ever.
		if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 408") {
			t.Fatalf("a slow body is answered %q (%v), want 408 and the end", answer, err)
		}
	}
	d.wantFigures(map[string]float64{callbacksTotal("slow"): slow, callbacksTotal("taken"): 1, callbacksTotal("busy"): 0})
}

func TestOverlongCallbackDoesNotHoldItsPlace(t *testing.T) {
	d := calledBack(t, func(*http.Request, []byte) error { return nil })
	for range 1100 { // more than there are places
		if response, _ := d.callBack(form, strings.NewReader(strings.Repeat("a", 64<<10+1))); response.StatusCode != 413 {
			t.Fatalf("answered %d, want 413", response.StatusCode)
		}
	}
	if response, _ := d.callBack(form, strings.NewReader(family)); response.StatusCode != 204 {
		t.Errorf("after 1,100 overlong callbacks a good one was answered %d, want 204", response.StatusCode)
	}
}

// BenchmarkCallback shows what a callback costs beside its reading; alive, the
// smallest answer there is, is the measure.
func BenchmarkCallback(b *testing.B) {
	now := func() time.Time { return began }
	database := openStore(b)
	server, err := web.Listen(web.Options{
		Listen: "127.0.0.1:0", Database: database, TimeZone: time.UTC, Now: now,
		Metrics:   web.NewMetrics("1.2.3", database, urgentBelow, now),
		Log:       slog.New(slog.DiscardHandler),
		Callbacks: map[string]web.Callback{statusPath: {Read: func(*http.Request, []byte) error { return nil }}},
	})
	if err != nil {
		b.Fatal(err)
	}
	go server.Serve()
	defer server.Shutdown(context.Background())
	url := "http://" + server.Addr().String()
	ask := func(b *testing.B, want int, call func(*http.Client) (*http.Response, error)) {
		client := manyClients(b, 500)
		b.ReportAllocs()
		b.SetParallelism(50)
		b.RunParallel(func(calls *testing.PB) {
			for calls.Next() {
				response, err := call(client)
				if err != nil {
					b.Error(err)
					return
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if response.StatusCode != want {
					b.Errorf("answered %d, want %d", response.StatusCode, want)
				}
			}
		})
	}
	b.Run("alive", func(b *testing.B) {
		ask(b, 200, func(c *http.Client) (*http.Response, error) { return c.Get(url + "/healthz") })
	})
	b.Run("callback", func(b *testing.B) {
		ask(b, 204, func(c *http.Client) (*http.Response, error) {
			return c.Post(url+statusPath, form, strings.NewReader(family))
		})
	})
}
