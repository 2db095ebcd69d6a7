package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify/smtptest"
)

// TestChronologyTellsTheWholeCase: what happened, the duties, who was told and
// whether it reached them, and what was printed, with its serial and hash.
func TestChronologyTellsTheWholeCase(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	d := newDaemon(t, buildBinary(t), onSQLite(t), server)
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv",
		"ref,pathway,opened_at,practitioner,manager,team,contact\nSW-1,hv-child,"+ago(48*time.Hour)+",W1,G1,East,one-year\n"))
	d.command("import", "events", d.write("events.csv",
		"event_id,case_ref,kind,at,by,value\nx1,SW-1,no-access,"+ago(20*time.Hour)+",W1,\nx2,SW-1,liaison,"+ago(time.Hour)+",W1,gp;chis\n"))
	batch := d.prints("--pending", "--out", "today")
	p := d.start()
	d.await("the scan", func() bool {
		_, body := d.get("/metrics")
		return !strings.Contains(body, "doorstep_scan_duration_seconds_count 0")
	})
	p.stop()
	d.command("export", "chronology", "SW-1", "--out", "chronology.pdf")
	says(t, "the chronology", d.text("chronology.pdf"), []string{"Chronology of case SW-1", "no access", "gp, chis",
		"Make contact and", "Liaise (level 1)", "(guidance)", "card rearrange", batch.SHA256[:16], "Page 1 of",
		"Practitioner Worker One (W1), manager Manager One (G1)"})
	says(t, "the case", d.command("case", "SW-1"), []string{"card rearrange: printed", "in batch 1, serial ", "Liaise (level 1): OPEN", "still to tick: housing",
		"practitioner Worker One (W1), manager Manager One (G1)", "no-access by Worker One (W1)"})
	if _, errs, code := d.try("export", "chronology", "SW-2", "--out", "x.pdf"); code != exitUsage || !strings.Contains(errs, "SW-2") {
		t.Errorf("a case that is not there: exit %d and %q, want a refusal that names it", code, errs)
	}
}

// TestFamilyReadsItsOwnLanguage: a case's language is used where the service has
// the wording, and the service's where it has not.
func TestFamilyReadsItsOwnLanguage(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	d := newDaemon(t, buildBinary(t), onSQLite(t), server)
	for _, kind := range []string{"cards", "letters", "words"} {
		err := fs.WalkDir(configs.Wording(), kind, func(path string, entry fs.DirEntry, err error) error {
			polish := strings.NewReplacer("/en/", "/pl/", "/en.yaml", "/pl.yaml").Replace(path)
			if err != nil || entry.IsDir() || polish == path {
				return err
			}
			data, err := fs.ReadFile(configs.Wording(), path)
			if err != nil {
				return err
			}
			to := filepath.Join(d.folder, "wording", filepath.FromSlash(polish))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			return os.WriteFile(to, []byte(strings.ReplaceAll(string(data), "Sorry we missed you", "Żałujemy, że Państwa nie zastaliśmy")), 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	d.write("doorstep.yaml", string(d.bytes("doorstep.yaml"))+"wording: wording\n")
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv", "ref,pathway,opened_at,practitioner,manager,team,contact,language\n"+
		"SW-1,hv-child,"+ago(48*time.Hour)+",W1,G1,East,one-year,pl\nSW-2,hv-child,"+ago(48*time.Hour)+",W1,G1,East,one-year,cy\n"))
	d.command("import", "events", d.write("events.csv",
		"event_id,case_ref,kind,at,by\nx1,SW-1,no-access,"+ago(20*time.Hour)+",W1\nx2,SW-2,no-access,"+ago(20*time.Hour)+",W1\n"))
	batch := d.prints("--pending", "--out", "today")
	if batch.Items != 2 {
		t.Fatalf("%d items printed, want 2: %s", batch.Items, batch.errs)
	}
	says(t, "the cards", d.text(batch.File), []string{"Żałujemy, że Państwa nie zastaliśmy", "Sorry we missed you"})
	const welsh = "no Welsh wording is installed"
	says(t, "the case that is written to in its own language", d.command("case", "SW-1"), []string{"safe to write to"}, "wording is installed")
	says(t, "the case that is not", d.command("case", "SW-2"), []string{"in English: " + welsh})
	says(t, "check", d.command("check"), []string{"language cy, on 1 open case: " + welsh}, "language pl")
}

// TestOpenDutyKeepsItsTitleWhenItsPathwayFileChanges: a duty that a pathway file no
// longer has goes on being called what it was called when it opened, with the clause
// that it came from.
func TestOpenDutyKeepsItsTitleWhenItsPathwayFileChanges(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, buildBinary(t), onSQLite(t), smtptest.Start(t, smtptest.Options{}))
	const before = `
pathway: own
title: Our own
source: our own
duties:
  - {id: ring-back, title: Ring the family back, clause: 'Our own 3.2: "ring back"', basis: local, owner: practitioner, opens: opened, due: 2 working days, met_by: seen}
`
	d.write("own.yaml", before)
	d.write("doorstep.yaml", string(d.bytes("doorstep.yaml"))+"pathways: [own.yaml]\n")
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv", "ref,pathway,opened_at,practitioner,manager,team\nKN-1,own,"+ago(time.Hour)+",W1,G1,East\n"))

	d.write("own.yaml", strings.NewReplacer("ring-back", "see-them", "Ring the family back", "See them", "3.2", "4.1").Replace(before))
	d.command("import", "cases", d.write("cases-2.csv", "ref,pathway,opened_at,practitioner,manager,team\nKN-2,own,"+ago(time.Minute)+",W1,G1,East\n"))
	says(t, "the case", d.command("case", "KN-1"), []string{"Ring the family back: OPEN", `Our own 3.2: "ring back"`}, "ring-back:", "See them", "4.1")
	says(t, "the case that came later", d.command("case", "KN-2"), []string{"See them: OPEN", `Our own 4.1: "ring back"`}, "Ring the family back")
	d.command("export", "chronology", "KN-1", "--out", "chronology.pdf")
	says(t, "the chronology", d.text("chronology.pdf"), []string{"Ring the family"}, "ring-back", "See them")
}
