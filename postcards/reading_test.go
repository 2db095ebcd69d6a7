package postcards

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is printed is read back with the tools that printers and Notify use:
// poppler and qpdf. scripts/test installs them.

// tool runs a program on a PDF file and returns what it prints.
func tool(t testing.TB, pdf []byte, name string, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "print.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "FILE", file)
	}
	var out, complaint bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s\nscripts/test installs poppler-utils and qpdf", name, err, out.String(), complaint.String())
	}
	if complaint.Len() > 0 {
		t.Errorf("%s complains: %s", name, complaint.String())
	}
	return out.Bytes()
}

// seenWord is a word on paper, mm from the top left corner of its page.
type seenWord struct {
	text                     string
	left, top, right, bottom float64
}

// seenWords returns the words of each page, in the order of the content.
func seenWords(t testing.TB, pdf []byte) [][]seenWord {
	t.Helper()
	var doc struct {
		Pages []struct {
			Words []struct {
				XMin float64 `xml:"xMin,attr"`
				YMin float64 `xml:"yMin,attr"`
				XMax float64 `xml:"xMax,attr"`
				YMax float64 `xml:"yMax,attr"`
				Text string  `xml:",chardata"`
			} `xml:"word"`
		} `xml:"body>doc>page"`
	}
	d := xml.NewDecoder(bytes.NewReader(tool(t, pdf, "pdftotext", "-bbox", "FILE", "-")))
	d.Strict, d.Entity, d.AutoClose = false, xml.HTMLEntity, xml.HTMLAutoClose
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	pages := make([][]seenWord, len(doc.Pages))
	for i, p := range doc.Pages {
		for _, w := range p.Words {
			pages[i] = append(pages[i], seenWord{w.Text, w.XMin / mm, w.YMin / mm, w.XMax / mm, w.YMax / mm})
		}
	}
	return pages
}

// readText returns the text of all pages with single spaces.
func readText(t testing.TB, pdf []byte) string {
	t.Helper()
	return strings.Join(strings.Fields(string(tool(t, pdf, "pdftotext", "FILE", "-"))), " ")
}

func (w seenWord) inside(b box) bool {
	const slack = 0.02 // pdftotext rounds
	return w.left >= b.left-slack && w.right <= b.right+slack && w.top >= b.top-slack && w.bottom <= b.bottom+slack
}

func (w seenWord) touches(b box) bool {
	return w.left < b.right && w.right > b.left && w.top < b.bottom && w.bottom > b.top
}

func (w seenWord) String() string {
	return fmt.Sprintf("%q at x %.1f–%.1f, y %.1f–%.1f mm", w.text, w.left, w.right, w.top, w.bottom)
}

// render returns a page (from 1) as grey pixels, dpi to the inch.
func render(t testing.TB, pdf []byte, page, dpi int) *image.Gray {
	t.Helper()
	n := fmt.Sprint(page)
	data := tool(t, pdf, "pdftoppm", "-gray", "-r", fmt.Sprint(dpi), "-f", n, "-l", n, "FILE")
	var width, height, most int
	head := bytes.NewReader(data)
	if _, err := fmt.Fscanf(head, "P5\n%d %d\n%d\n", &width, &height, &most); err != nil || most != 255 || head.Len() != width*height {
		t.Fatalf("pdftoppm wrote %d × %d pixels of %d in %d bytes (%v)", width, height, most, head.Len(), err)
	}
	return &image.Gray{Pix: data[len(data)-head.Len():], Stride: width, Rect: image.Rect(0, 0, width, height)}
}

// inkOutside returns where there is ink outside the boxes (mm), one place of it;
// empty when there is none.
func inkOutside(picture *image.Gray, dpi int, boxes ...box) string {
	perMM := float64(dpi) / 25.4
	ink, where := 0, ""
	for y := range picture.Rect.Dy() {
		my := float64(y) / perMM
		for x := range picture.Rect.Dx() {
			if picture.Pix[y*picture.Stride+x] == 255 {
				continue
			}
			mx := float64(x) / perMM
			inside := false
			for _, b := range boxes {
				inside = inside || mx >= b.left-1/perMM && mx <= b.right && my >= b.top-1/perMM && my <= b.bottom
			}
			if !inside {
				ink++
				where = fmt.Sprintf("%d pixels, one at %.1f, %.1f mm", ink, mx, my)
			}
		}
	}
	return where
}

// checkSound fails unless qpdf finds nothing wrong and all fonts are embedded.
func checkSound(t testing.TB, pdf []byte) {
	t.Helper()
	tool(t, pdf, "qpdf", "--check", "FILE")
	lines := strings.Split(strings.TrimSpace(string(tool(t, pdf, "pdffonts", "FILE"))), "\n")
	if len(lines) < 3 {
		t.Errorf("the file has no fonts:\n%s", strings.Join(lines, "\n"))
	}
	for _, line := range lines[2:] {
		if f := strings.Fields(line); len(f) < 5 || f[len(f)-5] != "yes" {
			t.Errorf("a font is not embedded: %s", line)
		}
	}
}
