package postcards

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // a logo may be a JPEG
	"image/png"
)

const (
	logoMaxPixels = 10_000_000
	logoMaxBytes  = 20 << 20
	logoMinSide   = 20
	// logoSide is how many pixels are kept along the longer side: 400 to the
	// inch at the size it is printed.
	logoSide = 640
)

// logo is the organisation's logo, made ready to print.
type logo struct {
	png           []byte // 8-bit RGB without transparency: what every printer takes
	width, height int
}

// readLogo checks a logo and makes it ready. The size is checked before the
// picture is unpacked.
func readLogo(data []byte) (*logo, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if len(data) > logoMaxBytes {
		return nil, fmt.Errorf("the logo is larger than %d MB: save it smaller", logoMaxBytes>>20)
	}
	about, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("the logo is not a picture that can be printed: save it as PNG or JPEG")
	}
	w, h := about.Width, about.Height
	switch {
	case w < logoMinSide || h < logoMinSide:
		return nil, fmt.Errorf("the logo is only %d × %d pixels: it would print as a blur; use one of 400 or more a side", w, h)
	case int64(w)*int64(h) > logoMaxPixels:
		return nil, fmt.Errorf("the logo has %d × %d pixels, more than 10 megapixels: save it smaller", w, h)
	case w > 20*h || h > 20*w:
		return nil, fmt.Errorf("the logo is %d × %d pixels, too long and thin to print: crop it", w, h)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("the logo is damaged: save it again as PNG or JPEG")
	}
	small := shrink(picture)
	var out bytes.Buffer
	if err := png.Encode(&out, small); err != nil {
		return nil, fmt.Errorf("making the logo ready to print: %w", err)
	}
	return &logo{out.Bytes(), small.Bounds().Dx(), small.Bounds().Dy()}, nil
}

// shrink returns the picture on white, with at most logoSide pixels a side, each
// the mean of those it stands for.
func shrink(from image.Image) image.Image {
	b := from.Bounds()
	width, height := b.Dx(), b.Dy()
	if longer := max(width, height); longer > logoSide {
		width, height = max(1, width*logoSide/longer), max(1, height*logoSide/longer)
	}
	to := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		y0, y1 := b.Min.Y+y*b.Dy()/height, b.Min.Y+(y+1)*b.Dy()/height
		for x := range width {
			x0, x1 := b.Min.X+x*b.Dx()/width, b.Min.X+(x+1)*b.Dx()/width
			var sum [3]uint64
			for v := y0; v < y1; v++ {
				for u := x0; u < x1; u++ {
					red, green, blue, alpha := from.At(u, v).RGBA()
					white := 0xffff - alpha
					sum[0] += uint64(red + white)
					sum[1] += uint64(green + white)
					sum[2] += uint64(blue + white)
				}
			}
			n := uint64((y1 - y0) * (x1 - x0) * 257)
			to.SetNRGBA(x, y, color.NRGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255})
		}
	}
	return to
}

// fit returns how large the logo is printed in a box, in the box's units.
func (l *logo) fit(width, height float64) (w, h float64) {
	if w = height * float64(l.width) / float64(l.height); w <= width {
		return w, height
	}
	return width, width * float64(l.height) / float64(l.width)
}
