package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// What ships for whoever watches over the daemon.
const (
	alertRules = "../../deploy/prometheus/doorstep.rules.yml"
	dashboard  = "../../deploy/grafana/doorstep.json"
)

var alertTests = []string{"../../deploy/prometheus/doorstep.rules_test.yml", "../../deploy/prometheus/doorstep.rules_days_test.yml"}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("there is no promtool: install the package prometheus")
	}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// rule is an alert as its file writes it.
type rule struct {
	Alert       string
	Expr        string
	Labels      struct{ Severity string }
	Annotations struct{ Summary, Description string }
}

func readRules(t *testing.T) []rule {
	t.Helper()
	data, err := os.ReadFile(alertRules)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct{ Rules []rule }
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) == 0 {
		t.Fatalf("%s has no alerts", alertRules)
	}
	return all
}

// TestEachAlertFiresOnWhatItIsFor: promtool plays the stories beside the rules, and
// there is one for each.
func TestEachAlertFiresOnWhatItIsFor(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", alertRules)
	promtool(t, append([]string{"test", "rules"}, alertTests...)...)
	var stories string
	for _, path := range alertTests {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stories += string(data)
	}
	for _, r := range readRules(t) {
		if !strings.Contains(stories, fmt.Sprintf("alertname=%q", r.Alert)) {
			t.Errorf("%s fires in no story of %v", r.Alert, alertTests)
		}
		if r.Annotations.Summary == "" || r.Annotations.Description == "" || r.Labels.Severity != "page" && r.Labels.Severity != "ticket" {
			t.Errorf("%s does not say what is wrong, what to do and how urgent it is: %+v", r.Alert, r)
		}
	}
}

// expressions are those of the dashboard, by the titles of their panels.
func expressions(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile(dashboard)
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title  string
		Panels []struct {
			ID          int
			Title, Type string
			Datasource  struct{ UID string }
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	all, ids := map[string][]string{}, map[int]bool{}
	for _, p := range board.Panels {
		if p.Title == "" || ids[p.ID] || p.Type != "row" && (len(p.Targets) == 0 || p.Datasource.UID != "${datasource}") {
			t.Errorf("panel %d, %q: want a title, an id of its own, something to show, and the data source that is chosen", p.ID, p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			all[p.Title] = append(all[p.Title], target.Expr)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s shows nothing", dashboard)
	}
	return all
}

// A series as expressions name it; what Prometheus adds by itself is not the daemon's.
var (
	seriesNamed  = regexp.MustCompile(`\b((?:doorstep|process|go)_[a-z_]+)(?:\{([^}]*)\})?`)
	labelMatcher = regexp.MustCompile(`(\w+)(=~|!=|!~|=)"([^"]*)"`)
)

// lacks returns the series that an expression names and figures have not.
func lacks(t *testing.T, expression string, figures []string) (missing []string) {
	t.Helper()
	for _, named := range seriesNamed.FindAllStringSubmatch(expression, -1) {
		matchers := labelMatcher.FindAllStringSubmatch(named[2], -1)
		if !slices.ContainsFunc(figures, func(line string) bool { return matches(t, line, named[1], matchers) }) {
			missing = append(missing, named[0])
		}
	}
	return missing
}

// matches reports whether a line of /metrics is of a series.
func matches(t *testing.T, line, name string, matchers [][]string) bool {
	t.Helper()
	series := line[:strings.LastIndex(line, " ")]
	found, labels, _ := strings.Cut(series, "{")
	if found != name {
		return false
	}
	has := map[string]string{}
	for _, l := range labelMatcher.FindAllStringSubmatch(labels, -1) {
		has[l[1]] = l[3]
	}
	for _, m := range matchers {
		as := regexp.QuoteMeta(m[3])
		if strings.HasSuffix(m[2], "~") {
			as = m[3]
		}
		equal, err := regexp.MatchString("^(?:"+as+")$", has[m[1]])
		if err != nil {
			t.Fatal(err)
		}
		if equal == strings.HasPrefix(m[2], "!") {
			return false
		}
	}
	return true
}

// TestSeriesAreThereBeforeTheirFirstSuccess: of a daemon that has just started on an
// empty database, whose scans only begin in a year, every series is there that an
// alert names; and with everything that can be set up, every one of the dashboard.
func TestSeriesAreThereBeforeTheirFirstSuccess(t *testing.T) {
	t.Parallel()
	mail, texts := smtptest.Start(t, smtptest.Options{}), twiliotest.Start(t, twiliotest.Options{})
	const idle = `{scan: "@every 8760h", inbox: "@every 8760h", digest: "@every 8760h", contact_test: "", bounces: "", probe: "@every 8760h"}`
	figures := func(more ...keys) []string {
		d := newCouncil(t, mail, append(more, keys{"schedules": idle})...)
		d.start()
		status, body := d.get("/metrics")
		if status != 200 {
			t.Fatalf("/metrics answers %d", status)
		}
		return slices.DeleteFunc(strings.Split(body, "\n"), func(line string) bool { return line == "" || strings.HasPrefix(line, "#") })
	}
	bare, whole := figures(), figures(byTwilio(texts, calledBack))
	for _, r := range readRules(t) {
		if missing := lacks(t, r.Expr, bare); len(missing) > 0 {
			t.Errorf("alert %s names %q, which a daemon that has just started does not have", r.Alert, missing)
		}
	}
	for title, all := range expressions(t) {
		for _, expression := range all {
			if missing := lacks(t, expression, whole); len(missing) > 0 {
				t.Errorf("the panel %q names %q, which a daemon that has just started does not have", title, missing)
			}
		}
	}
}

// TestEachListenerOfTheDaemonAnswersItsOwn: the health checks and what providers call,
// each at an address that answers nothing else.
func TestEachListenerOfTheDaemonAnswersItsOwn(t *testing.T) {
	t.Parallel()
	mail, texts := smtptest.Start(t, smtptest.Options{}), twiliotest.Start(t, twiliotest.Options{})
	d := newCouncil(t, mail, byTwilio(texts, calledBack), keys{"operations_listen": "127.0.0.1:0", "callbacks_listen": "127.0.0.1:0"})
	p := d.start()
	for _, at := range []struct {
		key    string
		status map[string]int // of a GET
	}{
		{"listen", map[string]int{"/healthz": 404, "/readyz": 404, "/metrics": 404, twilioStatusPath: 404}},
		{"operations_listen", map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, twilioStatusPath: 404}},
		{"callbacks_listen", map[string]int{"/healthz": 404, "/readyz": 404, "/metrics": 404, twilioStatusPath: 405}}, // it is to be a POST
	} {
		d.listen = p.listens(at.key)
		for path, want := range at.status {
			if got, _ := d.get(path); got != want {
				t.Errorf("%s at %s is answered %d, want %d", path, at.key, got, want)
			}
		}
	}
	if code, log := p.stop(); code != exitDone {
		t.Errorf("serve stopped with exit %d and logged %s", code, log)
	}
}
