package notify

import (
	"strings"
	"testing"

	"example.org/doorstep/pathway"
)

// TestStaffAreNamedInWhatTheyRead: whoever stands in a message is called by name and id,
// and by the id alone where no name is known.
func TestStaffAreNamedInWhatTheyRead(t *testing.T) {
	away, failed := DigestLine{Practitioner: "W3", Absence: &Absence{Cover: "W2"}}, DigestLine{Undelivered: &Undeliverable{Person: "W1", Channel: BySMS, Instead: []Told{{"G1", ByEmail}}}}
	covers, instead, unknown := seeAgain(), seeAgain(), seeAgain()
	covers.CoverFor, instead.Unreached = "W2", "W3"
	unknown.Role, unknown.OwnerID = "manager", "W9"
	for story, test := range map[string]struct {
		m    Message
		says []string
	}{
		"whom the reader covers for":  {reminderEmail("k", covers), []string{"cover for Worker Two (W2)."}},
		"whom messages do not reach":  {reminderEmail("k", instead), []string{"messages to Worker Three (W3) do not arrive"}},
		"somebody without a name":     {reminderEmail("k", unknown), []string{"For the practitioner, W9, to do."}},
		"everybody in a digest":       {digestEmail(KindDigest, &Digest{On: at("2026-09-04 08:00"), Sections: []Section{{Overdue, fullDigest().Sections[0].Lines}, {AwayOrGone, []DigestLine{away}}, {Undelivered, []DigestLine{failed}}}}), []string{"KN-1, Worker One (W1)", "KN-7, W4", "Worker Three (W3): Away", "Worker Two (W2) covers", "Worker One (W1)'s text failed", "Emailed to Manager One (G1) instead"}},
		"whose address does not work": {alert(Alert{Says: AlertAddressOff, Channel: ByEmail, People: []string{"W1"}}), []string{"Emails to Worker One (W1) do not arrive any more"}},
	} {
		r := compose(t, "2026-09-07 08:30", test.m)
		for _, want := range test.says {
			text := strings.Join(strings.Fields(r.Text), " ")
			if html := strings.Join(strings.Fields(textOf(parsed(t, r.HTML))), " "); !strings.Contains(text, want) || !strings.Contains(html, want) {
				t.Errorf("%s: the email has no %q:\n%s\n%s", story, want, text, html)
			}
		}
	}
}

// TestATextNamesStaffWhereThereIsRoom: a name never costs another segment, nor anything
// else that the text says.
func TestATextNamesStaffWhereThereIsRoom(t *testing.T) {
	told := seeAgain()
	told.Role = "manager"
	long := told
	long.Title = "Discuss the unsuccessful visit with the team manager and then write it all down"
	for story, test := range map[string]struct {
		r       Reminder
		name    string
		want    string
		unnamed string // must not be there
	}{
		"room":                      {told, "Worker One", "KN-1, for Worker One (W1). https://doorstep.example/cases/KN-1", ""},
		"a long title":              {long, "Worker One", "then write it all down, KN-1, for W1. https://doorstep.example/cases/KN-1", "Worker One"},
		"a long name":               {told, "Worker " + strings.Repeat("One", 25), "KN-1, for W1. https://doorstep.example/cases/KN-1", "One"},
		"no name":                   {told, "", "KN-1, for W1. https://", ""},
		"a name that is no GSM one": {told, "Wörker Ońe", "for Wörker One (W1).", ""},
	} {
		m := asSMS(reminderEmail("k", test.r))
		m.Staff = pathway.StaffNames{"W1": test.name}
		r := compose(t, "2026-09-07 08:30", m)
		if !strings.Contains(r.SMS, test.want) || test.unnamed != "" && strings.Contains(r.SMS, test.unnamed) || r.Segments != 1 {
			t.Errorf("%s: the text is %q, %d segments; want one with %q, without %q", story, r.SMS, r.Segments, test.want, test.unnamed)
		}
	}
}

// TestANameCanAddNoLine: names come from a file that others write.
func TestANameCanAddNoLine(t *testing.T) {
	told := seeAgain()
	told.Role = "manager"
	m := reminderEmail("k", told)
	m.Staff = pathway.StaffNames{"W1": "Worker\r\nBcc: all@example.org\u202e<b>"}
	r := compose(t, "2026-09-07 08:30", m)
	if want := "for Worker Bcc: all@example.org<b> (W1)"; !strings.HasSuffix(r.Subject, want) {
		t.Errorf("the subject is %q, want one line that ends with %q", r.Subject, want)
	}
	if strings.Contains(r.HTML, "<b>") {
		t.Errorf("the name is HTML:\n%s", r.HTML)
	}
}
