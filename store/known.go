package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"example.org/doorstep/pathway"
)

// knowledge reads in a transaction what has to be known to work out what comes in.
type knowledge struct {
	tx      *sql.Tx
	dialect *dialect
}

// eachRow calls scan for the rows of a table with one of some keys.
func (k knowledge) eachRow(ctx context.Context, columns, from, key string, keys []string, scan func(*sql.Rows) error) error {
	isOne, argument := k.dialect.isAny(key, 1), k.dialect.listArgument(keys)
	if len(keys) == 1 { // as most of what somebody records: a list costs more than the answer
		isOne, argument = key+" = $1", keys[0]
	}
	return selectAll(ctx, k.tx, "SELECT "+columns+" FROM "+from+" WHERE "+isOne, argument, scan)
}

// lookUp adds to each of the works what is known of its case, unless its rows say nothing
// new. How the family is written to is looked up where a row may change it, and for paper,
// where that is asked for and an event may call for some.
func (k knowledge) lookUp(ctx context.Context, works []*caseWork, paper bool) error {
	listed := slices.ContainsFunc(works, func(w *caseWork) bool { return len(w.Cases) > 0 })
	if listed {
		some, unknown, err := k.saySomething(ctx, works)
		if err == nil {
			err = k.alike(ctx, unknown)
		}
		if works = some; err != nil || len(works) == 0 {
			return err
		}
	}
	found, err := k.cases(ctx, refsOf(works), listed)
	if err != nil {
		return err
	}
	if !listed && len(found) < len(works) {
		unknown := slices.DeleteFunc(slices.Clone(works), func(w *caseWork) bool { return found[w.Ref] != nil })
		if err := k.alike(ctx, unknown); err != nil {
			return err
		}
	}
	var more, calling []string
	var written []*pathway.Case
	for _, w := range works {
		if w.Known = found[w.Ref]; w.Known == nil || w.SaysNothingNew() {
			continue
		}
		more = append(more, w.Ref)
		if !paper || !w.CallsForPaper() {
			continue
		}
		written = append(written, &w.Known.Case.Case)
		if !listed {
			calling = append(calling, w.Ref)
		}
	}
	if len(more) > 0 {
		if err := k.histories(ctx, more, found); err != nil {
			return err
		}
	}
	if len(calling) > 0 {
		if err := k.details(ctx, calling, found); err != nil {
			return err
		}
	}
	return k.unsafeHouseholds(ctx, written)
}

// saySomething returns those of the works that may say something new of a case that is
// known, and those whose case is not. Of a list of all cases hardly any says something, and
// to find that out a case need not be read.
func (k knowledge) saySomething(ctx context.Context, works []*caseWork) (some, unknown []*caseWork, err error) {
	digests := make(map[string]int64, len(works))
	err = k.eachRow(ctx, "ref, listed_row", "cases", "ref", refsOf(works), func(rows *sql.Rows) error {
		var ref string
		var digest int64
		err := rows.Scan(&ref, &digest)
		digests[ref] = digest
		return err
	})
	for _, w := range works {
		switch digest, known := digests[w.Ref]; {
		case !known:
			unknown = append(unknown, w)
		case !w.SaysAllThatIsListed(digest):
			some = append(some, w)
		}
	}
	return some, unknown, err
}

// alike adds to each of the works, whose cases are not known, the one that is known by the
// same reference in capital or in small letters.
func (k knowledge) alike(ctx context.Context, works []*caseWork) error {
	written := map[string][]*caseWork{}
	for _, w := range works {
		for _, other := range pathway.OtherLetters(w.Ref) {
			written[other] = append(written[other], w)
		}
	}
	if len(written) == 0 {
		return nil
	}
	return k.eachRow(ctx, "ref", "cases", "ref", slices.Collect(maps.Keys(written)), func(rows *sql.Rows) error {
		var ref string
		err := rows.Scan(&ref)
		for _, w := range written[ref] {
			w.Alike = ref
		}
		return err
	})
}

// unsafeHouseholds says of cases whether another of the household is unsafe to write to.
func (k knowledge) unsafeHouseholds(ctx context.Context, cases []*pathway.Case) error {
	of := map[string][]*pathway.Case{}
	for _, c := range cases {
		if c.Household != "" {
			of[c.Household] = append(of[c.Household], c)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return k.eachRow(ctx, "household, ref", "cases", "now_unsafe = TRUE AND household <> '' AND household", slices.Collect(maps.Keys(of)), func(rows *sql.Rows) error {
		var household, ref string
		err := rows.Scan(&household, &ref)
		for _, c := range of[household] {
			if c.Ref != ref && (c.UnsafeHousehold == "" || ref < c.UnsafeHousehold) {
				c.UnsafeHousehold = ref
			}
		}
		return err
	})
}

// cases reads those of the cases that exist, by themselves, and with details how the
// families are written to.
func (k knowledge) cases(ctx context.Context, refs []string, details bool) (map[string]*pathway.Known, error) {
	found := make(map[string]*pathway.Known, len(refs))
	columns := caseColumns + ", " + caseNows
	if details {
		columns += ", " + caseDetails
	}
	return found, k.eachRow(ctx, columns, "cases", "ref", refs, func(rows *sql.Rows) error {
		c, err := scanCase(rows, details)
		if err == nil {
			found[c.Ref] = &pathway.Known{Case: (*pathway.KeptCase)(c)}
		}
		return err
	})
}

// histories adds what has happened on cases, and what that has come to.
func (k knowledge) histories(ctx context.Context, refs []string, found map[string]*pathway.Known) error {
	err := k.eachRow(ctx, eventColumns, "events", "case_ref", refs, func(rows *sql.Rows) error {
		e, err := scanEvent(rows)
		if f := found[e.Case]; f != nil {
			f.Events = append(f.Events, e)
		}
		return err
	})
	if err != nil {
		return err
	}
	err = k.eachRow(ctx, keptColumns, "duties", "case_ref", refs, func(rows *sql.Rows) error {
		ref, d, err := scanKept(rows)
		if f := found[ref]; f != nil {
			f.Duties = append(f.Duties, d)
		}
		return err
	})
	if err != nil {
		return err
	}
	return k.eachRow(ctx, flagColumns, "flags", "case_ref", refs, func(rows *sql.Rows) error {
		ref, flag, err := scanFlag(rows)
		if f := found[ref]; f != nil {
			f.Flags = append(f.Flags, flag)
		}
		return err
	})
}

// details adds how the families are written to.
func (k knowledge) details(ctx context.Context, refs []string, known map[string]*pathway.Known) error {
	return k.eachRow(ctx, "ref, "+caseDetails, "cases", "ref", refs, func(rows *sql.Rows) error {
		var ref, address string
		var c pathway.Case
		if err := rows.Scan(&ref, &c.Team, &c.Household, &c.Addressee, &address, &c.Postcode, &c.Phone, &c.Language, &c.LargePrint); err != nil {
			return err
		}
		of := &known[ref].Case.Case
		of.Team, of.Household, of.Addressee, of.Address = c.Team, c.Household, c.Addressee, splitList(address, lines)
		of.Postcode, of.Phone, of.Language, of.LargePrint = c.Postcode, c.Phone, c.Language, c.LargePrint
		return nil
	})
}

// roles returns the roles of everybody named in the works, empty for who is not known, and
// of those whose ids differ from theirs in capital and small letters only: the map that is
// given where it has them all, else a new one with what it lacked.
func (k knowledge) roles(ctx context.Context, works []*caseWork, known map[string]pathway.Role) (map[string]pathway.Role, error) {
	asked := map[string]bool{}
	for _, w := range works {
		w.People(func(id string) {
			if _, ok := known[id]; !ok && id != "" {
				asked[id] = true
			}
		})
	}
	if len(asked) == 0 {
		return known, nil
	}
	roles := make(map[string]pathway.Role, len(known)+len(asked))
	maps.Copy(roles, known)
	ids := slices.Collect(maps.Keys(asked))
	for id := range asked {
		ids = append(ids, pathway.OtherLetters(id)...)
	}
	err := k.eachRow(ctx, "id, role", "people", "id", ids, func(rows *sql.Rows) error {
		var id string
		var role pathway.Role
		err := rows.Scan(&id, &role)
		roles[id] = role
		return err
	})
	for id := range asked {
		if _, found := roles[id]; !found {
			roles[id] = "" // so that nobody asks again
		}
	}
	return roles, err
}

// share waits for an intake that has the tables to itself, and keeps the next one from
// taking them until the transaction ends. Whoever holds cases shares first: an intake
// that takes the tables then waits for nobody who waits for it.
func (k knowledge) share(ctx context.Context) error {
	if !k.dialect.postgres {
		return nil
	}
	_, err := k.tx.ExecContext(ctx, "LOCK TABLE duties IN ROW EXCLUSIVE MODE")
	return err
}

// hold keeps everybody else from changing cases until the transaction ends. Whoever
// holds several takes them in order of reference.
func (k knowledge) hold(ctx context.Context, works []*caseWork) error {
	if !k.dialect.postgres { // there is one writer
		return nil
	}
	lock := "SELECT ref FROM cases WHERE ref = ANY($1) ORDER BY ref FOR NO KEY UPDATE"
	return selectAll(ctx, k.tx, lock, refsOf(works), func(*sql.Rows) error { return nil })
}

// outdated returns those of the works whose cases others have changed since they were
// looked up.
func (k knowledge) outdated(ctx context.Context, works []*caseWork) (outdated []*caseWork, err error) {
	byRef := make(map[string]*caseWork, len(works))
	for _, w := range works {
		byRef[w.Ref] = w
	}
	columns := "ref, listed_row, (SELECT count(*) FROM events WHERE case_ref = ref)"
	err = k.eachRow(ctx, columns, "cases", "ref", refsOf(works), func(rows *sql.Rows) error {
		var ref string
		var digest int64
		var events int
		err := rows.Scan(&ref, &digest, &events)
		if w := byRef[ref]; w.Known == nil || w.Known.Case.Listed.Digest != digest || len(w.Known.Events) != events {
			outdated = append(outdated, w)
		}
		return err
	})
	return outdated, err
}

func refsOf(works []*caseWork) []string {
	refs := make([]string, len(works))
	for i, w := range works {
		refs[i] = w.Ref
	}
	return refs
}
