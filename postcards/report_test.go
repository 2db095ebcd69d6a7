package postcards

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func printReport(t *testing.T, r Report) ([]byte, Summary) {
	t.Helper()
	var out bytes.Buffer
	sum, err := newPrinter(t).Report(&out, r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), sum
}

func TestReportRepeatsItsTitlesAndCountsItsPages(t *testing.T) {
	r := Report{Title: "Batch 12", Notes: []string{"Printed on 14 July 2026 by A1"}, Sections: []Section{
		{Heading: "Pull out", Columns: []Column{{"Case", 1}}, None: "Nothing."},
		{Heading: "Cards", Columns: []Column{{"Case", 1}, {"Serial", 1}, {"Why", 3}}},
	}}
	cards := &r.Sections[1]
	for i := range 150 {
		cards.Rows = append(cards.Rows, []string{fmt.Sprintf("SW-%d", i), "K7M-2PX5", strings.Repeat("An unsuccessful visit. ", 1+i%5)})
	}
	pdf, sum := printReport(t, r)
	checkSound(t, pdf)
	pages := seenWords(t, pdf)
	if sum.Items != 150 || sum.Pages != len(pages) || len(pages) < 3 {
		t.Fatalf("printed %+v on %d pages, want 150 rows on several", sum, len(pages))
	}
	for n, words := range pages {
		var texts []string
		for _, w := range words {
			if !w.inside(box{15, 15, 195, 290}) {
				t.Errorf("page %d: %v is too near the edge", n+1, w)
			}
			texts = append(texts, w.text)
		}
		text := strings.Join(texts, " ")
		for _, want := range []string{"Case Serial Why", fmt.Sprintf("Page %d of %d", n+1, len(pages)), "Batch 12"} {
			if !strings.Contains(text, want) {
				t.Errorf("page %d does not say %q", n+1, want)
			}
		}
	}
	text := readText(t, pdf)
	for i := range 150 {
		if !strings.Contains(text, fmt.Sprintf("SW-%d ", i)) {
			t.Errorf("row SW-%d is not there", i)
		}
	}
	if !strings.Contains(text, "Nothing.") {
		t.Error("an empty section does not say so")
	}
}

func TestReportShowsARecordAsItIs(t *testing.T) {
	long := strings.Repeat("abcdefghij", 40)
	pdf, sum := printReport(t, Report{Title: "Case SW-3", Sections: []Section{{Columns: []Column{{"When", 1}, {"What", 3}}, Rows: [][]string{
		{"14 July", "said 😀 and שלום"}, {"15 July", long}, {"16 July", "bad \xff byte"}, {"17 July", strings.Repeat("It went on and on. ", 900)}, {"", ""},
	}}}})
	checkSound(t, pdf)
	text := readText(t, pdf)
	for _, want := range []string{"said [U+1F600] and [U+05E9]", "bad [U+FFFD] byte"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u200b", ""), want) {
			t.Errorf("the report says %.300q, want %q in it", text, want)
		}
	}
	if !strings.Contains(strings.ReplaceAll(text, " ", ""), long) {
		t.Error("a long word is not all there")
	}
	if got := strings.Count(text, "went"); got != 900 {
		t.Errorf("a row longer than a page has %d of its 900 sentences", got)
	}
	if sum.Pages < 3 {
		t.Errorf("printed %+v, want a row over several pages", sum)
	}
}

func TestReportRefusesRowsThatDoNotFit(t *testing.T) {
	_, err := newPrinter(t).Report(&bytes.Buffer{}, Report{Title: "Batch 12", Sections: []Section{{Heading: "Cards", Columns: []Column{{"Case", 1}}, Rows: [][]string{{"a", "b"}}}}}, Options{})
	if err == nil || !strings.Contains(err.Error(), `section "Cards": row 1 has 2 cells for 1 columns`) {
		t.Errorf("a row with a cell too many: %v", err)
	}
}
