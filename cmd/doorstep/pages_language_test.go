package main

import (
	"net/http"
	"testing"
)

// TestWhatIsPrintedInEnglishInsteadSaysSo: of a family that reads Welsh, where no Welsh wording
// is installed, each page that offers to print for them.
func TestWhatIsPrintedInEnglishInsteadSaysSo(t *testing.T) {
	t.Parallel()
	const welsh = "no Welsh wording is installed"
	s := paperSite(t, onSQLite(t))
	w, admin := s.signedIn("W1"), s.signedIn("A1")
	pages := map[string]func() *answer{
		"the case":                func() *answer { return w.get("/cases/HV-2") },
		"a visit without access":  func() *answer { return w.get("/cases/HV-2/record?outcome=no-access") },
		"the print room":          func() *answer { return admin.get("/print") },
		"what is to be printed":   func() *answer { return admin.get("/print/items/" + itemsOf(admin.get("/print"))["HV-2"]) },
		"what waits for the case": func() *answer { return admin.get("/print?case=HV-2") },
	}
	for what, page := range pages {
		page().saysNot(t, what+" of a family of which nothing is known", "wording is installed")
	}
	s.execute("UPDATE cases SET language = 'cy' WHERE ref = 'HV-2'")
	for what, page := range pages {
		page().says(t, what, http.StatusOK, "n English: "+welsh)
	}
}
