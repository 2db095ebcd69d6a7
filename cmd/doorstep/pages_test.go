package main

import (
	"database/sql"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// site is a daemon with people, cases and accounts.
type site struct {
	*daemon
	database string
	now      time.Time // when its events were written
}

// password is that of every account of the tests.
const password = "four words that rhyme"

const sitePeople = `id,name,role,team,email,mobile,channel,reports_to,cover,away_from,away_until
W1,Sam Okafor,practitioner,North,w1@example.org,07700 900001,email,M1,,,
W2,Priya Nair,practitioner,North,w2@example.org,07700 900002,sms,M1,W1,2026-01-01,
W3,Joan Webb,practitioner,South,w3@example.org,07700 900003,email,M2,,,
M1,Helen Marsh,manager,North,m1@example.org,07700 900011,email,S1,,,
M2,Owen Price,manager,South,m2@example.org,07700 900012,email,S1,,,
S1,Ada Cole,service-manager,,s1@example.org,07700 900021,email,,,,
C1,Chris Hall,chair,,c1@example.org,07700 900031,email,,,,
A1,Alex Reid,admin,North,a1@example.org,,email,,,,
`

// newSite starts a daemon on a database: KN-1 is W1's with a visit without access two
// hours ago, KN-2 is W2's, for whom W1 stands in, KN-3 of the same household is W1's, and
// SO-1 is W3's in another team.
func newSite(t testing.TB, database string, configured ...string) *site {
	t.Helper()
	s := &site{daemon: &daemon{t: t, binary: buildBinary(t), folder: t.TempDir()}, database: database, now: time.Now()}
	s.begin(configured...)
	return s
}

// begin fills a site, as of its now, and starts it.
func (s *site) begin(configured ...string) {
	s.t.Helper()
	ago := func(d time.Duration) string { return s.now.Add(-d).UTC().Format(time.RFC3339) }
	s.write("doorstep.yaml", fmt.Sprintf("database: %q\nlisten: 127.0.0.1:0\norganisation: {name: Northtown Council}\nduty_address: {email: duty@example.org}\n", s.database)+strings.Join(configured, "\n"))
	day := 24 * time.Hour
	s.write("cases.csv", `ref,pathway,opened_at,practitioner,manager,chair,team,plan,household,addressee,address_1,postcode,phone,safe_to_write
KN-1,csc-plan,`+ago(30*day)+`,W1,M1,C1,North,cp,H1,Parent or carer,1 Test Avenue,SN2 2ZZ,01632 960901,yes
KN-2,csc-child-and-family,`+ago(5*day)+`,W2,M1,,North,,H1,Parent or carer,1 Test Avenue,SN2 2ZZ,01632 960901,yes
KN-3,csc-child-and-family,`+ago(9*day)+`,W1,M1,,North,,H1,Parent or carer,1 Test Avenue,SN2 2ZZ,01632 960901,no
HV-1,hv-child,`+ago(20*day)+`,W1,M1,,North,,H4,Parent or carer,4 Test Avenue,SN2 2ZZ,01632 960904,yes
SO-1,csc-child-and-family,`+ago(5*day)+`,W3,M2,,South,,H3,Parent or carer,3 Test Avenue,SN2 2ZZ,01632 960903,yes
`)
	s.write("events.csv", `event_id,case_ref,kind,at,recorded_at,by,value,reason
e1,KN-1,seen,`+ago(20*day)+`,`+ago(20*day)+`,W1,,
e2,KN-1,no-access,`+ago(26*time.Hour)+`,`+ago(25*time.Hour)+`,W1,,
e3,KN-1,no-access,`+ago(2*time.Hour)+`,`+ago(time.Hour)+`,W1,,
e4,KN-3,seen,`+ago(3*day)+`,`+ago(3*day)+`,W1,,
e5,KN-3,voided,`+ago(2*day)+`,`+ago(2*day)+`,W1,e4,wrong case
e6,HV-1,not-brought,`+ago(3*day)+`,`+ago(3*day)+`,W1,,
`)
	s.write("people.csv", sitePeople)
	for _, kind := range []string{"people", "cases", "events"} {
		s.command("import", kind, kind+".csv")
	}
	s.start()
}

// onBoth runs a test on a site on each database.
func onBoth(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, url string) { test(t, newSite(t, url)) })
}

// endSessions makes every session one that has just ended.
func (s *site) endSessions() {
	s.t.Helper()
	s.execute("UPDATE sessions SET expires_at = $1", time.Now().Add(-time.Minute).UnixMilli())
}

// execute changes a SQLite database behind the daemon's back.
func (s *site) execute(statement string, args ...any) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(s.database, "sqlite:")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(s.t.Context(), statement, args...); err != nil {
		s.t.Fatal(err)
	}
}

// account gives a person an account.
func (s *site) account(id string) {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), s.binary, "account", "add", id, "--config", "doorstep.yaml")
	c.Dir, c.Stdin = s.folder, strings.NewReader(password+"\n")
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("account add %s: %v: %s", id, err, out)
	}
}

// browser is somebody's, who may be signed in.
type browser struct {
	*site
	http *http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is the browser of somebody with an account, signed in.
func (s *site) signedIn(id string) *browser {
	s.t.Helper()
	s.account(id)
	b := s.browser()
	if got := b.signIn(id, password); got.status != http.StatusSeeOther {
		s.t.Fatalf("signing in as %s gives %d to %q: %s", id, got.status, got.to, got.text())
	}
	return b
}

func (b *browser) signIn(id, password string) *answer {
	b.t.Helper()
	return b.post("/signin", url.Values{"person": {id}, "password": {password}, "next": {"/"}})
}

// answer is what a page says.
type answer struct {
	status int
	to     string // where it sends the browser
	body   string
	header http.Header
}

func (b *browser) get(path string) *answer {
	b.t.Helper()
	got := b.ask(http.MethodGet, path, nil)
	if got.status == http.StatusSeeOther && strings.Contains(got.to, "event_id=") {
		return b.ask(http.MethodGet, got.to, nil) // the same form, under a name
	}
	return got
}

func (b *browser) post(path string, form url.Values) *answer {
	b.t.Helper()
	return b.ask(http.MethodPost, path, form)
}

func (b *browser) ask(method, path string, form url.Values) *answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, "http://"+b.listen+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return b.do(request)
}

func (b *browser) do(request *http.Request) *answer {
	b.t.Helper()
	response, err := b.http.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return &answer{response.StatusCode, response.Header.Get("Location"), string(body), response.Header}
}

var (
	tags     = regexp.MustCompile(`<[^>]*>`)
	mainPart = regexp.MustCompile(`(?s)<main.*</main>`)
	inputs   = regexp.MustCompile(`<input[^>]* name="([^"]*)"[^>]*>`)
	valueOf  = regexp.MustCompile(` value="([^"]*)"`)
)

// text is what people read in the main part of a page, in one line.
func (a *answer) text() string {
	text := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(mainPart.FindString(a.body), " "))), " ")
	return strings.NewReplacer(" ,", ",", " .", ".", " :", ":").Replace(text)
}

// hidden are the values that a form of the page carries without showing them.
func (a *answer) hidden() url.Values {
	values := url.Values{}
	for _, input := range inputs.FindAllStringSubmatch(a.body, -1) {
		if value := valueOf.FindStringSubmatch(input[0]); value != nil && strings.Contains(input[0], `type="hidden"`) {
			values.Set(input[1], html.UnescapeString(value[1]))
		}
	}
	return values
}

// says fails the test unless a page has this status and says all of this.
func (a *answer) says(t testing.TB, what string, status int, texts ...string) {
	t.Helper()
	text := a.text()
	if a.status != status {
		t.Errorf("%s gives %d, want %d: %s", what, a.status, status, text)
	}
	var missing []string
	for _, want := range texts {
		if !strings.Contains(text, want) {
			missing = append(missing, want)
		}
	}
	if len(missing) > 0 {
		t.Errorf("%s says %q, want it to say %q", what, text, missing)
	}
}

// saysNot fails the test where a page says any of this.
func (a *answer) saysNot(t testing.TB, what string, texts ...string) {
	t.Helper()
	for _, not := range texts {
		if strings.Contains(a.body, not) {
			t.Errorf("%s says %q, want nothing of it: %s", what, not, a.text())
		}
	}
}

// run0 runs a program to its good end and returns what it said.
func run0(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}
