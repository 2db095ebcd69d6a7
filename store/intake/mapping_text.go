package intake

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"example.org/doorstep/pathway"
)

// WriteText writes a mapping, which has the given name, as people read it.
func (m *Mapping) WriteText(out io.Writer, name string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\nreads %s\n\n", name, m.Title, m.For)
	for _, column := range slices.Sorted(maps.Keys(m.Columns)) {
		var from []string
		for _, heading := range m.Columns[column] {
			from = append(from, heading.String())
		}
		fmt.Fprintf(w, "%s\tfrom %s\n", column, strings.Join(from, " + "))
	}
	for _, column := range slices.Sorted(maps.Keys(m.Constants)) {
		fmt.Fprintf(w, "%s\talways %s\n", column, m.Constants[column])
	}
	for _, column := range slices.Sorted(maps.Keys(m.Values)) {
		fmt.Fprintf(w, "\n%s means\n", column)
		for _, code := range slices.Sorted(maps.Keys(m.Values[column])) {
			fmt.Fprintf(w, "  %s\t%s\n", code, m.Values[column][code])
		}
	}
	for _, column := range slices.Sorted(maps.Keys(m.Skip)) {
		fmt.Fprintf(w, "\nrows are left out where %s is %s\n", column, pathway.OneOf(m.Skip[column]))
	}
	for _, column := range slices.Sorted(maps.Keys(m.Suffixes)) {
		fmt.Fprintf(w, "\n%s is the file's own with %s behind it\n", column, m.Suffixes[column])
	}
	if !m.NoOlderThan.IsZero() {
		fmt.Fprintf(w, "\nrows are left out whose case was opened more than %s ago\n", m.NoOlderThan)
	}
	if m.Restarts {
		fmt.Fprintln(w, "\na row without an end ended when the next of the same case began")
	}
	if len(m.Dates) > 0 {
		fmt.Fprintf(w, "\ndates are written %s, or 2026-12-24 16:00\n", strings.Join(m.Dates, ", "))
	}
	switch {
	case slices.Contains(m.Ignore, "*"):
		fmt.Fprintln(w, "\nevery other column is passed over")
	case len(m.Ignore) > 0:
		fmt.Fprintf(w, "\npassed over: %s\n", strings.Join(m.Ignore, ", "))
	}
	return w.Flush()
}
