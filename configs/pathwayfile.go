package configs

import (
	"fmt"
	"regexp"
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
}

type rungEntry struct {
	At           rungTime `yaml:"at"`
	To           []string `yaml:"to" choices:"owner practitioner manager service-manager chair"`
	SkipRecorder bool     `yaml:"skip_recorder"`
}

// rungTime reads "start", "due", "4 hours before", "2 working days after".
type rungTime struct {
	text   string
	moment pathway.Moment
	offset pathway.Offset
}

var rungShift = regexp.MustCompile(`^(?:(.*) )?(before|after)$`)

func (r *rungTime) UnmarshalText(b []byte) error {
	text := strings.Join(strings.Fields(string(b)), " ")
	*r = rungTime{text: text}
	if text == string(pathway.AtStart) || text == string(pathway.AtDue) {
		r.moment = pathway.Moment(text)
		return nil
	}
	const forms = "write start, due, 4 hours before, 3 working days before or 2 working days after"
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

func (e *ladderEntry) ladder() *pathway.Ladder {
	l := &pathway.Ladder{ID: e.ID, Title: e.Title, OfficeHours: e.OfficeHours, EveryChannel: e.EveryChannel, Severity: e.Severity}
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
