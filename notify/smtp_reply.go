package notify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reply is a mail server's refusal: heard from it, or told by a bounce.
type reply struct {
	stage  stage
	code   int    // 0 in a bounce that gives none
	status string // the enhanced code (RFC 3463), as in "5.1.1"; empty: none
	words  string
}

// meaning is what a refusal lies in, what to do about it, and how long to wait at
// least.
type meaning struct {
	fault Fault
	pause time.Duration
	says  string
}

const (
	// untilTomorrow is the pause after a daily limit. Microsoft counts the last 24
	// hours and not calendar days.
	untilTomorrow = 24 * time.Hour
	// shortPause is the pause that a server gets that finds us too fast.
	shortPause = time.Minute
)

const (
	signInRefused = "the mail server does not let Doorstep sign in: correct email.smtp username and password"
	tokenRefused  = "the mail server does not let Doorstep sign in by its token: see that email.smtp username is the mailbox, and that the application may send as it (in Microsoft 365: SMTP.SendAsApp with consent, and the mailbox open to it)"
	senderRefused = "the mail server refuses the sender: correct email.from"
	blocked       = "the mail provider has blocked this account or network from sending: have its administrator look into it"
	noMailbox     = "the mail server refuses the recipient: correct the address in the people list"
	mailboxFull   = "the recipient's mailbox is full, or takes nothing just now"
	tooLarge      = "the mail server finds the message too large"
	waitedTooLong = "the mail server has tried for too long and given up"
	tooFast       = "the mail server takes no more for now, and asks to try again later"
	limitOfTheDay = "the mail account has reached its limit for today"
)

// ofAccount are the codes that tell of our own account, whatever was being said
// when they came. Most are Microsoft's.
var ofAccount = map[string]meaning{
	"5.1.7":   {FaultAccount, 0, senderRefused}, // bad sender's address
	"5.1.8":   {FaultAccount, 0, blocked},       // bad outbound sender
	"5.1.90":  {FaultBusy, untilTomorrow, limitOfTheDay},
	"5.2.251": {FaultAccount, 0, "the mailbox that Doorstep sends from is full: make room in it"},
	"5.2.252": {FaultAccount, 0, senderRefused},
	"5.2.253": {FaultAccount, 0, "the mailbox that Doorstep sends from has no licence: give it one"},
	"5.2.254": {FaultBusy, shortPause, tooFast},
	"5.2.255": {FaultBusy, shortPause, tooFast},
	"5.7.30":  {FaultAccount, 0, "the mail server takes no passwords any more: set email.smtp.oauth2"},
	"5.7.60":  {FaultAccount, 0, senderRefused},
	"5.7.139": {FaultAccount, 0, "the mail provider has signing in by SMTP switched off for this mailbox: have its administrator switch Authenticated SMTP on"},
	"5.7.501": {FaultAccount, 0, blocked},
	"5.7.502": {FaultAccount, 0, blocked},
	"5.7.503": {FaultAccount, 0, blocked},
	"5.7.705": {FaultAccount, 0, blocked},
	"5.7.708": {FaultAccount, 0, blocked},
	"5.7.750": {FaultAccount, 0, blocked},
}

// ofRecipient are the permanent codes that tell of one mailbox or one message.
var ofRecipient = map[string]meaning{
	"5.1.1":   {FaultAddress, 0, noMailbox},
	"5.1.2":   {FaultAddress, 0, noMailbox}, // no such domain
	"5.1.3":   {FaultAddress, 0, noMailbox}, // not an address
	"5.1.6":   {FaultAddress, 0, noMailbox}, // moved
	"5.1.10":  {FaultAddress, 0, noMailbox}, // Microsoft's 5.1.1
	"5.2.1":   {FaultAddress, 0, "the recipient's mailbox is switched off: correct the address in the people list"},
	"5.2.2":   {FaultUnreachable, 0, mailboxFull},
	"5.2.3":   {FaultContent, 0, tooLarge},
	"5.3.4":   {FaultContent, 0, tooLarge},
	"5.4.7":   {FaultExpired, 0, waitedTooLong},
	"5.4.300": {FaultExpired, 0, waitedTooLong}, // Microsoft's
}

var (
	unknownMailbox = regexp.MustCompile(`user unknown|unknown (user|recipient|mailbox|address)|` +
		`no such (user|person|recipient|mailbox|address|domain)|no mailbox here|unrout(e)?able address|invalid (recipient|mailbox)|recip(ient)?notfound|` +
		`(user|mailbox|recipient|address|addressee|domain)\b[^.;]{0,60}\b(not found|unknown|disabled|inactive|not exist|doesn't exist)|` +
		`non-?existent (user|recipient|mailbox|domain)`)
	aboutSender = regexp.MustCompile(`\bsender|send ?as\b|from address`)
	badSender   = regexp.MustCompile(`sender address rejected|sender (verif|not |is not )|send as\b|sendasdenied|not authenticated to send`)
	aboutClient = regexp.MustCompile(`client host|helo command|ehlo command`)
	throttling  = regexp.MustCompile(`too many|throttl|rate.?limit|limit exceeded|exceeded[^.;]{0,40}limit|thread limit|server busy|slow down|too (fast|quickly)`)
	dayLimit    = regexp.MustCompile(`(daily|per day|24.hour)[^.;]{0,40}(limit|quota)|(limit|quota)[^.;]{0,40}(per day|for today)|submissionquotaexceeded`)
	greylisting = regexp.MustCompile(`gr[ea]y.?list|postgrey`)
	askedToWait = regexp.MustCompile(`\bin ([0-9]{1,4}) ?(s|m|h)(ec|ecs|econd|econds|in|ins|inute|inutes|our|ours)?\b`)
)

// meaning reads a refusal. The stage decides what the words are about: after MAIL
// the sender, and from RCPT on this one message, because it has one recipient.
func (r reply) meaning() meaning {
	words := strings.ToLower(r.words)
	switch m, ours := ofAccount[r.status]; {
	case ours:
		return m
	case r.stage != bounced && (r.code == 554 && r.status == "5.2.0" && !badSender.MatchString(words) || dayLimit.MatchString(words)):
		// Microsoft's limit of recipients a day: a 5xx that means tomorrow.
		return meaning{FaultBusy, untilTomorrow, limitOfTheDay}
	case r.stage != bounced && isSignIn(r.code), r.status == "4.7.12":
		return meaning{FaultAccount, 0, signInRefused}
	case r.temporary() && r.stage == bounced:
		if strings.HasPrefix(r.status, "4.2.") {
			return meaning{FaultUnreachable, 0, mailboxFull}
		}
		return meaning{FaultExpired, 0, waitedTooLong}
	case r.temporary():
		return r.forNow(words)
	}
	return r.forGood(words)
}

// temporary reports a failure that may pass. A server that has given up on one says
// so by a status beginning with 4, whatever its code.
func (r reply) temporary() bool {
	if r.stage == bounced && r.status != "" {
		return strings.HasPrefix(r.status, "4.")
	}
	return r.code/100 == 4
}

// forNow is the meaning of a 4xx.
func (r reply) forNow(words string) meaning {
	of := class(r.status)
	switch {
	case r.stage >= recipient && r.code != 432 && (of == "4.2" || greylisting.MatchString(words)):
		return meaning{FaultUnreachable, hint(words), "the mail server does not take messages for this recipient just now, and asks to try again later"}
	case r.stage == recipient && of == "4.7" && r.code != 421 && !throttling.MatchString(words):
		// Greylisting does not always say its name.
		return meaning{FaultUnreachable, hint(words), "the mail server asks to try again later"}
	case r.code == 432: // Microsoft: too many connections, or messages a minute; gone in a moment
		return meaning{FaultBusy, hint(words), tooFast}
	case of == "4.7" && r.code != 454, throttling.MatchString(words):
		return meaning{FaultBusy, max(hint(words), shortPause), tooFast}
	case r.stage == connecting:
		return meaning{FaultProvider, 0, "the mail server turns connections away"}
	case r.code == 450 && of == "" && r.stage == recipient: // mailbox unavailable (RFC 5321, 4.2.3)
		return meaning{FaultUnreachable, hint(words), "the mail server asks to try again later"}
	case r.stage == sender, r.code == 421, r.code == 451 && of == "", r.code == 452 && of == "", slices.Contains([]string{"4.3", "4.4", "4.5"}, of):
		return meaning{FaultProvider, 0, "the mail server asks to try again later"}
	}
	return meaning{FaultUnclear, 0, "the mail server asks to try again later"}
}

// forGood is the meaning of a 5xx.
func (r reply) forGood(words string) meaning {
	if r.stage == connecting {
		return meaning{FaultAccount, 0, "the mail server turns connections away: ask whoever runs it to let this machine in"}
	}
	m, known := ofRecipient[r.status]
	switch {
	case r.stage == sender && m.fault == FaultContent:
		return m // its size was told with MAIL
	case r.stage == sender:
		return meaning{FaultAccount, 0, senderRefused}
	// Many servers say what they think of the sender only at RCPT. In a bounce that
	// is the opinion of one recipient's server.
	case r.stage != bounced && aboutClient.MatchString(words):
		return meaning{FaultAccount, 0, "the mail server takes nothing from this machine: ask whoever runs it to let this machine in"}
	case r.stage != bounced && badSender.MatchString(words) && !known:
		return meaning{FaultAccount, 0, senderRefused}
	case r.status == "5.2.2" && strings.Contains(words, "storedrv.submission"): // Microsoft: it keeps what we send
		return ofAccount["5.2.251"]
	case known:
		return m
	case unknownMailbox.MatchString(words) && !aboutSender.MatchString(words):
		return meaning{FaultAddress, 0, noMailbox}
	case r.code == 552 && (r.status == "" || class(r.status) == "5.2"): // no room in the mailbox (RFC 5321, 4.2.3)
		return meaning{FaultUnreachable, 0, mailboxFull}
	case r.stage == bounced && (r.status == "" || r.status == "5.0.0") && r.code == 0:
		return meaning{FaultUnclear, 0, "the mail server does not say why it could not deliver the message"}
	}
	return meaning{FaultContent, 0, "the mail server refuses the message"}
}

// isSignIn reports whether a reply is about authentication (RFC 4954, 4 and 6).
func isSignIn(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// class is the part of an enhanced code that says what it is about: "4.7".
func class(status string) string {
	first, rest, _ := strings.Cut(status, ".")
	second, _, found := strings.Cut(rest, ".")
	if !found {
		return ""
	}
	return first + "." + second
}

// hint is how long a server asks to wait; 0: it does not say.
func hint(words string) time.Duration {
	found := askedToWait.FindStringSubmatch(words)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1]) // four digits at most
	unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[found[2]]
	return min(time.Duration(n)*unit, untilTomorrow)
}

// state is how a delivery stands after a failure that lies in f.
func (f Fault) state() State {
	switch f {
	case FaultUnreachable, FaultUnclear, FaultAccount, FaultBusy, FaultProvider:
		return FailedTemporarily
	}
	return Failed
}
