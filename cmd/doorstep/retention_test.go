package main

import (
	"os"
	"strings"
	"testing"

	"example.org/doorstep/notify/smtptest"
)

// TestAtNightWhatIsKeptNoLongerIsDeleted: a case that was closed years ago and a file that
// was rejected then; the open case and the file of today stay, and how much it was is in
// the log and on record, without a reference.
func TestAtNightWhatIsKeptNoLongerIsDeleted(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		d := newDaemon(t, buildBinary(t), url, smtptest.Start(t, smtptest.Options{}))
		d.write("doorstep.yaml", strings.Replace(d.configuration(), "schedules: {", `schedules: {retention: "@every 1s", `, 1)+"retention: {closed_cases: 2 years}\n")
		d.command("import", "people", d.write("people.csv", staff))
		d.command("import", "cases", d.write("cases.csv", "ref,pathway,opened_at,practitioner,manager,team,closed_at\n"+
			"KN-1,csc-section-47,2020-09-01 09:00,W1,G1,East,2020-10-01 09:00\nKN-2,csc-section-47,2020-09-01 09:00,W1,G1,East,\nKN-3,csc-section-47,2020-09-01 09:00,W1,G1,East,"+now().Format("2006-01-02 00:00")+"\n"))
		if err := os.MkdirAll(d.inbox("rejected"), 0o750); err != nil {
			t.Fatal(err)
		}
		old, fresh := "rejected/20200901T090000Z-events.csv", "rejected/"+now().UTC().Format("20060102T150405Z")+"-events.csv"
		d.handOver(old, "a row")
		d.handOver(fresh, "a row")
		p := d.start()
		d.await("the closed case is gone", func() bool { _, _, code := d.try("case", "KN-1"); return code == exitUsage })
		d.await("the old file is gone", func() bool { return !d.lies(old) })
		d.command("case", "KN-2")
		d.command("case", "KN-3")
		if !d.lies(fresh) {
			t.Error("the file of today is gone")
		}
		var trail string
		d.await("it is on record", func() bool {
			trail = d.command("audit")
			return strings.Contains(trail, "closed cases: 1")
		})
		if _, log := p.stop(); !strings.Contains(log, "closed cases: 1") || strings.Contains(log, "KN-1") {
			t.Errorf("the log is to say how much was deleted, and not what:\n%s", log)
		}
	})
}
