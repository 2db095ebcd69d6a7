package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

// reportsSheet is the figures of the teams that somebody oversees.
type reportsSheet struct {
	Months        int // of the period
	Periods       []int
	Team, Pathway string
	Teams         []string // that can be chosen
	Pathways      []string
	Hidden        int  // restricted cases with something to be done, which whoever looks cannot open
	Counting      bool // the figures are not there yet
	Recounting    bool // newer ones are not there yet
	Again         string
	CSV           string
	Counted       time.Time
	From, Until   time.Time
	Charts        []*chart
	Lines         []casefile.Figure
}

// chart is one set of figures, by month: drawn, and as a table.
type chart struct {
	Name string // that the wording knows
	Rows []chartRow
	High int // what the longest bar is drawn for
}

type chartRow struct {
	Month time.Time
	Now   bool // the month is not over yet
	Count int
	Of    casefile.Share // charts of shares
	Parts []casefile.Share
}

// reportPeriods are how many months a report can be of.
var reportPeriods = []int{3, 6, 12, 24}

// reported are the figures of all teams for a period, as the pages show them.
type reported struct {
	*casefile.Figures
	at time.Time
}

// reports counts figures for the pages: at most one count at a time, whatever how many
// people ask, and kept for a while, so that no other page waits for the database because
// of them.
type reports struct {
	mu       sync.Mutex
	counting map[int]bool
	counted  map[int]reported // by months
	one      sync.Mutex       // held by whoever counts
}

const (
	figuresLast     = 10 * time.Minute // how old figures are shown at most
	figuresPatience = 3 * time.Second  // how long a page waits for them
	figuresAtMost   = 10 * time.Minute // how long counting may take
)

// figures returns the figures of a period that are known, and whether they are being
// counted. Those that are no longer new are counted again, and shown with their instant
// meanwhile; a page waits only where none are known, and not for long: nil then.
func (r *reports) figures(ctx context.Context, months int, now time.Time, count func(context.Context) (*casefile.Figures, error)) (known *reported, counting bool) {
	if known, counting = r.known(months, now); known != nil && !counting {
		return known, false
	}
	done := make(chan struct{})
	if r.begin(months) {
		go func() {
			defer close(done)
			r.count(context.WithoutCancel(ctx), months, now, count)
		}()
	} else if known == nil {
		close(done)
	}
	if known != nil {
		return known, true
	}
	select {
	case <-done:
	case <-time.After(figuresPatience):
	case <-ctx.Done():
	}
	return r.known(months, now)
}

// known returns the last figures of a period, and whether they are to be counted.
func (r *reports) known(months int, now time.Time) (*reported, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, has := r.counted[months]
	if !has {
		return nil, true
	}
	return &f, now.Sub(f.at).Abs() >= figuresLast
}

// begin reports whether nobody counts these figures yet; whoever asks does then.
func (r *reports) begin(months int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counting[months] {
		return false
	}
	r.counting[months] = true
	return true
}

func (r *reports) count(ctx context.Context, months int, now time.Time, count func(context.Context) (*casefile.Figures, error)) {
	r.one.Lock()
	defer r.one.Unlock()
	ctx, cancel := context.WithTimeout(ctx, figuresAtMost)
	defer cancel()
	figures, err := count(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.counting, months)
	if err == nil {
		r.counted[months] = reported{figures, now}
	}
}

// countFigures counts the figures of so many months as they stand now.
func (v *visit) countFigures(months int) func(context.Context) (*casefile.Figures, error) {
	a, now := v.app, v.now
	return func(ctx context.Context) (*casefile.Figures, error) {
		calendar := a.Rules.Calendar
		figures, err := casefile.CountFigures(ctx, a.Store, calendar, casefile.FiguresFrom(calendar, now, months), now, now)
		if err != nil {
			a.Log.Warn("the figures of a report cannot be counted", "reason", err)
		}
		return figures, err
	}
}

// readReport reads what an address asks for. A team that is not theirs is no team.
func (v *visit) readReport() (*reportsSheet, *casefile.Figures, error) {
	if err := v.enter("reports", pathway.DeedOversee); err != nil {
		return nil, nil, err
	}
	q := v.r.URL.Query()
	s := &reportsSheet{Months: 12, Periods: reportPeriods, Team: q.Get("team"), Pathway: q.Get("pathway")}
	if text := q.Get("months"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || !slices.Contains(reportPeriods, n) {
			return nil, nil, unknownField{"months"}
		}
		s.Months = n
	}
	own := url.Values{"months": {strconv.Itoa(s.Months)}, "team": {s.Team}, "pathway": {s.Pathway}}.Encode()
	s.Again, s.CSV = "/reports?"+own, "/reports.csv?"+own
	var err error
	if s.Teams, err = v.Store.TeamsOf(v.ctx(), v.who); err != nil {
		return nil, nil, err
	}
	if s.Team != "" && !slices.Contains(s.Teams, s.Team) {
		return nil, nil, unknownField{"team"}
	}
	s.Hidden, err = v.Store.ClosedOff(v.ctx(), pathway.ScopeOf(v.who, pathway.DeedLook), store.DutyFilter{OpenAt: v.now, Team: s.Team})
	if err != nil {
		return nil, nil, err
	}
	all, counting := v.reports.figures(v.ctx(), s.Months, v.now, v.countFigures(s.Months))
	if s.Counting = all == nil; s.Counting {
		return s, nil, nil
	}
	s.Recounting = counting
	s.Counted, s.From, s.Until = all.at, all.From, all.Until
	for _, l := range all.Of(s.Teams, "").Lines {
		if !slices.Contains(s.Pathways, l.Pathway) {
			s.Pathways = append(s.Pathways, l.Pathway)
		}
	}
	slices.Sort(s.Pathways)
	if s.Pathway != "" && !slices.Contains(s.Pathways, s.Pathway) && v.Rules.Pathway(s.Pathway) == nil {
		return nil, nil, unknownField{"pathway"}
	}
	teams := slices.DeleteFunc(slices.Clone(s.Teams), func(team string) bool { return s.Team != "" && team != s.Team })
	return s, all.Of(teams, s.Pathway), nil
}

func (a *app) showReports(v *visit) error {
	s, figures, err := v.readReport()
	if err != nil {
		return err
	}
	if !s.Counting {
		s.Lines = figures.Lines
		s.Charts = v.charts(figures)
	}
	return v.show(http.StatusOK, "reports", s)
}

// MonthOf is the month that a line names.
func (s *reportsSheet) MonthOf(line string) time.Time { return figureMonth(line) }

func figureMonth(text string) time.Time {
	month, _ := time.Parse("2006-01", text) // as the figures write it
	return month
}

// charts are the four of a report.
func (v *visit) charts(figures *casefile.Figures) []*chart {
	visits, discussed, seen, overdue := &chart{Name: "unsuccessful"}, &chart{Name: "discussed"}, &chart{Name: "seen"}, &chart{Name: "overdue"}
	for _, m := range figures.ByMonth(v.Rules.Calendar) {
		row := chartRow{Month: figureMonth(m.Month), Now: m.Month == v.local().Format("2006-01")}
		add := func(c *chart, high int, row chartRow) {
			c.Rows, c.High = append(c.Rows, row), max(c.High, high, 1)
		}
		with := func(count int) chartRow { r := row; r.Count = count; return r }
		share := func(of casefile.Share, parts ...casefile.Share) chartRow {
			r := row
			r.Of, r.Count, r.Parts = of, of.Percent(), parts
			return r
		}
		add(visits, m.Unsuccessful, with(m.Unsuccessful))
		add(discussed, 100, share(m.Discussed))
		add(seen, 100, share(m.SeenInDays.Plus(m.SeenInHours), m.SeenInDays, m.SeenInHours))
		add(overdue, m.Overdue, with(m.Overdue))
	}
	return []*chart{visits, discussed, seen, overdue}
}

// A bar chart: a line for each month, so that it can be read on a phone too.
const (
	chartLine = 26  // high
	chartBar  = 150 // how long the longest bar is
)

// Height is how high the chart is drawn.
func (c *chart) Height() int { return chartLine*len(c.Rows) + 4 }

// Y is where the line of a month begins.
func (c *chart) Y(i int) int { return chartLine * i }

// TextY is where its text stands.
func (c *chart) TextY(i int) int { return chartLine*i + 18 }

// Width is how long the bar of a month is.
func (c *chart) Width(i int) int { return c.Rows[i].Count * chartBar / c.High }

// TextX is where the text behind the bar stands.
func (c *chart) TextX(i int) int { return 76 + c.Width(i) }

// Shares reports whether the chart is one of shares.
func (c *chart) Shares() bool { return c.Name == "discussed" || c.Name == "seen" }

// exportReports writes the figures as the command does.
func (a *app) exportReports(v *visit) error {
	s, figures, err := v.readReport()
	if err != nil {
		return err
	}
	if s.Counting {
		return v.show(http.StatusServiceUnavailable, "reports", s)
	}
	if err := v.audit("", string(pathway.DeedExport), "reports", ""); err != nil {
		return err
	}
	name := "figures-" + v.local().Format("2006-01-02")
	if s.Team != "" {
		name += "-" + strings.Map(fileLetter, s.Team)
	}
	sheet := v.csv(name+".csv", casefile.FigureColumns...)
	for i := range figures.Lines {
		sheet.Row(figures.Lines[i].Cells()...)
	}
	return v.breakOff(sheet.End())
}

// fileLetter leaves nothing in a name that a folder or a header could take for its own.
func fileLetter(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return r
	}
	return '-'
}
