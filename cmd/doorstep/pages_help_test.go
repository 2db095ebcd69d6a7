package main

import (
	"net/http"
	"testing"
)

// TestHelpAndPrivacyAreForEverybody: whom to phone, what each outcome means, what is kept
// and who looks at who did what.
func TestHelpAndPrivacyAreForEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	worker := s.signedIn("W1")
	worker.get("/help").says(t, "the help of a practitioner", http.StatusOK, "No signal at the door", "Your manager: Helen Marsh, +447700900011", "the duty desk: duty@example.org",
		"No access Nobody answered, or you were not let in")
	worker.get("/privacy").says(t, "privacy while nobody audits", http.StatusOK, "ask your information governance lead", "After 15 minutes",
		"What messages said, and where they went 1 year, then deleted", "Closed cases, with all that is known of them For as long as Doorstep is used")
	auditor := s.outsider("IG1", "Gwen Lyle", "--audits")
	auditor.get("/help").says(t, "the help of an auditor", http.StatusOK, "What each outcome means", "check that the record is whole")
	auditor.get("/help").saysNot(t, "the help of an auditor", "No signal at the door", "In the print room", "Running Doorstep")
	admin := s.signedIn("A1").get("/help")
	admin.says(t, "the help of admin staff", http.StatusOK, "In the print room", "When a letter comes back", "A file from the record system")
	admin.saysNot(t, "the help of admin staff", "No signal at the door", "until you press “Save”", "Running Doorstep")
	s.outsider("IT1", "Ira Best", "--operates").get("/help").says(t, "the help of IT", http.StatusOK, "Running Doorstep", "A file from the record system")
	worker.get("/help").saysNot(t, "the help of a practitioner", "In the print room", "Running Doorstep", "A file from the record system")
	worker.get("/privacy").says(t, "privacy once somebody audits", http.StatusOK, "Who did what is looked at by Gwen Lyle: ask them")
	if got := s.browser().get("/help"); got.status != http.StatusSeeOther {
		t.Errorf("the help gives somebody who is not signed in %d, want to sign in", got.status)
	}
}
