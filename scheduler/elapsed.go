package scheduler

import "time"

// processStarted is what time is measured from where a machine does not say since when
// it runs. Only its monotonic reading counts.
var processStarted = time.Now()
