// Package notify turns a Message into an email or a text, hands it to a
// channel, and says in an Outcome what happened and what should come next.
//
// It promises that the same Message always carries the same Message-ID, that
// what a channel writes to a file is what it would have sent, that no value in
// a Message can add a header, a recipient or a line to one, and that an Outcome
// holds no address and no message text.
//
// It decides nothing about who is told or when, keeps no state between
// messages, and never hands a message over twice by itself: whoever calls Send
// keeps the ledger, waits, and sends again. It knows messages, not cases or
// people.
package notify
