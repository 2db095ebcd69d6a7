package postcards

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/jung-kurt/gofpdf"
)

// fonts are the two faces that everything is printed in, and the logo.
//
// gofpdf cuts the fonts down to a repertoire of characters and writes them as PDF
// objects, and the logo likewise. That costs 10 ms and more, whatever it is for,
// so it is done once for each repertoire and kept. The pages are written by
// document: through gofpdf they would cost many times as much, and the whole file
// would lie in memory.
type fonts struct {
	regular, bold *font
	logo          *logo // nil: none
	embedded      [repertoires]func() (embedded, error)
	objects       int // how many objects fonts and logo take
}

// repertoire is a set of characters that a file's fonts hold; each holds those
// before it. A file gets the smallest that has all its characters.
type repertoire int

const (
	westernEuropean repertoire = iota // what nearly every letter gets by with
	anyLatin                          // also Polish, Romanian, Turkish, Vietnamese, Yoruba
	everything                        // also Greek, Cyrillic and whatever else the fonts draw
	repertoires
)

// repertoireOf returns the smallest repertoire that has r.
func repertoireOf(r rune) repertoire {
	switch {
	case r < 0x100, r >= 0x2013 && r <= 0x2026, r == '€': // dashes, quotes, bullet, ellipsis
		return westernEuropean
	case r < 0x250, r >= 0x1e00 && r <= 0x1eff, isToneMark(r):
		return anyLatin
	}
	return everything
}

// characters returns what is in a repertoire and can be drawn.
func (f *fonts) characters(of repertoire) string {
	var b strings.Builder
	for r := rune(0x20); r < 0xfffe; r++ {
		if repertoireOf(r) <= of && f.regular.draws(r) && f.bold.draws(r) && !rightToLeft(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// embedded are PDF objects that fonts and logo consist of, with their numbers.
type embedded struct {
	objects   []object
	resources string // the dictionary by which pages refer to them
}

type object struct {
	number int
	body   []byte // from "<<" or "[" up to and including "endobj\n"
}

// firstEmbedded is the number of the first object from gofpdf: 1 to 4 are
// document's own.
const firstEmbedded = 5

// faces are the two fonts, parsed once: they never change.
var faces = sync.OnceValues(func() ([2]*font, error) {
	regular, err := parseFont(liberationsansregular.TTF)
	if err != nil {
		return [2]*font{}, err
	}
	bold, err := parseFont(liberationsansbold.TTF)
	return [2]*font{regular, bold}, err
})

func newFonts(l *logo) (*fonts, error) {
	both, err := faces()
	if err != nil {
		return nil, fmt.Errorf("reading the fonts: %w", err)
	}
	f := &fonts{regular: both[0], bold: both[1], logo: l}
	for of := range repertoires {
		f.embedded[of] = sync.OnceValues(func() (embedded, error) { return f.embed(of) })
	}
	usual, err := f.embedded[westernEuropean]()
	f.objects = len(usual.objects)
	return f, err
}

// of returns the fonts and the logo for a file that uses characters of the
// repertoire.
func (f *fonts) of(r repertoire) (embedded, error) {
	e, err := f.embedded[r]()
	if err == nil && len(e.objects) != f.objects {
		err = fmt.Errorf("embedding fonts: %d objects instead of %d", len(e.objects), f.objects)
	}
	return e, err
}

// embed has gofpdf make a file of one page with all characters of the repertoire
// and the logo on it, and takes it apart. gofpdf changes the bytes of a font while
// it cuts it: each time gets its own copy.
func (f *fonts) embed(of repertoire) (e embedded, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("embedding fonts: %v", r)
		}
	}()
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.SetCompression(false)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(time.Unix(0, 0).UTC())
	pdf.SetModificationDate(time.Unix(0, 0).UTC())
	pdf.AddUTF8FontFromBytes(regularName, "", bytes.Clone(liberationsansregular.TTF))
	pdf.AddUTF8FontFromBytes(boldName, "", bytes.Clone(liberationsansbold.TTF))
	pdf.AddPage()
	characters := f.characters(of)
	for _, name := range []string{regularName, boldName} {
		pdf.SetFont(name, "", 12)
		pdf.Text(0, 0, characters)
	}
	if f.logo != nil {
		options := gofpdf.ImageOptions{ImageType: "PNG"}
		pdf.RegisterImageOptionsReader("logo", options, bytes.NewReader(f.logo.png))
		pdf.ImageOptions("logo", 0, 0, 10, 0, false, options, 0, "")
	}
	var file bytes.Buffer
	if err := pdf.Output(&file); err != nil {
		return embedded{}, fmt.Errorf("embedding fonts: %w", err)
	}
	return takeApart(file.Bytes())
}

// What gofpdf calls the fonts; it puts "utf8" in front.
const (
	regularName = "liberationsans"
	boldName    = "liberationsansbold"
)

var (
	objectHead = regexp.MustCompile(`^(\d+) 0 obj\n`)
	fontEntry  = regexp.MustCompile(`/F[0-9a-f]+ (\d+) 0 R`)
	imageEntry = regexp.MustCompile(`/I[0-9a-f]+ (\d+) 0 R`)
)

// takeApart returns the objects of gofpdf's file from firstEmbedded on, without
// its description and catalogue, which are the last two.
func takeApart(file []byte) (embedded, error) {
	broken := func(what string) (embedded, error) {
		return embedded{}, errors.New("embedding fonts: gofpdf's file has " + what)
	}
	table := bytes.LastIndex(file, []byte("\nxref\n"))
	if table < 0 {
		return broken("no cross-reference table")
	}
	var starts []int
	for _, line := range strings.Split(string(file[table:]), "\n") {
		if strings.HasSuffix(line, " 00000 n ") {
			at, err := strconv.Atoi(line[:10])
			if err != nil {
				return broken("an unreadable cross-reference table")
			}
			starts = append(starts, at)
		}
	}
	inFile := slices.Sorted(slices.Values(starts))
	inFile = append(inFile, table+1)
	bodies := map[int][]byte{}
	for i, from := range inFile[:len(inFile)-1] {
		part := file[from:inFile[i+1]]
		head := objectHead.FindSubmatch(part)
		if head == nil {
			return broken("a cross-reference table that points elsewhere")
		}
		number, _ := strconv.Atoi(string(head[1]))
		bodies[number] = part[len(head[0]):]
	}
	var e embedded
	for number, body := range bodies {
		if number >= firstEmbedded && number <= len(bodies)-2 {
			e.objects = append(e.objects, object{number, body})
		}
	}
	slices.SortFunc(e.objects, func(a, b object) int { return cmp.Compare(a.number, b.number) })

	var names []string
	for _, m := range fontEntry.FindAllSubmatch(bodies[2], -1) {
		number, _ := strconv.Atoi(string(m[1]))
		name := "R"
		if bytes.Contains(bodies[number], []byte("/utf8"+boldName+"\n")) {
			name = "B"
		}
		names = append(names, fmt.Sprintf("/%s %d 0 R", name, number))
	}
	if len(names) != 2 {
		return broken("not two fonts")
	}
	slices.Sort(names)
	e.resources = "<</Font <<" + strings.Join(names, " ") + ">>"
	if m := imageEntry.FindSubmatch(bodies[2]); m != nil {
		e.resources += " /XObject <</Logo " + string(m[1]) + " 0 R>>"
	}
	e.resources += ">>"
	return e, nil
}
