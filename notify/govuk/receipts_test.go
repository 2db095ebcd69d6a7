package govuk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
)

func TestWhatEachStatusMeans(t *testing.T) {
	tests := []struct {
		status   string
		progress notify.Progress // empty: no receipt
		fault    notify.Fault
		reason   string
	}{
		{"created", notify.ProgressQueued, "", ""},
		{"sending", notify.ProgressSent, "", ""},
		{"pending", notify.ProgressSent, "", ""},
		{"sent", notify.ProgressSent, "", "network abroad"},
		{"delivered", notify.ProgressDelivered, "", ""},
		{"permanent-failure", notify.ProgressUndelivered, notify.FaultAddress, "correct it in the people list"},
		{"temporary-failure", notify.ProgressUndelivered, notify.FaultUnreachable, "the phone is off"},
		{"technical-failure", notify.ProgressFailed, notify.FaultProvider, "could not send it"},
		{"failed", notify.ProgressFailed, notify.FaultUnclear, "does not say why"},
		{"something-new", "", "", ""},
	}
	for _, kind := range []string{notify.BySMS, notify.ByEmail} {
		server := start(t)
		c := newChannel(t, server, kind, nil)
		id := send(c, reminder(kind, "a")).ProviderID
		for _, test := range tests {
			server.Set(id, test.status)
			receipts, err := c.Receipts(context.Background(), []string{id})
			if err != nil {
				t.Fatalf("%s: %v", test.status, err)
			}
			if test.progress == "" {
				if len(receipts) != 0 {
					t.Errorf("%s: %+v, want no receipt", test.status, receipts)
				}
				continue
			}
			want := notify.Receipt{ProviderID: id, Progress: test.progress, Fault: test.fault, Code: test.status, At: noon}
			if len(receipts) != 1 || !strings.Contains(receipts[0].Reason, test.reason) || (test.reason == "") != (receipts[0].Reason == "") {
				t.Fatalf("%s: %+v, want one receipt with %q", test.status, receipts, test.reason)
			}
			receipts[0].Reason = ""
			if receipts[0] != want {
				t.Errorf("%s: the receipt is\n%+v, want\n%+v", test.status, receipts[0], want)
			}
		}
	}
}

func TestMessageComesAlongWithTime(t *testing.T) {
	clock := clockAt(noon)
	server := govuktest.Start(t, govuktest.Options{Now: clock.now, DeliverAfter: time.Minute})
	server.Fate("w2@example.org", "temporary-failure")
	c := newChannel(t, server, notify.ByEmail, func(s *Settings) { s.Now = clock.now })
	first, second := reminder(notify.ByEmail, "a"), reminder(notify.ByEmail, "b")
	second.To.Email = "w2@example.org"
	ids := []string{send(c, first).ProviderID, send(c, second).ProviderID}
	var story []string
	for range 3 {
		receipts, err := c.Receipts(context.Background(), ids)
		if err != nil || len(receipts) != 2 {
			t.Fatalf("%+v, %v, want two receipts", receipts, err)
		}
		slices.SortFunc(receipts, func(a, b notify.Receipt) int {
			return slices.Index(ids, a.ProviderID) - slices.Index(ids, b.ProviderID)
		})
		story = append(story, fmt.Sprint(receipts[0].Progress, " ", receipts[1].Progress))
		clock.forward(30 * time.Second)
	}
	if got, want := strings.Join(story, ", "), "queued queued, sent sent, delivered undelivered"; got != want {
		t.Errorf("the messages stand at %s, want %s", got, want)
	}
}

// TestManyReceiptsCostFewRequests sends messages in runs: ours, and those of another
// system that uses the same service.
func TestManyReceiptsCostFewRequests(t *testing.T) {
	tests := []struct {
		story string
		runs  []int // of ours and of others in turn, the oldest first
		order func(ids []string)
		most  int // requests
	}{
		{"one", []int{1}, nil, 1},
		{"two", []int{2}, nil, 2},
		{"a page", []int{251}, nil, 2},
		{"ten thousand", []int{10_000}, nil, 42},
		{"with others between", []int{300, 600, 300}, nil, 7},
		{"old ones behind many others", []int{300, 5000, 10, 5000}, nil, 7},
		{"one in a hundred", slices.Repeat([]int{1, 99}, 50), nil, 52},
		{"one in three hundred", slices.Repeat([]int{1, 299}, 20), nil, 22},
		{"the newest first", []int{1000}, slices.Reverse[[]string], 1100},
		{"none", []int{0, 10}, nil, 0},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			server := start(t)
			ours := holdRuns(t, server, test.runs)
			if test.order != nil {
				test.order(ours)
			}
			c := newChannel(t, server, notify.BySMS, nil)
			receipts, err := c.Receipts(context.Background(), ours)
			if err != nil {
				t.Fatal(err)
			}
			known := make(map[string]bool)
			for _, r := range receipts {
				known[r.ProviderID] = true
			}
			for _, id := range ours {
				if !known[id] {
					t.Fatalf("there is no receipt for one of %d messages", len(ours))
				}
			}
			if got := server.Requests("GET /v2/notifications") + server.Requests("GET /v2/notifications/{id}"); got > test.most || len(receipts) != len(ours) {
				t.Errorf("%d receipts for %d messages took %d requests, want %d at most", len(receipts), len(ours), got, test.most)
			}
		})
	}
}

// holdRuns has server hold messages and returns the ids of ours.
func holdRuns(t *testing.T, server *govuktest.Server, runs []int) (ours []string) {
	t.Helper()
	for i, n := range runs {
		for _, id := range server.AddMessages(n, "sms", "+447700900101") {
			if i%2 == 0 {
				ours = append(ours, id)
			}
		}
	}
	return ours
}

func TestReceiptsForMessagesThatNotifyDoesNotKnow(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, nil)
	id := send(c, reminder(notify.BySMS, "a")).ProviderID
	unknown := "11111111-2222-4333-8444-555555555555"
	receipts, err := c.Receipts(context.Background(), []string{unknown, "SM0123456789", "2026-09-07-reminder.txt", id, unknown, ""})
	if err != nil || len(receipts) != 1 || receipts[0].ProviderID != id {
		t.Errorf("%+v, %v, want the one receipt that there is", receipts, err)
	}
}

// TestMessageThatCannotBeReadHoldsUpNoOther, nor does a page of them.
func TestMessageThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	broken := govuktest.Fault{At: "GET /v2/notifications/{id}", Status: 500, Error: "Exception", Message: "Internal server error"}
	unreadable := govuktest.Fault{At: "GET /v2/notifications/{id}", Status: 200, Body: `{"id": 7}`}
	page := govuktest.Fault{At: "GET /v2/notifications", Status: 500, Error: "Exception", Message: "Internal server error"}
	for _, test := range []struct {
		story  string
		faults []govuktest.Fault
		says   string
		vain   int
	}{
		{"a message", []govuktest.Fault{broken}, "trouble of its own", 1},
		{"four in a row", []govuktest.Fault{broken, broken, unreadable, broken}, "trouble of its own", 4},
		{"an answer that cannot be read", []govuktest.Fault{unreadable}, "cannot be read", 1},
		{"a page", []govuktest.Fault{{At: "GET /v2/notifications", Hold: func() {}}, page}, "trouble of its own", 0},
	} {
		t.Run(test.story, func(t *testing.T) {
			server := start(t)
			ours := holdRuns(t, server, []int{600})
			c := newChannel(t, server, notify.BySMS, nil)
			server.Plan(test.faults...)
			receipts, err := c.Receipts(context.Background(), ours)
			vain := 0
			for _, r := range receipts {
				if r.Progress == "" {
					vain++
				}
			}
			if err == nil || !strings.Contains(err.Error(), test.says) || len(receipts) != len(ours) || vain != test.vain {
				t.Errorf("%d receipts, of which %d say nothing, and %v; want %d, %d and an error", len(receipts), vain, err, len(ours), test.vain)
			}
		})
	}
}

// TestReceiptsStopWhereItIsNotifyAndNotTheMessages: what was not asked about is left out.
func TestReceiptsStopWhereItIsNotifyAndNotTheMessages(t *testing.T) {
	server := start(t)
	ours := holdRuns(t, server, []int{600})
	c := newChannel(t, server, notify.BySMS, nil)
	for range inVain + 1 {
		server.Plan(govuktest.Fault{At: "GET /v2/notifications/{id}", Status: 500, Error: "Exception", Message: "Internal server error"})
	}
	receipts, err := c.Receipts(context.Background(), ours)
	if n := server.Requests("GET /v2/notifications/{id}"); err == nil || len(receipts) != inVain || n != inVain {
		t.Errorf("%d receipts after %d requests, %v, want %d of both and an error", len(receipts), n, err, inVain)
	}
}

func TestTimesAreReadHoweverTheyAreWritten(t *testing.T) {
	want := time.Date(2024, 5, 17, 15, 58, 38, 342838000, time.UTC)
	for written, want := range map[string]time.Time{
		`"2024-05-17 15:58:38.342838"`:  want,
		`"2024-05-17T15:58:38.342838Z"`: want,
		`"2024-05-17T15:58:38Z"`:        want.Truncate(time.Second),
		`null`:                          {},
		`"yesterday"`:                   {},
		`7`:                             {},
	} {
		var got timestamp
		if err := got.UnmarshalJSON([]byte(written)); err != nil || !got.Equal(want) {
			t.Errorf("%s is %s, %v, want %s", written, got, err, want)
		}
	}
}
