package printing_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/storetest"
)

// TestCoverSheetSaysWhatToDo: the office reads from it what lies in the batch, in the
// order of the pages, and what is to be done besides posting.
func TestCoverSheetSaysWhatToDo(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	first, later := instant(t, "2026-12-02 14:00"), instant(t, "2026-12-03 14:00")
	visit := func(n string, at time.Time) pathway.Event {
		return pathway.Event{Case: "SW-" + n, Kind: pathway.KindNoAccess, At: at}
	}
	o.takesIn(first, []pathway.Case{o.family(1, nil)}, visit("1", first.Add(-time.Hour)))
	serial := o.pending(first).Number
	o.takesIn(later, []pathway.Case{
		o.family(2, func(c *pathway.Case) { c.Team = "West" }), o.family(3, nil),
		o.family(4, func(c *pathway.Case) { c.SafeToWrite = false }),
		o.family(5, nil),
	},
		pathway.Event{Case: "SW-1", Kind: pathway.KindSeen, At: later.Add(-time.Hour)},
		visit("2", later.Add(-2*time.Hour)), visit("3", later.Add(-2*time.Hour)), visit("4", later.Add(-2*time.Hour)),
		visit("5", later.Add(-26*time.Hour)), visit("5", later.Add(-2*time.Hour)))
	made := o.pending(later)
	if serial != 1 || made.Number != 2 || len(made.Covers) != 1 {
		t.Fatalf("batches %d and %d, the second with the cover sheets %v; want 1 and 2 with one", serial, made.Number, made.Covers)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", made.Covers[0], "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	from := 0
	for _, want := range []string{
		"Batch 2: cover sheet", "Made Thursday 3 December 2026 at 14:00 GMT by A1. 3 cards on 1 page.",
		"Besides posting: 1 to take out of earlier batches, 1 to phone, 0 not printed.",
		"Take out before posting", "SW-1", "1 card rearrange the child has been seen since",
		"Phone instead", "SW-4 Worker One (W1)",
		"In place of a final card", "SW-5 card rearrange",
		"In this batch", "1 SW-3", "card rearrange East Worker One (W1)", "2 SW-5", "card rearrange East Worker One (W1)", "3 SW-2", "card rearrange West Worker One (W1)",
		"Batch 2: cover sheet. This sheet stays in the office. Page 1 of 1",
	} {
		at := strings.Index(text[from:], want)
		if at < 0 {
			t.Fatalf("the cover sheet lacks %q where it belongs:\n%s", want, out)
		}
		from += at + len(want)
	}
}
