package printing_test

import (
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// keptBatches are two batches that the first Doorstep kept.
func keptBatches(t *testing.T, changes ...string) *store.Store {
	t.Helper()
	file := filepath.Join(t.TempDir(), "doorstep.db")
	db := storetest.Open(t, "sqlite:"+file)
	rows, err := os.ReadFile("testdata/kept_batches.sql")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, query := range append([]string{string(rows)}, changes...) {
		if _, err := raw.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// TestKeptBatchIsPrintedAgainAsItWas: its cover sheet, too, is drawn as it was drawn
// then.
func TestKeptBatchIsPrintedAgainAsItWas(t *testing.T) {
	letters, cards := "f42f764360c907b234a83fc3e3e00427c014ea05f583762eedfad96f7c70b9cc", "bcd7528094484b8259ed86fddd54a32de322a1db71118a690488ad7c912808b2"
	for _, tt := range []struct {
		name   string
		batch  int64
		change string
		want   map[string]string
	}{
		{"letters, cards, a call and a card that waits", 1, "", map[string]string{"batch-1-letters.pdf": letters, "batch-1-cards.pdf": cards,
			"batch-1-cover.pdf": "296b1dc0f90a82702483785421cb943a1a722f1a17c3304ffe3e091106c76df8"}},
		{"letters that GOV.UK Notify was to post", 1, `UPDATE print_batches SET cover = '{"post":true,' || substr(cover, 2) WHERE number = 1`,
			map[string]string{"batch-1-letters.pdf": letters, "batch-1-cards.pdf": cards,
				"batch-1-cover.pdf": "b5346064deb19d3a375d5b455a52e4b736115b7df405920bcf6299ac5615ca6e"}},
		{"drawn as every report since", 1, `UPDATE print_batches SET cover = '{"drawn":"report",' || substr(cover, 2) WHERE number = 1`,
			map[string]string{"batch-1-letters.pdf": letters, "batch-1-cards.pdf": cards, "batch-1-cover.pdf": "ce37678fe355712a32bbf740a3bf51d0e04700a8cb12266b075dcd3d002b3433"}},
		{"cards to be taken out of the batch before", 2, "", map[string]string{"batch-2-cards.pdf": "dadcc2f968689ec60c6efad0b66cb04dd835588c61a0bc2a77ed3f2f59e40f50",
			"batch-2-cover.pdf": "26bf7b928223cd4596cbf4d6806ad7ee92031e980e30a58c30d1fcf16cf2dbcb"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			made := again(t, keptBatches(t, tt.change), tt.batch)
			if got := sums(t, made); !maps.Equal(got, tt.want) {
				t.Errorf("batch %d has other bytes than when it was made:\n got %v\nwant %v", tt.batch, got, tt.want)
			}
			if len(made.Different) > 0 {
				t.Errorf("the %v are said to differ from what was printed then", made.Different)
			}
		})
	}
}

// TestBatchIsPrintedAgainByteForByte: whatever has changed since, of the wording, the
// cases and the clock.
func TestBatchIsPrintedAgainByteForByte(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	first, later := instant(t, "2026-12-02 14:00"), instant(t, "2026-12-03 14:00")
	soon := instant(t, "2026-12-11 10:00")
	o.takesIn(first, []pathway.Case{o.family(1, nil), o.family(2, nil), o.family(3, func(c *pathway.Case) { c.SafeToWrite = false })},
		pathway.Event{Case: "SW-1", Kind: pathway.KindNoAccess, At: first.Add(-time.Hour)},
		pathway.Event{Case: "SW-2", Kind: pathway.KindAppointmentOffered, At: first.Add(-time.Hour), Booked: soon},
		pathway.Event{Case: "SW-3", Kind: pathway.KindNoAccess, At: first.Add(-time.Hour)})
	made := []map[string]string{sums(t, o.pending(first))}
	o.takesIn(later, nil, pathway.Event{Case: "SW-1", Kind: pathway.KindSeen, At: later.Add(-time.Hour)},
		pathway.Event{Case: "SW-2", Kind: pathway.KindNoAccess, At: later.Add(-time.Hour)})
	made = append(made, sums(t, o.pending(later)))
	o.Stationery.ContactNumber = "01632 960002"
	o.takesIn(later, []pathway.Case{o.family(2, func(c *pathway.Case) { c.Addressee, c.Practitioner = "Somebody Else", "G1" })})
	for i, want := range made {
		if len(want) < 2 {
			t.Fatalf("batch %d has the files %v, want paper and a cover sheet", i+1, want)
		}
		if got := sums(t, again(t, o.Store, int64(i+1))); !maps.Equal(got, want) {
			t.Errorf("batch %d has other bytes when it is printed again:\n got %v\nwant %v", i+1, got, want)
		}
	}
}
