package pathway_test

import (
	"testing"

	"example.org/doorstep/pathway"
)

// TestPaperSaysWhyItIsInEnglish: by the language's own name; a code that nobody knows stands
// as it is.
func TestPaperSaysWhyItIsInEnglish(t *testing.T) {
	tables := &pathway.PaperTables{Languages: map[string]bool{"pl": true}}
	for language, want := range map[string]string{
		"":        "",
		"en":      "",
		"en-gb":   "",
		"pl":      "",
		"cy":      "no Welsh wording is installed",
		"pt-br":   "no Brazilian Portuguese wording is installed",
		"xx-home": "no xx-home wording is installed",
		"welsh":   "no welsh wording is installed",
	} {
		if got := tables.InEnglish(&pathway.Case{Ref: "KN-1", Language: language}); got != want {
			t.Errorf("a family that reads %q: %q, want %q", language, got, want)
		}
	}
}
