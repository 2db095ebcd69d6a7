package main

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// TestTheFiguresTellHowLongEachPageTakes: by page and by path of the API, whatever case
// was asked for.
func TestTheFiguresTellHowLongEachPageTakes(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.account("W1")
	who := s.browser()
	who.signIn("W1", password)
	for _, path := range []string{"/cases/KN-1", "/cases/KN-3", "/cases/SO-1", "/api/v1/cases/KN-1"} {
		who.get(path)
	}
	times := who.answerTimes()
	for route, want := range map[string]float64{"POST /signin": 1, "GET /cases/{ref}": 3, "GET /api/v1/cases/{ref}": 1} {
		if all := times[route]; len(all) == 0 || all[len(all)-1].answers != want {
			t.Errorf("answers by %s: %v, want %v of them in all; there are figures of %d routes", route, all, want, len(times))
		}
	}
}

// upTo is how many answers a daemon has given within so many seconds.
type upTo struct{ seconds, answers float64 }

var answersUpTo = regexp.MustCompile(`(?m)^doorstep_http_request_seconds_bucket\{route="([^"]+)",le="([^"]+)"\} (\S+)$`)

// answerTimes are the daemon's figures of how long its answers took, by route.
func (b *browser) answerTimes() map[string][]upTo {
	b.t.Helper()
	times := map[string][]upTo{}
	for _, m := range answersUpTo.FindAllStringSubmatch(b.get("/metrics").body, -1) {
		seconds, err := strconv.ParseFloat(m[2], 64)
		answers, wrong := strconv.ParseFloat(m[3], 64)
		if err != nil || wrong != nil {
			b.t.Fatalf("/metrics has the line %s", m[0])
		}
		times[m[1]] = append(times[m[1]], upTo{seconds, answers})
	}
	return times
}

// servedIn is within how many milliseconds so many of a hundred answers were given between
// two looks at the figures: evenly spread within each step, as Prometheus has it.
func servedIn(before, after []upTo, percent float64) float64 {
	given := func(step int) float64 {
		if step < len(before) {
			return after[step].answers - before[step].answers
		}
		return after[step].answers
	}
	if len(after) == 0 {
		return 0
	}
	wanted := given(len(after)-1) * percent / 100
	low, under := 0.0, 0.0
	for step := range after {
		if n := given(step); n >= wanted && n > under && !math.IsInf(after[step].seconds, 1) {
			return 1000 * (low + (after[step].seconds-low)*(wanted-under)/(n-under))
		} else if !math.IsInf(after[step].seconds, 1) {
			low, under = after[step].seconds, n
		}
	}
	return 1000 * low
}
