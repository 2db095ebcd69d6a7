package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var updatePictures = flag.Bool("pictures", false, "make the README's pictures anew, and the texts that they are held to")

// pictures is where the README's pictures lie, each beside the text that its page showed.
var pictures = filepath.Join("..", "..", "docs", "pictures")

// largestPicture is how many bytes a picture may have.
const largestPicture = 100 << 10

// changing is what differs from run to run: the time goes on while the pages are asked for.
var changing = regexp.MustCompile(`\b\d{2}:\d{2}\b|\b\d+ minutes?\b`)

// TestReadmeShowsThePagesAsTheyAre: what stood on a page when its picture was made stands
// there now, by a clock that shows the same day. Where it does not, and is right:
//
//	go test ./cmd/doorstep -run TestReadmeShowsThePages -pictures
func TestReadmeShowsThePagesAsTheyAre(t *testing.T) {
	t.Parallel()
	s := &site{daemon: &daemon{t: t, folder: t.TempDir()}, database: onSQLite(t), now: time.Date(2026, 12, 9, 14, 12, 0, 0, time.UTC)} // a Wednesday
	s.shiftClock()(time.Until(s.now).Round(time.Second))
	s.begin("public_url: https://doorstep.council.example\n")
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []struct {
		name, who, path string
		width           int64
	}{
		{"my-cases", "W1", "/", 390},
		{"case", "W1", "/cases/KN-1", 390},
		{"overdue", "M1", "/overdue", 1280},
	} {
		b := s.signedIn(shown.who)
		// What was sent while the test ran stands below what a picture shows.
		top, _, _ := strings.Cut(b.get(shown.path).text(), " What happened ")
		text := wrapped(changing.ReplaceAllString(top, "…"))
		picture, beside := filepath.Join(pictures, shown.name+".png"), filepath.Join(pictures, shown.name+".txt")
		if *updatePictures {
			c := s.chromium()
			c.enter(shown.who)
			c.as(shown.width, "light")
			c.open(shown.path)
			png := gives(c, "take a picture of "+shown.path, chromedp.CaptureScreenshot())
			for path, data := range map[string][]byte{picture: png, beside: []byte(text)} {
				if err := os.WriteFile(path, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		info, err := os.Stat(picture)
		if err != nil || info.Size() > largestPicture {
			t.Errorf("%s: %v, %v; want a picture of %d bytes at most", picture, info, err, largestPicture)
		}
		was, err := os.ReadFile(beside)
		if err != nil || string(was) != text {
			t.Errorf("%s shows (%v)\n%s\nand its picture is of\n%s\nmake the pictures anew: go test ./cmd/doorstep -run %s -pictures", shown.path, err, text, was, t.Name())
		}
		if !strings.Contains(string(readme), "docs/pictures/"+shown.name+".png") {
			t.Errorf("the README does not show %s", shown.name)
		}
	}
}

// wrapped puts a text into lines of so many words, so that a change of it can be read.
func wrapped(text string) string {
	var b strings.Builder
	for i, word := range strings.Fields(text) {
		switch {
		case i > 0 && i%12 == 0:
			b.WriteByte('\n')
		case i > 0:
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	b.WriteByte('\n')
	return b.String()
}
