package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/scheduler/lifecycle"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
	"example.org/doorstep/web"
)

// The jobs that are handed to the scheduler: their names, as schedules are called in
// the configuration, the database and the metrics.
const (
	jobInbox   = "inbox"
	jobPrint   = "print"
	jobLetters = "letters"
	jobPaper   = "paper"

	jobRetention = "retention"
)

// planJobs makes the daemon: what it does, when, and by which channels.
func (v *service) planJobs(ctx context.Context) error {
	jobs, err := v.jobs()
	if err != nil {
		return err
	}
	installation, err := v.installation(ctx)
	if err != nil {
		return err
	}
	v.metrics = web.NewMetrics(version, v.db, v.rules.UrgentBelow(), func() time.Time { return v.daemon.Now() })
	webhooks, err := v.openWebhooks()
	if err != nil {
		return badInput{err}
	}
	c := v.config
	v.daemon, err = scheduler.New(scheduler.Settings{
		Store: v.db, Rules: v.rules, DutyDesk: v.dutyDesk, Operations: c.Operations(),
		Schedules: scheduler.Schedules{Scan: c.Schedules.Scan, Digest: c.Schedules.Digest,
			ContactTest: c.Schedules.ContactTest, Probe: c.Schedules.Probe, Bounces: c.Schedules.Bounces},
		Jobs:                 jobs,
		Senders:              v.channels.senders,
		Bounces:              scheduler.Bounces{Folder: c.Bounces, AuthServer: c.BouncesAuthServer, MessageIDsOf: v.channels.composer.MessageIDsOf},
		TextsADay:            c.SMS.PerPersonDay,
		Replies:              c.SMS.Replies != configs.None,
		Origin:               v.origin,
		AcknowledgementLasts: c.AcknowledgementLasts,
		Webhooks:             webhooks,
		Heartbeat:            c.HeartbeatURL.Reveal(),
		Lease:                c.Delivery.Lease,
		ClaimAtMost:          c.Delivery.Batch,
		Notes:                c.NotesFolder(),
		Installation:         installation,
		Observer:             v.metrics,
		Log:                  v.log,
		Elapsed:              scheduler.Elapsed,
	})
	if err != nil {
		return badInput{err}
	}
	v.metrics.WatchClock(v.daemon.ClockSays)
	for _, w := range webhooks {
		v.metrics.ExpectWebhooks(w.Name)
	}
	v.metrics.Expect(v.daemon.Planned(), v.daemon.Probed())
	return nil
}

// installation tells this database from others on this machine, copies of it included.
func (v *service) installation(ctx context.Context) (string, error) {
	keys, err := v.db.OriginKeys(ctx)
	if err != nil || len(keys) == 0 {
		return "", err
	}
	name := v.config.DatabaseName()
	if file := v.config.DatabaseFile(); file != "" {
		if name, err = filepath.Abs(file); err != nil {
			return "", err
		}
	}
	return keys[0].Fingerprint + " " + name, nil
}

func (v *service) startDaemon(ctx context.Context) error {
	v.runs = lifecycle.Go(ctx, v.daemon.Run)
	return nil
}

func (v *service) stopDaemon(ctx context.Context) error { return v.runs.Stop(ctx) }

// jobs are what is done on a schedule beside reminding: files and paper.
func (v *service) jobs() ([]scheduler.Job, error) {
	when := v.config.Schedules
	jobs := []scheduler.Job{
		{Name: jobPrint, Schedule: when.Print, Run: v.printNightly},
		{Name: jobPaper, Schedule: when.Digest, Run: v.tellPaperWaits},
		{Name: jobRetention, Schedule: when.Retention, Run: v.forget},
	}
	if v.config.Inbox != "" {
		run, err := v.inbox()
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, scheduler.Job{Name: jobInbox, Schedule: when.Inbox, AtFirst: true, Run: run})
	}
	if room := v.postRoom(v.db, v.log); room.Letters != nil {
		room.Rules = v.rules
		alerts := scheduler.NewAlerts(v.db, v.rules, v.config.Operations(), v.channels.senders, v.log)
		jobs = append(jobs, scheduler.Job{Name: jobLetters, Schedule: when.Letters, AtFirst: true, Run: func(ctx context.Context, now time.Time) (map[string]int, error) {
			return room.PostLetters(ctx, now, func(key string, alert notify.Alert) { alerts.Tell(ctx, now, "letters/"+key, alert) })
		}})
	}
	return jobs, nil
}

// printNightly prints with the wording as it is by then.
func (v *service) printNightly(ctx context.Context, now time.Time) (map[string]int, error) {
	room, err := v.printRoom(ctx, now, v.db, v.log)
	if err != nil {
		return nil, err
	}
	return room.PrintNightly(ctx, now)
}

// tellPaperWaits tells operations, once of each, of cards and letters that wait for too
// long: when managers read of them, too.
func (v *service) tellPaperWaits(ctx context.Context, now time.Time) (map[string]int, error) {
	waiting, err := casefile.PaperWaiting(ctx, v.db, v.rules, nil, now)
	if err != nil {
		return nil, err
	}
	var untold []int64
	alert := notify.Alert{Says: notify.AlertPaperWaits}
	for i := range waiting {
		if w := &waiting[i]; !w.Told {
			untold = append(untold, w.ID)
			if alert.Since.IsZero() || w.Queued.Before(alert.Since) {
				alert.Since = w.Queued
			}
		}
	}
	counts := map[string]int{"waiting": len(waiting)}
	if alert.Waiting = len(untold); alert.Waiting == 0 {
		return counts, nil
	}
	alerts := scheduler.NewAlerts(v.db, v.rules, v.config.Operations(), v.channels.senders, v.log)
	alerts.Tell(ctx, now, fmt.Sprintf("paper/%d/%d", untold[0], len(untold)), alert)
	return counts, v.db.NotePaperTold(ctx, now, untold)
}

// inbox makes the folder into which other systems put files, and returns what imports
// them.
func (v *service) inbox() (func(context.Context, time.Time) (map[string]int, error), error) {
	importer, err := v.importer(v.db, v.rules)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(v.config.Inbox, 0o750); err != nil {
		v.log.Warn("cannot make the inbox folder", "error", err)
	}
	alerts := scheduler.NewAlerts(v.db, v.rules, v.config.Operations(), v.channels.senders, v.log)
	inbox := &intake.Inbox{
		Folder: v.config.Inbox, Mappings: v.config.Import.Mappings, Importer: importer, Log: v.log,
		Whole: v.config.InboxMode == "whole", Expect: v.config.InboxExpect, Tell: alerts.Tell,
	}
	return inbox.Import, nil
}
