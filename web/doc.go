// Package web answers over HTTP: those who run Doorstep, whether it lives (/healthz),
// whether it does its work (/readyz), and its figures for Prometheus (/metrics); what
// providers of texts and emails tell of their own accord (/callbacks/…); and calendar
// programs that follow a person's due times (/calendar/…).
//
// It promises that an answer never waits long for a database that does not, that
// the figures of schedules and of waiting messages are those of the database, so
// that every daemon that shares it tells the same, that a GET changes nothing, and
// that however many callbacks come, only so many are held at once.
//
// Apart from calendars it never tells anything about a person or a case, and nothing of what a
// database error says: that goes into the log. What a callback says goes to
// whoever reads it and nowhere else: neither into the log nor into an answer.
package web
