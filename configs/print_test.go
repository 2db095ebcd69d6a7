package configs

import (
	"os"
	"strings"
	"testing"
)

func TestPrintFolderAndSchedule(t *testing.T) {
	none := func(string) (string, bool) { return "", false }
	c, err := load("doorstep.yaml", []byte("schedules: {print: \"0 5 * * MON-FRI\"}\nprint_folder: ./to-post\n"), none, toSend)
	if err != nil || c.Schedules.Print != "0 5 * * MON-FRI" || c.PrintFolder != "./to-post" {
		t.Errorf("loaded %q, %q, %v; want what the file says", c.Schedules.Print, c.PrintFolder, err)
	}
	if c, err = load("", nil, none, toSend); err != nil || c.Schedules.Print != "" || c.PrintFolder != "./print" {
		t.Errorf("without a file %q, %q, %v; want no schedule, and ./print", c.Schedules.Print, c.PrintFolder, err)
	}
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"schedules:\n  print: nightly\n": "doorstep.yaml:2:3: schedules.print: ",
		"print_folder: \"\"\n":           "doorstep.yaml:1:1: print_folder: is empty: name a folder, as in ./print",
		"print_folder: " + file + "\n":   "is a file: name a folder",
		"print_layout: c5\n":             "print_layout: ",
		"print_sheet: a5\n":              "print_sheet: ",
	} {
		if _, err := load("doorstep.yaml", []byte(text), none, toSend); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestLettersThatNobodyFollowsAreWarnedOf(t *testing.T) {
	const posted = "letters: {via: notify, notify: {api_key: " + notifyAPI + "}}\n"
	for text, want := range map[string]bool{
		posted:                              false,
		posted + "schedules: {letters: ''}": true,
		"schedules: {letters: ''}":          false,
	} {
		warned := strings.Contains(mustLoad(t, sending+text, nil).Warnings().Error(), "schedules.letters: is empty: nobody hands over letters that are held up")
		if warned != want {
			t.Errorf("%q: warned %v, want %v", text, warned, want)
		}
	}
}
