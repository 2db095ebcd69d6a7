package postcards

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"

	scale "golang.org/x/image/draw"
)

// Picture is what an item looks like on paper, for looking at before it is printed. It
// is drawn from the very content of the pages that would be printed: what those say, and
// where, it shows.
type Picture struct {
	PNG  []byte   // of its pages, one below the other
	Text []string // the lines that stand on it, in the order of the content
}

// pictureScale is how many pixels a point has: small print can be read on a screen, and
// a page of A4 takes a hundred kilobytes.
const pictureScale = 110.0 / 72

// between is the room between the pages of a picture, in pixels.
const between = 16

// PictureOfCard draws a card.
func (p *Printer) PictureOfCard(card *Card) (*Picture, error) {
	return p.picture(card.Case, cardWidth, cardHeight, func(c *canvas) ([]page, error) {
		content, err := p.card(c, card)
		return []page{{content: content}}, err
	})
}

// PictureOfLetter draws a letter, all its pages.
func (p *Printer) PictureOfLetter(layout Layout, l *Letter) (*Picture, error) {
	f, ok := frames[layout]
	if !ok {
		return nil, fmt.Errorf("drawing a letter: %q is not a layout: use %s or %s", layout, LayoutNotify, LayoutDL)
	}
	return p.picture(l.Case, a4Width, a4Height, func(c *canvas) ([]page, error) { return p.letter(c, f, l) })
}

// picture draws the pages of one item, mm wide and high. What cannot be printed is an
// ItemError.
func (p *Printer) picture(ref string, width, height float64, drawPages func(*canvas) ([]page, error)) (*Picture, error) {
	c := &canvas{fonts: p.fonts}
	pages, err := drawSafely(c, &c, func(c *canvas, _ **canvas) ([]page, error) { return drawPages(c) })
	if err != nil {
		return nil, itemError(0, ref, err)
	}
	w, h := int(width*mm*pictureScale+0.5), int(height*mm*pictureScale+0.5)
	all := image.Rect(0, 0, w, len(pages)*(h+between)-between)
	var sheet draw.Image = image.NewGray(all)
	if p.fonts.logo != nil {
		sheet = image.NewRGBA(all)
	}
	draw.Draw(sheet, all, image.NewUniform(color.Gray{Y: 128}), image.Point{}, draw.Src)
	made := &Picture{}
	for i := range pages {
		at := image.Rect(0, i*(h+between), w, i*(h+between)+h)
		draw.Draw(sheet, at, image.White, image.Point{}, draw.Src)
		lines, err := p.drawPage(sheet, at, pages[i].content)
		if err != nil {
			return nil, itemError(0, ref, err)
		}
		made.Text = append(made.Text, lines...)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, sheet); err != nil {
		return nil, fmt.Errorf("drawing a picture: %w", err)
	}
	made.PNG = out.Bytes()
	return made, nil
}

// drawPage draws the content of a page onto part of a sheet, and returns its lines.
func (p *Printer) drawPage(sheet draw.Image, at image.Rectangle, content []byte) ([]string, error) {
	outlines, err := outlines()
	if err != nil {
		return nil, fmt.Errorf("reading the fonts: %w", err)
	}
	d := newDrawing(p.fonts, outlines, at.Dx(), at.Dy())
	d.logo = func(box image.Rectangle) error {
		logo, err := png.Decode(bytes.NewReader(p.fonts.logo.png))
		if err == nil {
			scale.CatmullRom.Scale(sheet, box.Add(at.Min), logo, logo.Bounds(), draw.Over, nil)
		}
		return err
	}
	if err := d.run(content); err != nil {
		return nil, fmt.Errorf("drawing a page: %w", err)
	}
	d.ink.Draw(sheet, at, image.Black, image.Point{})
	lines := make([]string, len(d.lines))
	for i, line := range d.lines {
		lines[i] = strings.Join(strings.Fields(line.text), " ")
	}
	return lines, nil
}
