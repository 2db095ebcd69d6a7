package notify

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"example.org/doorstep/notify/origin"
)

// calendar returns the due times that are still to come as calendar entries
// (RFC 5545), or nothing when there are none. The same duty always has the same
// UID, so a second reminder does not make a second entry. Nothing in an entry
// says more than the subject of the message does. It names no METHOD: that would be an
// invitation, which has an organiser (RFC 5546, 3.2.1).
func (c *Composer) calendar(now time.Time, v *view) (string, error) {
	cal, err := c.entries(now, v.Reminders, func(r *reminderView) bool { return r.reminder.Due.After(now) })
	if err != nil || len(cal.Components) == 0 {
		return "", err
	}
	return written(cal)
}

// Feed returns the due times of what somebody is to do, overdue ones too, as a calendar
// that other programs subscribe to (RFC 5545). It says no more than a reminder's subject.
func (c *Composer) Feed(now time.Time, duties []Reminder) (string, error) {
	views := make([]reminderView, len(duties))
	for i := range duties {
		r := &duties[i]
		views[i] = reminderView{CaseRef: r.CaseRef, Title: r.Title, Action: inline(r.Title), Link: c.link(r.CaseRef), Due: c.moment(r.Due, now), reminder: r}
	}
	cal, err := c.entries(now, views, func(*reminderView) bool { return true })
	if err != nil {
		return "", err
	}
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H") // as Outlook reads it
	cal.SetName("Doorstep")      // else phones call it by its address, which is secret
	cal.SetXWRCalName("Doorstep")
	return written(cal)
}

func (c *Composer) entries(now time.Time, reminders []reminderView, wanted func(*reminderView) bool) (*ics.Calendar, error) {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Doorstep//EN")
	for i := range reminders {
		r := &reminders[i]
		if !wanted(r) {
			continue
		}
		summary, err := c.words("calendar-summary", r)
		if err != nil {
			return nil, err
		}
		event := cal.AddEvent(c.uid(r.reminder))
		event.SetDtStampTime(now)
		event.SetStartAt(r.reminder.Due) // an instant: without an end it takes no time (RFC 5545, 3.6.1)
		event.SetSummary(strings.TrimSpace(summary))
		event.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy because of it
		if link := cmp.Or(c.link(r.CaseRef), c.recordLink(r.CaseRef)); link != "" {
			event.SetURL(link)
		}
	}
	return cal, nil
}

func written(cal *ics.Calendar) (string, error) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := cal.SerializeTo(b, ics.WithNewLineWindows); err != nil {
		return "", fmt.Errorf("writing the calendar entry: %w", err)
	}
	return b.String(), nil
}

// uid is keyed, so that nobody else can write an entry that takes this one's place.
func (c *Composer) uid(r *Reminder) string {
	return c.named(origin.Calendar, r.CaseRef, r.Duty, strconv.Itoa(r.Attempt)) + "@" + c.domain()
}
