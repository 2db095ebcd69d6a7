package govuktest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// call makes one request, signed, and returns what it is answered with.
func call(t *testing.T, s *Server, method, path, body string) (status int, answer string) {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": ServiceID, "iat": s.options.Now().Unix()}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return callWith(t, s, method, path, body, "Bearer "+token)
}

func callWith(t *testing.T, s *Server, method, path, body, authorization string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", authorization)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

func TestRequestsOfTheWrongFormAreRefusedAsNotifyDoes(t *testing.T) {
	const template = `"template_id": "` + TextTemplateID + `"`
	tests := []struct {
		path, body    string
		status        int
		name, message string
	}{
		{"sms", `{"phone_number": "+447700900101"}`, 400, "ValidationError", "template_id is a required property"},
		{"sms", `{` + template + `}`, 400, "ValidationError", "phone_number is a required property"},
		{"sms", `{"phone_number": "+447700900101", "template_id": "x"}`, 400, "ValidationError", "template_id is not a valid UUID"},
		{"sms", `{"phone_number": "+447700900101", ` + template + `, "to": "x"}`, 400, "ValidationError", "Additional properties are not allowed (to was unexpected)"},
		{"sms", `{"phone_number": 7, ` + template + `}`, 400, "ValidationError", "phone_number 7 is not of type string"},
		{"sms", `{"phone_number": "+447700900101", ` + template + `, "reference": "` + strings.Repeat("x", 1001) + `"}`, 400, "ValidationError", "reference " + strings.Repeat("x", 1001) + " is too long"},
		{"sms", `{"phone_number": "+447700900101", ` + template + `}`, 400, "BadRequestError", "Missing personalisation: message"},
		{"sms", `{"phone_number": "nobody", ` + template + `, "personalisation": {"message": "a"}}`, 400, "ValidationError", "phone_number Must not contain letters or symbols"},
		{"sms", `{"phone_number": "+447700900101", "template_id": "` + ServiceID + `"}`, 400, "BadRequestError", "Template not found"},
		{"sms", `{"phone_number": "+447700900101", ` + template + `, "personalisation": {"message": ""}}`, 400, "BadRequestError", "Your message is empty."},
		{"sms", `{`, 400, "BadRequestError", "Invalid JSON supplied in POST data"},
		{"email", `{"email_address": "w1", "template_id": "` + EmailTemplateID + `", "personalisation": {"subject": "a", "message": "b"}}`, 400, "ValidationError", "email_address Not a valid email address"},
		{"letter", `{"content": ""}`, 400, "ValidationError", "reference is a required property"},
		{"letter", `{"reference": "a", "content": "!"}`, 400, "BadRequestError", "Cannot decode letter content (invalid base64 encoding)"},
		{"letter", `{"reference": "a", "content": "YQ=="}`, 400, "BadRequestError", "Letter content is not a valid PDF"},
		{"letter", `{"reference": "a", "content": "YQ==", "postage": "third"}`, 400, "ValidationError", "postage invalid. It must be either first, second or economy."},
	}
	s := Start(t, Options{})
	for _, test := range tests {
		status, body := call(t, s, "POST", "/v2/notifications/"+test.path, test.body)
		var said struct {
			StatusCode int        `json:"status_code"`
			Errors     []apiError `json:"errors"`
		}
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			t.Errorf("%s is answered with %q: %v", test.body, body, err)
			continue
		}
		if want := (apiError{test.name, test.message}); status != test.status || said.StatusCode != status || len(said.Errors) != 1 || said.Errors[0] != want {
			t.Errorf("%.80s is answered with %d %+v, want %d %+v", test.body, status, said, test.status, want)
		}
	}
	if s.Count() != 0 {
		t.Errorf("%d messages were taken, want none", s.Count())
	}
}

func TestTokensThatNotifyWouldRefuse(t *testing.T) {
	now := time.Date(2026, 9, 7, 12, 0, 0, 0, time.UTC)
	s := Start(t, Options{Now: func() time.Time { return now }})
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
	good := jwt.MapClaims{"iss": ServiceID, "iat": now.Unix()}
	tests := []struct {
		story, authorization string
		status               int
		want                 string
	}{
		{"none", "", 401, "authentication token must be provided"},
		{"another scheme", "Basic abc", 401, "bearer scheme must be used"},
		{"no token", "Bearer abc", 403, "make sure your API token matches"},
		{"unsigned", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good), 403, "algorithm used is not HS256"},
		{"no service", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iat": now.Unix()}), 403, "iss field not provided"},
		{"another service", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": TextTemplateID, "iat": now.Unix()}), 403, "service not found"},
		{"another secret", sign(jwt.SigningMethodHS256, []byte("other"), good), 403, "API key not found"},
		{"no time", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": ServiceID}), 403, "system clock"},
		{"late", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": ServiceID, "iat": now.Unix() - 31}), 403, "system clock"},
		{"early", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": ServiceID, "iat": now.Unix() + 31}), 403, "system clock"},
		{"good", sign(jwt.SigningMethodHS256, []byte(secret), good), 200, "notifications"},
	}
	for _, test := range tests {
		if status, body := callWith(t, s, "GET", "/v2/notifications", "", test.authorization); status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s, want %d and %q", test.story, status, body, test.status, test.want)
		}
	}
}

func TestListsAreFilteredAndPaged(t *testing.T) {
	s := Start(t, Options{})
	texts := s.AddMessages(300, "sms", "+447700900101")
	s.AddMessages(1, "email", "w1@example.org")
	s.Set(texts[0], "permanent-failure")
	for path, want := range map[string]int{
		"":                     250,
		"?template_type=sms":   250,
		"?template_type=email": 1,
		"?template_type=sms&older_than=" + texts[50]: 50,
		"?older_than=" + ServiceID:                   0,
		"?status=permanent-failure":                  1,
		"?reference=none":                            0,
	} {
		_, body := call(t, s, "GET", "/v2/notifications"+path, "")
		var page struct {
			Notifications []json.RawMessage `json:"notifications"`
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Notifications) != want {
			t.Errorf("%s lists %d, %v, want %d", path, len(page.Notifications), err, want)
		}
	}
	for path, want := range map[string]int{"?older_than=x": 400, "?page=2": 400, "/x": 400, "/" + ServiceID: 404} {
		if status, body := call(t, s, "GET", "/v2/notifications"+path, ""); status != want {
			t.Errorf("%s is answered with %d %s, want %d", path, status, body, want)
		}
	}
}
