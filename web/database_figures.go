package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// databaseFigures are the figures that the database holds, read each time they
// are asked for: they survive a restart, and are the same whichever daemon is
// asked. What cannot be read is left out, not guessed.
type databaseFigures struct {
	database  Database
	schedules []string
	now       func() time.Time

	up, oldest, success *prometheus.Desc
}

func newDatabaseFigures(database Database, schedules []string, now func() time.Time) *databaseFigures {
	return &databaseFigures{
		database:  database,
		schedules: schedules,
		now:       now,
		up: prometheus.NewDesc("doorstep_database_up",
			"1 where the database could be read for these figures, else 0.", nil, nil),
		oldest: prometheus.NewDesc("doorstep_oldest_overdue_delivery_seconds",
			"How long the oldest message has waited that should have gone by now; 0 where there is none.", nil, nil),
		success: prometheus.NewDesc("doorstep_schedule_last_success_timestamp_seconds",
			"When the last good run of each schedule ended, whoever ran it.", []string{"schedule"}, nil),
	}
}

// Describe names the figures.
func (f *databaseFigures) Describe(to chan<- *prometheus.Desc) {
	to <- f.up
	to <- f.oldest
	to <- f.success
}

// Collect reads them.
func (f *databaseFigures) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), databasePatience)
	defer cancel()
	up := 1.0
	if err := f.read(ctx, to); err != nil {
		up = 0
	}
	to <- prometheus.MustNewConstMetric(f.up, prometheus.GaugeValue, up)
}

func (f *databaseFigures) read(ctx context.Context, to chan<- prometheus.Metric) error {
	now := f.now()
	_, since, err := f.database.OldestWaiting(ctx, now)
	if err != nil {
		return err
	}
	waited := 0.0
	if !since.IsZero() {
		waited = max(0, now.Sub(since).Seconds())
	}
	to <- prometheus.MustNewConstMetric(f.oldest, prometheus.GaugeValue, waited)
	for _, name := range f.schedules {
		state, err := f.database.Schedule(ctx, name)
		if err != nil {
			return err
		}
		if !state.LastSuccess.IsZero() {
			to <- prometheus.MustNewConstMetric(f.success, prometheus.GaugeValue, float64(state.LastSuccess.UnixMilli())/1000, name)
		}
	}
	return nil
}
