package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// olderSchemas are what backups from before were made of: the tables, and how many
// columns those had then that have more now.
var olderSchemas = []struct {
	schema  int
	tables  *regexp.Regexp
	columns map[string]int
}{
	{1, regexp.MustCompile(`^(people|cases|events|pathway_versions|duties|flags)$`), map[string]int{"cases": 30, "events": 11, "duties": 31}},
	{3, regexp.MustCompile(`^(people|cases|events|pathway_versions|duties|flags|messages|reminders|schedules|runs|print_.*)$`),
		map[string]int{"cases": 30, "events": 11, "duties": 31, "messages": 17, "print_items": 18, "print_batches": 9}},
}

// older makes of a backup what an older Doorstep would have made.
func older(t *testing.T, text []byte, schema int, tables *regexp.Regexp, columns map[string]int) []byte {
	t.Helper()
	var out bytes.Buffer
	rows, skipped, cut := 0, false, 0
	for line := range bytes.Lines(text) {
		var mark struct {
			Table   string   `json:"table"`
			Columns []string `json:"columns"`
			Rows    *int     `json:"rows"`
		}
		switch {
		case bytes.HasPrefix(line, []byte(`{"doorstep_backup"`)):
			line = regexp.MustCompile(`"schema":\d+`).ReplaceAll(line, fmt.Appendf(nil, `"schema":%d`, schema))
		case bytes.HasPrefix(line, []byte{'{'}):
			if err := json.Unmarshal(line, &mark); err != nil {
				t.Fatal(err)
			}
			if mark.Rows != nil {
				line, skipped = fmt.Appendf(nil, `{"rows":%d,"sha256":"%x"}`+"\n", rows, sha256.Sum256(out.Bytes())), false
				break
			}
			skipped, cut = !tables.MatchString(mark.Table), columns[mark.Table]
			if cut > 0 && !skipped {
				names, err := json.Marshal(mark.Columns[:cut])
				if err != nil {
					t.Fatal(err)
				}
				line = fmt.Appendf(nil, `{"table":%q,"columns":%s}`+"\n", mark.Table, names)
			}
		case !skipped:
			rows++
			if cut > 0 {
				var values []json.RawMessage
				if err := json.Unmarshal(line, &values); err != nil {
					t.Fatal(err)
				}
				row, err := json.Marshal(values[:cut])
				if err != nil {
					t.Fatal(err)
				}
				line = append(row, '\n')
			}
		}
		if !skipped {
			out.Write(line)
		}
	}
	return out.Bytes()
}

// everyCaseOf is what a manager sees by being the manager of it.
func everyCaseOf(manager string) pathway.Scope {
	return pathway.Scope{People: []string{manager}, AsManager: true}
}

// TestRestoreTakesAnOlderBackup: one from before there was a ledger, or from
// before there were receipts, gets what is new by migrating.
func TestRestoreTakesAnOlderBackup(t *testing.T) {
	old := storetest.OpenMemory(t)
	takeCases(t, old, storetest.Guidance(t), 1, 3)
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	if _, err := old.QueueMessages(t.Context(), nil, now, []store.Message{{Key: "k", Kind: "test", Person: "W1", Channel: "sms", NextTry: now}}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	late := store.DutyFilter{OpenAt: now.AddDate(0, 0, 7), LateAt: now.AddDate(0, 0, 7)}
	lateBefore, err := old.LateCases(t.Context(), everyCaseOf("G1"), late)
	if err != nil {
		t.Fatal(err)
	}
	current := unzip(t, backup(t, old))
	for _, o := range olderSchemas {
		text := older(t, current, o.schema, o.tables, o.columns)
		file := zipped(t, text)
		damaged := zipped(t, bytes.Replace(text, []byte("KN-2"), []byte("KN-8"), 1))
		for _, to := range places {
			t.Run(fmt.Sprintf("Schema%d/%s", o.schema, to.name), func(t *testing.T) {
				s := storetest.Open(t, to.url(t))
				if err := restore(t, s, damaged); err == nil {
					t.Error("Restore of a damaged one gives no error")
				}
				if err := restore(t, s, file); err != nil {
					t.Fatalf("Restore = %v, want no error", err)
				}
				if err := s.CheckSchema(t.Context()); err != nil {
					t.Errorf("CheckSchema = %v, want no error", err)
				}
				if f, err := s.Case(t.Context(), "KN-2"); err != nil || len(f.Events) != 1 {
					t.Errorf("Case = %+v, %v; want case KN-2 with its event", f, err)
				}
				found, err := s.LateCases(t.Context(), everyCaseOf("G1"), late)
				if err != nil || len(found.Duties) == 0 || len(found.Duties) != len(lateBefore.Duties) {
					t.Errorf("LateCases = %+v, %v; want the %d duties that were overdue where the backup was made", found, err, len(lateBefore.Duties))
				}
				if err := s.BeginSchedule(t.Context(), "scan", time.Unix(1, 0)); err != nil {
					t.Errorf("BeginSchedule = %v, want no error", err)
				}
				if _, err := s.QueueMessages(t.Context(), nil, now, []store.Message{{Key: "new", Kind: "test", Channel: "sms", NextTry: now}}); err != nil {
					t.Errorf("QueueMessages = %v, want no error", err)
				}
				want := 1
				if o.columns["messages"] > 0 {
					want = 2
				}
				claimed, err := s.ClaimMessages(t.Context(), now, "sms", "a", 10, now.Add(time.Minute))
				if err != nil || len(claimed) != want {
					t.Fatalf("ClaimMessages = %v, %v; want %d messages", claimed, err, want)
				}
				o := store.Outcome{Message: claimed[0].ID, State: store.MessageSent, ProviderID: "p", PollAt: now}
				if err := s.RecordOutcome(t.Context(), now, "a", o); err != nil {
					t.Error(err)
				}
				if m, err := s.MessageByKey(t.Context(), claimed[0].Key); err != nil || m.State != store.MessageSent || !m.PollAt.Equal(now) {
					t.Errorf("MessageByKey = %+v, %v; want it sent", m, err)
				}
			})
		}
	}
}

// TestBackupOfTextThatIsNone: what a mail server says is kept as it came, and
// not all of that is text to the other database.
func TestBackupOfTextThatIsNone(t *testing.T) {
	for _, to := range places {
		t.Run(to.name, func(t *testing.T) {
			url := places[0].url(t)
			old := storetest.Open(t, url)
			if _, err := raw(t, url).ExecContext(t.Context(), "INSERT INTO runs (schedule, due_at, started_at, error) VALUES ('scan', 1, 1, $1)", "a\x00b\xffc"); err != nil {
				t.Fatal(err)
			}
			moved := storetest.Open(t, to.url(t))
			if err := restore(t, moved, backup(t, old)); err != nil {
				t.Fatalf("Restore = %v, want no error", err)
			}
			runs, err := moved.Runs(t.Context(), "scan", 10)
			if err != nil || len(runs) != 1 || runs[0].Error != "a\ufffdb\ufffdc" {
				t.Errorf("Runs = %+v, %v; want one with the error a\ufffdb\ufffdc", runs, err)
			}
		})
	}
}
