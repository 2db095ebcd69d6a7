// Package web answers over HTTP. For now it answers those who run Doorstep:
// whether it lives (/healthz), whether it does its work (/readyz), and its
// figures for Prometheus (/metrics).
//
// It promises that an answer never waits long for a database that does not, that
// the figures of schedules and of waiting messages are those of the database, so
// that every daemon that shares it tells the same, and that a request changes
// nothing.
//
// It never tells anything about a person or a case, and nothing of what a
// database error says: that goes into the log.
package web
