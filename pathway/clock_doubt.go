package pathway

// ClockDoubt is what a change of the clocks makes of a local time that was written
// without its distance from UTC.
type ClockDoubt int

const (
	NoDoubt    ClockDoubt = iota
	ShownTwice            // the clocks are put back: the first of the two is taken
	Skipped               // the clocks are put forward: it is read as if they had not been
)
