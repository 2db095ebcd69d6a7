package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// openedFor is for how long somebody can look at a case that they have opened in an
// emergency.
const openedFor = time.Hour

// openedInEmergency reports whether somebody has opened a case in an emergency, within the
// hour. That they have is on the audit trail, and nowhere else.
func (v *visit) openedInEmergency(ref string, a pathway.Action, on *pathway.AccessCase) (bool, error) {
	if !pathway.MayInEmergency(v.who, a, on) {
		return false, nil
	}
	since := v.now.Add(-openedFor)
	opened, err := v.Store.Emergencies(v.ctx(), ref, since)
	for _, e := range opened {
		if e.Who == v.person.ID && !e.At.After(v.now.Add(store.ClockTolerance)) { // not one by a clock that was ahead
			v.until = e.At.Add(openedFor)
			return true, err
		}
	}
	return false, err
}

// emergencySheet asks which case cannot wait, and why.
type emergencySheet struct {
	*form
}

// mayInEmergency reports whether somebody is one of those who can be let in for an hour.
func (v *visit) mayInEmergency() bool {
	return v.may(pathway.Action{Do: pathway.DeedBreakGlass}, &pathway.AccessCase{})
}

func (a *app) showEmergency(v *visit) error {
	if !v.mayInEmergency() {
		return errNotFound
	}
	filled, err := v.heldForm()
	if err != nil {
		return err
	}
	if filled == nil {
		filled = &form{values: v.r.URL.Query()}
	}
	return v.show(http.StatusOK, "emergency", emergencySheet{filled})
}

// saveEmergency opens a case that is somebody else's for an hour: its manager is told
// first, and the reason is on record. One that cannot be opened like that is one that
// there is not.
func (a *app) saveEmergency(v *visit) error {
	if !v.mayInEmergency() {
		return v.refuse("", pathway.Action{Do: pathway.DeedBreakGlass}, string(pathway.NotInRole))
	}
	s := emergencySheet{&form{values: v.r.PostForm}}
	ref, reason := strings.TrimSpace(s.Value("ref")), strings.TrimSpace(s.Value("reason"))
	if ref == "" {
		s.wrong("ref", "missing")
	}
	if reason == "" || len(reason) > longestReason {
		s.wrong("reason", "reason")
	}
	if len(s.Errors) > 0 {
		return v.show(http.StatusUnprocessableEntity, "emergency", s)
	}
	on, err := v.Store.AccessCase(v.ctx(), ref)
	if upper := strings.ToUpper(ref); errors.Is(err, store.ErrNotFound) && upper != ref { // as Find takes it
		ref = upper
		on, err = v.Store.AccessCase(v.ctx(), ref)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	action := pathway.Action{Do: pathway.DeedBreakGlass}
	if err != nil || !v.may(action, on) && !v.may(pathway.Action{Do: pathway.DeedLook}, on) {
		if err := v.refuse("", action, "no-such-case"); err != errNotFound {
			return err
		}
		s.wrong("ref", "no-such-case")
		return v.show(http.StatusNotFound, "emergency", s)
	}
	to := "/cases/" + url.PathEscape(ref)
	open, err := v.openedInEmergency(ref, pathway.Action{Do: pathway.DeedLook}, on)
	if err != nil || open || v.may(pathway.Action{Do: pathway.DeedLook}, on) {
		if err != nil {
			return err
		}
		return v.goTo(to)
	}
	if err := v.TellOpened(v.ctx(), v.now, ref, v.person.ID); err != nil {
		return err
	}
	if err := v.Store.AddAudit(v.ctx(), v.entry(ref, string(pathway.DeedBreakGlass), "", reason)); err != nil {
		return err
	}
	return v.goTo(to)
}
