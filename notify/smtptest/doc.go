// Package smtptest is a mail server for tests: a real one, on a port of this
// machine, that keeps what it takes and fails where a test tells it to.
//
// Faults happen in the order in which they were planned, each exactly as often
// as it says, so that a test gives the same result every time. It never hands a
// message on.
//
// Where a test wants it, it behaves as Microsoft 365 does: it takes tokens, which
// it gives at an endpoint of its own, three connections, and 30 messages a minute.
package smtptest
