package casefile_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/storetest"
)

func TestVoidedEventIsMarkedAndDoesNotCount(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	s.happens("x2", pathway.KindNoAccess, "2026-09-03 10:00", "")
	s.happens("v1", pathway.KindVoided, "2026-09-03 11:00", "x1")
	f := s.reads("2026-09-04 09:00")
	same(t, "the events", standing(f), "x1 voided", "x2", "v1")
	if f.Now.Attempt != 1 {
		t.Errorf("%d unsuccessful visits in a row, want 1: the first was recorded in error", f.Now.Attempt)
	}
	s.happens("v2", pathway.KindVoided, "2026-09-03 12:00", "v1")
	f = s.reads("2026-09-04 09:00")
	same(t, "once the void is void", standing(f), "x1", "x2", "v1 voided", "v2")
	if f.Now.Attempt != 2 {
		t.Errorf("%d unsuccessful visits in a row, want 2: both count again", f.Now.Attempt)
	}
}

// standing is a case's events by id, and which stand voided.
func standing(f *casefile.File) (lines []string) {
	for _, e := range f.Events {
		line := e.ID
		if e.Voided {
			line += " voided"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestDutyIsMetLate(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	const id = "discuss-with-manager"
	if d := s.duty(id, "2026-09-03 10:00"); d.State != pathway.Open {
		t.Errorf("at its due time it is %s, want open until the instant after", d.State)
	}
	if d := s.duty(id, "2026-09-03 10:01"); d.State != pathway.Overdue {
		t.Errorf("a minute after its due time it is %s, want overdue", d.State)
	}
	s.happens("x2", pathway.KindDiscussedWithManager, "2026-09-03 12:00", "")
	d := s.duty(id, "2026-09-04 10:00")
	if d.State != pathway.MetLate || !d.Met.Equal(s.at("2026-09-03 12:00")) {
		t.Errorf("it is %s, met %s; want met-late at noon", d.State, d.Met)
	}
	if d.Title == "" || d.Title == id || d.Clause == "" || d.Why == "" {
		t.Errorf("title %q, clause %q, why %q: want each in words", d.Title, d.Clause, d.Why)
	}
}

// TestOpenDutyKeepsItsTitleAndClause: also once its pathway's file has no such duty
// any more.
func TestOpenDutyKeepsItsTitleAndClause(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	before := s.duty("discuss-with-manager", "2026-09-02 11:00")
	changed := *s.rules.Pathway("csc-child-and-family")
	changed.Version = "another"
	changed.Duties = slices.DeleteFunc(slices.Clone(changed.Duties), func(r pathway.DutyRule) bool { return r.ID == "discuss-with-manager" })
	s.rules = pathway.NewRules(s.rules.Calendar, s.rules.Ladders)
	s.rules.AddPathway(storetest.Guidance(t).Pathway("csc-child-and-family"), time.Time{})
	s.rules.AddPathway(&changed, s.at("2026-09-02 12:00"))
	after := s.duty("discuss-with-manager", "2026-09-02 13:00")
	if after.Title != before.Title || after.Clause != before.Clause {
		t.Errorf("title %q and clause %q, want those it opened under: %q and %q", after.Title, after.Clause, before.Title, before.Clause)
	}
}

func TestMergedReminderWasNotToldByItself(t *testing.T) {
	s := newScene(t)
	s.happens("x1", pathway.KindNoAccess, "2026-09-02 10:00", "")
	merged := reminder("W1", pathway.ChannelEmail, pathway.MergedInto)
	merged.Rung, merged.MergedInto = "before-4h", "due"
	s.tells("2026-09-03 10:01", "discuss-with-manager", merged, reminder("W1", pathway.ChannelEmail, pathway.Sent))
	s.delivers("2026-09-03 10:02", pathway.ChannelEmail, "")
	f := s.reads("2026-09-03 11:00")
	same(t, "what is known of the reminders", heard(f.Reminders),
		"before-4h to W1: not told, merged-into due",
		"due to W1: sent Thu 10:02")
	d := s.duty("discuss-with-manager", "2026-09-03 11:00")
	same(t, "what is known of its duty's", heard(d.Reminders), heard(f.Reminders)...)
	if d.Reminders[0].Title != d.Title {
		t.Errorf("a reminder has the title %q, want its duty's, %q", d.Reminders[0].Title, d.Title)
	}
}

// heard is how far reminders came, a line each, in the alphabet's order.
func heard(reminders []casefile.Reminder) (lines []string) {
	for _, r := range reminders {
		line := fmt.Sprintf("%s to %s: ", r.Rung, r.Person)
		if r.WasTold() {
			line += fmt.Sprintf("%s %s", r.State, r.SentAt.In(time.FixedZone("BST", 3600)).Format("Mon 15:04"))
		} else {
			line += fmt.Sprintf("not told, %s %s", r.Reason, r.MergedInto)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func TestChronologyGivesTheHashOfTheFileAPrintStandsIn(t *testing.T) {
	s := newScene(t)
	number, err := s.NextBatch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	batch := &store.PrintBatch{Number: number, Made: s.at("2026-09-02 16:00"), By: "A1", Items: 1, Options: "{}", Stationery: "{}", Cover: "{}",
		Files: []store.PrintFile{{Kind: pathway.PaperCard, SHA256: "c0ffee"}, {Kind: pathway.PaperLetter, SHA256: "decade"}}}
	err = s.KeepBatch(t.Context(), batch, store.PrintAsked{}, "", func(yield func(store.Print, error) bool) {
		yield(store.Print{PaperItem: pathway.PaperItem{Case: "KN-7", Kind: pathway.PaperCard, Variant: "rearrange"}, Serial: "K7M-2PXQ", Place: 1}, nil)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := casefile.Chronology(t.Context(), s.Store, s.rules, "KN-7", s.at("2026-09-03 09:00"))
	if err != nil || len(f.Paper) != 1 {
		t.Fatalf("got %d prints (error %v), want one", len(f.Paper), err)
	}
	same(t, "the hashes", f.Paper[0].Hashes, "c0ffee")
}

func TestCaseThatIsNotThereIsNotFound(t *testing.T) {
	s := newScene(t)
	_, err := casefile.Case(t.Context(), s.Store, s.rules, "KN-8", s.at("2026-09-03 09:00"))
	if pathway.ProblemOf(err) != pathway.NotFound {
		t.Errorf("got %v, want a problem of the kind not found", err)
	}
}
