package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemoLeavesSomethingToLookAt: messages, digests, cards and letters, and the
// words that say where they lie.
func TestDemoLeavesSomethingToLookAt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--folder", folder}, nil, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	for _, pattern := range []string{"outbox/*.eml", "outbox/*.txt", "cards.pdf", "letters.pdf"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(files) == 0 {
			t.Errorf("no %s: %v", pattern, err)
			continue
		}
		if at := filepath.Join(folder, strings.Split(pattern, "/")[0]); !strings.Contains(out.String(), at) {
			t.Errorf("it does not say where %s lies:\n%s", at, out.String())
		}
	}
	d := &daemon{t: t, folder: folder}
	says(t, "the cards", d.text("cards.pdf"), []string{"Sorry we missed you for your", "Health Visiting Service, Swindon Borough Council"}, "HV-0", "safeguarding")
	says(t, "the letters", d.text("letters.pdf"), []string{"Your ", "please call"}, "safeguarding")
}
