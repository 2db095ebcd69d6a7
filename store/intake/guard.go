package intake

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxRecord bounds one row, so that a quotation mark that is never closed, or a
// file without line ends, cannot fill the memory.
const maxRecord = 1 << 20

const bufferSize = 64 << 10

// guard passes on a file's bytes, and stops where they cannot be CSV in UTF-8.
// It keeps none of the file.
type guard struct {
	from    io.Reader
	started bool
	passed  int64  // bytes passed on
	until   int64  // bytes that may be: the row being read is too long beyond them
	line    int    // line ends passed on
	pending []byte // the start of a character that the last piece cut in two
	cr      bool   // the last byte passed on is a carriage return
	hasMark bool   // it begins with a byte-order mark
	failed  error
}

const byteOrderMark = "\ufeff"

func newGuard(from io.Reader) *guard { return &guard{from: from, until: maxRecord} }

// allow lets a row of the longest length begin at the given byte.
func (g *guard) allow(offset int64) { g.until = offset + maxRecord + bufferSize }

// wrongFile is a fault of the whole file: nothing behind it can be read.
type wrongFile struct{ Fault }

func (w *wrongFile) Error() string { return w.Message }

func (g *guard) fail(row int, format string, args ...any) error {
	g.failed = &wrongFile{Fault{Row: row, Message: fmt.Sprintf(format, args...)}}
	return g.failed
}

func (g *guard) Read(p []byte) (int, error) {
	if g.failed != nil {
		return 0, g.failed
	}
	if g.passed > g.until {
		return 0, g.fail(g.line+1, "a row is longer than 1 MB: a quotation mark before this line is not closed, or this is no CSV file")
	}
	if !g.started {
		return g.start(p)
	}
	n, err := g.from.Read(p)
	return g.passOn(p[:n], err)
}

// passOn looks at the next piece and lets it through.
func (g *guard) passOn(piece []byte, err error) (int, error) {
	if bad := g.check(piece); bad != nil {
		return 0, bad
	}
	n := g.oneReturn(piece)
	g.passed += int64(n)
	return n, g.end(err)
}

// oneReturn leaves one of several carriage returns behind each other: CR CR LF is
// what becomes of a line end that was converted twice.
func (g *guard) oneReturn(piece []byte) int {
	if !bytes.Contains(piece, []byte("\r\r")) && !(g.cr && len(piece) > 0 && piece[0] == '\r') {
		g.cr = g.cr && len(piece) == 0 || bytes.HasSuffix(piece, []byte("\r"))
		return len(piece)
	}
	kept := piece[:0]
	for _, b := range piece {
		if b != '\r' || !g.cr {
			kept = append(kept, b)
		}
		g.cr = b == '\r'
	}
	return len(kept)
}

// start reads the first piece, and tells a file that is something else by how it
// begins.
func (g *guard) start(p []byte) (int, error) {
	n, err := io.ReadFull(g.from, p[:min(len(p), 512)])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	head := p[:n]
	for _, known := range []struct{ magic, what string }{
		{"\xff\xfe\x00\x00", utf32}, {"\x00\x00\xfe\xff", utf32}, {"\xff\xfe", utf16}, {"\xfe\xff", utf16},
		{"PK\x03\x04", "this is an Excel workbook or a ZIP file, not CSV: open it in Excel and save it as \"CSV UTF-8\""},
		{"\xd0\xcf\x11\xe0", "this is an old Excel workbook, not CSV: open it in Excel and save it as \"CSV UTF-8\""},
		{"\x1f\x8b", "this is a compressed file: unpack it first"},
		{"%PDF", "this is a PDF, not CSV: export the data as CSV"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return 0, g.fail(0, "%s", known.what)
		}
	}
	text := bytes.TrimRight(head, "\x00") // behind it lies what a machine leaves that has lost its power
	if zeros := bytes.Count(text, []byte{0}); zeros > 0 && zeros*3 >= len(text) {
		return 0, g.fail(0, "%s", utf16)
	}
	g.started = true
	if rest, ok := bytes.CutPrefix(head, []byte(byteOrderMark)); ok { // it is no part of the text
		g.hasMark = true
		n = copy(p, rest)
	}
	return g.passOn(p[:n], err)
}

const utf16 = `this file is in UTF-16 ("Unicode text"): save it as "CSV UTF-8", or convert it with: iconv -f UTF-16 -t UTF-8`
const utf32 = `this file is in UTF-32: save it as "CSV UTF-8", or convert it with: iconv -f UTF-32 -t UTF-8`

// check looks at the next piece of the file.
func (g *guard) check(piece []byte) error {
	if at := bytes.IndexByte(piece, 0); at >= 0 {
		return g.fail(g.lineOf(piece, at), "holds binary data (a zero byte): this is no CSV file, or it is damaged; export it again")
	}
	if err := g.checkUTF8(piece); err != nil {
		return err
	}
	g.line += bytes.Count(piece, []byte{'\n'})
	return nil
}

func (g *guard) lineOf(piece []byte, at int) int {
	return g.line + 1 + bytes.Count(piece[:max(at, 0)], []byte{'\n'})
}

func (g *guard) checkUTF8(piece []byte) error {
	rest := piece
	for len(g.pending) > 0 && len(rest) > 0 {
		g.pending = append(g.pending, rest[0])
		rest = rest[1:]
		if utf8.FullRune(g.pending) {
			if r, size := utf8.DecodeRune(g.pending); r == utf8.RuneError && size <= 1 {
				return g.wrongEncoding(g.line+1, g.pending[0])
			}
			g.pending = g.pending[:0]
		}
	}
	// Put aside a character that the end of the piece cuts in two.
	whole := len(rest)
	for back := 1; back < utf8.UTFMax && back <= len(rest); back++ {
		if b := rest[len(rest)-back]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRune(rest[len(rest)-back:]) {
				whole = len(rest) - back
			}
			break
		}
	}
	if !utf8.Valid(rest[:whole]) {
		for at := 0; at < whole; {
			r, size := utf8.DecodeRune(rest[at:whole])
			if r == utf8.RuneError && size <= 1 {
				return g.wrongEncoding(g.lineOf(piece, len(piece)-len(rest)+at), rest[at])
			}
			at += size
		}
	}
	g.pending = append(g.pending, rest[whole:]...)
	return nil
}

// end passes on the end of the file, unless it cuts a character in two.
func (g *guard) end(err error) error {
	if err == io.EOF && len(g.pending) > 0 {
		return g.wrongEncoding(g.line+1, g.pending[0])
	}
	return err
}

func (g *guard) wrongEncoding(line int, b byte) error {
	switch b {
	case 0x81, 0x8d, 0x8f, 0x90, 0x9d: // not used in Windows-1252
		return g.fail(line, "the byte 0x%02X is not UTF-8, nor Windows-1252: the file is damaged or in another encoding; save it as \"CSV UTF-8\"", b)
	}
	return g.fail(line, "the byte 0x%02X is not UTF-8: the file seems to be in Windows-1252 (what \"CSV\" without \"UTF-8\" gives in Excel): save it as \"CSV UTF-8\", or convert it with: iconv -f WINDOWS-1252 -t UTF-8", b)
}
