package web_test

import (
	"net/http"
	"strings"
	"testing"

	"example.org/doorstep/web"
)

// TestAnswersAreTimedByWhatAnswersThem: the figures count each answer by its pattern, and
// hold nothing of the address.
func TestAnswersAreTimedByWhatAnswersThem(t *testing.T) {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /cases/{ref}", func(http.ResponseWriter, *http.Request) {})
	pages.HandleFunc("/", http.NotFound)
	calendar := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	d := startWith(t, openStore(t), began, web.Options{Also: map[string]http.Handler{"/": pages, "/calendar/": calendar}})
	for _, path := range []string{"/cases/KN-1042", "/cases/KN-1043", "/calendar/secret-1.ics", "/KN-1044", "/healthz"} {
		d.request("GET", path)
	}
	d.request("POST", "/cases/KN-1042")
	d.wantFigures(map[string]float64{
		`doorstep_http_request_seconds_count{route="GET /cases/{ref}"}`: 2,
		`doorstep_http_request_seconds_count{route="/calendar/"}`:       1,
		`doorstep_http_request_seconds_count{route="GET /healthz"}`:     1,
		`doorstep_http_request_seconds_count{route="other"}`:            2,
	})
	if _, body := d.request("GET", "/metrics"); strings.Contains(body, "KN-") || strings.Contains(body, "secret") {
		t.Errorf("the figures hold an address that was asked for:\n%s", body)
	}
}
