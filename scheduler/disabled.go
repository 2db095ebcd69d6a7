package scheduler

import (
	"context"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

// disabledAddresses are the addresses that are not used until somebody edits
// them, as the database had them a moment ago. A scan asks the database itself;
// this spares what was queued before the futile call.
type disabledAddresses struct {
	mu    sync.Mutex
	read  time.Time
	known map[[2]string]store.DisabledAddress // by channel and address
}

// disabledKnownFor is how long the addresses are believed.
const disabledKnownFor = 5 * time.Second

// disabled returns the outcome of a message to an address that is not used any
// more, and whether it is one.
func (d *delivery) disabled(channel, address string) (notify.Outcome, bool) {
	d.off.mu.Lock()
	defer d.off.mu.Unlock()
	now := d.clock.Now()
	// An address that was given back a moment ago must not be taken out of use again:
	// only that one is in use is believed.
	_, is := d.off.known[[2]string{channel, address}]
	if is || d.off.known == nil || now.Sub(d.off.read) >= disabledKnownFor || now.Before(d.off.read) {
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		all, err := d.store.DisabledAddresses(ctx)
		if err != nil { // the provider will say it once more
			d.log.Warn("cannot read which addresses are not used any more", "error", err)
			return notify.Outcome{}, false
		}
		d.off.read, d.off.known = now, make(map[[2]string]store.DisabledAddress, len(all))
		for _, a := range all {
			d.off.known[[2]string{a.Channel, a.Address}] = a
		}
	}
	a, is := d.off.known[[2]string{channel, address}]
	if !is {
		return notify.Outcome{}, false
	}
	return notify.Outcome{State: notify.Failed, Fault: notify.Fault(a.Fault), Code: a.Code, Reason: a.Reason}, true
}

// forgetDisabled makes the next message look again, because there is one more.
func (d *delivery) forgetDisabled(changed bool) {
	if changed {
		d.off.mu.Lock()
		d.off.known = nil
		d.off.mu.Unlock()
	}
}
