package configs

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// notifyPerSecond keeps to GOV.UK Notify's 3,000 requests a minute.
const notifyPerSecond = notifyPerMinute / 60

func (c *checker) sms() {
	s := &c.SMS
	c.number("sms.per_second", s.PerSecond, 0, 10_000)
	c.number("sms.per_person_day", s.PerPersonDay, 0, 1000)
	by := via{name: s.Via}
	switch s.Via {
	case ViaTwilio:
		c.twilio()
		by.base = s.Twilio.BaseURL
	case ViaNotify:
		c.notify("sms.notify", &s.Notify)
		c.provided("sms.per_second", &s.PerSecond, notifyPerSecond, "GOV.UK Notify takes 3,000 requests a minute (50 a second) and refuses more until the minute is over")
		by = via{s.Via, s.Notify.BaseURL, "sms.notify.callback_token", s.Notify.CallbackToken}
	case ViaFile:
		if s.Replies != None {
			c.warn("sms.replies", "changes nothing while sms.via is file: texts that are not sent are not answered")
			s.Replies = None
		}
	}
	c.callback("sms.receipts", &s.Receipts, by)
	c.callback("sms.replies", &s.Replies, by)
}

var (
	accountSID          = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	authToken           = regexp.MustCompile(`^[0-9A-Za-z]+$`)
	messagingServiceSID = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
)

func (c *checker) twilio() {
	t := &c.SMS.Twilio
	form := c.severity(localBase(t.BaseURL))
	c.needed("sms.twilio.account_sid", t.AccountSID != "")
	c.needed("sms.twilio.auth_token", t.AuthToken.IsSet())
	if t.AuthToken.IsSet() && !authToken.MatchString(t.AuthToken.Reveal()) {
		c.d.fault("sms.twilio.auth_token", "is not a token of Twilio's, which is letters and digits only: copy it from the first page of Twilio's console")
	}
	if t.AccountSID != "" && !accountSID.MatchString(t.AccountSID) {
		form("sms.twilio.account_sid", "is not an account's SID, which is AC and 32 digits or letters a-f: copy it from the first page of Twilio's console")
	}
	service := t.MessagingServiceSID
	if service != "" && !messagingServiceSID.MatchString(service) {
		form("sms.twilio.messaging_service_sid", "is not a messaging service's SID, which is MG and 32 digits or letters a-f: copy it from the service's page in Twilio's console")
	}
	c.base("sms.twilio.base_url", t.BaseURL)
	switch from, isName, ok := sender(t.From); {
	case t.From == "" && service == "" && !c.missing("sms.twilio.from"):
		c.d.fault("sms.twilio.from", "is empty: write the number texts come from, or a messaging_service_sid")
	case t.From == "":
	case !ok:
		c.fault("sms.twilio.from", t.From, "%v is neither a number nor a name that texts can come from: write a number like 07700 900101, or up to 11 letters, digits, spaces and + - _ & with at least one letter")
	case isName && service == "" && c.SMS.Replies != None:
		c.fault("sms.twilio.from", t.From, "%v is a name, which nobody can answer: write a number, or sms.replies: none")
	default:
		t.From = from
	}
}

var (
	senderName = regexp.MustCompile(`^[A-Za-z0-9 +_&-]{1,11}$`)
	shortCode  = regexp.MustCompile(`^[0-9]{5,6}$`)
)

// sender returns what texts come from as Twilio takes it: a number in E.164, a
// short code, or a name (an alphanumeric sender ID). The number need be no mobile:
// Twilio's own are of every kind.
func sender(text string) (from string, isName, ok bool) {
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, isLetter) {
		return text, true, senderName.MatchString(text)
	}
	if shortCode.MatchString(text) {
		return text, false, true
	}
	n, err := phonenumbers.Parse(text, "GB")
	if err != nil || n.GetExtension() != "" || !phonenumbers.IsPossibleNumber(n) {
		return "", false, false
	}
	return phonenumbers.Format(n, phonenumbers.E164), false, true
}

func isLetter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }
