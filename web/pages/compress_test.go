package pages

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestALongPageIsCompressedForWhoeverAskedForItHere: nothing that another site has sent people
// to, and nothing for those who do not take it.
func TestALongPageIsCompressedForWhoeverAskedForItHere(t *testing.T) {
	long := strings.Repeat("<li>KN-1: see the child</li>", 1000)
	for _, tt := range []struct {
		what, from, takes, page string
		want                    bool
	}{
		{"from a page of ours", "same-origin", "gzip, deflate, br", long, true},
		{"an address that was typed", "none", "gzip", long, true},
		{"from another site", "cross-site", "gzip", long, false},
		{"from a site beside it", "same-site", "gzip", long, false},
		{"a browser that does not say", "", "gzip", long, false},
		{"a browser that takes nothing compressed", "same-origin", "", long, false},
		{"a short page", "same-origin", "gzip", "<p>Nothing is overdue.", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/overdue", nil)
		r.Header.Set("Sec-Fetch-Site", tt.from)
		r.Header.Set("Accept-Encoding", tt.takes)
		w := httptest.NewRecorder()
		sent, err := (&visit{w: w, r: r}).compressed(bytes.NewBufferString(tt.page), &bytes.Buffer{})
		if err != nil {
			t.Fatal(err)
		}
		length, is := sent.Len(), w.Header().Get("Content-Encoding") == "gzip"
		if is != tt.want {
			t.Errorf("%s: compressed %v, want %v", tt.what, is, tt.want)
		}
		got := sent.String()
		if is {
			z, err := gzip.NewReader(sent)
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			if got = string(data); length > len(got)/5 {
				t.Errorf("%s: %d bytes are sent for %d, want a fifth at most", tt.what, length, len(got))
			}
		}
		if got != tt.page {
			t.Errorf("%s: the page comes as %d bytes, want its %d", tt.what, len(got), len(tt.page))
		}
	}
}
