package printing_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store/storetest"
)

// onPaper is what a PDF says.
func onPaper(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext %s: %v", path, err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// TestOneLetterIsPrintedAgainInLargePrint: as a new print with a serial of its own, to
// the address of now. The one before stands as it was.
func TestOneLetterIsPrintedAgainInLargePrint(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	first, later := instant(t, "2026-12-02 14:00"), instant(t, "2026-12-03 14:00")
	o.takesIn(first, []pathway.Case{o.family(1, nil)},
		pathway.Event{Case: "SW-1", Kind: pathway.KindAppointmentOffered, At: first.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")})
	before := sums(t, o.pending(first))
	o.takesIn(later, []pathway.Case{o.family(1, func(c *pathway.Case) { c.Address = []string{"9 Test Street", "Swindon"} })})

	old := o.prints("SW-1")[0]
	made, err := o.again(old.Serial, later, printing.Options{LargePrint: true})
	if err != nil || made.Number != 2 || made.Items != 1 || len(made.Covers) > 0 {
		t.Fatalf("printed again: %+v, %v; want one letter in batch 2, without a cover sheet", made, err)
	}
	all := o.prints("SW-1")
	if len(all) != 2 || all[1].Serial == old.Serial || all[0] != old || all[1].Batch != 2 || all[1].Variant != "appointment" {
		t.Errorf("on record are %+v, want the first as it was, %+v, and a new one in batch 2", all, old)
	}
	text := onPaper(t, made.Paths[0])
	for _, want := range []string{"9 Test Street", "Friday 11 December 2026 at 10:00am", "Reference: " + all[1].Serial, "Thursday 3 December 2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, text)
		}
	}
	if small, err := o.again(all[1].Serial, later, printing.Options{}); err != nil || onPaper(t, small.Paths[0]) == "" {
		t.Errorf("the second one printed a third time: %v", err)
	}
	for number, want := range []map[string]string{before, sums(t, made)} {
		for name, sum := range sums(t, again(t, o.Store, int64(number+1))) {
			if sum != want[name] {
				t.Errorf("%s of batch %d has other bytes when the batch is printed again", name, number+1)
			}
		}
	}
}

// TestWhatShouldNotGoOutIsNotPrintedAgain: whatever form is asked for.
func TestWhatShouldNotGoOutIsNotPrintedAgain(t *testing.T) {
	first, later := instant(t, "2026-12-02 14:00"), instant(t, "2026-12-03 14:00")
	for _, tt := range []struct {
		name   string
		change func(*pathway.Case)
		event  pathway.Event
		at     time.Time
		want   string
	}{
		{"unsafe to write to by now", func(c *pathway.Case) { c.SafeToWrite = false }, pathway.Event{}, later, "the case is marked unsafe to write to"},
		{"without an address by now", func(c *pathway.Case) { c.Address, c.Postcode = nil, "" }, pathway.Event{}, later, "the case has no full address"},
		{"seen since", nil, pathway.Event{Case: "SW-1", Kind: pathway.KindSeen, At: later.Add(-time.Hour)}, later, "the child has been seen since"},
		{"another date since", nil, pathway.Event{Case: "SW-1", Kind: pathway.KindVisitBooked, At: later.Add(-time.Hour), Booked: instant(t, "2026-12-14 10:00")}, later, "another appointment has been made since"},
		{"over", nil, pathway.Event{}, instant(t, "2026-12-12 09:00"), "the time that it names is over"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, storetest.OpenSQLite(t))
			o.takesIn(first, []pathway.Case{o.family(1, nil)},
				pathway.Event{Case: "SW-1", Kind: pathway.KindAppointmentOffered, At: first.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")})
			o.pending(first)
			if tt.change != nil {
				o.takesIn(later, []pathway.Case{o.family(1, tt.change)})
			}
			if tt.event.Kind != "" {
				o.takesIn(later, nil, tt.event)
			}
			serial := o.prints("SW-1")[0].Serial
			made, err := o.again(serial, tt.at, printing.Options{LargePrint: true})
			if pathway.ProblemOf(err) != pathway.Refused || !strings.Contains(err.Error(), serial+" is not printed again: "+tt.want) {
				t.Errorf("printed again: %+v, %v; want it refused because %s", made, err, tt.want)
			}
			if all := o.prints("SW-1"); len(all) != 1 {
				t.Errorf("on record are %+v, want the first print only", all)
			}
		})
	}
}

// TestLargePrintOfACase: whoever prints need not ask for it.
func TestLargePrintOfACase(t *testing.T) {
	o := newOffice(t, storetest.OpenSQLite(t))
	now := instant(t, "2026-12-02 14:00")
	large := func(c *pathway.Case) { c.LargePrint = true }
	o.takesIn(now, []pathway.Case{o.family(1, large), o.family(2, nil), o.family(3, large)},
		pathway.Event{Case: "SW-1", Kind: pathway.KindAppointmentOffered, At: now.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")},
		pathway.Event{Case: "SW-2", Kind: pathway.KindAppointmentOffered, At: now.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")},
		pathway.Event{Case: "SW-3", Kind: pathway.KindNoAccess, At: now.Add(-time.Hour)})
	made := o.pending(now)
	sizes := map[string]string{}
	for _, kind := range []string{pathway.PaperLetter, pathway.PaperCard} {
		for p, err := range o.Store.BatchItems(t.Context(), made.Number, kind) {
			if err != nil {
				t.Fatal(err)
			}
			sizes[p.Case] = "small"
			if strings.Contains(p.Input, `"LargePrint":true`) {
				sizes[p.Case] = "large"
			}
		}
	}
	for ref, want := range map[string]string{"SW-1": "large", "SW-2": "small", "SW-3": "large"} {
		if sizes[ref] != want {
			t.Errorf("case %s is printed %s, want %s", ref, sizes[ref], want)
		}
	}
}
