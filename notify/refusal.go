package notify

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Whom a refusal is about stands in this file and nowhere else, whether we hear it
// from our own mail server or a bounce tells of another's: us (the channel stops,
// the messages wait), the address (nobody can be reached there), this message, or
// only this moment.
//
// Words outrank codes where they say that it is about us or about a full mailbox:
// servers write 5.1.1 over anything, and no address may be switched off for a
// blocklist, a rate or a quota.

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
	signInRefused  = "the mail server does not let Doorstep sign in: correct email.smtp username and password"
	tokenRefused   = "the mail server does not let Doorstep sign in by its token: see that email.smtp username is the mailbox, and that the application may send as it (in Microsoft 365: SMTP.SendAsApp with consent, and the mailbox open to it)"
	senderRefused  = "the mail server refuses the sender: correct email.from"
	notProven      = "the mail server doubts that the sender is who it says: have the SPF, DKIM and DMARC records of the domain in email.from put right"
	relayRefused   = "the mail server does not pass messages on for Doorstep: ask whoever runs it to let this machine or account send through it"
	notThisHost    = "the mail server takes nothing from this machine: ask whoever runs it to let this machine in"
	blocked        = "the mail provider has blocked this account or network from sending: have its administrator look into it"
	noMailbox      = "the mail server refuses the recipient: correct the address in the people list"
	switchedOff    = "the recipient's mailbox is switched off: correct the address in the people list"
	notForUs       = "the recipient takes messages from certain senders only: have them let in what comes from email.from"
	mailboxFull    = "the recipient's mailbox is full, or takes nothing just now"
	notJustNow     = "the mail server does not take messages for this recipient just now, and asks to try again later"
	noReverseName  = "the mail server wants a name for this machine's address: have its reverse DNS record put right"
	ourMailboxFull = "the mailbox that Doorstep sends from is full: make room in it"
	tooLarge       = "the mail server finds the message too large"
	waitedTooLong  = "the mail server has tried for too long and given up"
	tooFast        = "the mail server takes no more for now, and asks to try again later"
	limitOfTheDay  = "the mail account has reached its limit for today"
	refused        = "the mail server refuses the message"
)

// rule is something that servers say, and what it means. It fits where all of its
// conditions do that are set.
type rule struct {
	at     func(stage) bool
	codes  []int
	status string // patterns as path.Match has them, with spaces between
	words  *regexp.Regexp
	reply  func(reply) bool
	means  meaning
}

func (r *rule) fits(said reply, words string) bool {
	return (r.at == nil || r.at(said.stage)) &&
		(r.codes == nil || slices.Contains(r.codes, said.code)) &&
		(r.status == "" || matchesAny(r.status, said.status)) &&
		(r.words == nil || r.words.MatchString(words)) &&
		(r.reply == nil || r.reply(said))
}

func matchesAny(patterns, status string) bool {
	for pattern := range strings.FieldsSeq(patterns) {
		if fits, _ := path.Match(pattern, status); fits {
			return true
		}
	}
	return false
}

// Steps at which a rule holds.
func heard(s stage) bool        { return s != bounced } // in our own conversation
func isBounced(s stage) bool    { return s == bounced }
func fromSender(s stage) bool   { return s >= sender }
func aboutMessage(s stage) bool { return s >= recipient } // it has one recipient, so all is about it

func forGood(r reply) bool          { return !r.temporary() }
func bouncedOrForGood(r reply) bool { return r.stage == bounced || forGood(r) }

// addressCodes are the permanent codes of an address that is none.
const addressCodes = "5.1.1 5.1.2 5.1.3 5.1.6 5.1.10 5.2.1"

// What servers say, in small letters.
var (
	// Us.
	blocklists = regexp.MustCompile(`(black|block|deny) ?-?list|\b(rbl|dnsbl|dnsbls)\b|spamhaus|spamcop|barracudacentral|\bsorbs\b|senderbase|senderscore|reputation|` +
		`\b(ip|host|client|server|network|domain|connection|sender|address)\b[^.;:]{0,80}\b(blocked|banned)\b|` +
		`\b(blocked|banned) (using|by|for|at|due to)\b|\b(is|are|was|been|currently) listed\b|` +
		`messages from [^ ]+ (weren't|were not) sent|liste noire|lista (negra|nera)|zwarte lijst|schwarzen? liste|sperrliste|\bihre ip\b|\bvotre (adresse )?ip\b|refused to talk to me: 5|part of their network is on our`)
	relaying = regexp.MustCompile(`relay(ing)?( access)?( has been| is)? (denied|not (permitted|allowed)|refused|rejected|prohibited|disabled|forbidden)|unable to relay|` +
		`(cannot|can't|won't|will not|not permitted to|not allowed to|do not|does not) relay|no relay(ing)?\b|relay (not|operation|attempt)|rcpthosts`)
	reverseName = regexp.MustCompile(`reverse (dns|hostname|lookup|ip)|\bptr\b|\brdns\b|no (host ?name|dns record) (for|found for)`)
	aboutClient = regexp.MustCompile(`client host|\b(helo|ehlo) (command|name|host)|(bad|invalid) (helo|ehlo)|my name was rejected`)
	senderProof = regexp.MustCompile(`\b(spf|dkim|dmarc)\b|unauthenticated|(not|must be|isn't) authenticated|authentication (is )?(required|checks?|fail)|not authorized to send from|client was not authenticated`)
	aboutSender = regexp.MustCompile(`\bsender|send ?as\b|from (address|header)|\btenant\b|your (organi[sz]ation|domain|ip|server)\b`)
	badSender   = regexp.MustCompile(`sender('s)?( e?-?mail)?( address| domain)? (rejected|unknown|verif|not |is not |does not|denied|refused|invalid)|(invalid|bad|unknown|unverified|forged) sender|send as\b|sendasdenied|not authenticated to send|envelope sender|mail from domain|\bvalid from\b|` +
		`not authorized to send (e?-?mails? )?(on behalf|as|from)\b|identities failed|verified sender`)
	ourAccount = regexp.MustCompile(`\byour (account|(e?-?mail )?service)[^.;]{0,40}(suspended|disabled|blocked|restricted|paused|closed)|\bsending[^.;]{0,20}(paused|suspended|disabled)`)
	throttling = regexp.MustCompile(`too many (messages|connections|e?-?mails?|concurrent|sessions|requests|errors|recipients)|too much mail|throttl|rate.?limit|(connection|send(ing)?|message|hourly|recipient|thread) (rate|limit)|limit exceeded|exceeded[^.;]{0,40}limit|` +
		`exceeded[^.;]{0,40}(rate|maximum number|per (hour|minute|second))|thread limit|server (is )?(too )?busy|slow down|too (fast|quickly)|rate that prevents|` +
		`(sending|outbound|outgoing|submission|hourly) quota|quota (for|of) (sending|outbound|outgoing)`)
	dayLimit = regexp.MustCompile(`(daily|per day|24.hour)[^.;]{0,40}(limit|quota)|(limit|quota)[^.;]{0,40}(per day|for today)|submissionquotaexceeded`)

	// This moment, this message.
	recipientBusy = regexp.MustCompile(`(user|recipient) you are trying to contact is receiving mail|recipient[^.;]{0,40}(receiving|received) (mail|messages|too many)`)
	greylisting   = regexp.MustCompile(`gr[ea]y.?list|postgrey|verification in progress`)
	messageSize   = regexp.MustCompile(`\b(message|mail|file|content|header)s?\b[^.;]{0,20}\b(size|too (big|large)|larger than)\b|size (limit|exceed)|too (big|large)\b|maximum (message )?size`)
	fullMailbox   = regexp.MustCompile(`quota|(mail ?box|mail ?folder|inbox|mail ?drop|account|user|recipient|disk|storage)[^.;]{0,60}\b(is |was )?(full|exceed(s|ed|ing)?|over)\b|` +
		`(full|exceed(s|ed|ing)?|over)\b[^.;]{0,40}\b(mail ?box|mail ?folder|storage|disk|space|local limit)|no (disk )?space left|not enough (disk )?space|insufficient (disk|storage|space)|(message|mail)s? (store|count)[^.;]{0,20}(full|exceed)|too many messages (in|on)`)
	unwanted = regexp.MustCompile(`recipient preferences|\bspam(my|ming)?\b|\bvirus|malware|phish|suspicious|unsolicited|\bbulk\b|content (reject|filter|restriction|policy)|` +
		`resolver\.rst|not authorized to (send|post)|permission to (send|post)|does not accept (mail|messages|email) from|(rejected|blocked|refused|banned) by (the )?(recipient|user|owner)|not a member`)
	gaveUp = regexp.MustCompile(`tim(ed|e) ?-?out|expired|giv(en|ing) up|gave up|too long|(within|for( more than| over)?|past|after) [0-9.]+ (day|hour|minute)|(connection|session)[^.;]{0,30}(refused|reset|lost|dropped|closed|failed)|` +
		`(host|server|network|domain|site|destination)s?[^.;]{0,60}(unreachable|not reachable|not responding|is down|did not (accept|respond)|didn't respond|failing|failed|unavailable)|no route to|lame server|(not|un)able to connect|could ?n.?t connect|cannot connect|socket error|multiple retries|multiple attempts|try again|temporary (failure|error|problem)|dns (error|failure|server)|name service error`)

	// The address.
	nobodyThere = regexp.MustCompile(`user unknown|unknown[ -](or illegal )?(user|recipient|mailbox|address|account|alias|local|e?-?mail\b)|` +
		`(no|not) such (a )?(user|person|recipient|mailbox|address|account|domain|alias|local|host|name|customer|subscriber)|no (mailbox|account) (here|by|with|for|found)|` +
		`unroute?able (mail )?(address|domain)|invalid (recipient|mailbox|user)|recip(ient)?notfound|bad destination (host|system|mailbox)|addressee unknown|invalid final delivery userid|illegal (user|address)|` +
		`(user|mailbox|recipient|address|addressee|account|domain|host)( name)?\b(?:[^.;:]|\.\w){0,60}\b(not found|could ?n.{0,3}t be found|unknown|un-?recogni[sz]ed|not (be )?recogni[sz]ed|not know|not? exist|doesn.{0,3}t exist|not listed in|not valid|invalid)\b|` +
		`(user|recipient)[^.;]{0,40}\b(does not|doesn.{0,3}t) have an? |not (our|a|a valid|a known|a local) (user|customer|mailbox|recipient|subscriber|account)|isn't a valid|is not a valid (user|mailbox|recipient|address|account)|` +
		`non-?existent (user|recipient|mailbox|domain|host|address|account)|(unknown|non-?existent) (host|domain)|host unknown|hosts? (or domain )?(name )?not (found|known)|no mx( record)?|null ?mx|no smtp service|mx records point to non-?existent|cannot find your recipient`)
	noLongerThere = regexp.MustCompile(`(user|mailbox|recipient|address|account|addressee)\b(?:[^.;:]|\.\w){0,60}\b(disabled|inactive|in-?activated|closed|deactivated|discontinued|suspended|deleted|expired|no longer|abandoned|retired)|` +
		`(disabled|inactive|closed|suspended|deactivated) (user|mailbox|recipient|address|account|addressee)|no longer (available|in use|exists?|works? (here|for|at)|employed|an? (valid|active))|has (moved|left)`)
)

// rules stand in order of precedence: the first that fits counts.
var rules = []rule{
	// Codes that say all there is to say. Most are Microsoft's.
	{status: "5.1.7 5.2.252 5.7.60", means: meaning{FaultAccount, 0, senderRefused}},
	{status: "5.1.90", means: meaning{FaultBusy, untilTomorrow, limitOfTheDay}},
	{status: "5.2.251", means: meaning{FaultAccount, 0, ourMailboxFull}},
	{status: "5.2.2", words: regexp.MustCompile(`storedrv\.submission`), means: meaning{FaultAccount, 0, ourMailboxFull}}, // it keeps what we send
	{status: "5.2.253", means: meaning{FaultAccount, 0, "the mailbox that Doorstep sends from has no licence: give it one"}},
	{status: "5.2.25[45] 4.7.5*", means: meaning{FaultBusy, shortPause, tooFast}},
	{status: "5.7.139", means: meaning{FaultAccount, 0, "the mail provider has signing in by SMTP switched off for this mailbox: have its administrator switch Authenticated SMTP on"}},
	{status: "5.7.124 5.7.129 5.7.13?", means: meaning{FaultContent, 0, notForUs}},
	{words: regexp.MustCompile(`resolver\.rst`), means: meaning{FaultContent, 0, notForUs}}, // whatever it says of authentication
	{status: "5.7.2[3467] 5.7.509 5.7.515", means: meaning{FaultAccount, 0, notProven}},
	{status: "5.7.25", means: meaning{FaultAccount, 0, noReverseName}},
	{status: "5.7.30", means: meaning{FaultAccount, 0, "the mail server takes no passwords any more: set email.smtp.oauth2"}},
	{status: "5.7.54 5.7.64", means: meaning{FaultAccount, 0, relayRefused}},
	{status: "5.7.57", means: meaning{FaultAccount, 0, "the mail server lets nobody send who has not signed in: set email.smtp username and password, or oauth2"}},
	{status: "4.1.8", means: meaning{FaultAccount, 0, senderRefused}},
	{status: "5.1.8 5.7.50[1-3] 5.7.50[6-8] 5.7.51[0-2] 5.7.6[0-4]? 5.7.7??", means: meaning{FaultAccount, 0, blocked}},

	// The limit of a day: a 5xx that means tomorrow.
	{at: heard, codes: []int{554}, status: "5.2.0", reply: func(r reply) bool { return !badSender.MatchString(strings.ToLower(r.words)) },
		means: meaning{FaultBusy, untilTomorrow, limitOfTheDay}},
	{words: dayLimit, means: meaning{FaultBusy, untilTomorrow, limitOfTheDay}},
	// Signing in (RFC 4954, 4 and 6).
	{status: "4.7.12", means: meaning{FaultAccount, 0, signInRefused}},
	{at: heard, reply: func(r reply) bool { return isSignIn(r.code) }, means: meaning{FaultAccount, 0, signInRefused}},
	{codes: []int{530}, means: meaning{FaultAccount, 0, relayRefused}},
	{codes: []int{503}, words: regexp.MustCompile(`\bauth`), means: meaning{FaultAccount, 0, relayRefused}},

	// Just now, this recipient.
	{at: aboutMessage, words: recipientBusy, means: meaning{FaultUnreachable, 0, mailboxFull}},
	{at: isBounced, words: greylisting, means: meaning{FaultUnreachable, 0, mailboxFull}},
	{at: aboutMessage, words: greylisting, means: meaning{FaultGreylisted, 0, notJustNow}},
	{at: fromSender, words: messageSize, reply: forGood, means: meaning{FaultContent, 0, tooLarge}},
	{at: fromSender, status: "5.2.3 5.3.4", means: meaning{FaultContent, 0, tooLarge}},

	{at: aboutMessage, words: regexp.MustCompile(`mail ?box(?:[^.;:]|\.\w){0,60}(exceed|is full|over)`), reply: bouncedOrForGood, means: meaning{FaultUnreachable, 0, mailboxFull}},

	// Us: our network, our sender, our pace.
	{words: blocklists, means: meaning{FaultAccount, 0, blocked}},
	{words: relaying, means: meaning{FaultAccount, 0, relayRefused}},
	{words: ourAccount, means: meaning{FaultAccount, 0, blocked}},
	{at: aboutMessage, words: reverseName, means: meaning{FaultAccount, 0, noReverseName}},
	{at: aboutMessage, words: aboutClient, means: meaning{FaultAccount, 0, notThisHost}},
	{at: aboutMessage, words: senderProof, means: meaning{FaultAccount, 0, notProven}},
	{words: throttling, reply: forGood, means: meaning{FaultBusy, shortPause, tooFast}},
	{at: aboutMessage, words: badSender, reply: forGood, means: meaning{FaultAccount, 0, senderRefused}},
	{at: aboutMessage, status: "5.7.*", words: aboutSender, reply: forGood, means: meaning{FaultAccount, 0, senderRefused}},

	// A mailbox that is full.
	{at: aboutMessage, words: fullMailbox, reply: bouncedOrForGood, means: meaning{FaultUnreachable, 0, mailboxFull}},
	{at: aboutMessage, status: "5.2.2", means: meaning{FaultUnreachable, 0, mailboxFull}},
	{at: aboutMessage, codes: []int{552}, reply: func(r reply) bool { return r.status == "" || class(r.status) == "5.2" }, // RFC 5321, 4.2.3
		means: meaning{FaultUnreachable, 0, mailboxFull}},
	{at: isBounced, status: "4.2.*", means: meaning{FaultUnreachable, 0, mailboxFull}},

	// The recipient does not want this one.
	{at: aboutMessage, words: unwanted, reply: forGood, means: meaning{FaultContent, 0, refused}},

	// The address. 5.2.1 comes with all kinds of words, but its own are plain.
	{at: aboutMessage, status: "5.2.1", means: meaning{FaultAddress, 0, switchedOff}},
	{at: aboutMessage, status: addressCodes, means: meaning{FaultAddress, 0, noMailbox}},
	{at: aboutMessage, codes: []int{542}, words: regexp.MustCompile(`rejected`), means: meaning{FaultAddress, 0, noMailbox}},                                // MessageLabs
	{at: aboutMessage, status: "5.4.1", words: regexp.MustCompile(`recipient address rejected: access denied`), means: meaning{FaultAddress, 0, noMailbox}}, // Microsoft's edge
	{at: aboutMessage, status: "5.4.4", words: regexp.MustCompile(`(invalid|illegal) (host|domain)`), means: meaning{FaultAddress, 0, noMailbox}},
	{at: aboutMessage, status: "5.5.0", words: regexp.MustCompile(`mailbox unavailable`), means: meaning{FaultAddress, 0, noMailbox}},
	{at: aboutMessage, status: "5.1.0", words: regexp.MustCompile(`address rejected`), means: meaning{FaultAddress, 0, noMailbox}},
	{at: aboutMessage, words: nobodyThere, reply: forGood, means: meaning{FaultAddress, 0, noMailbox}},
	{at: aboutMessage, words: noLongerThere, reply: func(r reply) bool { return forGood(r) && class(r.status) != "5.7" }, means: meaning{FaultAddress, 0, switchedOff}},

	// Given up.
	{at: isBounced, reply: reply.temporary, means: meaning{FaultExpired, 0, waitedTooLong}},
	{at: aboutMessage, status: "5.4.7 5.4.300", means: meaning{FaultExpired, 0, waitedTooLong}},
	{at: isBounced, words: gaveUp, means: meaning{FaultExpired, 0, waitedTooLong}},
}
