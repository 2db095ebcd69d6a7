package printing_test

import (
	"slices"
	"testing"

	"example.org/doorstep/store/storetest"
)

// TestABatchOfAnEarlierDoorstepIsPrintedAgainAsItWas: the same bytes, whatever cards and
// letters look like by now.
func TestABatchOfAnEarlierDoorstepIsPrintedAgainAsItWas(t *testing.T) {
	s := storetest.OpenMemory(t)
	storetest.RestoreOfBefore(t, s)
	for number, want := range map[int64]string{ // as the earlier Doorstep wrote them
		1: "c4b91a7c1be277643e7d825822775f7805c900463b2cf46adbe7722efca68667",
		2: "507e11b24ba1985b45f4d72a047a03e4bd6318ad629e400791e7c0be43191d73",
	} {
		var got []string
		for _, sum := range sums(t, again(t, s, number)) {
			got = append(got, sum)
		}
		if !slices.Contains(got, want) {
			t.Errorf("batch %d, printed again, has files with the sums %s, want %s among them", number, got, want)
		}
	}
}
