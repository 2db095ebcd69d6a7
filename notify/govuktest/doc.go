// Package govuktest is a GOV.UK Notify for tests: an HTTP server on a port of this
// machine that follows the published description of its API, keeps what it takes
// and fails where a test tells it to.
//
// It checks each request's token (signature, service, and a clock within 30 seconds
// of its own) and body, answers with the error bodies that Notify documents, keeps
// the limits it is given, and lets messages and letters come as far as its clock
// says. Faults happen in the order in which they were planned, each exactly as often
// as it says. It never posts a callback by itself: see Callbacks.
//
// It never hands a message on. Numbers and addresses that Notify reserves for tests
// are to it like any other.
package govuktest
