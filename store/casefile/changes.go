package casefile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Change is what became another of the case itself, of how its family is written to as
// well, or of a member of staff.
type Change struct{ store.Change }

// Staff is what is kept of one member of staff.
type Staff struct {
	pathway.Person
	Changes []Change           // since they became known, in order of time
	Names   pathway.StaffNames // of those in it
}

// ReadStaff reads what is kept of a member of staff. For somebody whom there is not, the
// error is a pathway.Problem.
func ReadStaff(ctx context.Context, db *store.Store, id string) (*Staff, error) {
	p, err := db.Person(ctx, id)
	if err != nil {
		return nil, err
	}
	changes, err := db.ChangesOfPerson(ctx, id)
	if err != nil {
		return nil, err
	}
	s := &Staff{Person: *p}
	ids := []string{id}
	for i := range changes {
		s.Changes = append(s.Changes, Change{changes[i]})
		ids = append(ids, s.Changes[i].staff()...)
	}
	s.Names, err = db.StaffNames(ctx, ids)
	return s, err
}

func (f *File) addChanges(changes []store.Change) {
	for i := range changes {
		f.Changes = append(f.Changes, Change{changes[i]})
	}
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
