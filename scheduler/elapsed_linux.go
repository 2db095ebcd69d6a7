package scheduler

import (
	"time"

	"golang.org/x/sys/unix"
)

// Elapsed is the time since this machine was started, while it was suspended included.
// No setting of its clock changes it.
func Elapsed() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return time.Since(processStarted)
	}
	return time.Duration(t.Nano())
}
