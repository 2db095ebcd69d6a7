package notify

import (
	"slices"
	"time"

	"example.org/doorstep/pathway"
)

// Kind is what a message is for.
type Kind string

const (
	KindReminder    Kind = "reminder"     // one or several duties
	KindDigest      Kind = "digest"       // a manager's working-day digest
	KindTeamDigest  Kind = "team-digest"  // a service manager's summary by team
	KindChairDigest Kind = "chair-digest" // a chair's, of a week
	KindAlert       Kind = "alert"        // for whoever runs Doorstep
	KindNotice      Kind = "notice"       // for a member of staff: something about them or theirs changed
	KindAnswer      Kind = "answer"       // to a text that came in
	KindTest        Kind = "test"         // the monthly contact test, and the probe
)

// The channels a message can go by.
const (
	ByEmail = "email"
	BySMS   = "sms"
)

// Message is one thing to tell one person, in plain values. Exactly the part
// that its Kind names is set: Reminders, Digest, Alert (a notice too), Answer or Test.
type Message struct {
	// Key is the ledger's own key. The Message-ID and the file name derive from
	// it, so a repeat of the same message can be recognised as one.
	Key     string
	Kind    Kind
	Channel string // ByEmail or BySMS
	To      Address
	Created time.Time // when the ledger took it in
	// UsefulUntil is when it stops being of use: no provider should hold it longer.
	// Zero: always of use.
	UsefulUntil time.Time
	// MaybeSent is when an earlier attempt may have been taken without Doorstep
	// hearing of it; zero: never. A channel that can ask its provider does so
	// before it sends again.
	MaybeSent time.Time
	// Staff are the names of those whose ids stand in it; who is not among them is called
	// by the id.
	Staff pathway.StaffNames
	// ReplyCode is what its reader puts after DONE, SEEN or ACK in an answering
	// text, as in "4F7KP"; empty where nobody reads answers.
	ReplyCode string

	Reminders []Reminder
	Digest    *Digest
	Alert     *Alert
	Answer    *Answer
	Test      *Test
}

// Urgent reports whether the message marks itself as important: one of its reminders
// is urgent.
func (m *Message) Urgent() bool {
	return slices.ContainsFunc(m.Reminders, func(r Reminder) bool { return r.Urgent })
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

	// What the duty's ladder says of its messages.
	Urgent    bool // they do not wait for office hours
	Immediate bool // and nothing is more serious

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
	// Unreached is the staff id of the person in whose place the reader gets this,
	// because their own messages did not arrive; else empty.
	Unreached string

	// Merged says that this reminder stands for earlier ones that were missed,
	// because Doorstep was down or the event was recorded late.
	Merged bool

	// Moved is when its date was moved to a later one after it had fallen due, and Was
	// when it had; zero: it was not.
	Moved, Was time.Time
	// SetBy is the staff id of whoever set its date, with the rung "set"; empty: not known.
	SetBy string
	// RecordedAfter says how long after it happened the event was recorded that opened it,
	// and Left how much of its clock is left; empty: not late, and nothing.
	RecordedAfter, Left string

	// Said is when somebody said by text that it is done, which is to be confirmed; zero:
	// nobody has.
	Said time.Time

	// Household are the other open cases of the household, where the duty asks for
	// liaison.
	Household []string
	// Discussed is what the reader, its manager, was last told of the case; nil: nothing.
	Discussed *Discussed

	// AnswerPage is where under the case's page the reader says what was done about the
	// duty: "record" for a visit, "do/liaise" and the like; empty: it is not theirs to do.
	AnswerPage string

	// CanDone says that this reader may record the duty as done by text. A text
	// about this one duty then offers DONE; any other offers ACK.
	CanDone bool
}

// Discussed is what a discussion with the manager left of what a case's urgency hangs on.
type Discussed struct {
	At           time.Time
	Concern      string // low, medium or high; empty: not said
	SeenByOthers string // yes, no or unknown; empty: not said
}

// Where a duty's figure comes from (Reminder.Basis).
const (
	BasisGuidance = "guidance"
	BasisLocal    = "local" // shown to readers as a local default
)

// Answer is what somebody who sent a text is told. Each Says is a sentence of
// the wording ("sms-answer").
type Answer struct {
	Says    string
	Code    string // the reply code that was meant; empty: none
	CaseRef string
	Title   string // of the duty
}

// What an answer can say.
const (
	AnswerDone          = "done"           // the duty is recorded as done
	AnswerSaid          = "said"           // it stands as said by text: to be confirmed, and the clock runs on
	AnswerSaidAlready   = "said-already"   // it stands so since before
	AnswerAcknowledged  = "acknowledged"   // this rung is quiet; the duty stays open
	AnswerStopped       = "stopped"        // no more texts
	AnswerStarted       = "started"        // texts again
	AnswerHelp          = "help"           // how to answer
	AnswerLocked        = "locked"         // too many codes were wrong today
	AnswerUnknownCode   = "unknown-code"   // no text to this number had the code
	AnswerNoCode        = "no-code"        // DONE, SEEN or ACK without a code
	AnswerSeveral       = "several"        // DONE or SEEN to a text about several duties, or a code that two texts had
	AnswerNotUnderstood = "not-understood" // no command, or more than one
	AnswerAlready       = "already"        // it was recorded before
	AnswerNotYours      = "not-yours"      // somebody else's duty
	AnswerNotByText     = "not-by-text"    // the duty needs more than a word
	AnswerNotOpen       = "not-open"       // the duty has ended
)

var answers = []string{AnswerDone, AnswerSaid, AnswerSaidAlready, AnswerAcknowledged, AnswerStopped, AnswerStarted, AnswerHelp, AnswerLocked, AnswerUnknownCode,
	AnswerNoCode, AnswerSeveral, AnswerNotUnderstood, AnswerAlready, AnswerNotYours, AnswerNotByText, AnswerNotOpen}

// Answers returns all that an answer can say.
func Answers() []string { return slices.Clone(answers) }

// Test is a message that only shows that messages arrive.
type Test struct {
	Probe bool // for whoever runs Doorstep; else a contact test for a member of staff
}

// Alert tells somebody of one thing that needs a hand. What it says is in the
// wording ("alert-title", "alert-text"), chosen by Says; with an empty Says it
// stands in Title and Text. No field may hold personal data.
type Alert struct {
	Title string
	Text  string

	Says    string
	CaseRef string    // with AlertPhoneFamily
	Channel string    // the one that it is about: ByEmail or BySMS
	Reason  string    // what the provider says, in words
	Since   time.Time // zero: not known
	Waiting int       // how many messages wait, or wait no longer; with AlertRowsRejected, how many rows;
	// with AlertEmergency, how many who look at who did what are told too
	File  string // the name of a file that was handed over, or of an endpoint of webhooks
	Files string // what it holds: "people", "cases" or "events"

	// With AlertAddressOff, AlertCodesGuessed and AlertEmergency: whose. With AlertAddressChanged: whose (staff ids, the first of Waiting), which of
	// their addresses (ByEmail, BySMS; empty: both or one of them), by whom, and
	// whether the reader is that person.
	People []string
	By     string
	Own    bool

	// With AlertHouseholdVisit: the cases that were visited, and the reader's cases of
	// the same household, of which CaseRef is the first. Since is when, By who recorded it.
	// With AlertClosedCase Cases are those that were visited, Since and By of one alone.
	Visited []string `json:",omitempty"`
	Cases   []string `json:",omitempty"`
}

// What an alert can say: AlertPhoneFamily and AlertHouseholdVisit to a practitioner, AlertClosedCase
// to a manager, AlertAddressChanged to
// whoever it is about and to their manager, AlertAddressOff to these and to whoever runs
// Doorstep, the others to the last.
const (
	AlertPhoneFamily    = "phone-family"        // nothing may go by post: phone instead
	AlertChannelStopped = "channel-stopped"     // nothing goes out by this channel
	AlertChannelBack    = "channel-back"        // it does again
	AlertRefused        = "refused"             // a message was refused as it is
	AlertProbeLost      = "probe-lost"          // the test message did not arrive
	AlertLettersRefused = "letters-refused"     // so many letters (Waiting) are not posted by whoever was to post them
	AlertLettersWait    = "letters-wait"        // so many letters cannot be handed over to be posted
	AlertPaperWaits     = "paper-waits"         // so many cards and letters are not printed, the first since Since
	AlertRowsRejected   = "rows-rejected"       // so many rows (Waiting) of a File were
	AlertFileRejected   = "file-rejected"       // nothing of a File was taken in
	AlertFileUnreadable = "file-unreadable"     // a File lies there and cannot be read
	AlertFileFails      = "file-fails"          // a File cannot be taken in for now
	AlertFilesLate      = "files-late"          // no file of its kind (Files) has come since
	AlertClockWrong     = "clock-wrong"         // a machine's clock is
	AlertClockWasWrong  = "clock-was-wrong"     // one was, as what it left shows
	AlertDatabaseFails  = "database-fails"      // what a daemon does fails for its database
	AlertDatabaseBack   = "database-back"       // it goes well again
	AlertAddressChanged = "address-changed"     // where somebody is written to is another
	AlertAddressOff     = "address-off"         // an address of one of the People is not used any more
	AlertBouncesForged  = "bounces-forged"      // so many notices about our emails prove nothing
	AlertCodesGuessed   = "codes-guessed"       // somebody tries codes from the number of one of the People
	AlertWebhookOff     = "webhook-off"         // an endpoint of webhooks (File) wants no more
	AlertWebhookFails   = "webhook-fails"       // one has taken none for days, and webhooks of Since are given up
	AlertEmergency      = "emergency"           // one of the People has signed in with a password in an emergency
	AlertClosedCase     = "closed-case"         // unsuccessful visits on closed cases, the Cases
	AlertOpened         = "opened-in-emergency" // somebody, By, has opened the case CaseRef, which is not theirs
	AlertMoved          = "case-moved"          // the Cases are another practitioner's now: of People the first had them, the second has them
	AlertHouseholdVisit = "household-visit"     // an unsuccessful visit to another case of a household
)

var alerts = []string{AlertPhoneFamily, AlertChannelStopped, AlertChannelBack, AlertRefused, AlertProbeLost,
	AlertLettersRefused, AlertLettersWait, AlertPaperWaits, AlertRowsRejected, AlertFileRejected, AlertFileUnreadable, AlertFileFails, AlertFilesLate, AlertClockWrong, AlertClockWasWrong, AlertDatabaseFails, AlertDatabaseBack, AlertAddressChanged,
	AlertOpened, AlertMoved, AlertAddressOff, AlertBouncesForged, AlertCodesGuessed, AlertWebhookOff, AlertWebhookFails, AlertEmergency, AlertHouseholdVisit, AlertClosedCase}
