package pages

import (
	"fmt"
	"net/url"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// What somebody has said by text stands as said until it is recorded by another way. Whoever
// confirms it comes to the form in which it would be recorded, filled in as it was said, to
// be corrected there; whoever denies it takes it back.

// confirms is the address of the form with what an event says filled in.
func confirms(ref string, byVisit bool, duty, event string) string {
	address := "/cases/" + url.PathEscape(ref)
	if byVisit {
		address += "/record"
	} else {
		address += "/do/" + url.PathEscape(duty)
	}
	return address + "?said=" + url.QueryEscape(event)
}

// Confirms is that address for a duty of whoever looks.
func (s *mineSheet) Confirms(c casefile.DeskCase, d *casefile.DeskDuty) string {
	return confirms(c.Ref, d.ByVisit, d.DutyID(), d.SaidBy)
}

// fillAsSaid fills a form in as somebody has said it by text, where its address names the
// event and nothing else is filled in. field is where the form has the kind of event.
func (v *visit) fillAsSaid(f *casefile.File, filled *form, field string, kinds []string) {
	e := f.FindEvent(filled.Value("said"))
	if e == nil || e.ID == "" || e.Voided || !e.ToConfirm() || filled.values.Has("day") || filled.values.Has("time") {
		return
	}
	for _, kind := range kinds {
		if kind == e.Kind && filled.Value(field) == "" {
			filled.values.Set(field, kind)
		}
	}
	at, now := e.At.In(v.Rules.Calendar.Location()), v.local()
	filled.values.Set("time", at.Format("15:04"))
	if day := v.Rules.Calendar.DateOf(e.At); day == v.Rules.Calendar.DateOf(now) {
		filled.values.Set("day", "today")
	} else {
		filled.values.Set("day", "other")
		filled.values.Set("other_day", fmt.Sprintf("%d/%d/%d", day.Day, day.Month, day.Year))
	}
}

// deniesSaid is the address on which a case's duty that was said to be done is said not to
// be; empty: whoever looks may not take it back.
func (v *visit) deniesSaid(f *casefile.File, d *casefile.Duty, on *pathway.AccessCase) string {
	e := f.FindEvent(d.SaidBy)
	if e == nil || d.SaidAt().IsZero() || !v.may(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindVoided, Others: e.By != v.person.ID}, on) {
		return ""
	}
	return "/cases/" + url.PathEscape(f.Case.Ref) + "/void/" + url.PathEscape(e.ID)
}
