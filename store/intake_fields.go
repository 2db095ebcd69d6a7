package store

import (
	"context"
	"fmt"
	"strings"

	"example.org/doorstep/pathway"
)

// FieldCount is how many of the known cases or people got another value in a field.
type FieldCount struct {
	Of, Field string // pathway.OfCases or pathway.OfPeople
	Private   bool   // its values are told to nobody
	Changed   int    // the emptied among them
	Emptied   int
	Examples  []FieldExample // the first
}

// FieldExample is one of those changes.
type FieldExample struct{ Who, Old, New string }

// String says it in a line, with the first examples: "team: 2 changed (KN-1 from
// "East" to "West", …)".
func (f *FieldCount) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d changed", f.Field, f.Changed)
	if f.Emptied > 0 {
		fmt.Fprintf(&b, ", %d of them emptied", f.Emptied)
	}
	examples := make([]string, len(f.Examples))
	for i, e := range f.Examples {
		if examples[i] = e.Who; !f.Private {
			examples[i] += fmt.Sprintf(" from %q to %q", e.Old, e.New)
		}
	}
	if len(examples) < f.Changed {
		examples = append(examples, "…")
	}
	fmt.Fprintf(&b, " (%s)", strings.Join(examples, ", "))
	return b.String()
}

// mostExamples is how many changes of a field are told with their values.
const mostExamples = 3

// countFields adds what changed of one case or person.
func (r *IntakeResult) countFields(of, who string, changes []pathway.FieldChange) {
	for _, c := range changes {
		var f *FieldCount
		for i := range r.Fields {
			if r.Fields[i].Of == of && r.Fields[i].Field == c.Field {
				f = &r.Fields[i]
			}
		}
		if f == nil {
			r.Fields = append(r.Fields, FieldCount{Of: of, Field: c.Field, Private: c.Private})
			f = &r.Fields[len(r.Fields)-1]
		}
		if f.Changed++; c.New == "" {
			f.Emptied++
		}
		if len(f.Examples) < mostExamples {
			example := FieldExample{who, c.Old, c.New}
			if c.Private {
				example = FieldExample{Who: who}
			}
			f.Examples = append(f.Examples, example)
		}
	}
}

// A file that changes a field of more than so many, and of more than one in so many of
// all that are known, is taken for a mistake (FORMATS, "CSV").
const (
	mostChangedUnasked = 20
	partOfAll          = 10
)

// refuseMassChange says in the result why so large a change is not kept, where nobody
// has allowed it.
func (t *transaction) refuseMassChange(ctx context.Context) error {
	if !t.options.Guarded {
		return nil
	}
	var many []string
	for _, f := range t.result.Fields {
		if f.Changed <= mostChangedUnasked {
			continue
		}
		known := t.peopleKnown
		if f.Of == pathway.OfCases {
			var err error
			if known, err = t.casesKnown(ctx); err != nil {
				return err
			}
		}
		if f.Changed*partOfAll <= known {
			continue
		}
		what := fmt.Sprintf("change %s of %d of the %d %s known", f.Field, f.Changed, known, f.Of)
		if f.Emptied > 0 {
			what += fmt.Sprintf(", and empty it in %d of them", f.Emptied)
		}
		many = append(many, what)
	}
	if len(many) > 0 {
		t.result.MassChange = "this would " + strings.Join(many, "; ")
	}
	return nil
}

// casesKnown is how many cases there were before.
func (t *transaction) casesKnown(ctx context.Context) (n int, err error) {
	err = t.tx.QueryRowContext(ctx, "SELECT count(*) FROM cases").Scan(&n)
	if !t.options.DryRun && t.looking == nil { // they are among them by now
		n -= t.casesAdded
	}
	return n, err
}
