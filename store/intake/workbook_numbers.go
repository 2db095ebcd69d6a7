package intake

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// numberStyle is what the format of a cell's number says of what it is.
type numberStyle struct {
	date, clock bool // it shows a day, a time of day
	digits      int  // it fills up with zeros to so many
}

// readStyles reads the formats of a workbook's numbers.
func (w *workbook) readStyles(part string) error {
	if w.parts[part] == nil {
		return nil
	}
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.read(part, &sheet); err != nil {
		return err
	}
	own := map[int]string{}
	for _, f := range sheet.Formats {
		own[f.ID] = f.Code
	}
	for _, c := range sheet.Cells {
		code, isOwn := own[c.Format]
		if !isOwn {
			code = builtInFormat(c.Format)
		}
		w.styles = append(w.styles, styleOf(code))
	}
	return nil
}

// builtInFormat returns a format that every workbook has, as far as it is about time.
func builtInFormat(id int) string {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id >= 57 && id <= 58:
		return "dd/mm/yyyy"
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id >= 55 && id <= 56:
		return "hh:mm:ss"
	case id == 22:
		return "dd/mm/yyyy hh:mm"
	}
	return ""
}

// styleOf reads a format such as [$-809]dd\ mmmm\ yyyy;@.
func styleOf(code string) numberStyle {
	var letters strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';': // what follows is for other numbers
			i = len(code)
		case '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			} else {
				i = len(code)
			}
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				i = len(code)
				break
			}
			if inside := strings.ToLower(code[i+1 : i+end]); strings.Trim(inside, "h") == "" || strings.Trim(inside, "m") == "" || strings.Trim(inside, "s") == "" {
				letters.WriteString(inside)
			}
			i += end
		case '\\', '_', '*': // the next stands for itself
			i++
		default:
			letters.WriteByte(c | 0x20)
		}
	}
	text := letters.String()
	if strings.HasPrefix(text, "general") {
		return numberStyle{}
	}
	s := numberStyle{clock: strings.ContainsAny(text, "hs")}
	s.date = strings.ContainsAny(text, "yd") || strings.Contains(text, "m") && !s.clock
	// The zeros of a format came through as they are: '0'|0x20 is '0'.
	if text != "" && strings.Trim(text, "0") == "" {
		s.digits = len(text)
	}
	return s
}

// number writes a cell's number as what its format says it is: a day, a time, a
// reference with its zeros, or the number in all its digits.
func (w *workbook) number(written string, style int) string {
	n, err := strconv.ParseFloat(strings.TrimSpace(written), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return written
	}
	var s numberStyle
	if style >= 0 && style < len(w.styles) {
		s = w.styles[style]
	}
	if (s.date || s.clock) && n >= 0 && n < 2_958_466 { // the year 9999
		return w.moment(n, s)
	}
	if math.Abs(n) >= 1e15 { // not kept in all its digits
		return strconv.FormatFloat(n, 'E', -1, 64)
	}
	if n != math.Trunc(n) {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	text := strconv.FormatFloat(n, 'f', 0, 64)
	if missing := s.digits - len(text); missing > 0 && n >= 0 {
		text = strings.Repeat("0", missing) + text
	}
	return text
}

// moment writes a day or time, which workbooks count in days.
func (w *workbook) moment(n float64, s numberStyle) string {
	seconds := int64(math.Round(n * 86400))
	from := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if w.from1904 {
		from = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	t := from.AddDate(0, 0, int(seconds/86400)).Add(time.Duration(seconds%86400) * time.Second)
	switch {
	case !s.date:
		return t.Format(time.TimeOnly)
	case !s.clock && seconds%86400 == 0:
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}
