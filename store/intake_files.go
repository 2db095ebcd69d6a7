package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// caseWriter takes what becomes of cases, on one goroutine, and sends it to the
// database on another.
type caseWriter struct {
	now    time.Time
	origin Origin

	cases, relisted, moved *bulk
	// before when nothing of a case is overdue
	overdueLeft, overdue, overdueMoved *bulk
	events                             *bulk
	plain, duties                      *bulk // new ones
	changed, gone, never               *bulk
	flags, lowered                     *bulk
	prints                             *bulk
	history                            *bulk
	notices                            *bulk

	tell            webhookPlan
	webhooks, clock *bulk
}

// The columns that a caseWriter writes.
var (
	casesWritten       = columnsOf("ref", caseOthers)
	casesRelisted      = columnsOf(caseOthers, "ref")
	casesMoved         = columnsOf(caseNows, "ref")
	overdueKey         = columnsOf("practitioner, case_ref")
	overdueWritten     = columnsOf("practitioner, case_ref, overdue_from")
	overdueMoved       = columnsOf("overdue_from, practitioner, case_ref")
	eventsWritten      = columnsOf(eventColumns)
	plainDutiesWritten = columnsOf(plainColumns)
	dutiesWritten      = columnsOf(dutyKey, dutyDerived, "derived, next_rung_at")
	dutiesChanged      = columnsOf(dutyDerived, "derived, next_rung_at, id")
	dutiesGone         = columnsOf(goneColumns)
	dutiesNever        = columnsOf("id")
	flagsRaised        = columnsOf(flagColumns)
	flagsLowered       = columnsOf(flagKey)
	printsQueued       = columnsOf(printItemColumns)
)

func newCaseWriter(ctx context.Context, s *Store, w *session, now time.Time, origin Origin) *caseWriter {
	o := &caseWriter{
		now:          now,
		origin:       origin,
		cases:        w.insert(ctx, "cases", casesWritten),
		relisted:     w.update(ctx, "cases", casesRelisted),
		moved:        w.update(ctx, "cases", casesMoved),
		overdueLeft:  w.remove(ctx, "cases_overdue", overdueKey),
		overdue:      w.insert(ctx, "cases_overdue", overdueWritten),
		overdueMoved: w.updateBy(ctx, "cases_overdue", overdueMoved, len(overdueKey)),
		events:       w.insert(ctx, "events", eventsWritten),
		plain:        w.insert(ctx, "duties", plainDutiesWritten),
		duties:       w.insert(ctx, "duties", dutiesWritten),
		changed:      w.update(ctx, "duties", dutiesChanged),
		gone:         w.update(ctx, "duties", dutiesGone),
		never:        w.remove(ctx, "duties", dutiesNever),
		flags:        w.insert(ctx, "flags", flagsRaised),
		lowered:      w.remove(ctx, "flags", flagsLowered),
		prints:       w.insert(ctx, "print_items", printsQueued),
		history:      w.insert(ctx, "changes", changesWritten),
		notices:      w.insert(ctx, "visit_notices", noticesWritten),
		tell:         s.webhooks,
		webhooks:     w.insert(ctx, "webhooks", webhooksWritten),
		clock:        w.insert(ctx, "webhook_clock", webhookClockWritten),
	}
	for _, b := range o.all() {
		b.byHand = true
	}
	return o
}

// write takes what becomes of one case.
func (o *caseWriter) write(w *caseWork) {
	switch kept := (*caseRow)(w.Kept); {
	case kept == nil:
		return
	case w.Known == nil:
		kept.addTo(o.cases)
	case w.Relisted:
		kept.addRelisted(o.relisted)
	case w.Moved:
		kept.addMoved(o.moved)
	}
	o.writeOverdue(w)
	for i := range w.NewEvents {
		addEvent(o.events, &w.NewEvents[i])
	}
	for i := range w.Duties.List {
		switch c := &w.Duties.List[i]; {
		case c.Number != 0:
			addChangedDuty(o.changed, c)
		case isPlain(c):
			addPlainDuty(o.plain, c)
		default:
			addDuty(o.duties, c)
		}
	}
	for _, d := range w.Duties.Gone {
		addGone(o.gone, o.now, d)
	}
	for _, number := range w.Duties.Never {
		o.never.row()
		o.never.number(number)
	}
	for _, f := range w.Raised {
		o.flags.row()
		o.flags.text(w.Ref, f.ID, f.Event, f.Duty, f.Text)
		o.flags.instants(w.RecordedAt(f.Event, o.now))
	}
	for _, f := range w.Lowered {
		o.lowered.row()
		o.lowered.text(w.Ref, f.ID, f.Event, f.Duty)
	}
	for i := range w.Called {
		addPrintItem(o.prints, &w.Called[i], o.now)
	}
	addNotices(o.notices, w, o.now)
	o.addWebhooks(w)
	addChanges(o.history, pathway.OfCases, w.Ref, o.now, o.origin, w.Changes)
	if len(w.ByEvents) > 0 {
		from := o.origin
		from.Who = cmp.Or(w.SaidBy(), from.Who)
		addChanges(o.history, pathway.OfCases, w.Ref, o.now, from, w.ByEvents)
	}
}

// writeOverdue writes from when something of a case is overdue. It stands with the
// practitioner whose case it is.
func (o *caseWriter) writeOverdue(w *caseWork) {
	practitioner := w.Kept.Now.Practitioner
	if w.Known != nil {
		before := w.Known.Case.Now.Practitioner
		if before == practitioner {
			if w.OverdueMoved {
				o.overdueMoved.row()
				o.overdueMoved.instants(w.OverdueFrom)
				o.overdueMoved.text(practitioner, w.Ref)
			}
			return
		}
		o.overdueLeft.row()
		o.overdueLeft.text(before, w.Ref)
	}
	o.overdue.row()
	o.overdue.text(practitioner, w.Ref)
	o.overdue.instants(w.OverdueFrom)
}

func (o *caseWriter) all() []*bulk {
	return []*bulk{o.cases, o.relisted, o.moved, o.overdueLeft, o.overdue, o.overdueMoved, o.events, o.plain, o.duties, o.changed, o.gone, o.never, o.lowered, o.flags, o.prints, o.history, o.notices, o.webhooks, o.clock}
}

// flushFull sends what is worth sending by now, flush what is left.
func (o *caseWriter) flushFull() error { return o.eachBulk((*bulk).flushFull) }
func (o *caseWriter) flush() error     { return o.eachBulk((*bulk).flush) }

func (o *caseWriter) eachBulk(flush func(*bulk) error) error {
	for _, b := range o.all() {
		if err := flush(b); err != nil {
			return fmt.Errorf("write cases: %w", err)
		}
	}
	return nil
}

// forget drops what is not sent.
func (o *caseWriter) forget() {
	for _, b := range o.all() {
		b.reset()
	}
}
