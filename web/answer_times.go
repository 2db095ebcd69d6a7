package web

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func newAnswerTimes() *prometheus.HistogramVec {
	times := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "doorstep_http_request_seconds",
		Help:    "How long answers took, from the request's being read to the answer's being written, by what answers: never the address that was asked for.",
		Buckets: []float64{.001, .0025, .005, .01, .02, .03, .05, .1, .2, .5, 1, 2, 5, 10, 30},
	}, []string{"route"})
	times.WithLabelValues(noRoute) // an alert about a figure that is not there says nothing
	return times
}

// noRoute stands for all addresses that nothing answers.
const noRoute = "other"

// router says by which of its patterns a request is answered, as http.ServeMux does.
type router interface {
	Handler(*http.Request) (http.Handler, string)
}

// timed counts how long answers take. Also are those among them whose patterns have
// patterns of their own.
func (m *Metrics) timed(answers http.Handler, also map[string]http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		defer func() { m.answers.WithLabelValues(routeOf(r, also)).Observe(time.Since(began).Seconds()) }()
		answers.ServeHTTP(w, r)
	})
}

// routeOf is the pattern by which a request was answered: an address can hold a reference.
func routeOf(r *http.Request, also map[string]http.Handler) string {
	pattern := r.Pattern
	if within, is := also[pattern].(router); is {
		_, pattern = within.Handler(r)
	}
	if pattern == "" || pattern == "/" {
		return noRoute
	}
	return pattern
}
