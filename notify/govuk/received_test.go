package govuk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
)

func TestTextsThatCameInAreReadOldestFirst(t *testing.T) {
	clock := clockAt(noon)
	server := govuktest.Start(t, govuktest.Options{Now: clock.now})
	c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Now = clock.now })
	if texts, err := c.Received(context.Background(), time.Time{}); err != nil || len(texts) != 0 {
		t.Errorf("at first %v, %v, want none", texts, err)
	}
	var ids []string
	for i := range 600 {
		clock.forward(time.Second)
		ids = append(ids, server.Text("+447700900101", fmt.Sprint("DONE ", i)))
	}
	all, err := c.Received(context.Background(), time.Time{})
	if err != nil || len(all) != 600 {
		t.Fatalf("%d texts, %v, want 600", len(all), err)
	}
	want := notify.Received{ID: ids[0], From: "+447700900101", Text: "DONE 0", At: noon.Add(time.Second)}
	if all[0] != want || all[599].ID != ids[599] {
		t.Errorf("the first is %+v and the last %s, want %+v and %s", all[0], all[599].ID, want, ids[599])
	}
	before := server.Requests("GET /v2/received-text-messages")
	late, err := c.Received(context.Background(), noon.Add(598*time.Second))
	if err != nil || len(late) != 3 || late[0].ID != ids[597] {
		t.Errorf("%+v, %v, want the last three", late, err)
	}
	if got := server.Requests("GET /v2/received-text-messages") - before; got != 1 {
		t.Errorf("the last three took %d requests, want 1", got)
	}
	if texts, err := newChannel(t, server, notify.ByEmail, nil).Received(context.Background(), time.Time{}); err != nil || texts != nil {
		t.Errorf("by email there came %v, %v, want none", texts, err)
	}
	server.Plan(govuktest.Fault{At: "GET /v2/received-text-messages", Status: 500, Error: "Exception", Message: "Internal server error"})
	if _, err := c.Received(context.Background(), time.Time{}); err == nil {
		t.Error("a failure gives no error")
	}
}

func TestSendersNumbersBecomeInternational(t *testing.T) {
	for written, want := range map[string]string{
		"447700900101":     "+447700900101",
		"07700900101":      "+447700900101",
		"07700 900101":     "+447700900101",
		"+447700900101":    "+447700900101",
		"00447700900101":   "+447700900101",
		"33612345678":      "+33612345678",
		"60006":            "60006", // a short code
		"COUNCIL":          "COUNCIL",
		"":                 "",
		"4477009001010000": "4477009001010000",
	} {
		if got := international(written); got != want {
			t.Errorf("%q becomes %q, want %q", written, got, want)
		}
	}
}

// read returns a callback as a handler gets it.
func read(t *testing.T, r *http.Request) (*http.Request, []byte) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, body
}

func TestCallbacksTellOfMessagesAndTexts(t *testing.T) {
	server := govuktest.Start(t, govuktest.Options{Now: at(noon), CallbackToken: "agreed"})
	server.Fate("+447700900102", "permanent-failure")
	texts, emails := newChannel(t, server, notify.BySMS, nil), newChannel(t, server, notify.ByEmail, nil)
	good, bad := reminder(notify.BySMS, "a"), reminder(notify.BySMS, "b")
	bad.To.Mobile = "+447700900102"
	want := []notify.Receipt{
		{ProviderID: send(texts, good).ProviderID, Progress: notify.ProgressDelivered, Code: "delivered", At: noon},
		{ProviderID: send(texts, bad).ProviderID, Progress: notify.ProgressUndelivered, Code: "permanent-failure", Fault: notify.FaultAddress, At: noon},
		{ProviderID: send(emails, reminder(notify.ByEmail, "c")).ProviderID, Progress: notify.ProgressDelivered, Code: "delivered", At: noon},
	}
	calls := server.Callbacks("https://doorstep.example/status", "")
	if len(calls) != len(want) {
		t.Fatalf("Notify makes %d callbacks, want %d", len(calls), len(want))
	}
	for i, call := range calls {
		r, body := read(t, call)
		own, other := texts, emails
		if i == 2 {
			own, other = emails, texts
		}
		got, err := own.StatusCallback(r, body)
		if err != nil || len(got) != 1 {
			t.Fatalf("callback %d gives %+v, %v, want one receipt", i, got, err)
		}
		got[0].Reason = ""
		if got[0] != want[i] {
			t.Errorf("callback %d gives\n%+v, want\n%+v", i, got[0], want[i])
		}
		if got, err := other.StatusCallback(r, body); err != nil || got != nil {
			t.Errorf("callback %d gives the other channel %+v, %v, want nothing", i, got, err)
		}
	}
	if again := server.Callbacks("https://doorstep.example/status", ""); len(again) != 0 {
		t.Errorf("Notify makes %d callbacks again, want none", len(again))
	}

	id := server.Text("+447700900101", "DONE 4F7")
	calls = server.Callbacks("", "https://doorstep.example/received")
	if len(calls) != 1 {
		t.Fatalf("Notify makes %d callbacks, want 1", len(calls))
	}
	r, body := read(t, calls[0])
	got, err := texts.InboundCallback(r, body)
	if want := (notify.Received{ID: id, From: "+447700900101", Text: "DONE 4F7", At: noon}); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

func TestForgedAndBrokenCallbacksAreRefused(t *testing.T) {
	const status = `{"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "status": "delivered", "notification_type": "sms"}`
	tests := []struct {
		story  string
		agreed string
		header string
		body   string
		forged bool
		want   string // of another error; empty: none
	}{
		{"as agreed", "agreed", "Bearer agreed", status, false, ""},
		{"in small letters", "agreed", "bearer agreed", status, false, ""},
		{"another token", "agreed", "Bearer other", status, true, ""},
		{"a longer token", "agreed", "Bearer agreed2", status, true, ""},
		{"no token", "agreed", "", status, true, ""},
		{"an empty token", "agreed", "Bearer ", status, true, ""},
		{"another scheme", "agreed", "Basic agreed", status, true, ""},
		{"no token agreed", "", "Bearer ", status, true, ""},
		{"no token agreed or sent", "", "", status, true, ""},
		{"no JSON", "agreed", "Bearer agreed", "<html>", false, "cannot be read"},
		{"half an answer", "agreed", "Bearer agreed", status[:40], false, "cannot be read"},
		{"a list", "agreed", "Bearer agreed", "[]", false, "cannot be read"},
		{"no id", "agreed", "Bearer agreed", `{"status": "delivered"}`, false, "cannot be read"},
		{"an id that is none", "agreed", "Bearer agreed", `{"id": "'; DROP TABLE messages", "status": "delivered"}`, false, "cannot be read"},
		{"of great size", "agreed", "Bearer agreed", status + strings.Repeat(" ", 40_000), false, "none has more than"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			c := newChannel(t, start(t), notify.BySMS, func(s *Settings) { s.CallbackToken = test.agreed })
			r, err := http.NewRequest("POST", "https://doorstep.example/status", nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.header != "" {
				r.Header.Set("Authorization", test.header)
			}
			receipts, err := c.StatusCallback(r, []byte(test.body))
			good := !test.forged && test.want == ""
			if errors.Is(err, ErrForged) != test.forged || (err == nil) != good || (len(receipts) == 1) != good || !good && !test.forged && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%+v, %v, want forged %t, %q", receipts, err, test.forged, test.want)
			}
			_, err = c.InboundCallback(r, []byte(test.body))
			if err == nil || errors.Is(err, ErrForged) != test.forged || strings.Contains(err.Error(), "agreed2") || strings.Contains(err.Error(), "DROP") {
				t.Errorf("as a text that came in: %v, want an error, forged %t", err, test.forged)
			}
		})
	}
}
