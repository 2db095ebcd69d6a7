package pathway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAddressesThatCannotBeWrittenToAreRefused: what looks like an address to people
// and is none to mail servers. No fault repeats an address.
func TestAddressesThatCannotBeWrittenToAreRefused(t *testing.T) {
	const (
		none    = "this is not an email address"
		foreign = "this email address holds a character that mail does not reach"
		long    = "this is longer than any email address can be"
	)
	for _, tt := range []struct{ name, email, want string }{
		{"plain", "zebra.w1@example.org", ""},
		{"with a plain apostrophe", "o'zebra@example.org", ""},
		{"with spaces around it", " zebra@example.org ", ""},
		{"with a zero-width space", "zebra\u200b@example.org", foreign},
		{"with a typographic apostrophe", "o’zebra@example.org", foreign},
		{"on an umlaut domain", "zebra@bürgeramt.example.org", foreign},
		{"of 295 characters", "zebra" + strings.Repeat("a", 278) + "@example.org", long},
		{"with a name", "Zebra <zebra@example.org>", none},
		{"without a domain", "zebra", none},
		{"on a host without a dot", "zebra@localhost", none},
		{"with a line break", "zebra@example.org\r\nBcc: x@example.org", none},
		{"two of them", "zebra@example.org, zebra2@example.org", none},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseEmail(tt.email)
			if tt.want == "" {
				if err != nil || got != strings.TrimSpace(tt.email) {
					t.Errorf("%q, %v; want the address", got, err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "zebra") {
				t.Errorf("error %v, want one that begins %q and does not repeat the address", err, tt.want)
			}
		})
	}
}

// TestEveryKindThatNeedsMoreIsRefusedWithoutIt: one row of the table, one fault.
func TestEveryKindThatNeedsMoreIsRefusedWithoutIt(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	check := NewChecker(rules, now)
	for _, name := range Kinds() {
		kind := KindOf(name)
		e := Event{Case: "KN-7", Kind: name, At: now, By: "W1"}
		var columns []string
		for _, f := range check.Event(&e) {
			columns = append(columns, f.Column)
		}
		var want []string
		for column, needed := range map[string]string{"booked_for": kind.Booked, "due_at": kind.Due, "value": kind.Value, "reason": kind.Reason} {
			if needed != "" {
				want = append(want, column)
			}
		}
		slices.Sort(columns)
		slices.Sort(want)
		if fmt.Sprint(columns) != fmt.Sprint(want) {
			t.Errorf("%s with nothing but a time: faults in %v, want %v", name, columns, want)
		}
		if len(want) > 0 && !kind.More && kind.MeetsNothing == "" {
			t.Errorf("%s needs %v, and yet a text of one word is said to be enough", name, want)
		}
	}
}

// TestOneEventHasOneFormHoweverItIsWritten: so that it is the same event again.
func TestOneEventHasOneFormHoweverItIsWritten(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	rules.AddPathway(&Pathway{ID: "hv-child", Duties: []DutyRule{{ID: "liaise", Checklist: []Item{{Name: "gp"}, {Name: "housing"}}}}}, time.Time{})
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ kind, written, want string }{
		{KindReferralDecided, "Yes", "yes"},
		{KindLiaison, " GP; housing;;gp", "gp;housing"},
		{KindReviewConsidered, "legal=No; review=yes", "review=yes;legal=no"},
		{KindFrequencySet, "10 Working Days", "10 working days"},
		{KindPathwayChanged, "HV-Child ", "hv-child"},
		{KindCardLeft, "Final", "final"},
		{KindCardLeft, "", ""},
		{KindReallocated, " W2", "W2"},
		{KindDeclined, "Visit ", "visit"},
		{KindSafeToWrite, "No", "no"},
		{KindRecorded, " as it was ", " as it was "},
		{KindDiscussedWithManager, "Concern=HIGH; seen-by-others = no", "seen-by-others=no;concern=high"},
		{KindDiscussedWithManager, "concern=low", "concern=low"},
		{KindDiscussedWithManager, " ", ""},
		{KindAcknowledged, "Liaise", "liaise"},
		{KindSeen, " ", ""},
	} {
		e := Event{Case: "KN-7", Kind: tt.kind, At: now, Value: tt.written, Reason: "as agreed"}
		if faults := NewChecker(rules, now).Event(&e); len(faults) > 0 || e.Value != tt.want {
			t.Errorf("%s %q: value %q, faults %v; want %q", tt.kind, tt.written, e.Value, faults, tt.want)
		}
	}
}

// TestReferencesHavePages: /cases/.. is none, whatever a browser is told.
func TestReferencesHavePages(t *testing.T) {
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	for ref, refused := range map[string]bool{".": true, "..": true, "...": false, "a/b": false, "A?7": false} {
		faults := NewChecker(NewRules(organisation(t), nil), now).Event(&Event{Case: ref, Kind: KindSeen, At: now, ID: "x1"})
		if got := len(faults) > 0 && strings.HasPrefix(faults[0].Message, "consists of dots only"); got != refused {
			t.Errorf("%q: refused %v (%v), want %v", ref, got, faults, refused)
		}
	}
}

// TestAValueThatNothingReadsIsRefused: it would be taken without a word and do nothing,
// or say the opposite of its kind. What people wrote is not repeated.
func TestAValueThatNothingReadsIsRefused(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	rules.AddPathway(&Pathway{ID: "hv-child", Duties: []DutyRule{{ID: "discuss"}}}, time.Time{})
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	const words = "[{value does not say it in the words that are read: write it like seen-by-others=yes;concern=high (yes, no or unknown; low, medium or high), and all else in the reason}]"
	for _, tt := range []struct{ kind, value, want string }{
		{KindSeen, "no", "[{value seen takes no value: leave it empty, or give another kind where the value says that the child was not seen}]"},
		{KindDiscussedWithManager, "concern=extreme", words},
		{KindDiscussedWithManager, "concern=high;mother drinks", words},
		{KindDiscussedWithManager, "high", words},
		{KindAcknowledged, "discus", `[{value "discus" is no pathway's duty (did you mean discuss?): give the duty's id, as "doorstep pathway show" has it}]`},
	} {
		e := Event{Case: "KN-7", Kind: tt.kind, At: now, Value: tt.value}
		if got := fmt.Sprint(NewChecker(rules, now).Event(&e)); got != tt.want {
			t.Errorf("%s %q: faults %s, want %s", tt.kind, tt.value, got, tt.want)
		}
	}
}

func TestNoCaseComesOntoARetiredPathway(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	for _, id := range []string{"hv-child", "hv-old"} {
		rules.AddPathway(&Pathway{ID: id}, time.Time{})
	}
	rules.Retire("hv-old")
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	c := Case{Ref: "KN-7", Pathway: "hv-old", Opened: now, Recorded: now}
	faults := NewChecker(rules, now).Case(&c)
	if got, want := fmt.Sprint(faults), `[{pathway "hv-old" is not known: use hv-child (did you mean hv-child?)}]`; got != want {
		t.Errorf("faults %s, want %s", got, want)
	}
	if rules.Pathway("hv-old") == nil {
		t.Error("the cases that are on the pathway have lost it")
	}
}

// TestWhatAWordCannotSayIsNotSaidByOne: which duties a text of one word can meet.
func TestWhatAWordCannotSayIsNotSaidByOne(t *testing.T) {
	for _, tt := range []struct {
		metBy []Match
		items []Item
		want  string
	}{
		{metBy: []Match{{Kind: KindDiscussedWithManager}}, want: KindDiscussedWithManager},
		{metBy: []Match{{Kind: KindTimeframeSet}, {Kind: KindPlanRecorded}}, want: KindPlanRecorded},
		{metBy: []Match{{Kind: KindTimeframeSet}}},
		{metBy: []Match{{Kind: KindRecorded, Value: "risk"}}},
		{metBy: []Match{{Kind: anyUnsuccessful}}},
		{metBy: []Match{{Kind: "home-safety-checked"}}, want: "home-safety-checked"},
		{metBy: []Match{{Kind: KindPlanRecorded}}, items: []Item{{Name: "gp"}}},
	} {
		rule := DutyRule{MetBy: tt.metBy, Checklist: tt.items}
		if got, can := rule.DoneInAWord(); got != tt.want || can != (tt.want != "") {
			t.Errorf("met by %v: %q, %v; want %q", tt.metBy, got, can, tt.want)
		}
	}
}
