package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTheLinkOfAnEmailOpensTheFormOfItsDuty: whoever is to do it comes from their email to
// the form that says what was done, which saves nothing until its button is pressed.
func TestTheLinkOfAnEmailOpensTheFormOfItsDuty(t *testing.T) {
	s := newSite(t, onSQLite(t), "public_url: http://127.0.0.1:1")
	const discuss, visit = "/cases/KN-1/do/discuss-immediately", "/cases/KN-3/record"
	var links []string
	s.awaitFor(time.Minute, func() string { return strings.Join(links, "\n") }, func() bool {
		links = s.linksIn("outbox/*.eml")
		return slices.Contains(links, discuss) && slices.Contains(links, visit)
	})
	practitioner := s.signedIn("W1")
	practitioner.get(discuss).says(t, "the form of a discussion", http.StatusOK, "Discuss", "Save")
	practitioner.get(visit).says(t, "the form of a visit", http.StatusOK, "KN-3")
	if text := practitioner.get("/cases/KN-1").text(); !strings.Contains(text, "It is done: Discuss with the team manager immediately") {
		t.Errorf("after its form was opened the duty is no longer on the case: %s", text)
	}
}

// linksIn are the paths to which the emails of a folder lead, each once.
func (s *site) linksIn(pattern string) (links []string) {
	files, err := filepath.Glob(filepath.Join(s.folder, pattern))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it is being written
		}
		for word := range strings.FieldsSeq(string(content)) {
			if path, is := strings.CutPrefix(word, "http://127.0.0.1:1"); is {
				links = append(links, path)
			}
		}
	}
	slices.Sort(links)
	return slices.Compact(links)
}
