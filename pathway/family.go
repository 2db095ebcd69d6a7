package pathway

import (
	"strings"
	"time"
)

// SafeNow reports whether the family may be written to by what was said last of this
// case: a safe-to-write event, else its rows.
func (c *Case) SafeNow(events []Event) bool {
	for i := range events {
		if events[i].Kind == KindSafeToWrite {
			return safeIn(c, History(c, events))
		}
	}
	return c.SafeToWrite
}

// safeIn is SafeNow of the events that count.
func safeIn(c *Case, history []Event) bool {
	for i := len(history) - 1; i >= 0; i-- {
		if history[i].Kind == KindSafeToWrite {
			return strings.EqualFold(strings.TrimSpace(history[i].Value), "yes")
		}
	}
	return c.SafeToWrite
}

// Unsafe says why the family must not be written to; empty: it may be. Where one case of
// a household is unsafe, all are.
func (c *Case) Unsafe(events []Event) string {
	return c.unsafeWhere(c.SafeNow(events))
}

func (c *Case) unsafeWhere(safe bool) string {
	switch {
	case !safe:
		return unsafeToWrite
	case c.UnsafeHousehold != "":
		return "case " + c.UnsafeHousehold + " of the same household is marked unsafe to write to"
	}
	return ""
}

// AddressReturned is when a letter to the address that the case has came back by post;
// zero: none has, or a row has brought another address since.
func (c *Case) AddressReturned(events []Event) time.Time {
	for i := range events {
		if events[i].Kind == KindLetterReturned {
			return returnedIn(c, History(c, events))
		}
	}
	return time.Time{}
}

// returnedIn is AddressReturned of the events that count.
func returnedIn(c *Case, history []Event) time.Time {
	for i := len(history) - 1; i >= 0; i-- {
		if e := &history[i]; e.Kind == KindLetterReturned && !e.At.Before(c.AddressSince) {
			return e.At
		}
	}
	return time.Time{}
}
