package configs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOwnWordingLiesOverTheShipped: a file of the organisation's takes the place
// of the shipped one, and the others stay.
func TestOwnWordingLiesOverTheShipped(t *testing.T) {
	folder := t.TempDir()
	own := filepath.Join(folder, "words", "cards", "en")
	if err := os.MkdirAll(own, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(own, "final.txt"), []byte("our own words"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := load(filepath.Join(folder, "doorstep.yaml"), []byte("wording: words\n"), os.LookupEnv, toSend)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := c.Texts()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"cards/en/final.txt": "our own words", "cards/en/rearrange.txt": "Sorry we missed you"} {
		if got, err := fs.ReadFile(texts, path); err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s holds %q, %v; want %q in it", path, got, err, want)
		}
	}
}

func TestWordingAndLogoThatAreNotThere(t *testing.T) {
	c, err := load("doorstep.yaml", []byte("wording: nowhere\norganisation:\n  logo: none.png\n"), os.LookupEnv, toSend)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Texts(); err == nil || !strings.HasPrefix(err.Error(), "doorstep.yaml:1:1: wording: ") {
		t.Errorf("Texts: %v, want a fault at doorstep.yaml:1:1", err)
	}
	if _, err := c.Logo(); err == nil || !strings.HasPrefix(err.Error(), "doorstep.yaml:3:3: organisation.logo: ") {
		t.Errorf("Logo: %v, want a fault at doorstep.yaml:3:3", err)
	}
}
