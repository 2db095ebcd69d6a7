package store

import (
	"fmt"
	"testing"

	"example.org/doorstep/pathway"
)

// TestACaseThatIsNotPrintedLargeHasTheDigestItAlwaysHad: else the next list of every
// organisation would change every case.
func TestACaseThatIsNotPrintedLargeHasTheDigestItAlwaysHad(t *testing.T) {
	c := pathway.Case{Ref: "KN-7", Pathway: "hv-child", Practitioner: "W1", SafeToWrite: true}
	const before = 6601443482776850830
	if got := digestOfCase(&c); got != before {
		t.Errorf("digest %d, want %d as in databases of before", got, int64(before))
	}
	for _, large := range []bool{true, false} {
		c.LargePrint = large
		back, _, err := unpackCase(packCase(nil, &c, pathway.GivenAll))
		if err != nil || fmt.Sprintf("%+v", back) != fmt.Sprintf("%+v", c) {
			t.Errorf("set aside and read back: %+v, %v; want %+v", back, err, c)
		}
	}
	large := c
	large.LargePrint = true
	if digestOfCase(&large) == before {
		t.Error("a case that is to be printed large has the digest of one that is not")
	}
}
