// Package twiliotest is a server for tests that behaves as Twilio's Messages API
// of 2010-04-01 does: a real one, on a port of this machine, that checks what it
// is sent, keeps the texts it takes, lets them come to their end, posts signed
// callbacks, and fails where a test tells it to.
//
// Faults happen in the order in which they were planned, each exactly as often
// as it says, so that a test gives the same result every time. Time is what
// Options.Now says, and how far a text has come is worked out from it whenever
// somebody asks: nothing runs in the background. The server never sends a text.
package twiliotest
