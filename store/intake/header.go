package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"example.org/doorstep/pathway"
)

// plan is how to find the values of Doorstep's columns in a file's rows.
type plan struct {
	table   *table
	width   int // columns of the file
	sources [mostColumns]source
	shown   [mostColumns]string // the column's name in faults
	private [mostColumns]bool
	skip    []skipRule
	also    []alsoSource
	unnamed []int         // columns at the end that have no name
	given   pathway.Given // what the file, or the mapping, has a value for
	another bool          // it names columns, but of another sort of file, or divided otherwise
}

// source is where a column's value comes from: nowhere, one or several of the
// file's columns, or the mapping itself.
type source struct {
	known    bool
	from     [][]int // of each column that is joined, the places of its names
	constant string
	suffix   string // of a value that is not empty
	codes    *codes
}

// skipRule leaves out the rows in which a column of the file holds one of some
// values, written as codes are.
type skipRule struct {
	from   int
	values []codePart
}

// newPlan reads a header. It returns every fault that it finds.
func newPlan(of string, header []string, m *Mapping) (*plan, []Fault) {
	h := headerReader{of: of, table: tables[of], mapping: m, place: map[string]int{}, loose: map[string]int{}, used: make([]bool, len(header))}
	p := &plan{table: h.table, width: len(header)}
	p.unnamed = h.unnamed(header)
	h.index(header)
	h.find(p)
	h.also(p)
	h.skips(p)
	h.leftOver(header)
	h.required(p)
	var given []string
	for i, name := range p.table.columns {
		if p.sources[i].known {
			given = append(given, name)
		}
	}
	p.given = pathway.GivenBy(of, given)
	for _, name := range p.table.private {
		p.private[slices.Index(p.table.columns, name)] = true
	}
	return p, h.faults
}

type headerReader struct {
	of      string
	table   *table
	mapping *Mapping
	place   map[string]int // of each of the file's columns, in small letters
	loose   map[string]int // by letters and digits alone; -1 for several
	used    []bool
	faults  []Fault
}

func (h *headerReader) fault(column, format string, args ...any) {
	h.faults = append(h.faults, Fault{Row: 1, Column: column, Message: fmt.Sprintf(format, args...)})
}

// plainName is a heading in small letters; a no-break space or a line break in it
// is a space.
func plainName(s string) string {
	words := strings.FieldsFunc(cell(s), func(r rune) bool { return unicode.IsSpace(r) && r != '\t' })
	return strings.ToLower(strings.TrimSpace(strings.Join(words, " ")))
}

// looseName is what is the same of CARE CONTACT DATE and care_contact_date.
func looseName(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(cell(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " "))
}

// unnamed returns the columns at the end that have no name: spreadsheets leave such
// columns, and nothing in them. What is added to a copy of rejected rows stands behind
// them. With "*" ignored no column needs a name.
func (h *headerReader) unnamed(header []string) (places []int) {
	if slices.Contains(h.mapping.Ignore, "*") {
		return nil
	}
	for i := len(header) - 1; i >= 0; i-- {
		switch plainName(header[i]) {
		case "":
			h.used[i] = true
			places = append(places, i)
		case rejectedColumn:
		default:
			return places
		}
	}
	return places
}

// index notes where each column stands.
func (h *headerReader) index(header []string) {
	for i, name := range header {
		switch first, twice := h.place[plainName(name)]; {
		case plainName(name) == "" && (h.used[i] || slices.Contains(h.mapping.Ignore, "*")):
		case plainName(name) == "":
			h.fault("", "column %d has no name: name it, or take the column out", i+1)
			h.used[i] = true
		case plainName(name) == rejectedColumn: // of an earlier attempt
			h.used[i] = true
		case twice:
			h.fault(strings.TrimSpace(name), "stands here twice, as columns %d and %d: take one of them out", first+1, i+1)
			h.used[i] = true
		default:
			h.place[plainName(name)] = i
			if _, twice := h.loose[looseName(name)]; twice {
				i = -1
			}
			h.loose[looseName(name)] = i
		}
	}
}

// at returns where a column that a mapping names stands.
func (h *headerReader) at(name string) (at int, found bool) {
	if at, found = h.place[plainName(name)]; !found {
		at, found = h.loose[looseName(name)]
	}
	return at, found && at >= 0
}

// find gives every column of Doorstep's its source.
func (h *headerReader) find(p *plan) {
	for i, name := range h.table.columns {
		s := &p.sources[i]
		p.shown[i], s.suffix = name, h.mapping.Suffixes[name]
		theirs, mapped := h.mapping.Columns[name]
		if values := h.mapping.Values[name]; len(values) > 0 {
			s.codes = newCodes(name, values, max(1, len(theirs)))
		}
		if constant, ok := h.mapping.Constants[name]; ok {
			s.known, s.constant = true, constant
			continue
		}
		if !mapped {
			if at, ok := h.place[name]; ok {
				s.known, s.from = true, [][]int{{at}}
				h.used[at] = true
			}
			continue
		}
		var found []string
		for _, their := range theirs {
			names, places := h.headings(their)
			if s.known = true; len(places) == 0 { // one fault is enough
				h.fault(their.String(), "is missing, and the mapping reads %s from it: check that this is the right file and mapping", name)
				continue
			}
			found = append(found, names)
			s.from = append(s.from, places)
		}
		if shown := strings.Join(found, codeJoint); plainName(shown) != name {
			p.shown[i] = shown + " (" + name + ")"
		}
	}
}

// headings finds those of a column's names that the file has.
func (h *headerReader) headings(of Heading) (names string, places []int) {
	var found []string
	for _, name := range of.AnyOf {
		if at, ok := h.at(name); ok {
			found, places = append(found, name), append(places, at)
			h.used[at] = true
		}
	}
	return strings.Join(found, " or "), places
}

// skips finds the columns by which rows are left out.
func (h *headerReader) skips(p *plan) {
	for _, name := range sortedKeys(h.mapping.Skip) {
		at, ok := h.at(name)
		if !ok {
			h.fault(name, "is missing, and the mapping leaves out rows by it: check that this is the right file and mapping")
			continue
		}
		rule := skipRule{from: at}
		for _, value := range h.mapping.Skip[name] {
			rule.values = append(rule.values, splitCode(value, 1)[0])
		}
		p.skip = append(p.skip, rule)
		h.used[at] = true
	}
}

// leftOver finds the columns that nothing reads.
func (h *headerReader) leftOver(header []string) {
	ignored := map[string]bool{}
	for _, name := range h.mapping.Ignore {
		ignored[plainName(name)] = true
	}
	if ignored["*"] {
		return
	}
	for i, name := range header {
		if h.used[i] || ignored[plainName(name)] {
			continue
		}
		name = strings.TrimSpace(name)
		h.fault(pathway.Shorten(name), "is not a column of %s%s: correct it, take it out, or import with a mapping that ignores it", h.of, pathway.DidYouMean(name, h.table.columns))
	}
}

// required finds the columns that have to be there, and where they are not, a
// file that is of another sort or has another delimiter.
func (h *headerReader) required(p *plan) {
	var missing []string
	for _, name := range h.table.required {
		if !p.sources[slices.Index(h.table.columns, name)].known {
			missing = append(missing, name)
		}
	}
	none := !slices.ContainsFunc(p.sources[:], func(s source) bool { return len(s.from) > 0 })
	if len(missing) == 0 && !none {
		return
	}
	other, delimiter := h.otherSort(), h.otherDelimiter()
	p.another = other != "" || delimiter != ""
	switch {
	case other != "":
		h.only("this is a file of %s, not of %s: import it as %s", other, h.of, other)
	case delimiter != "":
		h.only("%s", delimiter)
	case none:
		// Perhaps no header at all, but the first of the rows: not to be repeated.
		h.only("the first line names no column of %s: it should name the columns, such as %s", h.of, strings.Join(h.expected(), ", "))
	default:
		h.fault("", "the header lacks %s: the first line of the file names the columns, and %s need %s", strings.Join(missing, ", "), h.of, strings.Join(h.table.required, ", "))
	}
}

// only puts one fault in place of all others, which follow from it.
func (h *headerReader) only(format string, args ...any) {
	h.faults = nil
	h.fault("", format, args...)
}

// otherSort returns the sort of file that this is instead, where it has all the
// columns of one.
func (h *headerReader) otherSort() string {
	for _, of := range []string{People, Cases, Events} {
		lacks := func(name string) bool { _, ok := h.place[name]; return !ok }
		if of != h.of && !slices.ContainsFunc(tables[of].required, lacks) {
			return of
		}
	}
	return ""
}

// otherDelimiter says so where the header looks divided by another character.
func (h *headerReader) otherDelimiter() string {
	if len(h.place) != 1 || h.mapping.comma() != ',' {
		return ""
	}
	for only := range h.place {
		for _, d := range []struct{ mark, name, delimiter string }{{";", "semicolons", "semicolon"}, {"\t", "tabs", "tab"}, {"|", "bars", "pipe"}} {
			if strings.Contains(only, d.mark) {
				return fmt.Sprintf("the columns are separated by %s: save the file with commas, or import it with a mapping that says \"delimiter: %s\"", d.name, d.delimiter)
			}
		}
	}
	return ""
}

// expected are the columns that the file has to have, by its own names for them.
func (h *headerReader) expected() []string {
	var names []string
	for _, name := range h.table.required {
		if theirs, mapped := h.mapping.Columns[name]; mapped {
			for _, their := range theirs {
				names = append(names, their.String())
			}
		} else if _, constant := h.mapping.Constants[name]; !constant {
			names = append(names, name)
		}
	}
	return names
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// value returns a column's value in a row, without the spaces around it; empty
// where the file has no such column. A code that is not listed stands as it is.
func (p *plan) value(record []string, c column) string {
	s := &p.sources[c]
	if s.codes != nil {
		values := p.values(record, c)
		if word, listed := s.codes.meaning(values); listed {
			return word
		}
		return strings.TrimSpace(strings.Join(values, " "))
	}
	switch {
	case len(s.from) == 1 && len(s.from[0]) == 1:
		return cell(record[s.from[0][0]])
	case len(s.from) == 0:
		return s.constant
	}
	return joined(record, s.from)
}

// joined returns what stands in several columns, with a space between.
func joined(record []string, from [][]int) (text string) {
	for _, names := range from {
		if part := firstFilled(record, names); part != "" && text != "" {
			text += " " + part
		} else {
			text += part
		}
	}
	return text
}

// values returns what each of the file's columns holds that a column is joined
// from, the empty too.
func (p *plan) values(record []string, c column) []string {
	s := &p.sources[c]
	if len(s.from) == 0 {
		return []string{s.constant}
	}
	values := make([]string, len(s.from))
	for i, names := range s.from {
		values[i] = firstFilled(record, names)
	}
	return values
}

// firstFilled returns the first of a column's names under which a row has a value.
func firstFilled(record []string, names []int) string {
	for _, at := range names {
		if value := cell(record[at]); value != "" {
			return value
		}
	}
	return ""
}

// cell is a value without the spaces around it, the marks in it that nobody sees, and the
// apostrophe that keeps a spreadsheet from taking it for a formula; a no-break space is a
// space.
func cell(value string) string {
	value = strings.TrimSpace(pathway.Cleaned(value))
	if strings.HasPrefix(value, "'") {
		value = strings.TrimSpace(unmarked(value))
	}
	return value
}

// leavesOut reports whether the mapping leaves the row out.
func (p *plan) leavesOut(record []string) bool {
	for _, rule := range p.skip {
		value := strings.ToLower(cell(record[rule.from]))
		if slices.ContainsFunc(rule.values, func(p codePart) bool { return p.matches(value) }) {
			return true
		}
	}
	for c := range p.table.columns {
		if codes := p.sources[c].codes; codes != nil && codes.leavesIt && p.value(record, column(c)) == codeLeaveOut {
			return true
		}
	}
	return false
}
