package pathway

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Match picks out events: by kind, and where it says so by value and by the role
// of whoever recorded it. Kind "unsuccessful" is any unsuccessful visit, "booking"
// any event that books one, and "duty-opened" any event that opens a duty. Of a value
// of several parts, with ";" between, one is enough.
//
// Written: "seen", "vulnerability-answered=yes", "review-considered=legal=yes",
// "recorded by practitioner", "unsuccessful".
type Match struct {
	Text  string // as written
	Kind  string
	Value string
	By    Role
}

const (
	anyUnsuccessful = "unsuccessful"
	anyBooking      = "booking"
	dutyOpened      = "duty-opened"
	caseOpened      = "opened" // the case's opening, and its reopening

	// Kinds of what opens a duty by itself.
	bookedTime = "booked-time"
	fellSilent = "fell-silent"
	theBirth   = "the birth"
)

// SortsOfEvent are the words of a Match that stand for events of several kinds.
func SortsOfEvent() []string { return []string{anyUnsuccessful, anyBooking, dutyOpened} }

// ParseMatch reads a Match as written above.
func ParseMatch(s string) (Match, error) {
	kind, by, found := strings.Cut(strings.TrimSpace(s), " by ")
	m := Match{Text: strings.TrimSpace(s), By: Role(strings.TrimSpace(by))}
	if found && m.By != Practitioner && m.By != Manager && m.By != Chair && m.By != Admin {
		return Match{}, fmt.Errorf("%q: %q is not a role: use practitioner, manager, chair or admin", s, m.By)
	}
	m.Kind, m.Value, _ = strings.Cut(strings.TrimSpace(kind), "=")
	if !validKind.MatchString(m.Kind) {
		return Match{}, fmt.Errorf("%q is not an event: write a kind, such as seen or recorded by manager", s)
	}
	return m, nil
}

var validKind = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// matches reports whether an event is one that m picks out on the case.
func (m *Match) matches(e *Event, d *derivation) bool {
	switch m.Kind {
	case anyUnsuccessful:
		if !Unsuccessful(e.Kind) {
			return false
		}
	case anyBooking:
		if !e.Books() {
			return false
		}
	case e.Kind:
	default:
		return false
	}
	if !m.takes(e.Value) {
		return false
	}
	return m.By == "" || d.holds(e, m.By)
}

// takes reports whether the value of an event is the one picked out, or has it as one
// of its parts.
func (m *Match) takes(value string) bool {
	if m.Value == "" || strings.EqualFold(m.Value, strings.TrimSpace(value)) {
		return true
	}
	for part := range strings.SplitSeq(value, ";") {
		if strings.EqualFold(m.Value, strings.TrimSpace(part)) {
			return true
		}
	}
	return false
}

// Trigger opens duties and raises flags.
//
// Written: "opened"; "the birth" (the case's move from an antenatal pathway to a
// child's, see isBirth); "attempt 1", "attempt 2+" (the unsuccessful visit that is
// the n-th in a row, or the n-th and later); an event as in Match; a count,
// "3 cancelled-by-family in a row", "3 unsuccessful in any 12 months" or "3 unsuccessful
// within 12 months, each counted once"; or what comes by itself: "booked time" (of a
// visit whose outcome is not recorded in time) and "nothing planned" (the moment from
// which an open case, whose child was not seen, has no open duty and no visit booked).
type Trigger struct {
	Text       string // as written
	Opened     bool
	Birth      bool `json:",omitempty"`
	BookedTime bool
	Silence    bool // nothing planned
	MinAttempt int  // with MaxAttempt: the span of attempts; 0 for other triggers
	MaxAttempt int  // 0: no end
	Event      Match
	Times      int    // counts only: so many of Event …
	Within     Offset // … in any such span; zero: in a row
	Once       bool   // … none of them counted for an earlier duty of the same rule
}

// ComesByItself reports whether no event sets the trigger off, but time.
func (t *Trigger) ComesByItself() bool { return t.BookedTime || t.Silence }

var (
	attemptTrigger = regexp.MustCompile(`^attempt ([0-9]+)(\+?)$`)
	countTrigger   = regexp.MustCompile(`^([0-9]+) (\S+) in (a row|any (.+))$`)
	onceTrigger    = regexp.MustCompile(`^([0-9]+) (\S+) (within) (.+), each counted once$`)
)

// ParseTrigger reads a Trigger as written above.
func ParseTrigger(s string) (Trigger, error) {
	s = strings.Join(strings.Fields(s), " ")
	t, err := parseTrigger(s)
	t.Text = s
	return t, err
}

func parseTrigger(s string) (Trigger, error) {
	switch s {
	case caseOpened:
		return Trigger{Opened: true}, nil
	case "booked time":
		return Trigger{BookedTime: true}, nil
	case "nothing planned":
		return Trigger{Silence: true}, nil
	case theBirth:
		return Trigger{Birth: true}, nil
	}
	if m := attemptTrigger.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil || n < 1 || n > 1000 {
			return Trigger{}, fmt.Errorf("%q: an attempt is a number from 1", s)
		}
		t := Trigger{MinAttempt: n, MaxAttempt: n}
		if m[2] != "" {
			t.MaxAttempt = 0
		}
		return t, nil
	}
	if m := countTrigger.FindStringSubmatch(s); m != nil {
		return parseCount(s, m)
	}
	if m := onceTrigger.FindStringSubmatch(s); m != nil {
		t, err := parseCount(s, m)
		t.Once = true
		return t, err
	}
	match, err := ParseMatch(s)
	if err != nil {
		return Trigger{}, fmt.Errorf(`%w; or "opened", "the birth", "attempt 1", "attempt 2+", "3 unsuccessful in any 12 months", "booked time", "nothing planned"`, err)
	}
	return Trigger{Event: match}, nil
}

func parseCount(s string, m []string) (Trigger, error) {
	times, err := strconv.Atoi(m[1])
	if err != nil || times < 2 || times > 1000 {
		return Trigger{}, fmt.Errorf("%q: a count is a number from 2 to 1000", s)
	}
	match, err := ParseMatch(m[2])
	if err != nil {
		return Trigger{}, err
	}
	t := Trigger{Event: match, Times: times}
	if m[4] != "" {
		if t.Within, err = ParseOffset(m[4]); err != nil {
			return Trigger{}, err
		}
		if t.Within.Unit == WorkingDays || t.Within.Unit == Hours {
			return Trigger{}, fmt.Errorf("%q: count over days, weeks or months", s)
		}
	}
	return t, nil
}
