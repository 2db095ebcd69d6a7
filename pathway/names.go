package pathway

// StaffNames are the names of members of staff by their ids, as the people list has
// them. Families are never named by it. Names stand in what staff read; errors, logs and
// metrics have ids.
type StaffNames map[string]string

// NamesOf returns the names of people.
func NamesOf(people []Person) StaffNames {
	names := StaffNames{}
	for i := range people {
		names[people[i].ID] = people[i].Name
	}
	return names
}

// Of is what people call somebody: "Worker Two (P2)", and the id alone where no name is
// known.
func (n StaffNames) Of(id string) string {
	if name := n[id]; id != "" && name != "" && name != id {
		return name + " (" + id + ")"
	}
	return id
}
