package main

import (
	"context"
	"errors"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/scheduler"
)

// settled is how long a file in the folder of bounces must have stood unchanged
// before it is taken to be whole.
const settled = 5 * time.Second

// bounces returns what the bounces schedule does: it reads the emails that came
// back. Nil where no folder is configured.
func (s *setup) bounces() scheduler.BounceReader {
	if s.config.Bounces == "" {
		return nil
	}
	folder := &notify.BounceFolder{Folder: s.config.Bounces}
	return func(ctx context.Context, at time.Time, found func(notify.Bounce) error) (map[string]int, error) {
		read, err := folder.Look(ctx, at, found)
		if err == nil && read.Waiting > 0 { // files that were not there at the last look
			select {
			case <-time.After(settled):
			case <-ctx.Done():
			}
			var again notify.BouncesRead
			again, err = folder.Look(ctx, at, found)
			read.Failures, read.Others, read.Unread = read.Failures+again.Failures, read.Others+again.Others, read.Unread+again.Unread
			read.Faults, read.Refused = append(read.Faults, again.Faults...), again.Refused
		}
		counts := map[string]int{"bounced": read.Failures, "other": read.Others, "unread": read.Unread, "refused": read.Refused}
		return counts, errors.Join(append(read.Faults, err)...)
	}
}
