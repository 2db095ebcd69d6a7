package govuk

import "time"

// Notify takes 3,000 messages in any minute, and asks for no large spikes. A
// limiter with this rate, in messages a second, and this burst never passes that:
// 45 × 60 + 300. Asking how messages stand is not counted, as Notify describes it,
// and costs few requests (see Receipts).
const (
	Rate  = 45
	Burst = 300
)

// What Notify takes from a live service in a day, which begins at midnight UTC.
const (
	TextsPerDay   = 250_000
	EmailsPerDay  = 250_000
	LettersPerDay = 20_000
)

// What the phone networks let through to one number in an hour; the rest may be
// lost without a word.
const (
	TextsPerNumberAndHour     = 100
	SameTextsPerNumberAndHour = 20
)

const (
	// busyPause is how long to wait after a RateLimitError without a Retry-After.
	// Notify's allowance fills up by 500 meanwhile.
	busyPause = 10 * time.Second
	// settling is how long Notify may still be at work on a request whose answer
	// was lost: it gives up its own requests after 30 seconds. Asking for the
	// reference sooner could miss a message that is about to be taken.
	settling = 30 * time.Second
	// clockLeeway is how far our clock may be off, says Notify.
	clockLeeway = 30 * time.Second
)

// nextMidnight is when the day's limits begin again.
func nextMidnight(now time.Time) time.Time {
	year, month, day := now.UTC().Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC)
}
