package notify

// eachStaff calls do with every staff id of m that is there.
func (m *Message) eachStaff(do func(id *string)) {
	visit := func(ids ...*string) {
		for _, id := range ids {
			if *id != "" {
				do(id)
			}
		}
	}
	for i := range m.Reminders {
		r := &m.Reminders[i]
		visit(&r.OwnerID, &r.CoverFor, &r.Unreached, &r.SetBy)
	}
	if m.Digest != nil {
		for i := range m.Digest.Sections {
			lines := m.Digest.Sections[i].Lines
			for k := range lines {
				lines[k].eachStaff(visit)
			}
		}
	}
	if a := m.Alert; a != nil {
		visit(&a.By)
		for i := range a.People {
			visit(&a.People[i])
		}
	}
}

func (l *DigestLine) eachStaff(visit func(ids ...*string)) {
	visit(&l.Practitioner)
	if l.Absence != nil {
		visit(&l.Absence.Cover)
	}
	if u := l.Undelivered; u != nil {
		visit(&u.Person)
		for i := range u.Instead {
			visit(&u.Instead[i].Person)
		}
	}
}

// StaffIDs returns the ids of the members of staff that m names, each once or more.
func (m *Message) StaffIDs() (ids []string) {
	m.eachStaff(func(id *string) { ids = append(ids, *id) })
	return ids
}

// name puts in place of every staff id of m what people call them. m is a copy that
// cleaned has made.
func (m *Message) name() {
	if len(m.Staff) > 0 {
		m.eachStaff(func(id *string) { *id = clean(m.Staff.Of(*id)) })
	}
}
