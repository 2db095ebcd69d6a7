package twilio

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"example.org/doorstep/notify"
)

// ErrForged says that a callback does not come from Twilio, or was changed on the
// way.
var ErrForged = errors.New("the callback is not signed by Twilio for this address: check public_url and sms.twilio.auth_token if it comes from there")

// signature is the header in which Twilio signs.
const signature = "X-Twilio-Signature"

// StatusCallback reads what Twilio posted to Settings.StatusCallback; body is
// r's, already read. A callback carries no time, so that a repeated one gives the
// same receipt again. A state that says nothing gives none. The error is ErrForged
// where the signature is not right.
func (c *Channel) StatusCallback(r *http.Request, body []byte) ([]notify.Receipt, error) {
	form, err := c.posted(r, body, c.settings.StatusCallback)
	if err != nil {
		return nil, err
	}
	sid := form.Get("MessageSid")
	if !isSID(sid) {
		return nil, errors.New("the callback names no text")
	}
	code, _ := strconv.Atoi(form.Get("ErrorCode")) // none with most states
	receipt, ok := receiptFor(sid, form.Get("MessageStatus"), code)
	if !ok {
		return nil, nil
	}
	return []notify.Receipt{receipt}, nil
}

// InboundCallback reads a text that came in and that Twilio posted to a path under
// Settings.PublicURL; body is r's, already read. Twilio does not say when it came
// in: At is zero. What comes from a name or a short code is left out. The error is
// ErrForged where the signature is not right.
func (c *Channel) InboundCallback(r *http.Request, body []byte) ([]notify.Received, error) {
	address := ""
	if c.settings.PublicURL != "" {
		address = c.settings.PublicURL + r.URL.RequestURI()
	}
	form, err := c.posted(r, body, address)
	if err != nil {
		return nil, err
	}
	if !isSID(form.Get("MessageSid")) {
		return nil, errors.New("the callback names no text")
	}
	return appendReceived(nil, form.Get("MessageSid"), form.Get("From"), form.Get("Body"), time.Time{}), nil
}

// posted is the form of a callback that Twilio signed for this address. The
// address is always our own: a forger chooses the Host that a request names.
func (c *Channel) posted(r *http.Request, body []byte, address string) (url.Values, error) {
	if address == "" {
		return nil, errors.New("no address for callbacks is set: they are not taken")
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" || r.Method != http.MethodPost {
		return nil, errors.New("a callback is a form that is posted")
	}
	// twilio-go compares in constant time, with and without the port in the
	// address, as Twilio signs either. It signs and we read the first value of a
	// field that is there twice.
	if !c.validator.ValidateBody(address, body, r.Header.Get(signature)) {
		return nil, ErrForged
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, ErrForged
	}
	if form.Get("AccountSid") != c.settings.AccountSID {
		return nil, errors.New("the callback is about another account")
	}
	return form, nil
}
