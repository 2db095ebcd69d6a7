package store

import (
	"context"
	"time"

	"example.org/doorstep/pathway"
)

// ChangePerson changes these fields of a member of staff as a row of a file would, by the
// same check: what changes is kept with who did it, and a change of address is told to
// the address before. What is wrong is in the faults, and nothing is changed then.
func (s *Store) ChangePerson(ctx context.Context, now time.Time, by string, rules *pathway.Rules, p pathway.Person, given pathway.Given) ([]pathway.RowFault, error) {
	in, err := s.NewIntake(ctx, rules, IntakeOptions{Now: now, Origin: Origin{Who: by}})
	if err != nil {
		return nil, err
	}
	defer in.Rollback()
	if err := in.AddPerson(1, p, given); err != nil {
		return nil, err
	}
	result, err := in.Commit(ctx)
	return result.Faults, err
}
