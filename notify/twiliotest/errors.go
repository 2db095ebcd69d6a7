package twiliotest

import (
	"fmt"
	"net/http"
	"strings"
)

// known are the answers to a bad request: the HTTP status, and the words, in
// which %s is the recipient's number. Twilio repeats it, so that a test sees
// whether anybody passes it on.
var known = map[int]struct {
	status int
	words  string
}{
	20001: {400, "The request could not be read"},
	20003: {401, "Authenticate"},
	20404: {404, "The requested resource %s was not found"},
	20429: {429, "Too Many Requests"},
	20500: {500, "Internal Server Error"},
	20503: {503, "Service Unavailable"},
	21211: {400, "Invalid 'To' Phone Number: %s"},
	21408: {403, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: %s"},
	21602: {400, "Message body is required."},
	21603: {400, "A 'From' phone number is required."},
	21604: {400, "A 'To' phone number is required."},
	21606: {400, "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination/account"},
	21609: {400, "The 'StatusCallback' URL is not a valid URL."},
	21610: {400, "Attempt to send to unsubscribed recipient %s"},
	21612: {400, "Message cannot be sent with the current combination of 'To' (%s) and/or 'From' parameters"},
	21614: {400, "'To' number: %s, is not a valid mobile number"},
	21617: {400, "The concatenated message body exceeds the 1600 character limit."},
	21635: {400, "'To' number %s cannot be a Landline"},
	21659: {400, "'From' is not a Twilio phone number or Short Code country mismatch"},
	21701: {404, "The Messaging Service does not exist"},
	90007: {400, "The ValidityPeriod is out of range"},
}

// refusal is an error as Twilio puts it. A code that is not known here is a 400.
func refusal(code int, r *http.Request) answer {
	k, ok := known[code]
	if !ok {
		k.status, k.words = http.StatusBadRequest, "The text to %s cannot be sent"
	}
	words := k.words
	if strings.Contains(words, "%s") {
		about := r.FormValue("To")
		if k.status == http.StatusNotFound {
			about = r.URL.Path
		}
		words = fmt.Sprintf(words, about)
	}
	return answer{status: k.status, body: map[string]any{
		"code": code, "message": words, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": k.status,
	}}
}
