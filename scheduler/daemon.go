package scheduler

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// The names of the schedules that a daemon runs by itself. Jobs bring their own.
const (
	ScheduleScan   = "scan"
	ScheduleDigest = "digest"
	// ScheduleContactTest tests the addresses by which nothing has arrived lately.
	ScheduleContactTest = "contact_test"
	// ScheduleProbe sends operations a test by every channel.
	ScheduleProbe = "probe"
	// ScheduleBounces reads the emails that came back.
	ScheduleBounces = "bounces"
)

// Schedules are cron expressions as ParseSchedule reads them, in the
// organisation's time zone. An empty one never runs.
type Schedules struct {
	Scan        string
	Digest      string // on days when nobody works it does not run, whatever it says
	ContactTest string
	Probe       string
	Bounces     string
}

// Settings are what a daemon works with. Only Store, Rules and DutyDesk must be
// given.
type Settings struct {
	Store     *store.Store
	Rules     *pathway.Rules
	DutyDesk  func(team string) *pathway.Person // who is told when nobody else is left
	Schedules Schedules
	Jobs      []Job             // what else is to be done, beside what a daemon does by itself
	Senders   map[string]Sender // by channel: email, sms
	Bounces   Bounces           // the emails that come back

	// Operations is who runs Doorstep: told when a channel stops, and probed. Nil:
	// nobody.
	Operations *pathway.Person
	// TextsADay is how many routine texts a person gets in a day before the others
	// go by email; 0: any number.
	TextsADay int
	// Replies says that texts that come in are read. It needs Origin.
	Replies bool
	// Origin are the installation's keys.
	Origin origin.Keys
	// AcknowledgementLasts is for how long an acknowledged rung is not passed on, and its
	// duty not said again.
	AcknowledgementLasts time.Duration
	Webhooks             []Webhook
	Heartbeat            string // a URL that is called after each good scan; empty: none
	// Lease is how long messages are claimed; zero: a minute.
	Lease time.Duration
	// ClaimAtMost is how many messages are claimed at a time; zero: a hundred. A
	// slow channel, or one with a limit, claims fewer.
	ClaimAtMost int
	// Notes is the folder of this machine in which it is noted what was sent, until the
	// database knows it; empty: nowhere. Installation tells databases apart that share it.
	Notes, Installation string
	Observer            Observer     // nil: nobody
	Log                 *slog.Logger // nil: nothing is logged
	Clock               Clock        // nil: the machine's
	// Elapsed is the time since some fixed instant, that in which the machine was
	// suspended included, whatever its clock was set to meanwhile: with it the clock is
	// watched, and nothing is done by one that is wrong. Nil: it is not watched.
	Elapsed func() time.Duration
	Jitter  func() float64 // from 0 up to 1; nil: random
}

// Daemon runs the schedules and sends the messages. Any number of daemons may
// share one database.
type Daemon struct {
	settings  Settings
	jobs      []*job
	runner    *jobs
	delivery  *delivery
	scanner   *Scanner
	digests   *digests
	contacts  *contacts
	heartbeat *heartbeat
	watch     *watch
	outage    *outage
	webhooks  *webhooks
}

// New checks the settings and reports every schedule that is wrong.
func New(s Settings) (*Daemon, error) {
	if s.Observer == nil {
		s.Observer = unobserved{}
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Clock == nil {
		s.Clock = SystemClock{}
	}
	if s.Jitter == nil {
		s.Jitter = mathrand.Float64
	}
	if s.Lease == 0 {
		s.Lease = claimFor
	}
	if s.Replies && !s.Origin.IsSet() {
		return nil, errors.New("answers by text need the key of the installation")
	}
	holder := newHolder()
	d := &Daemon{settings: s, delivery: newDelivery(&s, holder)}
	tell := func(ctx context.Context, now time.Time, key string, alert notify.Alert) {
		d.delivery.alert(ctx, now, "", key, alert)
	}
	host, _ := os.Hostname()
	d.watch = &watch{store: s.Store, log: s.Log, elapsed: s.Elapsed, read: s.Clock.Now, changed: func(ctx context.Context, now time.Time, says string) {
		day := s.Rules.Calendar.DateOf(now).String()
		tell(ctx, now, "clock/"+host+"/"+day, notify.Alert{Says: notify.AlertClockWrong, Since: now, Reason: host + ": " + says})
	}}
	d.delivery.watch = d.watch
	d.outage = &outage{store: s.Store, clock: s.Clock, log: s.Log, alerts: d.delivery.alerts(), senders: s.Senders, nudge: d.delivery.nudge,
		stopped: func(channel string) bool { return d.delivery.gate(channel).isOpen() }}
	d.delivery.outage = d.outage
	d.runner = &jobs{store: s.Store, clock: s.Clock, holder: holder, log: s.Log, observer: s.Observer, watch: d.watch, outage: d.outage, amender: &amender{
		store: s.Store, rules: s.Rules, watch: d.watch, claimFor: s.Lease, log: s.Log, tell: tell, after: d.delivery.nudge,
	}}
	d.webhooks = &webhooks{store: s.Store, clock: s.Clock, zone: s.Rules.Calendar.Location(), holder: holder, jitter: s.Jitter,
		log: s.Log, observer: s.Observer, watch: d.watch, tell: tell}
	if s.Heartbeat != "" {
		d.heartbeat = newHeartbeat(s.Heartbeat)
	}
	return d, d.plan()
}

// newHolder names this process where leases are kept.
func newHolder() string {
	host, _ := os.Hostname()
	var random [8]byte
	rand.Read(random[:])
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), hex.EncodeToString(random[:]))
}

// ScanSchedule is when the daemon scans; nil: never.
func (d *Daemon) ScanSchedule() Schedule {
	for _, j := range d.jobs {
		if j.name == ScheduleScan {
			return j.schedule
		}
	}
	return nil
}

// ClockSays is what is wrong with this machine's clock, so that nothing is scanned or
// sent; empty: nothing is known to be.
func (d *Daemon) ClockSays() string { return d.watch.says() }

// DatabaseSays is since when what the daemon does fails for its database, and why; the
// zero time: it does not, as far as is known.
func (d *Daemon) DatabaseSays() (since time.Time, why string) { return d.outage.says() }

// Now is the time as far as it is known: where this machine's clock is off the
// database's, the database's.
func (d *Daemon) Now() time.Time { return d.watch.now() }

// Planned returns the names of the schedules that the daemon runs, those of the jobs
// that it was given included.
func (d *Daemon) Planned() []string {
	var names []string
	for _, j := range d.jobs {
		names = append(names, j.name)
	}
	return names
}

// Plan returns the cron expressions of the schedules that the daemon runs, by their names,
// as they are configured.
func (d *Daemon) Plan() map[string]string {
	plan := map[string]string{}
	for _, j := range d.jobs {
		plan[j.name] = j.expression
	}
	return plan
}

// Probed returns the channels by which operations are sent a test on schedule.
func (d *Daemon) Probed() []string {
	if !slices.Contains(d.Planned(), ScheduleProbe) {
		return nil
	}
	return d.contacts.probed()
}

// plan makes the daemon's jobs, and reports every schedule that is wrong.
func (d *Daemon) plan() error {
	s := &d.settings
	d.scanner = NewScanner(s.Store, s.Rules, s.DutyDesk, s.Clock)
	d.scanner.textsADay, d.scanner.acknowledgementLasts, d.scanner.log = s.TextsADay, s.AcknowledgementLasts, s.Log
	d.contacts = &contacts{store: s.Store, rules: s.Rules, operations: s.Operations, carries: d.delivery.carries}
	d.digests = &digests{store: s.Store, rules: s.Rules, desk: s.DutyDesk, log: s.Log}
	jobs := d.ownJobs()
	for _, j := range s.Jobs {
		jobs = append(jobs, &job{name: j.Name, expression: j.Schedule, atFirst: j.AtFirst, work: j.work})
	}
	var faults []error
	for _, j := range jobs {
		if j.expression == "" {
			continue
		}
		var err error
		if j.schedule, err = ParseSchedule(j.expression, s.Rules.Calendar.Location()); err != nil {
			faults = append(faults, fmt.Errorf("schedules.%s: %w", j.name, err))
			continue
		}
		if j.name == ScheduleDigest {
			j.schedule = workingDays{j.schedule, s.Rules.Calendar}
		}
		d.jobs = append(d.jobs, j)
	}
	return errors.Join(faults...)
}

// ownJobs are what a daemon does by itself.
func (d *Daemon) ownJobs() []*job {
	s := &d.settings
	jobs := []*job{
		{name: ScheduleScan, expression: s.Schedules.Scan, atFirst: true, work: d.scanner.scanAndTell},
		{name: ScheduleDigest, expression: s.Schedules.Digest, work: func(ctx context.Context, run *store.Run, now time.Time) (map[string]int, error) {
			return d.digests.queue(ctx, run, now, run.Due)
		}},
		{name: ScheduleContactTest, expression: s.Schedules.ContactTest, work: d.contacts.test},
	}
	if len(d.contacts.probed()) > 0 {
		jobs = append(jobs, &job{name: ScheduleProbe, expression: s.Schedules.Probe, work: d.contacts.probe})
	}
	if s.Bounces.Folder != "" {
		jobs = append(jobs, &job{name: ScheduleBounces, expression: s.Schedules.Bounces, atFirst: true, work: newBounceReader(d.delivery, s.Bounces).read})
	}
	return jobs
}

// Run runs until ctx ends. Then it finishes what is being sent, for at most 25
// seconds, gives back what it has claimed, and returns.
func (d *Daemon) Run(ctx context.Context) {
	defer d.delivery.closeNotes()
	var all sync.WaitGroup
	for _, j := range d.jobs {
		all.Go(func() { d.runner.keep(ctx, j, func() { d.after(ctx, j) }) })
	}
	all.Go(func() { d.outage.watch(ctx) })
	if len(d.settings.Webhooks) > 0 {
		all.Go(func() { d.webhooks.keepClock(ctx) })
	}
	for _, to := range d.settings.Webhooks {
		all.Go(func() { d.webhooks.keep(ctx, to) })
	}
	for channel, sender := range d.settings.Senders {
		all.Go(func() { d.delivery.keep(ctx, channel, sender) })
		all.Go(func() { d.delivery.track(ctx, channel, sender) })
		all.Go(func() { d.delivery.listen(ctx, channel, sender) })
	}
	all.Wait()
}

// after does what a run that went well leads to.
func (d *Daemon) after(ctx context.Context, j *job) {
	d.delivery.nudge()
	if j.name != ScheduleScan {
		return
	}
	if err := d.delivery.watchProbes(ctx, d.settings.Clock.Now(), d.contacts); err != nil && ctx.Err() == nil {
		d.settings.Log.Warn("cannot see whether the last probe arrived", "error", err)
	}
	if d.heartbeat == nil {
		return
	}
	if err := d.heartbeat.beat(ctx); err != nil && ctx.Err() == nil {
		d.settings.Log.Warn("the heartbeat was not heard", "error", err)
	}
}

// TakeReceipts takes in what a provider tells by itself of messages that went by a
// channel. An error asks it to tell again.
func (d *Daemon) TakeReceipts(ctx context.Context, channel string, receipts []notify.Receipt) error {
	failed, err := d.delivery.callbacks.get(context.WithoutCancel(ctx), callback{channel: channel, receipts: receipts})
	return errors.Join(err, failed)
}

// TakeReplies takes in texts that a provider hands on by itself.
func (d *Daemon) TakeReplies(ctx context.Context, channel string, received []notify.Received) error {
	return d.delivery.takeReplies(ctx, d.settings.Clock.Now(), channel, received)
}
