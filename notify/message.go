package notify

import "time"

// Kind is what a message is for.
type Kind string

const (
	KindReminder   Kind = "reminder"    // one or several duties
	KindDigest     Kind = "digest"      // a manager's working-day digest
	KindTeamDigest Kind = "team-digest" // a service manager's summary by team
	KindAlert      Kind = "alert"       // for whoever runs Doorstep
)

// The channels a message can go by.
const (
	ByEmail = "email"
	BySMS   = "sms"
)

// Message is one thing to tell one person, in plain values. Exactly the part
// that its Kind names is set: Reminders, Digest or Alert.
type Message struct {
	// Key is the ledger's own key. The Message-ID and the file name derive from
	// it, so a repeat of the same message can be recognised as one.
	Key       string
	Kind      Kind
	Channel   string // ByEmail or BySMS
	To        Address
	Urgent    bool      // marks the email as important; set for the immediate ladder too
	Created   time.Time // when the ledger took it in
	Reminders []Reminder
	Digest    *Digest
	Alert     *Alert
}

// Address is where a message goes. It never holds a person's name.
type Address struct {
	Email  string
	Mobile string // E.164: +447700900123
}

// Reminder is one duty as its reader is to be told of it.
type Reminder struct {
	CaseRef string
	Duty    string // id: "see-child-again"
	Title   string // in words, as an instruction: "See the child again"
	Attempt int    // 0 before the first unsuccessful visit

	Ladder    string // "routine", "urgent" or "immediate"
	Rung      string // "start", "before-1wd", "due", "after-4h" and the like
	Role      string // the role in which the reader is told: "practitioner", "manager", ...
	OwnerRole string // the role whose duty it is
	OwnerID   string // that person's staff id; empty when nobody holds the role

	Opened    time.Time
	OpensFrom time.Time // windows only: not before this
	Due       time.Time

	Why    string // why Due is what it is
	Basis  string // BasisGuidance or BasisLocal
	Clause string // where the duty comes from

	// CoverFor is the staff id of the person who is away and for whom the reader
	// stands in; empty when the reader is told for themselves.
	CoverFor string

	// Merged says that this reminder stands for earlier ones that were missed,
	// because Doorstep was down or the event was recorded late.
	Merged bool
}

// Where a duty's figure comes from (Reminder.Basis).
const (
	BasisGuidance = "guidance"
	BasisLocal    = "local" // shown to readers as a local default
)

// Alert tells whoever runs Doorstep that something needs a hand. Neither field
// may hold personal data.
type Alert struct {
	Title string
	Text  string
}
