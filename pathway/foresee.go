package pathway

import "time"

// Foresight is what would become of a case if more had happened.
type Foresight struct {
	Before, After Standing
	Duties        []ForeseenDuty // what would become of them, in the order of DutySteps
	Paper         []PaperItem    // what the events would call for on paper
}

// ForeseenDuty is what would become of one duty.
type ForeseenDuty struct {
	Becoming
	Was  time.Time // when it was due before; zero for a new one
	Duty           // as it would stand; of one that no event would call for any more, as it stands
}

// Step is the duty as DutySteps would name it.
func (d *ForeseenDuty) Step() DutyStep {
	return DutyStep{Becoming: d.Becoming, Duty: d.ID, Opening: d.Opening, Was: d.Was}
}

// Foresee works out what recording more events on a case at now would change, and changes
// nothing. It is a pure function, as Derive is. Without tables nothing is called for on
// paper.
func Foresee(rules *Rules, tables *PaperTables, c *Case, events, more []Event, now time.Time) (*Foresight, error) {
	before, err := Derive(rules, c, events)
	if err != nil {
		return nil, err
	}
	all := append(events[:len(events):len(events)], more...)
	after, err := Derive(rules, c, all)
	if err != nil {
		return nil, err
	}
	f := &Foresight{Before: before.Standing, After: after.Standing}
	type key struct{ duty, opening string }
	old := map[key]*Duty{}
	for i := range before.Duties {
		old[key{before.Duties[i].ID, before.Duties[i].Opening}] = &before.Duties[i]
	}
	for i := range after.Duties {
		d := &after.Duties[i]
		var kept *KeptDuty
		foreseen := ForeseenDuty{Duty: *d}
		if was := old[key{d.ID, d.Opening}]; was != nil {
			kept = &KeptDuty{Duty: was.ID, Opening: was.Opening, State: was.KeptState(), Due: was.Due}
			foreseen.Was = was.Due
			delete(old, key{d.ID, d.Opening})
		}
		if foreseen.Becoming = became(kept, d, now); foreseen.Becoming != (Becoming{}) {
			foreseen.Why = d.Explain(rules.Calendar)
			f.Duties = append(f.Duties, foreseen)
		}
	}
	for i := range before.Duties {
		d := &before.Duties[i]
		if old[key{d.ID, d.Opening}] != nil && d.KeptState() != Ended && !d.Opened.After(now) {
			f.Duties = append(f.Duties, ForeseenDuty{Becoming: Becoming{Ended: true}, Was: d.Due, Duty: *d})
		}
	}
	if tables != nil {
		f.Paper, err = tables.CalledFor(rules, c, all, more)
	}
	return f, err
}
