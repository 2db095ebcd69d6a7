package govuk

import (
	"strings"
	"time"

	"example.org/doorstep/notify"
)

// outcomes is what Notify's statuses of texts and emails mean.
//
// "sent" is the last that is heard of a text to some countries abroad. It stays
// sent: whether it arrived nobody can tell, and the caller stops asking when it
// has asked often enough.
var outcomes = map[string]struct {
	progress notify.Progress
	fault    notify.Fault
	reason   string
}{
	"created":   {progress: notify.ProgressQueued},
	"sending":   {progress: notify.ProgressSent},
	"pending":   {progress: notify.ProgressSent},
	"sent":      {progress: notify.ProgressSent, reason: "handed to a network abroad, which does not tell whether it arrived"},
	"delivered": {progress: notify.ProgressDelivered},
	"permanent-failure": {notify.ProgressUndelivered, notify.FaultAddress,
		"GOV.UK Notify says that the number or address does not exist, or that its network refuses it: correct it in the people list"},
	"temporary-failure": {notify.ProgressUndelivered, notify.FaultUnreachable,
		"GOV.UK Notify could not deliver it: the phone is off or out of reach, or the mailbox is full or takes it for spam"},
	"technical-failure": {notify.ProgressFailed, notify.FaultProvider,
		"GOV.UK Notify could not send it, for trouble between itself and the network"},
	"failed": {notify.ProgressFailed, notify.FaultUnclear, "GOV.UK Notify does not say why it failed"}, // of old
}

// notifications is a page of messages as Notify tells of them, less what is
// personal.
type notifications struct {
	Notifications []notification `json:"notifications"`
}

type notification struct {
	ID          string    `json:"id"`
	Reference   string    `json:"reference"`
	Status      string    `json:"status"`
	CreatedAt   timestamp `json:"created_at"`
	SentAt      timestamp `json:"sent_at"`
	CompletedAt timestamp `json:"completed_at"`
}

// at is when it came so far.
func (n notification) at() time.Time {
	for _, t := range []timestamp{n.CompletedAt, n.SentAt} {
		if !t.IsZero() {
			return t.Time
		}
	}
	return n.CreatedAt.Time
}

// receipt is false where the status is none that is known.
func (n notification) receipt() (notify.Receipt, bool) {
	o, known := outcomes[n.Status]
	return notify.Receipt{ProviderID: n.ID, Progress: o.progress, Fault: o.fault, Code: n.Status, Reason: o.reason, At: n.at()}, known
}

// timestamp is a time as Notify writes it, with a T and a Z or, in its
// documentation, with neither: in UTC both ways.
type timestamp struct{ time.Time }

// UnmarshalJSON takes what it cannot read for no time at all: no receipt is worth
// losing for it.
func (t *timestamp) UnmarshalJSON(content []byte) error {
	s := strings.TrimSuffix(strings.Replace(strings.Trim(string(content), `"`), " ", "T", 1), "Z")
	t.Time, _ = time.Parse("2006-01-02T15:04:05.999999999", s)
	return nil
}
