package intake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// Mapping says how to read a file that another system wrote: which of its columns
// is which of Doorstep's, and what its codes and dates mean. The zero Mapping
// reads Doorstep's own columns.
type Mapping struct {
	Title string `yaml:"title"`
	For   string `yaml:"for" choices:"people cases events"`
	// Delimiter stands between the values: a comma unless it says otherwise.
	Delimiter string `yaml:"delimiter" choices:"comma semicolon tab pipe"`
	// Columns names, for a column of Doorstep's, the file's own. Several are
	// joined with a space: a date and a time, an outcome and a place.
	Columns map[string][]string `yaml:"columns"`
	// Ignore lists columns to pass over; "*" stands for every other.
	Ignore []string `yaml:"ignore"`
	// Skip lists, for a column of the file, the values whose rows are left out.
	Skip map[string][]string `yaml:"skip"`
	// Values says, for a column of Doorstep's, what the file's codes mean. One
	// that ends in * stands for every value that begins so; the longest wins. A
	// value that is not listed means itself.
	Values map[string]map[string]string `yaml:"values"`
	// Dates are the formats of the file's dates, as in DD/MM/YYYY HH:mm, besides
	// Doorstep's own.
	Dates []string `yaml:"dates"`
	// Constants are columns of Doorstep's that are the same for every row.
	Constants map[string]string `yaml:"constants"`
}

// MappingFault is a mistake in a mapping.
type MappingFault struct {
	Key     string // as in "columns.at"
	Message string
}

// Check returns every mistake in the mapping.
func (m *Mapping) Check() []MappingFault {
	var out []MappingFault
	fault := func(key, format string, args ...any) {
		out = append(out, MappingFault{key, fmt.Sprintf(format, args...)})
	}
	t := tables[m.For]
	if t == nil {
		fault("for", "is missing: say what the file holds, people, cases or events")
		return out
	}
	known := func(key, column string) {
		if !slices.Contains(t.columns, column) {
			fault(key+"."+column, "is not a column of %s%s: the columns are %s", m.For, DidYouMean(column, t.columns), strings.Join(t.columns, ", "))
		}
	}
	for _, column := range slices.Sorted(maps.Keys(m.Columns)) {
		known("columns", column)
		if len(m.Columns[column]) == 0 || slices.Contains(m.Columns[column], "") {
			fault("columns."+column, "names no column of the file")
		}
		if _, twice := m.Constants[column]; twice {
			fault("constants."+column, "has a column in the file too: keep one of the two")
		}
	}
	for _, column := range slices.Sorted(maps.Keys(m.Constants)) {
		known("constants", column)
		m.checkWord("constants."+column, column, m.Constants[column], fault)
	}
	for _, column := range slices.Sorted(maps.Keys(m.Values)) {
		known("values", column)
		for _, code := range slices.Sorted(maps.Keys(m.Values[column])) {
			m.checkWord("values."+column+"."+code, column, m.Values[column][code], fault)
			if strings.Contains(strings.TrimSuffix(code, "*"), "*") {
				fault("values."+column+"."+code, "has a * before its end: it stands for the rest of a value, as in 3*")
			}
		}
	}
	for i, written := range m.Dates {
		if _, err := parseLayout(written); err != nil {
			fault(fmt.Sprintf("dates[%d]", i), "%q %v", written, err)
		}
	}
	return out
}

// checkWord checks that what a mapping puts into a column can stand there.
func (m *Mapping) checkWord(key, column, word string, fault func(key, format string, args ...any)) {
	var list []string
	switch column {
	case "role":
		list = roles
	case "channel":
		list = channels
	case "contact":
		list = Contacts
	case "plan":
		list = Plans
	case "safe_to_write":
		list = yesNo
	case "kind":
		if !slices.Contains(pathway.Kinds(), word) && (!isKebab(word) || DidYouMean(word, pathway.Kinds()) != "") {
			fault(key, "%q is not a kind of event%s", word, DidYouMean(word, pathway.Kinds()))
		}
		return
	default:
		return
	}
	if word != "" && !slices.Contains(list, word) {
		fault(key, "%q is not known: use %s%s", word, oneOf(list), DidYouMean(word, list))
	}
}

// comma is the character between values.
func (m *Mapping) comma() rune {
	switch m.Delimiter {
	case "semicolon":
		return ';'
	case "tab":
		return '\t'
	case "pipe":
		return '|'
	}
	return ','
}

// codes turn a file's codes for one column into Doorstep's words.
type codes struct {
	exact  map[string]string
	starts []start // longest first
}

// start is a code that ended in *.
type start struct{ with, word string }

func newCodes(values map[string]string) *codes {
	c := &codes{exact: map[string]string{}}
	for code, word := range values {
		code = strings.ToLower(code)
		if with, ok := strings.CutSuffix(code, "*"); ok {
			c.starts = append(c.starts, start{with, word})
		} else {
			c.exact[code] = word
		}
	}
	slices.SortFunc(c.starts, func(a, b start) int {
		return cmp.Or(len(b.with)-len(a.with), strings.Compare(a.with, b.with))
	})
	return c
}

// word returns what a code means; a code that is not listed means itself.
func (c *codes) word(code string) string {
	small := strings.ToLower(code)
	if word, ok := c.exact[small]; ok {
		return word
	}
	for _, s := range c.starts {
		if strings.HasPrefix(small, s.with) {
			return s.word
		}
	}
	return code
}
