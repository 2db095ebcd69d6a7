package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// delivery says whether messages go, by each channel.
type delivery struct {
	check
	Channels map[string]check `json:"channels,omitempty"`
}

// waitsTooLong is how long a message may wait that should have gone, as when a channel
// has more to carry than it may.
const waitsTooLong = 10 * time.Minute

// checkDelivery looks whether messages go by each channel, and whether any has waited
// for long. It is able while one channel goes: what is urgent goes by that.
func (r *readiness) checkDelivery(ctx context.Context, now time.Time, w written) (d delivery, able bool, err error) {
	d.OK, d.Channels = true, map[string]check{}
	var stopped []string
	for _, channel := range channels {
		state, err := r.database.ChannelState(ctx, channel)
		if err != nil {
			return delivery{}, false, err
		}
		of := check{true, "messages go"}
		if state.State == store.ChannelOpen {
			of = check{false, fmt.Sprintf("stopped %s: %s", w.since(state.Since), whyStopped(state.Fault))}
			stopped = append(stopped, fmt.Sprintf("no %s go", map[string]string{pathway.ChannelEmail: "emails", pathway.ChannelSMS: "texts"}[channel]))
		}
		d.Channels[channel] = of
	}
	waiting, oldest, err := r.database.OldestWaiting(ctx, now)
	if err != nil {
		return delivery{}, false, err
	}
	if !oldest.IsZero() && now.Sub(oldest) > waitsTooLong {
		stopped = append(stopped, fmt.Sprintf("%s should have gone, the oldest %s", pathway.Counted(waiting, "message"), w.since(oldest)))
	}
	if d.Says = "messages go"; waiting > 0 {
		d.Says = fmt.Sprintf("messages go; %s still to go, the oldest %s", pathway.Counted(waiting, "message"), w.since(oldest))
	}
	if len(stopped) > 0 {
		d.OK, d.Says = false, strings.Join(stopped, "; ")
	}
	for _, of := range d.Channels {
		able = able || of.OK
	}
	return d, able, nil
}

// whyStopped is why a channel is stopped, as far as anybody may read it.
func whyStopped(fault string) string {
	switch notify.Fault(fault) {
	case notify.FaultAccount:
		return "the provider refuses our account or settings; see the log"
	case notify.FaultBusy:
		return "the provider takes no more for now; see the log"
	}
	return "the provider cannot be reached, or fails; see the log"
}
