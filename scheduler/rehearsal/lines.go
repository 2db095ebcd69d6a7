package rehearsal

import (
	"context"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
)

// Line is one thing that happened: one of the pointers is set.
type Line struct {
	At       time.Time
	Duty     *pathway.Duty // opened; its state is that of AsOf
	AsOf     time.Time
	Reminder *scheduler.SimulatedReminder
	Digest   *scheduler.SimulatedDigest
	Delivery *scheduler.SimulatedDelivery
	Print    *printing.Called
}

// order is the place of a line among those of one instant.
func (l *Line) order() int {
	switch {
	case l.Duty != nil:
		return 0
	case l.Reminder != nil:
		return 1
	case l.Digest != nil:
		return 2
	case l.Delivery != nil:
		return 3
	}
	return 4
}

// duties are the duties that were open at some time of the rehearsal, in the order
// of the file of cases.
func (r *Rehearsal) duties(ctx context.Context, db *store.Store) ([]Line, error) {
	ofCase := map[string][]Line{}
	err := db.EachDuty(ctx, func(d *store.Duty) {
		if !overBefore(&d.Duty, r.From) && !d.Opened.After(r.To) {
			ofCase[d.Case] = append(ofCase[d.Case], Line{At: d.Opened, Duty: &d.Duty, AsOf: r.To})
		}
	})
	var lines []Line
	for c := range r.Cases() {
		lines = append(lines, ofCase[c.Ref]...)
	}
	return lines, err
}

// overBefore reports whether a duty was met or ended before an instant.
func overBefore(d *pathway.Duty, at time.Time) bool {
	over := d.Met
	if d.Ended.After(over) {
		over = d.Ended
	}
	return !over.IsZero() && over.Before(at)
}

// Summary counts what stands in lines.
type Summary struct {
	Duties  map[pathway.State]int
	Sent    map[string]int // by channel, of reminders
	Prints  map[string]int // by kind
	Digests int
	// Fullest is the last of the digests with the most overdue; nil: none said anything.
	Fullest *scheduler.SimulatedDigest
}

// Summarise counts what stands in lines.
func Summarise(lines []Line) Summary {
	s := Summary{Duties: map[pathway.State]int{}, Sent: map[string]int{}, Prints: map[string]int{}}
	for _, l := range lines {
		switch {
		case l.Duty != nil:
			s.Duties[l.Duty.StateAt(l.AsOf)]++
		case l.Reminder != nil:
			s.Sent[l.Reminder.Channel]++
		case l.Print != nil:
			s.Prints[l.Print.Kind]++
		case l.Digest != nil:
			s.Digests++
			if len(l.Digest.Digest.Sections) > 0 && (s.Fullest == nil || l.Digest.Overdue >= s.Fullest.Overdue) {
				s.Fullest = l.Digest
			}
		}
	}
	return s
}
