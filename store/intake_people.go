package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.org/doorstep/pathway"
)

// mostPeople bounds the people of one intake, who are kept in memory.
const mostPeople = 200_000

// personRow is a row about a person.
type personRow struct {
	row int
	pathway.Person
	given pathway.Given
	bad   bool
	// doubtful rows are refused already: only those they name are looked at.
	doubtful bool
}

// takePeople takes in the rows about people.
func (t *transaction) takePeople(ctx context.Context) error {
	if len(t.people) == 0 {
		return nil
	}
	kept := map[string]*pathway.Person{}
	rows, err := t.tx.QueryContext(ctx, selectPeople)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scanPerson(rows)
		if err != nil {
			return err
		}
		kept[p.ID] = &p
	}
	if err := rows.Err(); err != nil {
		return err
	}

	t.peopleKnown = len(kept)
	people := append([]personRow(nil), t.people...)
	byID := map[string]*personRow{}
	inLetters := map[string]string{} // the ids, by themselves in small letters
	for id := range kept {
		inLetters[strings.ToLower(id)] = id
	}
	for i := range people {
		if !people[i].doubtful {
			t.checkPerson(&people[i], byID, kept, inLetters)
		}
	}
	t.checkReferences(people, byID, kept)
	added := t.writer.insert(ctx, "people", columnsOf("id", personColumns, "updated_at"))
	history := t.writer.insert(ctx, "changes", changesWritten)
	changed := t.writer.update(ctx, "people", columnsOf(personColumns, "updated_at", "id"))
	for i := range people {
		p := &people[i]
		old := kept[p.ID]
		switch {
		case p.bad:
		case byID[p.ID] != p: // the same row again
			t.result.Unchanged++
		case old == nil:
			t.result.Added++
			addPerson(added, &p.Person, t.now)
		case samePerson(old, &p.Person):
			t.result.Unchanged++
		default:
			t.result.Changed++
			changes := pathway.ChangesOfPerson(old, &p.Person, t.rules.Calendar.Location())
			t.result.countFields(pathway.OfPeople, p.ID, changes)
			addChanges(history, pathway.OfPeople, p.ID, t.now, t.options.Origin, changes)
			addChangedPerson(changed, &p.Person, t.now)
		}
	}
	if !t.keeping() {
		return nil
	}
	if err := errors.Join(added.flush(), changed.flush(), history.flush()); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return nil
}

// checkPerson checks a row, together with what is known, by itself and against the
// rows before it.
func (t *transaction) checkPerson(p *personRow, byID map[string]*personRow, kept map[string]*pathway.Person, inLetters map[string]string) {
	known := kept[p.ID]
	if first := byID[p.ID]; first != nil {
		known = &first.Person
	}
	p.Person = p.Completed(p.given, known)
	faults := t.check.Person(&p.Person, p.given)
	if first := byID[p.ID]; first != nil && !samePerson(&first.Person, &p.Person) {
		faults = append(faults, pathway.Fault{Column: "id",
			Message: fmt.Sprintf("row %d says something else about the same person: keep one of the two", first.row)})
	}
	small := strings.ToLower(p.ID)
	if alike := inLetters[small]; alike != "" && alike != p.ID && known == nil {
		faults = append(faults, pathway.Fault{Column: "id", Message: pathway.AlikeFault(alike)})
	}
	t.refuse(&t.result, pathway.RowsOf(pathway.OfPeople, p.row, faults))
	if p.bad = len(faults) > 0; !p.bad && byID[p.ID] == nil {
		byID[p.ID], inLetters[small] = p, p.ID
	}
}

// checkReferences checks that everybody named exists, in the rows or before. A
// row that is rejected takes those that name it with it.
func (t *transaction) checkReferences(people []personRow, byID map[string]*personRow, kept map[string]*pathway.Person) {
	known := func(id string) bool { return id == "" || byID[id] != nil || kept[id] != nil }
	for again := true; again; {
		again = false
		for i := range people {
			p := &people[i]
			if p.bad && !p.doubtful || known(p.ReportsTo) && known(p.Cover) {
				continue
			}
			var faults []pathway.Fault
			for _, reference := range []struct{ column, id string }{{"reports_to", p.ReportsTo}, {"cover", p.Cover}} {
				if !known(reference.id) {
					faults = append(faults, pathway.Fault{Column: reference.column,
						Message: fmt.Sprintf("nobody is known as %q: add them to the list, or correct the id", pathway.Shorten(reference.id))})
				}
			}
			t.refuse(&t.result, pathway.RowsOf(pathway.OfPeople, p.row, faults))
			p.bad, p.doubtful = true, false
			if byID[p.ID] == p {
				delete(byID, p.ID)
			}
			again = true
		}
	}
}

// samePerson reports whether two rows about a person say the same.
func samePerson(a, b *pathway.Person) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Role == b.Role && a.Team == b.Team && a.Email == b.Email &&
		a.Mobile == b.Mobile && a.Channel == b.Channel && a.ReportsTo == b.ReportsTo && a.Cover == b.Cover &&
		millis(a.ActiveFrom) == millis(b.ActiveFrom) && millis(a.ActiveUntil) == millis(b.ActiveUntil) &&
		millis(a.AwayFrom) == millis(b.AwayFrom) && millis(a.AwayUntil) == millis(b.AwayUntil)
}
