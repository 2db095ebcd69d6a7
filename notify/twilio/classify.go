package twilio

import (
	"fmt"
	"net/http"

	"example.org/doorstep/notify"
)

// What somebody has to do about it, where several codes ask for the same.
const (
	correctNumber = ": correct the mobile number in the people list"
	correctSender = ": correct sms.twilio.from, or set a messaging_service_sid"
	askTwilio     = ": see to the account in Twilio's console"
)

// codes are Twilio's codes with what each means for the message. Both the answer
// to a text and the receipt for it can carry any of them.
// (twilio.com/docs/api/errors)
var codes = map[int]struct {
	fault  notify.Fault
	reason string
}{
	// The number.
	21211: {notify.FaultAddress, "Twilio says that there is no such number" + correctNumber},
	21265: {notify.FaultAddress, "the number is a short code, which cannot get texts from here" + correctNumber},
	21266: {notify.FaultAddress, "the number is the one that Doorstep sends from" + correctNumber},
	21268: {notify.FaultAddress, "the number is a premium or information service" + correctNumber},
	21614: {notify.FaultAddress, "the number cannot get texts" + correctNumber},
	21635: {notify.FaultAddress, "the number is a landline" + correctNumber},
	30004: {notify.FaultAddress, "the phone or its network blocks texts from here: ask its owner to allow them, or use another number"},
	30005: {notify.FaultAddress, "nobody has this number, or it is no longer in use" + correctNumber},
	30006: {notify.FaultAddress, "the number is a landline or its network cannot be reached" + correctNumber},

	// The recipient.
	21610: {notify.FaultOptedOut, "the recipient has opted out of texts from this sender: they start again when START is sent from that phone"},
	30003: {notify.FaultUnreachable, "the phone was off or out of reach"},
	30017: {notify.FaultUnreachable, "the phone's network was too busy"},
	30001: {notify.FaultUnclear, "Twilio's queue was full"},
	30008: {notify.FaultUnclear, "the network could not deliver the text and does not say why"},
	30036: {notify.FaultExpired, "the text waited at Twilio until it was of no more use"},

	// The text.
	21602: {notify.FaultContent, "the text has no words: correct the wording of texts"},
	21617: {notify.FaultContent, "the text is longer than Twilio takes: shorten the wording of texts"},
	21658: {notify.FaultContent, "the text is longer than Twilio takes: shorten the wording of texts"},
	30007: {notify.FaultContent, "the text was filtered as unwanted: look at its wording and at the sender's registration in Twilio's console"},

	// Our account and its configuration.
	20003: {notify.FaultAccount, "Twilio does not let Doorstep in: correct sms.twilio.account_sid and auth_token"},
	20005: {notify.FaultAccount, "the Twilio account is not active" + askTwilio},
	20404: {notify.FaultAccount, "Twilio does not know the account: correct sms.twilio.account_sid and base_url"},
	21212: {notify.FaultAccount, "the sender is no number that can send" + correctSender},
	21267: {notify.FaultAccount, "a trial account cannot send under a name" + correctSender},
	21408: {notify.FaultAccount, "the account may not send texts to this country: allow it under Messaging, Geo permissions, in Twilio's console"},
	21603: {notify.FaultAccount, "no sender is set" + correctSender},
	21606: {notify.FaultAccount, "the sender does not belong to the account or cannot send texts" + correctSender},
	21608: {notify.FaultAccount, "a trial account sends to verified numbers only: verify the number, or upgrade the account"},
	21609: {notify.FaultAccount, "Twilio does not take the address for callbacks: correct public_url"},
	21612: {notify.FaultAccount, "the sender cannot reach this number" + correctSender},
	21659: {notify.FaultAccount, "the sender is not one of Twilio's numbers" + correctSender},
	21660: {notify.FaultAccount, "the sender belongs to another account" + correctSender},
	21661: {notify.FaultAccount, "the sender cannot send texts" + correctSender},
	21701: {notify.FaultAccount, "there is no such Messaging Service: correct sms.twilio.messaging_service_sid"},
	21703: {notify.FaultAccount, "the Messaging Service has no number to send from: add one in Twilio's console"},
	21705: {notify.FaultAccount, "there is no such Messaging Service: correct sms.twilio.messaging_service_sid"},
	30002: {notify.FaultAccount, "the Twilio account is suspended" + askTwilio},
	63038: {notify.FaultAccount, "the Twilio account has reached its limit for today" + askTwilio},

	// Too many at once.
	14107: {notify.FaultBusy, tooMany},
	20429: {notify.FaultBusy, tooMany},
	21611: {notify.FaultBusy, "Twilio's queue for this sender is full: Doorstep waits"},
}

const tooMany = "Twilio asks for fewer texts at once: Doorstep waits"

// Classify says what an answer of Twilio's means for the message: status is the
// HTTP status of the answer to a text, 0 for a receipt, and code is Twilio's own,
// 0 where it gave none. With an HTTP status of 500 or above, and with 408, the
// text may have been taken all the same.
func Classify(status, code int) (notify.State, notify.Fault, string) {
	fault, reason := classify(status, code)
	switch fault {
	case notify.FaultAddress, notify.FaultOptedOut, notify.FaultExpired, notify.FaultContent:
		return notify.Failed, fault, reason
	}
	return notify.FailedTemporarily, fault, reason
}

func classify(status, code int) (notify.Fault, string) {
	if known, ok := codes[code]; ok && status < 500 {
		return known.fault, known.reason
	}
	switch {
	case status == http.StatusTooManyRequests:
		return notify.FaultBusy, tooMany
	case status >= 500, status == http.StatusRequestTimeout:
		return notify.FaultProvider, fmt.Sprintf("Twilio is in trouble (HTTP %d): nothing to do here, Doorstep goes on trying", status)
	case status == 0 && code == 0:
		return notify.FaultUnclear, "the text did not arrive and Twilio does not say why"
	case status == 0:
		return notify.FaultUnclear, fmt.Sprintf("the text did not arrive: see twilio.com/docs/api/errors/%d", code)
	case status == http.StatusUnauthorized:
		return codes[20003].fault, codes[20003].reason
	case status < 400, status == http.StatusForbidden && code == 0, status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusProxyAuthRequired:
		return notify.FaultAccount, fmt.Sprintf("something other than Twilio's Messages API answers there (HTTP %d): check sms.twilio.base_url, and that a proxy on the way lets Doorstep through", status)
	case code == 0:
		return notify.FaultProvider, fmt.Sprintf("Twilio refused the text in an answer that cannot be read (HTTP %d): check sms.twilio.base_url if this goes on", status)
	}
	return notify.FaultContent, fmt.Sprintf("Twilio refuses the text for a reason that Doorstep does not know: see twilio.com/docs/api/errors/%d", code)
}

// ambiguous reports whether an answer with this HTTP status leaves open whether
// the text was taken.
func ambiguous(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout
}
