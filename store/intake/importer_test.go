package intake_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
	"example.org/doorstep/store/storetest"
)

const (
	staff = "id,role,email\nW1,practitioner,w1@example.org\n"
	twins = "ref,pathway,opened_at,practitioner\nKN-1,hv-child,2026-09-01,W1\nKN-2,hv-child,2026-09-01,W1\n"
)

func newImporter(t *testing.T) *intake.Importer {
	t.Helper()
	return &intake.Importer{Store: storetest.OpenSQLite(t), Rules: storetest.Guidance(t)}
}

func imports(t *testing.T, i *intake.Importer, now time.Time, of, content string, o intake.ImportOptions) (intake.Imported, error) {
	t.Helper()
	return i.Import(t.Context(), now, strings.NewReader(content), intake.Source{Name: of + ".csv", Of: of}, o)
}

// fills imports the staff and two cases.
func fills(t *testing.T, i *intake.Importer, now time.Time) {
	t.Helper()
	for _, file := range [][2]string{{intake.People, staff}, {intake.Cases, twins}} {
		if _, err := imports(t, i, now, file[0], file[1], intake.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// One bad row the reader finds (line 2: no such date), one the database finds
// (line 3: no such case), one is good.
const visits = "event_id,case_ref,kind,at,by\n" +
	"x1,KN-1,no-access,31/02/2026,W1\n" +
	"x2,KN-9,no-access,2026-09-02T10:00,W1\n" +
	"x3,KN-2,no-access,2026-09-02T11:00,W1\n"

var morning = time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)

func TestAFileWithABadRowIsRefusedWithEveryFaultAndKeepsNothing(t *testing.T) {
	i := newImporter(t)
	fills(t, i, morning)
	_, err := imports(t, i, morning, intake.Events, visits, intake.ImportOptions{})
	if kind := pathway.ProblemOf(err); kind != pathway.Refused {
		t.Errorf("kind of problem %v, want refused: %v", kind, err)
	}
	var faults *intake.Faults
	if !errors.As(err, &faults) || len(faults.List) != 2 || faults.List[0].Row != 2 || faults.List[1].Row != 3 {
		t.Errorf("faults %+v, want one in line 2 and one in line 3", err)
	}
	if !strings.HasSuffix(err.Error(), "\nevents.csv: nothing was imported: correct these rows, or use --partial to import the others") {
		t.Errorf("%q does not say that nothing was imported and what to do", err)
	}
	again, err := imports(t, i, morning, intake.Events, visits, intake.ImportOptions{Partial: true, DryRun: true})
	if err != nil || again.Added != 1 {
		t.Errorf("%d would be added afterwards, %v; want 1: the refused file keeps nothing", again.Added, err)
	}
}

func TestAPartialImportSaysWhyRowsWereLeftOutAndCopiesThem(t *testing.T) {
	i := newImporter(t)
	fills(t, i, morning)
	result, err := imports(t, i, morning, intake.Events, visits, intake.ImportOptions{Partial: true})
	if err != nil {
		t.Fatal(err)
	}
	if result.Added != 1 || len(result.Rejected) != 2 {
		t.Errorf("%d added, %d left out; want 1 and 2", result.Added, len(result.Rejected))
	}
	var copied bytes.Buffer
	source := intake.Source{Name: "events.csv", Of: intake.Events}
	if err := i.CopyRejected(&copied, morning, strings.NewReader(visits), source, result.Rejected); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(copied.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "x1,") || !strings.HasPrefix(lines[2], "x2,") {
		t.Errorf("copied %q, want the header, x1 and x2", lines)
	}
}

func TestAnImportSaysHowFarItHasCome(t *testing.T) {
	i := newImporter(t)
	fills(t, i, morning)
	var content strings.Builder
	content.WriteString("case_ref,kind,at,by\n")
	for at := morning.AddDate(0, 0, -1).Add(-2500 * time.Second); at.Before(morning.AddDate(0, 0, -1)); at = at.Add(time.Second) {
		content.WriteString("KN-1,no-access," + at.Format(time.RFC3339) + ",W1\n")
	}
	var read, takenIn []int
	_, err := imports(t, i, morning, intake.Events, content.String(), intake.ImportOptions{
		DryRun: true,
		Read:   func(rows int) { read = append(read, rows) }, TakenIn: func(rows int) { takenIn = append(takenIn, rows) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != 2 || read[0] != 1000 || read[1] != 2000 {
		t.Errorf("of 2500 rows read told %v, want 1000 and 2000", read)
	}
	if len(takenIn) == 0 || takenIn[len(takenIn)-1] > 2500 {
		t.Errorf("of 2500 rows taken in told %v, want numbers up to 2500", takenIn)
	}
}

func TestAMappingIsFoundByItsNameOrSaidNotToBeThere(t *testing.T) {
	mappings := map[string]intake.Mapping{"annex-a": {For: intake.Cases}}
	if m, err := intake.FindMapping(mappings, "", intake.Cases); m != nil || err != nil {
		t.Errorf("without a name: %v, %v; want none and no problem", m, err)
	}
	if m, err := intake.FindMapping(mappings, "annex-a", intake.Cases); m == nil || err != nil {
		t.Errorf("by its name: %v, %v; want it", m, err)
	}
	for name, c := range map[string]struct{ of, want string }{
		"anex-a":  {intake.Cases, `there is no mapping "anex-a" (did you mean annex-a?): use one of import.mappings or a shipped one`},
		"annex-a": {intake.Events, `the mapping "annex-a" is for cases: import cases with it`},
	} {
		_, err := intake.FindMapping(mappings, name, c.of)
		if err == nil || err.Error() != c.want || pathway.ProblemOf(err) != pathway.Refused {
			t.Errorf("%s for %s: %v, want it refused: %s", name, c.of, err, c.want)
		}
	}
}

// The clock of the bubble shows the year 2000; the inbox is told that it is 2026.
func TestTheInboxImportsAtTheTimeItIsHanded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newImporter(t)
		fills(t, i, morning)
		box := intake.Inbox{Folder: t.TempDir(), Importer: i, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
		content := "case_ref,kind,at,by\nKN-1,no-access,2026-09-02T10:00,W1\n"
		if err := os.WriteFile(filepath.Join(box.Folder, "events.csv"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		counts, err := box.Import(t.Context(), morning)
		if err != nil || counts["imported"] != 1 {
			t.Fatalf("counted %v, %v; want one imported", counts, err)
		}
		detail, err := i.Store.Case(t.Context(), "KN-1")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range detail.Events {
			if e.Kind == pathway.KindNoAccess && !e.Recorded.Equal(morning) {
				t.Errorf("the visit was recorded at %s, want the time of the run, %s", e.Recorded, morning)
			}
		}
	})
}

// TestAddressesThatCannotBeWrittenToAreNotImported: the check that sending makes is
// made before, row by row.
func TestAddressesThatCannotBeWrittenToAreNotImported(t *testing.T) {
	i := newImporter(t)
	_, err := imports(t, i, time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC), intake.People, "id,role,email\n"+
		"W1,practitioner,w1@example.org\u200b\nW2,practitioner,o’neill@example.org\nW3,practitioner,w3@bürgeramt.example.org\n"+
		"W4,practitioner,"+strings.Repeat("w", 283)+"@example.org\nW5,practitioner,w5@example.org\n", intake.ImportOptions{})
	var faults *intake.Faults
	if !errors.As(err, &faults) || len(faults.List) != 4 {
		t.Fatalf("error %v, want four faults", err)
	}
	for n, f := range faults.List {
		if f.Row != n+2 || f.Column != "email" {
			t.Errorf("fault %+v, want one of column email in row %d", f, n+2)
		}
	}
}

// TestAnEventWithoutAnIDIsTheSameByWhicheverWayItComes: a file that repeats what was
// recorded otherwise changes nothing.
func TestAnEventWithoutAnIDIsTheSameByWhicheverWayItComes(t *testing.T) {
	i := newImporter(t)
	now := time.Date(2026, 9, 2, 12, 0, 0, 0, time.UTC)
	for _, file := range []struct{ of, content string }{{intake.People, staff}, {intake.Cases, twins}} {
		if _, err := imports(t, i, now, file.of, file.content, intake.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	in, err := i.Store.NewIntake(t.Context(), i.Rules, store.IntakeOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Rollback()
	at := time.Date(2026, 9, 2, 9, 0, 0, 500_000_000, time.UTC)
	if err := in.AddEvent(1, pathway.Event{Case: "KN-1", Kind: pathway.KindNoAccess, At: at, By: "W1"}, pathway.GivenAll); err != nil {
		t.Fatal(err)
	}
	if result, err := in.Commit(t.Context()); err != nil || !result.Kept {
		t.Fatalf("%+v, %v", result, err)
	}
	got, err := imports(t, i, now, intake.Events, "case_ref,kind,at,by\nKN-1,no-access,2026-09-02 10:00:00.5,W1\n", intake.ImportOptions{})
	if err != nil || got.Unchanged != 1 || got.Added != 0 {
		t.Errorf("%d unchanged and %d added, %v; want 1 unchanged", got.Unchanged, got.Added, err)
	}
}

// TestTheFirstBadRowsAreNamed: in the order of the file, whatever case they are of and
// whoever finds them.
func TestTheFirstBadRowsAreNamed(t *testing.T) {
	i := newImporter(t)
	fills(t, i, morning)
	var content strings.Builder
	content.WriteString("case_ref,kind,at\n")
	for row := range 300 {
		at := "2026-09-02"
		if row == 50 {
			at = "31/02/2026"
		}
		fmt.Fprintf(&content, "ZZ-%03d,no-access,%s\n", 300-row, at)
	}
	_, err := imports(t, i, morning, intake.Events, content.String(), intake.ImportOptions{})
	var faults *intake.Faults
	if !errors.As(err, &faults) || len(faults.List) != 100 || faults.More != 200 {
		t.Fatalf("%v, want 100 faults and 200 more", err)
	}
	for n, f := range faults.List {
		want := n + 2
		if n > 50 {
			want-- // row 52 has a bad date, and its case is not known
		}
		if f.Row != want {
			t.Fatalf("fault %d is of row %d, want row %d: the first rows in their order", n+1, f.Row, want)
		}
	}
}
