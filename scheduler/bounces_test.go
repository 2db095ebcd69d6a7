package scheduler

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store/storetest"
)

// TestAnEmailThatCameBackIsReadOnceItsFileIsWhole: the file is new to the first look,
// and the second, five seconds later by the daemon's clock, takes it.
func TestAnEmailThatCameBackIsReadOnceItsFileIsWhole(t *testing.T) {
	const name, messageID = "postfix-unknown.eml", "0123456789abcdef0123456789abcdef@example.org"
	notice, err := os.ReadFile(filepath.Join("..", "notify", "testdata", "bounces", name))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2000-01-04 10:00", due: "2000-01-05 10:00", recorder: "G1"})
		time.Sleep(time.Until(at(t, "2000-01-04 10:00")))
		folder := t.TempDir()
		d := w.daemon(&post{}, func(s *Settings) {
			s.Schedules = Schedules{Scan: "@every 1m", Bounces: "*/10 * * * *"}
			s.Senders = map[string]Sender{notify.ByEmail: {Channel: &post{}}}
			s.Bounces = Bounces{Folder: folder, MessageIDsOf: func(string, bool) []string { return []string{messageID} }}
		})
		time.AfterFunc(time.Minute, func() {
			if err := os.WriteFile(filepath.Join(folder, name), notice, 0o600); err != nil {
				t.Error(err)
			}
		})
		w.runs(d, "2000-01-04 10:11")
		w.wants("runs: seconds, and what was counted", w.lines(`SELECT (ended_at - started_at) / 1000, counts FROM runs WHERE schedule = 'bounces' ORDER BY started_at`),
			`0 {"bounced":0,"other":0,"refused":0,"unread":0}`, `5 {"bounced":1,"other":0,"refused":0,"unread":0}`)
		w.wants("the email", w.lines(`SELECT state, fault FROM messages WHERE person = 'W1' AND channel = 'email'`), "failed address")
	})
}
