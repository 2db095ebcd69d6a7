package govuk

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.org/doorstep/notify"
)

// ErrForged is what a callback comes to that does not carry the token agreed with
// Notify.
var ErrForged = errors.New("the callback does not carry the token set at GOV.UK Notify")

// longestCallback is far more than Notify ever sends.
const longestCallback = 32 << 10

// StatusCallback reads what Notify posts when a message has arrived or failed: r is
// the request, body what it holds. Notify posts again, up to five times in 25
// minutes, until the answer is a 2xx; the same one may come later still. A service
// has one address for texts and emails: what is about the other kind gives no
// receipt and no error.
func (c *Channel) StatusCallback(r *http.Request, body []byte) ([]notify.Receipt, error) {
	var said struct {
		notification
		Type string `json:"notification_type"`
	}
	if err := c.callbackBody(r, body, &said); err != nil {
		return nil, err
	}
	receipt, known := said.receipt()
	if !known || said.Type != c.kind {
		return nil, nil
	}
	return []notify.Receipt{receipt}, nil
}

// InboundCallback reads what Notify posts when a text has come in.
func (c *Channel) InboundCallback(r *http.Request, body []byte) ([]notify.Received, error) {
	var said struct {
		ID   string    `json:"id"`
		From string    `json:"source_number"`
		Text string    `json:"message"`
		At   timestamp `json:"date_received"`
	}
	if err := c.callbackBody(r, body, &said); err != nil {
		return nil, err
	}
	if said.From == "" {
		return nil, errors.New("the callback of GOV.UK Notify is not about a text that came in")
	}
	return []notify.Received{{ID: said.ID, From: international(said.From), Text: said.Text, At: said.At.Time}}, nil
}

// callbackBody reads a callback's body once its token is seen to be right.
func (c *Channel) callbackBody(r *http.Request, body []byte, into any) error {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given, agreed := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(c.callback)) // of one length, whatever is sent
	right := subtle.ConstantTimeCompare(given[:], agreed[:]) == 1
	if !right || c.callback == "" || !strings.EqualFold(scheme, "Bearer") {
		return ErrForged
	}
	if len(body) > longestCallback {
		return fmt.Errorf("the callback of GOV.UK Notify has %d bytes: none has more than %d", len(body), longestCallback)
	}
	var about struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &about) != nil || json.Unmarshal(body, into) != nil || !isUUID(about.ID) {
		return errors.New("the callback of GOV.UK Notify cannot be read: it is no JSON, or has no id")
	}
	return nil
}
