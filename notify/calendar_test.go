package notify

import (
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
)

func entries(t *testing.T, now string, m Message) []*ics.VEvent {
	t.Helper()
	text := compose(t, now, m).ICS
	if text == "" {
		return nil
	}
	if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Errorf("a line does not end in CRLF:\n%s", text)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatalf("the calendar cannot be read back: %v\n%s", err, text)
	}
	if strings.Contains(text, "METHOD") {
		t.Errorf("the calendar is a scheduling message, which needs an organiser (RFC 5546):\n%s", text)
	}
	return cal.Events()
}

func TestRoutineReminderBringsItsDueTimeAsCalendarEntry(t *testing.T) {
	found := entries(t, "2026-09-07 08:30", reminderEmail("k", seeAgain()))
	if len(found) != 1 {
		t.Fatalf("%d entries, want 1", len(found))
	}
	start, err := found[0].GetStartAt()
	if err != nil || !start.Equal(at("2026-09-08 17:00")) {
		t.Errorf("the entry stands at %v (%v), want %v", start, err, at("2026-09-08 17:00"))
	}
	if got := found[0].GetProperty(ics.ComponentPropertyDtStart).Value; got != "20260908T160000Z" {
		t.Errorf("DTSTART is %s, want 20260908T160000Z", got)
	}
	if got, want := found[0].GetProperty(ics.ComponentPropertySummary).Value, "Due: see the child again, KN-1"; got != want {
		t.Errorf("the entry says %q, want %q", got, want)
	}
}

func TestSameDutyKeepsItsCalendarEntry(t *testing.T) {
	uid := func(change func(*Reminder)) string {
		r := seeAgain()
		change(&r)
		return entries(t, "2026-09-07 08:30", reminderEmail("k", r))[0].Id()
	}
	first := uid(func(*Reminder) {})
	if got := uid(func(r *Reminder) { r.Rung, r.Due = "before-3wd", at("2026-09-09 17:00") }); got != first {
		t.Errorf("another rung with the due time moved has UID %s, want %s", got, first)
	}
	for story, change := range map[string]func(*Reminder){
		"another case":    func(r *Reminder) { r.CaseRef = "KN-2" },
		"another duty":    func(r *Reminder) { r.Duty = "see-child" },
		"another attempt": func(r *Reminder) { r.Attempt++ },
	} {
		if got := uid(change); got == first {
			t.Errorf("%s has the same UID %s", story, got)
		}
	}
}

func TestOnlyDueTimesToComeOfRoutineRemindersBecomeEntries(t *testing.T) {
	urgent := reminderEmail("k", seeAgain())
	urgent.Reminders[0].Urgent = true
	tests := []struct {
		story string
		now   string
		m     Message
		want  int
	}{
		{"overdue", "2026-09-10 08:30", reminderEmail("k", seeAgain()), 0},
		{"one of two overdue", "2026-09-09 08:30", reminderEmail("k", seeAgain(), secondContact()), 1},
		{"several", "2026-09-07 08:30", reminderEmail("k", seeAgain(), secondContact(), liaise()), 3},
		{"urgent", "2026-09-07 08:30", urgent, 0},
	}
	for _, test := range tests {
		if got := len(entries(t, test.now, test.m)); got != test.want {
			t.Errorf("%s: %d entries, want %d", test.story, got, test.want)
		}
	}
}
