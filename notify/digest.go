package notify

import "time"

// Digest is what a manager, or a service manager, reads at the start of a
// working day, or a child protection chair at the start of a week. A manager's has Sections, a service manager's has Teams (and may
// have Sections too). It shows each case once, with all that is said of it: first
// the cases with something new, then, in a line each, those that stand as they did.
type Digest struct {
	On    time.Time // the instant it was counted at; its local day heads the digest
	Chair bool      `json:",omitempty"` // it is a chair's: of the cases that they track
	// Desk says that it goes to a duty address: the managers of its cases do not work here,
	// and nobody above them does, or the cases have none.
	Desk bool `json:",omitempty"`
	// Since is when its reader's last one was counted: what came since is new. Zero:
	// there was none, and everything is.
	Since time.Time `json:",omitzero"`
	Late  bool      // it goes out later than its schedule; the digest says so
	DueAt time.Time // when its schedule wanted it; zero when nothing did

	// DataOf is from when what the record system handed over is; zero: it hands
	// nothing over.
	DataOf time.Time `json:",omitzero"`
	// LateFiles are the kinds of files that have not come when they should have.
	LateFiles []LateFiles `json:",omitempty"`

	Sections []Section     // in the order they are shown; one without lines is left out
	Teams    []TeamSummary // in the order they are shown
}

// LateFiles are files of a kind that have not come.
type LateFiles struct {
	Of    string // "people", "cases" or "events"
	Since time.Time
}

// SectionID names a section of the digest. Its heading is in the wording files.
type SectionID string

const (
	Overdue       SectionID = "overdue"     // longest and most serious first
	DueToday      SectionID = "due-today"   // later on the day of the digest
	DueBeforeOpen SectionID = "before-open" // before the next working day opens
	Coming        SectionID = "coming"      // in three working days
	BeyondCap     SectionID = "beyond-cap"  // dates set later than the cap
	ClosedCases   SectionID = "closed"      // unsuccessful visits recorded on closed cases
	AwayOrGone    SectionID = "away"        // practitioners away or gone with open duties
	Undelivered   SectionID = "undelivered" // messages that could not be delivered
	PaperWaits    SectionID = "paper"       // cards and letters that nobody has printed for over two working days, or nobody can
	WorthALook    SectionID = "flags"       // for instance three cancellations in a row
	Tracked       SectionID = "tracked"     // a chair's: unsuccessful visits, and whether an action is agreed

	// Digests that an earlier release has queued have it: what both sides must record
	// stands there a second time.
	bothRecord SectionID = "both-record"
)

var sectionIDs = []SectionID{Overdue, DueToday, DueBeforeOpen, Coming, BeyondCap, bothRecord, ClosedCases, AwayOrGone, Undelivered, PaperWaits, WorthALook, Tracked}

// Section is one part of a digest.
type Section struct {
	ID    SectionID
	Lines []DigestLine
}

// DigestLine is one duty, or one thing to know, in a digest. Every field may be
// empty; a line without a Title is shown as its note. The note is worded from
// Absence, Undelivered, Paper and Said ("note"); Note follows as it is. Nothing
// here may name a member of a family.
type DigestLine struct {
	CaseRef      string
	Title        string // the duty in words: "See the child again"
	Due          time.Time
	OwnerRole    string // the role whose duty it is
	Practitioner string // staff id
	Attempt      int    // 0 before the first unsuccessful visit
	Urgent       bool   // its ladder's messages do not wait for office hours
	Note         string // anything more: "asked for 20 October"
	New          bool   `json:",omitempty"` // it stood in no earlier digest of the reader, or elsewhere

	Absence     *Absence       `json:",omitempty"` // the Practitioner's
	Undelivered *Undeliverable `json:",omitempty"`
	Discussed   *Discussed     `json:",omitempty"` // of the case
	Paper       *WaitingPaper  `json:",omitempty"`
	Visits      *InVain        `json:",omitempty"` // to a family that a chair tracks
	Action      *ActionAsked   `json:",omitempty"` // on such a case
	Said        time.Time      `json:",omitzero"`  // when somebody said by text that it is done: to be confirmed
}

// InVain are unsuccessful visits since the child was last seen.
type InVain struct {
	Count int
	Last  time.Time
}

// ActionAsked is whether managers and chair have agreed on an action.
type ActionAsked struct {
	Agreed time.Time // zero: it is not
	Due    time.Time // when it should be; zero: nothing is asked
}

// Absence is why somebody does not see to their duties.
type Absence struct {
	Gone   bool      // for good; else away
	Until  time.Time // the last moment away; zero: not known
	Duties int       // open ones that are still theirs
	Cover  string    // staff id of whoever covers; empty: nobody
}

// Undeliverable is a message that did not arrive.
type Undeliverable struct {
	Person     string    // staff id
	Channel    string    // ByEmail or BySMS
	WaitsSince time.Time // it is still to go, since then; zero: it has failed
	Reason     string    // in words, as in Outcome; empty where it has not been tried
	Instead    []Told    // who was told in its place
}

// WaitingPaper is a card or letter that is still to be printed.
type WaitingPaper struct {
	Kind  string    // card or letter
	Since time.Time // when it was called for
	Why   string    // why it cannot be printed; empty: nobody has
}

// Told is somebody who was told, and how.
type Told struct {
	Person  string // staff id
	Channel string // ByEmail or BySMS
}

// TeamSummary is one team's line in a service manager's digest.
type TeamSummary struct {
	Team     string
	Overdue  int
	DueToday int
	Coming   int       // in three working days
	Oldest   time.Time // due time of the team's longest overdue duty; zero when none is
	OldestOf string    // that duty's case reference
}

// Count returns the number of lines in the section id, 0 when there is none.
func (d *Digest) Count(id SectionID) int {
	n := 0
	for _, s := range d.Sections {
		if s.ID == id {
			n += len(s.Lines)
		}
	}
	return n
}

// HasNews reports whether there is anything in it that its reader should know today:
// something is overdue or due before the next working day, something is new, a visit
// stands on a closed case, or files have not come. What merely comes, and was said before, is none.
func (d *Digest) HasNews() bool {
	if len(d.LateFiles) > 0 {
		return true
	}
	for _, s := range d.Sections {
		for _, l := range s.Lines {
			if d.Since.IsZero() || l.New || s.ID == Overdue || s.ID == DueToday || s.ID == DueBeforeOpen || s.ID == ClosedCases {
				return true
			}
		}
	}
	for _, t := range d.Teams {
		if t.Overdue > 0 || t.DueToday > 0 {
			return true
		}
	}
	return false
}
