package pages

import (
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// acknowledge takes down that somebody knows of a duty that is overdue, as ACK by text
// does: what is said again is not said to them for a while, and nothing else changes. Said
// again in that while it is what was said before.
func (a *app) acknowledge(v *visit) error {
	a.acknowledging.Lock() // two clicks at once: the second finds what the first has said
	defer a.acknowledging.Unlock()
	v.now = a.Now() // it may have waited
	f, on, err := v.open(pathway.Action{Do: pathway.DeedLook})
	if err != nil {
		return err
	}
	action := pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindAcknowledged}
	if may, why := pathway.May(v.who, action, on); !may {
		return v.refuse(f.Case.Ref, action, string(why))
	}
	id, duty := v.r.PostForm.Get("event_id"), overdueDuty(f, v.r.PathValue("duty"))
	if duty == nil {
		return pathway.NewProblem(pathway.Conflict, "nothing by that name is overdue on %s any more: look at the case again", f.Case.Ref)
	}
	if known := v.knowsOf(f, duty); known != nil {
		return v.goToSaved(f.Case.Ref, known.ID)
	}
	if err := v.audit(f.Case.Ref, string(pathway.DeedRecord), pathway.KindAcknowledged, ""); err != nil {
		return err
	}
	e := v.event(f.Case.Ref, id, pathway.KindAcknowledged, v.now.Truncate(time.Millisecond))
	e.Value = duty.DutyID()
	if _, err := v.Store.Record(v.ctx(), v.now, v.person.ID, []pathway.Event{e}, store.RecordOptions{Rules: v.Rules, Way: pathway.WayPage}); err != nil {
		return err
	}
	return v.goToSaved(f.Case.Ref, id)
}

func overdueDuty(f *casefile.File, id string) *casefile.Duty {
	for i := range f.Duties {
		if d := &f.Duties[i]; d.DutyID() == id && d.State == pathway.Overdue {
			return d
		}
	}
	return nil
}

// knowsOf is with what whoever is signed in has said that they know of a duty, as long as
// that lasts; nil: they have not.
func (v *visit) knowsOf(f *casefile.File, d *casefile.Duty) *casefile.Event {
	for i := range f.Events {
		e := &f.Events[i]
		if e.Kind == pathway.KindAcknowledged && e.Value == d.DutyID() && e.By == v.person.ID && !e.Voided &&
			!e.At.Before(d.Opened) && !e.At.After(v.now) && v.now.Sub(e.At) < v.AcknowledgementLasts {
			return e
		}
	}
	return nil
}
