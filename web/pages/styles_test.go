package pages

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestStylesheetIsOfItsSource: whoever changes doorstep.scss runs scripts/css, with the
// versions that package.json names.
func TestStylesheetIsOfItsSource(t *testing.T) {
	source, err := os.ReadFile("styles/doorstep.scss")
	if err != nil {
		t.Fatal(err)
	}
	named, err := os.ReadFile("styles/package.json")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(stylesheet), "\n")
	if want := fmt.Sprintf("doorstep.scss %x", sha256.Sum256(source)); !strings.Contains(first, want) {
		t.Errorf("doorstep.css begins with %q, want %q: run scripts/css", first, want)
	}
	for _, name := range []string{"govuk-frontend", "sass"} {
		_, version, _ := strings.Cut(string(named), fmt.Sprintf(`"%s": "`, name))
		version, _, _ = strings.Cut(version, `"`)
		if version == "" || !strings.Contains(first, name+" "+version) {
			t.Errorf("doorstep.css begins with %q, want it made by %s %s: run scripts/css", first, name, version)
		}
	}
}

// TestStylesheetKeepsItsBudget of bytes, as it is sent to a phone.
func TestStylesheetKeepsItsBudget(t *testing.T) {
	s, err := newStyles()
	if err != nil {
		t.Fatal(err)
	}
	if len(stylesheet) > 120_000 || len(s.gzipped) > 15_000 {
		t.Errorf("it has %d bytes and %d zipped, want at most 120000 and 15000", len(stylesheet), len(s.gzipped))
	}
}
