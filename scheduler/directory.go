package scheduler

import (
	"example.org/doorstep/pathway"
)

// directory holds the people that one scan needs: those on the cases that are
// due, whoever covers for them, and the managers above them.
type directory struct {
	pathway.Directory
	asked map[string]bool
}

func newDirectory(dutyDesk func(team string) *pathway.Person) *directory {
	return &directory{
		Directory: pathway.Directory{People: map[string]*pathway.Person{}, DutyDesk: dutyDesk},
		asked:     map[string]bool{},
	}
}

// load adds the people of these ids that it does not know yet, and those they
// lead to.
func (d *directory) load(ids []string, fetch func(ids []string) ([]pathway.Person, error)) error {
	for len(ids) > 0 {
		var wanted []string
		for _, id := range ids {
			if id != "" && !d.asked[id] {
				d.asked[id] = true
				wanted = append(wanted, id)
			}
		}
		if len(wanted) == 0 {
			return nil
		}
		people, err := fetch(wanted)
		if err != nil {
			for _, id := range wanted { // to be asked again, and not taken for nobody
				delete(d.asked, id)
			}
			return err
		}
		ids = ids[:0:0]
		for i := range people {
			p := &people[i]
			d.People[p.ID] = p
			ids = append(ids, p.Cover, p.ReportsTo)
		}
	}
	return nil
}
