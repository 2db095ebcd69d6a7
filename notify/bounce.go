package notify

import (
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
)

// Action is what a notice says was done with an email (RFC 3464, 2.3.3).
type Action string

const (
	ActionFailed    Action = "failed"
	ActionDelayed   Action = "delayed" // the server goes on trying
	ActionDelivered Action = "delivered"
	ActionRelayed   Action = "relayed"    // to a server that sends no notices
	ActionExpanded  Action = "expanded"   // to the members of a list
	ActionAnswered  Action = "auto-reply" // an out-of-office or read notice (RFC 3834, RFC 8098): says nothing about delivery
)

// Bounce is what a notice about an email says. It holds no address and none of the
// notice's own words: anybody can send one.
type Bounce struct {
	// MessageID is the email's, without angle brackets (see Composer.MessageIDOf);
	// empty when the notice does not tell. Nobody but the email's recipient and the
	// servers on its way know it, which is all that speaks for a notice being real.
	MessageID string
	Action    Action
	Status    string // RFC 3463, as in "5.1.1"; empty: none

	// With ActionFailed only, as in Outcome. A fault of our own account is told as
	// one of the content: the message goes another way and operations are told, but
	// no email stops a channel.
	Fault  Fault
	Reason string
}

// largestBounce is how much of a notice is read. What is said about delivery comes
// before the returned email, and Doorstep's emails are small.
const largestBounce = 1 << 20

var errNoNotice = errors.New("the email is no notice about delivery")

// ReadBounce reads one email, as an .eml file holds it: a delivery report (RFC
// 3464), or what other servers send instead. It returns an error when the email is
// neither that nor an automatic answer. However broken it is, what can be read of
// it counts.
func ReadBounce(r io.Reader) (Bounce, error) {
	content, err := io.ReadAll(io.LimitReader(r, largestBounce))
	if err != nil {
		return Bounce{}, fmt.Errorf("reading a bounced email: %w", err)
	}
	n := readNotice(content)
	switch report, action := n.recipientThatCounts(), n.announced(); {
	case report != nil:
		return n.bounceOf(report), nil
	case action != "":
		return n.bounce(action, n.textReply(), false), nil
	case n.answersAutomatically():
		return Bounce{Action: ActionAnswered}, nil
	}
	return Bounce{}, errNoNotice
}

// recipientThatCounts returns what is said of the recipient; nil when the notice has no report.
// Doorstep's emails have one recipient. Behind it there may be a list or a
// forwarding, and what failed there counts most.
func (n *notice) recipientThatCounts() textproto.MIMEHeader {
	var chosen textproto.MIMEHeader
	for _, r := range n.recipients {
		failed, before := actionOf(r) == ActionFailed, chosen != nil && actionOf(chosen) == ActionFailed
		if chosen == nil || failed && (!before || n.passedOn(chosen) && !n.passedOn(r)) {
			chosen = r
		}
	}
	return chosen
}

// bounceOf is the bounce that a report makes.
func (n *notice) bounceOf(r textproto.MIMEHeader) Bounce {
	_, said, _ := strings.Cut(r.Get("Diagnostic-Code"), ";")
	reply := replyIn(said)
	// Some servers write 5.0.0 whatever the other server said.
	if status := status.FindString(r.Get("Status")); status != "" && (reply.status == "" || !strings.HasSuffix(status, ".0.0")) {
		reply.status = status
	}
	return n.bounce(actionOf(r), reply, n.passedOn(r))
}

func (n *notice) bounce(action Action, r reply, passedOn bool) Bounce {
	b := Bounce{MessageID: n.messageID(), Action: action, Status: r.status}
	if action != ActionFailed {
		return b
	}
	m := r.meaning()
	switch {
	case m.fault == FaultAccount, m.fault == FaultBusy:
		m.fault = FaultContent
	case m.fault == FaultAddress && passedOn:
		// The address is good; the one behind it is not.
		m = meaning{fault: FaultContent, says: "the message was passed on to another address that cannot be reached: see where the recipient's mailbox or list sends its messages"}
	}
	b.Fault, b.Reason = m.fault, m.says
	code := r.status
	if r.code != 0 {
		code = strings.TrimSpace(strconv.Itoa(r.code) + " " + r.status)
	}
	if code != "" {
		b.Reason += " (" + code + ")"
	}
	return b
}

// actionOf reads the action, and where there is none, the status.
func actionOf(r textproto.MIMEHeader) Action {
	word, _, _ := strings.Cut(strings.TrimSpace(r.Get("Action")), " ")
	switch action := Action(strings.ToLower(word)); action {
	case ActionFailed, ActionDelayed, ActionDelivered, ActionRelayed, ActionExpanded:
		return action
	}
	switch status := status.FindString(r.Get("Status")); {
	case strings.HasPrefix(status, "2."):
		return ActionDelivered
	case strings.HasPrefix(status, "4."):
		return ActionDelayed
	}
	return ActionFailed
}

// passedOn reports whether a report is about another address than the email was
// sent to.
func (n *notice) passedOn(r textproto.MIMEHeader) bool {
	to, err := netmail.ParseAddress(n.original.Get("To"))
	if err != nil {
		return false
	}
	known := false
	for _, field := range []string{"Original-Recipient", "Final-Recipient"} {
		_, address, found := strings.Cut(r.Get(field), ";")
		address = strings.Trim(strings.TrimSpace(address), "<>")
		if strings.EqualFold(address, to.Address) {
			return false
		}
		known = known || found && address != ""
	}
	return known
}

// messageID looks for the email's Message-ID: in what is returned of it, then in
// the words of the notice, then where an answer names what it answers.
func (n *notice) messageID() string {
	for _, candidate := range []string{
		n.original.Get("Message-Id"),
		string(firstGroup(messageIDLine, n.text)),
		n.header.Get("In-Reply-To"),
		n.header.Get("References"), // where it is the only one
	} {
		if found := messageID.FindStringSubmatch(strings.TrimSpace(candidate)); found != nil {
			return found[1]
		}
	}
	return ""
}

// firstGroup returns what the pattern's group found in text.
func firstGroup(pattern *regexp.Regexp, text []byte) []byte {
	if found := pattern.FindSubmatch(text); found != nil {
		return found[1]
	}
	return nil
}

var (
	status        = regexp.MustCompile(`\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)
	messageID     = regexp.MustCompile(`^<?([!-;=?A-~]{1,200}@[!-;=?A-~]{1,255})>?$`)
	messageIDLine = regexp.MustCompile(`(?im)^[ \t>]*message-id:[ \t]*(<[^<>\s]{1,460}>)`)
	codeAndStatus = regexp.MustCompile(`\b([45][0-9]{2})[ -]+#?([45]\.[0-9]{1,3}\.[0-9]{1,3})\b`)
	codeAlone     = regexp.MustCompile(`(?m)(?:^[ \t]*|[:;#][ \t]*)([45][0-9]{2})[ -]`)
)

// replyIn finds the server's reply in words about it.
func replyIn(words string) reply {
	r := reply{stage: bounced, words: words, status: status.FindString(words)}
	if found := codeAndStatus.FindStringSubmatch(words); found != nil {
		r.code, _ = strconv.Atoi(found[1])
		r.status = found[2]
	} else if found := codeAlone.FindStringSubmatch(words); found != nil {
		r.code, _ = strconv.Atoi(found[1])
	}
	return r
}

// What notices without a report are called, and by whom they are sent.
var (
	robot         = regexp.MustCompile(`(?i)(mailer-daemon|postmaster|microsoftexchange[0-9a-f]+)@`)
	failedSubject = regexp.MustCompile(`(?i)^(undeliver|mail delivery (failed|failure)|delivery (failure|status notification \(failure\))|failure notice|returned mail|nondeliverable|non-delivery|mail system error)`)
	lateSubject   = regexp.MustCompile(`(?i)(\bdelayed\b|delivery delay|delivery status notification \(delay\))`)
	awaySubject   = regexp.MustCompile(`(?i)^(automatic reply|auto(matic)?[- ]?reply|auto:|out of (the )?office)`)
)

// announced is what a notice without a report says by its header: Exim's and
// Exchange's own fields, or a mail system's name and subject. Empty: nothing.
func (n *notice) announced() Action {
	subject := decoded(n.header.Get("Subject"))
	isRobot := robot.MatchString(n.header.Get("From")) || n.header.Get("Return-Path") == "<>"
	switch {
	case n.header.Get("X-Failed-Recipients") != "":
		return ActionFailed
	case isRobot && lateSubject.MatchString(subject):
		return ActionDelayed
	case isRobot && failedSubject.MatchString(subject), n.header.Get("X-Ms-Exchange-Message-Is-Ndr") != "":
		return ActionFailed
	}
	return ""
}

// answersAutomatically recognises what programs answer (RFC 3834, 5; and what was
// used before it).
func (n *notice) answersAutomatically() bool {
	auto := strings.ToLower(n.header.Get("Auto-Submitted"))
	return n.readReceipt ||
		auto != "" && !strings.HasPrefix(auto, "no") ||
		n.header.Get("X-Autoreply") != "" || n.header.Get("X-Autorespond") != "" || n.header.Get("X-Autoresponder") != "" ||
		strings.EqualFold(n.header.Get("Precedence"), "auto_reply") ||
		awaySubject.MatchString(decoded(n.header.Get("Subject")))
}
