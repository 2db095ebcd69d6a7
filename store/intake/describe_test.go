package intake

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// names are the names of which something is said, in order.
func names(list []said) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.name
		if s.text == "" {
			out[i] += " (nothing is said of it)"
		}
	}
	return out
}

// TestEveryNameIsDescribed: every column, kind and key of a mapping that the code
// knows has its text, and none stands there that the code does not know.
func TestEveryNameIsDescribed(t *testing.T) {
	for _, of := range Sorts {
		if got, want := names(columnTexts[of]), tables[of].columns; !slices.Equal(got, want) {
			t.Errorf("columns of %s described: %v\nthe reader knows %v\ncorrect describe_texts.go", of, got, want)
		}
	}
	if got, want := names(kindTexts), pathway.Kinds(); !slices.Equal(got, want) {
		t.Errorf("kinds described: %v\nthere are %v\ncorrect describe_texts.go", got, want)
	}
	var keys []string
	for i := range reflect.TypeFor[Mapping]().NumField() {
		if key := reflect.TypeFor[Mapping]().Field(i).Tag.Get("yaml"); key != "-" {
			keys = append(keys, key)
		}
	}
	if got := names(mappingTexts); !slices.Equal(got, keys) {
		t.Errorf("keys of a mapping described: %v\nit has %v\ncorrect describe_texts.go", got, keys)
	}
	for _, name := range []string{"people-1.csv", "cases.xlsx", "events today.csv"} {
		if of, _ := (&Inbox{}).contents(name); of == "" {
			t.Errorf("%s is described as a name in the inbox, and is none", name)
		}
	}
}

// TestWordsOfColumnsAreDescribed: a column that takes certain words only names them.
func TestWordsOfColumnsAreDescribed(t *testing.T) {
	for column, words := range map[string][]string{"people role": pathway.Roles, "people channel": pathway.Channels, "cases contact": pathway.Contacts,
		"cases plan": pathway.Plans, "cases safe_to_write": pathway.YesOrNo, "cases large_print": pathway.YesOrNo} {
		of, name, _ := strings.Cut(column, " ")
		i := slices.IndexFunc(columnTexts[of], func(s said) bool { return s.name == name })
		for _, word := range words {
			if !strings.Contains(columnTexts[of][i].text, word) {
				t.Errorf("%s: the text does not name %q: %s", column, word, columnTexts[of][i].text)
			}
		}
	}
	if got := formTexts[pathway.OfCard]; !strings.HasSuffix(got, pathway.OneOf(pathway.CardVariants())) {
		t.Errorf("the cards of card-left are described as %q, want %s", got, pathway.OneOf(pathway.CardVariants()))
	}
}

// TestTheExamplesCanBeRead: as files, and as a mapping.
func TestTheExamplesCanBeRead(t *testing.T) {
	for _, of := range Sorts {
		var to triedRows
		to.zone = time.UTC
		rules := someRules(t)
		result, err := Read(t.Context(), strings.NewReader(examples[of]), Options{Of: of, File: of + ".csv", Rules: rules, Now: time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC)}, &to)
		if err != nil || result.BadRows > 0 || result.Rows < 2 {
			t.Errorf("the example of %s: %d rows, %v, error %v; want all of them good", of, result.Rows, result.Faults, err)
		}
	}
}

// TestTheDocsSayWhatTheHelpSays: docs/files.md is the same description. Write it anew
// with DOORSTEP_WRITE_DOCS=1.
func TestTheDocsSayWhatTheHelpSays(t *testing.T) {
	const file = "../../docs/files.md"
	var want bytes.Buffer
	if err := WriteDocs(&want); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("DOORSTEP_WRITE_DOCS") != "" {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/files.md is not what import --help says: write it anew with DOORSTEP_WRITE_DOCS=1 go test ./store/intake -run Docs")
	}
	var help bytes.Buffer
	if err := WriteHelp(&help, ""); err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(help.String()) {
		n++
		if width := len([]rune(strings.TrimRight(line, "\n"))); width > 80 {
			t.Errorf("line %d of the help has %d columns, want 80 at most: %s", n, width, line)
		}
	}
	if lines := fmt.Sprint(n); n < 100 {
		t.Errorf("the help has %s lines: want a line for each column and kind", lines)
	}
}
