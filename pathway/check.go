package pathway

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Fault is what is wrong with one value of a person, a case or an event. It quotes
// references and ids, and never a name, an address, a number or free text.
type Fault struct {
	Column  string // as in FORMATS, "CSV"; empty for the whole
	Message string // what is wrong and what to do
}

// Checker says whether people, cases and events are valid by themselves, and writes
// what they hold in its one form. Whichever way they come, they go through it:
// whatever it lets pass can be kept, derived and written to. Who and what else is
// known it does not ask. It is safe for concurrent use.
type Checker struct {
	rules *Rules
	now   time.Time
	words *vocabulary
}

// NewChecker returns a checker for what comes in at a time.
func NewChecker(rules *Rules, now time.Time) *Checker {
	return &Checker{rules, now, rules.vocabulary()}
}

const (
	longestName = 200    // bytes of a reference or an id
	longestLine = 500    // bytes of a text of one line
	longestText = 10_000 // bytes of a reason

	// clockSlack is how far another computer's clock may be ahead of ours.
	clockSlack = 5 * time.Minute
	// longestAhead is how far ahead a date of a case may lie that somebody sets:
	// beyond it lies a typing error.
	longestAhead = 5 * 366 * 24 * time.Hour

	// FirstYear and LastYear are the years whose dates are believed. What lies
	// outside is a typing error: no child on a case was born before, no duty runs
	// beyond.
	FirstYear = 1990
	LastYear  = 2100
)

var (
	earliest = time.Date(FirstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(LastYear+1, 1, 2, 0, 0, 0, 0, time.UTC)
)

// Person checks a person, and writes the addresses as they are written to.
func (c *Checker) Person(p *Person) []Fault {
	f := faults{now: c.now}
	f.name("id", p.ID, true)
	f.line("name", p.Name)
	if p.Role == "" {
		f.fault("role", "is empty: use %s", OneOf(Roles))
	} else if !slices.Contains(Roles, string(p.Role)) {
		f.fault("role", "%s is not a role: use %s", quoted(string(p.Role)), OneOf(Roles))
	}
	f.line("team", p.Team)
	f.address("email", &p.Email, ParseEmail)
	f.address("mobile", &p.Mobile, ParseMobile)
	if !p.Reachable() {
		f.fault("email", "there is neither an email address nor a mobile number: give one, so that this person can be told")
	}
	if p.Channel == "" {
		p.Channel = ChannelEmail
	}
	if !slices.Contains(Channels, p.Channel) {
		f.fault("channel", "%s is not a channel: use %s", quoted(p.Channel), OneOf(Channels))
	}
	f.name("reports_to", p.ReportsTo, false)
	if p.ID != "" && p.ReportsTo == p.ID {
		f.fault("reports_to", "a person cannot report to themselves")
	}
	f.name("cover", p.Cover, false)
	if p.ID != "" && p.Cover == p.ID {
		f.fault("cover", "a person cannot cover for themselves")
	}
	f.believed("active_from", p.ActiveFrom)
	f.believed("active_until", p.ActiveUntil)
	if !p.ActiveUntil.IsZero() && p.ActiveUntil.Before(p.ActiveFrom) {
		f.fault("active_until", "lies before active_from: correct one of them")
	}
	f.believed("away_from", p.AwayFrom)
	if !p.AwayUntil.IsZero() && p.AwayFrom.IsZero() {
		f.fault("away_from", "is empty though there is an away_until: fill in the first day away")
	}
	f.believed("away_until", p.AwayUntil)
	if !p.AwayUntil.IsZero() && p.AwayUntil.Before(p.AwayFrom) {
		f.fault("away_until", "lies before away_from: correct one of them")
	}
	return f.list
}

// Case checks a case as a record system describes it.
func (c *Checker) Case(k *Case) []Fault {
	f := faults{now: c.now}
	f.name("ref", k.Ref, true)
	f.word("pathway", &k.Pathway, c.words.pathways, "")
	f.past("opened_at", k.Opened, "is empty: every clock of the case counts from it")
	f.past("recorded_at", k.Recorded, "")
	f.name("practitioner", k.Practitioner, false)
	f.name("manager", k.Manager, false)
	f.name("chair", k.Chair, false)
	f.line("team", k.Team)
	if k.Contact != "" && !slices.Contains(Contacts, k.Contact) {
		f.fault("contact", "%s is not known: use %s", quoted(k.Contact), OneOf(Contacts))
	}
	if k.Plan != "" && !slices.Contains(Plans, k.Plan) {
		f.fault("plan", "the value is not known: use %s", OneOf(Plans))
	}
	if !k.EDD.IsZero() {
		f.ahead("edd", c.rules.Calendar.StartOf(k.EDD))
	}
	f.line("household", k.Household)
	f.line("addressee", k.Addressee)
	for i, line := range k.Address {
		if column := i + 1; column > mostAddressLines {
			f.fault("address_6", "the address has more than %d lines: join some of them", mostAddressLines)
			break
		} else if !isLine(line) {
			f.line("address_"+strconv.Itoa(column), line)
		}
	}
	f.line("postcode", k.Postcode)
	f.line("phone", k.Phone)
	for _, service := range k.OpenTo {
		if !IsShortName(service) {
			f.fault("open_to", "the value is not a short name: write it like baby-steps, with ; between several")
		}
	}
	if !k.VisitEvery.IsZero() && !k.VisitEvery.isFrequency() {
		f.fault("visit_every", "%s %s", quoted(k.VisitEvery.String()), noFrequency)
	}
	f.past("closed_at", k.Closed, "")
	if !k.Closed.IsZero() && k.Closed.Before(k.Opened) {
		f.fault("closed_at", "lies before opened_at: correct one of them")
	}
	f.line("language", k.Language)
	return f.list
}

// mostAddressLines is how many columns an address has.
const mostAddressLines = 6

// Event checks an event, and gives it its id where it has none. One that says no
// time of recording is recorded whenever it is taken in.
func (c *Checker) Event(e *Event) []Fault {
	f := faults{now: c.now}
	f.name("event_id", e.ID, false)
	f.name("case_ref", e.Case, true)
	f.word("kind", &e.Kind, c.words.kinds, "is empty: say what happened")
	f.past("at", e.At, "is empty: say when it happened")
	f.past("recorded_at", e.Recorded, "")
	if !e.Recorded.IsZero() && e.Recorded.Before(e.At) {
		if e.Recorded.Before(e.At.Add(-clockSlack)) && len(f.list) == 0 {
			f.fault("recorded_at", "lies before the event itself: correct recorded_at or at")
		}
		e.Recorded = e.At // two clocks that differ a little
	}
	f.name("by", e.By, false)
	f.line("value", e.Value)
	f.ahead("due_at", e.Due)
	f.ahead("booked_for", e.Booked)
	f.text("reason", e.Reason)
	if len(f.list) > 0 {
		return f.list // what depends on the kind would only repeat it
	}
	kind := kindsByName[e.Kind]
	if kind != nil {
		c.needs(&f, kind, e)
	}
	if e.ID == "" {
		e.ID = EventID(e)
	}
	if e.Kind == KindVoided && e.Value == e.ID {
		f.fault("value", "an event cannot void itself: give the id of the event that was recorded in error")
	}
	return f.list
}

// needs checks what the kind asks of the event's other columns.
func (c *Checker) needs(f *faults, kind *Kind, e *Event) {
	if kind.Booked != "" && e.Booked.IsZero() {
		f.fault("booked_for", "is empty: %s needs %s", e.Kind, kind.Booked)
	}
	if kind.Due != "" && e.Due.IsZero() {
		f.fault("due_at", "is empty: %s needs %s", e.Kind, kind.Due)
	}
	if calendar := c.rules.Calendar; e.Kind == KindTimeframeSet && e.Due.Before(e.At) && !e.Due.IsZero() &&
		calendar.DateOf(e.Due).Before(calendar.DateOf(e.At)) {
		f.fault("due_at", "lies before the event itself: correct due_at or at")
	}
	if kind.Form != AnyText {
		e.Value = strings.TrimSpace(e.Value)
	}
	switch {
	case e.Value != "", kind.Form == OfPathway: // an empty one is told which there are
		c.form(f, kind.Form, e)
	case kind.Value != "":
		f.fault("value", "is empty: %s needs %s", e.Kind, kind.Value)
	}
}

// form checks an event's value and writes it in one form.
func (c *Checker) form(f *faults, form Form, e *Event) {
	switch form {
	case YesNo:
		f.word("value", &e.Value, yesOrNo, "")
	case OfCard:
		f.word("value", &e.Value, cardVariants, "")
	case OfPathway:
		f.word("value", &e.Value, c.words.pathways, "")
	case Frequency:
		every, err := ParseFrequency(e.Value)
		if err != nil {
			f.fault("value", "%s %v", quoted(e.Value), err)
		}
		e.Value = every.String()
	case BothReviews:
		f.bothReviews(e)
	case Items:
		f.items(e, c.words.items)
	}
}

var (
	yesOrNo      = NewWords(YesOrNo...)
	cardVariants = NewWords(CardVariants()...)
)

// bothReviews reads the two answers of review-considered and writes them in one
// order.
func (f *faults) bothReviews(e *Event) {
	answers := map[string]string{}
	for _, part := range SplitList(strings.ToLower(e.Value)) {
		question, answer, _ := strings.Cut(part, "=")
		answers[strings.TrimSpace(question)] = strings.TrimSpace(answer)
	}
	answered := func(question string) bool { return slices.Contains(YesOrNo, answers[question]) }
	if len(answers) != 2 || !answered("review") || !answered("legal") {
		f.fault("value", "%s does not answer both questions: write it like review=yes;legal=no", quoted(e.Value))
		return
	}
	e.Value = "review=" + answers["review"] + ";legal=" + answers["legal"]
}

// items reads the ticked items of a checklist.
func (f *faults) items(e *Event, known *Words) {
	items := SplitList(strings.ToLower(e.Value))
	for _, item := range items {
		if !IsShortName(item) {
			f.fault("value", "%s is not a short name: write it like baby-steps, with ; between several", quoted(item))
		} else if _, ok := known.Find(item); !ok && len(known.list) > 0 {
			f.fault("value", "%s is on no pathway's checklist: %s", quoted(item), known.Choices(item))
		}
	}
	e.Value = strings.Join(items, ";")
}

// faults collects what is wrong with the values of one row.
type faults struct {
	now  time.Time
	list []Fault
}

func (f *faults) fault(column, format string, args ...any) {
	f.list = append(f.list, Fault{column, fmt.Sprintf(format, args...)})
}

// name checks a reference or an id. It goes into subjects and links as it is.
func (f *faults) name(column, value string, required bool) {
	switch {
	case value == "" && required:
		f.fault(column, "is empty: it has to be filled in")
	case value == "" || len(value) <= longestName && isPrintable(value) && strings.TrimSpace(value) == value:
	case len(value) <= longestName && utf8.ValidString(value) && hasControl(value):
		f.fault(column, oneLine)
	default:
		f.fault(column, "is longer than %d characters or holds characters that cannot be shown", longestName)
	}
}

const oneLine = "holds a line break or a control character: write it in one line"

// line checks a text of one line.
func (f *faults) line(column, value string) {
	switch {
	case isLine(value):
	case len(value) > longestLine:
		f.fault(column, "is longer than %d characters: is it the right column?", longestLine)
	case !utf8.ValidString(value):
		f.fault(column, "is not UTF-8: save the file as UTF-8")
	default:
		f.fault(column, oneLine)
	}
}

func isLine(s string) bool {
	return len(s) <= longestLine && !hasControl(s) && utf8.ValidString(s)
}

// text checks what people wrote. It may have several lines.
func (f *faults) text(column, value string) {
	switch {
	case len(value) > longestText:
		f.fault(column, "is longer than %d characters: shorten it", longestText)
	case !utf8.ValidString(value):
		f.fault(column, "is not UTF-8: save the file as UTF-8")
	case strings.IndexByte(value, 0) >= 0:
		f.fault(column, "holds a zero byte: remove it")
	}
}

// word checks a value that is one of some words, and writes it as they are. Of an
// empty one it says what is given, or else the words.
func (f *faults) word(column string, value *string, w *Words, empty string) {
	word, ok := w.Find(*value)
	switch {
	case ok:
		*value = word
	case *value != "":
		f.fault(column, "%s is not known: %s", quoted(*value), w.Choices(*value))
	case empty == "":
		f.fault(column, "is empty: %s", w.Choices(""))
	default:
		f.fault(column, "%s", empty)
	}
}

// address checks where somebody is written to, and writes it in its one form.
func (f *faults) address(column string, value *string, parse func(string) (string, error)) {
	if *value == "" {
		return
	}
	parsed, err := parse(*value)
	if err != nil {
		f.fault(column, "%v", err)
		return
	}
	*value = parsed
}

// past checks an instant that cannot lie ahead. An empty text says that it may be
// missing.
func (f *faults) past(column string, t time.Time, empty string) {
	switch {
	case t.IsZero() && empty != "":
		f.fault(column, "%s", empty)
	case t.IsZero():
	case t.Before(earliest):
		f.fault(column, "lies before 1990: check the year")
	case t.After(f.now.Add(clockSlack)):
		f.fault(column, "lies in the future: check the date, and this computer's clock")
	}
}

// ahead checks an instant that somebody set, which may lie ahead.
func (f *faults) ahead(column string, t time.Time) {
	switch {
	case t.IsZero():
	case t.Before(earliest):
		f.fault(column, "lies before 1990: check the year")
	case t.After(f.now.Add(longestAhead)):
		f.fault(column, "lies more than five years ahead: check the year")
	}
}

// believed checks an instant of which nothing is known but that people see it.
func (f *faults) believed(column string, t time.Time) {
	if !t.IsZero() && (t.Before(earliest) || t.After(latest)) {
		f.fault(column, "is not a date in the years %d to %d: is it a typing error?", FirstYear, LastYear)
	}
}

// hasControl looks at every value of every row: a plain loop over bytes first.
func hasControl(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return strings.ContainsFunc(s[i:], isControl)
		}
	}
	return false
}

// isPrintable reports whether every character of s shows.
func isPrintable(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return utf8.ValidString(s) && !strings.ContainsFunc(s[i:], func(r rune) bool { return !unicode.IsPrint(r) })
		}
	}
	return true
}

// quoted quotes a value, shortened where it is long.
func quoted(s string) string { return strconv.Quote(Shorten(s)) }

// Shorten keeps what may be no value at all from filling a message.
func Shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
