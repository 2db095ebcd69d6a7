package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// A form that is sent again, under the name that it had, saves nothing more: it leads to
// what was saved, or shows it where the form says something else by now.

// savedBefore answers a form that was sent before: with the page that was shown then,
// or, where it said something else, with what was saved.
func (v *visit) savedBefore(s *recordSheet, events []pathway.Event) (done bool, err error) {
	e := &events[0]
	before := s.FindEvent(e.ID)
	if before == nil {
		return false, nil
	}
	if before.By != v.person.ID {
		return true, errNotFound
	}
	if len(s.Errors) == 0 && v.savesAgain(s, events) {
		return true, v.goToSaved(s.Case.Ref, e.ID)
	}
	return true, v.showSavedBefore(s.File, before, true)
}

// savesAgain reports whether all of this was saved before, as it is, and nothing else under
// the form's name.
func (v *visit) savesAgain(s *recordSheet, events []pathway.Event) bool {
	saved := 0
	for i := range s.File.Events {
		if e := &s.File.Events[i]; e.ID == events[0].ID || slices.Contains(savedWith(events[0].ID), e.ID) {
			saved++
		}
	}
	for i := range events {
		e := v.asKept(events[i])
		before := s.FindEvent(e.ID)
		if before == nil || before.Voided || before.Kind != e.Kind || before.Value != e.Value || before.Reason != e.Reason ||
			!before.Booked.Equal(e.Booked) || e.Kind != pathway.KindVisitBooked && !before.At.Equal(e.At) {
			return false
		}
	}
	return saved == len(events)
}

// asKept is an event in the form in which it is kept.
func (v *visit) asKept(e pathway.Event) pathway.Event {
	pathway.NewChecker(v.Rules, v.now).Event(&e) // what is wrong with it is said when it is saved
	return e
}

// savedWith are the ids of what the form of a visit saves with it.
func savedWith(visit string) []string { return []string{visit + "-card", visit + "-next"} }

// showSavedBefore shows what was saved under the name of a form that says something else
// by now.
func (v *visit) showSavedBefore(f *casefile.File, before *casefile.Event, isVisit bool) error {
	return v.show(http.StatusConflict, "saved-before", struct {
		*casefile.File
		Saved   *casefile.Event
		IsVisit bool
	}{f, before, isVisit})
}

// saidBefore reports whether a form says what was saved under its name: the duty may be
// done by now, and nothing of it left to ask.
func (v *visit) saidBefore(f *form, before *casefile.Event) bool {
	again := &form{values: f.values}
	said := v.event(before.Case, before.ID, cmp.Or(f.Value("as"), before.Kind), before.At)
	said.Value, said.Reason = strings.TrimSpace(f.Value("value")), strings.TrimSpace(f.Value("reason"))
	switch k := pathway.KindOf(before.Kind); {
	case k.Form == pathway.Items:
		ticked := slices.Sorted(slices.Values(f.values["item"]))
		if said.Value = before.Value; !slices.Equal(ticked, slices.Sorted(slices.Values(strings.Split(before.Value, ";")))) {
			return false
		}
	case k.Form == pathway.BothReviews:
		said.Value = "review=" + f.Value("review") + ";legal=" + f.Value("legal")
	case k.Form == pathway.Discussed:
		said.Value = f.discussion()
	}
	if f.Value("due_day") != "" {
		said.Due, _ = v.dueDay(again)
	}
	said.Booked, _ = v.booked(again, "next_day", "next_time")
	said = v.asKept(said)
	return said.Kind == before.Kind && said.Value == before.Value && said.Reason == before.Reason &&
		said.Due.Equal(before.Due) && said.Booked.Equal(before.Booked)
}
