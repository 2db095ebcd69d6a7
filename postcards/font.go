package postcards

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// font is what laying out needs of a TrueType font: which characters it can
// draw, and how wide they are. It is read-only once parsed.
//
// gofpdf knows both too, but draws a character that the font lacks as an empty
// box without a word, and counts a default width for it.
type font struct {
	glyphs [1 << 16]uint16 // by character; 0: none
	widths [1 << 16]uint16 // by character, in thousandths of the font size
	// middles says how far the middle of each tone mark lies to the right of where
	// it is put, likewise.
	middles map[rune]int
}

// parseFont reads the cmap, head, hhea and hmtx tables of a TrueType font
// (ISO/IEC 14496-22).
func parseFont(data []byte) (f *font, err error) {
	defer func() {
		if recover() != nil { // an index beyond the data
			f, err = nil, errors.New("the font is cut short")
		}
	}()
	be := binary.BigEndian
	tables := map[string][]byte{}
	for i := range int(be.Uint16(data[4:])) {
		record := data[12+16*i:]
		from, size := be.Uint32(record[8:]), be.Uint32(record[12:])
		tables[string(record[:4])] = data[from : from+size]
	}
	cmap := unicodeCmap(tables["cmap"])
	if cmap == nil {
		return nil, errors.New("the font has no table of Unicode characters (cmap format 4)")
	}
	unitsPerEm := int(be.Uint16(tables["head"][18:]))
	metrics := int(be.Uint16(tables["hhea"][34:]))
	if unitsPerEm == 0 || metrics == 0 {
		return nil, fmt.Errorf("the font has %d units to the em and %d widths", unitsPerEm, metrics)
	}
	f = &font{}
	segments := int(be.Uint16(cmap[6:])) / 2
	ends, starts := cmap[14:], cmap[16+2*segments:]
	deltas, offsets := cmap[16+4*segments:], cmap[16+6*segments:]
	for s := range segments {
		first, last := int(be.Uint16(starts[2*s:])), int(be.Uint16(ends[2*s:]))
		delta, offset := be.Uint16(deltas[2*s:]), int(be.Uint16(offsets[2*s:]))
		for r := first; r <= last && r < 0xffff; r++ {
			glyph := uint16(r) + delta
			if offset != 0 {
				if glyph = be.Uint16(offsets[2*s+offset+2*(r-first):]); glyph != 0 {
					glyph += delta
				}
			}
			if glyph == 0 {
				continue
			}
			f.glyphs[r] = glyph
			width := int(be.Uint16(tables["hmtx"][4*min(int(glyph), metrics-1):]))
			f.widths[r] = uint16((1000*width + unitsPerEm/2) / unitsPerEm)
		}
	}
	f.middles = map[rune]int{}
	for _, mark := range toneMarks {
		outline := glyphOutline(tables, int(f.glyphs[mark]))
		left, right := int16(be.Uint16(outline[2:])), int16(be.Uint16(outline[6:]))
		f.middles[mark] = 1000 * (int(left) + int(right)) / 2 / unitsPerEm
	}
	return f, nil
}

// glyphOutline returns a glyph's entry in the glyf table.
func glyphOutline(tables map[string][]byte, glyph int) []byte {
	be := binary.BigEndian
	loca := tables["loca"]
	if long := be.Uint16(tables["head"][50:]) == 1; long {
		return tables["glyf"][be.Uint32(loca[4*glyph:]):]
	}
	return tables["glyf"][2*int(be.Uint16(loca[2*glyph:])):]
}

// unicodeCmap returns the subtable for Windows, Unicode, format 4.
func unicodeCmap(cmap []byte) []byte {
	be := binary.BigEndian
	for i := range int(be.Uint16(cmap[2:])) {
		record := cmap[4+8*i:]
		sub := cmap[be.Uint32(record[4:]):]
		if be.Uint16(record) == 3 && be.Uint16(record[2:]) == 1 && be.Uint16(sub) == 4 {
			return sub
		}
	}
	return nil
}

// draws reports whether the font has a glyph for r.
func (f *font) draws(r rune) bool { return r > 0 && r < 1<<16 && f.glyphs[r] != 0 }

// width returns how wide s is, in thousandths of the font size.
func (f *font) width(s string) int {
	w := 0
	for _, r := range s {
		if r < 1<<16 {
			w += int(f.widths[r])
		}
	}
	return w
}
