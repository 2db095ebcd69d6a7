package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// What follows is said before it is saved. Where it hangs on what is going to be filled in,
// it is said of examples, which stay the same for as long as a form is open: the form carries
// them, and where something else follows from them by now, it comes back as it was filled in
// and says so.

// answerAhead is what follows from one answer.
type answerAhead struct {
	// Answer is yes, no, all, review or legal; for what is not chosen but written, written
	// for what is, and else examples: day, latest, every or booked. Empty: there is but one.
	Answer string
	Event  pathway.Event
	*casefile.Ahead
}

// made is when a form was first shown: now, where it does not say.
func (v *visit) made(filled *form) (time.Time, error) {
	text := filled.Value("made")
	if text == "" {
		return v.now, nil
	}
	made, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, unknownField{"made"}
	}
	if made.After(v.now) {
		return v.now, nil
	}
	return made, nil
}

// madeAt is that time, for the form itself.
func madeAt(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// MadeAt is when the form was first shown, for the form itself.
func (s *answerSheet) MadeAt() string { return madeAt(s.Made) }

// MadeAt is when the form was first shown, for the form itself.
func (s *decideSheet) MadeAt() string { return madeAt(s.Made) }

// foreseeAnswers says what follows from each answer that the form can give.
func (v *visit) foreseeAnswers(s *answerSheet) (err error) {
	if s.Kind.Name == pathway.KindTimeframeSet {
		if s.Latest, err = v.latestDate(s.File); err != nil {
			return err
		}
	}
	empty := *s
	empty.form = &form{values: url.Values{}}
	examples, err := v.foreseeAll(s.File, v.possibleAnswers(&empty))
	if err != nil {
		return err
	}
	s.Shown = shownOf(examples)
	s.Ahead, err = v.foreseeAll(s.File, v.possibleAnswers(s))
	return err
}

func (v *visit) foreseeAll(f *casefile.File, answers []answerAhead) (_ []answerAhead, err error) {
	for i := range answers {
		if answers[i].Ahead, err = v.foresee(f, answers[i].Event); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// shownOf is what a form carries of what follows from its examples, to see when that
// changes.
func shownOf(examples []answerAhead) string {
	h := sha256.New()
	for i := range examples {
		fmt.Fprintln(h, examples[i].Answer, examples[i].Event.Kind, examples[i].Digest())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// possibleAnswers are those of which the form says what follows: each that can be chosen;
// of what is written the one that is, or an example.
func (v *visit) possibleAnswers(s *answerSheet) (all []answerAhead) {
	add := func(answer string, change func(e *pathway.Event)) {
		e := v.event(s.Case.Ref, "answer", s.Kind.Name, s.Made.Truncate(time.Millisecond))
		e.Recorded = e.At
		change(&e)
		all = append(all, answerAhead{Answer: answer, Event: e})
	}
	value := func(text string) func(*pathway.Event) { return func(e *pathway.Event) { e.Value = text } }
	soon := v.Rules.Calendar.AddWorkingDays(v.Rules.Calendar.DateOf(s.Made), 1)
	switch {
	case len(s.Items) > 0:
		add("all", value(strings.Join(s.Items, ";")))
	case s.Reviews():
		add("review", value("review=yes;legal=no"))
		add("legal", value("review=no;legal=yes"))
	case s.YesNo():
		add("yes", value("yes"))
		add("no", value("no"))
	case s.Every():
		written := strings.TrimSpace(s.Value("value"))
		if _, err := pathway.ParseFrequency(written); err == nil {
			add("written", value(written))
		} else {
			add("every", value("10 working days"))
		}
	case s.Kind.Due != "":
		if at, ok := v.dueDay(&form{values: s.values}); ok {
			add("written", func(e *pathway.Event) { e.Due, e.Reason = at, strings.TrimSpace(s.Value("reason")) })
		} else {
			day := v.Rules.Calendar.StartOf(soon)
			add("day", func(e *pathway.Event) { e.Due = day })
			if s.Latest != nil && s.Latest.Due.After(day) {
				add("latest", func(e *pathway.Event) { e.Due = s.Latest.Due })
			}
		}
	case s.MayBook():
		if at, given := v.booked(&form{values: s.values}, "next_day", "next_time"); given && at.After(v.now) {
			add("written", func(e *pathway.Event) { e.Booked = at })
		} else {
			add("booked", func(e *pathway.Event) { e.Booked = v.instant(soon, 9, 30) })
		}
	case s.Kind.Value == "":
		add("", func(*pathway.Event) {})
	}
	return all
}

// foreseeDecisions says what follows from what is filled in, and where that is nothing yet or
// cannot be read, from each answer from which more follows than that something is done.
func (v *visit) foreseeDecisions(s *decideSheet) error {
	examples, err := v.foreseeAll(s.File, v.exampleDecisions(s))
	if err != nil {
		return err
	}
	s.Shown, s.Ahead = s.Version()+shownOf(examples), nil
	filled := *s
	filled.form = &form{values: s.values}
	if events := v.decisions(&filled); len(events) > 0 && len(filled.Errors)+len(s.Errors) == 0 {
		ahead, err := v.foresee(s.File, events...)
		s.Ahead = []answerAhead{{Answer: "written", Ahead: ahead}}
		return err
	}
	for _, e := range examples {
		if !e.OnlyDone() {
			s.Ahead = append(s.Ahead, e)
		}
	}
	return nil
}

// exampleDecisions are the answers that the form can give, in the order of its questions.
func (v *visit) exampleDecisions(s *decideSheet) (all []answerAhead) {
	kinds := append([]string{pathway.KindDiscussedWithManager, pathway.KindTimeframeSet, pathway.KindFrequencySet, pathway.KindReviewConsidered, pathway.KindActionAgreed}, s.Plain...)
	for _, kind := range kinds {
		if s.Asks(kind) {
			all = append(all, v.possibleAnswers(&answerSheet{File: s.File, form: &form{values: url.Values{}}, Kind: pathway.KindOf(kind), Made: s.Made, Latest: s.Latest})...)
		}
	}
	return all
}
