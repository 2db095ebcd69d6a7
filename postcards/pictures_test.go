package postcards

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"example.org/doorstep/pathway"
)

var update = flag.Bool("update", false, "take the pictures in testdata anew; look at each before you keep it")

// pictureDPI shows every letter and keeps the files small.
const pictureDPI = 72

// TestPicturesOfEveryCardAndLetter compares what is printed with pictures that
// somebody has looked at.
func TestPicturesOfEveryCardAndLetter(t *testing.T) {
	p := newPrinter(t)
	withLogo := newPrinter(t, func(s *Settings) { s.Logo = pngLogo(t, 600, 200) })
	for _, v := range pathway.CardVariants() {
		pdf, _, _ := printCards(t, p, SheetA6, sampleCard(t, v))
		comparePicture(t, "card-"+v, pdf)
		pdf, _, _ = printCards(t, withLogo, SheetA6, Card{Variant: v})
		comparePicture(t, "card-"+v+"-blank", pdf)
		large := sampleCard(t, v)
		large.LargePrint = true
		pdf, _, _ = printCards(t, p, SheetA6, large)
		comparePicture(t, "card-"+v+"-large", pdf)
	}
	pdf, _, _ := printCards(t, p, SheetFour, sampleCard(t, pathway.CardRearrange), sampleCard(t, pathway.CardFinal), sampleCard(t, pathway.CardRevisit), Card{Variant: pathway.CardRevisit})
	comparePicture(t, "sheet-a4-4up", pdf)
	for _, v := range pathway.LetterVariants() {
		l := sampleLetter(t)
		l.Variant = v
		pdf, _, _ := printLetters(t, withLogo, LayoutNotify, Options{}, l)
		comparePicture(t, "letter-"+v+"-notify", pdf)
		l.Place = &pathway.Place{Name: "Eastcott Children's Centre", Address: []string{"1 Test Road", "Swindon", "SN1 3AA"}, Directions: "Next to the library; buses 1 and 5 stop outside."}
		pdf, _, _ = printLetters(t, withLogo, LayoutNotify, Options{}, l)
		comparePicture(t, "letter-"+v+"-place", pdf)
		l.LargePrint = true
		pdf, _, _ = printLetters(t, withLogo, LayoutDL, Options{}, l)
		comparePicture(t, "letter-"+v+"-dl-large", pdf)
	}
	numberless := newPrinter(t, func(s *Settings) { s.ContactNumber = "" })
	pdf, _, _ = printLetters(t, numberless, LayoutNotify, Options{}, sampleLetter(t))
	comparePicture(t, "letter-without-a-number", pdf)
	pdf, _, _ = printCards(t, numberless, SheetA6, sampleCard(t, pathway.CardRearrange))
	comparePicture(t, "card-without-a-number", pdf)
	foreign := sampleLetter(t)
	foreign.Addressee = "Adébáyọ̀ Ọlọ́runfẹ́mi Żaneta Ștefan"
	foreign.Address = []string{"Ẹ̀gbá Şükrü Nguyễn", "Γιώργος Пётр", "Їжакевич", "Long Jetty Quay", "Swindon"}
	foreign.NamedContact = "Ẹ̀gbá Ọ̀ṣun"
	pdf, _, _ = printLetters(t, p, LayoutDL, Options{}, foreign)
	comparePicture(t, "letter-scripts", pdf)
}

// comparePicture compares the first page with testdata/NAME.png. Renderers smooth
// edges each in its own way: a pixel counts as different when it has turned from
// light to dark or the other way.
func comparePicture(t *testing.T, name string, pdf []byte) {
	t.Helper()
	got := render(t, pdf, 1, pictureDPI)
	file := filepath.Join("testdata", name+".png")
	if *update {
		if err := os.WriteFile(file, encode(t, got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v: go test ./postcards -update takes it", err)
		return
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	want, ok := picture.(*image.Gray)
	if !ok || want.Rect != got.Rect {
		t.Errorf("%s: the page has %v, the picture %v pixels", name, got.Rect.Max, picture.Bounds().Max)
		return
	}
	const turned = 128
	diff := image.NewRGBA(got.Rect)
	var where image.Rectangle
	count := 0
	for y := range got.Rect.Dy() {
		for x := range got.Rect.Dx() {
			before, now := int(want.GrayAt(x, y).Y), int(got.GrayAt(x, y).Y)
			shade := color.RGBA{uint8(128 + now/2), uint8(128 + now/2), uint8(128 + now/2), 255}
			if before-now >= turned || now-before >= turned {
				count++
				where = where.Union(image.Rect(x, y, x+1, y+1))
				if shade = (color.RGBA{220, 0, 0, 255}); now > before {
					shade = color.RGBA{0, 0, 220, 255}
				}
			}
			diff.SetRGBA(x, y, shade)
		}
	}
	if count == 0 {
		return
	}
	shown := filepath.Join(os.TempDir(), "doorstep-"+name+"-difference.png")
	if err := os.WriteFile(shown, encode(t, diff), 0o644); err != nil {
		t.Error(err)
	}
	toMM := func(n int) string { return fmt.Sprintf("%.0f", float64(n)*25.4/pictureDPI) }
	t.Errorf("%s: %d pixels differ from %s, between x %s and %s, y %s and %s mm. %s shows them, red where there is ink that was not there, blue where it is gone. If it is right: go test ./postcards -update",
		name, count, file, toMM(where.Min.X), toMM(where.Max.X), toMM(where.Min.Y), toMM(where.Max.Y), shown)
}

func encode(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
