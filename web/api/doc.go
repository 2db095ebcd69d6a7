// Package api answers other programs over HTTP: what comes from the record system, and
// what stands open, as JSON, with a bearer token.
//
// It promises that whatever comes in passes the same checks, and has the same
// consequences, as a file, a command or a page would; that an answer says what a
// command says; that every error is a problem document (RFC 9457) in the words that
// people read elsewhere, which names rows and columns; that the document at
// /api/v1/openapi.json (OpenAPI 3.1) is made of the handlers themselves.
//
// It never tells where a family lives or how to reach one, nor addresses of staff, nor
// what a database error says: that goes into the log.
package api
