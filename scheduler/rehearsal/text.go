package rehearsal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
)

// WriteText writes a line for people to read, with times in the given zone. A try that
// only shows that a channel is still stopped gives none.
func (l *Line) WriteText(w io.Writer, zone *time.Location) error {
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

// deliveryInWords tells what happened to a message on its way as a sentence. It is
// empty where a message that waits for a stopped channel was tried, and waits on.
func deliveryInWords(d *scheduler.SimulatedDelivery, zone *time.Location) string {
	if d.Still {
		return ""
	}
	message, by := messageInWords(d), pathway.ChannelInWords(d.Channel)
	did := "did not go"
	if d.Taken {
		did = "did not arrive"
	}
	switch d.What {
	case "sent":
		went := " went"
		if d.Replaces && d.InPlaceOf == "" {
			went = " went instead"
		}
		return message + went + alertInWords(d.Alert)
	case "delivered":
		return message + " arrived"
	case "cancelled":
		return fmt.Sprintf("%s %s (%s)", message, did, d.Reason)
	case "moved":
		return fmt.Sprintf("%s is not tried: no %ss go out, and there is the other channel", message, by)
	case "later":
		if d.Stopped {
			return fmt.Sprintf("%s %s (%s): it waits until %ss go out again", message, did, d.Reason, by)
		}
		return fmt.Sprintf("%s %s (%s): again at %s", message, did, d.Reason, nextInWords(d.At.In(zone), d.Next.In(zone)))
	}
	return fmt.Sprintf("%s %s (%s): not by %s again", message, did, d.Reason, by)
}

// messageInWords names a message: "text to W2, in place of W1, about KN-1 see-child
// (due)".
func messageInWords(d *scheduler.SimulatedDelivery) string {
	message := pathway.ChannelInWords(d.Channel) + " to " + d.Person
	if d.InPlaceOf != "" {
		message += ", in place of " + d.InPlaceOf + ","
	}
	switch {
	case d.Alert != nil:
		return message
	case d.Duty == "":
		return message + " (" + string(d.Kind) + ")"
	}
	message += fmt.Sprintf(" about %s %s (%s)", strings.Join(d.Cases, ", "), d.Duty, d.Rung)
	if more := d.Duties - 1; more > 0 {
		message += fmt.Sprintf(" and %d more", more)
	}
	return message
}

// alertInWords is what an alert says; empty for a message that is none.
func alertInWords(a *notify.Alert) string {
	if a == nil {
		return ""
	}
	by := pathway.ChannelInWords(a.Channel)
	switch a.Says {
	case notify.AlertChannelStopped:
		return fmt.Sprintf(": no %ss go out (%s)", by, a.Reason)
	case notify.AlertChannelBack:
		return fmt.Sprintf(": %ss go out again", by)
	case notify.AlertRefused:
		return fmt.Sprintf(": %ss are refused (%s)", by, a.Reason)
	case notify.AlertAddressOff:
		return fmt.Sprintf(": %ss to %s do not arrive any more (%s)", by, strings.Join(a.People, ", "), a.Reason)
	}
	return ": " + a.Says
}

// nextInWords is the time of a next try, with its date where that is another one.
func nextInWords(now, next time.Time) string {
	if now.Format(time.DateOnly) == next.Format(time.DateOnly) {
		return next.Format(time.TimeOnly)
	}
	return next.Format(time.DateTime)
}
