package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// answerSheet is the page on which somebody says that a duty is done.
type answerSheet struct {
	*casefile.File
	*form
	Duty  *casefile.Duty  // nil: none is open
	Last  *casefile.Duty  // then the one of that name that was open last; nil: there never was one
	MetBy *casefile.Event // what it was met by; nil: it was not met, or that is not known
	Kind  pathway.Kind
	Ways  []string // the kinds of event that meet it
	Guide string   // what to consider
	Visit bool     // how a visit went meets it too
	Items []string // of its checklist, still to be ticked
	At    time.Time
	Made  time.Time     // when the form was first shown
	Ahead []answerAhead // what follows, for the answers that can be told apart beforehand
	// Shown is what the form carries of what follows.
	Shown string
	// Latest is the latest date that can be set without a reason; nil: there is none.
	Latest *pathway.DateCap
	// Changed: somebody has recorded something since the form was made.
	Changed bool
}

// showAnswering shows the form with what follows.
func (v *visit) showAnswering(status int, s *answerSheet) error {
	if err := v.foreseeAnswers(s); err != nil {
		return err
	}
	return v.show(status, "do", s)
}

// showAnsweringChanged shows the form as it was filled in, with what follows by now.
func (v *visit) showAnsweringChanged(s *answerSheet) error {
	s.Changed, s.Made = true, v.now
	return v.showAnswering(http.StatusConflict, s)
}

// The forms that a value can have, by name, for the wording.
func (s *answerSheet) YesNo() bool   { return s.Kind.Form == pathway.YesNo }
func (s *answerSheet) Every() bool   { return s.Kind.Form == pathway.Frequency }
func (s *answerSheet) Reviews() bool { return s.Kind.Form == pathway.BothReviews }

// MayBook reports whether it says when a visit or an appointment is.
func (s *answerSheet) MayBook() bool {
	return s.Kind.Booked != "" || s.Kind.Name == pathway.KindAppointmentOffered
}

// Discusses reports whether it says what was discussed.
func (s *answerSheet) Discusses() bool { return s.Kind.Form == pathway.Discussed }

// Text reports whether the value is written as text.
func (s *answerSheet) Text() bool {
	switch s.Kind.Form {
	case pathway.OfPerson, pathway.OfPathway, pathway.OfDuty, pathway.OfEvent:
		return true
	}
	return s.Kind.Form == pathway.AnyText && s.Kind.Value != ""
}

// answers are the kinds of event, other than how a visit went, that meet a duty.
func (v *visit) answers(d *casefile.Duty) []string {
	rule := v.Rules.Rule(d.Pathway, d.Version, d.DutyID())
	if rule == nil {
		return nil
	}
	var kinds []string
	for _, m := range rule.Answers() {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// answerSheet finds the duty that a page is about: the one of that name that is open and
// due first.
func (v *visit) answerSheet(filled *form) (*answerSheet, error) {
	f, on, err := v.open(pathway.Action{Do: pathway.DeedLook})
	if err != nil {
		return nil, err
	}
	s := &answerSheet{File: f, form: filled, At: v.now.Truncate(time.Minute)}
	if s.Made, err = v.made(filled); err != nil {
		return nil, err
	}
	for i := range f.Duties {
		if d := &f.Duties[i]; d.DutyID() == v.r.PathValue("duty") && d.IsOpen() && (s.Duty == nil || d.Due.Before(s.Duty.Due)) {
			s.Duty = d
		}
	}
	if s.Duty == nil {
		s.findLast(v.r.PathValue("duty"))
		return s, nil
	}
	for _, kind := range v.answers(s.Duty) {
		if v.may(pathway.Action{Do: pathway.DeedRecord, Kind: kind, Owner: s.Duty.Owner}, on) {
			s.Ways = append(s.Ways, kind)
		}
	}
	if len(s.Ways) == 0 {
		return nil, v.refuse(f.Case.Ref, pathway.Action{Do: pathway.DeedRecord}, string(pathway.NotInRole))
	}
	v.fillAsSaid(f, filled, "as", s.Ways)
	if err := cmp.Or(filled.knows("as", s.Ways...), filled.knowsDay(), filled.knowsDiscussion()); err != nil {
		return nil, err
	}
	kind := cmp.Or(filled.Value("as"), s.Ways[0])
	s.Kind, s.Items = pathway.KindOf(kind), s.Duty.StillToTick
	var items []string
	if rule := v.Rules.Rule(s.Duty.Pathway, s.Duty.Version, s.Duty.DutyID()); rule != nil {
		s.Guide, s.Visit = rule.Guide, rule.MetByVisit()
		for _, item := range rule.Checklist {
			items = append(items, item.Name)
		}
	}
	return s, filled.knows("item", items...)
}

// findLast finds what has become of a duty that is not to be done any more.
func (s *answerSheet) findLast(id string) {
	for i := range s.Duties {
		if d := &s.Duties[i]; d.DutyID() == id && (s.Last == nil || s.Last.Opened.Before(d.Opened)) {
			s.Last = d
		}
	}
	if s.Last != nil && s.Last.MetBy != "" {
		s.MetBy = s.FindEvent(s.Last.MetBy)
	}
}

func (a *app) showAnswer(v *visit) error {
	filled, err := v.heldForm()
	if err != nil {
		return err
	}
	if filled == nil {
		filled = &form{values: v.r.URL.Query()}
	}
	s, err := v.answerSheet(filled)
	if err != nil {
		return err
	}
	if before := s.FindEvent(filled.Value("event_id")); before != nil && before.By == v.person.ID {
		return v.goToSaved(s.Case.Ref, before.ID)
	}
	if s.Duty == nil {
		return v.show(http.StatusOK, "done-already", s)
	}
	if sent, err := v.named(); sent || err != nil {
		return err
	}
	return v.showAnswering(http.StatusOK, s)
}

func (a *app) saveAnswer(v *visit) error {
	s, err := v.answerSheet(&form{values: v.r.PostForm})
	if err != nil {
		return err
	}
	id := s.Value("event_id")
	if before := s.FindEvent(id); before != nil && before.By == v.person.ID {
		if !before.Voided && v.saidBefore(s.form, before) {
			return v.goToSaved(s.Case.Ref, id)
		}
		return v.showSavedBefore(s.File, before, false)
	}
	if s.Duty == nil {
		return v.show(http.StatusConflict, "done-already", s)
	}
	if err := v.foreseeAnswers(s); err != nil {
		return err
	}
	if s.Shown != s.Value("shown") {
		return v.showAnsweringChanged(s)
	}
	e := v.event(s.Case.Ref, id, s.Kind.Name, v.happened(s.form, s.At))
	v.fill(s, &e)
	if len(s.Errors) > 0 {
		return v.showAnswering(http.StatusUnprocessableEntity, s)
	}
	if err := v.audit(s.Case.Ref, string(pathway.DeedRecord), e.Kind, ""); err != nil {
		return err
	}
	ahead, err := v.foresee(s.File, e)
	if err != nil {
		return err
	}
	err = v.save(s.File, ahead, []pathway.Event{e})
	switch {
	case s.refuses(err):
		return v.showAnswering(http.StatusUnprocessableEntity, s)
	case err == errChanged:
		again, err := v.answerSheet(s.form)
		if err != nil {
			return err
		}
		if again.Duty == nil {
			return v.show(http.StatusConflict, "done-already", again)
		}
		return v.showAnsweringChanged(again)
	case err != nil:
		return err
	}
	return v.goToSaved(s.Case.Ref, e.ID)
}

// fill puts what the form says into the event, and notes what is missing.
func (v *visit) fill(s *answerSheet, e *pathway.Event) {
	k := &s.Kind
	switch {
	case len(s.Items) > 0:
		for _, item := range s.Items {
			if s.Has("item", item) {
				e.Value += ";" + item
			}
		}
		if e.Value = strings.TrimPrefix(e.Value, ";"); e.Value == "" {
			s.wrong("item", "tick")
		}
	case s.Reviews():
		review, legal := s.Value("review"), s.Value("legal")
		for _, field := range []string{"review", "legal"} { // in the order of the page
			if !slices.Contains(pathway.YesOrNo, s.Value(field)) {
				s.wrong(field, "answer")
			}
		}
		e.Value = "review=" + review + ";legal=" + legal
	case s.YesNo():
		if e.Value = s.Value("value"); !slices.Contains(pathway.YesOrNo, e.Value) {
			s.wrong("value", "answer")
		}
	case s.Discusses():
		e.Value = s.discussion()
	default:
		if e.Value = strings.TrimSpace(s.Value("value")); e.Value == "" && k.Value != "" {
			s.wrong("value", "missing")
		}
	}
	if k.Due != "" {
		e.Due, _ = v.dueDay(s.form)
	}
	if s.MayBook() {
		at, given := v.booked(s.form, "next_day", "next_time")
		if e.Booked = at; !given && k.Booked != "" {
			s.wrong("next_day", "day-ahead")
		}
	}
	if e.Reason = strings.TrimSpace(s.Value("reason")); e.Reason == "" && k.Reason != "" {
		s.wrong("reason", "reason")
	}
}

// dueDay reads a date that somebody sets: the start of that day. It holds to its end,
// whatever the time.
func (v *visit) dueDay(f *form) (time.Time, bool) {
	day, ok := parseDay(f.Value("due_day"), v.local(), true)
	if !ok {
		f.wrong("due_day", "day-ahead")
		return time.Time{}, false
	}
	return v.Rules.Calendar.StartOf(day), true
}
