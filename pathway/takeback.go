package pathway

import (
	"slices"
	"strings"
	"time"
)

// TakeBack sets a field of a person back to what it was before it changed, as the history
// of changes keeps it.
func (p *Person) TakeBack(fieldName, old string) { takeBack(personFields, p, fieldName, old) }

// TakeBack sets a field of a case back to what it was before it changed, but for where the
// case stands: that follows from its events.
func (c *Case) TakeBack(fieldName, old string) {
	if fieldName != "closed_at" && !slices.Contains(namesOf(standingFields), fieldName) {
		takeBack(caseFields, c, fieldName, old)
	}
}

func takeBack[V any](fields []field[V], v *V, name, old string) {
	for i := range fields {
		if f := &fields[i]; f.name == name && f.set != nil {
			f.set(v, old)
		}
	}
}

// parsed is the time that a history of changes keeps as text; none where it keeps none.
func parsed(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// listOf is a list that a history of changes keeps as text.
func listOf(text, separator string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, separator)
}
