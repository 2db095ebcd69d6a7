package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"example.org/doorstep/notify/smtptest"
)

const hubSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// hub is another system: it takes what is ours, or answers as it is told to.
type hub struct {
	t       testing.TB
	address string

	mu     sync.Mutex
	answer int // 0: it takes what comes
	hold   chan struct{}
	took   []hubTook
	saw    []string // ids of what it did not take
}

type hubTook struct{ id, kind, body string }

func newHub(t testing.TB) *hub {
	t.Helper()
	h := &hub{t: t}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.address = server.URL
	return h
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	hold := h.hold
	h.mu.Unlock()
	if hold != nil {
		<-hold
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	id := r.Header.Get("webhook-id")
	switch {
	case h.answer == 0 && r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case h.answer != 0:
		h.saw = append(h.saw, id)
		w.WriteHeader(h.answer)
		return
	}
	receiver, err := standardwebhooks.NewWebhook(hubSecret)
	if err == nil {
		err = receiver.Verify(body, r.Header)
	}
	var what struct{ Type, Timestamp string }
	if err == nil {
		err = json.Unmarshal(body, &what)
	}
	if _, wrong := time.Parse(time.RFC3339, what.Timestamp); err != nil || wrong != nil {
		h.t.Errorf("a webhook that is none of ours: %v, %v: %s", err, wrong, body)
	}
	h.took = append(h.took, hubTook{id, what.Type, string(body)})
}

func (h *hub) answers(code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = code
}

// has returns what it took of a kind that holds a text.
func (h *hub) has(kind, text string) (found []hubTook) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, took := range h.took {
		if took.kind == kind && strings.Contains(took.body, text) {
			found = append(found, took)
		}
	}
	return found
}

func (h *hub) refused() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.saw)
}

// hookedDaemon has two cases, and tells a hub.
func hookedDaemon(t testing.TB, database string, server *smtptest.Server) (*daemon, *hub) {
	t.Helper()
	h := newHub(t)
	d := newDaemon(t, buildBinary(t), database, server)
	d.environment = append(d.environment, "HUB_SECRET="+hubSecret)
	d.write("doorstep.yaml", d.configuration()+fmt.Sprintf("operations: {email: ops@council.example}\nwebhooks:\n  - {name: hub, url: %q, secret: \"${HUB_SECRET}\"}\n", h.address))
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv", "ref,pathway,opened_at,practitioner,manager,team,addressee,address_1,postcode\n"+
		"KN-1,csc-section-47,"+ago(48*time.Hour)+",W1,G1,East,The Larks,1 Larkrise Terrace,SN1 1AA\nKN-2,csc-section-47,"+ago(48*time.Hour)+",W1,G1,East,,,\n"))
	return d, h
}

// TestAnotherSystemIsToldOfWhatHappens: of a visit that a file brought, while it is down,
// slow and there again; of a file that was rejected and of an email that cannot be
// delivered; and nobody who is in them is named.
func TestAnotherSystemIsToldOfWhatHappens(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		server := smtptest.Start(t, smtptest.Options{})
		d, h := hookedDaemon(t, url, server)
		h.answers(http.StatusServiceUnavailable)
		d.command("record", "KN-1", "no-access", "--by", "W1", "--at", ago(25*time.Hour)) // by another process, before the daemon
		d.start()
		d.await("the hub is asked", func() bool { return len(h.refused()) > 0 })
		h.answers(0)
		d.await("what it did not take comes again", func() bool {
			return len(h.has("duty.opened", `"discuss-with-manager"`)) > 0 && len(h.has("duty.overdue", `"discuss-with-manager"`)) > 0 && len(h.has("duty.due", `"discuss-with-manager"`)) > 0
		})
		d.await("all of it", func() bool {
			return !slices.ContainsFunc(h.refused(), func(id string) bool {
				return !slices.ContainsFunc(h.has("duty.opened", ""), func(took hubTook) bool { return took.id == id }) &&
					!slices.ContainsFunc(h.has("duty.overdue", ""), func(took hubTook) bool { return took.id == id }) &&
					!slices.ContainsFunc(h.has("duty.due", ""), func(took hubTook) bool { return took.id == id })
			})
		})
		if overdue := h.has("duty.overdue", `"discuss-with-manager"`)[0].body; !strings.Contains(overdue, `"case":"KN-1"`) || !strings.Contains(overdue, `"state":"overdue"`) {
			t.Errorf("it was told %s, want the case's reference and that its duty is overdue", overdue)
		}

		hold := make(chan struct{})
		h.mu.Lock()
		h.hold = hold
		h.mu.Unlock()
		mails := len(server.Taken())
		d.command("record", "KN-1", "discussed-with-manager", "--by", "G1", "--at", ago(10*time.Minute))
		d.command("record", "KN-2", "no-access", "--by", "W1", "--at", ago(time.Minute))
		d.await("messages go while it is slow", func() bool { return len(server.Taken()) > mails })
		h.mu.Lock()
		h.hold = nil
		h.mu.Unlock()
		close(hold)
		d.await("it is told that the duty is met", func() bool { return len(h.has("duty.met", `"state":"met-late"`)) > 0 })

		d.handOver("events.csv", eventsHead+"x1,KN-9,no-access,"+ago(time.Minute)+",W1\n")
		d.await("it is told of the rejected file", func() bool { return len(h.has("import.rejected", `"files":"events"`)) > 0 })
		server.Plan(smtptest.Refuse("w1@council.example"), smtptest.Refuse("g1@council.example"))
		d.command("record", "KN-2", "not-seen", "--by", "W1", "--at", ago(30*time.Second))
		d.await("it is told of an email that failed", func() bool { return len(h.has("message.failed", `"channel":"email"`)) > 0 })

		for _, took := range slices.Concat(h.has("duty.opened", ""), h.has("duty.overdue", ""), h.has("duty.met", ""), h.has("message.failed", ""), h.has("import.rejected", "")) {
			for _, private := range []string{"Lark", "SN1", "@", "07700", "W1", "G1", "events.csv"} {
				if strings.Contains(took.body, private) {
					t.Errorf("a webhook holds %q: %s", private, took.body)
				}
			}
		}
		_, metrics := d.get("/metrics")
		for _, want := range []string{`doorstep_webhooks_total{endpoint="hub",result="taken"}`, `doorstep_webhook_disabled{endpoint="hub"} 0`} {
			if !strings.Contains(metrics, want) {
				t.Errorf("the metrics lack %s", want)
			}
		}
		if _, says := d.get("/readyz"); !strings.Contains(says, `"webhooks"`) || !strings.Contains(says, "webhooks go") {
			t.Errorf("readyz says %s, want that webhooks go", says)
		}
	})
}

// TestWhoAnswersGoneIsToldNoMore: operations hear of it, nothing of it is lost, and
// enabled again it is told.
func TestWhoAnswersGoneIsToldNoMore(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	d, h := hookedDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), server)
	h.answers(http.StatusGone)
	d.start()
	d.command("record", "KN-1", "no-access", "--by", "W1", "--at", ago(time.Minute))
	d.await("operations are told", func() bool { return alerts(server, "the webhooks of hub are switched off") == 1 })
	if list := d.command("webhook", "list"); !strings.Contains(list, "SWITCHED OFF") || !strings.Contains(list, "410 Gone") {
		t.Errorf("the list says\n%s\nwant it switched off", list)
	}
	if _, says := d.get("/readyz"); !strings.Contains(says, "hub is switched off") || !strings.Contains(says, `"ready": true`) {
		t.Errorf("readyz says %s, want that it is switched off, and the daemon ready", says)
	}
	if out, _, code := d.try("check", "--online"); code != exitUsage || !strings.Contains(out, "webhooks[0]: hub: it answers 410 Gone") {
		t.Errorf("check --online: exit %d: %s; want it named", code, out)
	}
	h.answers(0)
	if says := d.command("webhook", "enable", "hub"); !strings.Contains(says, "go again") {
		t.Errorf("enabled: %s", says)
	}
	d.await("it is told what it missed", func() bool { return len(h.has("duty.opened", `"KN-1"`)) > 0 })
	if _, errs, code := d.try("webhook", "enable", "hbu"); code != exitUsage || !strings.Contains(errs, "did you mean hub?") {
		t.Errorf("a name that is mistyped: exit %d: %s", code, errs)
	}
}
