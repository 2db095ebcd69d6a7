package govuk

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
)

var letter = []byte("%PDF-1.4\nDear family\n%%EOF\n")

func newLetters(t *testing.T, server *govuktest.Server, now func() time.Time) *Letters {
	t.Helper()
	l, err := NewLetters(Settings{APIKey: govuktest.APIKey, BaseURL: server.URL, Now: now, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(context.Background()) })
	return l
}

func TestLetterIsFollowedUntilItIsPosted(t *testing.T) {
	clock := clockAt(noon)
	server := govuktest.Start(t, govuktest.Options{Now: clock.now, DeliverAfter: 24 * time.Hour})
	l := newLetters(t, server, clock.now)
	id, o := l.Send(context.Background(), "12-007", letter, FirstClass)
	isSent(t, o, id)
	if got := server.Taken(); len(got) != 1 || !bytes.Equal(got[0].PDF, letter) || got[0].Postage != "first" || got[0].Reference != "12-007" || got[0].ID != id {
		t.Fatalf("Notify has %+v, want the letter, first class", got)
	}
	for _, want := range []LetterStatus{
		{Status: "pending-virus-check", Words: "viruses", At: noon},
		{Status: "accepted", Words: "to be printed", At: noon.Add(12 * time.Hour)},
		{Status: "received", Words: "printed and posted", Final: true, At: noon.Add(24 * time.Hour)},
	} {
		got, _, err := l.Status(context.Background(), []string{id})
		if err != nil || len(got) != 1 || !strings.Contains(got[0].Words, want.Words) {
			t.Fatalf("%+v, %v, want words with %q", got, err, want.Words)
		}
		want.ID, want.Reference, want.Words = id, "12-007", got[0].Words
		if got[0] != want {
			t.Errorf("the letter stands at\n%+v, want\n%+v", got[0], want)
		}
		clock.forward(12 * time.Hour)
	}
}

func TestWhatEachStatusOfALetterMeans(t *testing.T) {
	server := start(t)
	l := newLetters(t, server, at(noon))
	id, _ := l.Send(context.Background(), "12-007", letter, "")
	for _, want := range []LetterStatus{
		{Status: "accepted", Words: "accepted"},
		{Status: "received", Words: "posted", Final: true},
		{Status: "cancelled", Words: "will not be posted", Final: true, Failed: true},
		{Status: "virus-scan-failed", Words: "virus", Final: true, Failed: true},
		{Status: "validation-failed", Words: "outside the area that can be printed", Final: true, Failed: true},
		{Status: "technical-failure", Words: "do not send it again", Failed: true},
		{Status: "permanent-failure", Words: "by hand", Final: true, Failed: true},
		{Status: "something-new", Words: "does not know"},
	} {
		server.Set(id, want.Status)
		got, _, err := l.Status(context.Background(), []string{id})
		if err != nil || len(got) != 1 || !strings.Contains(got[0].Words, want.Words) || got[0].Final != want.Final || got[0].Failed != want.Failed {
			t.Errorf("%s: %+v, %v, want %+v", want.Status, got, err, want)
		}
	}
}

func TestLetterIsNeverPrintedTwice(t *testing.T) {
	for status, count := range map[string]int{
		"":                    1,
		"pending-virus-check": 1,
		"accepted":            1,
		"received":            1,
		"technical-failure":   1,
		"permanent-failure":   1,
		"something-new":       1,
		"validation-failed":   2, // and corrected since
		"virus-scan-failed":   2,
		"cancelled":           2,
	} {
		for _, fault := range []govuktest.Fault{{Taken: true, Drop: true}, govuktest.HalfAnAnswer, {Taken: true, Status: 500, Body: " "}} {
			server := start(t)
			l := newLetters(t, server, at(noon))
			server.Plan(fault)
			id, o := l.Send(context.Background(), "12-007", letter, "")
			if id != "" || o.State != notify.FailedTemporarily || o.Fault != notify.FaultProvider || !o.Ambiguous {
				t.Fatalf("%s, %+v, want a doubtful failure", id, o)
			}
			if status != "" {
				server.Set(server.Taken()[0].ID, status)
			}
			id, o = l.Send(context.Background(), "12-007", letter, "")
			taken := server.Taken()
			if len(taken) != count {
				t.Errorf("%q: Notify has %d letters, want %d", status, len(taken), count)
			}
			isSent(t, o, taken[len(taken)-1].ID)
			if id != o.ProviderID {
				t.Errorf("%q: the id is %s, want %s", status, id, o.ProviderID)
			}
		}
	}
	server := start(t)
	server.Plan(govuktest.Fault{At: "GET /v2/notifications", Status: 500, Body: " "})
	if id, o := newLetters(t, server, at(noon)).Send(context.Background(), "12-007", letter, ""); id != "" || o.State != notify.FailedTemporarily || o.Ambiguous || server.Count() != 0 {
		t.Errorf("where Notify cannot be asked: %s, %+v and %d letters, want none sent", id, o, server.Count())
	}
}

func TestLettersThatCannotGo(t *testing.T) {
	tests := []struct {
		story     string
		options   govuktest.Options
		reference string
		pdf       []byte
		postage   string
		state     notify.State
		fault     notify.Fault
		reason    string
	}{
		{"no reference", govuktest.Options{}, "", letter, "", notify.Failed, notify.FaultContent, "reference"},
		{"a name for a reference", govuktest.Options{}, "Letter to somebody", letter, "", notify.Failed, notify.FaultContent, "reference"},
		{"no PDF", govuktest.Options{}, "12-007", []byte("<html>"), "", notify.Failed, notify.FaultContent, "not a PDF"},
		{"too long", govuktest.Options{}, "12-007", append(letter, make([]byte, 2<<20)...), "", notify.Failed, notify.FaultContent, "2097152 at most"},
		{"another postage", govuktest.Options{}, "12-007", letter, "third", notify.Failed, notify.FaultContent, "postage"},
		{"on trial", govuktest.Options{Trial: true}, "12-007", letter, "", notify.FailedTemporarily, notify.FaultAccount, "go live"},
		{"a team's key", govuktest.Options{TeamOnly: true}, "12-007", letter, "", notify.FailedTemporarily, notify.FaultAccount, "go live"},
		{"the day's limit", govuktest.Options{LettersPerDay: 1}, "12-007", letter, "", notify.FailedTemporarily, notify.FaultBusy, "midnight UTC"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			test.options.Now = at(noon)
			server := govuktest.Start(t, test.options)
			l := newLetters(t, server, at(noon))
			if test.options.LettersPerDay > 0 {
				l.Send(context.Background(), "12-006", letter, Economy)
			}
			id, o := l.Send(context.Background(), test.reference, test.pdf, test.postage)
			if id != "" || o.State != test.state || o.Fault != test.fault || !strings.Contains(o.Reason, test.reason) || strings.Contains(o.Reason, "somebody") {
				t.Errorf("%s, %+v, want %s for %s with %q", id, o, test.state, test.fault, test.reason)
			}
		})
	}
}

func TestLetterThatFailsValidationIsFinal(t *testing.T) {
	server := start(t)
	l := newLetters(t, server, at(noon))
	id, _ := l.Send(context.Background(), "12-007", []byte("%PDF-1.4\ncut off"), SecondClass)
	got, _, err := l.Status(context.Background(), []string{id})
	if err != nil || len(got) != 1 || got[0].Status != "validation-failed" || !got[0].Final || !got[0].Failed {
		t.Errorf("%+v, %v, want a validation that failed", got, err)
	}
}
