package configs

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func effective(t *testing.T, c *Config) string {
	t.Helper()
	pathways, err := c.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := c.WriteEffective(&out, pathways); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestTheConfigurationInForceCanBeReadAgain: it says what the one that was read says.
func TestTheConfigurationInForceCanBeReadAgain(t *testing.T) {
	for name, text := range map[string]string{
		"the built-in one": "",
		"one of an organisation's own": `organisation: {name: "Council: East", closure_days: [2026-12-24], extra_bank_holidays: [{date: 2030-06-03, name: "Jubilee #2"}], day_ends: "16:30"}
places: {clinic: {name: "Clinic, east", address: [1 Test Street, SN1 1AA], directions: "- left, then right"}}
teams: {"East 1": {duty_email: east@council.gov.uk}, no: {duty_mobile: 07700 900000}}
inbox_expect: {events: 26h, cases: 90m}
acknowledgement_lasts: 90m
people: {email_domains: [council.gov.uk]}
schedules: {print: "0 5 * * MON-FRI"}
`,
	} {
		c := mustLoad(t, text, nil)
		again := mustLoad(t, effective(t, c), nil)
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(again); err != nil || string(got) != string(want) {
			t.Errorf("%s: read again (%v)\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

// TestTheConfigurationInForceSaysWhereThingsStand: values by their line, and the files
// of pathways, mappings and wording; no secret, nor what a variable holds.
func TestTheConfigurationInForceSaysWhereThingsStand(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"mappings/care.yaml": "for: events\ncolumns: {case_ref: Child}\n", "own.yaml": "for: events\ncolumns: {case_ref: Child}\n",
		"words/messages/sms.tmpl": "x", "ladders.yaml": strings.Replace(string(readBuiltIn(t, "pathways/ladders.yaml")), "title: Routine", "title: Ours", 1)} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(folder, "doorstep.yaml")
	c, err := load(file, []byte(`database: postgres://u:hunter2@127.0.0.1/d?password=hunter2
listen: "${LISTEN}"
heartbeat_url: https://hc.example/hunter2
email: {smtp: {username: "", password: hunter2}}
sms: {twilio: {auth_token: "${TOKEN}"}}
wording: words
pathways: [ladders.yaml]
import: {mappings: {visits: own.yaml, here: {for: events, columns: {case_ref: Child}}}}
`), environment{"LISTEN": "127.0.0.1:8081", "TOKEN": "hunter2"}.lookup, toSend)
	if err != nil {
		t.Fatal(err)
	}
	got := effective(t, c)
	for _, want := range []string{
		"# Configuration file: " + file + "\n", "\ndatabase: postgres://127.0.0.1/d  # line 1\n", "\nlisten: \"${LISTEN}\"  # line 2\n", "\nheartbeat_url: (secret)  # line 3\n",
		"    password: (secret)  # line 4\n", "    auth_token: (secret)  # line 5\n", "  region: england-and-wales\n",
		"#   ladder routine                   " + filepath.Join(folder, "ladders.yaml") + "\n", "pathway hv-child", "pathways/hv-child.yaml (built in)\n",
		"#   care                       " + filepath.Join(folder, "mappings", "care.yaml") + "\n", "#   visits                     " + filepath.Join(folder, "own.yaml") + "\n",
		"#   here                       " + file + ", import.mappings\n", "mappings/ofsted-annex-a.yaml (built in)\n",
		"#   messages/sms.tmpl  " + filepath.Join(folder, "words") + "\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	for _, never := range []string{"hunter2", "127.0.0.1:8081"} {
		if strings.Contains(got, never) {
			t.Errorf("it shows %q", never)
		}
	}
}

func readBuiltIn(t *testing.T, name string) []byte {
	t.Helper()
	b, err := builtIn.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestExportedWordingIsTheShippedOne: unchanged, every text is the same; and nothing
// is overwritten.
func TestExportedWordingIsTheShippedOne(t *testing.T) {
	folder := t.TempDir()
	words := filepath.Join(folder, "words")
	n, err := ExportWording(words)
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(filepath.Join(folder, "doorstep.yaml"), []byte("wording: words\n"), environment{}.lookup, toSend)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := c.Texts()
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	err = fs.WalkDir(Wording(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		shipped, err := fs.ReadFile(Wording(), name)
		if own, e := fs.ReadFile(texts, name); err != nil || e != nil || string(own) != string(shipped) {
			t.Errorf("%s: %v, or another text than the shipped one", name, e)
		}
		same++
		return err
	})
	if err != nil || same != n || n < 20 {
		t.Errorf("%d files exported, %d compared, error %v; want all of them", n, same, err)
	}
	changed := filepath.Join(words, "messages", "sms.tmpl")
	if err := os.WriteFile(changed, []byte("ours"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ExportWording(words); err == nil || !strings.Contains(err.Error(), "is there already, and is not overwritten") {
		t.Errorf("a second time: %v, want a refusal", err)
	}
	if text, err := os.ReadFile(changed); err != nil || string(text) != "ours" {
		t.Errorf("the changed text reads %q (%v), want it as it was", text, err)
	}
}
