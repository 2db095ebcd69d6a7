package notify

import (
	"bytes"
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
	cal := ics.NewCalendar()
	cal.SetProductId("-//Doorstep//EN")
	for i := range v.Reminders {
		r := &v.Reminders[i]
		if !r.reminder.Due.After(now) {
			continue
		}
		summary, err := c.words("calendar-summary", r)
		if err != nil {
			return "", err
		}
		event := cal.AddEvent(c.uid(r.reminder))
		event.SetDtStampTime(now)
		event.SetStartAt(r.reminder.Due) // an instant: without an end it takes no time (RFC 5545, 3.6.1)
		event.SetSummary(strings.TrimSpace(summary))
		event.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy because of it
		if r.Link != "" {
			event.SetURL(r.Link)
		}
	}
	if len(cal.Components) == 0 {
		return "", nil
	}
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
