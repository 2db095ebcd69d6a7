package intake

import (
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
	// File is where the mapping stands, where the configuration only names its file.
	File  string `yaml:"-"`
	Title string `yaml:"title"`
	For   string `yaml:"for" choices:"people cases events"`
	// Delimiter stands between the values: a comma unless it says otherwise.
	Delimiter string `yaml:"delimiter" choices:"comma semicolon tab pipe"`
	// Columns names, for a column of Doorstep's, the file's own. Several are
	// read together: a date and a time, an outcome and a place.
	Columns map[string][]Heading `yaml:"columns"`
	// Ignore lists columns to pass over; "*" stands for every other.
	Ignore []string `yaml:"ignore"`
	// Skip lists, for a column of the file, the values whose rows are left out, written
	// as the codes of Values are.
	Skip map[string][]string `yaml:"skip"`
	// Values says, for a column of Doorstep's, what the file's codes mean. One
	// that ends in * stands for every value that begins so; the closest wins. Of
	// columns that are read together each has a part, with " + " between and
	// "(empty)" for one that is empty. What means "(leave out)" is passed over. A
	// value that is not listed means itself, but never what happened: a kind that
	// is not listed is a fault.
	Values map[string]map[string]string `yaml:"values"`
	// Dates are the formats of the file's dates, as in DD/MM/YYYY HH:mm, besides
	// Doorstep's own.
	Dates []string `yaml:"dates"`
	// ByName lists the columns in which the file gives a person's name for an id.
	ByName []string `yaml:"by_name"`
	// Periods says that a case has a row for each time it was open.
	Periods bool `yaml:"periods"`
	// Restarts says of such rows that one without an end ended when the next began.
	Restarts bool `yaml:"restarts"`
	// Suffixes are put behind references, so that a list can be about cases of its own.
	Suffixes map[string]string `yaml:"suffixes"`
	// NoOlderThan leaves out the rows whose case was opened longer ago: of a list that
	// never says of a case that it is over.
	NoOlderThan pathway.Offset `yaml:"no_older_than"`
	// AlsoEvents are events of which a row of cases tells besides.
	AlsoEvents []AlsoEvent `yaml:"also_events"`
	// Constants are columns of Doorstep's that are the same for every row.
	Constants map[string]string `yaml:"constants"`
}

// Heading is a column of the file, under one of several names: in each row the
// first that is not empty counts. Written short, it is the name itself.
type Heading struct {
	AnyOf []string `yaml:"any_of"`
}

// ReadScalar reads a heading that is written as one word.
func (h *Heading) ReadScalar(text string) error {
	h.AnyOf = []string{text}
	return nil
}

func (h Heading) String() string { return strings.Join(h.AnyOf, " or ") }

// Headings are columns that each have one name.
func Headings(names ...string) []Heading {
	list := make([]Heading, len(names))
	for i, name := range names {
		list[i].AnyOf = []string{name}
	}
	return list
}

// ReadScalar reads the name of the file in which a mapping stands.
func (m *Mapping) ReadScalar(text string) error {
	m.File = text
	return nil
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
			fault(key+"."+column, "is not a column of %s%s: the columns are %s", m.For, pathway.DidYouMean(column, t.columns), strings.Join(t.columns, ", "))
		}
	}
	for _, column := range slices.Sorted(maps.Keys(m.Columns)) {
		known("columns", column)
		if len(m.Columns[column]) == 0 || slices.ContainsFunc(m.Columns[column], Heading.empty) {
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
		m.checkValues(column, fault)
	}
	m.checkSkip(fault)
	m.checkCases(fault)
	var layouts []layout
	for i, written := range m.Dates {
		key := fmt.Sprintf("dates[%d]", i)
		l, err := parseLayout(written)
		if err != nil {
			fault(key, "%q %v", written, err)
			continue
		}
		for _, before := range layouts {
			if l.contradicts(before) {
				fault(key, "the same date would be another day in %s and in %s: keep the one that the file is written in", before.written, written)
			}
		}
		layouts = append(layouts, l)
	}
	return out
}

// checkValues checks what the mapping says of a column's codes: each is one line's.
func (m *Mapping) checkValues(column string, fault func(key, format string, args ...any)) {
	columns := max(1, len(m.Columns[column]))
	read := map[string]string{} // each code as it is compared
	for _, code := range slices.Sorted(maps.Keys(m.Values[column])) {
		key := "values." + column + "." + code
		m.checkCode(key, column, code, fault)
		same := comparedAs(code, columns)
		if before, twice := read[same]; twice && m.Values[column][before] != m.Values[column][code] {
			fault(key, "is the same code as %q, which means %s: keep one of the two", before, m.Values[column][before])
		}
		read[same] = code
	}
}

// checkSkip checks the values whose rows are left out.
func (m *Mapping) checkSkip(fault func(key, format string, args ...any)) {
	for _, column := range slices.Sorted(maps.Keys(m.Skip)) {
		for i, value := range m.Skip[column] {
			switch p := splitCode(value, 1)[0]; {
			case p.open && p.text == "":
				fault(fmt.Sprintf("skip.%s[%d]", column, i), "would leave out every row: name the values whose rows are meant")
			case strings.Contains(p.text, "*"):
				fault(fmt.Sprintf("skip.%s[%d]", column, i), starInside)
			}
		}
	}
}

// people are the columns that name people.
var people = []string{"practitioner", "manager", "chair", "by"}

// checkCases checks what a mapping says of names, of periods and of further events.
func (m *Mapping) checkCases(fault func(key, format string, args ...any)) {
	for i, column := range m.ByName {
		if !slices.Contains(people, column) || !slices.Contains(tables[m.For].columns, column) {
			fault(fmt.Sprintf("by_name[%d]", i), "%q is no column of %s that names somebody: use practitioner, manager or chair in cases, by in events", column, m.For)
		}
	}
	if m.For != Cases && m.Periods {
		fault("periods", "goes with cases only: take it out")
	}
	if m.Restarts && !m.Periods {
		fault("restarts", "goes with periods only: say periods: true as well, or take it out")
	}
	if m.For != Cases && !m.NoOlderThan.IsZero() {
		fault("no_older_than", "goes with cases only: take it out")
	}
	if o := m.NoOlderThan; !o.IsZero() && (o.N == 0 || o.Unit == pathway.Hours) {
		fault("no_older_than", "is no length of time in days: write it like 45 working days or 6 months")
	}
	for _, column := range slices.Sorted(maps.Keys(m.Suffixes)) {
		if column != "ref" && column != "case_ref" || !slices.Contains(tables[m.For].columns, column) {
			fault("suffixes."+column, "is no column of %s with the reference of a case: use ref in cases, case_ref in events", m.For)
		}
	}
	if m.For != Cases && len(m.AlsoEvents) > 0 {
		fault("also_events", "goes with cases only: take it out")
	}
	for i, event := range m.AlsoEvents {
		key := fmt.Sprintf("also_events[%d]", i)
		if len(event.At) == 0 || slices.ContainsFunc(event.At, Heading.empty) {
			fault(key+".at", "names no column of the file: say when it happened")
		}
		m.checkWord(key+".kind", "kind", event.Kind, fault)
	}
}

func (h Heading) empty() bool {
	return len(h.AnyOf) == 0 || slices.ContainsFunc(h.AnyOf, func(name string) bool { return strings.TrimSpace(name) == "" })
}

const starInside = "has a * before its end: it stands for the rest of a value, as in 3*"

// checkCode checks a line of the values.
func (m *Mapping) checkCode(key, column, written string, fault func(key, format string, args ...any)) {
	word := m.Values[column][written]
	if word != codeLeaveOut {
		m.checkWord(key, column, word, fault)
	}
	columns := max(1, len(m.Columns[column]))
	parts := splitCode(written, columns)
	if len(parts) > columns {
		fault(key, "has %d parts where %s is read from %s: give one for each, as in \"N + No reply\"", len(parts), column, pathway.Counted(columns, "column"))
	}
	saysNothing := true
	for _, part := range parts {
		if strings.Contains(part.text, "*") {
			fault(key, starInside)
		}
		saysNothing = saysNothing && part.text == ""
	}
	if saysNothing && column == "kind" && word == pathway.KindSeen {
		fault(key, "would take a child for seen of whom the file says nothing: name the code that says so")
	}
}

// checkWord checks that what a mapping puts into a column can stand there.
func (m *Mapping) checkWord(key, column, word string, fault func(key, format string, args ...any)) {
	var list []string
	switch column {
	case "role":
		list = pathway.Roles
	case "channel":
		list = pathway.Channels
	case "contact":
		list = pathway.Contacts
	case "plan":
		list = pathway.Plans
	case "safe_to_write":
		list = pathway.YesOrNo
	case "kind":
		if !slices.Contains(pathway.Kinds(), word) && (!pathway.IsShortName(word) || pathway.DidYouMean(word, pathway.Kinds()) != "") {
			fault(key, "%q is not a kind of event%s", word, pathway.DidYouMean(word, pathway.Kinds()))
		}
		return
	default:
		return
	}
	if word != "" && !slices.Contains(list, word) {
		fault(key, "%q is not known: use %s%s", word, pathway.OneOf(list), pathway.DidYouMean(word, list))
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
