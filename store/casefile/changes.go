package casefile

import (
	"context"
	"fmt"
	"strings"

	"example.org/doorstep/store"
)

// Change is what became another of the case itself: of how its family is written to
// as well.
type Change struct{ store.Change }

func (f *File) addChanges(ctx context.Context, db *store.Store) error {
	changes, err := db.ChangesOfCase(ctx, f.Case.Ref)
	for i := range changes {
		f.Changes = append(f.Changes, Change{changes[i]})
	}
	return err
}

// What says what changed: team from "East" to "West".
func (c *Change) What() string {
	switch {
	case c.Old == "":
		return fmt.Sprintf("%s set to %s", c.Field, quotedLine(c.New))
	case c.New == "":
		return fmt.Sprintf("%s emptied, it was %s", c.Field, quotedLine(c.Old))
	}
	return fmt.Sprintf("%s from %s to %s", c.Field, quotedLine(c.Old), quotedLine(c.New))
}

// quotedLine is a value, the lines of an address too, as one line.
func quotedLine(value string) string {
	return fmt.Sprintf("%q", strings.ReplaceAll(value, "\n", ", "))
}

// Source says where the change came from: cases.csv, by W1. It is empty where nobody
// knows.
func (c *Change) Source() string {
	var parts []string
	if c.File != "" {
		parts = append(parts, "from "+quotedLine(c.File))
	}
	if c.Who != "" {
		parts = append(parts, "by "+c.Who)
	}
	return strings.Join(parts, ", ")
}
