package intake

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"example.org/doorstep/pathway"
)

// A workbook is read here, part by part, and not by excelize, though its rows are read in
// little memory too: of a cell they say only its text, which for a day is either
// 12-11-25, the month first whatever the workbook's country, or a bare number without the
// format that makes it a day; a formula that was never calculated is an empty cell there,
// and a sheet that is cut off one that ends. What would tell (GetCellStyle,
// GetCellFormula) reads the whole sheet into memory, and a pass before excelize's that
// finds it out is this reader.
// No formula is run, no link followed, and no more unpacked than is read.

// What a workbook may have at most. A larger one is something else, or is meant to
// fill the memory of who opens it.
const (
	mostUnpacked   = 2 << 30  // bytes of all parts together
	mostRatio      = 250      // times that a large part may be larger than its packed form
	largePart      = 32 << 20 // bytes from which the ratio counts
	mostSmallPart  = 32 << 20 // bytes of a part that is kept as a whole
	mostParts      = 10_000   // files in it
	mostSheets     = 200
	mostColumnsIn  = 1000      // of a sheet
	mostCells      = 50 << 20  // of a sheet, empty ones that are written not counted
	mostRowsIn     = 1_048_576 // Excel's own
	mostStrings    = 20 << 20  // texts that cells share
	mostXMLPortion = 1 << 20   // bytes of one element's text
)

// workbook is an Excel workbook (.xlsx) being read.
type workbook struct {
	file     string
	parts    map[string]*zip.File // by name, in small letters
	sheets   []sheetEntry         // those with rows, in order
	from1904 bool                 // its dates count from 1904
	styles   []numberStyle
	texts    *sharedTexts
}

type sheetEntry struct {
	name   string
	hidden bool
	part   string
}

func wrong(format string, args ...any) error {
	return &wrongFile{Fault{Message: fmt.Sprintf(format, args...)}}
}

// openWorkbook reads what a workbook has; its sheets are read later.
func openWorkbook(file string, from sized, size int64) (*workbook, error) {
	unpacked, err := zip.NewReader(from, size)
	if err != nil {
		return nil, wrong("begins like an Excel workbook and cannot be opened as one: it was cut off or is damaged; export it again")
	}
	w := &workbook{file: file, parts: map[string]*zip.File{}}
	if err := w.checkParts(unpacked); err != nil {
		return nil, err
	}
	return w, w.readParts()
}

// checkParts refuses, before anything is unpacked, what would fill the memory.
func (w *workbook) checkParts(unpacked *zip.Reader) error {
	if len(unpacked.File) > mostParts {
		return wrong("has more than %d parts: this is no workbook that a person made", mostParts)
	}
	var total uint64
	for _, part := range unpacked.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/"))
		if part.Flags&1 != 0 {
			return wrong("is protected with a password: save it without one")
		}
		size := part.UncompressedSize64
		if total += size; total > mostUnpacked || size > mostUnpacked {
			return wrong("unpacks to more than %d GB: divide it, or save the sheet as \"CSV UTF-8\"", mostUnpacked>>30)
		}
		if size > largePart && size/mostRatio > part.CompressedSize64 {
			return wrong("unpacks to %d times its size, as a file does that is meant to fill a computer's memory: save the sheet as \"CSV UTF-8\"", size/max(1, part.CompressedSize64))
		}
		if _, twice := w.parts[name]; twice {
			return wrong("holds the part %q twice: save it again in Excel", pathway.Shorten(name))
		}
		w.parts[name] = part
	}
	return nil
}

// readParts reads the list of sheets, the formats of numbers and where the texts are.
func (w *workbook) readParts() error {
	if w.parts["mimetype"] != nil && w.parts["content.xml"] != nil {
		return wrong("this is an OpenDocument file (.ods): save it as \"Excel workbook (.xlsx)\" or as \"CSV UTF-8\"")
	}
	if w.parts["word/document.xml"] != nil {
		return wrong("this is a Word document: export the data as CSV, or as an Excel workbook")
	}
	if w.parts["xl/workbook.bin"] != nil {
		return wrong("this is a binary Excel workbook (.xlsb): save it as \"Excel workbook (.xlsx)\" or as \"CSV UTF-8\"")
	}
	main := "xl/workbook.xml"
	for _, r := range w.relations("_rels/.rels", "") {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			main = r.part
		}
	}
	var book struct {
		Properties struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if w.parts[main] == nil {
		return wrong("this is a ZIP file and no Excel workbook: unpack it, and import what is in it")
	}
	if err := w.read(main, &book); err != nil {
		return err
	}
	w.from1904 = book.Properties.From1904 == "1" || book.Properties.From1904 == "true"
	folder, base := path.Split(main)
	relations := w.relations(folder+"_rels/"+base+".rels", folder)
	styles, texts := "", ""
	for _, r := range relations {
		switch {
		case strings.HasSuffix(r.Type, "/styles"):
			styles = r.part
		case strings.HasSuffix(r.Type, "/sharedStrings"):
			texts = r.part
		}
	}
	for _, s := range book.Sheets {
		if r := relations[s.ID]; strings.HasSuffix(r.Type, "/worksheet") && w.parts[r.part] != nil {
			w.sheets = append(w.sheets, sheetEntry{name: strings.TrimSpace(s.Name), hidden: s.State != "" && s.State != "visible", part: r.part})
		}
	}
	switch {
	case len(w.sheets) == 0:
		return wrong("holds no sheet with rows: check that this is the right file")
	case len(w.sheets) > mostSheets:
		return wrong("has more than %d sheets: save the one that is meant as a workbook of its own", mostSheets)
	}
	if err := w.readStyles(styles); err != nil {
		return err
	}
	w.texts = &sharedTexts{}
	if w.parts[texts] == nil {
		return nil
	}
	return w.readTexts(texts)
}

type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
	part   string
}

// relations reads which part is meant by each id; none where that cannot be read.
func (w *workbook) relations(part, folder string) map[string]relation {
	var list struct {
		Relations []relation `xml:"Relationship"`
	}
	if w.parts[part] == nil || w.read(part, &list) != nil {
		return nil
	}
	byID := map[string]relation{}
	for _, r := range list.Relations {
		r.part = r.Target
		if !strings.HasPrefix(r.part, "/") {
			r.part = folder + r.part
		}
		r.part = strings.ToLower(strings.TrimPrefix(path.Clean(r.part), "/"))
		byID[r.ID] = r
	}
	return byID
}

// read reads a part that is kept as a whole.
func (w *workbook) read(part string, to any) error {
	p := w.parts[part]
	if p.UncompressedSize64 > mostSmallPart {
		return wrong("has a part %q of more than %d MB: save the sheet as \"CSV UTF-8\"", pathway.Shorten(part), mostSmallPart>>20)
	}
	content, err := p.Open()
	if err != nil {
		return w.damaged(err)
	}
	defer content.Close()
	if err := xml.NewDecoder(content).Decode(to); err != nil {
		return w.damaged(err)
	}
	return nil
}

// damaged is a workbook that cannot be read further, unless it was the disk that
// failed.
func (w *workbook) damaged(err error) error {
	var syntax *xml.SyntaxError
	var unsupported *xml.UnmarshalError
	var tooMuch *wrongFile
	switch {
	case errors.As(err, &tooMuch):
		return err
	case errors.As(err, &syntax), errors.As(err, &unsupported), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm), isCorrupt(err):
		return wrong("is damaged or was cut off: open it in Excel and save it again, or export it again")
	}
	return err
}

// isCorrupt reports whether what was packed cannot be unpacked.
func isCorrupt(err error) bool { return strings.HasPrefix(err.Error(), "flate:") }

// sheetNames lists the sheets that can be seen, for a message.
func (w *workbook) sheetNames(of []sheetEntry) string {
	var names []string
	for _, s := range of {
		names = append(names, fmt.Sprintf("%q", pathway.Shorten(s.name)))
	}
	return pathway.OneOf(names)
}

func (w *workbook) visible() []sheetEntry {
	var list []sheetEntry
	for _, s := range w.sheets {
		if !s.hidden {
			list = append(list, s)
		}
	}
	return list
}

// choose returns the sheet with a name; without one, the only one that can be seen,
// or of several the one whose header suits. List 7 is List_7 too.
func (w *workbook) choose(name string, suits func(rows *sheetRows) bool) (sheetEntry, error) {
	if name != "" {
		for _, s := range w.sheets {
			if strings.EqualFold(s.name, strings.TrimSpace(name)) {
				return s, nil
			}
		}
		for _, s := range w.sheets {
			if looseName(s.name) == looseName(name) {
				return s, nil
			}
		}
		return sheetEntry{}, wrong("has no sheet %q: use %s", pathway.Shorten(name), w.sheetNames(w.sheets))
	}
	visible := w.visible()
	if len(visible) == 0 {
		return sheetEntry{}, wrong("has hidden sheets only: show one of them, or name it with --sheet: %s", w.sheetNames(w.sheets))
	}
	if len(visible) == 1 {
		return visible[0], nil
	}
	var suited []sheetEntry
	for _, s := range visible {
		rows, err := w.open(s)
		if err != nil {
			return s, err
		}
		if suits(rows) {
			suited = append(suited, s)
		}
		rows.close()
	}
	switch len(suited) {
	case 0:
		return visible[0], nil
	case 1:
		return suited[0], nil
	}
	return sheetEntry{}, wrong("several of its sheets could be meant: name one with --sheet: %s", w.sheetNames(suited))
}

// close gives back what the workbook holds.
func (w *workbook) close() {
	if w != nil && w.texts != nil {
		w.texts.close()
	}
}
