package twilio

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

const (
	public         = "https://doorstep.example"
	statusAddress  = public + "/callbacks/twilio/status"
	inboundAddress = public + "/callbacks/twilio/inbound"
)

func withCallbacks(s *Settings) { s.PublicURL, s.StatusCallback = public, statusAddress }

// incoming is a callback as a server behind a proxy gets it: for a host of its
// own.
func incoming(address string, form url.Values) *http.Request {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://10.0.0.7:8080"+u.RequestURI(), nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set(signature, twiliotest.Sign(twiliotest.AuthToken, address, form))
	return r
}

func statusForm() url.Values {
	return url.Values{"AccountSid": {twiliotest.AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {twiliotest.Number}, "To": {practitioner},
		"MessageSid": {"SM00112233445566778899aabbccddeeff"}, "MessageStatus": {"undelivered"}, "ErrorCode": {"30005"}}
}

func TestCallbackGivesTheSameReceiptEachTime(t *testing.T) {
	c := newChannel(t, start(t, twiliotest.Options{}), withCallbacks)
	form := statusForm()
	want := []notify.Receipt{{ProviderID: "SM00112233445566778899aabbccddeeff", Progress: notify.ProgressUndelivered,
		Fault: notify.FaultAddress, Code: "30005", Reason: "nobody has this number, or it is no longer in use: correct the mobile number in the people list"}}
	for range 2 { // the second is a replay
		got, err := c.StatusCallback(incoming(statusAddress, form), []byte(form.Encode()))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		tellsNothing(t, got)
	}
}

func TestCallbackThatIsNotTwilios(t *testing.T) {
	anyError := errors.New("some other error")
	tests := []struct {
		story  string
		change func(r *http.Request, form url.Values)
		want   error
	}{
		{"no signature", func(r *http.Request, _ url.Values) { r.Header.Del(signature) }, ErrForged},
		{"another signature", func(r *http.Request, _ url.Values) {
			r.Header.Set(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
		}, ErrForged},
		{"another token", func(r *http.Request, form url.Values) {
			r.Header.Set(signature, twiliotest.Sign("ffffffffffffffffffffffffffffffff", statusAddress, form))
		}, ErrForged},
		{"no token", func(r *http.Request, form url.Values) {
			r.Header.Set(signature, twiliotest.Sign("", statusAddress, form))
		}, ErrForged},
		{"a field changed", func(_ *http.Request, form url.Values) { form.Set("MessageStatus", "delivered") }, ErrForged},
		{"a field added", func(_ *http.Request, form url.Values) { form.Set("Extra", "1") }, ErrForged},
		{"a field gone", func(_ *http.Request, form url.Values) { form.Del("ErrorCode") }, ErrForged},
		{"signed for the host that the request names", func(r *http.Request, form url.Values) {
			r.Header.Set(signature, twiliotest.Sign(twiliotest.AuthToken, "http://"+r.Host+r.URL.Path, form))
		}, ErrForged},
		{"signed for another page of ours", func(r *http.Request, form url.Values) {
			r.Header.Set(signature, twiliotest.Sign(twiliotest.AuthToken, inboundAddress, form))
		}, ErrForged},
		{"another account, rightly signed", func(r *http.Request, form url.Values) {
			form.Set("AccountSid", "AC99999999999999999999999999999999")
			r.Header.Set(signature, twiliotest.Sign(twiliotest.AuthToken, statusAddress, form))
		}, anyError},
		{"about no text, rightly signed", func(r *http.Request, form url.Values) {
			form.Set("MessageSid", "SM1'; --")
			r.Header.Set(signature, twiliotest.Sign(twiliotest.AuthToken, statusAddress, form))
		}, anyError},
		{"JSON", func(r *http.Request, _ url.Values) { r.Header.Set("Content-Type", "application/json") }, anyError},
		{"no content type", func(r *http.Request, _ url.Values) { r.Header.Del("Content-Type") }, anyError},
		{"asked for instead of posted", func(r *http.Request, _ url.Values) { r.Method = http.MethodGet }, anyError},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			c := newChannel(t, start(t, twiliotest.Options{}), withCallbacks)
			form := statusForm()
			r := incoming(statusAddress, form)
			test.change(r, form)
			got, err := c.StatusCallback(r, []byte(form.Encode()))
			if err == nil || got != nil || errors.Is(test.want, ErrForged) != errors.Is(err, ErrForged) {
				t.Errorf("%+v, %v, want nothing and %v", got, err, test.want)
			}
			tellsNothing(t, err)
		})
	}
}

func TestCallbackThatCannotBeRead(t *testing.T) {
	c := newChannel(t, start(t, twiliotest.Options{}), withCallbacks)
	for _, body := range []string{"", "%", "a;b", strings.Repeat("&", 1000), "\x00"} {
		r := incoming(statusAddress, url.Values{})
		if got, err := c.StatusCallback(r, []byte(body)); err == nil || got != nil {
			t.Errorf("%q: %+v, %v, want nothing and an error", body, got, err)
		}
	}
}

func TestStateThatSaysNothingGivesNoReceipt(t *testing.T) {
	c := newChannel(t, start(t, twiliotest.Options{}), withCallbacks)
	form := statusForm()
	form.Set("MessageStatus", "pondering")
	got, err := c.StatusCallback(incoming(statusAddress, form), []byte(form.Encode()))
	if err != nil || len(got) != 0 {
		t.Errorf("%+v, %v, want neither a receipt nor an error", got, err)
	}
}

func TestCallbacksAreNotTakenWithoutAnAddress(t *testing.T) {
	c := newChannel(t, start(t, twiliotest.Options{}), nil)
	form := statusForm()
	if got, err := c.StatusCallback(incoming("/", form), []byte(form.Encode())); err == nil || got != nil {
		t.Errorf("status: %+v, %v, want an error", got, err)
	}
	if got, err := c.InboundCallback(incoming("/", form), []byte(form.Encode())); err == nil || got != nil {
		t.Errorf("inbound: %+v, %v, want an error", got, err)
	}
}

func TestServersOwnCallbacksAreUnderstood(t *testing.T) {
	var channel *Channel
	var receipts []notify.Receipt
	var texts []notify.Received
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && strings.HasPrefix(statusAddress, public+r.URL.Path) {
			var more []notify.Receipt
			more, err = channel.StatusCallback(r, body)
			receipts = append(receipts, more...)
		} else if err == nil {
			var more []notify.Received
			more, err = channel.InboundCallback(r, body)
			texts = append(texts, more...)
		}
		if err != nil {
			t.Error(err)
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer pages.Close()
	server := start(t, twiliotest.Options{Via: pages.URL, InboundURL: inboundAddress + "?for=doorstep"})
	channel = newChannel(t, server, func(s *Settings) {
		withCallbacks(s)
		s.MessagingServiceSID = twiliotest.MessagingServiceSID
	})
	arrives, fails := mustSend(t, channel, reminder("a")), mustSend(t, channel, reminder("b"))
	server.Deliver(t, arrives)
	server.Fail(t, fails, 30003)
	text := server.Receive(t, practitioner, "DONE 4F7 £+&=")

	var got []string
	for _, r := range receipts {
		got = append(got, r.ProviderID+" "+string(r.Progress)+" "+string(r.Fault))
	}
	want := []string{arrives + " sent ", arrives + " delivered ", fails + " sent ", fails + " undelivered unreachable"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the receipts are\n%q, want\n%q", got, want)
	}
	if want := []notify.Received{{ID: text.SID, From: practitioner, Text: "DONE 4F7 £+&="}}; !reflect.DeepEqual(texts, want) {
		t.Errorf("the texts are\n%+v, want\n%+v", texts, want)
	}
}
