// Package scheduler makes things happen when their time has come: it scans for
// duties whose next rung is due, sends what the scan wrote into the ledger,
// counts digests, tests addresses, reads what comes back, and runs the jobs that it
// is handed (Job), each on its own cron schedule in the organisation's time zone. It
// knows no file and no paper: importing and printing are jobs of others.
//
// It promises that nothing is said twice because a scan ran twice, late, or on
// two machines; that what fell due while nobody was running is said once it runs
// again; that a message is sent at least once, and twice only when a process
// dies between the provider's answer and its own note of it, and the provider
// cannot be asked; that every message which does not arrive has a next step,
// down to the call sheet, and none is lost; that every run is on record with
// what it did or why it could not; and that a job which fails or panics never
// stops the others.
//
// It never reads a clock but the one it is given, so that the same code runs on
// a virtual clock in a simulation. It decides nothing about what is due or who
// is told: that is package pathway's. It words nothing: that is package
// notify's.
package scheduler
