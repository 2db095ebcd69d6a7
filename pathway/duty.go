package pathway

import "time"

// Basis says whether a duty's figure is the guidance's own or a local default.
type Basis string

const (
	Guidance Basis = "guidance"
	Local    Basis = "local"
)

// Words says plainly that a figure is not the guidance's own.
func (b Basis) Words() string {
	if b == Guidance {
		return string(b)
	}
	return "local default"
}

// State is where a duty stands. Whether an open duty is overdue, or a met one
// was met late, depends on its due time and on now: see Duty.StateAt.
type State string

const (
	Open    State = "open"
	Met     State = "met"
	MetLate State = "met-late"
	Overdue State = "overdue"
	Ended   State = "ended"
)

// Duty is something one role must do by a time. It opens on an event, has a due
// time, and is met by an event.
type Duty struct {
	Case    string
	ID      string // for instance "discuss-with-manager"
	Opening string // id of the event that opened it; "" when the case's opening did
	Pathway string // the pathway it was opened under, and that file's version
	Version string

	Attempt  int  // unsuccessful visits in a row at its opening; 0 before the first
	Owner    Role // Practitioner or Manager, as a rule
	Told     []Role
	Ladder   string
	Basis    Basis
	Recorder string // who recorded the opening event; empty when not known

	Opened     time.Time // when the opening event happened
	Recorded   time.Time // when it was recorded, never before Opened
	OpensFrom  time.Time // windows only: the start of the window
	Due        time.Time
	Moved      time.Time // when a later record last changed Due; zero when none did
	LateSince  time.Time // the due time that had passed when Due was moved to a later one; zero: none had
	Set        time.Time // when the last record that sets its date was made; zero: none since it opened
	SetBy      string    // who made that record; empty when not known
	TakenOver  bool      // a later duty has taken it over: of this one nothing is sent
	Resumed    time.Time // when the last that had taken it over was met; zero: none has
	Paperwork  bool      // its messages rest at night
	Early      bool      // met before its window opened
	LaterThan  bool      // somebody asked for a date beyond the cap; the cap stands
	Met        time.Time
	MetBy      string    // id of the event that met it
	Said       time.Time // when somebody said by text that it is done, which is to be confirmed
	SaidBy     string    // the id of the event that says so
	Ended      time.Time
	EndedWhy   string
	Why        string   // why Due is what it is, in words for a team manager
	Missing    []string // checklist items not yet ticked
	BothRecord bool     // one of the duties that both practitioner and manager must record

	rule      *DutyRule // as Derive found it; nil on a duty read back from elsewhere
	reckoning reckoning
	series    int // derivation's, at its opening
}

// IsOpen reports whether the duty is still to be done.
func (d *Duty) IsOpen() bool { return d.Met.IsZero() && d.Ended.IsZero() }

// IsSilenced reports whether nothing is sent of a rung of the duty, because a later duty
// says it. What was taken over resumes with what is said again.
func (d *Duty) IsSilenced(m Moment) bool {
	return d.TakenOver || m != Again && !d.Resumed.IsZero()
}

// OverdueSince is since when an overdue duty is: where its date was moved when it was
// overdue, since the one before.
func (d *Duty) OverdueSince() time.Time { return OverdueSince(d.Due, d.LateSince) }

// OverdueSince is Duty's, of what is known of one.
func OverdueSince(due, lateSince time.Time) time.Time {
	if !lateSince.IsZero() {
		return lateSince
	}
	return due
}

// StateAt returns where the duty stands at now. A duty is overdue from the
// instant after its due time; one that was moved when it was overdue stays so.
func (d *Duty) StateAt(now time.Time) State {
	late := !d.LateSince.IsZero()
	switch {
	case !d.Met.IsZero() && (late || d.Met.After(d.Due)):
		return MetLate
	case !d.Met.IsZero():
		return Met
	case !d.Ended.IsZero():
		return Ended
	case late || now.After(d.Due):
		return Overdue
	}
	return Open
}
