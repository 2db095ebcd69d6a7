package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// send sends a file by the page, and returns where it leads to.
func (b *browser) send(of, name string, content io.Reader) *answer {
	b.t.Helper()
	body, to := io.Pipe()
	form := multipart.NewWriter(to)
	go func() {
		err := form.WriteField("of", of)
		if part, problem := form.CreateFormFile("file", name); problem != nil {
			err = problem
		} else if _, problem := io.Copy(part, content); problem != nil {
			err = problem
		}
		if err == nil {
			err = form.Close()
		}
		to.CloseWithError(err)
	}()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, "http://"+b.listen+"/import", body)
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	response, err := b.http.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return &answer{response.StatusCode, response.Header.Get("Location"), string(text), response.Header}
}

// sent sends a file that can be read, and returns the address of what it would change.
func (b *browser) sent(of, name, content string) string {
	b.t.Helper()
	got := b.send(of, name, strings.NewReader(content))
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/import/") {
		b.t.Fatalf("sending %s gives %d to %q: %s", name, got.status, got.to, got.text())
	}
	return got.to
}

// threeEvents are two good rows and a bad one.
func (s *site) threeEvents() string {
	at := s.now.Add(-30 * time.Minute).UTC().Format(time.RFC3339)
	return "event_id,case_ref,kind,at,by\nu1,KN-1,seen," + at + ",W1\nu2,KN-2,seen," + at + ",W2\nu3,KN-3,seen,31/02/2026,W1\n"
}

// uploaded counts the events of that file that have come in.
func (s *site) uploaded() int {
	return count(s.t, s.database, "SELECT count(*) FROM events WHERE id IN ('u1', 'u2', 'u3')")
}

// TestAFileIsImportedAsItWasShown: what it would change, errors by row, then these rows and
// no others, once.
func TestAFileIsImportedAsItWasShown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		admin := s.signedIn("A1")
		admin.get("/import").says(t, "the page to import", http.StatusOK, "See what would change", "200 MB at most")
		content := s.threeEvents()
		at := admin.sent("events", "visits.csv", content)
		page := admin.get(at)
		page.says(t, "what would change", http.StatusOK, "visits.csv, events. Nothing is imported yet", "Added 2", "Left out, with an error 1", "4 at", "is not a date", "Import these 2 rows", "rejected.csv")
		if n := s.uploaded(); n != 0 {
			t.Fatalf("before anybody has decided %d events are in the database, want none", n)
		}
		if file := admin.get(at + "/rejected.csv"); !strings.Contains(file.body, "u3,KN-3,seen,31/02/2026,W1,") || strings.Contains(file.body, "u1") {
			t.Errorf("the rejected rows read %q, want the bad one with its reason", file.body)
		}
		for _, who := range []string{"W1", "M1", "C1"} {
			if got := s.signedIn(who).get("/import"); got.status != http.StatusNotFound {
				t.Errorf("%s opening the import gets %d, want 404", who, got.status)
			}
		}
		it := s.outsider("IT1", "Ira Best", "--operates")
		if got := it.get(at); got.to != "/import?gone" {
			t.Errorf("somebody else's file gives %d to %q, want it not to be there", got.status, got.to)
		}
		forged := page.hidden()
		forged.Set("shown", "something else")
		admin.post(at, forged).says(t, "what was never shown", http.StatusConflict, "Nothing was imported yet")
		for range 2 { // the second time it is there already
			if got := admin.post(at, page.hidden()); got.status != http.StatusSeeOther || got.to != at {
				t.Fatalf("importing gives %d to %q: %s", got.status, got.to, got.text())
			}
		}
		admin.get(at).says(t, "what was imported", http.StatusOK, "2 rows imported: 2 added, 0 changed", "What the file changed")
		if n := s.uploaded(); n != 2 {
			t.Errorf("%d events came in, want the two good ones", n)
		}
		if file := admin.get(at + "/rejected.csv"); !strings.Contains(file.body, "u3,KN-3") {
			t.Errorf("after the import the rejected rows read %q", file.body)
		}
		if audit := s.command("audit", "--person", "A1"); strings.Count(audit, "import: events, 2 rows") != 1 {
			t.Errorf("the audit trail reads\n%s\nwant the import once", audit)
		}
	})
}

// TestITSeesHowManyRowsAndNone: whoever runs the service, without a place on the people
// list.
func TestITSeesHowManyRowsAndNone(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	it := s.outsider("IT1", "Ira Best", "--operates")
	at := it.sent("events", "visits.csv", s.threeEvents())
	page := it.get(at)
	page.says(t, "what IT sees", http.StatusOK, "Added 2", "Left out, with an error 1", "none of the rows", "Import these 2 rows")
	page.saysNot(t, "what IT sees", "KN-3", "31/02/2026", "rejected.csv", "Errors, by row")
	if got := it.get(at + "/rejected.csv"); got.status != http.StatusNotFound {
		t.Errorf("the rejected rows give IT %d, want 404", got.status)
	}
	if got := it.post(at+"/discard", nil); got.to != "/import" {
		t.Errorf("throwing the file away leads to %q", got.to)
	}
	if got := it.post(at, page.hidden()); got.to != "/import?gone" {
		t.Errorf("importing what was thrown away gives %d to %q", got.status, got.to)
	}
	if n := s.uploaded(); n != 0 {
		t.Errorf("%d events came in, want none", n)
	}
	if open := s.keptFiles(); len(open) > 0 {
		t.Errorf("the daemon still holds %q", open)
	}
}

// TestALargeChangeAndOneInTheMeantimeAreAskedAgain: nothing is taken in that was not shown
// as it is now, nor so much without a tick of its own.
func TestALargeChangeAndOneInTheMeantimeAreAskedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	admin := s.signedIn("A1")
	staff := func(team string, more ...string) string {
		rows := "id,name,role,team,email,reports_to\n"
		for i := range 30 {
			rows += fmt.Sprintf("X%d,Worker %d,practitioner,%s,x%d@example.org,M1\n", i, i, team, i)
		}
		return rows + strings.Join(more, "")
	}
	s.write("more.csv", staff("North"))
	s.command("import", "people", "more.csv")
	at := admin.sent("people", "people.csv", staff("South"))
	page := admin.get(at)
	page.says(t, "a large change", http.StatusOK, "This is a large change: this would change team", "team: 30 changed (X0 from “North” to “South”", "Import these 30 rows")
	values := page.hidden()
	admin.post(at, values).says(t, "a large change without a tick", http.StatusUnprocessableEntity, "Tick that so large a change is right")
	s.write("meanwhile.csv", "id,name,role,team,email,reports_to\nX1,Worker 1,practitioner,South,x1@example.org,M1\n")
	s.command("import", "people", "meanwhile.csv")
	values.Set("allow", "yes")
	again := admin.post(at, values)
	again.says(t, "what has changed in the meantime", http.StatusConflict, "Something has changed since", "team: 29 changed")
	values = again.hidden()
	values.Set("allow", "yes")
	if got := admin.post(at, values); got.status != http.StatusSeeOther {
		t.Fatalf("the change with a tick gives %d: %s", got.status, got.text())
	}
	if n := count(t, s.database, "SELECT count(*) FROM people WHERE team = 'South' AND id LIKE 'X%'"); n != 30 {
		t.Errorf("%d people are in the new team, want 30", n)
	}
}

// TestWhatCannotBeImportedIsSaidPlainly: and nothing of it is left.
func TestWhatCannotBeImportedIsSaidPlainly(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	admin := s.signedIn("A1")
	for what, c := range map[string]struct {
		of, content string
		status      int
		want        string
	}{
		"an empty file":        {"events", "", http.StatusUnprocessableEntity, "The file is empty"},
		"of nothing":           {"", "a,b\n", http.StatusUnprocessableEntity, "Say what the file holds"},
		"of something unknown": {"../cases", "a,b\n", http.StatusUnprocessableEntity, "Say what the file holds"},
	} {
		admin.send(c.of, "visits.csv", strings.NewReader(c.content)).says(t, what, c.status, c.want)
	}
	admin.get("/import").says(t, "the page for files", http.StatusOK, "What the files hold: every column", "Columns of events", "event_id")
	at := admin.sent("events", "letter.csv", "%PDF-1.7\n")
	admin.get(at).says(t, "no CSV file", http.StatusOK, "This file cannot be imported", "this is a PDF, not CSV", "Throw the file away")
	at = admin.sent("events", "none.csv", "event_id,case_ref,kind,at,by\n")
	admin.get(at).says(t, "a header and no row", http.StatusOK, "The file holds no row below the line that names its columns", "Throw the file away")
	at = admin.sent("people", "people.csv", sitePeople)
	admin.get(at).says(t, "a file that is known already", http.StatusOK, "Nothing would change: all 8 good rows are known already")
	at = admin.sent("cases", "opened.csv", "ref,pathway,opened_at,practitioner\nKN-1,csc-plan,2026-07-01 09:30,W1\n")
	opened := admin.get(at)
	opened.says(t, "another time of opening", http.StatusOK, "opened_at: 1 changed (KN-1 from", "to “Wed 1 July 2026, 09:30”")
	if raw := regexp.MustCompile(`\d{4}-\d{2}-\d{2}T`).FindString(opened.text()); raw != "" {
		t.Errorf("the preview has a time as programs read it (%s…): %s", raw, opened.text())
	}
	at = admin.sent("cases", "..\\..\\<b>Smith</b>.csv", "ref,pathway\nKN-9,nothing\n")
	if got := admin.get(at); strings.Contains(got.body, "<b>Smith") {
		t.Errorf("the file's name stands in the page as it is: %s", got.text())
	}
	large := io.MultiReader(strings.NewReader("event_id,case_ref,kind,at,by\n"), io.LimitReader(endless{}, 201<<20))
	admin.send("events", "large.csv", large).says(t, "more than 200 MB", http.StatusRequestEntityTooLarge, "larger than 200 MB", "Nothing of it was kept")
	for what, body := range map[string]string{
		"no form":            strings.Repeat("y", 10_000),
		"a part without end": "--x\r\n" + strings.Repeat("X: y\r\n", 20_000),
		"a name with a zero": "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../passwd\x00.csv\"\r\n\r\na,b\r\n--x--\r\n",
		"too many fields":    strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"of\"\r\n\r\nevents\r\n", 100),
	} {
		answer, err := admin.http.Post("http://"+s.listen+"/import", "multipart/form-data; boundary=x", strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s is answered with %d, want 400: it did not come whole", what, answer.StatusCode)
		}
	}
	nobody := s.browser().send("events", "visits.csv", strings.NewReader(s.threeEvents()))
	nobody.says(t, "somebody who is not signed in", http.StatusUnauthorized, "")
	s.endSessions()
	ended := admin.send("events", "visits.csv", io.MultiReader(strings.NewReader(s.threeEvents()), io.LimitReader(endless{}, 20<<20)))
	ended.says(t, "a session that has ended", http.StatusUnauthorized, "Nothing was kept of the file. Sign in, and send it again")
	ended.saysNot(t, "a session that has ended", "as you had filled it in")
	admin.signIn("A1", password)
	if strings.Contains(nobody.body, "u3") {
		t.Error("somebody who is not signed in is told of rows")
	}
	if got := admin.get("/import/" + url.PathEscape("../../etc/passwd")); got.to != "/import?gone" {
		t.Errorf("a path in place of a file gives %d to %q", got.status, got.to)
	}
	admin.post(at+"/discard", nil)
	s.cancels(admin)
	s.await("the end of what was cancelled", func() bool { return len(s.keptFiles()) == 0 })
}

// cancels begins to send a file and goes away.
func (s *site) cancels(b *browser) {
	s.t.Helper()
	connection, err := net.Dial("tcp", s.listen)
	if err != nil {
		s.t.Fatal(err)
	}
	var head bytes.Buffer
	address := &url.URL{Scheme: "http", Host: s.listen}
	for _, cookie := range b.http.Jar.Cookies(address) {
		fmt.Fprintf(&head, "Cookie: %s\r\n", cookie)
	}
	_, err = fmt.Fprintf(connection, "POST /import HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n%s\r\n"+
		"--x\r\nContent-Disposition: form-data; name=\"of\"\r\n\r\nevents\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nevent_id,case_ref\n", s.listen, head.String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.await("the file on its way", func() bool { return len(s.keptFiles()) > 0 })
	connection.Close()
}

// keptFiles are the uploads that the daemon holds, by what the system calls them.
func (s *site) keptFiles() (open []string) {
	s.t.Helper()
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.processes[len(s.processes)-1].cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && strings.Contains(to, "doorstep-import") {
			open = append(open, to)
		}
	}
	return open
}

// endless is one long row after the other.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
		if i%64 == 63 {
			p[i] = '\n'
		}
	}
	return len(p), nil
}
