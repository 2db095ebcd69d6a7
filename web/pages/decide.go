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

// decideSheet is the form in which a manager answers what is open on one case: each
// answer may be left, and all that are given are saved together. It stands under the
// case's row on the board, and on a page of its own.
type decideSheet struct {
	*casefile.File
	*form
	Asked   map[string][]string // by kind of event, the titles of the duties that it meets
	Plain   []string            // of these, the kinds of which there is no more to say than that it is done
	Latest  *pathway.DateCap    // of a date; nil: none
	At      time.Time
	Made    time.Time         // when the form was first shown
	Changed bool              // somebody has recorded something since
	Since   []*casefile.Event // what that was
	Ahead   []answerAhead     // what follows
	Shown   string            // what the form carries of it
	board   *casefile.Board   // under whose row it stands; nil: on a page of its own
	on      *pathway.AccessCase
}

// Asks reports whether a kind of event is asked for.
func (s *decideSheet) Asks(kind string) bool { return len(s.Asked[kind]) > 0 }

// Back is the address of the board on which the form stands; empty: it is on a page of
// its own.
func (s *decideSheet) Back() string {
	if s.board == nil {
		return ""
	}
	return boardAddress(s.board.Filter, "")
}

// Next is the case to go to when this one is saved; empty: none.
func (s *decideSheet) Next() string {
	if s.board == nil {
		return ""
	}
	return s.board.NextToDecide(s.Case.Ref)
}

// decideSheet reads a case that whoever asks may decide on.
func (v *visit) decideSheet(ref string, filled *form) (*decideSheet, error) {
	f, on, err := v.openCase(ref, pathway.Action{Do: pathway.DeedDecide})
	if err != nil {
		return nil, err
	}
	s := &decideSheet{File: f, form: filled, At: v.now.Truncate(time.Minute), on: on}
	if s.Made, err = v.made(filled); err != nil {
		return nil, err
	}
	if err := cmp.Or(filled.knows("discussed", pathway.YesOrNo...), filled.knowsDay(), filled.knowsDiscussion()); err != nil {
		return nil, err
	}
	return s, v.ask(s)
}

// ask finds out what is open, and what of it whoever looks may answer.
func (v *visit) ask(s *decideSheet) error {
	s.Asked, s.Plain, s.Latest = map[string][]string{}, nil, nil
	for i := range s.Duties {
		d := &s.Duties[i]
		if !d.IsOpen() {
			continue
		}
		for _, kind := range v.decidesBy(d, s.on) {
			if !pathway.HasQuestions(kind) && !s.Asks(kind) {
				s.Plain = append(s.Plain, kind)
			}
			if !slices.Contains(s.Asked[kind], d.Title) {
				s.Asked[kind] = append(s.Asked[kind], d.Title)
			}
		}
	}
	if !s.Asks(pathway.KindTimeframeSet) {
		return nil
	}
	var err error
	s.Latest, err = v.latestDate(s.File)
	return err
}

// hasToDecide reports whether the form in which whoever asks decides on a case would ask
// anything.
func (v *visit) hasToDecide(f *casefile.File, on *pathway.AccessCase) bool {
	for i := range f.Duties {
		d := &f.Duties[i]
		if d.IsOpen() && len(v.decidesBy(d, on)) > 0 {
			return true
		}
	}
	return false
}

// decidesBy are the kinds of event by which whoever asks could meet a duty on that form.
func (v *visit) decidesBy(d *casefile.Duty, on *pathway.AccessCase) []string {
	return pathway.DecidesBy(v.who, on, v.Rules.Rule(d.Pathway, d.Version, d.DutyID()), d.Owner)
}

// latestDate is the latest date that can be set on a case without a reason; nil: none is.
func (v *visit) latestDate(f *casefile.File) (*pathway.DateCap, error) {
	events := make([]pathway.Event, len(f.Events))
	for i := range f.Events {
		events[i] = f.Events[i].Event
	}
	return pathway.LatestDate(v.Rules, &f.Case, events, v.event(f.Case.Ref, "date", pathway.KindTimeframeSet, v.now))
}

// showDecide shows the form on a page of its own.
func (a *app) showDecide(v *visit) error {
	filled, err := v.heldForm()
	if err != nil {
		return err
	}
	if filled == nil {
		filled = &form{values: v.r.URL.Query()}
	}
	s, err := v.decideSheet(v.r.PathValue("ref"), filled)
	if err != nil {
		return err
	}
	if sent, err := v.namedFor(s); sent || err != nil {
		return err
	}
	if err := v.readBoardOf(s); err != nil { // where the form stood when its session ended
		return err
	}
	return v.showDeciding(http.StatusOK, s)
}

// namedFor is named for a form under whose name nothing has been saved yet.
func (v *visit) namedFor(s *decideSheet) (sent bool, err error) {
	if !s.Held && s.savedUnder(s.Value("event_id")) {
		query := v.r.URL.Query()
		query.Del("event_id")
		v.r.URL.RawQuery = query.Encode()
	}
	return v.named()
}

// savedUnder reports whether something has been saved under a form's name.
func (s *decideSheet) savedUnder(id string) bool {
	return id != "" && slices.ContainsFunc(s.Events, func(e casefile.Event) bool { return strings.HasPrefix(e.ID, id+"-") })
}

// saveDecide saves what was answered, all of it or nothing, and leads on to the next
// case of the board where the form stood on it.
func (a *app) saveDecide(v *visit) error {
	s, err := v.decideSheet(v.r.PathValue("ref"), &form{values: v.r.PostForm})
	if err != nil {
		return err
	}
	if err := v.readBoardOf(s); err != nil {
		return err
	}
	events := v.decisions(s)
	if s.allSaved(events, v.person.ID) {
		return v.goOnFrom(s, events)
	}
	if err := v.foreseeDecisions(s); err != nil {
		return err
	}
	if s.Shown != s.Value("shown") {
		return v.showChanged(s)
	}
	if err := s.knows("done", s.Plain...); err != nil {
		return err
	}
	if len(events) == 0 && len(s.Errors) == 0 {
		s.wrong("form", "nothing-answered")
	}
	if len(s.Errors) > 0 {
		return v.showDeciding(http.StatusUnprocessableEntity, s)
	}
	for i := range events {
		if err := v.audit(s.Case.Ref, string(pathway.DeedRecord), events[i].Kind, ""); err != nil {
			return err
		}
	}
	ahead, err := v.foresee(s.File, events...)
	if err != nil {
		return err
	}
	err = v.save(s.File, ahead, events)
	switch {
	case errors.Is(err, errChanged):
		if s.File, err = casefile.Case(v.ctx(), v.Store, v.Rules, s.Case.Ref, v.now); err != nil {
			return err
		}
		if err := v.ask(s); err != nil {
			return err
		}
		return v.showChanged(s)
	case s.refusesDecision(err, events):
		return v.showDeciding(http.StatusUnprocessableEntity, s)
	case err != nil:
		return err
	}
	return v.goOnFrom(s, events)
}

// showChanged shows the form as it was filled in, with what others have recorded on top.
func (v *visit) showChanged(s *decideSheet) error {
	s.Changed = true
	for i := range s.Events {
		if e := &s.Events[i]; e.Recorded.After(s.Made) {
			s.Since = append(s.Since, e)
		}
	}
	s.Made = v.now
	return v.showDeciding(http.StatusConflict, s)
}

// showDeciding shows the form again where it stood.
func (v *visit) showDeciding(status int, s *decideSheet) error {
	if err := v.foreseeDecisions(s); err != nil {
		return err
	}
	if s.board != nil && s.board.Place(s.Case.Ref) >= 0 {
		board := &overdueSheet{Board: s.board, Decide: s}
		board.From = board.pageOf(s.Case.Ref, "")
		return v.show(status, "overdue", board)
	}
	return v.show(status, "decide", s)
}

// goOnFrom leads on after saving: to the case itself, or to the next one of the board.
func (v *visit) goOnFrom(s *decideSheet, events []pathway.Event) error {
	if s.board == nil {
		return v.goToSaved(s.Case.Ref, events[0].ID)
	}
	kinds := make([]string, len(events))
	for i := range events {
		kinds[i] = events[i].Kind
	}
	v.sessions.Put(v.ctx(), sessionSaved, s.Case.Ref+"\n"+events[0].ID+"\n"+strings.Join(kinds, ","))
	return v.goTo(boardAddress(s.board.Filter, s.Next()))
}

// allSaved reports whether all of this has been saved before.
func (s *decideSheet) allSaved(events []pathway.Event, by string) bool {
	for i := range events {
		e := &events[i]
		before := s.FindEvent(e.ID)
		if before == nil || before.By != by || before.Kind != e.Kind || before.Value != e.Value || before.Reason != e.Reason || !before.Due.Equal(e.Due) {
			return false
		}
	}
	return len(events) > 0
}

// decisions are what the form answers, as events. What is wrong with it is noted.
func (v *visit) decisions(s *decideSheet) []pathway.Event {
	var events []pathway.Event
	now := v.now.Truncate(time.Millisecond)
	add := func(kind string) *pathway.Event {
		events = append(events, v.event(s.Case.Ref, s.Value("event_id")+"-"+kind, kind, now))
		return &events[len(events)-1]
	}
	given := func(field string) bool { return strings.TrimSpace(s.Value(field)) != "" }
	switch {
	case s.Value("discussed") == "yes":
		e := add(pathway.KindDiscussedWithManager)
		if given("day") && s.Value("day") != "today" || given("other_day") || given("time") {
			e.At = v.happened(s.form, s.At)
		}
		e.Value = s.discussion()
	case given("concern") || given("seen-by-others"):
		s.wrong("discussed", "discussed")
	}
	if given("due_day") || given("reason") {
		e := add(pathway.KindTimeframeSet)
		e.Due, _ = v.dueDay(s.form)
		e.Reason = strings.TrimSpace(s.Value("reason"))
	}
	if given("every") {
		add(pathway.KindFrequencySet).Value = strings.TrimSpace(s.Value("every"))
	}
	if given("review") || given("legal") {
		for _, field := range []string{"review", "legal"} {
			if !slices.Contains(pathway.YesOrNo, s.Value(field)) {
				s.wrong(field, "both")
			}
		}
		add(pathway.KindReviewConsidered).Value = "review=" + s.Value("review") + ";legal=" + s.Value("legal")
	}
	if given("agreed") {
		add(pathway.KindActionAgreed).Reason = strings.TrimSpace(s.Value("agreed"))
	}
	for _, kind := range s.Plain {
		if s.Has("done", kind) {
			add(kind)
		}
	}
	return events
}

// refusesDecision notes at their questions what is wrong with answers, where that is the
// error.
func (s *decideSheet) refusesDecision(err error, events []pathway.Event) bool {
	var invalid store.InvalidEvents
	if !errors.As(err, &invalid) {
		return false
	}
	for _, fault := range invalid {
		field := "form"
		if fault.Row >= 1 && fault.Row <= len(events) {
			field = fieldOfDecision(events[fault.Row-1].Kind, fault.Column)
		}
		s.says(field, fault.Message)
	}
	return true
}

// fieldOfDecision is where the form asks for what a column of an event says.
func fieldOfDecision(kind, column string) string {
	switch kind {
	case pathway.KindDiscussedWithManager:
		if column == "at" {
			return "time"
		}
		return "discussed"
	case pathway.KindTimeframeSet:
		if column == "reason" {
			return "reason"
		}
		return "due_day"
	case pathway.KindFrequencySet:
		return "every"
	case pathway.KindReviewConsidered:
		return "review"
	case pathway.KindActionAgreed:
		return "agreed"
	}
	return "form"
}

// discussion is what the form says of a discussion, as the value of its event.
func (f *form) discussion() string {
	var said []string
	for _, what := range []string{"seen-by-others", "concern"} {
		if answer := strings.TrimSpace(f.Value(what)); answer != "" {
			said = append(said, what+"="+answer)
		}
	}
	return strings.Join(said, ";")
}

// knowsDiscussion refuses what can be said of no discussion.
func (f *form) knowsDiscussion() error {
	return cmp.Or(f.knows("concern", "low", "medium", "high"), f.knows("seen-by-others", "yes", "no", "unknown"))
}

// readBoardOf reads the board on which a form stood, as its filter has it.
func (v *visit) readBoardOf(s *decideSheet) error {
	if s.Value("back") == "" {
		return nil
	}
	back, err := url.Parse(s.Value("back"))
	if err != nil || back.Path != "/overdue" || back.Host != "" {
		return unknownField{"back"}
	}
	s.board, err = v.readBoard(back.Query())
	return err
}
