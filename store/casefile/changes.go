package casefile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
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

// staff are the ids of the members of staff that the change names.
func (c *Change) staff() []string {
	if slices.Contains(ofStaff, c.Field) {
		return []string{c.Who, c.Old, c.New}
	}
	return []string{c.Who}
}

// ofStaff are the fields that hold somebody's id.
var ofStaff = []string{"practitioner", "manager", "chair", "reports_to", "cover"}

// What says what changed: team from "East" to "West".
func (c *Change) What(names pathway.StaffNames) string {
	old, now := c.Old, c.New
	if slices.Contains(ofStaff, c.Field) {
		old, now = names.Of(old), names.Of(now)
	}
	switch {
	case old == "":
		return fmt.Sprintf("%s set to %s", c.Field, quotedLine(now))
	case now == "":
		return fmt.Sprintf("%s emptied, it was %s", c.Field, quotedLine(old))
	}
	return fmt.Sprintf("%s from %s to %s", c.Field, quotedLine(old), quotedLine(now))
}

// quotedLine is a value, the lines of an address too, as one line.
func quotedLine(value string) string {
	return fmt.Sprintf("%q", strings.ReplaceAll(value, "\n", ", "))
}

// Source says where the change came from: cases.csv, by W1. It is empty where nobody
// knows.
func (c *Change) Source(names pathway.StaffNames) string {
	var parts []string
	if c.File != "" {
		parts = append(parts, "from "+quotedLine(c.File))
	}
	if c.Who != "" {
		parts = append(parts, "by "+names.Of(c.Who))
	}
	return strings.Join(parts, ", ")
}
