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

// knowsUsAfter is how many tries, of greylistedFor, are enough for a server that wants to
// see only that we come again.
const knowsUsAfter = 3

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
	if m.Channel != pathway.ChannelEmail || f.Code == "" || !mayBeUs(s) {
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

// mayBeUs reports whether a refusal that says nothing of us may all the same be about us.
// One that asks for another try may be when the time is over in which a server gets to
// know who sends: many are set up to refuse for good by a code that says for now.
func mayBeUs(s *setback) bool {
	switch s.Fault {
	case notify.FaultRefused, notify.FaultContent:
		return true
	case notify.FaultAccount:
		return s.Again
	case notify.FaultUnclear:
		return s.Tries > 0
	case notify.FaultGreylisted:
		return s.Tries >= knowsUsAfter
	}
	return false
}
