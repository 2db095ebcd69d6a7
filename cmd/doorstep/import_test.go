package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
)

// inFolder runs commands in a folder with a configuration of its own, one after the
// other, and returns what the last of them said and exited with.
func inFolder(t *testing.T, files map[string]string, commands ...string) (out, errs string, code int) {
	t.Helper()
	folder := t.TempDir()
	config := "database: \"sqlite:" + filepath.Join(folder, "doorstep.db") + "\"\n" + files["doorstep.yaml"]
	for name, content := range files {
		if name == "doorstep.yaml" {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "doorstep.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		var o, e bytes.Buffer
		args := strings.Fields(strings.ReplaceAll(command, "./", folder+"/"))
		code = run(t.Context(), append(args, "--config", filepath.Join(folder, "doorstep.yaml")), strings.NewReader(""), &o, &e)
		out, errs = o.String(), strings.ReplaceAll(e.String(), folder+"/", "./")
	}
	return out, errs, code
}

func TestImportSaysARowOrRows(t *testing.T) {
	t.Parallel()
	two := "id,role,email\nW1,practitioner,w1@example.org\nW2,practitioner,w2@example.org\n"
	for name, c := range map[string]struct{ people, want string }{
		"one": {"id,role,email\nW1,practitioner,w1@example.org\n", "people.csv: 1 row: 1 added, 0 changed, 0 unchanged; duties: 0 opened, 0 met, 0 moved, 0 ended\n"},
		"two": {two, "people.csv: 2 rows: 2 added, 0 changed, 0 unchanged; duties: 0 opened, 0 met, 0 moved, 0 ended\n"},
	} {
		out, errs, code := inFolder(t, map[string]string{"people.csv": c.people}, "import people ./people.csv")
		if out != c.want || code != exitDone {
			t.Errorf("%s: %q (exit %d, %s), want %q", name, out, code, errs, c.want)
		}
	}
}

func TestImportSaysHowManyBadRowsWereLeftOut(t *testing.T) {
	t.Parallel()
	bad := "W2,emperor,w2@example.org\n"
	for name, c := range map[string]struct{ rows, want string }{
		"one": {bad, "doorstep: people.csv: 1 bad row was left out: correct it in the rejected file and import that\n"},
		"two": {bad + bad, "doorstep: people.csv: 2 bad rows were left out: correct them in the rejected file and import that\n"},
	} {
		people := "id,role,email\nW1,practitioner,w1@example.org\n" + c.rows
		_, errs, code := inFolder(t, map[string]string{"people.csv": people}, "import people ./people.csv --partial")
		if !strings.HasSuffix(errs, c.want) || code != exitUsage {
			t.Errorf("%s: %q (exit %d), want it to end with %q", name, errs, code, c.want)
		}
	}
}

func TestAFileThatCannotBeReadIsNamedInPlainWords(t *testing.T) {
	t.Parallel()
	want := "doorstep: cannot read ./nofile.csv: no such file or directory: check the path\n"
	for _, command := range []string{
		"import people ./nofile.csv", "restore ./nofile.csv",
		"simulate --people ./nofile.csv --cases ./nofile.csv --from 2026-09-01 --to 2026-09-02",
	} {
		_, errs, code := inFolder(t, map[string]string{}, command)
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: %q (exit %d), want %q", command, errs, code, want)
		}
	}
	for command, want := range map[string]string{
		"import people ./":           "doorstep: cannot read ./: it is a folder: give a file in it\n",
		"backup ./nowhere/backup.db": "doorstep: cannot write ./nowhere/backup.db: no such file or directory: choose another place\n",
	} {
		_, errs, code := inFolder(t, map[string]string{"people.csv": "id,role\nW1,practitioner\n"}, "import people ./people.csv", command)
		if code == exitDone || !strings.HasSuffix(errs, want) {
			t.Errorf("%s: %q (exit %d), want %q", command, errs, code, want)
		}
	}
}

// TestCommandsTakeTheTimesThatFilesTake: a digest can be asked for at any of them,
// and a pack of cards for the day that one falls on.
func TestCommandsTakeTheTimesThatFilesTake(t *testing.T) {
	t.Parallel()
	files := map[string]string{"people.csv": "id,role,email\nW1,practitioner,w1@example.org\nG1,manager,g1@example.org\n"}
	for _, when := range []string{"2026-12-24", "2026-12-24T16:00", "2026-12-24T16:00:05", "2026-12-24T16:00:00Z", "2026-12-24T23:30:00-05:00"} {
		for _, command := range []string{"digest --manager G1 --on " + when, "print cards --visits " + when + " --out ./pack.pdf"} {
			if _, errs, code := inFolder(t, files, "import people ./people.csv", command); code != exitDone {
				t.Errorf("%s: exit %d: %s", command, code, errs)
			}
		}
	}
	for command, want := range map[string]string{
		"digest --manager G1 --on 24/12/2026":             `doorstep: --on: "24/12/2026" is not a time: write 2026-12-24, "2026-12-24 16:00" or 2026-12-24T16:00:00Z` + "\n",
		"print cards --visits yesterday --out ./pack.pdf": `doorstep: --visits: "yesterday" is not a time: write 2026-12-24, "2026-12-24 16:00" or 2026-12-24T16:00:00Z: say today, tomorrow, or a date` + "\n",
	} {
		if _, errs, code := inFolder(t, files, "import people ./people.csv", command); code != exitUsage || errs != want {
			t.Errorf("%s: %q (exit %d), want %q", command, errs, code, want)
		}
	}
}

func TestReferencesThatSayWhoSomebodyIsComeInNoWay(t *testing.T) {
	t.Parallel()
	const people = "id,role,email\nW1,practitioner,w1@example.org\n"
	files := map[string]string{
		"people.csv": people,
		"staff.csv":  people + "ada-lane,practitioner,w2@example.org\n",
		"cases.csv":  "ref,pathway,opened_at,practitioner\nKN-1,csc-plan,2026-09-01,W1\n943 476 5919,csc-plan,2026-09-01,W1\nDoe Jane,csc-plan,2026-09-01,W1\n",
		"events.csv": "Child,Day,Flag\nKN-20190503,01/09/2026,Y\n",
		"ours.yaml":  "for: events\ncolumns: {case_ref: Child, at: Day, kind: Flag}\nvalues: {kind: {Y: seen}}\ndates: [DD/MM/YYYY]\n",
	}
	for command, want := range map[string]string{
		"import people ./staff.csv":                        "staff.csv:3: column id: holds two words",
		"import cases ./cases.csv":                         "cases.csv:3: column ref: holds an NHS number",
		"import cases ./cases.csv --partial":               "cases.csv: 2 bad rows were left out",
		"import events ./events.csv --mapping ./ours.yaml": "events.csv:2: column Child (case_ref): holds a date",
		"simulate --people ./people.csv --cases ./cases.csv --from 2026-09-01 --to 2026-09-02": "cases.csv:4: column ref: holds two words",
	} {
		_, errs, code := inFolder(t, files, "import people ./people.csv", command)
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: %q (exit %d), want %q", command, errs, code, want)
		}
		for _, said := range []string{"ada-lane", "943", "Doe", "20190503"} {
			if strings.Contains(errs, said) {
				t.Errorf("%s repeats %q:\n%s", command, said, errs)
			}
		}
	}
}

// TestMarksInFilesAndArgumentsAreNeverRepeatedAsTheyAre: neither in a header, a value,
// a key, the name of a file or an argument.
func TestMarksInFilesAndArgumentsAreNeverRepeatedAsTheyAre(t *testing.T) {
	t.Parallel()
	const mark = "\u202e\u009b31m\x1b[2J\u200b\u2028"
	name := "peo" + mark + "ple.csv"
	files := map[string]string{
		name:         "id,role,em" + mark + "ail\nW1,practitioner,w1@example.org\n",
		"people.csv": "id,role,email\nW\x1b1,practi" + mark + "tioner,w1@example.org\n",
		"good.csv":   "\ufeffid,\u200brole,email\u200e,name\n\ufeffW1\u200b,practi\u00adtioner,w1@example.org,Zo\u202dë Lane\n",
		"ours.yaml":  "for: people\n\"a" + mark + "b\": 1\ncolumns: {role: R}\n",
	}
	for _, command := range []string{
		"import people ./" + name, "import people ./people.csv", "import people ./no" + mark + "file.csv", "import " + mark + " ./people.csv",
		"import people ./good.csv --mapping ./ours.yaml", "import people ./good.csv --mapping x" + mark, "case x" + mark, mark, "import --x" + mark,
		"import people ./good.csv --sheet " + mark, "digest --manager " + mark, "import people ./people.csv --partial",
	} {
		out, errs, code := inFolder(t, files, strings.ReplaceAll(command, "\u2028", ""))
		if code == exitDone {
			t.Errorf("%q is done, want it refused", command)
		}
		if at := strings.IndexFunc(out+errs, func(r rune) bool { return r != '\n' && pathway.IsMark(r) }); at >= 0 {
			t.Errorf("%q repeats a mark: %q", command, out+errs)
		}
	}
	out, errs, code := inFolder(t, files, "import people ./good.csv", "import people ./good.csv")
	if want := "good.csv: 1 row: 0 added, 0 changed, 1 unchanged"; code != exitDone || !strings.HasPrefix(out, want) {
		t.Errorf("marks around good values: %q (exit %d, %s), want %q", out, code, errs, want)
	}
	var o, e bytes.Buffer
	code = run(t.Context(), []string{"simulate", "--people", "a\nb.csv", "--cases", "c.csv", "--from", "2026-09-01", "--to", "2026-09-02"}, strings.NewReader(""), &o, &e)
	if want := `doorstep: cannot read a\nb.csv: no such file`; !strings.Contains(e.String(), want) || code != exitUsage {
		t.Errorf("a file's name with a line break: %q (exit %d), want %q", e.String(), code, want)
	}
}

// TestAnAddressToWhichNoLetterCanBePostedIsNoted: when it comes in, and not again.
func TestAnAddressToWhichNoLetterCanBePostedIsNoted(t *testing.T) {
	t.Parallel()
	const header = "ref,pathway,opened_at,addressee,address_1,address_2,postcode,safe_to_write\n"
	files := map[string]string{
		"cases.csv": header +
			"KN-1,csc-plan,2026-09-01,,1 Pattern Lane,,SN1 1AA,\n" +
			"KN-2,csc-plan,2026-09-01,,1 Pattern Lane,,QQ1 1AA,\n" +
			"KN-3,csc-plan,2026-09-01,?,1 Pattern Lane,,SN1 1AA,\n" +
			"KN-4,csc-plan,2026-09-01,,Now of no fixed abode,Swindon,SN1 1AA,\n" +
			"KN-5,csc-plan,2026-09-01,,1 Pattern Lane,,,\n" +
			"KN-6,csc-plan,2026-09-01,,,,,\n" +
			"KN-7,csc-plan,2026-09-01,,1 Pattern Lane,,QQ1 1AA,no\n",
		"later.csv": header + "KN-1,csc-plan,2026-09-01,,1 Pattern Lane,,ZZ1 1AA,\nKN-2,csc-plan,2026-09-01,,1 Pattern Lane,,QQ1 1AA,\n",
	}
	want := "cases.csv:3: note: no letter can be posted to this family: column postcode: begins with letters that no UK postcode begins with: correct it\n" +
		"cases.csv:4: note: no letter can be posted to this family: column addressee: has no letter or digit, which the first two lines of a posted address need: write who lives there, and where\n" +
		"cases.csv:5: note: no letter can be posted to this family: column address_1: says that there is no address to post to: give the letter by hand, or phone\n" +
		"cases.csv:6: note: no letter can be posted to this family: column postcode: is missing: a letter cannot be posted without it\n"
	for _, command := range []string{"import cases ./cases.csv", "import cases ./cases.csv --dry-run"} {
		out, errs, code := inFolder(t, files, command)
		if code != exitDone || !strings.HasSuffix(errs, want) || !strings.Contains(out, "7 added") {
			t.Errorf("%s: %q, %q (exit %d), want the notes\n%s", command, out, errs, code, want)
		}
	}
	_, errs, _ := inFolder(t, files, "import cases ./cases.csv", "import cases ./cases.csv")
	if strings.Contains(errs, "note:") {
		t.Errorf("the same file again says %q, want no notes: nothing is new", errs)
	}
	_, errs, _ = inFolder(t, files, "import cases ./cases.csv", "import cases ./later.csv")
	if strings.Count(errs, "note:") != 1 || !strings.Contains(errs, "later.csv:2: note:") {
		t.Errorf("one address of two is new: %q, want one note", errs)
	}
}

// TestWhatIsWrongWithARowIsSaidInOneRound: what cannot be read, and who or what is not
// known, in the order of the lines.
func TestWhatIsWrongWithARowIsSaidInOneRound(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"staff.csv":  "id,role,email,reports_to,cover\nW1,practitioner,w1@example.org,,\n",
		"known.csv":  "ref,pathway,opened_at\nKN-1,csc-plan,2026-09-01\n",
		"people.csv": "id,role,email,reports_to,cover\nW2,emperor,w2@example.org,W9,W1\nW3,practitioner,w3@example.org,W8,jane-doe\nW4,practitioner,w4@example.org,W7,\n",
		"cases.csv":  "ref,pathway,opened_at,practitioner,manager\nKN-2,csc-plan,31/02/2026,W9,W1\nKN-3,csc-plan,2026-09-01,W8,\n,csc-plan,2026-09-01,W7,W7\nKN-1,csc-plan,32/01/2026,W6,\n",
		"events.csv": "case_ref,kind,at,by,value\nKN-9,sen,2026-09-01,W9,\nKN-1,seen,31/02/2026,W9,\nKN-8,seen,2026-09-01,W8,\nKN-1,reallocated,,,W7\n,seen,2026-09-01,W6,\nKN-1,seen,2026-09-01,W1,\n",
	}
	for _, c := range []struct{ of, want string }{
		{"people", "2: column role: \"emperor\" is not known|2: column reports_to: nobody is known as \"W9\"|3: column cover: holds two words|3: column reports_to: nobody is known as \"W8\"|4: column reports_to: nobody is known as \"W7\""},
		{"cases", "2: column opened_at: \"31/02/2026\" is not a date|2: column practitioner: nobody is known as \"W9\"|3: column practitioner: nobody is known as \"W8\"|4: column ref: is empty|4: column practitioner: nobody is known as \"W7\"|4: column manager: nobody is known as \"W7\"|5: column opened_at: \"32/01/2026\" is not a date|5: column practitioner: nobody is known as \"W6\""},
		{"events", "2: column kind: \"sen\" is not known|2: column case_ref: no case KN-9 is known|2: column by: nobody is known as \"W9\"|3: column at: \"31/02/2026\" is not a date|3: column by: nobody is known as \"W9\"|" +
			"4: column case_ref: no case KN-8 is known|4: column by: nobody is known as \"W8\"|5: column at: is empty|5: column value: nobody is known as \"W7\"|6: column case_ref: is empty|6: column by: nobody is known as \"W6\""},
	} {
		for _, how := range []string{"", " --dry-run", " --partial"} {
			command := "import " + c.of + " ./" + c.of + ".csv" + how
			_, errs, code := inFolder(t, files, "import people ./staff.csv", "import cases ./known.csv", command)
			if how == " --partial" {
				if !strings.Contains(errs, "bad rows were left out") || code != exitUsage {
					t.Errorf("%s: %q (exit %d), want the bad rows left out", command, errs, code)
				}
				continue
			}
			var got []string
			for line := range strings.Lines(errs) {
				if said, isRow := strings.CutPrefix(line, "doorstep: "+c.of+".csv:"); isRow && said[0] != ' ' {
					got = append(got, strings.TrimSpace(said))
				}
			}
			want := strings.Split(c.want, "|")
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i], want[i]) {
					t.Errorf("%s says\n%s\nwant\n%s", command, strings.Join(got, "\n"), strings.Join(want, "\n"))
					break
				}
			}
		}
	}
}
