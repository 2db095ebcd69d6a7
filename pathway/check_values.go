package pathway

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	longestName = 200    // bytes of a reference or an id
	longestLine = 500    // bytes of a text of one line
	longestText = 10_000 // bytes of a reason

	// clockSlack is how far another computer's clock may be ahead of ours.
	clockSlack = 5 * time.Minute
	// longestAhead is how far ahead a date of a case may lie that somebody sets:
	// beyond it lies a typing error.
	longestAhead = 5 * 366 * 24 * time.Hour

	// FirstYear and LastYear are the years whose dates are believed. What lies
	// outside is a typing error: no child on a case was born before, no duty runs
	// beyond.
	FirstYear = 1990
	LastYear  = 2100
)

var (
	earliest = time.Date(FirstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(LastYear+1, 1, 2, 0, 0, 0, 0, time.UTC)
)

// faults collects what is wrong with the values of one row.
type faults struct {
	now     time.Time
	allowed *regexp.Regexp // references that may be, whatever they look like
	list    []Fault
}

func (f *faults) fault(column, format string, args ...any) {
	f.list = append(f.list, Fault{column, fmt.Sprintf(format, args...)})
}

// name checks a reference or an id. It goes into subjects and links as it is.
func (f *faults) name(column, value string, required bool) {
	switch {
	case value == "" && required:
		f.fault(column, "is empty: it has to be filled in")
	case value == "." || value == "..":
		f.fault(column, "consists of dots only, which no address of a page can end in: give another")
	case value == "" || len(value) <= longestName && isPrintable(value) && strings.TrimSpace(value) == value:
	case len(value) <= longestName && utf8.ValidString(value) && hasMark(value):
		f.fault(column, "%s", oneLine(value))
	default:
		f.fault(column, "is longer than %d characters or holds characters that cannot be shown", longestName)
	}
}

// reference checks a case's reference or a person's id, which must not say who
// somebody is. What is refused for that is not quoted.
func (f *faults) reference(column, value string, required bool) {
	before := len(f.list)
	f.name(column, value, required)
	if value == "" || len(f.list) > before || f.allowed != nil && f.allowed.MatchString(value) {
		return
	}
	if what := revealing(value); what != "" {
		f.fault(column, "%s, and what stands in emails and texts must not say who somebody is: use a number of the record system, "+
			"or allow such references with organisation.reference_pattern", what)
	}
}

// oneLine is what is wrong with a value of one line that holds a mark.
func oneLine(value string) string {
	if strings.ContainsFunc(value, isControl) {
		return "holds a line break or a control character: write it in one line"
	}
	return "holds a mark that does not show, such as one that turns the writing direction: type it anew"
}

// line checks a text of one line.
func (f *faults) line(column, value string) {
	switch {
	case isLine(value):
	case len(value) > longestLine:
		f.fault(column, "is longer than %d characters: is it the right column?", longestLine)
	case !utf8.ValidString(value):
		f.fault(column, "is not UTF-8: save the file as UTF-8")
	default:
		f.fault(column, "%s", oneLine(value))
	}
}

func isLine(s string) bool {
	return len(s) <= longestLine && !hasMark(s) && utf8.ValidString(s)
}

// text checks what people wrote, and takes marks out of it. It may have several lines.
func (f *faults) text(column string, text *string) {
	switch value := *text; {
	case len(value) > longestText:
		f.fault(column, "is longer than %d characters: shorten it", longestText)
	case !utf8.ValidString(value):
		f.fault(column, "is not UTF-8: save the file as UTF-8")
	case strings.IndexByte(value, 0) >= 0:
		f.fault(column, "holds a zero byte: remove it")
	default:
		*text = CleanedText(value)
	}
}

// word checks a value that is one of some words, and writes it as they are. Of an
// empty one it says what is given, or else the words.
func (f *faults) word(column string, value *string, w *Words, empty string) {
	word, ok := w.Find(*value)
	switch {
	case ok:
		*value = word
	case *value != "":
		f.fault(column, "%s is not known: %s", quoted(*value), w.Choices(*value))
	case empty == "":
		f.fault(column, "is empty: %s", w.Choices(""))
	default:
		f.fault(column, "%s", empty)
	}
}

// wordUnquoted is word for a value that nobody else is to read: it is not quoted.
func (f *faults) wordUnquoted(column string, value *string, w *Words) {
	word, ok := w.Find(*value)
	if !ok {
		f.fault(column, "the value is not known: use %s", OneOf(w.list))
		return
	}
	*value = word
}

// address checks where somebody is written to, and writes it in its one form.
func (f *faults) address(column string, value *string, parse func(string) (string, error)) {
	if *value == "" {
		return
	}
	parsed, err := parse(*value)
	if err != nil {
		f.fault(column, "%v", err)
		return
	}
	*value = parsed
}

// past checks an instant that cannot lie ahead. An empty text says that it may be
// missing.
func (f *faults) past(column string, t time.Time, empty string) {
	switch {
	case t.IsZero() && empty != "":
		f.fault(column, "%s", empty)
	case t.IsZero():
	case t.Before(earliest):
		f.fault(column, "lies before 1990: check the year")
	case t.After(f.now.Add(clockSlack)):
		f.fault(column, "lies in the future: check the date, and this computer's clock")
	}
}

// ahead checks an instant that somebody set, which may lie ahead.
func (f *faults) ahead(column string, t time.Time) {
	switch {
	case t.IsZero():
	case t.Before(earliest):
		f.fault(column, "lies before 1990: check the year")
	case t.After(f.now.Add(longestAhead)):
		f.fault(column, "lies more than five years ahead: check the year")
	}
}

// believed checks an instant of which nothing is known but that people see it.
func (f *faults) believed(column string, t time.Time) {
	if !t.IsZero() && (t.Before(earliest) || t.After(latest)) {
		f.fault(column, "is not a date in the years %d to %d: is it a typing error?", FirstYear, LastYear)
	}
}

// isPrintable reports whether every character of s shows.
func isPrintable(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return utf8.ValidString(s) && !strings.ContainsFunc(s[i:], func(r rune) bool { return !unicode.IsPrint(r) })
		}
	}
	return true
}

// quoted quotes a value, shortened where it is long.
func quoted(s string) string { return strconv.Quote(Shorten(s)) }

// Shorten keeps what may be no value at all from filling a message.
func Shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
