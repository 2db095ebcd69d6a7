package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// What other systems can be told of.
const (
	EventDutyOpened     = "duty.opened"
	EventDutyDue        = "duty.due"     // its due time has come, and it is open
	EventDutyOverdue    = "duty.overdue" // its due time has passed, and it is open
	EventDutyMet        = "duty.met"
	EventMessageFailed  = "message.failed"
	EventImportRejected = "import.rejected"
)

// WebhookEvents are all that other systems can be told of.
var WebhookEvents = []string{EventDutyOpened, EventDutyDue, EventDutyOverdue, EventDutyMet, EventMessageFailed, EventImportRejected}

// WebhookEndpoint is another system that is told of events.
type WebhookEndpoint struct {
	Name    string
	Address string // or what stands for it: another one is another system
	Events  []string
}

// webhookPlan is who is told of what.
type webhookPlan []WebhookEndpoint

// of returns the names of those who are told of any of the events.
func (p webhookPlan) of(events ...string) (names []string) {
	for i := range p {
		if slices.ContainsFunc(events, func(e string) bool { return slices.Contains(p[i].Events, e) }) {
			names = append(names, p[i].Name)
		}
	}
	return names
}

// TellWebhooks has everything that is written from now on told to the endpoints, each of
// its own events, in the transaction in which it is written. Call it before anything else
// uses the store.
func (s *Store) TellWebhooks(endpoints []WebhookEndpoint) { s.webhooks = endpoints }

// webhook is something to be told.
type webhook struct {
	key                string // empty: a new one
	event              string
	at                 time.Time
	ref, duty, opening string
	message            int64 // 0: of none
	file               string
}

const (
	webhookColumns      = "key, endpoint, event, at, case_ref, duty, opening, message_id, file, queued_at, next_try_at"
	webhookClockColumns = "case_ref, duty, opening, due_at, at, opens"

	// toldWithin is how long ago a duty was met of which that is still news when both its
	// opening and its end come in together: a first file brings years of them.
	toldWithin = 31 * 24 * time.Hour
)

var (
	webhooksWritten     = columnsOf(webhookColumns)
	webhookClockWritten = columnsOf(webhookClockColumns)
)

// newWebhookKey names a webhook to those who get it.
func newWebhookKey() string { return "msg_" + rand.Text() }

// addWebhooks adds what the endpoints are told of a case's duties, and when they are to
// be told more.
func (o *caseWriter) addWebhooks(w *caseWork) {
	if len(o.tell.of(EventDutyOpened, EventDutyDue, EventDutyOverdue, EventDutyMet)) == 0 {
		return
	}
	for i := range w.Duties.List {
		d := &w.Duties.List[i]
		if d.Opened.After(o.now) {
			o.addToClock(d, true)
			continue
		}
		was, became := d.Was(), d.Became(o.now)
		opened := was == nil || was.Opened.After(o.now)
		met := became.Met && o.now.Sub(d.Met) <= toldWithin
		if opened && (d.IsOpen() || met) {
			o.addWebhook(webhook{event: EventDutyOpened, at: d.Opened}, d)
		}
		if met {
			o.addWebhook(webhook{event: EventDutyMet, at: d.Met}, d)
		}
		if d.IsOpen() && (opened || became.Moved || was.State != pathway.Open) {
			o.addToClock(d, false)
		}
	}
}

func (o *caseWriter) addWebhook(h webhook, d *pathway.DutyChange) {
	b := o.webhooks
	for _, name := range o.tell.of(h.event) {
		b.row()
		b.text(newWebhookKey(), name, h.event)
		b.instants(h.at)
		b.text(d.Case, d.ID, d.Opening)
		b.null()
		b.text("")
		b.instants(o.now, o.now)
	}
}

func (o *caseWriter) addToClock(d *pathway.DutyChange, opens bool) {
	if len(o.tell.of(EventDutyOpened, EventDutyDue, EventDutyOverdue)) == 0 {
		return
	}
	b := o.clock
	b.row()
	b.text(d.Case, d.ID, d.Opening)
	b.instants(d.Due, clockTime(d.Opened, d.Due, opens))
	b.flags(opens)
}

// clockTime is when something of a duty is to be told.
func clockTime(opened, due time.Time, opens bool) time.Time {
	if opens {
		return opened
	}
	return due
}

// queueWebhooks has something told in a transaction.
func (s *Store) queueWebhooks(ctx context.Context, tx *sql.Tx, now time.Time, all ...webhook) error {
	const columns = 11
	var flat []any
	for _, h := range all {
		for _, name := range s.webhooks.of(h.event) {
			key := h.key
			if key == "" {
				key = newWebhookKey()
			}
			var message any
			if h.message != 0 {
				message = h.message
			}
			flat = append(flat, key, name, h.event, h.at.UnixMilli(), h.ref, h.duty, h.opening, message, h.file, now.UnixMilli(), now.UnixMilli())
		}
	}
	query := func(rows int) string {
		return "INSERT INTO webhooks (" + webhookColumns + ") VALUES " + values(rows, columns)
	}
	return s.writeRows(ctx, tx, query, columns, flat, nil)
}

// webhooksOfFailed has the failure of a message told whose claim holder still has.
func (s *Store) webhooksOfFailed(now time.Time, holder string, message int64) (all []statement) {
	for _, name := range s.webhooks.of(EventMessageFailed) {
		all = append(all, statement{`INSERT INTO webhooks (` + webhookColumns + `)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), '', '', '', id, '', CAST($4 AS BIGINT), CAST($4 AS BIGINT) FROM messages
WHERE id = $5 AND lease_holder = $6 AND state = 'sending'`,
			[]any{newWebhookKey(), name, EventMessageFailed, now.UnixMilli(), message, holder}})
	}
	return all
}

// RejectedFile is a file that was handed over and of which something was rejected.
type RejectedFile struct {
	Number string // names the file and says nothing of what is in it
	Of     string // pathway.OfPeople, pathway.OfCases or pathway.OfEvents
	Rows   int    // how many were rejected; 0: nothing of it was taken in
}

// TellRejected has the endpoints told of a rejected file. Telling it again, of the same
// key, is the same webhook.
func (s *Store) TellRejected(ctx context.Context, now time.Time, key string, f RejectedFile) error {
	if len(s.webhooks.of(EventImportRejected)) == 0 {
		return nil
	}
	h := webhook{key: "msg_" + hashOf(key)[:26], event: EventImportRejected, at: now, file: strings.Join([]string{f.Number, f.Of, strconv.Itoa(f.Rows)}, words)}
	err := s.write(ctx, func(tx *sql.Tx) error {
		var there int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM webhooks WHERE key = $1", h.key).Scan(&there); err != nil || there > 0 {
			return err
		}
		return s.queueWebhooks(ctx, tx, now, h)
	})
	if err != nil {
		return fmt.Errorf("have a rejected file told: %w", err)
	}
	return nil
}

func rejectedFile(column string) (f RejectedFile) {
	parts := splitList(column, words)
	if len(parts) == 3 {
		f.Number, f.Of = parts[0], parts[1]
		f.Rows, _ = strconv.Atoi(parts[2])
	}
	return f
}
