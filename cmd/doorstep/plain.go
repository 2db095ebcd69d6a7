package main

import (
	"io"
	"unicode/utf8"

	"example.org/doorstep/pathway"
)

// plainWriter is where commands write to: what others have written into files, headers
// or arguments cannot turn the writing direction there, move the cursor or hide. Such
// marks are written out.
type plainWriter struct {
	to   io.Writer
	cut  []byte // the beginning of a character of which the rest is to come
	text []byte
}

func (w *plainWriter) Write(p []byte) (int, error) {
	whole := append(w.cut, p...)
	w.cut = nil
	end := len(whole)
	for back := 1; back < utf8.UTFMax && back <= len(whole); back++ {
		if c := whole[len(whole)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(whole[len(whole)-back:]) {
				end = len(whole) - back
			}
			break
		}
	}
	w.text = pathway.AppendEscaped(w.text[:0], string(whole[:end]), "\n\t")
	w.cut = append([]byte(nil), whole[end:]...)
	if _, err := w.to.Write(w.text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// end says so where a character was cut off.
func (w *plainWriter) end() {
	if len(w.cut) > 0 {
		io.WriteString(w.to, "\uFFFD")
	}
}
