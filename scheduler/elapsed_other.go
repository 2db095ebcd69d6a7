//go:build !linux

package scheduler

import "time"

// Elapsed is the time since this process was started. No setting of the machine's clock
// changes it.
func Elapsed() time.Duration { return time.Since(processStarted) }
