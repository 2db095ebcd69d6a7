package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	placesAndStaff = "people: {email_domains: [example.org], countries: [GB]}\nplaces: {clinic-east: {name: East Clinic}}\n"
	changeStaff    = "id,role,email\nM1,manager,m1@example.org\nW1,practitioner,w1@example.org\n"
	changeCase     = "ref,pathway,opened_at,practitioner,manager,household,address_1,postcode,safe_to_write\nKN-1,csc-section-47,2026-09-01,W1,M1,H-1,1 Larkrise Terrace,SN1 1AA,yes\n"
	placedVisits   = "event_id,case_ref,kind,at,by,due_at,place,reason,reason_code\n" +
		"x1,KN-1,no-access,2026-09-02 10:00,W1,,Clinic-East,Dog barking,fear-of-authority\n" +
		"x2,KN-1,timeframe-set,2026-09-02 11:00,W1,2026-09-04,,,\n"
)

// TestWhatChangesOfACaseStandsInIt: with when, who and from which file, where it was
// met and why not, and how the family may be written to.
func TestWhatChangesOfACaseStandsInIt(t *testing.T) {
	t.Parallel()
	files := map[string]string{"doorstep.yaml": placesAndStaff, "people.csv": changeStaff, "cases.csv": changeCase, "events.csv": placedVisits,
		"moved.csv": "ref,pathway,opened_at,address_1,safe_to_write,large_print\nKN-1,csc-section-47,2026-09-01,2 Larkrise Terrace,no,yes\n"}
	load := []string{"import people ./people.csv", "import cases ./cases.csv", "import events ./events.csv"}
	out, errs, code := inFolder(t, files, append(load, "import cases ./moved.csv", "case KN-1")...)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"NOT SAFE TO WRITE TO: no card, no letter, in large print; household H-1\n",
		"no-access by W1, at East Clinic (clinic-east), reason fear-of-authority",
		"  address from \"1 Larkrise Terrace\" to \"2 Larkrise Terrace\" (from \"moved.csv\", by ",
		"  safe_to_write from \"yes\" to \"no\" (from \"moved.csv\", by ",
		"  large_print from \"no\" to \"yes\" (from \"moved.csv\", by ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the case reads\n%s\nwithout %q", out, want)
		}
	}
	if n := strings.Count(out, "moved.csv"); n != 3 {
		t.Errorf("moved.csv is named %d times in\n%s\nwant it with three changes", n, out)
	}

	// The same note from an import, a dry run of it, and the command.
	note := `does not count for "Set a timeframe for a further visit": that takes timeframe-set by the manager, and this one is by W1`
	for _, commands := range [][]string{
		load,
		append(load[:2:2], "import events ./events.csv --dry-run"),
		{load[0], load[1], "record KN-1 no-access --by W1 --at 2026-09-02", "record KN-1 timeframe-set --by W1 --at 2026-09-03 --due 2026-09-04"},
	} {
		out, errs, code := inFolder(t, files, commands...)
		if code != exitDone || !strings.Contains(out+errs, note) {
			t.Errorf("%v: exit %d\n%s%s\nwant the note %q", commands, code, out, errs, note)
		}
	}
}

// TestWhatComesInIsCheckedAgainstTheConfiguration: places, and addresses of staff.
func TestWhatComesInIsCheckedAgainstTheConfiguration(t *testing.T) {
	t.Parallel()
	files := map[string]string{"doorstep.yaml": placesAndStaff, "people.csv": changeStaff, "cases.csv": changeCase,
		"elsewhere.csv": "id,role,email,mobile\nW1,practitioner,w1@gmail.example,+33612345678\n",
		"place.csv":     "case_ref,kind,at,place,reason_code\nKN-1,not-brought,2026-09-02,clinic-west,\nKN-1,seen,2026-09-03,home,hiding\n"}
	load := []string{"import people ./people.csv", "import cases ./cases.csv"}
	for _, c := range []struct{ command, want string }{
		{"import people ./elsewhere.csv", "elsewhere.csv:2: column email: this address is not one of example.org: correct it, or add its domain to people.email_domains\ndoorstep: " +
			"elsewhere.csv:2: column mobile: this number does not belong to GB: correct it, or add its country to people.countries"},
		{"import events ./place.csv", "place.csv:2: column place: \"clinic-west\" is not known: use home or clinic-east (did you mean clinic-east?)\ndoorstep: " +
			"place.csv:3: column reason_code: \"seen\" takes no reason_code: it stands with declined, no-access, not-brought or not-seen only"},
		{"record KN-1 seen --by W1 --at 2026-09-02 --place clinic-west", `--place: "clinic-west" is not known: use home or clinic-east`},
	} {
		_, errs, code := inFolder(t, files, append(load, c.command)...)
		if code != exitUsage || !strings.Contains(errs, c.want) || strings.Contains(errs, "gmail") {
			t.Errorf("%s: exit %d\n%s\nwant\n%s", c.command, code, errs, c.want)
		}
	}
}

// TestWhatTheInboxChangesOfStaffIsToldWhereItWas: at the old address and to the
// manager, and neither sees the new one. What counts for nothing lies beside the file
// that said it.
func TestWhatTheInboxChangesOfStaffIsToldWhereItWas(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		d, server := newInboxDaemon(t, url)
		d.handOver("people-july.csv", "id,role,email\nW1,practitioner,elsewhere@council.example\n")
		d.handOver("events-july.csv", "event_id,case_ref,kind,at,by,due_at\nx1,KN-1,no-access,"+ago(50*time.Minute)+",W1,\n"+
			"x2,KN-1,timeframe-set,"+ago(40*time.Minute)+",W1,"+ago(-24*time.Hour)+"\n")
		p := d.start()
		told := func() (to []string) {
			for _, mail := range server.Taken() {
				if strings.Contains(mail.Header("Subject"), "was changed") {
					to = append(to, strings.Join(mail.To, " ")+": "+mail.Header("Subject"))
					if text := strings.ReplaceAll(string(mail.Content), "=\r\n", ""); strings.Contains(text, "elsewhere") || !strings.Contains(text, "people-july.csv") {
						t.Errorf("the message names the new address, or not the file:\n%s", text)
					}
				}
			}
			slices.Sort(to)
			return to
		}
		d.await("both to be told", func() bool { return len(told()) >= 2 })
		want := []string{"g1@council.example: Doorstep: the email of Worker One (W1) was changed", "w1@council.example: Doorstep: your email was changed"}
		if got := told(); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		d.await("the notes", func() bool { return d.lies("done/*-events-july.csv.notes.txt") })
		notes, err := filepath.Glob(d.inbox("done/*-events-july.csv.notes.txt"))
		if err != nil || len(notes) != 1 {
			t.Fatalf("notes %q, %v; want one text", notes, err)
		}
		text, err := os.ReadFile(notes[0])
		line := `events-july.csv:3: note: does not count for "Set a timeframe for a further visit": that takes timeframe-set by the manager, and this one is by W1`
		if err != nil || !strings.Contains(string(text), line+"\n") {
			t.Errorf("the notes are %q (%v), want %q", text, err, line)
		}
		if _, log := p.stop(); strings.Contains(log, "july") || strings.Contains(log, "elsewhere") {
			t.Errorf("the log names a file or an address:\n%s", log)
		}
	})
}
