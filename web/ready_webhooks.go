package web

import (
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// webhookWaitsTooLong is how long a webhook may wait: short failures are nothing unusual.
const webhookWaitsTooLong = time.Hour

// checkWebhooks looks whether the other systems take what they are told; nil where there
// are none.
func checkWebhooks(states []store.WebhookState, now time.Time, at written) *check {
	if len(states) == 0 {
		return nil
	}
	var says []string
	for i := range states {
		w := &states[i]
		waits := !w.Oldest.IsZero() && now.Sub(w.Oldest) > webhookWaitsTooLong
		switch {
		case !w.Disabled.IsZero():
			says = append(says, fmt.Sprintf("%s is switched off %s: its receiver wants no more", w.Name, at.since(w.Disabled)))
		case waits:
			says = append(says, fmt.Sprintf("%s for %s, the oldest %s", wait(w.Waiting), w.Name, at.since(w.Oldest)))
		}
		if w.Failed > 0 {
			says = append(says, fmt.Sprintf("%s for %s given up", pathway.Counted(w.Failed, "webhook"), w.Name))
		}
	}
	if len(says) == 0 {
		return &check{true, "webhooks go"}
	}
	return &check{false, strings.Join(says, "; ")}
}

func wait(n int) string {
	if n == 1 {
		return "1 webhook waits"
	}
	return fmt.Sprintf("%d webhooks wait", n)
}
