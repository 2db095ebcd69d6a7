package pages

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestMistakesInThePagesWordingAreNamed: the file, and what is missing.
func TestMistakesInThePagesWordingAreNamed(t *testing.T) {
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"a slip in the language": {fstest.MapFS{"mine.page.html.tmpl": {Data: []byte(`{{define "main"}}{{if}}{{end}}`)}}, "wording pages/mine.page.html.tmpl: "},
		"a page that is missing": {fstest.MapFS{"layout.html.tmpl": {Data: []byte(`{{define "layout"}}{{end}}`)}}, "wording pages/account.page.html.tmpl is missing"},
	} {
		if err := CheckTexts(tt.files); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
