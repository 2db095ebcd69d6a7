package web_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store"
)

type verdict struct {
	Ready  bool
	Checks struct {
		Database, Scan struct {
			OK   bool
			Says string
		}
	}
}

func (d *daemon) asksReady() (status int, v verdict) {
	d.t.Helper()
	response, body := d.request("GET", "/readyz")
	if got := response.Header.Get("Content-Type"); got != "application/json" {
		d.t.Errorf("Content-Type = %q, want application/json", got)
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		d.t.Fatalf("GET /readyz answered %q: %v", body, err)
	}
	return response.StatusCode, v
}

func TestReadyWhileScansEndWell(t *testing.T) {
	tests := []struct {
		name  string
		story func(d *daemon)
		ready bool
		says  string
	}{
		{"just started", func(d *daemon) {}, true,
			"there has been none yet; this daemon started at 2026-12-23T16:00:00Z"},
		{"first scan is not late yet", func(d *daemon) { d.waits(2*time.Minute + 5*time.Second) }, true,
			"there has been none yet"},
		{"first scan is late", func(d *daemon) { d.waits(2*time.Minute + 6*time.Second) }, false,
			"there has been none yet; this daemon started at 2026-12-23T16:00:00Z; one was due at 2026-12-23T16:01:00Z and is late: see the log for why"},
		{"scanned a while ago", func(d *daemon) {
			d.waits(time.Hour)
			d.runs("scan", "")
			d.waits(2*time.Minute + 5*time.Second)
		}, true, "the last good scan ended at 2026-12-23T17:00:00Z"},
		{"scans have stopped", func(d *daemon) {
			d.waits(time.Hour)
			d.runs("scan", "")
			d.waits(2*time.Minute + 6*time.Second)
		}, false, "the last good scan ended at 2026-12-23T17:00:00Z; one was due at 2026-12-23T17:01:00Z and is late"},
		{"scans fail", func(d *daemon) {
			d.runs("scan", "")
			for range 7 {
				d.waits(time.Minute)
				d.runs("scan", "something broke")
			}
		}, false, "the last good scan ended at 2026-12-23T16:00:00Z; one was due at 2026-12-23T16:01:00Z and is late"},
		{"scans go well again", func(d *daemon) {
			d.waits(time.Hour)
			d.runs("scan", "something broke")
			d.waits(time.Minute)
			d.runs("scan", "")
		}, true, "the last good scan ended at 2026-12-23T17:01:00Z"},
		{"another schedule is no scan", func(d *daemon) {
			d.waits(time.Hour)
			d.runs("digest", "")
		}, false, "there has been none yet"},
		{"the clock was ahead", func(d *daemon) {
			d.waits(24 * time.Hour)
			d.runs("scan", "")
			d.waits(-24 * time.Hour)
		}, true, "ended at 2026-12-24T16:00:00Z, which is yet to come: a clock was wrong then, and the next scan puts that right"},
		{"the clock was ahead, and nobody scans", func(d *daemon) {
			d.waits(24 * time.Hour)
			d.runs("scan", "")
			d.waits(3*time.Minute - 24*time.Hour)
		}, false, "which is yet to come: a clock was wrong then, and the next scan puts that right; this daemon started at 2026-12-23T16:00:00Z; one was due at 2026-12-23T16:01:00Z and is late"},
		{"times are local", func(d *daemon) {
			d.waits(190 * 24 * time.Hour)
			d.runs("scan", "")
		}, true, "the last good scan ended at 2027-07-01T17:00:00+01:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := start(t)
			test.story(d)
			status, v := d.asksReady()
			want := 200
			if !test.ready {
				want = 503
			}
			if status != want || v.Ready != test.ready || v.Checks.Scan.OK != test.ready {
				t.Errorf("GET /readyz = %d, ready %v, scan %v; want %d, %v, %[3]v",
					status, v.Ready, v.Checks.Scan.OK, want, test.ready)
			}
			if !strings.Contains(v.Checks.Scan.Says, test.says) {
				t.Errorf("the scan check says %q, want it to say %q", v.Checks.Scan.Says, test.says)
			}
			if !v.Checks.Database.OK || v.Checks.Database.Says != "answers" {
				t.Errorf("the database check is %+v, want that it answers", v.Checks.Database)
			}
		})
	}
}

func TestReadyAtOnceAfterALongOutage(t *testing.T) {
	s := openStore(t)
	before := startAt(t, s, began, scanEveryMinute(t))
	before.runs("scan", "")

	d := startAt(t, s, began.Add(72*time.Hour), scanEveryMinute(t))
	if status, v := d.asksReady(); status != 200 {
		t.Errorf("GET /readyz = %d %+v, want 200: the first scan is not late yet", status, v)
	}
	d.waits(7 * time.Minute)
	status, v := d.asksReady()
	if status != 503 {
		t.Errorf("GET /readyz seven minutes later = %d %+v, want 503", status, v)
	}
	want := "the last good scan ended at 2026-12-23T16:00:00Z, before this daemon started at 2026-12-26T16:00:00Z; one was due at 2026-12-26T16:01:00Z"
	if !strings.Contains(v.Checks.Scan.Says, want) {
		t.Errorf("the scan check says %q, want it to say %q", v.Checks.Scan.Says, want)
	}
}

func TestDaemonThatIsNotToScanIsReadyAllTheSame(t *testing.T) {
	d := startAt(t, openStore(t), began, nil)
	d.waits(time.Hour)
	status, v := d.asksReady()
	if want := "this daemon is not to scan: schedules.scan is empty"; status != 200 || v.Checks.Scan.Says != want {
		t.Errorf("GET /readyz = %d, the scan check says %q; want 200, %q", status, v.Checks.Scan.Says, want)
	}
}

func TestNotReadyWithoutADatabase(t *testing.T) {
	d := start(t)
	d.databaseGoesAway()
	status, v := d.asksReady()
	if status != 503 || v.Ready || v.Checks.Database.OK || v.Checks.Scan.OK {
		t.Errorf("GET /readyz = %d %+v, want 503 and nothing in order", status, v)
	}
	if want := "does not answer: see the log, and the database's own"; v.Checks.Database.Says != want {
		t.Errorf("the database check says %q, want %q: what the database said is not for everybody", v.Checks.Database.Says, want)
	}
	if d.logged("database is closed") != 1 {
		t.Errorf("the log is\n%s\nwant what the database said, once", d.log)
	}
}

func TestOnlyChangesOfReadinessAreLogged(t *testing.T) {
	d := start(t)
	for range 3 {
		d.asksReady()
	}
	d.waits(time.Hour)
	for range 3 {
		d.asksReady()
	}
	d.runs("scan", "")
	for range 3 {
		d.asksReady()
	}
	if got := d.logged("not ready"); got != 1 {
		t.Errorf("logged %d times that it is not ready, want once:\n%s", got, d.log)
	}
	if got := d.logged("ready again"); got != 1 {
		t.Errorf("logged %d times that it is ready again, want once:\n%s", got, d.log)
	}
}

// TestReadinessSaysWhetherMessagesGo: by each channel, and since when and why not. While
// one goes the daemon can deliver what is urgent; all is not well all the same.
func TestReadinessSaysWhetherMessagesGo(t *testing.T) {
	type delivery struct {
		OK       bool
		Says     string
		Channels map[string]struct {
			OK   bool
			Says string
		}
	}
	stop := func(channel, fault string) func(d *daemon) {
		return func(d *daemon) {
			_, err := d.store.OpenChannel(d.t.Context(), d.clock(), store.ChannelState{Channel: channel, State: store.ChannelOpen, Since: d.clock(),
				Fault: fault, Reason: "mail.council.example does not answer"})
			if err != nil {
				d.t.Fatal(err)
			}
		}
	}
	waits := func(d *daemon, minutes int) {
		_, err := d.store.QueueMessages(d.t.Context(), nil, d.clock(), []store.Message{{Key: "waits", Kind: "test", Person: "M1", Channel: "email", Address: "m1@example.org", NextTry: d.clock()}})
		if err != nil {
			d.t.Fatal(err)
		}
		for range minutes {
			d.waits(time.Minute)
			d.runs("scan", "")
		}
	}
	for _, test := range []struct {
		name       string
		story      []func(*daemon)
		status     int
		ok         bool
		says       string
		email, sms string
	}{
		{"all is well", nil, 200, true, "messages go", "messages go", "messages go"},
		{"texts are stopped", []func(*daemon){stop("sms", "account")}, 200, false, "no texts go", "messages go",
			"stopped since 2026-12-23T16:00:00Z: the provider refuses our account or settings; see the log"},
		{"nothing goes", []func(*daemon){stop("email", "provider"), stop("sms", "busy")}, 503, false, "no emails go; no texts go",
			"stopped since 2026-12-23T16:00:00Z: the provider cannot be reached, or fails; see the log",
			"stopped since 2026-12-23T16:00:00Z: the provider takes no more for now; see the log"},
		{"one message waits, but not for long", []func(*daemon){func(d *daemon) { waits(d, 1) }}, 200, true, "messages go; 1 message still to go, the oldest since 2026-12-23T16:00:00Z", "messages go", "messages go"},
		{"one message has waited for eleven minutes", []func(*daemon){func(d *daemon) { waits(d, 11) }}, 200, false, "1 message should have gone, the oldest since 2026-12-23T16:00:00Z", "messages go", "messages go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := start(t)
			for _, happens := range test.story {
				happens(d)
			}
			response, body := d.request("GET", "/readyz")
			var v struct{ Checks struct{ Delivery delivery } }
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				t.Fatalf("GET /readyz answered %q: %v", body, err)
			}
			got := v.Checks.Delivery
			if response.StatusCode != test.status || got.OK != test.ok || got.Says != test.says || got.Channels["email"].Says != test.email || got.Channels["sms"].Says != test.sms {
				t.Errorf("GET /readyz = %d and says %+v,\nwant %d, ok %v, %q, email %q, sms %q", response.StatusCode, got, test.status, test.ok, test.says, test.email, test.sms)
			}
		})
	}
}
