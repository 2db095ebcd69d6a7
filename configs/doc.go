// Package configs reads what an organisation decides: the configuration file,
// the pathways and ladders, the column mappings of imports. It brings Doorstep's
// own with it, embedded, and lays the organisation's over them.
//
// It promises that a mistake is found before it can matter, and that every
// mistake is reported at once, each with its file, line, column and key, and with
// what to do about it; that an unknown key is a mistake; and that a secret never
// shows in anything this package returns as text.
//
// It never changes a file, never reads a database, and never guesses: where a
// value cannot be meant, it says so.
package configs
