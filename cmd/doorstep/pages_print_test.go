package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/store/storetest"
)

// paperSite is a site on which paper waits: for team North a letter of HV-1 and cards of
// HV-2 and HV-3, of which HV-3's is not safe to be left; for South a card of HV-9. W1 has
// a visit to HV-2 tomorrow.
func paperSite(t testing.TB, database string) *site {
	t.Helper()
	s := newSite(t, database)
	ago := func(d time.Duration) string { return s.now.Add(-d).UTC().Format(time.RFC3339) }
	day := 24 * time.Hour
	row := func(ref, worker, manager, team, safe string) string {
		return fmt.Sprintf("%s,hv-child,%s,%s,%s,%s,six-week,H-%s,Parent of %s,%s Test Avenue,Northtown,SN2 2ZZ,%s\n", ref, ago(40*day), worker, manager, team, ref, ref, ref[3:], safe)
	}
	s.command("import", "cases", s.write("paper.csv", "ref,pathway,opened_at,practitioner,manager,team,contact,household,addressee,address_1,address_2,postcode,safe_to_write\n"+
		row("HV-2", "W1", "M1", "North", "yes")+row("HV-3", "W1", "M1", "North", "no")+row("HV-9", "W3", "M2", "South", "yes")+
		strings.Replace(row("HV-4", "W2", "M1", "North", "yes"), "Parent of", "Parent 😀 of", 1)))
	tomorrow := time.Date(s.now.Year(), s.now.Month(), s.now.Day(), 10, 0, 0, 0, time.UTC).AddDate(0, 0, 1).Format(time.RFC3339)
	s.command("import", "events", s.write("paper-events.csv", "event_id,case_ref,kind,at,by,booked_for\n"+
		"p2,HV-2,no-access,"+ago(3*time.Hour)+",W1,\np3,HV-3,no-access,"+ago(3*time.Hour)+",W1,\np9,HV-9,no-access,"+ago(3*time.Hour)+",W3,\n"+
		"p4,HV-4,appointment-offered,"+ago(3*time.Hour)+",W2,"+s.now.Add(9*day).UTC().Format(time.RFC3339)+"\nb2,HV-2,visit-booked,"+ago(2*time.Hour)+",W1,"+tomorrow+"\n"))
	return s
}

// itemsOf are the numbers of what can be ticked on the print room's page, by case.
func itemsOf(page *answer) map[string]string {
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`name="item" type="checkbox" value="(\d+)"[^>]*>\s*<label[^>]*><strong>([^<]+)</strong>`).FindAllStringSubmatch(page.body, -1) {
		found[m[2]] = m[1]
	}
	return found
}

// TestAnAdminPrintsWhatWaitsForTheirTeam: what is ready and what is not, one batch however
// often the form is sent, the same bytes each time, and nothing of other teams.
func TestAnAdminPrintsWhatWaitsForTheirTeam(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(testing.TB) string{"SQLite": onSQLite, "PostgreSQL": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testAnAdminPrints(t, paperSite(t, database(t)))
		})
	}
}

func testAnAdminPrints(t *testing.T, s *site) {
	b := s.signedIn("A1")
	if got := b.get("/"); got.to != "/print" {
		t.Errorf("after signing in an admin comes to %q, want the print room", got.to)
	}
	page := b.get("/print")
	page.says(t, "the print room", http.StatusOK, "2 wait to be printed for North", "1 cannot be printed", "All 2", "Letters: 1", "HV-1 Letter: please call us",
		"Cards: 1", "HV-2 Card:", "HV-4, Letter: an appointment: whom it is addressed to cannot be printed as it is", "HV-3, Sam Okafor (W1)", "Nothing was printed for your team")
	page.saysNot(t, "the print room", "HV-9", "Test Avenue", "SN2", "Parent", "/cases/")

	form := page.hidden()
	b.post("/print", form).says(t, "nothing ticked", http.StatusUnprocessableEntity, "There is a problem", "Tick what is to be printed")
	form.Set("item", itemsOf(page)["HV-2"])
	form.Set("sheet", "a6")
	var sent [2]*answer
	var both sync.WaitGroup
	for i := range sent { // a double click
		both.Go(func() { sent[i] = b.post("/print", form) })
	}
	both.Wait()
	for i, got := range sent {
		if got.status != http.StatusSeeOther || got.to != "/print/batches/1" {
			t.Fatalf("sending %d of the same form gives %d to %q, want batch 1: %s", i+1, got.status, got.to, got.text())
		}
	}
	if n := count(t, s.database, "SELECT count(*) FROM print_batches"); n != 1 {
		t.Fatalf("there are %d batches, want one", n)
	}
	form.Set("item", itemsOf(page)["HV-1"])
	b.post("/print", form).says(t, "something else ticked on the same page", http.StatusConflict, "This page had made batch 1 before, and has not printed what you have ticked since")
	b.post("/print", with(b.get("/print").hidden(), "item", itemsOf(page)["HV-2"])).says(t, "what is printed by now", http.StatusConflict, "Nothing was printed")

	batch := b.get("/print/batches/1")
	batch.says(t, "the batch", http.StatusOK, "1 on 1 page", "by you", "Cards of batch 1 (PDF)", "one on an A6 card", "Cover sheet of batch 1 (PDF)", "HV-2")
	batch.saysNot(t, "the batch", "Test Avenue", "Parent")
	first := b.get("/print/batches/1/batch-1-cards.pdf")
	if kind, names := first.header.Get("Content-Type"), first.header.Get("Content-Disposition"); kind != "application/pdf" || names != `attachment; filename="batch-1-cards.pdf"` {
		t.Errorf("the cards come as %q, %q, want a PDF whose name says nothing of a family", kind, names)
	}
	if again := b.get("/print/batches/1/batch-1-cards.pdf"); sha256.Sum256([]byte(again.body)) != sha256.Sum256([]byte(first.body)) {
		t.Error("the cards have other bytes the second time")
	}
	cover := b.get("/print/batches/1/batch-1-cover.pdf")
	if err := os.WriteFile(filepath.Join(s.folder, "cover.pdf"), []byte(cover.body), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, "the cover sheet", s.text("cover.pdf"), []string{"Batch 1: cover sheet", "by Alex Reid (A1)", "HV-2"})
	for _, path := range []string{"/print/batches/1/..%2f..%2fdoorstep.yaml", "/print/batches/1/%2fetc%2fpasswd", "/print/batches/1/batch-1-letters.pdf", "/print/batches/1/batch-2-cards.pdf",
		"/print/batches/1/batch-1-cover-2.pdf", "/print/batches/2", "/print/batches/0", "/print/batches/-1", "/print/batches/1e0", "/print/batches/99999999999999999999", "/print/items/0", "/print/items/999", "/print/items/x/picture"} {
		b.get(path).says(t, path, http.StatusNotFound, "There is no such page")
	}
	trail := s.command("audit", "--case", "HV-2")
	for _, want := range []string{"A1  print: batch 1  HV-2", "A1  print: batch 1 again  HV-2"} {
		if !strings.Contains(trail, want) {
			t.Errorf("the audit trail of HV-2 is\n%s\nwant it to say %q", trail, want)
		}
	}
}

// TestWhoseThePrintRoomIs: role by page; a batch of several teams shows each their own,
// and hands its files to nobody of them.
func TestWhoseThePrintRoomIs(t *testing.T) {
	t.Parallel()
	s := paperSite(t, onSQLite(t))
	s.command("import", "people", s.write("more.csv", "id,name,role,team,email\nA2,Bo Lind,admin,South,a2@example.org\nA3,Cy Moss,admin,East,a3@example.org\n"))
	s.try("print", "--pending", "--out", "first") // HV-4 cannot be printed
	north := count(t, s.database, "SELECT max(id) FROM print_items WHERE case_ref = 'HV-2'")
	item, picture := fmt.Sprintf("/print/items/%d", north), fmt.Sprintf("/print/items/%d/picture", north)
	pages := []string{"/print", "/print/batches/1", "/print/batches/1/batch-1-cards.pdf", item, picture, "/print?case=HV-2", "/cases/HV-2", "/lookup"}
	for who, may := range map[string]string{"A1": "yynyyyny", "A2": "yynnnnny", "A3": "ynnnnnny", "W1": "nynyynyy", "W3": "nynnnnny", "M1": "nynyynyy", "S1": "nnnnnnyy", "C1": "nnnnnnny"} {
		b := s.signedIn(who)
		missing := b.get("/print/batches/77").text()
		for i, path := range pages {
			got := b.get(path)
			if want := map[byte]int{'y': http.StatusOK, 'n': http.StatusNotFound}[may[i]]; got.status != want {
				t.Errorf("%s opening %s gets %d, want %d: %s", who, path, got.status, want, got.text())
			}
			if got.status == http.StatusNotFound && got.text() != missing {
				t.Errorf("%s is told %q of %s, want what there is not: %q", who, got.text(), path, missing)
			}
		}
	}
	b := s.signedIn("A1")
	page := b.get("/print/batches/1")
	page.says(t, "a batch of two teams", http.StatusOK, "1 of this batch is for cases of others", "HV-2", "HV-1")
	page.saysNot(t, "a batch of two teams", "HV-9", "(PDF)")
	s.command("restrict", "HV-2")
	for _, path := range []string{item, picture, "/print?case=HV-2"} {
		b.get(path).says(t, path+" of a restricted case", http.StatusNotFound, "There is no such page")
	}
	b.get("/print/batches/1").saysNot(t, "the batch with a restricted case", "HV-2")
	s.command("record", "HV-2", "no-access", "--by", "W1")
	room := b.get("/print")
	room.says(t, "the print room with paper of a restricted case", http.StatusOK, "1 restricted case has paper that waits: who can open it")
	room.saysNot(t, "the print room with paper of a restricted case", "HV-2")
	if got := b.post(item+"/again", url.Values{"event_id": {"x"}}); got.status != http.StatusNotFound {
		t.Errorf("printing for a restricted case gives %d, want 404", got.status)
	}
	if trail := s.command("audit", "--case", "HV-2"); !strings.Contains(trail, "A1  refused: print (restricted)") || !strings.Contains(trail, "A2  refused: print (not-theirs)") {
		t.Errorf("the audit trail of HV-2 is\n%s\nwant who was refused", trail)
	}
}

// TestOneItemIsLookedAtPrintedAgainAndComesBack: as it would be printed and was, in large
// print as a new one, found by its serial, and returned by the post.
func TestOneItemIsLookedAtPrintedAgainAndComesBack(t *testing.T) {
	t.Parallel()
	s := paperSite(t, onSQLite(t))
	b := s.signedIn("A1")
	room := b.get("/print")
	item := "/print/items/" + itemsOf(room)["HV-1"]
	look := b.get(item)
	look.says(t, "the letter before", http.StatusOK, "Case HV-1", "Letter: please call us", "What would be printed", "What it says, as text", "4 Test Avenue", "SN2 2ZZ", "Print this one")
	look.saysNot(t, "the letter before", "/cases/", "01632 960904")
	got := b.get(item + "/picture?layout=dl&large=1")
	picture, err := png.Decode(bytes.NewReader([]byte(got.body)))
	if err != nil || got.header.Get("Content-Type") != "image/png" {
		t.Fatalf("the picture comes as %q (error %v), want a PNG", got.header.Get("Content-Type"), err)
	}
	if wide := picture.Bounds().Dx(); wide < 600 {
		t.Errorf("the picture is %d pixels wide, want a page that can be read", wide)
	}
	if made := b.post(item+"/again", look.hidden()); made.to != "/print/batches/1" {
		t.Fatalf("printing it gives %d to %q, want batch 1: %s", made.status, made.to, made.text())
	}
	printed := b.get(item)
	printed.says(t, "the letter after", http.StatusOK, "What was printed", "batch 1 by you", "Print it again", "It came back in the post")
	serial := serialPattern.FindString(printed.body)
	if found := b.post("/lookup", url.Values{"q": {" " + strings.ToLower(serial) + " "}}); found.to != item {
		t.Errorf("looking for the serial leads an admin to %q, want the item", found.to)
	}
	if found := s.signedIn("W1").post("/lookup", url.Values{"q": {serial}}); found.to != "/cases/HV-1" {
		t.Errorf("looking for the serial leads its practitioner to %q, want the case", found.to)
	}
	s.signedIn("W3").post("/lookup", url.Values{"q": {serial}}).says(t, "looking for the serial of others", http.StatusNotFound, "There is no case or serial "+serial+", or it is not yours to open")
	if found := b.post("/lookup", url.Values{"q": {"hv-1"}}); found.to != "/print?case=HV-1" {
		t.Errorf("looking for the case leads an admin to %q, want what was printed of it", found.to)
	}
	of := b.get("/print?case=HV-1")
	of.says(t, "what was printed of a case", http.StatusOK, "Printed for this case", serial)
	of.saysNot(t, "what was printed of a case", "HV-2", "HV-4")

	large := b.get(item + "?large=1&layout=dl")
	large.says(t, "the letter in large print", http.StatusOK, "What would be printed again", "Print it again, in large print")
	again := b.post(item+"/again", large.hidden())
	if again.to != "/print/batches/2" {
		t.Fatalf("printing it again gives %d to %q: %s", again.status, again.to, again.text())
	}
	if twice := b.post(item+"/again", large.hidden()); twice.to != "/print/batches/2" || count(t, s.database, "SELECT count(*) FROM print_batches") != 2 {
		t.Errorf("sending that again leads to %q, want batch 2 and no other", twice.to)
	}
	b.get(again.to).says(t, "the batch of one", http.StatusOK, "1 on 1 page", "In large print", "for DL window envelopes")

	back := b.post(item+"/returned", with(printed.hidden(), "day", "other", "other_day", "35/14"))
	back.says(t, "a day that there is not", http.StatusUnprocessableEntity, "Write the day like 4 December")
	s.endSessions()
	ended := b.post(item+"/returned", with(printed.hidden(), "day", "other", "other_day", "1/11"))
	ended.says(t, "a session that has just ended", http.StatusUnauthorized, "You have been signed out")
	link := regexp.MustCompile(`href="/signin\?next=([^"]*)"`).FindStringSubmatch(ended.body)
	if link == nil {
		t.Fatalf("a session that has ended leads nowhere: %s", ended.text())
	}
	next, err := url.QueryUnescape(html.UnescapeString(link[1]))
	if err != nil {
		t.Fatal(err)
	}
	b.signIn("A1", password)
	held := b.get(next)
	held.says(t, "the form after signing in again", http.StatusOK, "This is not saved yet", "It came back in the post")
	if !strings.Contains(held.body, `value="1/11"`) {
		t.Errorf("the form after signing in again lacks what was typed: %s", held.text())
	}
	for range 2 {
		if saved := b.post(item+"/returned", printed.hidden()); saved.to != item+"?saved=returned" {
			t.Fatalf("saving that it came back gives %d to %q: %s", saved.status, saved.to, saved.text())
		}
	}
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'HV-1' AND kind = 'letter-returned'"); n != 1 {
		t.Errorf("it came back %d times, want once", n)
	}
	b.get(item+"?saved=returned").says(t, "the letter then", http.StatusOK, "Saved", "It came back in the post: said", "is not printed again", "a letter to the address came back by post")
	room = b.get("/print")
	room.says(t, "the print room then", http.StatusOK, "1 is to be taken out of the post", "Take out of the post", "HV-1, Letter: please call us, batch 2: a letter to the address came back by post")
	room.saysNot(t, "the print room then: the letter that came back is in the office", serial)
}

// TestAPadIsMadeInThePrintRoom: cards to write on, of the kind and number asked for, which
// lead to no case.
func TestAPadIsMadeInThePrintRoom(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("A1")
	b.get("/print").says(t, "the print room", http.StatusOK, "A pad of cards to write on at the door", "Card: please call to rearrange", "Card: nothing further is offered")
	got := b.get("/print/pad.pdf?variant=revisit&cards=6&sheet=a6")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/pdf" || got.header.Get("Content-Disposition") != `attachment; filename="pad-revisit.pdf"` {
		t.Fatalf("a pad gives %d as %q, %q: %s", got.status, got.header.Get("Content-Type"), got.header.Get("Content-Disposition"), got.text())
	}
	s.write("pad.pdf", got.body)
	if text := s.text("pad.pdf"); strings.Count(text, "I will visit again") != 6 {
		t.Errorf("the pad reads\n%s\nwant six cards", text)
	}
	for _, cards := range []string{"", "0", "401", "many"} {
		wrong := b.get("/print/pad.pdf?variant=revisit&cards=" + cards)
		wrong.says(t, "a pad of "+cards, http.StatusUnprocessableEntity, "There is a problem", "Say how many cards, from 1 to 400")
	}
	if got := b.get("/print/pad.pdf?variant=..%2Fcards&cards=4"); got.status != http.StatusNotFound {
		t.Errorf("a card that there is not gives %d, want 404", got.status)
	}
	if got := s.signedIn("W1").get("/print/pad.pdf?variant=revisit&cards=4"); got.status != http.StatusNotFound {
		t.Errorf("a practitioner asking for a pad gets %d, want 404 as for the print room", got.status)
	}
	if audit := s.command("audit", "--person", "A1"); !strings.Contains(audit, "print: a pad of 6 cards") {
		t.Errorf("the pad is not on record:\n%s", audit)
	}
}

// TestALookupSaysWhatIsWrong: nothing typed is not looked for; a serial that was never given
// out, and one with the dash of a word processor.
func TestALookupSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := paperSite(t, onSQLite(t))
	b := s.signedIn("A1")
	s.try("print", "--pending", "--out", "first")
	serial := serialPattern.FindString(b.get("/print?case=HV-2").body)
	look := func(typed string) *answer { return b.post("/lookup", url.Values{"q": {typed}}) }
	if got := look(strings.Replace(serial, "-", "–", 1)); !strings.HasPrefix(got.to, "/print/items/") {
		t.Errorf("looking for %s with a long dash gives %d to %q, want what it stands on", serial, got.status, got.to)
	}
	none := look("  ")
	none.says(t, "looking for nothing", http.StatusUnprocessableEntity, "Error: Type a reference or a serial")
	if !strings.Contains(none.body, "<title>Error: Look up") {
		t.Error("the title of a page with an error does not begin with Error")
	}
	look("ZZZ-ZZZZ").says(t, "a serial that was misread", http.StatusNotFound, "There is no case or serial ZZZ-ZZZZ, or it is not yours to open: have it read again, letter by letter")
	if long := look(strings.Repeat("A", 5000)); strings.Count(long.body, "A") > 500 {
		t.Error("what was typed is shown again whole, want the beginning of it")
	}
}

// TestWhoOnlyLooksHasPrintedNothing: on record, opening the print room, a letter or a batch,
// the page for files and the decisions on a case are looks; and what cannot be printed is
// not offered.
func TestWhoOnlyLooksHasPrintedNothing(t *testing.T) {
	t.Parallel()
	s := paperSite(t, onSQLite(t))
	b, manager := s.signedIn("A1"), s.signedIn("M1")
	waits := count(t, s.database, "SELECT id FROM print_items WHERE case_ref = 'HV-1'")
	b.get(fmt.Sprintf("/print/items/%d", waits))
	b.get(fmt.Sprintf("/print/items/%d/picture", waits))
	b.get("/print?case=HV-1")
	b.get("/import")
	unprintable := b.get(fmt.Sprintf("/print/items/%d", count(t, s.database, "SELECT id FROM print_items WHERE case_ref = 'HV-4'")))
	unprintable.says(t, "a letter that cannot be printed", http.StatusOK, "It cannot be printed", "Show it like that")
	unprintable.saysNot(t, "a letter that cannot be printed", "Print this one")
	manager.get("/overdue?open=KN-1")
	auditor := s.outsider("IG1", "Gwen Lyle", "--audits")
	for who, looks := range map[string][]string{
		"A1": {"Looked: print room", "Looked: import page", "Looked at cards and letters: preview HV-1", "Looked at cards and letters: picture HV-1", "Looked at cards and letters: its prints HV-1"},
		"M1": {"Opened the case: decisions KN-1"},
	} {
		page := auditor.get("/audit?person=" + who)
		page.says(t, "what "+who+" did", http.StatusOK, looks...)
		page.saysNot(t, "what "+who+" did", "Printed:", "Imported", "Decided")
	}
	form := b.get(fmt.Sprintf("/print/items/%d", waits)).hidden()
	made := b.post(fmt.Sprintf("/print/items/%d/again", waits), form)
	b.get(made.to)
	auditor.get("/audit?person=A1").says(t, "what was printed then", http.StatusOK, "Printed: one item HV-1", "Printed: batch 1 HV-1", "Looked at cards and letters: batch 1")
}

// TestCardsToTakeAlong: the print room makes them for a practitioner, practitioners for
// themselves, of their own cases and no others.
func TestCardsToTakeAlong(t *testing.T) {
	t.Parallel()
	s := paperSite(t, onSQLite(t))
	admin := s.signedIn("A1")
	page := admin.get("/print")
	page.says(t, "the print room", http.StatusOK, "Cards to take along", "Sam Okafor: 1 card for the visits that are booked")
	own := s.signedIn("W1")
	mine := own.get("/")
	mine.says(t, "the first page", http.StatusOK, "1 visit is booked for", "Print cards to take along")
	made := own.post("/print/packs", mine.hidden())
	if made.to != "/print/batches/1" {
		t.Fatalf("making the cards gives %d to %q: %s", made.status, made.to, made.text())
	}
	if twice := own.post("/print/packs", mine.hidden()); twice.to != made.to {
		t.Errorf("sending that again leads to %q, want the same batch", twice.to)
	}
	own.get(made.to).says(t, "the batch", http.StatusOK, "1 on 1 page", "HV-2", "Cards of batch 1 (PDF)")
	if pdf := own.get(made.to + "/batch-1-cards.pdf"); pdf.status != http.StatusOK || !strings.HasPrefix(pdf.body, "%PDF") {
		t.Errorf("the cards give %d, want a PDF", pdf.status)
	}
	admin.get("/print").says(t, "the print room, after W1 has printed them", http.StatusOK, "Sam Okafor: 1 card for the visits that are booked. Printed before, the last in batch 1.")
	form := regexp.MustCompile(`name="event_id" value="([^"]*)"><input type="hidden" name="day" value="([^"]*)"><input type="hidden" name="practitioner" value="W1"`).FindStringSubmatch(page.body)
	if form == nil {
		t.Fatalf("the print room has no form for the pack of W1: %s", page.text())
	}
	pack := url.Values{"event_id": {form[1]}, "day": {form[2]}, "practitioner": {"W1"}}
	if got := admin.post("/print/packs", pack); got.to != "/print/batches/2" {
		t.Errorf("the pack gives %d to %q: %s", got.status, got.to, got.text())
	}
	packOf := func(who string) *answer {
		return s.signedIn(who).post("/print/packs", url.Values{"event_id": {"of-" + who}, "day": {form[2]}, "practitioner": {"W1"}})
	}
	packOf("W3").says(t, "the pack of W1 asked for by W3", http.StatusConflict, "no card is called for by a visit of that day")
	packOf("C1").says(t, "the pack of W1 asked for by a chair", http.StatusNotFound, "There is no such page")
	own.post("/print/packs", url.Values{"event_id": {"z"}, "day": {"soon"}}).says(t, "a day that there is not", http.StatusNotFound, "There is no such page")
	if n := count(t, s.database, "SELECT count(*) FROM print_batches"); n != 2 {
		t.Errorf("there are %d batches, want two", n)
	}
}
