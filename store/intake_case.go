package store

import "example.org/doorstep/pathway"

// caseWork is the rows about one case, and what follows from them.
type caseWork struct{ pathway.Recording }

// unpackCaseWork reads the rows of one case that were set aside.
func unpackCaseWork(rows []spooledRow) (*caseWork, error) {
	w := newCaseWork(rows[0].ref, pathway.WayFile)
	for i := range rows {
		r := &rows[i]
		switch {
		case r.what == spooledCase && len(r.data) == 0:
			w.BadCase = true
		case r.what == spooledCase:
			c, given, err := unpackCase(r.data)
			if err != nil {
				return nil, err
			}
			w.Cases = append(w.Cases, pathway.CaseRow{Row: int(r.row), Case: c, Given: given, Doubtful: given&doubtful != 0})
		default:
			if w.Events == nil {
				w.Events = make([]pathway.EventRow, 0, len(rows)-i)
			}
			e, given, err := unpackEvent(r.ref, r.data)
			if err != nil {
				return nil, err
			}
			w.Events = append(w.Events, pathway.EventRow{Row: int(r.row), Event: e, Given: given, Doubtful: given&doubtful != 0})
		}
	}
	return w, nil
}

// again is the work as it was before it was worked out.
func (w *caseWork) again() pathway.Recording {
	return pathway.Recording{Ref: w.Ref, Way: w.Way, Digest: w.Digest, DigestOfCase: w.DigestOfCase, Cases: w.Cases, Events: w.Events, BadCase: w.BadCase, TooMany: w.TooMany, Roles: w.Roles}
}

func newCaseWork(ref, way string) *caseWork {
	return &caseWork{Recording: pathway.Recording{Ref: ref, Way: way, Digest: digestOfDuty, DigestOfCase: digestOfCase}}
}

func digestOfCase(c *pathway.Case) int64 { return digestOf(c, (*packer).listed) }
func digestOfDuty(d *pathway.Duty) int64 { return digestOf(d, (*packer).duty) }
