package web_test

import (
	"bufio"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
)

// figures asks for /metrics and returns each line's value by what stands before it.
func (d *daemon) figures() map[string]float64 {
	d.t.Helper()
	response, body := d.request("GET", "/metrics")
	if response.StatusCode != 200 {
		d.t.Fatalf("GET /metrics = %d %s, want 200", response.StatusCode, body)
	}
	figures := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(body)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := cutLast(line, " ")
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			d.t.Fatalf("GET /metrics has the line %q: %v", line, err)
		}
		figures[name] = number
	}
	return figures
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

func (d *daemon) wantFigures(want map[string]float64) {
	d.t.Helper()
	got := d.figures()
	for name, value := range want {
		if v, found := got[name]; !found || v != value {
			d.t.Errorf("%s = %v (there: %v), want %v", name, v, found, value)
		}
	}
}

func TestCountersAreThereBeforeAnythingHappens(t *testing.T) {
	d := start(t)
	want := map[string]float64{
		"doorstep_due_rungs_total":                                                               0,
		"doorstep_untold_rungs_total":                                                            0,
		"doorstep_scan_duration_seconds_count":                                                   0,
		"doorstep_oldest_overdue_delivery_seconds":                                               0,
		"doorstep_oldest_undelivered_urgent_seconds":                                             0,
		"doorstep_database_up":                                                                   1,
		`doorstep_schedule_runs_total{result="ok",schedule="scan"}`:                              0,
		`doorstep_schedule_runs_total{result="failed",schedule="digest"}`:                        0,
		fmt.Sprintf("doorstep_build_info{go_version=%q,version=%q}", runtime.Version(), "1.2.3"): 1,
	}
	want[`doorstep_schedule_last_success_timestamp_seconds{schedule="scan"}`] = 0
	want[`doorstep_schedule_last_success_timestamp_seconds{schedule="digest"}`] = 0
	want[`doorstep_probe_last_arrival_timestamp_seconds{channel="email"}`] = 0
	for _, kind := range []string{"people", "cases", "events"} {
		want[fmt.Sprintf("doorstep_inbox_late{kind=%q}", kind)] = 0
		want[fmt.Sprintf("doorstep_inbox_last_import_timestamp_seconds{kind=%q}", kind)] = 0
	}
	for _, outcome := range []string{"done", "said", "acknowledged", "help", "not-understood", "unknown-number", "repeated"} {
		want[fmt.Sprintf("doorstep_replies_total{outcome=%q}", outcome)] = 0
	}
	for _, channel := range []string{"email", "sms"} {
		for _, state := range []string{"sent", "failed-temporarily", "failed", "cancelled"} {
			want[fmt.Sprintf("doorstep_messages_total{channel=%q,state=%q}", channel, state)] = 0
		}
		for _, progress := range []string{"queued", "sent", "delivered", "undelivered", "failed", "unknown", "late"} {
			want[fmt.Sprintf("doorstep_receipts_total{channel=%q,progress=%q}", channel, progress)] = 0
		}
		want[fmt.Sprintf("doorstep_channel_open{channel=%q}", channel)] = 0
	}
	d.wantFigures(want)
	got := d.figures()
	const age = `doorstep_inbox_newest_file_age_seconds{kind="events"}`
	if v, found := got[age]; !found || !math.IsNaN(v) {
		t.Errorf("%s = %v (there: %v), want NaN: there is no file", age, v, found)
	}
	for _, name := range []string{"go_goroutines", "process_resident_memory_bytes"} {
		if got[name] <= 0 {
			t.Errorf("%s = %v, want more than 0", name, got[name])
		}
	}
}

func TestMetricsCountWhatTheSchedulerTells(t *testing.T) {
	d := start(t)
	var told scheduler.Observer = d.metrics
	at := func(s time.Duration) time.Time { return began.Add(s) }
	told.RunEnded("scan", at(0), at(2*time.Second), map[string]int{scheduler.CountDue: 7, scheduler.CountUntold: 1, scheduler.CountMessages: 5}, nil)
	told.RunEnded("scan", at(60*time.Second), at(60*time.Second+20*time.Millisecond), map[string]int{scheduler.CountDue: 3}, errBroken)
	told.RunEnded("digest", at(0), at(time.Hour), map[string]int{scheduler.CountDue: 100}, nil)
	told.MessageEnded("email", store.MessageSent)
	told.MessageEnded("email", store.MessageSent)
	told.MessageEnded("sms", store.MessageFailed)
	d.metrics.ReceiptSeen("sms", "delivered")
	d.metrics.ReceiptSeen("sms", "delivered")
	d.metrics.ReceiptSeen("email", "failed")
	d.metrics.ReplySeen("acknowledged")
	d.metrics.ProbeArrived("sms", at(1500*time.Millisecond))
	d.wantFigures(map[string]float64{
		"doorstep_due_rungs_total":                                        10,
		"doorstep_untold_rungs_total":                                     1,
		"doorstep_scan_duration_seconds_count":                            2,
		"doorstep_scan_duration_seconds_sum":                              2.02,
		`doorstep_scan_duration_seconds_bucket{le="0.025"}`:               1,
		`doorstep_scan_duration_seconds_bucket{le="2.5"}`:                 2,
		`doorstep_messages_total{channel="email",state="sent"}`:           2,
		`doorstep_messages_total{channel="sms",state="failed"}`:           1,
		`doorstep_messages_total{channel="sms",state="sent"}`:             0,
		`doorstep_schedule_runs_total{result="ok",schedule="scan"}`:       1,
		`doorstep_schedule_runs_total{result="failed",schedule="scan"}`:   1,
		`doorstep_schedule_runs_total{result="ok",schedule="digest"}`:     1,
		`doorstep_schedule_runs_total{result="failed",schedule="digest"}`: 0,
		`doorstep_receipts_total{channel="sms",progress="delivered"}`:     2,
		`doorstep_receipts_total{channel="email",progress="failed"}`:      1,
		`doorstep_receipts_total{channel="email",progress="delivered"}`:   0,
		`doorstep_replies_total{outcome="acknowledged"}`:                  1,
		`doorstep_probe_last_arrival_timestamp_seconds{channel="sms"}`:    float64(began.Unix()) + 1.5,
	})
}

func TestMessageThatShouldHaveGoneShowsHowLongItWaits(t *testing.T) {
	d := start(t)
	queue := func(key string, next time.Time) {
		t.Helper()
		_, err := d.store.QueueMessages(t.Context(), nil, d.clock(), []store.Message{
			{Key: key, Kind: "digest", Person: "M1", Channel: "email", Address: "m1@example.org", NextTry: next},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	queue("first", d.clock())
	d.waits(90 * time.Second)
	queue("second", d.clock())
	queue("for tomorrow", d.clock().Add(24*time.Hour))
	d.wantFigures(map[string]float64{"doorstep_oldest_overdue_delivery_seconds": 90})

	claimed, err := d.store.ClaimMessages(t.Context(), d.clock(), "email", "a daemon", 10, d.clock().Add(time.Minute))
	if err != nil || len(claimed) != 2 {
		t.Fatalf("claimed %d messages (%v), want 2", len(claimed), err)
	}
	for _, m := range claimed {
		outcome := store.Outcome{Message: m.ID, State: store.MessageSent}
		if err := d.store.RecordOutcome(t.Context(), d.clock(), "a daemon", outcome); err != nil {
			t.Fatal(err)
		}
	}
	d.wantFigures(map[string]float64{"doorstep_oldest_overdue_delivery_seconds": 0})
}

func TestUrgentMessageShowsHowLongItHasNotArrived(t *testing.T) {
	d := start(t)
	queue := func(key string, severity pathway.Severity) {
		t.Helper()
		_, err := d.store.QueueMessages(t.Context(), nil, d.clock(), []store.Message{
			{Key: key, Kind: "reminder", Person: "M1", Channel: "sms", Address: "+447700900001", Severity: severity, NextTry: d.clock()},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	queue("routine", urgentBelow)
	d.waits(time.Hour)
	d.wantFigures(map[string]float64{"doorstep_oldest_undelivered_urgent_seconds": 0})
	queue("urgent", urgentBelow-1)
	d.waits(90 * time.Second)
	d.wantFigures(map[string]float64{"doorstep_oldest_undelivered_urgent_seconds": 90})
}

func TestStoppedChannelShows(t *testing.T) {
	d := start(t)
	opened, err := d.store.OpenChannel(t.Context(), d.clock(), store.ChannelState{
		Channel: "sms", State: store.ChannelOpen, Since: d.clock(), Reason: "five failures in a row", Fault: "provider", NextProbe: d.clock().Add(time.Minute),
	})
	if err != nil || !opened {
		t.Fatalf("opened %t (%v), want it opened", opened, err)
	}
	d.wantFigures(map[string]float64{`doorstep_channel_open{channel="sms"}`: 1, `doorstep_channel_open{channel="email"}`: 0})
	if _, _, err := d.store.CloseChannel(t.Context(), d.clock(), "sms"); err != nil {
		t.Fatal(err)
	}
	d.wantFigures(map[string]float64{`doorstep_channel_open{channel="sms"}`: 0})
}

func TestLastSuccessIsThatOfWhicheverDaemonRanIt(t *testing.T) {
	d := start(t)
	const scan = `doorstep_schedule_last_success_timestamp_seconds{schedule="scan"}`
	d.runs("digest", "something broke")
	d.waits(time.Minute)
	d.runs("scan", "")
	d.waits(time.Minute)
	d.runs("scan", "something broke")
	d.wantFigures(map[string]float64{scan: float64(began.Add(time.Minute).Unix()),
		`doorstep_schedule_last_success_timestamp_seconds{schedule="digest"}`: 0}) // it never went well

	other := startAt(t, d.store, began.Add(time.Hour), scanEveryMinute(t))
	other.wantFigures(map[string]float64{scan: float64(began.Add(time.Minute).Unix())})
}

func TestMetricsGoOnWithoutADatabase(t *testing.T) {
	d := start(t)
	d.metrics.MessageEnded("email", store.MessageFailedTemporarily)
	d.databaseGoesAway()
	d.wantFigures(map[string]float64{
		"doorstep_database_up": 0,
		`doorstep_messages_total{channel="email",state="failed-temporarily"}`: 1,
	})
	for _, name := range []string{"doorstep_oldest_overdue_delivery_seconds", "doorstep_database_figures_age_seconds"} {
		if got, found := d.figures()[name]; found {
			t.Errorf("%s = %v where the database was never read, want none", name, got)
		}
	}
}

// TestFiguresStayWhileTheDatabaseCannotBeRead: nothing becomes 0, and what is an age goes
// on growing.
func TestFiguresStayWhileTheDatabaseCannotBeRead(t *testing.T) {
	d := start(t)
	d.runs("scan", "")
	if _, err := d.store.OpenChannel(t.Context(), d.clock(), store.ChannelState{Channel: "sms", State: store.ChannelOpen, Since: d.clock(), Fault: "provider"}); err != nil {
		t.Fatal(err)
	}
	_, err := d.store.QueueMessages(t.Context(), nil, d.clock(), []store.Message{{Key: "waits", Kind: "test", Person: "M1", Channel: "sms", Address: "+447700900001", NextTry: d.clock()}})
	if err != nil {
		t.Fatal(err)
	}
	d.waits(30 * time.Second)
	want := map[string]float64{
		"doorstep_database_up":                                              1,
		"doorstep_database_figures_age_seconds":                             0,
		"doorstep_oldest_overdue_delivery_seconds":                          30,
		`doorstep_channel_open{channel="sms"}`:                              1,
		`doorstep_schedule_last_success_timestamp_seconds{schedule="scan"}`: float64(began.Unix()),
	}
	d.wantFigures(want)
	d.databaseGoesAway()
	d.waits(time.Minute)
	want["doorstep_database_up"] = 0
	want["doorstep_database_figures_age_seconds"] = 60
	want["doorstep_oldest_overdue_delivery_seconds"] = 90
	d.wantFigures(want)
}
