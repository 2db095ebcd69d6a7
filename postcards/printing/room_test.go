package printing_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

// office is a print room with invented families.
type office struct {
	*printing.Room
	t *testing.T
}

func newOffice(t *testing.T, db *store.Store) *office {
	t.Helper()
	config, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	pathways, err := config.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := pathway.NewCalendar(config.CalendarSettings())
	if err != nil {
		t.Fatal(err)
	}
	rules := pathway.NewRules(calendar, pathways.Ladders)
	for _, p := range pathways.List() {
		rules.AddPathway(p, time.Time{})
	}
	texts, err := config.Texts()
	if err != nil {
		t.Fatal(err)
	}
	wording, err := printing.ReadWording(texts)
	if err != nil {
		t.Fatal(err)
	}
	st := &printing.Stationery{Organisation: "Borough of Example", Service: "Health visiting", ContactNumber: "01632 960001",
		TimeZone: "Europe/London", Wording: wording}
	return &office{t: t, Room: &printing.Room{Store: db, Rules: rules, Stationery: st, Sheet: postcards.SheetFour, Layout: postcards.LayoutNotify,
		Folder: t.TempDir(), Log: slog.New(slog.DiscardHandler)}}
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// family is a case of its own household.
func (o *office) family(n int, change func(*pathway.Case)) pathway.Case {
	c := pathway.Case{Ref: fmt.Sprintf("SW-%d", n), Pathway: "hv-child", Opened: instant(o.t, "2026-09-01 09:00"), Practitioner: "W1", Manager: "G1",
		Team: "East", Contact: "six-week", Household: fmt.Sprint("H", n), Addressee: fmt.Sprintf("Parent of SW-%d", n),
		Address: []string{fmt.Sprintf("%d Test Street", n), "Swindon"}, Postcode: "SN1 1AA", SafeToWrite: true}
	if change != nil {
		change(&c)
	}
	return c
}

// takesIn imports cases and events as they become known at now.
func (o *office) takesIn(now time.Time, cases []pathway.Case, events ...pathway.Event) {
	o.t.Helper()
	tables, err := o.Stationery.Tables()
	if err != nil {
		o.t.Fatal(err)
	}
	in, err := o.Store.NewIntake(o.t.Context(), o.Rules, store.IntakeOptions{Now: now, Paper: tables})
	if err != nil {
		o.t.Fatal(err)
	}
	defer in.Rollback()
	for i, p := range []pathway.Person{{ID: "W1", Name: "Worker One", Role: pathway.Practitioner, Email: "w1@example.org", ReportsTo: "G1"}, {ID: "G1", Name: "Manager One", Role: pathway.Manager, Email: "g1@example.org"}} {
		if err := in.AddPerson(i, p, pathway.GivenAll); err != nil {
			o.t.Fatal(err)
		}
	}
	for i, c := range cases {
		if err := in.AddCase(i, c, pathway.GivenAll); err != nil {
			o.t.Fatal(err)
		}
	}
	for i, e := range events {
		e.ID, e.Recorded, e.By = fmt.Sprint(e.Kind, " ", e.At.Unix()), now, "W1"
		if err := in.AddEvent(i, e, pathway.GivenAll); err != nil {
			o.t.Fatal(err)
		}
	}
	result, err := in.Commit(o.t.Context())
	if err != nil || len(result.Faults) > 0 {
		o.t.Fatalf("taking in %d cases and %d events: %v %v", len(cases), len(events), err, result.Faults)
	}
}

// folder is a place for files, and its path.
func folder(t testing.TB) (*printing.Place, string) {
	t.Helper()
	path := t.TempDir()
	place, err := printing.NewPlace(path)
	if err != nil {
		t.Fatal(err)
	}
	return place, path
}

// sums are the SHA-256 of the files of a batch and of its cover sheets, by name.
func sums(t testing.TB, b *printing.Batch) map[string]string {
	t.Helper()
	of := map[string]string{}
	for _, path := range append(b.Paths, b.Covers...) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		of[filepath.Base(path)] = hex.EncodeToString(sum[:])
	}
	return of
}

// pending prints all that waits.
func (o *office) pending(now time.Time) *printing.Batch {
	o.t.Helper()
	place, _ := folder(o.t)
	made, err := o.Print(o.t.Context(), now, "A1", printing.Selection{Kinds: []string{pathway.PaperLetter, pathway.PaperCard}}, place, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return made
}

// again prints a batch again.
func again(t testing.TB, db *store.Store, number int64) *printing.Batch {
	t.Helper()
	place, _ := folder(t)
	made, err := printing.Reprint(context.Background(), time.Now(), store.PrintAsked{Who: "A1"}, db, number, place, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// prints are all of a case that is on record.
func (o *office) prints(ref string) []store.Print {
	o.t.Helper()
	all, err := o.Store.PrintsOfCase(o.t.Context(), ref)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// again prints what a serial stands on once more.
func (o *office) again(serial string, now time.Time, options printing.Options) (*printing.Batch, error) {
	o.t.Helper()
	found, err := printing.LookUp(o.t.Context(), o.Store, serial)
	if err != nil {
		o.t.Fatal(err)
	}
	place, _ := folder(o.t)
	return o.PrintOneAgain(o.t.Context(), now, "A1", found, options, place)
}
