// Package casefile says how things stand: one case, its chronology, the call sheet
// of what did not arrive, and managers' digests, each read once into plain values.
// A page, an API, a command and a nightly job read the same values and differ only
// in how they show them.
//
// It promises that whoever asks at the same time is told the same; that times stay
// times, and titles, states and who is to be phoned are decided here, so that
// nobody who shows them decides again. It reads no clock, writes nothing but what
// UseAgain and Record say, and names whoever a case is about only in File.Case.
package casefile
