package govuk

import (
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/notify"
)

// limit is what a 429 means. The two errors differ in what has to be waited for.
func (f *failure) limit(t thing) (notify.Fault, time.Duration, string) {
	if len(f.errors) > 0 && f.errors[0].Error == "TooManyRequestsError" {
		if f.says("international_sms") {
			// Holding the channel back until midnight for it would hold back everybody's.
			return notify.FaultContent, 0, "the day's limit of texts to numbers abroad is reached at GOV.UK Notify: ask there for a higher one" + f.said(t)
		}
		return notify.FaultBusy, nextMidnight(t.now).Sub(t.now),
			"the day's limit at GOV.UK Notify is reached and begins again at midnight UTC: if that is usual, ask there for a higher one" + f.said(t)
	}
	wait := f.retryAfter
	if wait == 0 {
		wait = busyPause
	}
	return notify.FaultBusy, wait, "GOV.UK Notify takes no more for the moment" + f.said(t)
}

// refusal is what a 400, 401 or 403 means. Notify asks not to go by the words of
// its errors, but nothing else tells a bad number from a bad template; so what is
// not known here is the message's own fault.
func (f *failure) refusal(t thing) (notify.Fault, string) {
	switch {
	case f.says("system clock") || f.status != 400 && f.skew.Abs() > clockLeeway:
		return notify.FaultAccount, f.clock()
	case f.says("trial mode", "trial-mode", "team-only", "team api key"):
		return notify.FaultAccount, "GOV.UK Notify sends to the team only, with this key or as long as the service is on trial: " +
			"ask there to go live, and use a live key" + f.said(t)
	case f.says("service is not allowed to send"):
		return notify.FaultAccount, "the service at GOV.UK Notify may not send these: switch them on in its settings" + f.said(t)
	case f.status != 400:
		return notify.FaultAccount, "GOV.UK Notify does not accept the API key: set one that is valid for the service there" + f.said(t)
	case f.says("template", "personalisation"):
		return notify.FaultAccount, templateWords(t.kind) + f.said(t)
	case f.says("international mobile numbers"):
		return notify.FaultAddress, "the number is abroad, and the service at GOV.UK Notify does not text abroad: " +
			"correct it in the people list, or switch international texts on there" + f.said(t)
	case f.isAddress():
		what := "the recipient's mobile number"
		if t.kind == notify.ByEmail {
			what = "the recipient's email address"
		}
		return notify.FaultAddress, "GOV.UK Notify does not accept " + what + ": correct it in the people list" + f.said(t)
	}
	return notify.FaultContent, "GOV.UK Notify refuses the message" + f.said(t)
}

// says reports whether any of Notify's errors has one of these words in it. Errors
// of validation repeat values, in which any word may stand: of these only the
// field's name counts.
func (f *failure) says(words ...string) bool {
	for _, e := range f.errors {
		message := strings.ToLower(e.Message)
		if e.Error == "ValidationError" {
			message, _, _ = strings.Cut(message, " ")
		}
		for _, word := range words {
			if strings.Contains(message, word) {
				return true
			}
		}
	}
	return false
}

// isAddress reports whether the number or address itself is refused. Where the
// field is missing altogether the request was wrong.
func (f *failure) isAddress() bool {
	for _, e := range f.errors {
		field, complaint, _ := strings.Cut(e.Message, " ")
		switch {
		case e.Error == "InvalidPhoneError", e.Error == "InvalidEmailError":
			return true
		case (field == "phone_number" || field == "email_address") && !strings.Contains(complaint, "required"):
			return true
		}
	}
	return false
}

// clock says by how much our clock is wrong, where the answer's date tells.
func (f *failure) clock() string {
	by := ""
	if f.skew != 0 {
		way := "ahead"
		if f.skew < 0 {
			way = "behind"
		}
		by = fmt.Sprintf(", about %s %s", f.skew.Abs(), way)
	}
	return fmt.Sprintf("this machine's clock is wrong%s, and GOV.UK Notify allows %.0f seconds: set the clock, best by a time service (%s)",
		by, clockLeeway.Seconds(), f.code())
}

// templateWords says what the template has to be.
func templateWords(kind string) string {
	if kind == notify.ByEmail {
		return "the template at GOV.UK Notify does not fit: it must be an email template with the subject ((subject)), " +
			"((message)) in its content, and no other placeholder"
	}
	return "the template at GOV.UK Notify does not fit: it must be a text template whose whole content is ((message))"
}
