package notify

import (
	"context"
	"time"
)

// AskProvider asks whoever a channel's messages go by whether they would be taken, and
// sends nothing. A channel that nobody can ask is taken to be well.
func AskProvider(ctx context.Context, now time.Time, c Channel) error {
	switch c := c.(type) {
	case interface{ Check(context.Context) error }: // the mail server, GOV.UK Notify, a folder
		return c.Check(ctx)
	case Listener: // Twilio: what nobody can ask who may not send
		_, err := c.Received(ctx, now)
		return err
	}
	return nil
}
