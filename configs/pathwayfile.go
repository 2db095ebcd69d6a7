package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// A document in a pathway file is one of three, known by its key: a pathway, a
// set of rules that pathways include, or ladders.

// pathwayDocument is a pathway or a set.
type pathwayDocument struct {
	Pathway string      `yaml:"pathway"`
	Set     string      `yaml:"set"`
	Title   string      `yaml:"title"`
	Source  string      `yaml:"source"`
	Stage   string      `yaml:"stage" choices:"antenatal child"`
	Include []string    `yaml:"include"`
	Kinds   []string    `yaml:"kinds"`
	Held    heldEntry   `yaml:"appointments"`
	Moves   []moveEntry `yaml:"moves"`
	Flags   []flagEntry `yaml:"flags"`
	Duties  []dutyEntry `yaml:"duties"`
}

// heldEntry is where appointments are held whose row does not say.
type heldEntry struct {
	At     string `yaml:"at"`
	Basis  string `yaml:"basis" choices:"guidance local"`
	Clause string `yaml:"clause"`
}

type moveEntry struct {
	On pathway.Match `yaml:"on"`
	To string        `yaml:"to"`
}

type flagEntry struct {
	ID     string          `yaml:"id"`
	Title  string          `yaml:"title"`
	On     pathway.Trigger `yaml:"on"`
	Basis  string          `yaml:"basis" choices:"guidance local"`
	Clause string          `yaml:"clause"`
}

type dutyEntry struct {
	ID         string            `yaml:"id"`
	Title      string            `yaml:"title"`
	Guide      string            `yaml:"guide"`
	Clause     string            `yaml:"clause"`
	Basis      string            `yaml:"basis" choices:"guidance local"`
	Owner      string            `yaml:"owner" choices:"practitioner manager service-manager chair"`
	Told       []string          `yaml:"told" choices:"practitioner manager service-manager chair"`
	Ladder     string            `yaml:"ladder"`
	Paperwork  bool              `yaml:"paperwork"`
	TakesOver  []string          `yaml:"takes_over"`
	Opens      []pathway.Trigger `yaml:"opens"`
	If         pathway.Condition `yaml:"if"`
	Due        []dueEntry        `yaml:"due"`
	Sooner     []pathway.Match   `yaml:"sooner"`
	MetBy      []pathway.Match   `yaml:"met_by"`
	Checklist  []itemEntry       `yaml:"checklist"`
	Replaces   bool              `yaml:"replaces"`
	BothRecord bool              `yaml:"both_record"`
	HeldAt     string            `yaml:"held_at"`
}

// setDefaults fills in what goes without saying.
func (e *dutyEntry) setDefaults() {
	if e.Ladder == "" {
		e.Ladder = "routine"
	}
	if len(e.Checklist) > 0 && len(e.MetBy) == 0 {
		e.MetBy = []pathway.Match{{Text: pathway.KindLiaison, Kind: pathway.KindLiaison}}
	}
}

// dueEntry is a clock, or one of several with the cases it is for.
type dueEntry struct {
	If     pathway.Condition `yaml:"if"`
	Within pathway.Due       `yaml:"within"`
	Basis  string            `yaml:"basis" choices:"guidance local"`
	Clause string            `yaml:"clause"`
}

func (e *dueEntry) ReadScalar(text string) (err error) {
	e.Within, err = pathway.ParseDue(text)
	return err
}

// itemEntry is an item of a checklist, or one with the cases it is for.
type itemEntry struct {
	Item string            `yaml:"item"`
	If   pathway.Condition `yaml:"if"`
}

func (e *itemEntry) ReadScalar(text string) error {
	e.Item = text
	return nil
}

// laddersDocument is the third kind.
type laddersDocument struct {
	Ladders []ladderEntry `yaml:"ladders"`
}

type ladderEntry struct {
	ID           string      `yaml:"id"`
	Title        string      `yaml:"title"`
	OfficeHours  bool        `yaml:"office_hours"`
	EveryChannel bool        `yaml:"every_channel"`
	Severity     int         `yaml:"severity"`
	Rungs        []rungEntry `yaml:"rungs"`
	Again        againEntry  `yaml:"again"`
	DatesWithin  setWithin   `yaml:"dates_within"`
	Rest         restTimes   `yaml:"paperwork_rests"`
}

// againEntry is what is said of an overdue duty after the last rung.
type againEntry struct {
	After []againTime `yaml:"after"`
	Every againEvery  `yaml:"every"`
	To    []string    `yaml:"to" choices:"owner practitioner manager service-manager chair"`
}

// againTime reads "4 hours".
type againTime struct{ offset pathway.Offset }

func (a *againTime) UnmarshalText(b []byte) (err error) {
	if a.offset, err = pathway.ParseOffset(string(b)); err == nil && (a.offset.Unit != pathway.Hours || a.offset.N == 0) {
		err = fmt.Errorf("%q: what is said again soon is given in hours after the last rung, as in 12 hours; write the days in every", b)
	}
	return err
}

// againEvery reads "5 working days".
type againEvery struct{ offset pathway.Offset }

func (a *againEvery) UnmarshalText(b []byte) (err error) {
	if a.offset, err = pathway.ParseOffset(string(b)); err == nil && (a.offset.Unit != pathway.WorkingDays || a.offset.N == 0) {
		err = fmt.Errorf("%q: what is said again and again is given in working days, as in 5 working days", b)
	}
	return err
}

// setWithin reads "1 working day".
type setWithin struct{ offset pathway.Offset }

func (s *setWithin) UnmarshalText(b []byte) (err error) {
	if s.offset, err = pathway.ParseOffset(string(b)); err == nil && (s.offset.Unit == pathway.Hours || s.offset.N == 0) {
		err = fmt.Errorf("%q: how near a date is that somebody sets is given in days, as in 1 working day", b)
	}
	return err
}

// restTimes reads "21:00-07:00".
type restTimes struct{ rest pathway.Rest }

func (r *restTimes) UnmarshalText(b []byte) (err error) {
	from, until, found := strings.Cut(string(b), "-")
	if !found {
		return fmt.Errorf("%q is no part of the night: write it as 21:00-07:00", b)
	}
	if r.rest.From, err = pathway.ParseClockTime(strings.TrimSpace(from)); err != nil {
		return err
	}
	if r.rest.Until, err = pathway.ParseClockTime(strings.TrimSpace(until)); err == nil && r.rest.From == r.rest.Until {
		err = fmt.Errorf("%q is no part of the night: let it end at another time than it begins", b)
	}
	return err
}

// What goes without saying, so that a ladder of an organisation's own lets nothing fall
// silent either: that the owner hears of a date that somebody else has set, and that an
// overdue duty is said again.
var (
	setRung      = rungEntry{At: rungTime{text: string(pathway.AtSet), moment: pathway.AtSet}, To: []string{string(pathway.Owner)}, SkipRecorder: true}
	againAndOver = againEntry{Every: againEvery{pathway.Offset{N: 5, Unit: pathway.WorkingDays}}, To: []string{string(pathway.Owner), string(pathway.Manager)}}
)

// isGiven reports whether a ladder says anything of it.
func (a *againEntry) isGiven() bool {
	return len(a.After) > 0 || a.Every != (againEvery{}) || len(a.To) > 0
}

// withDefaults is the entry with them filled in.
func (e ladderEntry) withDefaults() ladderEntry {
	if len(e.Rungs) > 0 && !slices.ContainsFunc(e.Rungs, func(r rungEntry) bool { return r.At.moment == pathway.AtSet }) {
		at := 0
		if e.Rungs[0].At.moment == pathway.AtStart {
			at = 1
		}
		e.Rungs = slices.Insert(slices.Clone(e.Rungs), at, setRung)
	}
	if !e.Again.isGiven() {
		e.Again = againAndOver
	}
	if e.ID != "urgent" {
		return e
	}
	if e.DatesWithin == (setWithin{}) {
		e.DatesWithin.offset = pathway.Offset{N: 1, Unit: pathway.WorkingDays}
	}
	if e.Rest == (restTimes{}) {
		e.Rest.rest = pathway.Rest{From: 21 * 60, Until: 7 * 60}
	}
	return e
}

type rungEntry struct {
	At           rungTime `yaml:"at"`
	To           []string `yaml:"to" choices:"owner practitioner manager service-manager chair"`
	SkipRecorder bool     `yaml:"skip_recorder"`
}

// rungTime reads "start", "set", "due", "4 hours before", "2 working days after".
type rungTime struct {
	text   string
	moment pathway.Moment
	offset pathway.Offset
}

var rungShift = regexp.MustCompile(`^(?:(.*) )?(before|after)$`)

func (r *rungTime) UnmarshalText(b []byte) error {
	text := strings.Join(strings.Fields(string(b)), " ")
	*r = rungTime{text: text}
	if text == string(pathway.AtStart) || text == string(pathway.AtSet) || text == string(pathway.AtDue) {
		r.moment = pathway.Moment(text)
		return nil
	}
	const forms = "write start, set, due, 4 hours before, 3 working days before or 2 working days after"
	m := rungShift.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is not the time of a rung: %s", text, forms)
	}
	offset, err := pathway.ParseOffset(m[1])
	switch {
	case err != nil:
		return fmt.Errorf("%q does not say how long %s: %s", text, m[2], forms)
	case offset.N == 0:
		return fmt.Errorf("%q is no time at all: write due", text)
	}
	r.moment, r.offset = pathway.Moment(m[2]), offset
	return nil
}

func (e ladderEntry) ladder() *pathway.Ladder {
	e = e.withDefaults()
	l := &pathway.Ladder{ID: e.ID, Title: e.Title, OfficeHours: e.OfficeHours, EveryChannel: e.EveryChannel, Severity: e.Severity}
	l.DatesWithin, l.Rest = e.DatesWithin.offset, e.Rest.rest
	l.Again = pathway.AgainRule{Every: e.Again.Every.offset, To: roles(e.Again.To)}
	for _, a := range e.Again.After {
		l.Again.After = append(l.Again.After, a.offset)
	}
	for _, r := range e.Rungs {
		l.Rungs = append(l.Rungs, pathway.RungRule{Moment: r.At.moment, Offset: r.At.offset,
			To: roles(r.To), SkipRecorder: r.SkipRecorder})
	}
	return l
}

func (e *dutyEntry) rule() pathway.DutyRule {
	r := pathway.DutyRule{
		ID: e.ID, Title: e.Title, Guide: strings.TrimSpace(e.Guide), Clause: strings.TrimSpace(e.Clause),
		Basis: pathway.Basis(e.Basis), Owner: pathway.Role(e.Owner), Told: roles(e.Told), Ladder: e.Ladder,
		Paperwork: e.Paperwork, TakesOver: e.TakesOver,
		Opens: e.Opens, If: e.If, Sooner: e.Sooner, MetBy: e.MetBy, Replaces: e.Replaces, BothRecord: e.BothRecord, HeldAt: e.HeldAt,
	}
	for _, d := range e.Due {
		r.Due = append(r.Due, pathway.DueRule{If: d.If, Within: d.Within, Basis: pathway.Basis(d.Basis), Clause: d.Clause})
	}
	for _, i := range e.Checklist {
		r.Checklist = append(r.Checklist, pathway.Item{Name: i.Item, If: i.If})
	}
	return r
}

func roles(names []string) []pathway.Role {
	out := make([]pathway.Role, len(names))
	for i, n := range names {
		out[i] = pathway.Role(n)
	}
	return out
}
