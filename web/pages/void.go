package pages

import (
	"net/http"
	"strings"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// voidSheet is the page on which somebody takes an event back.
type voidSheet struct {
	*casefile.File
	*form
	Event   *casefile.Event
	With    []*casefile.Event // what was saved together with it, and goes too
	Ahead   *casefile.Ahead
	Changed bool
}

// Shown is what the form carries of what follows.
func (s *voidSheet) Shown() string { return s.Version() + s.Ahead.Digest() }

func (v *visit) voidSheet(filled *form) (*voidSheet, error) {
	f, on, err := v.open(pathway.Action{Do: pathway.DeedLook})
	if err != nil {
		return nil, err
	}
	s := &voidSheet{File: f, form: filled, Event: f.FindEvent(v.r.PathValue("event"))}
	if s.Event == nil || s.Event.ID == "" {
		return nil, errNotFound
	}
	action := pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindVoided, Others: s.Event.By != v.person.ID}
	if may, why := pathway.May(v.who, action, on); !may {
		return nil, v.refuse(f.Case.Ref, action, string(why))
	}
	for _, id := range savedWith(s.Event.ID) {
		if e := f.FindEvent(id); e != nil && !e.Voided && e.By == s.Event.By {
			s.With = append(s.With, e)
		}
	}
	return s, nil
}

// events are what takes the event back, and what was saved with it.
func (v *visit) voiding(s *voidSheet) []pathway.Event {
	var events []pathway.Event
	for i, e := range append([]*casefile.Event{s.Event}, s.With...) {
		id := s.Value("event_id") + strings.Repeat("-with", i)
		void := v.event(s.Case.Ref, id, pathway.KindVoided, v.now)
		void.Value, void.Reason = e.ID, strings.TrimSpace(s.Value("reason"))
		events = append(events, void)
	}
	return events
}

func (a *app) showVoid(v *visit) error {
	filled, err := v.heldForm()
	if err != nil {
		return err
	}
	if filled == nil {
		filled = &form{values: v.r.URL.Query()}
	}
	s, err := v.voidSheet(filled)
	if err != nil {
		return err
	}
	if sent, err := v.named(); sent || err != nil {
		return err
	}
	return v.showVoiding(http.StatusOK, s)
}

func (v *visit) showVoiding(status int, s *voidSheet) (err error) {
	if s.Event.Voided {
		return v.show(http.StatusConflict, "undone-already", s)
	}
	if s.Ahead, err = v.foresee(s.File, v.voiding(s)...); err != nil {
		return err
	}
	return v.show(status, "void", s)
}

func (a *app) saveVoid(v *visit) error {
	s, err := v.voidSheet(&form{values: v.r.PostForm})
	if err != nil {
		return err
	}
	events := v.voiding(s)
	if before := s.FindEvent(events[0].ID); before != nil && before.By == v.person.ID {
		return v.goToSaved(s.Case.Ref, before.ID)
	}
	if s.Event.Voided {
		return v.showVoiding(http.StatusConflict, s)
	}
	if events[0].Reason == "" {
		s.wrong("reason", "why-undo")
		return v.showVoiding(http.StatusUnprocessableEntity, s)
	}
	if s.Ahead, err = v.foresee(s.File, events...); err != nil {
		return err
	}
	if s.Shown() != s.Value("shown") {
		s.Changed = true
		return v.showVoiding(http.StatusConflict, s)
	}
	if err := v.audit(s.Case.Ref, string(pathway.DeedRecord), pathway.KindVoided, ""); err != nil {
		return err
	}
	err = v.save(s.File, s.Ahead, events)
	switch {
	case s.refuses(err):
		return v.showVoiding(http.StatusUnprocessableEntity, s)
	case err == errChanged:
		again, err := v.voidSheet(s.form)
		if err != nil {
			return err
		}
		again.Changed = true
		return v.showVoiding(http.StatusConflict, again)
	case err != nil:
		return err
	}
	return v.goToSaved(s.Case.Ref, events[0].ID)
}
