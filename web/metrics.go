package web

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// Metrics counts what this daemon does, and is what the scheduler tells of it
// (scheduler.Observer). What it counts starts from zero with each process.
type Metrics struct {
	registry  *prometheus.Registry
	scans     prometheus.Histogram
	due       prometheus.Counter
	untold    prometheus.Counter
	messages  *prometheus.CounterVec
	runs      *prometheus.CounterVec
	receipts  *prometheus.CounterVec
	replies   *prometheus.CounterVec
	probes    *prometheus.GaugeVec
	callbacks *prometheus.CounterVec
	webhooks  *prometheus.CounterVec
	answers   *prometheus.HistogramVec
	database  *databaseFigures

	inboxFiles      *prometheus.CounterVec
	inboxRows       prometheus.Counter
	inboxUnreadable prometheus.Gauge
}

var _ scheduler.Observer = (*Metrics)(nil)

// channels are those that every figure of a channel is told for.
var channels = []string{pathway.ChannelEmail, pathway.ChannelSMS}

// NewMetrics returns the figures of a daemon of this version on this database.
// Messages of a severity below the given one are urgent.
func NewMetrics(version string, database Database, below pathway.Severity, now func() time.Time) *Metrics {
	m := &Metrics{
		database: newDatabaseFigures(database, below, now),
		registry: prometheus.NewRegistry(),
		answers:  newAnswerTimes(),
		scans: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "doorstep_scan_duration_seconds",
			Help:    "How long scans took, failed ones included.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}),
		due: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "doorstep_due_rungs_total",
			Help: "Duties whose next rung had come when a scan looked.",
		}),
		untold: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "doorstep_untold_rungs_total",
			Help: "Rungs that had come and of which nobody could be told.",
		}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_messages_total",
			Help: "Attempts to send a message, and cancelled messages, by channel and by what became of them.",
		}, []string{"channel", "state"}),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_schedule_runs_total",
			Help: "Runs of each schedule, by whether they went well (ok) or not (failed).",
		}, []string{"schedule", "result"}),
		receipts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_receipts_total",
			Help: "Receipts of providers for messages they had taken, by channel and by how far the message had come, or why the receipt counted for nothing (unknown, late).",
		}, []string{"channel", "progress"}),
		replies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_replies_total",
			Help: "Texts that came in, by what became of them.",
		}, []string{"outcome"}),
		probes: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "doorstep_probe_last_arrival_timestamp_seconds",
			Help: "When the last probe arrived by each channel that is probed, as far as this daemon has seen; 0 where none has yet.",
		}, []string{"channel"}),
		callbacks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_callbacks_total",
			Help: "Callbacks of providers, by path and by what became of them.",
		}, []string{"path", "result"}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_webhooks_total",
			Help: "Attempts to hand over a webhook, by endpoint and by what became of them: taken, failed (to be tried again), given-up.",
		}, []string{"endpoint", "result"}),
		inboxFiles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "doorstep_inbox_files_total",
			Help: "Files from the inbox, by what became of them: imported, rejected (or rows of them), failed (to be tried again).",
		}, []string{"result"}),
		inboxRows: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "doorstep_inbox_rejected_rows_total",
			Help: "Rows that were rejected of files of which the others came in.",
		}),
		inboxUnreadable: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "doorstep_inbox_unreadable_files",
			Help: "What lay in the inbox and could not be read as a file to import, when this daemon last looked.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "doorstep_build_info",
		Help:        "Always 1; its labels say what is running.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.scans, m.due, m.untold, m.messages, m.runs, m.receipts, m.replies, m.probes, m.callbacks, m.webhooks, m.answers, m.inboxFiles, m.inboxRows, m.inboxUnreadable, build, m.database,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	// A counter that only appears with its first failure shows no increase by it, and an
	// alert about a figure that is not there says nothing.
	for _, channel := range channels {
		for _, progress := range []notify.Progress{notify.ProgressQueued, notify.ProgressSent, notify.ProgressDelivered, notify.ProgressUndelivered, notify.ProgressFailed, "unknown", "late"} {
			m.receipts.WithLabelValues(channel, string(progress))
		}
		for _, state := range []store.MessageState{store.MessageSent, store.MessageFailedTemporarily, store.MessageFailed, store.MessageCancelled} {
			m.messages.WithLabelValues(channel, string(state))
		}
	}
	for _, outcome := range scheduler.ReplyOutcomes() {
		m.replies.WithLabelValues(outcome)
	}
	for _, result := range inboxResults {
		m.inboxFiles.WithLabelValues(result)
	}
	return m
}

// WatchClock has the figures tell whether this machine's clock is known to be wrong:
// says is why, empty where it is not.
func (m *Metrics) WatchClock(says func() string) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "doorstep_clock_wrong",
		Help: "1 where this machine's clock is known to be wrong, so that this daemon does not scan or send, else 0.",
	}, func() float64 {
		if says() != "" {
			return 1
		}
		return 0
	}))
}

// Expect has the figures there of the schedules that the daemon runs, and of the
// channels by which operations are probed, before anything happens. Call it before
// the figures are asked for.
func (m *Metrics) Expect(schedules, probed []string) {
	m.database.schedules = schedules
	for _, schedule := range schedules {
		m.runs.WithLabelValues(schedule, "ok")
		m.runs.WithLabelValues(schedule, "failed")
	}
	for _, channel := range probed {
		m.probes.WithLabelValues(channel)
	}
}

// RunEnded counts a run of a schedule.
func (m *Metrics) RunEnded(schedule string, started, ended time.Time, counts map[string]int, err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	m.runs.WithLabelValues(schedule, result).Inc()
	if schedule == scheduler.ScheduleScan {
		m.scans.Observe(ended.Sub(started).Seconds())
		m.due.Add(float64(counts[scheduler.CountDue]))
		m.untold.Add(float64(counts[scheduler.CountUntold]))
	}
	if schedule == jobInbox {
		m.inboxLooked(counts)
	}
}

// jobInbox is what the configuration calls the schedule of the inbox.
const jobInbox = "inbox"

// inboxResults are what a run counts of its files.
var inboxResults = []string{intake.CountImported, intake.CountRejected, intake.CountFailed}

func (m *Metrics) inboxLooked(counts map[string]int) {
	for _, result := range inboxResults {
		m.inboxFiles.WithLabelValues(result).Add(float64(counts[result]))
	}
	m.inboxRows.Add(float64(counts[intake.CountRejectedRows]))
	if unreadable, looked := counts[intake.CountUnreadable]; looked { // else it stays as it was seen last
		m.inboxUnreadable.Set(float64(unreadable + counts[intake.CountUnknown]))
	}
}

// MessageEnded counts an attempt to send a message, or a cancelled message.
func (m *Metrics) MessageEnded(channel string, state store.MessageState) {
	m.messages.WithLabelValues(channel, string(state)).Inc()
}

// ReceiptSeen counts a receipt by what it says (a notify.Progress) or why it counts
// for nothing.
func (m *Metrics) ReceiptSeen(channel, progress string) {
	m.receipts.WithLabelValues(channel, progress).Inc()
}

// ReplySeen counts a text that came in. The outcome is one of a few words of ours,
// never anything of the text.
func (m *Metrics) ReplySeen(outcome string) { m.replies.WithLabelValues(outcome).Inc() }

// WebhookEnded counts an attempt to hand over a webhook.
func (m *Metrics) WebhookEnded(endpoint, result string) {
	m.webhooks.WithLabelValues(endpoint, result).Inc()
}

// ExpectWebhooks has the counters of an endpoint there before anything is handed over.
func (m *Metrics) ExpectWebhooks(endpoint string) {
	for _, result := range []string{"taken", "failed", "given-up"} {
		m.webhooks.WithLabelValues(endpoint, result)
	}
}

// ProbeArrived notes when a probe arrived.
func (m *Metrics) ProbeArrived(channel string, at time.Time) {
	m.probes.WithLabelValues(channel).Set(seconds(at))
}

// expectCallbacks has the counters of a path there before anything comes.
func (m *Metrics) expectCallbacks(path string) {
	for _, r := range callbackResults {
		m.callbacks.WithLabelValues(path, string(r))
	}
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// seconds writes an instant as Prometheus does; 0 for the zero time.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
