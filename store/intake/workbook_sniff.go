package intake

import (
	"bytes"
	"fmt"
	"io"
)

// sized is a file that can be read at any place.
type sized interface {
	io.ReaderAt
	io.Seeker
}

const (
	zipMagic = "PK\x03\x04"
	oleMagic = "\xd0\xcf\x11\xe0"
)

// sniff tells by its first bytes whether a file is a workbook, and opens it.
func sniff(file string, from io.Reader) (*workbook, io.Reader, error) {
	at, canSeek := from.(sized)
	var start int64
	if canSeek {
		var err error
		if start, err = at.Seek(0, io.SeekCurrent); err != nil {
			canSeek = false // a pipe
		}
	}
	head := make([]byte, 4)
	if !canSeek {
		n, err := io.ReadFull(from, head)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, nil, fmt.Errorf("reading %s: %w", file, err)
		}
		rest := io.MultiReader(bytes.NewReader(head[:n]), from)
		if string(head[:n]) != zipMagic && string(head[:n]) != oleMagic {
			return nil, rest, nil
		}
		spooled, err := Spool(rest)
		if err != nil {
			return nil, nil, err
		}
		w, _, err := sniff(file, spooled)
		if err != nil || w == nil {
			spooled.Close()
			return nil, nil, err
		}
		w.texts.owned = append(w.texts.owned, spooled)
		return w, nil, nil
	}
	if n, _ := at.ReadAt(head, start); n < len(head) {
		return nil, from, nil
	}
	size, err := at.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = at.Seek(start, io.SeekStart)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", file, err)
	}
	switch string(head) {
	case oleMagic:
		return nil, nil, oldWorkbook(at, size)
	case zipMagic:
		if start > 0 {
			return nil, from, nil
		}
		w, err := openWorkbook(file, at, size)
		if err != nil {
			w.close()
			return nil, nil, err
		}
		return w, nil, nil
	}
	return nil, from, nil
}

// encrypted is what an encrypted workbook holds, in the UTF-16 of its container.
const encrypted = "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"

// oldWorkbook says what keeps a file in Microsoft's older container from being read.
func oldWorkbook(at io.ReaderAt, size int64) error {
	piece := make([]byte, min(size, 4<<20))
	n, _ := at.ReadAt(piece, 0)
	last := make([]byte, min(size, 1<<20))
	m, _ := at.ReadAt(last, size-int64(len(last)))
	if bytes.Contains(piece[:n], []byte(encrypted)) || bytes.Contains(last[:m], []byte(encrypted)) {
		return wrong("this Excel workbook is protected with a password: save it without one")
	}
	return wrong("this is an old Excel workbook (.xls): open it in Excel and save it as \"Excel workbook (.xlsx)\" or as \"CSV UTF-8\"")
}
