package pathway

// MostRowsOfCase is how many rows about one case are taken in at once. A case has some
// hundred events in years; its rows are held in memory together, and nobody waits long
// for whoever derives them. What has been taken in before does not count: a long
// history can come in several files.
const MostRowsOfCase = 5000

// NumbersOfRows are the numbers of a case's rows, in order.
type NumbersOfRows struct{ Cases, Events []int }

// refuseTooMany refuses every row where there are too many: nobody can say which of
// them are right.
func (r *Recording) refuseTooMany() bool {
	many := r.TooMany
	if many == nil {
		if len(r.Cases)+len(r.Events) <= MostRowsOfCase {
			return false
		}
		many = &NumbersOfRows{}
		for i := range r.Cases {
			many.Cases = append(many.Cases, r.Cases[i].Row)
		}
		for i := range r.Events {
			many.Events = append(many.Events, r.Events[i].Row)
		}
	}
	n := len(many.Cases) + len(many.Events)
	refuse := func(of, column string, rows []int) {
		if len(rows) == 0 {
			return
		}
		r.fault(of, rows[0], column, "%d rows are about case %s, and at most %d of a case are taken in at once: this does not look like the record of a case; export it again, or hand it over in several files", n, r.Ref, MostRowsOfCase)
		r.Faults[len(r.Faults)-1].Others = rows[1:]
	}
	refuse(OfCases, "ref", many.Cases)
	refuse(OfEvents, "case_ref", many.Events)
	return true
}
