package main

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/configs"
)

// TestReadmeQuotesTheDemo: what the README shows of messages and digests is what the
// demo writes, word by word.
func TestReadmeQuotesTheDemo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--folder", folder}, nil, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	written := plainTexts(t, filepath.Join(folder, "outbox"))
	quoted := 0
	for _, block := range indented(string(readme)) {
		if !strings.Contains(block, "Why this time:") && !strings.Contains(block, "== ") {
			continue
		}
		quoted++
		if !slices.ContainsFunc(written, func(text string) bool { return strings.Contains(text, block) }) {
			t.Errorf("the README quotes what the demo does not write:\n%s", block)
		}
	}
	if quoted < 2 {
		t.Errorf("the README quotes %d messages, want an email and a digest", quoted)
	}
	cases := regexp.MustCompile(`Following (\d+ invented cases)`).FindStringSubmatch(out.String())
	if cases == nil || !strings.Contains(string(readme), cases[1]) {
		t.Errorf("the demo follows %q, and the README says otherwise", cases)
	}
}

// indented are the blocks of a text that stand four spaces to the right, without the
// spaces. An empty line does not end one.
func indented(text string) []string {
	var blocks []string
	var block strings.Builder
	for line := range strings.Lines(text) {
		switch shown, is := strings.CutPrefix(line, "    "); {
		case is:
			block.WriteString(shown)
		case line == "\n" && block.Len() > 0:
			block.WriteString("\n")
		case block.Len() > 0:
			blocks = append(blocks, strings.TrimSpace(block.String()))
			block.Reset()
		}
	}
	return append(blocks, strings.TrimSpace(block.String()))
}

// plainTexts are the words of every email in a folder.
func plainTexts(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no emails in %s (%v)", folder, err)
	}
	texts := make([]string, len(files))
	for i, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(f)
		if err != nil {
			t.Fatal(err)
		}
		_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = strings.ReplaceAll(string(text), "\r\n", "\n")
		f.Close()
	}
	return texts
}

// wrongForm is what is wrong with a configuration whatever is filled in for AC… and
// council.example.
var wrongForm = regexp.MustCompile(`is not a key|is not known|belongs|is not YAML|stands here twice|out of range`)

// TestSamplesOfTheConfigurationCanBeRead: what the pages show of a doorstep.yaml has no
// key that there is not, and no word that is not known.
func TestSamplesOfTheConfigurationCanBeRead(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../d*/*.md") // docs, deploy
	if err != nil || len(pages) < 4 {
		t.Fatalf("%d pages, error %v", len(pages), err)
	}
	samples := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, sample := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			if key, _, _ := strings.Cut(sample[1], ":"); !strings.Contains("\n"+string(configs.DefaultYAML()), "\n"+key+":") {
				continue // another program's
			}
			samples++
			file := filepath.Join(t.TempDir(), "doorstep.yaml")
			if err := os.WriteFile(file, []byte(sample[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := configs.Load(file); err != nil && wrongForm.MatchString(err.Error()) {
				t.Errorf("%s shows a configuration that cannot be read: %v\n%s", page, err, sample[1])
			}
		}
	}
	if samples < 3 {
		t.Errorf("the pages show %d configurations, want several", samples)
	}
}

// TestHelpOfImportDescribesTheFiles: all of them, or those of one sort; and the mapping
// that it shows can be used.
func TestHelpOfImportDescribesTheFiles(t *testing.T) {
	t.Parallel()
	help := func(args ...string) string {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, nil, &out, &errs); code != exitDone {
			t.Fatalf("%v: exit %d: %s", args, code, errs.String())
		}
		return out.String()
	}
	all := help("import", "--help")
	says(t, "import --help", all, []string{"Columns of people", "Columns of cases", "Columns of events", "Kinds of event", "Mappings", "Names in the inbox", "--dry-run"})
	says(t, "import events --help", help("import", "events", "--help"), []string{"Columns of events", "Kinds of event", "needs booked_for", "--dry-run"}, "Columns of people", "Names in the inbox")
	_, after, _ := strings.Cut(all, "Mappings\n")
	_, after, _ = strings.Cut(after, "For example:\n\n")
	mapping, _, _ := strings.Cut(after, "\nNames in the inbox")
	out, errs, code := inFolder(t, map[string]string{"ours.yaml": indented(mapping)[0] + "\n",
		"visits.csv": "Visit ID,Child ID,Visit date,Visit time,Worker,Outcome,Notes\n1,KN-7,02/09/2026,10:00,W1,No reply,x\n2,KN-7,03/09/2026,10:00,W1,Office,x\n"},
		"mapping try ./ours.yaml ./visits.csv")
	says(t, "the mapping of the help", out, []string{"case KN-7: no-access", "1 row read, 1 left out by the mapping, 0 bad"})
	if code != exitDone {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestConfigShowAndWordingExport: the default as it is, the one in force, and wording
// that can be named in a configuration at once.
func TestConfigShowAndWordingExport(t *testing.T) {
	t.Parallel()
	out, _, code := inFolder(t, map[string]string{}, "config show")
	if code != exitDone || out != string(configs.DefaultYAML()) {
		t.Errorf("config show: exit %d, or another text than the annotated default", code)
	}
	out, _, code = inFolder(t, map[string]string{}, "config show --effective")
	says(t, "config show --effective", out, []string{"doorstep.yaml", "# line 1", "via: file", "pathway hv-child"})
	if code != exitDone {
		t.Errorf("config show --effective: exit %d", code)
	}
	files := recordable()
	out, errs, code := inFolder(t, files, "import people ./people.csv", "import cases ./cases.csv", "digest --manager G1 --on 2026-09-02", "wording export ./words")
	says(t, "wording export", out, []string{"files written into", "wording:"})
	if code != exitDone {
		t.Errorf("wording export: exit %d: %s", code, errs)
	}
	if _, errs, code = inFolder(t, files, "wording export ./words", "wording export ./words"); code != exitUsage || !strings.Contains(errs, "is not overwritten") {
		t.Errorf("a second time: exit %d: %s; want a refusal", code, errs)
	}
}
