package scheduler

import (
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/storetest"
)

func (n *network) contacts() *contacts {
	return &contacts{store: n.w.store, rules: n.w.rules, operations: n.d.operations, carries: n.d.carries}
}

// TestContactTestFindsDeadNumbers of those by whose addresses nothing has arrived
// for a month, and of nobody who is away or gone.
func TestContactTestFindsDeadNumbers(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET active_until = $1 WHERE id = 'W2'`, at(t, "2026-09-01 00:00").UnixMilli())
		w.do(`UPDATE people SET away_from = $1 WHERE id = 'G2'`, at(t, "2026-09-01 00:00").UnixMilli())
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-30 10:00", due: "2026-10-09 17:00", recorder: "G1"})
		w.scans("2026-09-30 10:00")
		n := w.network()
		n.delivers("2026-09-30 10:00") // W1's email is proven
		n.went()

		test := func(when string) {
			w.clock.jump(at(t, when))
			if _, err := n.contacts().test(t.Context(), nil, w.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		n.sms.answer = refuses(notify.FaultAddress, "no such number", w1Mobile)
		test("2026-10-01 10:00")
		test("2026-10-01 10:01") // once a month
		n.delivers("2026-10-01 10:01")
		w.wants("tests", n.went(), w1Mobile+": ", g1Mobile+": ", "+447700900121: ", "g1@example.org: ", "v1@example.org: ")
		w.wants("dead numbers", w.lines(`SELECT channel, person, reason FROM disabled_addresses`), "sms W1 no such number")

		d, err := casefile.Digest(t.Context(), w.store, w.rules, nil, "G1", at(t, "2026-10-02 08:00"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, s := range d.Sections {
			if s.ID == notify.Undelivered && len(s.Lines) == 1 {
				found = true
			}
		}
		if !found {
			t.Errorf("the manager's digest has %+v, want a line about W1's number", d.Sections)
		}
	})
}

// TestProbeThatDoesNotArriveIsTold to operations by the other channel, once; one
// that arrives is not.
func TestProbeThatDoesNotArriveIsTold(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	n := w.network()
	n.d.operations = &pathway.Person{ID: "operations", Email: "ops@example.org", Mobile: "+447700900999"}
	c := n.contacts()
	probe := job{name: ScheduleProbe, work: c.probe}
	daemon, err := New(*w.settings())
	if err != nil {
		t.Fatal(err)
	}
	due := at(t, "2026-09-02 07:00")
	w.clock.jump(due)
	if err := w.store.BeginSchedule(t.Context(), ScheduleProbe, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := daemon.runner.runFor(t.Context(), &probe, due, due); err != nil {
		t.Fatal(err)
	}
	n.sms.answer = tracked("p")
	n.delivers("2026-09-02 07:00")
	w.wants("probes", n.went(), "+447700900999: ", "ops@example.org: ")

	watch := func(when string) []string {
		w.clock.jump(at(t, when))
		if err := n.d.watchProbes(t.Context(), w.clock.Now(), c); err != nil {
			t.Fatal(err)
		}
		n.delivers(when)
		return n.went()
	}
	w.wants("after ten minutes", watch("2026-09-02 07:10"))
	w.wants("after a quarter of an hour", watch("2026-09-02 07:15"), "ops@example.org: ")
	w.wants("and later", watch("2026-09-02 07:30"))
	n.receipts("2026-09-02 07:40", notify.Receipt{ProviderID: "p+447700900999", Progress: notify.ProgressDelivered})
	if m, err := w.store.MessageByKey(t.Context(), probeKey(notify.BySMS, due)); err != nil || m.State != store.MessageDelivered {
		t.Errorf("the probe is %s (%v), want delivered", m.State, err)
	}
}
