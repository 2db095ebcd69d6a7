package postcards

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
)

// TestAPictureShowsWhatIsPrinted: the picture of an item looks as poppler draws its PDF,
// and its text is what poppler reads there.
func TestAPictureShowsWhatIsPrinted(t *testing.T) {
	plain, withLogo := newPrinter(t), newPrinter(t, func(s *Settings) { s.Logo = pngLogo(t, 600, 200) })
	large, long, foreign := sampleLetter(t), sampleLetter(t), sampleLetter(t)
	large.LargePrint = true
	long.Place = &pathway.Place{Name: "A Children’s Centre (East)", Address: []string{`1 Test \ Street`, "Testtown", "TE1 1ST"}, Directions: "Next to the library."}
	foreign.Addressee, foreign.Address = "Adébáyọ̀ Ọlọ́runfẹ́mi Żaneta Ștefan", []string{"Ẹ̀gbá Şükrü Nguyễn", "Γιώργος Пётр", "Swindon"}
	for _, tt := range []struct {
		name string
		p    *Printer
		of   any
	}{
		{"a card", plain, sampleCard(t, pathway.CardRevisit)},
		{"a card with a logo", withLogo, sampleCard(t, pathway.CardRearrange)},
		{"a card to write on", plain, Card{Variant: pathway.CardRevisit}},
		{"a letter", plain, sampleLetter(t)},
		{"a letter with a logo", withLogo, sampleLetter(t)},
		{"a letter in large print, on two pages", plain, large},
		{"a letter that names a place", plain, long},
		{"a letter in several scripts", plain, foreign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var pdf []byte
			var picture *Picture
			var err error
			pages := 1
			switch item := tt.of.(type) {
			case Card:
				pdf, _, _ = printCards(t, tt.p, SheetA6, item)
				picture, err = tt.p.PictureOfCard(&item)
			case Letter:
				var sum Summary
				pdf, sum, _ = printLetters(t, tt.p, LayoutDL, Options{}, item)
				picture, err = tt.p.PictureOfLetter(LayoutDL, &item)
				pages = sum.Pages
			}
			if err != nil {
				t.Fatal(err)
			}
			drawn, err := png.Decode(bytes.NewReader(picture.PNG))
			if err != nil {
				t.Fatal(err)
			}
			if folder := os.Getenv("DOORSTEP_PICTURES"); folder != "" {
				if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(tt.name, " ", "-")+".png"), picture.PNG, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			top := 0
			for page := 1; page <= pages; page++ {
				want := render(t, pdf, page, 110)
				looksAs(t, drawn, top, want)
				top += want.Rect.Dy() + between
			}
			if got := drawn.Bounds().Dy(); got < top-between-2 || got > top-between+2 {
				t.Errorf("the picture is %d pixels high, want %d pages in %d", got, pages, top-between)
			}
			got := strings.Fields(strings.ReplaceAll(strings.Join(picture.Text, " "), "……", ""))
			said := strings.Fields(readText(t, pdf))
			slices.Sort(got)
			slices.Sort(said)
			if !slices.Equal(got, said) {
				t.Errorf("its text is %q, want %q", got, said)
			}
		})
	}
}

// looksAs compares part of a picture with what poppler has drawn, in squares of 8 pixels:
// edges are smoothed by each in its own way.
func looksAs(t *testing.T, got image.Image, top int, want *image.Gray) {
	t.Helper()
	const side, apart = 8, 40
	for y := 0; y+side <= want.Rect.Dy(); y += side {
		for x := 0; x+side <= want.Rect.Dx(); x += side {
			ink := [2]int{}
			for v := y; v < y+side; v++ {
				for u := x; u < x+side; u++ {
					ink[0] += int(color.GrayModel.Convert(got.At(u, top+v)).(color.Gray).Y)
					ink[1] += int(want.GrayAt(u, v).Y)
				}
			}
			if is, should := ink[0]/side/side, ink[1]/side/side; is-should > apart || should-is > apart {
				t.Errorf("at %d, %d of the page the picture is %d light, want %d as on paper", x, y, is, should)
				return
			}
		}
	}
}

// TestThereIsNoPictureOfWhatCannotBePrinted: the error is the one that printing gives.
func TestThereIsNoPictureOfWhatCannotBePrinted(t *testing.T) {
	p, l := newPrinter(t), sampleLetter(t)
	l.Addressee = "Parent 😀"
	_, err := p.PictureOfLetter(LayoutDL, &l)
	var item ItemError
	if !errors.As(err, &item) || item.Case != "SW-3" || item.Field != "addressee" {
		t.Errorf("the picture of a letter with an emoji: %v, want an ItemError of its addressee", err)
	}
	if _, err := p.PictureOfLetter("a5", &l); err == nil || !strings.Contains(err.Error(), `"a5" is not a layout`) {
		t.Errorf("a layout that there is not: %v, want it named", err)
	}
}
