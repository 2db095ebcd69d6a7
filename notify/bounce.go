package notify

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"slices"
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
	// servers on its way know it.
	MessageID string
	// Forged says that our own mail server found the notice to fail DMARC.
	Forged bool
	Action Action
	Status string // RFC 3463, as in "5.1.1"; empty: none

	// With ActionFailed only, as in Outcome. Whether a notice may stop a channel
	// (FaultAccount, FaultBusy) or speak against an address is for who knows whether
	// it is real.
	Fault  Fault
	Reason string

	named  string // see Names
	others string // see MessageIDs
}

// MessageIDs are what the email may be called, MessageID first: a notice within a notice,
// or one that a server on the way has given a name of its own, names several.
func (b *Bounce) MessageIDs() []string {
	return append([]string{b.MessageID}, strings.Fields(b.others)...)
}

// largestBounce is how much of a notice is read. What is said about delivery comes
// before the returned email, and Doorstep's emails are small.
const largestBounce = 1 << 20

var errNoNotice = errors.New("the email is no notice about delivery")

// ReadBounce reads one email, as an .eml file holds it: a delivery report (RFC
// 3464), or what other servers send instead. It returns an error when the email is
// neither that nor an automatic answer. However broken it is, what can be read of
// it counts.
//
// authServer is what our own mail server calls itself in Authentication-Results; empty:
// nobody has said.
func ReadBounce(r io.Reader, authServer string) (Bounce, error) {
	content, err := io.ReadAll(io.LimitReader(r, largestBounce))
	if err != nil {
		return Bounce{}, fmt.Errorf("reading a bounced email: %w", err)
	}
	n := readNotice(content)
	b, err := n.whatItSays()
	if err == nil && b.Action == ActionFailed {
		b.named, b.Forged = n.named(), n.forged(authServer)
		if ids := n.messageIDs(); len(ids) > 1 {
			b.others = strings.Join(ids[1:], " ")
		}
	}
	return b, err
}

func (n *notice) whatItSays() (Bounce, error) {
	switch report, action := n.recipientThatCounts(), n.announced(); {
	case report != nil:
		return n.bounceOf(report), nil
	case action != "":
		return n.bounce(action, n.textReply(), false), nil
	case n.answersAutomatically():
		return Bounce{Action: ActionAnswered}, nil
	case n.returnsOne():
		return n.bounce(ActionFailed, reply{stage: bounced}, false), nil
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

// bounceOf is the bounce that a report makes. What the other server said outranks
// the status above it, which is often another server's guess; and where neither says
// anything, the notice's words may.
func (n *notice) bounceOf(r textproto.MIMEHeader) Bounce {
	kind, said, found := strings.Cut(r.Get("Diagnostic-Code"), ";")
	if !found {
		said = cmp.Or(kind, r.Get("Status"))
	}
	reply := replyIn(said)
	if status := status.FindString(r.Get("Status")); status != "" && (reply.status == "" || strings.HasSuffix(reply.status, ".0.0")) {
		reply.status = status
	}
	action := actionOf(r)
	if action == ActionFailed && (reply.meaning().fault == FaultUnclear || reply.words == "") {
		told := n.textReply()
		if told.status == "" || strings.HasSuffix(told.status, ".0.0") {
			told.status = reply.status
		}
		if told.meaning().fault != FaultUnclear {
			reply = told
		}
	}
	return n.bounce(action, reply, n.passedOn(r))
}

func (n *notice) bounce(action Action, r reply, passedOn bool) Bounce {
	b := Bounce{MessageID: n.messageID(), Action: action, Status: r.status}
	if action != ActionFailed {
		return b
	}
	m := r.meaning()
	switch {
	case m.fault == FaultAddress && fullMailbox.MatchString(strings.ToLower(n.words())):
		// The people's part of the notice says so, whatever the report does.
		m = meaning{fault: FaultUnreachable, says: mailboxFull}
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

// messageID is what the email is most likely called.
func (n *notice) messageID() string {
	if ids := n.messageIDs(); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// messageIDs looks for the email's Message-ID: in what is returned of it, then in the
// words of the notice, then where an answer names what it answers.
func (n *notice) messageIDs() (ids []string) {
	candidates := []string{n.original.Get("Message-Id")}
	for _, text := range [][]byte{n.text, n.body} { // in the body where its parts are broken, or one is within another
		for _, found := range messageIDLine.FindAllSubmatch(text, mostNames) {
			candidates = append(candidates, string(found[1]))
		}
	}
	candidates = append(candidates, n.header.Get("In-Reply-To"))
	candidates = append(candidates, strings.Fields(n.header.Get("References"))...)
	for _, candidate := range candidates[:min(len(candidates), 3*mostNames)] {
		found := messageID.FindStringSubmatch(strings.TrimSpace(candidate))
		if found != nil && !slices.Contains(ids, found[1]) && len(ids) < mostNames {
			ids = append(ids, found[1])
		}
	}
	return ids
}

// mostNames is how many names of emails are looked at.
const mostNames = 20

var (
	status        = regexp.MustCompile(`\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)
	messageID     = regexp.MustCompile(`^<?([!-;=?A-~]{1,200}@[!-;=?A-~]{1,255})>?$`)
	messageIDLine = regexp.MustCompile(`(?im)^[ \t>]*message-id:[ \t]*(<[^<>\s]{1,460}>)`)
	codeAndStatus = regexp.MustCompile(`\b([45][0-9]{2})[ -]+['"#(<]{0,2}([45]\.[0-9]{1,3}\.[0-9]{1,3})\b`)
	codeAlone     = regexp.MustCompile(`(?m)(?:^[ \t]*|[:;#][ \t]*|<<< |[Ss]aid: )([45][0-9]{2})[ :-]`)
)

// replyIn finds the server's reply in words about it. What stands before its code is
// not the server's.
func replyIn(words string) reply {
	words = words[:min(len(words), mostWords)]
	r := reply{stage: bounced, words: words, status: status.FindString(words)}
	found := codeAndStatus.FindStringSubmatchIndex(words)
	if found != nil {
		r.status = words[found[4]:found[5]]
	} else if found = codeAlone.FindStringSubmatchIndex(words); found == nil {
		return r
	}
	r.code, _ = strconv.Atoi(words[found[2]:found[3]])
	r.words = words[found[2]:]
	return r
}

// What notices without a report are called, and by whom they are sent. A mail
// system does not send under its own name what a person has set up to answer.
var (
	mailSystem    = regexp.MustCompile(`(?i)mailer-?daemon|mail delivery (sub)?system|mail deliver system|microsoftexchange[0-9a-f]+@`)
	maybeSystem   = regexp.MustCompile(`(?i)post_?master\b`)
	noReply       = regexp.MustCompile(`(?i)(post_?master|no[-_.]?reply|bounces?|notification)\b[^@]*@`)
	failedSubject = regexp.MustCompile(`(?i)^(re: ?|fwd?: ?)?(\[[^]]*\] *)?(undeliver|mail delivery fail|(mail|message) (could|can) ?not be|message delivery has failed|` +
		`(e-?mail )?delivery (has )?fail|delivery (failure|notification)|delivery status notification|permanent delivery fail|failure (notice|delivery)|failed delivery|` +
		`returned mail|returning|non-?deliver|mail system error|mail fail|mail failed|could not (be )?deliver|there was an error sending)`)
	failedText  = regexp.MustCompile(`(?i)did not reach the following recipient|(could not be|was not|were not|unable to be) delivered to|unable to deliver (your|the|a) message|delivery to the following recipients? failed`)
	lateSubject = regexp.MustCompile(`(?i)(\bdelayed\b|delivery delay|delivery status notification[ :(]*(delay|warning)|^warning)`)
	awaySubject = regexp.MustCompile(`(?i)^(automatic reply|auto(matic)?[- ]?re(ply|spon)|auto:|out of (the )?office)`)
)

// announced is what a notice without a report says by its header: Exim's and
// Exchange's own fields (Exchange's is there and empty), or a mail system's name and
// subject. Empty: nothing.
func (n *notice) announced() Action {
	subject := decoded(n.header.Get("Subject"))
	from := decoded(n.header.Get("From"))
	isSystem := mailSystem.MatchString(from)
	maybe := isSystem || maybeSystem.MatchString(from) || n.header.Get("Return-Path") == "<>"
	_, isNDR := n.header["X-Ms-Exchange-Message-Is-Ndr"]
	switch {
	case n.header.Get("X-Failed-Recipients") != "":
		return ActionFailed
	case maybe && lateSubject.MatchString(subject):
		return ActionDelayed
	case isSystem, isNDR, maybe && (failedSubject.MatchString(subject) || failedText.Match(n.text)):
		return ActionFailed
	}
	return ""
}

// returnsOne recognises what nobody wrote and what encloses an email: if that is one
// of ours, it did not arrive, whatever the rest says in whatever language.
func (n *notice) returnsOne() bool {
	nobody := n.header.Get("Return-Path") == "<>" || noReply.MatchString(n.header.Get("From"))
	return nobody && (n.original.Get("Message-Id") != "" || messageIDLine.Match(n.text))
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
