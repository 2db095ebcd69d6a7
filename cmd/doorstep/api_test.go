package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

const (
	apiStaff = "id,role,team,email,mobile,reports_to\nW1,practitioner,North,w1@example.org,07700 900101,M1\nM1,manager,North,m1@example.org,,\n"
	apiCases = "ref,pathway,opened_at,practitioner,manager,team,addressee,address_1,postcode,phone\n" +
		"KN-1,csc-section-47,2026-09-01 09:00,W1,M1,North,The Larks,1 Larkrise Terrace,SN1 1AA,07700 900777\n" +
		"KN-2,csc-section-47,2026-09-02 09:00,W1,M1,North,,,,\n"
)

// apiDaemon is a daemon with two cases, and asks its API with a token that may do these.
func apiDaemon(t *testing.T, database, scopes string) (d *daemon, ask func(method, path, contentType, body string) (int, string)) {
	t.Helper()
	d = newDaemon(t, buildBinary(t), database, smtptest.Start(t, smtptest.Options{}))
	d.command("migrate")
	d.command("import", "people", d.write("people.csv", apiStaff))
	d.command("import", "cases", d.write("cases.csv", apiCases))
	token := strings.TrimSpace(d.command("token", "add", "record-system", "--scope", scopes))
	d.start()
	return d, func(method, path, contentType, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+d.listen+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if is := answer.Header.Get("Content-Type"); answer.StatusCode >= 400 && is != "application/problem+json" {
			t.Errorf("%s %s: %d as %s, want a problem document", method, path, answer.StatusCode, is)
		}
		return answer.StatusCode, string(text)
	}
}

// TestARecordSystemUsesTheAPI: it brings a visit, sees what is to be done, and is told in
// the words of the command line what is wrong.
func TestARecordSystemUsesTheAPI(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		d, ask := apiDaemon(t, url, "read,events,cases,people")
		const visit = `{"event_id":"x1","kind":"no-access","at":"2026-09-02 10:00","by":"W1"}`
		const rows = "event_id,case_ref,kind,at,by\nx2,KN-2,no-access,2026-09-02 12:00,W1\nx3,KN-9,seen,2026-09-02 12:00,W1\n"
		for _, step := range []struct {
			method, path, contentType, body string
			status                          int
			says                            string
		}{
			{"POST", "/cases/KN-1/events", "application/json", visit, 201, `"duty":"discuss-with-manager"`},
			{"POST", "/cases/KN-1/events", "application/json", visit, 200, `"known":true,"duties":[]`},
			{"POST", "/cases/KN-1/events", "application/json", strings.Replace(visit, "no-access", "seen", 1), 422, "already recorded with another value: void it and record a new one"},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"now","kind":"supervision","by":"M1"}`, 201, `"known":false`},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"now","kind":"supervision","by":"M1"}`, 200, `"known":true`},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"x9","kind":"seen","at":null,"by":"W1"}`, 422, "is empty: say when it happened"},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"x9","kind":"seen","at":"","by":"W1"}`, 422, "is empty: say when it happened"},
			{"POST", "/cases/KN-1/events", "application/json", `{"kind":"no-access","by":"W1"}`, 422, "give the event an event_id, or say at when it happened"},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"","kind":"no-access","by":"W1"}`, 422, `"location":"body.event_id"`},
			{"POST", "/cases/KN-9/events", "application/json", visit, 404, "there is no case KN-9 (did you mean KN-1?)"},
			{"POST", "/cases/KN-1/events", "application/json", `{"kind":"sean","at":"2026-02-31"}`, 422, `"location":"body.at"`},
			{"POST", "/cases/KN-1/events", "application/json", `{"kind":"seen","adress":"1 Larkrise Terrace"}`, 422, `"location":"body.adress"`},
			{"POST", "/cases/KN-1/events", "application/json", `{"kind":"no-access","at":"2026-09-02 11:00","Kind":"seen"}`, 400, `the key \"Kind\" stands twice`},
			{"POST", "/cases/KN-1/events", "application/json", `{"kind":"seen","at":"2026-09-02 11:00"} {"kind":"no-access"}`, 400, `after top-level value`},
			{"GET", "/cases/KN-1", "", "", 200, `"why":"24 hours from the unsuccessful visit on Wed 2 September at 10:00"`},
			{"POST", "/import/events", "text/csv", rows, 422, `"location":"line 3, column case_ref"`},
			{"POST", "/import/events?dry_run=true&partial=true", "text/csv", rows, 200, `"kept":false,"rejected_rows":1`},
			{"POST", "/import/events?partial=true", "text/csv", rows, 200, `"added":1,"changed":0,"unchanged":0`},
			{"POST", "/import/events", "application/json", `[{"event_id":"x4","case_ref":"KN-2","kind":"seen","at":"2026-09-03 12:00","by":"W1","reason":"a\nb"},{"event_id":"x5","case_ref":"KN-9","kind":"seen","at":"2026-09-03 12:00","by":"W1","reason":""}]`,
				422, `"location":"row 2, column case_ref"`},
			{"POST", "/import/people", "application/json", `[{"id":"W2","role":"practitioner","email":"w2@example.org"},{"id":"W1","role":"practitioner"}]`, 422, `row 2 lacks the key \"email\" that row 1 has`},
			{"POST", "/import/people?dry_run=true", "application/json", `[{"id":"W1","role":"practitioner","team":"South","mobile":null}]`, 200,
				`"fields":[{"field":"team","changed":1,"emptied":0,"says":"team: 1 changed (W1 from \"North\" to \"South\")"},{"field":"mobile","changed":1,"emptied":1,"says":"mobile: 1 changed, 1 of them emptied (W1)"}]`},
			{"POST", "/import/people", "application/json", `[{"id":"W1","role":"practitioner","team":"South"}]`, 200, `"changed":1`},
			{"POST", "/import/people", "application/json", `[{"id":"W1","role":"practitioner","team":"East","team":""}]`, 422, `row 1 has the key \"team\" twice`},
			{"POST", "/import/people", "application/json", `[{"id":"W1","role":"practitioner","team":"East"}][{"id":"M1","role":"manager","team":"East"}]`, 422, "something stands behind the array"},
			{"POST", "/import/people", "application/json", `[{"id":"W1","role":"practitioner","team":"East"}] and`, 422, "something stands behind the array"},
			{"POST", "/import/people", "application/json", `[{"id":"W1","role":"practitioner","team":["East"]}]`, 422, "row 1 is not an object of texts"},
			{"POST", "/import/people", "application/json", "[{\"id\":\"W1\",\"role\":\"practitioner\",\"\u202emaet\":\"East\"}]", 422, `"location":"row 1, column \\u202emaet"`},
			{"POST", "/import/people", "application/xml", `<a/>`, 415, "send text/csv or application/json"},
			{"POST", "/import/events?mapping=nobodys", "text/csv", rows, 422, `there is no mapping \"nobodys\"`},
			{"GET", "/duties?satte=open", "", "", 422, `"location":"query.satte"`},
			{"GET", "/duties?owner=W9", "", "", 404, `there is nobody with the id \"W9\"`},
			{"GET", "/duties?after=zzz", "", "", 422, "send that as it came"},
			{"GET", "/nothing", "", "", 404, "openapi.json lists what there is"},
			{"DELETE", "/duties", "", "", 405, "this path is there for GET alone"},
			{"OPTIONS", "/cases/KN-1/events", "", "", 405, "this path is there for POST alone"},
			{"GET", "/duties?state=open&state=overdue", "", "", 422, `"detail":"stands twice: keep one of the two","errors":[{"message":"stands twice: keep one of the two","location":"query.state"}]`},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"x8","at":"2026-09-02 10:00"}`, 422, `"detail":"body: expected required property kind to be present: /api/v1/openapi.json says what can stand there"`},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"x8","kind":"seen","at":"2026-09-02 10:00","by":"W9"}`, 422, `"location":"body.by"`},
			{"POST", "/cases/KN-1/events", "application/json", `{"event_id":"x8","kind":"reallocated","at":"2026-09-02 10:00","by":"M1","value":"W9"}`, 422, `"location":"body.value"`},
			{"POST", "/cases/KN-1/events", "application/json", "{\"event_id\":\"x8\",\"kind\":\"seen\",\"at\":\"2026-09-02 10:00\",\"reason\":\"caf\xe9\"}", 400, "this is not UTF-8"},
			{"POST", "/import/events", "application/json", "[{\"event_id\":\"x8\",\"case_ref\":\"KN-1\",\"kind\":\"seen\",\"at\":\"2026-09-02 10:00\",\"reason\":\"caf\xe9\"}]", 422, "this is not UTF-8"},
			{"POST", "/cases/KN-1/events", "application/json", `{"reason":"` + strings.Repeat("x", 10<<20) + `"}`, 413, `"status":413`},
			{"GET", "/openapi.json", "", "", 200, `"openapi":"3.1.0"`},
		} {
			status, answer := ask(step.method, step.path, step.contentType, step.body)
			if status != step.status || !strings.Contains(answer, step.says) {
				t.Errorf("%s %s %s: %d\n%s\nwant %d with %s", step.method, step.path, step.body, status, answer, step.status, step.says)
			}
			for _, private := range []string{"Lark", "SN1 1AA", "900777", "900101", "@example.org"} {
				if strings.Contains(answer, private) {
					t.Errorf("%s %s: the answer holds %q:\n%s", step.method, step.path, private, answer)
				}
			}
		}
		if _, document := ask("GET", "/openapi.json", "", ""); strings.Contains(document, "octet-stream") || !strings.Contains(document, `"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/EventRecordedBody"}}},"description":"It was recorded before, and nothing has changed."}`) {
			t.Errorf("the document does not say that an event is sent as JSON alone, and gives 200 where it is known:\n%s", document)
		}
		if person := d.command("duties", "--owner", "W1", "--format", "csv"); !strings.Contains(person, "KN-1,see-child-within-24h") && !strings.Contains(person, "KN-1,discuss-with-manager") {
			t.Errorf("the command does not show what came through the API:\n%s", person)
		}
		if shown := d.command("case", "KN-1"); !strings.Contains(shown, "from another system") {
			t.Errorf("the case does not say which way the visit came:\n%s", shown)
		}
		if digest := d.command("digest", "--manager", "M1"); !strings.Contains(digest, "Data of the record system as of today") {
			t.Errorf("the digest does not say from when the data is that came through the API:\n%s", digest)
		}
		d.command("restrict", "KN-2")
		if status, answer := ask("GET", "/cases/KN-2", "", ""); status != 404 || !strings.Contains(answer, "there is no case KN-2") {
			t.Errorf("a restricted case: %d\n%s\nwant it to be as one that there is not", status, answer)
		}
		if status, answer := ask("POST", "/cases/KN-2/events", "application/json", `{"event_id":"r1","kind":"no-access","at":"2026-09-03 15:00","by":"W1"}`); status != 201 || !strings.Contains(answer, `"duties":[]`) || strings.Contains(answer, "notes") {
			t.Errorf("a visit to a restricted case: %d\n%s\nwant it taken, and nothing told of the case", status, answer)
		}
		if status, answer := ask("POST", "/import/cases?dry_run=true", "application/json", `[{"ref":"KN-2","pathway":"csc-section-47","opened_at":"2026-09-02 09:00","practitioner":"W1","team":"East"}]`); status != 200 || !strings.Contains(answer, `"says":"team: 1 changed (…)"`) {
			t.Errorf("what changes of a restricted case: %d\n%s\nwant it counted, and not what it was", status, answer)
		}
		for path, says := range map[string]string{"/duties": `"restricted_cases":1`, "/messages?case=KN-2": `"messages":[]`, "/messages": `"messages":[`} {
			if status, answer := ask("GET", path, "", ""); status != 200 || strings.Contains(answer, "KN-2") || !strings.Contains(answer, says) {
				t.Errorf("%s with a restricted case: %d\n%s\nwant %s and nothing of it", path, status, answer, says)
			}
		}
		for _, format := range []string{"text", "csv", "jsonl"} {
			if out, errs, _ := d.try("duties", "--format", format); strings.Contains(out, "KN-2") || !strings.Contains(out, "KN-1") || !strings.Contains(errs, "1 restricted case has such duties as well") {
				t.Errorf("duties as %s with a restricted case:\n%s%s\nwant it counted and not named", format, out, errs)
			}
		}
		audit := strings.Join(strings.Fields(d.command("audit")), " ")
		for _, want := range []string{"token record-system look KN-1", "token record-system refused: look KN-2"} {
			if !strings.Contains(audit, want) {
				t.Errorf("the record of who looked at what is without %q:\n%s", want, audit)
			}
		}
		d.await("the reminders in the list of messages", func() bool {
			status, answer := ask("GET", "/messages?case=KN-1&person=M1", "", "")
			return status == 200 && strings.Contains(answer, `"duty":"discuss-with-manager"`)
		})
	})
}

// TestMessagesArePaged: page by page each comes once, in the order in which they were made,
// and one page is never all there are.
func TestMessagesArePaged(t *testing.T) {
	t.Parallel()
	d, ask := apiDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), "read")
	visit := now().Add(-time.Hour).UTC().Format(time.RFC3339)
	d.command("import", "events", d.write("events.csv", "case_ref,kind,at,by\nKN-1,no-access,"+visit+",W1\nKN-2,no-access,"+visit+",W1\n"))
	d.await("some messages", func() bool { return d.rows("messages") >= 2 })
	type page struct {
		Messages []struct{ ID string }
		Next     string
	}
	read := func(query string) (p page) {
		status, answer := ask("GET", "/messages"+query, "", "")
		if err := json.Unmarshal([]byte(answer), &p); err != nil || status != 200 {
			t.Fatalf("%s: %d, error %v: %s", query, status, err, answer)
		}
		return p
	}
	var paged []string
	for after, more := "", true; more && len(paged) < 100; {
		p := read("?limit=1&after=" + after)
		if len(p.Messages) > 1 {
			t.Errorf("a page of 1 has %d messages", len(p.Messages))
		}
		for _, m := range p.Messages {
			paged = append(paged, m.ID)
		}
		after, more = p.Next, p.Next != ""
	}
	var all []string
	for _, m := range read("").Messages[:len(paged)] { // more may have been made since
		all = append(all, m.ID)
	}
	if !slices.Equal(paged, all) || len(paged) < 2 {
		t.Errorf("page by page the messages are %v, want %v", paged, all)
	}
	if status, answer := ask("GET", "/messages?limit=501", "", ""); status != 422 || !strings.Contains(answer, "query.limit") {
		t.Errorf("all messages at once: %d %s, want that refused", status, answer)
	}
}

// TestDutiesArePaged: page by page each comes once, in the order of due times.
func TestDutiesArePaged(t *testing.T) {
	t.Parallel()
	d, ask := apiDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), "read")
	events := "case_ref,kind,at,by\n"
	for _, ref := range []string{"KN-1", "KN-2"} {
		events += ref + ",no-access,2026-09-02 10:00,W1\n" + ref + ",no-access,2026-09-03 10:00,W1\n"
	}
	d.command("import", "events", d.write("events.csv", events))
	var paged []string
	line := regexp.MustCompile(`"case":"([^"]*)","duty":"([^"]*)".*?"attempt":?(\d*).*?"due_at":"([^"]*)"`)
	for after, pages := "", 0; pages < 100; pages++ {
		status, answer := ask("GET", "/duties?limit=3&after="+after, "", "")
		if status != 200 {
			t.Fatalf("page %d: %d %s", pages, status, answer)
		}
		for _, one := range strings.Split(answer, "},{") {
			if m := line.FindStringSubmatch(one); m != nil {
				paged = append(paged, fmt.Sprint(m[4], " ", m[1], " ", m[2], " ", m[3]))
			}
		}
		next := regexp.MustCompile(`"next":"([^"]*)"`).FindStringSubmatch(answer)
		if next == nil {
			break
		}
		after = next[1]
	}
	_, whole := ask("GET", "/duties?limit=500", "", "")
	var all []string
	for _, one := range strings.Split(whole, "},{") {
		if m := line.FindStringSubmatch(one); m != nil {
			all = append(all, fmt.Sprint(m[4], " ", m[1], " ", m[2], " ", m[3]))
		}
	}
	if len(all) < 10 || strings.Join(paged, "\n") != strings.Join(all, "\n") {
		t.Errorf("page by page\n%s\nat once\n%s\nwant the same", strings.Join(paged, "\n"), strings.Join(all, "\n"))
	}
}

// TestATokenMayDoWhatItsScopesSay: and nothing else, and nothing once it is revoked.
func TestATokenMayDoWhatItsScopesSay(t *testing.T) {
	t.Parallel()
	d, ask := apiDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), "events")
	asks := []struct{ method, path, scope string }{
		{"GET", "/duties", "read"}, {"GET", "/cases/KN-1", "read"}, {"GET", "/messages", "read"},
		{"POST", "/import/people", "people"}, {"POST", "/import/cases", "cases"}, {"POST", "/import/events", "events"}, {"POST", "/cases/KN-1/events", "events"},
	}
	for _, a := range asks {
		status, answer := ask(a.method, a.path, "application/json", "{}")
		if allowed := a.scope == "events"; (status == http.StatusForbidden) == allowed {
			t.Errorf("%s %s: %d %s, want it to be allowed: %v", a.method, a.path, status, answer, allowed)
		}
	}
	if status, answer := ask("GET", "/duties", "", ""); status != 403 || !strings.Contains(answer, `the token \"record-system\" may not do this: it needs the scope read`) {
		t.Errorf("%d %s, want to be told which scope is missing", status, answer)
	}
	d.command("token", "revoke", "record-system")
	for _, a := range asks {
		if status, answer := ask(a.method, a.path, "application/json", "{}"); status != http.StatusUnauthorized {
			t.Errorf("%s %s: %d %s, want 401 once the token is revoked", a.method, a.path, status, answer)
		}
	}
	if status, body := d.get("/api/v1/duties"); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d %s, want 401", status, body)
	}
}

// TestSomebodysDueTimesCanBeSubscribedTo: by whoever has the address, until there is
// another one, it is ended, or the person has left.
func TestSomebodysDueTimesCanBeSubscribedTo(t *testing.T) {
	t.Parallel()
	d, _ := apiDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), "read")
	address := func() string {
		t.Helper()
		_, path, _ := strings.Cut(strings.TrimSpace(d.command("calendar", "W1")), "/calendar/")
		return "/calendar/" + path
	}
	first := address()
	status, text := d.get(first)
	if status != 200 || !strings.Contains(text, "SUMMARY:Due: ") || !strings.Contains(text, "KN-1") || !strings.Contains(text, "KN-2") {
		t.Errorf("%d\n%s\nwant the due times on both cases", status, text)
	}
	if !strings.Contains(text, "X-WR-CALNAME:Doorstep\r\n") {
		t.Errorf("the calendar has no name, so that a phone shows its address:\n%s", text)
	}
	for _, private := range []string{"Lark", "SN1", "900777", "section"} {
		if strings.Contains(text, private) {
			t.Errorf("the calendar holds %q:\n%s", private, text)
		}
	}
	gone := func(what, path string) {
		t.Helper()
		if status, _ := d.get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", what, status)
		}
	}
	second := address()
	gone("the address before", first)
	gone("another address", "/calendar/"+strings.Repeat("a", 26)+".ics")
	if status, _ := d.get(second); status != 200 {
		t.Errorf("the new address: %d, want 200", status)
	}
	d.command("import", "people", d.write("left.csv", "id,role,active_until\nW1,practitioner,2026-09-01\n"))
	gone("somebody who has left", second)
	d.command("calendar", "W1", "--end")
	if _, errs, code := d.try("calendar", "W7"); code != exitUsage || !strings.Contains(errs, `there is nobody with the id "W7"`) {
		t.Errorf("exit %d: %s, want to be told that there is no W7", code, errs)
	}
}
