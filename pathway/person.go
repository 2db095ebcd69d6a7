package pathway

import "time"

// Role is what somebody does for a case, in a duty or on a rung.
type Role string

const (
	Practitioner   Role = "practitioner"
	Manager        Role = "manager"
	ServiceManager Role = "service-manager" // the manager's own manager
	Chair          Role = "chair"           // child protection chair
	Admin          Role = "admin"
	// Owner stands on a ladder for whichever role owns the duty.
	Owner Role = "owner"
)

// ChannelEmail and ChannelSMS are the channels a message can go by.
const (
	ChannelEmail = "email"
	ChannelSMS   = "sms"
)

// ChannelInWords is what people call a message by a channel: text or email.
func ChannelInWords(channel string) string {
	if channel == ChannelSMS {
		return "text"
	}
	return "email"
}

// Person is a member of staff who can be told something.
type Person struct {
	ID        string
	Name      string
	Role      Role
	Team      string
	Email     string
	Mobile    string // E.164, or empty
	Channel   string // ChannelEmail or ChannelSMS: how routine reminders go
	ReportsTo string // for a manager, the service manager
	Cover     string // who gets their messages while they are away

	ActiveFrom  time.Time // zero: always
	ActiveUntil time.Time // the instant from which they no longer work here; zero: no end
	AwayFrom    time.Time
	AwayUntil   time.Time // the instant from which they are back
}

// Manages reports whether others report to the person by their role.
func (p *Person) Manages() bool { return p.Role == Manager || p.Role == ServiceManager }

// Left reports whether the person does not work here at t.
func (p *Person) Left(t time.Time) bool {
	return !p.ActiveFrom.IsZero() && t.Before(p.ActiveFrom) ||
		!p.ActiveUntil.IsZero() && !t.Before(p.ActiveUntil)
}

// Away reports whether the person is on leave at t. An absence with only a
// start has no end yet.
func (p *Person) Away(t time.Time) bool {
	return !p.AwayFrom.IsZero() && !t.Before(p.AwayFrom) &&
		(p.AwayUntil.IsZero() || t.Before(p.AwayUntil))
}

// Reachable reports whether there is any address to write to.
func (p *Person) Reachable() bool { return p.Email != "" || p.Mobile != "" }
