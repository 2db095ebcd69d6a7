package scheduler

import (
	"slices"
	"testing"

	"example.org/doorstep/store/storetest"
)

// TestAMessageHasTheNamesOfThoseInIt: as the people list has them when it goes.
func TestAMessageHasTheNamesOfThoseInIt(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET name = 'Worker One' WHERE id = 'W1'`)
		w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
		w.scans("2026-09-02 10:00")
		w.queues("2026-09-03 11:00", "2026-09-03 11:00")
		var p post
		w.posts("2026-09-03 11:00", &p)
		var got []string
		for _, m := range p.got {
			if m.To.Email != "v1@example.org" {
				got = append(got, string(m.Kind)+" to "+m.To.Email+": "+m.Staff.Of("W1"))
			}
		}
		slices.Sort(got)
		w.wants("whoever is in a message is named", slices.Compact(got),
			"digest to g1@example.org: Worker One (W1)", "digest to g2@example.org: W1",
			"reminder to g1@example.org: Worker One (W1)")
	})
}

// TestANameIsLookedUpAgainAfterAMinute: so that a name that was put right is soon used,
// and a thousand messages a second do not each ask.
func TestANameIsLookedUpAgainAfterAMinute(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	var n staffNames
	called := func(when string) string {
		t.Helper()
		if err := n.read(t.Context(), w.store, at(t, when), []string{"W1", "W9", "", "W1"}); err != nil {
			t.Fatal(err)
		}
		return n.of([]string{"W1", "W9"}).Of("W1")
	}
	first := called("2026-09-02 10:00")
	w.do(`UPDATE people SET name = 'Worker One' WHERE id = 'W1'`)
	if soon := called("2026-09-02 10:00"); first != "Somebody (W1)" || soon != first {
		t.Errorf("W1 is called %q, and at the same minute %q; want Somebody (W1)", first, soon)
	}
	if later := called("2026-09-02 10:01"); later != "Worker One (W1)" {
		t.Errorf("a minute later W1 is called %q, want Worker One (W1)", later)
	}
	if back := called("2026-09-02 09:59"); back != "Worker One (W1)" {
		t.Errorf("on a clock that was put back W1 is called %q, want Worker One (W1)", back)
	}
}

// TestAMessageGoesWithoutNamesThatCannotBeRead: a name is no reason to wait.
func TestAMessageGoesWithoutNamesThatCannotBeRead(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
	w.scans("2026-09-02 10:00")
	w.do(`ALTER TABLE people RENAME COLUMN name TO gone`)
	var p post
	w.posts("2026-09-02 10:00", &p)
	if len(p.got) != 1 || len(p.got[0].Reminders) != 1 || p.got[0].Reminders[0].OwnerID != "W1" || len(p.got[0].Staff) != 0 {
		t.Errorf("got %+v, want the reminder about W1 without a name", p.got)
	}
}
