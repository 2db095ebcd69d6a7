package scheduler

import (
	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
)

// refusals are recipients who were refused with one and the same code, and nobody in
// between who was not.
type refusals struct {
	code       string
	recipients map[string]bool
}

// alikeStops is how many recipients must be refused alike before it is about us.
const alikeStops = 3

// refusedAlike notes that a recipient was refused with a code, and reports whether
// enough have been, and whether that was known before.
func (g *gate) refusedAlike(code, recipient string) (known, enough bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.alike.code != code {
		g.alike = refusals{code, map[string]bool{}}
	}
	known = len(g.alike.recipients) >= alikeStops
	g.alike.recipients[recipient] = true
	return known, len(g.alike.recipients) >= alikeStops
}

// stopWhereRefusedAlike stops the channel where one recipient after the other is refused with
// one and the same code that says nothing of an address: then it is us. While that
// keeps the channel stopped, a message that is refused so again waits as well.
func (c *carrier) stopWhereRefusedAlike(m claimed, s *setback, f *notify.Outcome, v *verdict) {
	again := s.Again && f.Fault == notify.FaultAccount
	if m.Channel != pathway.ChannelEmail || f.Code == "" || f.Fault != notify.FaultRefused && f.Fault != notify.FaultContent && !again {
		return
	}
	switch known, enough := c.gate.refusedAlike(f.Code, m.Address); {
	case m.probe && (known || f.Fault == notify.FaultRefused):
		*v = verdict{next: stopChannel}
	case enough:
		*v = verdict{next: stopChannel}
		f.Reason = "one recipient after the other is refused alike, so it is about Doorstep and not about them: " + f.Reason
	default:
		return
	}
	f.Fault = notify.FaultAccount
}
