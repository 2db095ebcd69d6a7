package pathway

import (
	"slices"
	"time"
)

// takeOver has a duty that its rule has just opened take over those before it that the
// rule names.
func (d *derivation) takeOver(rule *DutyRule) {
	for i := range d.byRule {
		if of := &d.byRule[i]; slices.Contains(rule.TakesOver, of.rule.ID) {
			for _, place := range of.open {
				d.duties[place].TakenOver = true
			}
		}
	}
}

// resume lets go of the duties whose takers have all been met. at is when that was
// recorded: what passed before it is not said any more.
func (d *derivation) resume(at time.Time) {
	for i := range d.byRule {
		of := &d.byRule[i]
		for _, place := range of.open {
			if duty := &d.duties[place]; duty.TakenOver && !d.hasTaker(of.rule.ID, place) {
				duty.TakenOver, duty.Resumed = false, at
			}
		}
	}
}

// hasTaker reports whether a later duty that is open takes over the duty at a place.
func (d *derivation) hasTaker(id string, place int) bool {
	for i := range d.byRule {
		of := &d.byRule[i]
		if len(of.open) > 0 && of.open[len(of.open)-1] > place && slices.Contains(of.rule.TakesOver, id) {
			return true
		}
	}
	return false
}
