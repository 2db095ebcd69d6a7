package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
	"example.org/doorstep/store/storetest"
)

// What a provider calls, and how: by callback only.
const (
	publicStatus = "https://doorstep.council.example" + twilioStatusPath
	publicText   = "https://doorstep.council.example" + twilioTextPath
	calledBack   = ", receipts: callback, replies: callback"
)

// proxy is what stands between the internet and the daemon: it passes on what comes
// to the public address.
type proxy struct {
	*httptest.Server
	address atomic.Value // where the daemon listens
}

func newProxy(t *testing.T) *proxy {
	p := &proxy{}
	p.Server = httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: p.address.Load().(string)})
	}})
	t.Cleanup(p.Close)
	return p
}

// textOf returns the one text to a number that was taken last.
func textOf(t *testing.T, texts *twiliotest.Server, mobile string) (found twiliotest.Message) {
	t.Helper()
	for _, m := range texts.Messages() {
		if !m.Inbound && m.To == mobile {
			found = m
		}
	}
	if found.SID == "" {
		t.Fatalf("no text was taken for a number ending in %s", mobile[len(mobile)-3:])
	}
	return found
}

// TestSignedCallbacksAreTaken: what Twilio posts to the public address counts at
// once, and each thing once. What it did not sign does not.
func TestSignedCallbacksAreTaken(t *testing.T) {
	t.Parallel()
	mail, front := smtptest.Start(t, smtptest.Options{}), newProxy(t)
	texts := twiliotest.Start(t, twiliotest.Options{Via: front.URL, InboundURL: publicText})
	d := newCouncil(t, mail, byTwilio(texts, calledBack))
	p := d.start()
	front.address.Store(d.listen)
	d.refer("KN-1", "W1")
	d.await("both texts", func() bool { return d.rows("messages WHERE state = 'sent'") == 2 })
	toW1, toG1 := textOf(t, texts, mobileW1), textOf(t, texts, mobileG1)

	for _, step := range []struct{ status, says string }{
		{twiliotest.Sent, "(W1) by sms: sent"},
		{twiliotest.Delivered, "(W1) by sms: delivered"},
		{twiliotest.Delivered, "(W1) by sms: delivered"}, // Twilio repeats itself
		{twiliotest.Sent, "(W1) by sms: delivered"},      // and what is late comes last
		{twiliotest.Failed, "(W1) by sms: delivered"},
	} {
		if got := texts.Move(t, toW1.SID, step.status, 0); got != http.StatusNoContent {
			t.Errorf("the callback about %q was answered %d, want 204", step.status, got)
		}
		d.says([]string{step.says}, "case", "KN-1")
	}
	for progress, want := range map[string]float64{"sent": 1, "delivered": 1, "late": 3, "failed": 0} {
		if got := d.figure(receipts(progress)); got != want {
			t.Errorf("%v receipts are %q, want %v", got, progress, want)
		}
	}

	// Nobody but Twilio can say that a text did not arrive.
	failed := texts.StatusForm(toG1)
	failed.Set("MessageStatus", twiliotest.Undelivered)
	failed.Set("ErrorCode", "30005")
	for name, forge := range map[string]func(*http.Request){
		"no signature": func(r *http.Request) { r.Header.Del(twiliotest.Signature) },
		"another's": func(r *http.Request) {
			r.Header.Set(twiliotest.Signature, twiliotest.Sign("another", publicStatus, failed))
		},
		"of another page": func(r *http.Request) {
			r.Header.Set(twiliotest.Signature, twiliotest.Sign(twiliotest.AuthToken, publicText, failed))
		},
		"of another callback": func(r *http.Request) {
			r.Header.Set(twiliotest.Signature, twiliotest.Sign(twiliotest.AuthToken, publicStatus, texts.StatusForm(toG1)))
		},
	} {
		if got := callBack(t, texts, publicStatus, failed, forge); got != http.StatusForbidden {
			t.Errorf("a callback with a signature that is %s was answered %d, want 403", name, got)
		}
	}
	large := texts.StatusForm(toG1)
	large.Set("Body", strings.Repeat("a", 64<<10))
	if got := texts.Post(t, publicStatus, large); got != http.StatusRequestEntityTooLarge {
		t.Errorf("an oversized callback was answered %d, want 413", got)
	}
	d.says([]string{"(G1) by sms: sent"}, "case", "KN-1")

	// The practitioner says that it is done, and Twilio says so twice.
	done := texts.Receive(t, mobileW1, "Done "+strings.ToLower(replyCode(t, toW1.Body))+" :-)")
	if got := texts.Post(t, publicText, texts.InboundForm(done)); got != http.StatusNoContent {
		t.Errorf("a repeated text was answered %d, want 204", got)
	}
	texts.Receive(t, mobileG1, "ACK "+replyCode(t, toG1.Body))
	d.await("an answer to the manager", func() bool { return len(textsTo(texts, mobileG1)) == 2 })
	d.says([]string{"See the child: OPEN, said by text", "seen by Ottoline Quillfeather (W1), said by text, to be confirmed"}, "case", "KN-1")
	wantTexts(t, texts, mobileW1, toW1.Body, "Noted as said by text: see the child, KN-1. The clock runs until it is recorded on the case's page.")
	wantTexts(t, texts, mobileG1, toG1.Body, "Noted that you know: see the child, KN-1. It is still to be done.")
	if n := d.rows("events WHERE kind = 'seen'"); n != 1 {
		t.Errorf("%d visits are recorded, want 1", n)
	}

	// A text that does not arrive goes by email as soon as Twilio says so.
	d.refer("KN-2", "W1")
	d.await("the text about KN-2", func() bool { return len(textsTo(texts, mobileW1)) == 3 })
	texts.Fail(t, textOf(t, texts, mobileW1).SID, 30005)
	d.await("the email to the practitioner", func() bool { return len(emailsTo(mail, "w1@council.example")) == 1 })
	d.end(p)
}

func receipts(progress string) string {
	return fmt.Sprintf(`doorstep_receipts_total{channel="sms",progress="%s"}`, progress)
}

// callBack posts a callback that something is wrong with.
func callBack(t *testing.T, texts *twiliotest.Server, address string, form url.Values, change func(*http.Request)) (status int) {
	t.Helper()
	r, err := texts.Callback(address, form)
	if err != nil {
		t.Fatal(err)
	}
	change(r)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// wantTexts fails where a number was not sent exactly these words, in any order.
func wantTexts(t *testing.T, texts *twiliotest.Server, mobile string, want ...string) {
	t.Helper()
	got := slices.Sorted(slices.Values(textsTo(texts, mobile)))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the texts to a number ending in %s are\n%s\nwant\n%s", mobile[len(mobile)-3:], strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTenThousandReceiptsAtOnce: most of them about texts of somebody else's on the
// same account. The daemon takes them or puts them off, says that it is ready all
// the while, and finds the one that counts.
func TestTenThousandReceiptsAtOnce(t *testing.T) {
	t.Parallel()
	for _, database := range []struct{ name, url string }{{"SQLite", onSQLite(t)}, {"PostgreSQL", storetest.PostgresURL(t)}} {
		t.Run(database.name, func(t *testing.T) {
			mail := smtptest.Start(t, smtptest.Options{})
			texts := twiliotest.Start(t, twiliotest.Options{})
			d := newCouncil(t, mail, byTwilio(texts, calledBack), keys{"database": fmt.Sprintf("%q", database.url)})
			p := d.start()
			d.refer("KN-1", "W1")
			d.await("both texts", func() bool { return d.rows("messages WHERE state = 'sent'") == 2 })
			ours := textOf(t, texts, mobileW1)
			ours.Status = twiliotest.Delivered

			const all, atOnce = 10_000, 1_500
			client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: atOnce, MaxIdleConnsPerHost: atOnce}}
			var next, putOff atomic.Int64
			post := func() error {
				for i := next.Add(1); i <= all; i = next.Add(1) {
					m := ours
					if i != all/2 {
						m.SID = fmt.Sprintf("SM%032x", 0xffff0000+i)
					}
					for {
						r, err := texts.Callback(publicStatus, texts.StatusForm(m))
						if err != nil {
							return err
						}
						r.URL.Scheme, r.URL.Host = "http", d.listen
						response, err := client.Do(r)
						if err != nil {
							return err
						}
						response.Body.Close()
						if response.StatusCode == http.StatusNoContent {
							break
						}
						if response.StatusCode != http.StatusServiceUnavailable {
							return fmt.Errorf("a callback was answered %d, want 204, or 503 to come again", response.StatusCode)
						}
						putOff.Add(1)
					}
				}
				return nil
			}
			posted := make(chan struct{})
			var posters sync.WaitGroup
			for range atOnce {
				posters.Go(func() {
					if err := post(); err != nil {
						t.Error(err)
					}
				})
			}
			go func() { posters.Wait(); close(posted) }()
			asked := 0
			for under := true; under; asked++ {
				if status, body := d.get("/readyz"); status != http.StatusOK {
					t.Errorf("/readyz answers %d %s while receipts come in, want 200", status, body)
				}
				select {
				case <-posted:
					under = false
				default:
				}
			}
			d.says([]string{"(W1) by sms: delivered"}, "case", "KN-1")
			if unknown, known := d.figure(receipts("unknown")), d.figure(receipts("delivered")); unknown != all-1 || known != 1 {
				t.Errorf("%v receipts were about texts that nobody here sent, and %v about one that arrived; want %d and 1", unknown, known, all-1)
			}
			t.Logf("asked whether it is ready %d times meanwhile; %d callbacks were put off", asked, putOff.Load())
			client.CloseIdleConnections()
			d.end(p)
		})
	}
}

// TestConnectionThatSaysNothingHoldsNothingUp: browsers and proxies open connections
// before they need them.
func TestConnectionThatSaysNothingHoldsNothingUp(t *testing.T) {
	t.Parallel()
	d := newCouncil(t, smtptest.Start(t, smtptest.Options{}))
	p := d.start()
	connection, err := net.Dial("tcp", d.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	d.end(p)
}
