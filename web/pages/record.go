package pages

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// outcomes are how a visit or appointment can have gone, in the order of the page.
var outcomes = []string{pathway.KindSeen, pathway.KindNoAccess, pathway.KindNotSeen, pathway.KindNotBrought, pathway.KindCancelledByFamily, pathway.KindDeclined}

// recordSheet is the page on which a visit is recorded.
type recordSheet struct {
	*casefile.File
	*form
	At       time.Time // when the page was first opened: the time of the visit, unless another is given
	Outcomes []string
	Outcome  string
	AsksCard bool
	Visit    time.Time // when it was, as far as it can be read
	Ahead    *casefile.Ahead
	WithCard *casefile.Ahead  // what follows if a card was left; nil: the same
	SameAs   *casefile.Event  // the unsuccessful visit of this very time, which it counts as too; nil: there is none
	Gone     map[string]*gone // by duty
	Grid     *triedGrid
	Changed  bool // what follows is not what was shown before
}

// gone is how much of a clock has run already.
type gone struct{ Hours, Of int }

func (a *app) showRecord(v *visit) error {
	f, on, err := v.open(pathway.Action{Do: pathway.DeedLook})
	if err != nil {
		return err
	}
	values := v.r.URL.Query()
	held, err := v.heldForm()
	if err != nil {
		return err
	}
	if held == nil {
		held = &form{values: values}
	}
	v.fillAsSaid(f, held, "outcome", outcomes)
	if err := held.knowsVisit(); err != nil {
		return err
	}
	s := v.recordSheet(f, held)
	if s.Outcome == "" {
		if !v.may(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindSeen}, on) {
			return errNotFound
		}
		return v.show(http.StatusOK, "record", s)
	}
	if sent, err := v.named(); sent || err != nil {
		return err
	}
	if before := f.FindEvent(held.Value("event_id")); before != nil && before.By == v.person.ID {
		return v.goToSaved(f.Case.Ref, before.ID)
	}
	return v.showVisit(http.StatusOK, s)
}

// knowsVisit refuses what no button of the pages of a visit says.
func (f *form) knowsVisit() error {
	if text := f.Value("at"); text != "" {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return unknownField{"at"}
		}
	}
	return cmp.Or(f.knows("outcome", outcomes...), f.knowsDay(), f.knows("card", pathway.YesOrNo...), f.knows("what", pathway.Declined...))
}

// knowsDay refuses a day that is none of those to choose from.
func (f *form) knowsDay() error { return f.knows("day", "today", "yesterday", "other") }

func (v *visit) recordSheet(f *casefile.File, filled *form) *recordSheet {
	s := &recordSheet{File: f, form: filled, Outcomes: outcomes, At: v.now.Truncate(time.Minute)}
	if at, err := time.Parse(time.RFC3339, filled.Value("at")); err == nil && !at.After(v.now) && v.now.Sub(at) < 24*time.Hour {
		s.At = at
	}
	if slices.Contains(outcomes, filled.Value("outcome")) {
		s.Outcome = filled.Value("outcome")
	}
	s.AsksCard = s.Outcome == pathway.KindNoAccess
	s.Grid = v.grid(f)
	return s
}

// showVisit shows the form of a visit with what follows from it.
func (v *visit) showVisit(status int, s *recordSheet) error {
	visit := v.visitOf(s)
	if visit.At.IsZero() {
		visit.At = s.At
	}
	ahead, err := v.foresee(s.File, visit)
	if err != nil {
		return err
	}
	s.Ahead, s.Visit, s.SameAs = ahead, visit.At, nil
	for i := range s.Events {
		if e := &s.Events[i]; !e.Voided && e.At.Equal(visit.At) && pathway.Unsuccessful(e.Kind) && pathway.Unsuccessful(visit.Kind) {
			s.SameAs = e
		}
	}
	if s.AsksCard {
		with, err := v.foresee(s.File, visit, v.cardOf(s, &visit))
		if err != nil {
			return err
		}
		if with.Digest() != ahead.Digest() {
			s.WithCard = with
		}
	}
	s.Gone = map[string]*gone{}
	for i := range ahead.Duties {
		d := &ahead.Duties[i]
		if ran := v.now.Sub(d.Duty.Opened); d.Becoming.Opened && d.IsOpen() && ran >= 30*time.Minute && d.Due.Sub(d.Duty.Opened) <= 72*time.Hour {
			s.Gone[d.ID] = &gone{int(ran.Hours() + 0.5), int(d.Due.Sub(d.Duty.Opened).Hours() + 0.5)}
		}
	}
	return v.show(status, "visit", s)
}

func (v *visit) foresee(f *casefile.File, events ...pathway.Event) (*casefile.Ahead, error) {
	return f.Foresee(v.ctx(), v.Store, v.Rules, v.Paper, v.DutyDesk, events)
}

// Shown is what the form carries of what follows, to see when that changes.
func (s *recordSheet) Shown() string { return s.Version() + s.Ahead.Digest() }

// event is an event of whoever is signed in, recorded now.
func (v *visit) event(ref, id, kind string, at time.Time) pathway.Event {
	return pathway.Event{ID: id, Case: ref, Kind: kind, At: at, Recorded: v.now.Truncate(time.Millisecond), By: v.person.ID, ByRole: v.person.Role, Way: pathway.WayPage}
}

// visitOf is the visit as the form gives it. What cannot be read is noted as wrong.
func (v *visit) visitOf(s *recordSheet) pathway.Event {
	e := v.event(s.Case.Ref, s.Value("event_id"), s.Outcome, v.happened(s.form, s.At))
	if s.Outcome == pathway.KindNoAccess || s.Outcome == pathway.KindNotSeen {
		e.Place = pathway.PlaceHome
	}
	e.Value, e.Reason, e.ReasonCode = s.Value("what"), strings.TrimSpace(s.Value("reason")), s.Value("reason_code")
	return e
}

func (v *visit) cardOf(s *recordSheet, visit *pathway.Event) pathway.Event {
	return v.event(s.Case.Ref, visit.ID+"-card", pathway.KindCardLeft, visit.At)
}

// happened reads when something happened: at the time given, unless the form says
// another. The zero time says that it cannot be read, which is noted.
func (v *visit) happened(f *form, at time.Time) time.Time {
	local := at.In(v.Rules.Calendar.Location())
	day := pathway.Date{Year: local.Year(), Month: local.Month(), Day: local.Day()}
	dayField := ""
	switch f.Value("day") {
	case "yesterday":
		day = day.AddDays(-1)
	case "other":
		dayField = "other_day"
	}
	if dayField == "" && f.Value("other_day") != "" {
		dayField = "other_day" // typed, and the circle before it forgotten
	}
	ok := true
	if dayField != "" {
		if day, ok = parseDay(f.Value(dayField), v.local(), false); !ok {
			f.wrong(dayField, "day")
		}
	}
	hour, minute := local.Hour(), local.Minute()
	if clock := f.Value("time"); clock != "" {
		h, m, fine := parseClock(clock)
		if !fine {
			f.wrong("time", "time")
		}
		hour, minute, ok = h, m, ok && fine
	}
	if !ok {
		return time.Time{}
	}
	then := v.instant(day, hour, minute)
	if then.After(v.now) {
		field := "time"
		if dayField != "" && v.Rules.Calendar.DateOf(v.now).Before(day) {
			field = dayField // whatever the time is
		}
		f.wrong(field, "yet-to-come")
		return time.Time{}
	}
	return then
}

// booked reads when the next visit is, which need not be given.
func (v *visit) booked(f *form, dayField, timeField string) (at time.Time, given bool) {
	if f.Value(dayField) == "" && f.Value(timeField) == "" {
		return time.Time{}, false
	}
	day, ok := parseDay(f.Value(dayField), v.local(), true)
	if !ok {
		f.wrong(dayField, "day-ahead")
	}
	hour, minute, fine := parseClock(f.Value(timeField))
	if !fine {
		f.wrong(timeField, "time-ahead")
	}
	if !ok || !fine {
		return time.Time{}, true
	}
	if at = v.instant(day, hour, minute); !at.After(v.now) {
		f.wrong(dayField, "over")
	}
	return at, true
}

func (a *app) saveRecord(v *visit) error {
	s0 := &form{values: v.r.PostForm}
	kind := s0.Value("outcome")
	if err := s0.knowsVisit(); err != nil || kind == "" {
		return cmp.Or[error](err, unknownField{"outcome"})
	}
	f, _, err := v.open(pathway.Action{Do: pathway.DeedRecord, Kind: kind})
	if err != nil {
		return err
	}
	s := v.recordSheet(f, s0)
	events := v.visitEvents(s)
	if done, err := v.savedBefore(s, events); done || err != nil {
		return err
	}
	if len(s.Errors) > 0 {
		return v.showVisit(http.StatusUnprocessableEntity, s)
	}
	ahead, err := v.foresee(f, events[0])
	if err != nil {
		return err
	}
	if s.Ahead = ahead; s.Shown() != s.Value("shown") {
		s.Changed = true
		return v.showVisit(http.StatusConflict, s)
	}
	all, err := v.foresee(f, events...)
	if err != nil {
		return err
	}
	err = v.save(f, all, events)
	switch {
	case errors.Is(err, errChanged):
		s.Changed = true
		if s.File, err = casefile.Case(v.ctx(), v.Store, v.Rules, f.Case.Ref, v.now); err != nil {
			return err
		}
		return v.showVisit(http.StatusConflict, s)
	case s.refuses(err):
		return v.showVisit(http.StatusUnprocessableEntity, s)
	case err != nil:
		return err
	}
	return v.goToSaved(f.Case.Ref, events[0].ID)
}

func (v *visit) goToSaved(ref, event string) error {
	return v.goTo("/cases/" + url.PathEscape(ref) + "?saved=" + url.QueryEscape(event))
}

// visitEvents are the visit, and the card and the next visit that go with it.
func (v *visit) visitEvents(s *recordSheet) []pathway.Event {
	visit := v.visitOf(s)
	events := []pathway.Event{visit}
	if s.AsksCard {
		switch s.Value("card") {
		case "yes":
			events = append(events, v.cardOf(s, &visit))
		case "no":
		default:
			s.wrong("card", "card")
		}
	}
	if s.Outcome == pathway.KindDeclined {
		if !slices.Contains(pathway.Declined, visit.Value) {
			s.wrong("what", "what")
		}
		if visit.Reason == "" && visit.ReasonCode == "" {
			s.wrong("reason", "reason")
		}
	}
	if at, given := v.booked(s.form, "next_day", "next_time"); given {
		next := v.event(s.Case.Ref, visit.ID+"-next", pathway.KindVisitBooked, v.now.Truncate(time.Minute))
		next.Booked = at
		events = append(events, next)
	}
	return events
}

// errChanged says that what follows is no longer what was shown.
var errChanged = errors.New("what follows has changed")

// save records events of which this was foreseen, all or none.
func (v *visit) save(f *casefile.File, ahead *casefile.Ahead, events []pathway.Event) error {
	kept, err := v.Store.Record(v.ctx(), v.now, v.person.ID, events, store.RecordOptions{Rules: v.Rules, Way: pathway.WayPage, Paper: v.Paper,
		KeepIf: func(r *store.Recorded) bool { return ahead.Foretold(f.Case.Ref, r) }})
	if err != nil {
		return err
	}
	if !kept.Kept {
		return errChanged
	}
	return v.keepTold(events[0].ID, ahead)
}

// refuses notes at their fields what is wrong with events, where that is the error.
func (f *form) refuses(err error) bool {
	var invalid store.InvalidEvents
	if !errors.As(err, &invalid) {
		return false
	}
	for _, fault := range invalid {
		field, known := fieldOf[fault.Column]
		if !known {
			field = "form"
		}
		f.says(field, fault.Message)
	}
	return true
}

// fieldOf is where the form has a column of an event.
var fieldOf = map[string]string{"at": "time", "booked_for": "next_day", "reason": "reason", "value": "value", "due_at": "due_day", "reason_code": "reason_code"}
