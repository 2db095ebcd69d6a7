package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/store/storetest"
)

// A caseload of a county: so many cases a practitioner, so many practitioners a manager,
// so many managers a service manager, and one case of so many overdue.
const (
	casesEach       = 200
	practitionersOf = 10
	managersOf      = 10
	overdueOneIn    = 25
	visitsBeside    = 800 // in each file that comes in beside
	loadClients     = 50
	loadSignedIn    = 5 // managers, each of whom several clients are
)

// loadSite is a site with so many open cases, one in twenty-five of which has had a visit
// without access nine days ago, with its duties overdue by now on whatever day of the week.
func loadSite(b *testing.B, database string, cases int) *site {
	b.Helper()
	s := &site{daemon: &daemon{t: b, binary: buildBinary(b), folder: b.TempDir()}, database: database, now: time.Now()}
	s.write("doorstep.yaml", fmt.Sprintf("database: %q\nlisten: 127.0.0.1:0\norganisation: {name: Northtown Council}\nduty_address: {email: duty@example.org}\nschedules: {scan: \"@every 5s\", digest: \"\"}\n", database))
	if _, err := os.Stat(strings.TrimPrefix(database, "sqlite:")); err == nil { // filled before, perhaps by an older program
		s.command("migrate")
		return s
	}
	file := func(name string, fill func(w *bufio.Writer)) string {
		f, err := os.Create(filepath.Join(s.folder, name))
		if err != nil {
			b.Fatal(err)
		}
		w := bufio.NewWriter(f)
		fill(w)
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
		return name
	}
	workers := max(1, cases/casesEach)
	s.command("migrate")
	s.command("import", "people", file("people.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "id,name,role,team,email,mobile,channel,reports_to")
		for m := range workers/practitionersOf + 1 {
			if m%managersOf == 0 {
				fmt.Fprintf(w, "S%d,Service Manager %d,service-manager,,s%d@example.org,,email,\n", m/managersOf, m/managersOf, m/managersOf)
			}
			fmt.Fprintf(w, "M%d,Manager %d,manager,T%d,m%d@example.org,,email,S%d\n", m, m, m, m, m/managersOf)
		}
		for n := range workers {
			fmt.Fprintf(w, "W%d,Worker %d,practitioner,T%d,w%d@example.org,,email,M%d\n", n, n, n/practitionersOf, n, n/practitionersOf)
		}
	}))
	opened := func(days int) string { return s.now.AddDate(0, 0, -days).UTC().Format(time.RFC3339) }
	long, lately := opened(20), opened(1)
	s.command("import", "cases", file("cases.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "ref,pathway,opened_at,practitioner,manager,team,household")
		for n := range cases {
			worker, since := min(n/casesEach, workers-1), lately
			if n%overdueOneIn == 0 {
				since = long
			}
			fmt.Fprintf(w, "KN-%d,hv-child,%s,W%d,M%d,T%d,H%d\n", n, since, worker, worker/practitionersOf, worker/practitionersOf, n/2)
		}
	}))
	s.command("import", "events", file("events.csv", func(w *bufio.Writer) { s.loadVisits(w, "a", s.now.AddDate(0, 0, -9), 0, overdueOneIn, cases) }))
	return s
}

// loadVisits are visits without access at an instant: one for every so many cases, from the
// first on.
func (s *site) loadVisits(w *bufio.Writer, name string, at time.Time, first, every, cases int) {
	fmt.Fprintln(w, "event_id,case_ref,kind,at,by")
	for n := first; n < cases; n += every {
		fmt.Fprintf(w, "%s%d,KN-%d,no-access,%s,W%d\n", name, n, n, at.UTC().Format(time.RFC3339), min(n/casesEach, max(1, cases/casesEach)-1))
	}
}

// proc reads a figure of a process: kilobytes of memory, or hundredths of a second of
// processor.
func (p *process) proc() (residentKB, ticks int) {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	residentKB, _ = strconv.Atoi(strings.Fields(after)[0])
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	_, after, _ = strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return residentKB, user + system
}

// took is how long answers took to somebody's question, in order.
type took []time.Duration

func (t took) at(percent int) float64 {
	if len(t) == 0 {
		return 0
	}
	slices.Sort(t)
	return float64(t[min(len(t)-1, len(t)*percent/100)].Microseconds()) / 1000
}

// BenchmarkPagesOverManyCases has fifty people look at case pages and at what is overdue,
// each once a second, while a scan runs each five seconds and files come in without a
// pause: in each some hundred visits of the day, each time to other cases. It prints how long the
// server took (served), by its own figures, which are as fine as their steps; how long the
// answers took as seen by a client on the same two cores; what processor each asked for
// when nobody else asked; and what memory the daemon held. DOORSTEP_BENCH_CASES says over how many cases, DOORSTEP_BENCH_FOLDER where a
// filled SQLite database is kept for the next time.
func BenchmarkPagesOverManyCases(b *testing.B) {
	cases, err := strconv.Atoi(os.Getenv("DOORSTEP_BENCH_CASES"))
	if err != nil {
		cases = 20_000
	}
	for _, on := range []string{"SQLite", "PostgreSQL"} {
		b.Run(on, func(b *testing.B) {
			folder := os.Getenv("DOORSTEP_BENCH_FOLDER")
			if folder == "" {
				folder = b.TempDir()
			}
			url := "sqlite:" + filepath.Join(folder, fmt.Sprintf("cases-%d.db", cases))
			if on == "PostgreSQL" {
				url = storetest.PostgresURL(b)
			}
			s := loadSite(b, url, cases)
			if on == "PostgreSQL" { // as it is once it has been there for a day
				for _, do := range []string{"VACUUM (ANALYZE)", "CHECKPOINT"} {
					query(b, url, do, func(*sql.Rows) error { return nil })
				}
			}
			for n := range loadManagers(cases) {
				s.account(fmt.Sprintf("M%d", n))
			}
			p := s.start()
			s.awaitFor(20*time.Minute, func() string { return "the first scan" }, func() bool {
				return count(b, url, "SELECT count(*) FROM schedules WHERE name = 'scan' AND last_success_at IS NOT NULL") > 0
			})
			s.awaitFor(20*time.Minute, func() string { return "what the first scan tells to have gone" }, func() bool {
				return count(b, url, fmt.Sprintf("SELECT count(*) FROM messages WHERE state IN ('queued', 'sending') AND next_try_at <= %d", time.Now().UnixMilli())) == 0
			})
			people, pages := s.loadPeople(cases), []string{loadCase, loadOverdue}
			alone, processor := map[string]took{}, map[string]float64{}
			for _, what := range pages {
				_, before := p.proc()
				for n := range 200 {
					alone[what] = append(alone[what], people[n%len(people)].looksAt(what))
				}
				_, after := p.proc()
				processor[what] = float64(after-before) * 10 / 200
			}
			done := make(chan struct{})
			var beside sync.WaitGroup
			beside.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-done:
						return
					default:
					}
					f, err := os.Create(filepath.Join(s.folder, "beside.csv"))
					if err != nil {
						b.Error(err)
						return
					}
					w := bufio.NewWriter(f)
					every := max(1, cases/visitsBeside)
					s.loadVisits(w, fmt.Sprintf("b%d-%d-", s.now.Unix(), n), s.now.Add(-time.Hour), n%every, every, cases)
					w.Flush()
					f.Close()
					if _, errs, code := s.try("import", "events", "beside.csv"); code != exitDone {
						b.Errorf("the import beside: %s", errs)
						return
					}
				}
			})
			var mu sync.Mutex
			answers := map[string]took{}
			first := people[0].answerTimes()
			b.ResetTimer()
			for b.Loop() {
				var clients sync.WaitGroup
				until := time.Now().Add(20 * time.Second)
				for n := range loadClients {
					clients.Go(func() {
						who := people[n%len(people)]
						for time.Now().Before(until) {
							what := pages[rand.IntN(2)]
							time.Sleep(time.Duration(500+rand.IntN(1000)) * time.Millisecond) // a person reads
							d := who.looksAt(what)
							mu.Lock()
							answers[what] = append(answers[what], d)
							mu.Unlock()
						}
					})
				}
				clients.Wait()
			}
			b.StopTimer()
			served := people[0].answerTimes()
			close(done)
			beside.Wait()
			for _, what := range pages {
				b.ReportMetric(processor[what], what+"-cpu-ms")
				b.ReportMetric(alone[what].at(50), what+"-alone-p50-ms")
				b.ReportMetric(answers[what].at(50), what+"-p50-ms")
				b.ReportMetric(answers[what].at(95), what+"-p95-ms")
				b.ReportMetric(servedIn(first[loadRoutes[what]], served[loadRoutes[what]], 50), what+"-served-p50-ms")
				b.ReportMetric(servedIn(first[loadRoutes[what]], served[loadRoutes[what]], 95), what+"-served-p95-ms")
			}
			resident, _ := p.proc()
			b.ReportMetric(float64(resident)/1024, "RSS-MB")
			p.stop()
		})
	}
}

// loadPerson is a manager at the pages, who looks at what is overdue and at their cases.
type loadPerson struct {
	*browser
	first, cases int // their cases: from this number on, so many
}

func (s *site) loadPeople(cases int) (people []*loadPerson) {
	s.t.Helper()
	const each = casesEach * practitionersOf
	for n := range loadManagers(cases) {
		who := s.browser()
		if got := who.signIn(fmt.Sprintf("M%d", n), password); got.status != http.StatusSeeOther {
			s.t.Fatalf("signing in gives %d: %s", got.status, got.text())
		}
		people = append(people, &loadPerson{who, n * each, min(each, cases)})
	}
	return people
}

// loadManagers is how many managers look.
func loadManagers(cases int) int { return max(1, min(loadSignedIn, cases/casesEach/practitionersOf)) }

// The pages that are asked for.
const (
	loadCase    = "case"
	loadOverdue = "overdue"
)

// loadRoutes are their patterns.
var loadRoutes = map[string]string{loadCase: "GET /cases/{ref}", loadOverdue: "GET /overdue"}

func (p *loadPerson) looksAt(what string) time.Duration {
	path := "/overdue"
	if what == loadCase {
		path = fmt.Sprintf("/cases/KN-%d", p.first+rand.IntN(p.cases))
	}
	return p.timed(path)
}

// timed asks for a page that is there, and returns how long that took.
func (b *browser) timed(path string) time.Duration {
	began := time.Now()
	if got := b.ask(http.MethodGet, path, nil); got.status != http.StatusOK {
		b.t.Errorf("%s gives %d: %s", path, got.status, got.text())
	}
	return time.Since(began)
}
