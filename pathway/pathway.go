package pathway

// Pathway is what one piece of guidance asks for one sort of case.
type Pathway struct {
	ID      string
	Title   string
	Source  string   // the document, with its date
	Stage   Stage    `json:",omitempty"`
	Version string   // a digest of the definition; duties remember the one they opened under
	Kinds   []string // event kinds this pathway adds to the ones Doorstep knows
	Moves   []Move
	Flags   []FlagRule
	Duties  []DutyRule
	Held    *Held `json:",omitempty"` // nil: at home
}

// Held is where an appointment is held whose row does not say.
type Held struct {
	At     string // PlaceHome, or the id of a place
	Clause string `json:",omitempty"`
	Basis  Basis
}

// heldAt is where an appointment is held whose row does not say.
func (p *Pathway) heldAt() string {
	if p.Held == nil {
		return PlaceHome
	}
	return p.Held.At
}

// Rule returns the pathway's rule for a duty, or nil.
func (p *Pathway) Rule(duty string) *DutyRule {
	for i := range p.Duties {
		if p.Duties[i].ID == duty {
			return &p.Duties[i]
		}
	}
	return nil
}

// AsksByItself reports whether time alone opens some duty of the pathway.
func (p *Pathway) AsksByItself() bool { return p.ruleWith((*Trigger).ComesByItself) != nil }

// Stage is whether a pathway is for a child before its birth or after. A case that
// moves from the one to the other is a birth: see Derive.
type Stage string

const (
	Antenatal Stage = "antenatal"
	OfAChild  Stage = "child"
)

// isBirth reports whether a case that moves from one pathway to another moves from
// before its birth to after it; nil is a pathway that nobody knows.
func isBirth(from, to *Pathway) bool {
	return from != nil && to != nil && from.Stage == Antenatal && to.Stage == OfAChild
}

// Move takes a case to another pathway when an event says so. The number of
// unsuccessful visits in a row is kept, unless the move is a birth.
type Move struct {
	On Match
	To string
}

// FlagRule points out something worth a manager's look that is no duty.
type FlagRule struct {
	ID     string
	Title  string
	Clause string
	Basis  Basis
	On     Trigger
}

// DutyRule is one duty of a pathway: when it opens, for whom, when it is due,
// what meets it.
type DutyRule struct {
	ID         string
	Title      string // an instruction: "Discuss with the team manager"
	Guide      string // what to consider while doing it, for people to read
	Clause     string // where the source says so
	Basis      Basis
	Owner      Role
	Told       []Role // told at the start besides those on the ladder
	Ladder     string
	Paperwork  bool     // its messages rest at night where the ladder's others do not
	TakesOver  []string // the duties opened before it of which nothing is sent while it is open
	Opens      []Trigger
	If         Condition
	Due        []DueRule // the first whose condition holds
	Sooner     []Match   // events by which somebody sets an earlier date; a later one is capped and flagged
	MetBy      []Match
	Checklist  []Item
	HeldAt     string `json:",omitempty"` // where the contact that it asks for is held, whatever the pathway has; empty: as it has
	Replaces   bool   // a new one ends the one before it
	BothRecord bool   // one of the duties that practitioner and manager must each do
	// Everywhere: it holds on every pathway, whatever becomes of the case.
	Everywhere bool `json:",omitempty"`
}

// Item is one line of a checklist.
type Item struct {
	Name string
	If   Condition
}
