package store

import (
	"context"
	"time"

	"example.org/doorstep/pathway"
)

// WholeCase is one case with all that is kept about it, as it stood at one moment.
type WholeCase struct {
	CaseFile
	Reminders []CaseReminder    // who was told of its duties and who was not and why, in order of time
	Stopped   []ChannelState    // the channels by which no message goes
	Changes   []Change          // since it became known, in order of time; they hold how the family is written to
	Household []HouseholdCase   // the other cases of its household, in order of reference
	Siblings  []Sibling         // those of them that are open, as their duties stand at now
	Visits    []VisitTold       // who was told of visits by it, in order of time
	Prints    []Print           // what was queued for it, in order of queueing
	Postings  map[int64]Posting // of those that are posted, by the print's id
	Opened    []AuditEntry      // in emergencies of late, the newest first
}

// emergenciesKept is how long a case says that it was opened in an emergency.
const emergenciesKept = 30 * 24 * time.Hour

// WholeCase returns one case with all that is kept about it, or ErrNotFound.
func (s *Store) WholeCase(ctx context.Context, ref string, now time.Time) (*WholeCase, error) {
	w := WholeCase{Postings: map[int64]Posting{}}
	r := caseReading{ref: ref}
	err := s.askAll(ctx, append(r.questions(),
		asking(&w.Reminders, func(r row) (CaseReminder, error) { return scanCaseReminder(r) }, caseRemindersQuery, ref),
		asking(&w.Stopped, scanChannelState, stoppedChannels),
		asking(&w.Changes, scanChange, changesOf, ref, pathway.OfCases),
		asking(&w.Household, scanHousehold, household, ref),
		asking(&w.Siblings, scanSibling, siblings, ref, now.UnixMilli()),
		asking(&w.Visits, scanVisitTold, toldOfCase, ref),
		asking(&w.Prints, scanPrint, selectPrintsOfCase, ref),
		question{postingsOfCase, []any{ref}, func(rows row) error {
			p, err := scanPosting(rows)
			w.Postings[p.Item] = p
			return err
		}},
		asking(&w.Opened, scanAudit, emergencies, ref, now.Add(-emergenciesKept).UnixMilli()))...)
	file, err := r.file(err)
	if err != nil {
		return nil, err
	}
	w.CaseFile = *file
	return &w, nil
}
