package postcards

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"
)

// mm is how many points a millimetre has.
const mm = 72 / 25.4

// document writes a PDF (ISO 32000-1) page by page, keeping only where each
// object stands. The fonts come last, when it is known which characters the
// pages use. The same pages give the same bytes.
type document struct {
	w       *bufio.Writer
	at      int64
	offsets []int64 // by object number; 0: not written
	pages   []int   // object numbers
	err     error
}

// The objects that are document's own, beside the pages.
const (
	pagesObject = 1 + iota
	resourcesObject
	infoObject
	catalogObject
)

func newDocument(w io.Writer, f *fonts) *document {
	d := &document{w: bufio.NewWriterSize(w, 64<<10), offsets: make([]int64, firstEmbedded+f.objects)}
	// The comment's bytes tell programs that move files that this one is binary.
	d.write("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	return d
}

func (d *document) write(s string) {
	if d.err == nil {
		_, d.err = d.w.WriteString(s)
		d.at += int64(len(s))
	}
}

func (d *document) begin(number int) {
	for len(d.offsets) <= number {
		d.offsets = append(d.offsets, 0)
	}
	d.offsets[number] = d.at
	d.write(strconv.Itoa(number) + " 0 obj\n")
}

// page adds a page; filter is "" or "/Filter/FlateDecode" for content that is
// compressed.
func (d *document) page(content []byte, filter string) {
	number := len(d.offsets)
	d.pages = append(d.pages, number)
	d.begin(number)
	d.write("<</Type/Page/Parent 1 0 R/Contents " + strconv.Itoa(number+1) + " 0 R>>\nendobj\n")
	d.begin(number + 1)
	d.write("<<" + filter + "/Length " + strconv.Itoa(len(content)) + ">>\nstream\n")
	if d.err == nil {
		_, d.err = d.w.Write(content)
		d.at += int64(len(content))
	}
	d.write("\nendstream\nendobj\n")
}

// finish writes what the pages share and closes the file. Sizes are in points.
func (d *document) finish(e embedded, width, height float64, title string, created time.Time) error {
	for _, o := range e.objects {
		d.begin(o.number)
		d.write(string(o.body))
	}
	d.begin(pagesObject)
	d.write("<</Type/Pages/Resources 2 0 R/MediaBox [0 0 " + decimal(width) + " " + decimal(height) + "]/Count " +
		strconv.Itoa(len(d.pages)) + "/Kids [")
	for i, number := range d.pages {
		if i > 0 && i%16 == 0 {
			d.write("\n")
		}
		d.write(strconv.Itoa(number) + " 0 R ")
	}
	d.write("]>>\nendobj\n")
	d.begin(resourcesObject)
	d.write(e.resources + "\nendobj\n")
	if created.IsZero() {
		created = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	stamp := created.UTC().Format("D:20060102150405Z")
	d.begin(infoObject)
	d.write("<</Title (" + title + ")/Producer (Doorstep)/CreationDate (" + stamp + ")/ModDate (" + stamp + ")>>\nendobj\n")
	d.begin(catalogObject)
	d.write("<</Type/Catalog/Pages 1 0 R>>\nendobj\n")

	table := d.at
	d.write("xref\n0 " + strconv.Itoa(len(d.offsets)) + "\n0000000000 65535 f \n")
	for _, at := range d.offsets[1:] {
		d.write(fmt.Sprintf("%010d 00000 n \n", at))
	}
	d.write("trailer\n<</Size " + strconv.Itoa(len(d.offsets)) + "/Root 4 0 R/Info 3 0 R>>\nstartxref\n" +
		strconv.FormatInt(table, 10) + "\n%%EOF\n")
	if d.err == nil {
		d.err = d.w.Flush()
	}
	return d.err
}

// decimal writes a number as PDF likes it: two decimals at most.
func decimal(n float64) string { return string(appendDecimal(nil, n)) }

func appendDecimal(b []byte, n float64) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	hundredths := int64(n*100 + 0.5)
	b = strconv.AppendInt(b, hundredths/100, 10)
	if rest := hundredths % 100; rest != 0 {
		b = append(b, '.', byte('0'+rest/10))
		if rest%10 != 0 {
			b = append(b, byte('0'+rest%10))
		}
	}
	return b
}
