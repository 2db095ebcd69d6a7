package intake

import (
	"context"
	"strings"
	"testing"
)

// FuzzRead: whatever stands in a file, every row is either handed on or named,
// and the rejected rows can be copied out.
func FuzzRead(f *testing.F) {
	f.Add("event_id,case_ref,kind,at,recorded_at,by,value,due_at,booked_for,reason\nx1,K,seen,2026-09-02,,,,,,\"a\nb\"\n")
	f.Add("case_ref,kind,at\r\n\"K,seen\r\n,,\r\nK,s\"een,2026-09-02\r\nK,seen,2026-02-30")
	f.Add("\ufeffcase_ref,kind,at\n\n\nK,liaison,2026-09-02T10:00:00+01:00\n")
	f.Fuzz(func(t *testing.T, file string) {
		o := options(t, Events)
		o.Partial = true
		var k kept
		result, err := Read(context.Background(), strings.NewReader(file), o, &k)
		if result.Rows != len(k.events) {
			t.Errorf("%d rows counted, %d handed on", result.Rows, len(k.events))
		}
		if err != nil {
			return
		}
		var out strings.Builder
		n, err := WriteRejected(&out, strings.NewReader(file), o, result.Faults)
		if err != nil || n != result.BadRows {
			t.Errorf("%d bad rows, but %d copied: %v", result.BadRows, n, err)
		}
		// Nobody has corrected them: none is good now.
		var none kept
		again, err := Read(context.Background(), strings.NewReader(out.String()), o, &none)
		if err != nil || again.Rows > 0 || again.BadRows != n {
			t.Errorf("the copy of %d bad rows has %d good and %d bad ones, %v:\n%s", n, again.Rows, again.BadRows, err, out.String())
		}
	})
}
