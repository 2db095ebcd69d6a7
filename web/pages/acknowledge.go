package pages

import (
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// acknowledge takes down that somebody knows of a duty that is overdue, as ACK by text
// does: what is said again is not said to them for a while, and nothing else changes.
func (a *app) acknowledge(v *visit) error {
	f, on, err := v.open(pathway.Action{Do: pathway.DeedLook})
	if err != nil {
		return err
	}
	action := pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindAcknowledged}
	if may, why := pathway.May(v.who, action, on); !may {
		return v.refuse(f.Case.Ref, action, string(why))
	}
	id, duty := v.r.PostForm.Get("event_id"), v.r.PathValue("duty")
	if id == "" || !isOverdue(f, duty) {
		return pathway.NewProblem(pathway.Conflict, "nothing by that name is overdue on %s any more: look at the case again", f.Case.Ref)
	}
	if err := v.audit(f.Case.Ref, string(pathway.DeedRecord), pathway.KindAcknowledged, ""); err != nil {
		return err
	}
	e := v.event(f.Case.Ref, id, pathway.KindAcknowledged, v.now.Truncate(time.Millisecond))
	e.Value = duty
	if _, err := v.Store.Record(v.ctx(), v.now, v.person.ID, []pathway.Event{e}, store.RecordOptions{Rules: v.Rules, Way: pathway.WayPage}); err != nil {
		return err
	}
	return v.goToSaved(f.Case.Ref, id)
}

func isOverdue(f *casefile.File, duty string) bool {
	for i := range f.Duties {
		if d := &f.Duties[i]; d.DutyID() == duty && d.State == pathway.Overdue {
			return true
		}
	}
	return false
}
