package twiliotest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"
)

var morning = time.Date(2026, 9, 7, 8, 30, 0, 0, time.UTC)

const (
	path = "/2010-04-01/Accounts/" + AccountSID + "/Messages"
	to   = "+447700900101"
)

// ask makes one request as the account's owner, unless change says otherwise, and
// returns the status and the answer.
func ask(t *testing.T, s *Server, method, address string, form url.Values, change func(*http.Request)) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(AccountSID, AuthToken)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(r)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("HTTP %d: %v", response.StatusCode, err)
	}
	return response.StatusCode, answer
}

func text() url.Values {
	return url.Values{"To": {to}, "From": {Number}, "Body": {"Due tomorrow"}}
}

func mustCreate(t *testing.T, s *Server, form url.Values) string {
	t.Helper()
	status, answer := ask(t, s, http.MethodPost, path+".json", form, nil)
	if status != http.StatusCreated {
		t.Fatalf("HTTP %d: %v", status, answer)
	}
	return answer["sid"].(string)
}

func TestWhatIsMissingOrWrongIsRefusedAsTwilioDoes(t *testing.T) {
	s := Start(t, Options{})
	tests := []struct {
		story  string
		change func(url.Values)
		ask    func(*http.Request)
		status int
		code   float64
	}{
		{"no recipient", func(f url.Values) { f.Del("To") }, nil, 400, 21604},
		{"no sender", func(f url.Values) { f.Del("From") }, nil, 400, 21603},
		{"no words", func(f url.Values) { f.Del("Body") }, nil, 400, 21602},
		{"too many words", func(f url.Values) { f.Set("Body", strings.Repeat("x", 1601)) }, nil, 400, 21617},
		{"no number", func(f url.Values) { f.Set("To", "07700 900101") }, nil, 400, 21211},
		{"another's number", func(f url.Values) { f.Set("From", "+447700900999") }, nil, 400, 21659},
		{"another's service", func(f url.Values) { f.Set("MessagingServiceSid", "MG2") }, nil, 404, 21701},
		{"too long", func(f url.Values) { f.Set("ValidityPeriod", "36001") }, nil, 400, 90007},
		{"too short", func(f url.Values) { f.Set("ValidityPeriod", "0") }, nil, 400, 90007},
		{"an address that is none", func(f url.Values) { f.Set("StatusCallback", "doorstep") }, nil, 400, 21609},
		{"JSON", nil, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, 400, 20001},
		{"another token", nil, func(r *http.Request) { r.SetBasicAuth(AccountSID, "x") }, 401, 20003},
		{"nobody", nil, func(r *http.Request) { r.Header.Del("Authorization") }, 401, 20003},
		{"another account", nil, func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, AccountSID, "AC2", 1) }, 404, 20404},
		{"another path", nil, func(r *http.Request) { r.URL.Path = "/" }, 404, 20404},
	}
	for _, test := range tests {
		form := text()
		if test.change != nil {
			test.change(form)
		}
		status, answer := ask(t, s, http.MethodPost, path+".json", form, test.ask)
		info := fmt.Sprintf("https://www.twilio.com/docs/errors/%.0f", test.code)
		if status != test.status || answer["code"] != test.code || answer["status"] != float64(test.status) || answer["more_info"] != info || answer["message"] == "" {
			t.Errorf("%s: HTTP %d, %v, want %d with code %.0f", test.story, status, answer, test.status, test.code)
		}
	}
	if s.Count() != 0 {
		t.Errorf("it took %d texts, want none", s.Count())
	}
}

func TestTextIsShownWithTheFieldsThatTwilioGives(t *testing.T) {
	s := Start(t, Options{Now: func() time.Time { return morning.In(time.FixedZone("", 3600)) }})
	_, answer := ask(t, s, http.MethodPost, path+".json", text(), nil)
	sid := "SM00000000000000000000000000000001"
	uri := path + "/" + sid
	want := map[string]any{
		"sid": sid, "account_sid": AccountSID, "api_version": "2010-04-01", "body": "Due tomorrow", "direction": "outbound-api",
		"from": Number, "to": to, "status": "queued", "num_segments": "1", "num_media": "0", "messaging_service_sid": nil,
		"date_created": "Mon, 07 Sep 2026 08:30:00 +0000", "date_updated": "Mon, 07 Sep 2026 08:30:00 +0000", "date_sent": nil,
		"error_code": nil, "error_message": nil, "price": nil, "price_unit": "GBP", "uri": uri + ".json",
		"subresource_uris": map[string]any{"media": uri + "/Media.json"},
	}
	if !reflect.DeepEqual(answer, want) {
		t.Errorf("the answer is\n%v, want\n%v", answer, want)
	}
	if _, again := ask(t, s, http.MethodGet, uri+".json", nil, nil); !reflect.DeepEqual(again, want) {
		t.Errorf("asked for again it is\n%v, want\n%v", again, want)
	}
}

func TestMessagingServiceChoosesASenderLater(t *testing.T) {
	s := Start(t, Options{})
	form := text()
	form.Del("From")
	form.Set("MessagingServiceSid", MessagingServiceSID)
	_, answer := ask(t, s, http.MethodPost, path+".json", form, nil)
	if answer["status"] != Accepted || answer["from"] != nil || answer["num_segments"] != "0" {
		t.Errorf("%v, want it accepted without a sender", answer)
	}
	s.Deliver(t, answer["sid"].(string))
	if _, answer = ask(t, s, http.MethodGet, answer["uri"].(string), nil, nil); answer["status"] != Delivered || answer["from"] != Number || answer["num_segments"] != "1" {
		t.Errorf("%v, want it delivered from %s", answer, Number)
	}
}

func TestListIsFilteredAndComesInPages(t *testing.T) {
	var mu sync.Mutex
	now := morning
	s := Start(t, Options{SentAfter: time.Second, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	for i := range 5 {
		form := text()
		if i == 3 {
			form.Set("To", "+447700900102")
		}
		mustCreate(t, s, form)
		mu.Lock()
		now = now.Add(12 * time.Hour)
		mu.Unlock()
	}
	s.Receive(t, to, "SEEN")       // 6, sent from to
	mustCreate(t, s, text())       // 7, not sent yet
	const sids = "SM0000000000000" // and zeros, and its number
	tests := []struct {
		query string
		want  string // the last digits, page by page
	}{
		{"", "7654321"},
		{"?PageSize=3", "765 432 1"},
		{"?PageSize=7", "7654321"},
		{"?To=" + url.QueryEscape(to), "75321"},
		{"?To=" + url.QueryEscape(to) + "&PageSize=2", "75 32 1"},
		{"?From=" + url.QueryEscape(to), "6"},
		{"?DateSent=2026-09-07", "21"},
		{"?DateSent%3E=2026-09-08", "6543"},
		{"?DateSent%3C=2026-09-08", "4321"},
		{"?DateSent%3E=2026-09-08T20:30:01Z", "654"},
		{"?DateSent%3E=2026-09-08&DateSent%3C=2026-09-08", "43"},
	}
	for _, test := range tests {
		var got []string
		for address := path + ".json" + test.query; address != ""; {
			status, answer := ask(t, s, http.MethodGet, address, nil, nil)
			if status != http.StatusOK {
				t.Fatalf("%s: HTTP %d, %v", address, status, answer)
			}
			page := ""
			for _, m := range answer["messages"].([]any) {
				sid := m.(map[string]any)["sid"].(string)
				page += sid[len(sid)-1:]
			}
			got = append(got, page)
			address, _ = answer["next_page_uri"].(string)
		}
		if pages := strings.Join(got, " "); pages != test.want {
			t.Errorf("%s: %s, want %s (%s...)", test.query, pages, test.want, sids)
		}
	}
	for _, query := range []string{"?DateSent=yesterday", "?PageSize=x", "?Page=-1"} {
		if status, answer := ask(t, s, http.MethodGet, path+".json"+query, nil, nil); status != http.StatusBadRequest {
			t.Errorf("%s: HTTP %d, %v, want 400", query, status, answer)
		}
	}
}

func TestTooManyTextsInASecondAreTurnedAway(t *testing.T) {
	var mu sync.Mutex
	now := morning
	s := Start(t, Options{Rate: 2, RetryAfter: "1", Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	mustCreate(t, s, text())
	mustCreate(t, s, text())
	if status, answer := ask(t, s, http.MethodPost, path+".json", text(), nil); status != http.StatusTooManyRequests || answer["code"] != 20429.0 {
		t.Errorf("HTTP %d, %v, want 429 with 20429", status, answer)
	}
	mu.Lock()
	now = now.Add(time.Second)
	mu.Unlock()
	mustCreate(t, s, text())
	if s.Count() != 3 || s.Requests(Create) != 4 {
		t.Errorf("it took %d of %d, want 3 of 4", s.Count(), s.Requests(Create))
	}
}

func TestFaultsHappenWhereTheyWerePlanned(t *testing.T) {
	s := Start(t, Options{})
	s.Plan(Fault{Code: 21614, To: "+447700900102", Always: true}, Fault{Code: 20500, Number: 3}, Fault{Code: 20404, On: Fetch})
	other := text()
	other.Set("To", "+447700900102")
	var got []int
	for _, form := range []url.Values{text(), other, text(), text(), other} {
		status, _ := ask(t, s, http.MethodPost, path+".json", form, nil)
		got = append(got, status)
	}
	if want := []int{201, 400, 500, 201, 400}; !reflect.DeepEqual(got, want) {
		t.Errorf("the answers are %v, want %v", got, want)
	}
	address := path + "/SM00000000000000000000000000000001.json"
	first, _ := ask(t, s, http.MethodGet, address, nil, nil)
	second, _ := ask(t, s, http.MethodGet, address, nil, nil)
	if first != 404 || second != 200 {
		t.Errorf("then HTTP %d and %d, want 404 and 200", first, second)
	}
}

func TestCallbacksAreSignedAsTwiliosOwnLibraryExpects(t *testing.T) {
	const public = "https://doorstep.example/callbacks/twilio?a=1"
	var seen []string
	validator := client.NewRequestValidator(AuthToken)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.RequestURI() != "/callbacks/twilio?a=1" || !validator.ValidateBody(public, body, r.Header.Get(Signature)) {
			t.Errorf("%s %s, %v: not signed for %s", r.Method, r.URL, err, public)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, form.Get("MessageSid")[33:]+" "+form.Get("MessageStatus")+form.Get("ErrorCode")+form.Get("Body"))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer pages.Close()
	var mu sync.Mutex
	now := morning
	s := Start(t, Options{Via: pages.URL, InboundURL: public, SentAfter: time.Second, DeliveredAfter: time.Minute, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	form := text()
	form.Set("StatusCallback", public)
	first := mustCreate(t, s, form)
	s.Plan(Fault{Fails: 30005})
	mustCreate(t, s, form)
	mustCreate(t, s, text()) // asks for no callback
	s.Fail(t, first, 30003)
	s.Receive(t, to, "DONE 4F7")
	mu.Lock()
	now = now.Add(2 * time.Second)
	mu.Unlock()
	if n := s.CallBack(t); n != 1 {
		t.Errorf("%d callbacks, want 1", n)
	}
	mu.Lock()
	now = now.Add(time.Hour)
	mu.Unlock()
	s.CallBack(t)
	if n := s.CallBack(t); n != 0 {
		t.Errorf("%d more callbacks, want none", n)
	}
	want := []string{"1 sent", "1 undelivered30003", "4 DONE 4F7", "2 sent", "2 undelivered30005"}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("posted %q, want %q", seen, want)
	}
	if status := s.Move(t, first, Delivered, 0); status != http.StatusNoContent {
		t.Errorf("the callback was answered with %d, want 204", status)
	}
}

func TestForgetfulServerKeepsItsMemory(t *testing.T) {
	s := Start(t, Options{Forgetful: true})
	handler := s.handler()
	create := func() {
		r := httptest.NewRequest(http.MethodPost, path+".json", strings.NewReader(text().Encode()))
		r.SetBasicAuth(AccountSID, AuthToken)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusCreated {
			t.Fatalf("HTTP %d: %s", w.Code, w.Body)
		}
	}
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	create()
	before := inUse()
	for range 5000 {
		create()
	}
	if grown := int64(inUse()) - int64(before); s.Count() != 5001 || grown > 512<<10 {
		t.Errorf("%d texts grew the memory by %d bytes, want 5001 and less than half a megabyte", s.Count(), grown)
	}
	status, answer := ask(t, s, http.MethodGet, path+"/SM00000000000000000000000000001389.json", nil, nil)
	if status != http.StatusOK || answer["status"] != Delivered {
		t.Errorf("HTTP %d, %v, want the last text delivered", status, answer)
	}
	if status, _ := ask(t, s, http.MethodGet, path+"/SM0000000000000000000000000000138a.json", nil, nil); status != http.StatusNotFound {
		t.Errorf("a text that never was: HTTP %d, want 404", status)
	}
}
