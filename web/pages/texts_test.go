package pages

import (
	"slices"
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

// TestAPageKeepsOfWhatIsSharedWhatItCalls: wherever it calls it from, and nothing else.
func TestAPageKeepsOfWhatIsSharedWhatItCalls(t *testing.T) {
	files := fstest.MapFS{
		"layout.html.tmpl": {Data: []byte(`{{define "layout"}}{{template "main" .}}{{end}}`)},
		"words.html.tmpl": {Data: []byte(`{{define "in-if"}}{{template "further" .}}{{end}}{{define "in-else"}}else{{end}}{{define "in-with"}}with{{end}}` +
			`{{define "in-range"}}range{{end}}{{define "further"}}{{if .}}{{template "further" false}}{{end}}{{end}}{{define "of-others"}}others{{end}}`)},
	}
	for _, name := range pageNames {
		files[name+pageSuffix] = &fstest.MapFile{Data: []byte(`{{define "main"}}{{if .}}{{template "in-if" .}}{{else}}{{template "in-else"}}{{end}}` +
			`{{with .}}{{template "in-with"}}{{end}}{{range .}}{{template "in-range"}}{{end}}{{end}}`)}
	}
	pages, err := readTexts(files)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, template := range pages["mine"].Templates() {
		if template.Tree != nil {
			got = append(got, template.Name())
		}
	}
	slices.Sort(got)
	if want := []string{"further", "in-else", "in-if", "in-range", "in-with", "layout", "main"}; !slices.Equal(got, want) {
		t.Errorf("a page keeps %v, want %v", got, want)
	}
}
