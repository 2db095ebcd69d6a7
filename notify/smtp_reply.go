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

// meaning reads a refusal by the first rule that fits. The stage decides what the
// words are about: after MAIL the sender, and from RCPT on this one message.
func (r reply) meaning() meaning {
	words := withAt.ReplaceAllLiteralString(r.words, "<>") // an address is no word of theirs
	words = strings.ToLower(dotted.ReplaceAllLiteralString(words, "<>"))
	for i := range rules {
		if rules[i].fits(r, words) {
			m := rules[i].means
			if r.temporary() && (m.fault == FaultBusy || m.fault == FaultGreylisted || m.fault == FaultUnreachable) {
				m.pause = max(m.pause, hint(words))
			}
			return m
		}
	}
	if r.temporary() {
		return r.forNow(words)
	}
	return r.forGood()
}

// temporary reports a failure that may pass. A server that has given up on one says
// so by a status beginning with 4, whatever its code.
func (r reply) temporary() bool {
	if r.stage == bounced && r.status != "" {
		return strings.HasPrefix(r.status, "4.")
	}
	return r.code/100 == 4
}

// forNow is the meaning of a 4xx that no rule knows.
func (r reply) forNow(words string) meaning {
	of := class(r.status)
	switch {
	case r.stage >= recipient && r.code != 432 && of == "4.2":
		return meaning{FaultUnreachable, hint(words), notJustNow}
	case r.stage == recipient && of == "4.7" && r.code != 421 && !throttling.MatchString(words):
		// Greylisting does not always say its name.
		return meaning{FaultGreylisted, hint(words), "the mail server asks to try again later"}
	case r.code == 432: // Microsoft: too many connections, or messages a minute; gone in a moment
		return meaning{FaultBusy, hint(words), tooFast}
	case of == "4.7" && r.code != 454, throttling.MatchString(words):
		return meaning{FaultBusy, max(hint(words), shortPause), tooFast}
	case r.stage == connecting:
		return meaning{FaultProvider, 0, "the mail server turns connections away"}
	case r.code == 450 && of == "" && r.stage == recipient: // mailbox unavailable (RFC 5321, 4.2.3)
		return meaning{FaultGreylisted, hint(words), "the mail server asks to try again later"}
	case r.stage == sender, r.code == 421, r.code == 451 && of == "", r.code == 452 && of == "", slices.Contains([]string{"4.3", "4.4", "4.5"}, of):
		return meaning{FaultProvider, 0, "the mail server asks to try again later"}
	}
	return meaning{FaultUnclear, 0, "the mail server asks to try again later"}
}

// forGood is the meaning of a 5xx that no rule knows.
func (r reply) forGood() meaning {
	switch {
	case r.stage == connecting:
		return meaning{FaultAccount, 0, "the mail server turns connections away: ask whoever runs it to let this machine in"}
	case r.stage == sender:
		return meaning{FaultAccount, 0, senderRefused}
	case r.stage == bounced && (r.status == "" || r.status == "5.0.0") && r.code == 0:
		return meaning{FaultUnclear, 0, "the mail server does not say why it could not deliver the message"}
	case r.stage == recipient, r.stage == beforeData: // nothing of the message was seen
		return meaning{FaultRefused, 0, refused}
	}
	return meaning{FaultContent, 0, refused}
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

// dotted are the addresses of machines: their dots end no sentence.
var dotted = regexp.MustCompile(`\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b`)

var askedToWait = regexp.MustCompile(`\bin ([0-9]{1,4}) ?(s|m|h)(ec|ecs|econd|econds|in|ins|inute|inutes|our|ours)?\b`)

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
	case FaultUnreachable, FaultGreylisted, FaultUnclear, FaultRefused, FaultAccount, FaultBusy, FaultProvider:
		return FailedTemporarily
	}
	return Failed
}
