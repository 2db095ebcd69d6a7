package pathway

import (
	"fmt"
	"regexp"
	"strings"
)

// DueRule says when a duty is due, for the cases that its condition picks out.
type DueRule struct {
	If     Condition
	Within Due
	Basis  Basis  // overrides the duty's, where one figure is guidance and another local
	Clause string // likewise
}

// Anchor is what a due time counts from, other than the opening event.
type Anchor string

const (
	FromOpening Anchor = ""           // the event that opened the duty
	FromEDD     Anchor = "edd"        // the expected date of delivery
	FromBirth   Anchor = "birth"      // the date of birth (event born)
	FromBooked  Anchor = "booked_for" // the opening event's booked_for: a conference, a review
	FromSet     Anchor = "due_at"     // the date that the opening event set
)

// Due is a clock as a pathway file writes it:
//
//	24 hours · 3 days · 5 working days · 2 weeks · 6 months
//	immediately (1 hour)
//	same day · next working day
//	at least every 6 weeks
//	from 4 weeks within 6 weeks
//	2 weeks before edd · 2 working days before booked_for
//	by 28 days of age
//	from 10 days within 14 days of the birth
//	the date set · the date set, at most 10 working days
type Due struct {
	Text        string // as written
	Anchor      Anchor
	Offset      Offset // after the anchor; N is negative for "before"
	From        Offset // windows: where they open; zero otherwise
	Cap         Offset // with FromSet: the latest the date may be; zero: no cap
	Immediately bool
	Every       bool
}

var (
	dueImmediately = regexp.MustCompile(`^immediately \((.+)\)$`)
	dueWindow      = regexp.MustCompile(`^from (.+) within (.+?)( of the birth)?$`)
	dueBefore      = regexp.MustCompile(`^(.+) before (edd|booked_for)$`)
	dueAge         = regexp.MustCompile(`^by (.+) of age$`)
	dueEvery       = regexp.MustCompile(`^at least every (.+)$`)
	dueSet         = regexp.MustCompile(`^the date set(?:, at most (.+))?$`)
)

// ParseDue reads a clock as written above.
func ParseDue(s string) (Due, error) {
	s = strings.Join(strings.Fields(s), " ")
	d := Due{Text: s}
	var err error
	switch {
	case s == "same day":
		d.Offset = Offset{0, Days}
	case s == "next working day":
		d.Offset = Offset{1, WorkingDays}
	case dueImmediately.MatchString(s):
		d.Immediately = true
		d.Offset, err = ParseOffset(dueImmediately.FindStringSubmatch(s)[1])
		if err == nil && d.Offset.Unit != Hours {
			err = fmt.Errorf("%q: what is due immediately is given in hours", s)
		}
	case dueWindow.MatchString(s):
		m := dueWindow.FindStringSubmatch(s)
		if d.From, err = ParseOffset(m[1]); err == nil {
			d.Offset, err = ParseOffset(m[2])
		}
		if m[3] != "" {
			d.Anchor = FromBirth
		}
		if err == nil && (d.From.Unit == Hours || d.Offset.Unit == Hours) {
			err = fmt.Errorf("%q: a window is given in days, working days, weeks or months", s)
		}
	case dueBefore.MatchString(s):
		m := dueBefore.FindStringSubmatch(s)
		d.Anchor = Anchor(m[2])
		d.Offset, err = ParseOffset(m[1])
		d.Offset.N = -d.Offset.N
		if err == nil && d.Offset.Unit == Hours && d.Anchor == FromEDD {
			err = fmt.Errorf("%q: the expected date of delivery has no time of day: count in days or weeks", s)
		}
	case dueAge.MatchString(s):
		d.Anchor = FromBirth
		d.Offset, err = ParseOffset(dueAge.FindStringSubmatch(s)[1])
		if err == nil && d.Offset.Unit == Hours {
			err = fmt.Errorf("%q: an age is given in days, weeks or months", s)
		}
	case dueEvery.MatchString(s):
		d.Every = true
		d.Offset, err = ParseOffset(dueEvery.FindStringSubmatch(s)[1])
	case dueSet.MatchString(s):
		d.Anchor = FromSet
		if most := dueSet.FindStringSubmatch(s)[1]; most != "" {
			d.Cap, err = ParseOffset(most)
		}
	default:
		d.Offset, err = ParseOffset(s)
	}
	if err != nil {
		return Due{}, fmt.Errorf("%w (a clock is written like 24 hours, 5 working days, from 4 weeks within 6 weeks, from 10 days within 14 days of the birth, 2 weeks before edd, by 28 days of age, immediately (1 hour), same day, next working day, at least every 6 weeks, or the date set)", err)
	}
	return d, nil
}
