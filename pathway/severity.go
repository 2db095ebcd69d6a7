package pathway

// Severity is how serious a message is. It orders the messages that wait to be
// sent: the smaller goes first. It is kept with each message, so what a number
// means does not change.
//
// A reminder's follows from its ladder and rung. Every other message takes its
// place among the ladders, so that an organisation's own ladders move it too.
type Severity int

const (
	// severitiesOfALadder is how many severities a ladder has: more than rungs.
	severitiesOfALadder = 100

	// TestSeverity is that of contact tests: behind every reminder and before digests.
	TestSeverity Severity = 900_000
	// DigestSeverity is that of digests: behind every reminder.
	DigestSeverity Severity = 1_000_000
)

// Urgent reports whether the ladder's messages are urgent: they do not wait for
// office hours. A checked configuration gives every urgent ladder a more serious
// severity than any that waits.
func (l *Ladder) Urgent() bool { return !l.OfficeHours }

// Immediate reports whether the ladder's messages ask to act at once: it is urgent,
// and there is nothing more serious.
func (l *Ladder) Immediate() bool { return l.Urgent() && l.Severity == 0 }

// SeverityAt is the severity of the ladder's message at a rung: on one ladder the
// higher rung goes first.
func (l *Ladder) SeverityAt(rung RungRule) Severity {
	for i, r := range l.Rungs {
		if r.Name() == rung.Name() {
			return l.most() + Severity(len(l.Rungs)-1-i)
		}
	}
	return l.most()
}

// most is the most serious that the ladder has.
func (l *Ladder) most() Severity { return Severity(l.Severity * severitiesOfALadder) }

// UrgentBelow is the severity below which messages are urgent: those of the ladders
// that are, and what goes out with them.
func (r *Rules) UrgentBelow() Severity {
	var below Severity
	for _, l := range r.Ladders {
		if l.Urgent() {
			below = max(below, l.most()+severitiesOfALadder)
		}
	}
	return below
}

// Urgent reports whether a message of this severity is urgent.
func (r *Rules) Urgent(s Severity) bool { return s < r.UrgentBelow() }

// AnswerSeverity is that of answers to texts, for whose sender waits: in the middle
// of the least serious ladder that is urgent.
func (r *Rules) AnswerSeverity() Severity {
	return max(0, r.UrgentBelow()-severitiesOfALadder/2)
}

// AlertSeverity is that of alerts to operations: behind what is urgent for families
// and before everything else.
func (r *Rules) AlertSeverity() Severity { return max(0, r.UrgentBelow()-1) }

// CallSeverity is that of calls, which tell a practitioner to phone a family, and of
// notices that wait for the office to open: among the routine reminders.
func (r *Rules) CallSeverity() Severity {
	return r.Ladder("routine").most() + severitiesOfALadder/2
}
