package web

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// databaseFigures are the figures that the database holds, read each time they
// are asked for: they survive a restart, and are the same whichever daemon is
// asked. While the database cannot be read they are what they were when it was last
// read, with how long ago that was; what was never read is left out, not guessed.
type databaseFigures struct {
	database  Database
	schedules []string
	below     pathway.Severity // messages of a lower severity are urgent
	now       func() time.Time

	mu   sync.Mutex
	last *databaseFacts // nil: it was never read

	up, known, oldest, urgent, open, success, arrived, written, late, ahead, webhooksWait, webhooksOldest, webhooksOff, webhooksFailed *prometheus.Desc
}

// databaseFacts are what the figures are made of. Those that are ages go on growing.
type databaseFacts struct {
	at              time.Time // when they were read
	ahead           int
	waiting, urgent time.Time // since when the oldest waits; zero: none does
	open            map[string]bool
	success         map[string]time.Time
	arrivals        []store.Arrival
	webhooks        []store.WebhookState
}

func newDatabaseFigures(database Database, below pathway.Severity, now func() time.Time) *databaseFigures {
	return &databaseFigures{
		database: database,
		below:    below,
		now:      now,
		up: prometheus.NewDesc("doorstep_database_up",
			"1 where the database could be read for these figures, else 0.", nil, nil),
		known: prometheus.NewDesc("doorstep_database_figures_age_seconds",
			"How long ago the figures were read that the database holds: 0 where they are of this moment.", nil, nil),
		oldest: prometheus.NewDesc("doorstep_oldest_overdue_delivery_seconds",
			"How long the oldest message has waited that should have gone by now; 0 where there is none.", nil, nil),
		urgent: prometheus.NewDesc("doorstep_oldest_undelivered_urgent_seconds",
			"How long the oldest urgent message has not arrived, as far as is known; 0 where there is none.", nil, nil),
		open: prometheus.NewDesc("doorstep_channel_open",
			"1 where a channel is stopped because its provider fails (its circuit is open), 0 where messages go by it.", []string{"channel"}, nil),
		success: prometheus.NewDesc("doorstep_schedule_last_success_timestamp_seconds",
			"When the last good run of each schedule ended, whoever ran it; 0 where there has been none.", []string{"schedule"}, nil),
		arrived: prometheus.NewDesc("doorstep_inbox_last_import_timestamp_seconds",
			"When a file of each kind was last imported from the inbox, whoever did it; 0 where none has been.", []string{"kind"}, nil),
		written: prometheus.NewDesc("doorstep_inbox_newest_file_age_seconds",
			"How long ago the newest file of each kind was written that was imported from the inbox; NaN where there is none.", []string{"kind"}, nil),
		ahead: prometheus.NewDesc("doorstep_instants_ahead",
			"How many stored instants of what has been lie ahead of now: a clock was wrong, and nobody has made it good yet.", nil, nil),
		webhooksWait: prometheus.NewDesc("doorstep_webhooks_waiting",
			"How many webhooks wait to be taken by each endpoint.", []string{"endpoint"}, nil),
		webhooksOldest: prometheus.NewDesc("doorstep_oldest_webhook_seconds",
			"How long the oldest webhook of each endpoint waits; 0 where there is none.", []string{"endpoint"}, nil),
		webhooksOff: prometheus.NewDesc("doorstep_webhook_disabled",
			"1 where an endpoint is told no more because it said so, else 0.", []string{"endpoint"}, nil),
		webhooksFailed: prometheus.NewDesc("doorstep_webhooks_given_up",
			"How many webhooks of each endpoint were given up and are still kept.", []string{"endpoint"}, nil),
		late: prometheus.NewDesc("doorstep_inbox_late",
			"1 where no file of a kind has come for as long as inbox_expect says, else 0.", []string{"kind"}, nil),
	}
}

// Describe names the figures.
func (f *databaseFigures) Describe(to chan<- *prometheus.Desc) {
	to <- f.up
	to <- f.known
	to <- f.oldest
	to <- f.urgent
	to <- f.open
	to <- f.success
	to <- f.arrived
	to <- f.written
	to <- f.late
	to <- f.ahead
	to <- f.webhooksWait
	to <- f.webhooksOldest
	to <- f.webhooksOff
	to <- f.webhooksFailed
}

// Collect reads them.
func (f *databaseFigures) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), databasePatience)
	defer cancel()
	now, up := f.now(), 1.0
	facts, err := f.read(ctx, now)
	f.mu.Lock()
	if err != nil {
		up, facts = 0, f.last
	} else {
		f.last = facts
	}
	f.mu.Unlock()
	to <- gauge(f.up, up)
	if facts != nil {
		f.show(facts, now, to)
	}
}

// read reads all of them or none.
func (f *databaseFigures) read(ctx context.Context, now time.Time) (*databaseFacts, error) {
	facts := &databaseFacts{at: now, open: map[string]bool{}, success: map[string]time.Time{}}
	ahead, err := f.database.CountAhead(ctx, now)
	if err != nil {
		return nil, err
	}
	facts.ahead = ahead.Count()
	if _, facts.waiting, err = f.database.OldestWaiting(ctx, now); err != nil {
		return nil, err
	}
	if _, facts.urgent, err = f.database.OldestUndelivered(ctx, now, f.below); err != nil {
		return nil, err
	}
	for _, channel := range channels {
		state, err := f.database.ChannelState(ctx, channel)
		if err != nil {
			return nil, err
		}
		facts.open[channel] = state.State == store.ChannelOpen
	}
	for _, name := range f.schedules {
		state, err := f.database.Schedule(ctx, name)
		if err != nil {
			return nil, err
		}
		facts.success[name] = state.LastSuccess
	}
	if facts.arrivals, err = f.database.Arrivals(ctx); err != nil {
		return nil, err
	}
	facts.webhooks, err = f.database.WebhookStates(ctx, now)
	return facts, err
}

// show makes figures of them at now.
func (f *databaseFigures) show(facts *databaseFacts, now time.Time, to chan<- prometheus.Metric) {
	to <- gauge(f.known, age(facts.at, now))
	to <- gauge(f.ahead, float64(facts.ahead))
	to <- gauge(f.oldest, age(facts.waiting, now))
	to <- gauge(f.urgent, age(facts.urgent, now))
	for _, channel := range channels {
		open := 0.0
		if facts.open[channel] {
			open = 1
		}
		to <- gauge(f.open, open, channel)
	}
	for _, name := range f.schedules {
		to <- gauge(f.success, seconds(proven(facts.success[name], now)), name)
	}
	for i := range facts.webhooks {
		w, off := &facts.webhooks[i], 0.0
		if !w.Disabled.IsZero() {
			off = 1
		}
		to <- gauge(f.webhooksWait, float64(w.Waiting), w.Name)
		to <- gauge(f.webhooksOldest, age(w.Oldest, now), w.Name)
		to <- gauge(f.webhooksOff, off, w.Name)
		to <- gauge(f.webhooksFailed, float64(w.Failed), w.Name)
	}
	for _, of := range []string{pathway.OfPeople, pathway.OfCases, pathway.OfEvents} {
		a := store.Arrival{Of: of} // none has come, and none is expected
		if i := slices.IndexFunc(facts.arrivals, func(a store.Arrival) bool { return a.Of == of }); i >= 0 {
			a = facts.arrivals[i]
		}
		written, late := math.NaN(), 0.0
		if !a.DataOf.IsZero() {
			written = age(a.DataOf, now)
		}
		if a.Late(now) {
			late = 1
		}
		to <- gauge(f.arrived, seconds(proven(a.Arrived, now)), of)
		to <- gauge(f.written, written, of)
		to <- gauge(f.late, late, of)
	}
}

// proven is when something was done, or 1970 where it is said to be done at an instant
// that is yet to come: that proves nothing, and an age below zero would wake nobody.
func proven(at, now time.Time) time.Time {
	if at.After(now.Add(store.ClockTolerance)) {
		return time.Unix(0, 0)
	}
	return at
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

// age returns how long ago something was in seconds; 0 for the zero time.
func age(since, now time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, now.Sub(since).Seconds())
}
