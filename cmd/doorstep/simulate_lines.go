package main

import (
	"fmt"
	"io"
	"time"

	"example.org/doorstep/scheduler/rehearsal"
)

// writeText writes a line for people to read.
func writeText(l *rehearsal.Line, w io.Writer, zone *time.Location) error {
	clock := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.In(zone).Format("2006-01-02T15:04")
	}
	var err error
	switch {
	case l.Duty != nil:
		d := l.Duty
		attempt := "-"
		if d.Attempt > 0 {
			attempt = fmt.Sprint(d.Attempt)
		}
		_, err = fmt.Fprintf(w, "duty    %s %-8s %-22s %s due %s %-8s %-16s %s\n", clock(d.Opened), d.Case, d.ID, attempt, clock(d.Due), d.StateAt(l.AsOf), clock(d.Met), d.Why)
	case l.Reminder != nil:
		r := l.Reminder
		_, err = fmt.Fprintf(w, "message %s %-8s %-22s %s %s %s\n", clock(r.At), r.Case, r.Duty, r.Rung, r.Person, r.Channel)
	case l.Delivery != nil:
		if told := deliveryInWords(l.Delivery, zone); told != "" {
			_, err = fmt.Fprintf(w, "%s  %s\n", l.Delivery.At.In(zone).Format(time.DateTime), told)
		}
	case l.Print != nil:
		_, err = fmt.Fprintf(w, "print   %s %-8s %s %s\n", clock(l.At), l.Print.Case, l.Print.Kind, l.Print.Variant)
	default:
		d := l.Digest
		_, err = fmt.Fprintf(w, "digest  %s %s overdue %d, due today %d, due soon %d\n", clock(d.At), d.Person, d.Overdue, d.DueToday, d.DueSoon)
	}
	return err
}
