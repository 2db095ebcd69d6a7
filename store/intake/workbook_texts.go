package intake

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
)

// sharedTexts are the texts that a workbook's cells share. There may be millions:
// only where each begins is kept in memory, and the texts themselves in a file that
// has no name.
type sharedTexts struct {
	begins []uint32
	end    uint32
	file   *os.File
	owned  []*os.File // further files that are gone with the workbook
	recent [4096]recentText
}

type recentText struct {
	index int
	text  string
	known bool
}

func (t *sharedTexts) close() {
	if t.file != nil {
		t.file.Close()
	}
	for _, f := range t.owned {
		f.Close()
	}
}

// at returns the text with a number.
func (t *sharedTexts) at(index int) (string, bool, error) {
	if index < 0 || index >= len(t.begins) {
		return "", false, nil
	}
	r := &t.recent[index%len(t.recent)]
	if r.known && r.index == index {
		return r.text, true, nil
	}
	until := t.end
	if index+1 < len(t.begins) {
		until = t.begins[index+1]
	}
	b := make([]byte, until-t.begins[index])
	if _, err := t.file.ReadAt(b, int64(t.begins[index])); err != nil && err != io.EOF {
		return "", false, fmt.Errorf("reading what was unpacked: %w", err)
	}
	*r = recentText{index, string(b), true}
	return r.text, true, nil
}

// readTexts unpacks the shared texts.
func (w *workbook) readTexts(part string) error {
	x, err := w.elements(part)
	if err != nil {
		return err
	}
	defer x.close()
	t := w.texts
	if t.file, err = os.CreateTemp("", "doorstep-texts-*"); err != nil {
		return fmt.Errorf("unpacking a workbook: %w: check the folder for temporary files", err)
	}
	os.Remove(t.file.Name())
	out := bufio.NewWriterSize(t.file, bufferSize)
	for {
		start, err := x.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if start == nil || start.Name.Local != "si" {
			continue
		}
		text, err := x.richText("si")
		if err != nil {
			return err
		}
		if len(t.begins) == mostStrings {
			return wrong("holds more than %d different texts: save the sheet as \"CSV UTF-8\"", mostStrings)
		}
		t.begins = append(t.begins, t.end)
		t.end += uint32(len(text)) // of at most mostUnpacked bytes
		if _, err := out.WriteString(text); err != nil {
			return fmt.Errorf("unpacking a workbook: %w: check the space in the folder for temporary files", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("unpacking a workbook: %w: check the space in the folder for temporary files", err)
	}
	return nil
}

// elements reads the elements of a part one by one, none of them longer than it may.
type elements struct {
	book    *workbook
	content io.ReadCloser
	passed  int64
	until   int64
	xml     *xml.Decoder
	ended   string // the element that the last token has ended
}

func (w *workbook) elements(part string) (*elements, error) {
	content, err := w.parts[part].Open()
	if err != nil {
		return nil, w.damaged(err)
	}
	x := &elements{book: w, content: content, until: mostXMLPortion}
	x.xml = xml.NewDecoder(bufio.NewReaderSize(x, bufferSize))
	return x, nil
}

func (x *elements) Read(p []byte) (int, error) {
	if x.passed > x.until {
		return 0, wrong("holds a value of more than %d MB: save the sheet as \"CSV UTF-8\"", mostXMLPortion>>20)
	}
	n, err := x.content.Read(p)
	x.passed += int64(n)
	return n, err
}

func (x *elements) close() { x.content.Close() }

// token returns the next piece of the part; io.EOF at its end.
func (x *elements) token() (xml.Token, error) {
	x.until = x.passed + mostXMLPortion
	token, err := x.xml.RawToken()
	if err == io.EOF {
		return nil, err
	}
	if err != nil {
		return nil, x.book.damaged(err)
	}
	return token, nil
}

// next returns the element that begins next; nil where something else comes, and
// ended then names the element that has ended.
func (x *elements) next() (*xml.StartElement, error) {
	token, err := x.token()
	if err != nil {
		return nil, err
	}
	x.ended = ""
	switch element := token.(type) {
	case xml.StartElement:
		return &element, nil
	case xml.EndElement:
		x.ended = element.Name.Local
	}
	return nil, nil
}

// cutOff is a part that ends inside an element.
func (x *elements) cutOff(err error) error {
	if err == io.EOF {
		return x.book.damaged(io.ErrUnexpectedEOF)
	}
	return err
}

// text returns what stands in an element that has begun.
func (x *elements) text(name string) (string, error) {
	var text strings.Builder
	for {
		token, err := x.token()
		if err != nil {
			return "", x.cutOff(err)
		}
		switch piece := token.(type) {
		case xml.CharData:
			if text.Len() > mostXMLPortion {
				return "", wrong("holds a value of more than %d MB: save the sheet as \"CSV UTF-8\"", mostXMLPortion>>20)
			}
			text.Write(piece)
		case xml.EndElement:
			if piece.Name.Local == name {
				return text.String(), nil
			}
		}
	}
}

// richText returns the text of an element that has begun, of all its runs, without
// how it is pronounced.
func (x *elements) richText(name string) (string, error) {
	var text strings.Builder
	spoken := false
	for {
		start, err := x.next()
		if err != nil {
			return "", x.cutOff(err)
		}
		switch {
		case start == nil && x.ended == name:
			return text.String(), nil
		case start == nil && x.ended == "rPh":
			spoken = false
		case start == nil:
		case start.Name.Local == "rPh":
			spoken = true
		case start.Name.Local == "t":
			run, err := x.text("t")
			if err != nil {
				return "", err
			}
			if text.Len()+len(run) > mostXMLPortion {
				return "", wrong("holds a value of more than %d MB: save the sheet as \"CSV UTF-8\"", mostXMLPortion>>20)
			}
			if !spoken {
				text.WriteString(run)
			}
		}
	}
}
