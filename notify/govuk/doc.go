// Package govuk sends texts, emails and letters through GOV.UK Notify, and asks
// it what became of them and what came in.
//
// # What has to be set up there
//
// Doorstep writes its own words, so each template only makes room for them:
//
//   - for texts, a text template whose whole content is ((message));
//   - for emails, an email template with the subject ((subject)) and, in its
//     content, ((message)) and no other placeholder.
//
// Channel.Check looks whether that is so. Letters need no template: they are
// handed over as finished PDFs.
//
// "Start text messages with the service name" should be switched off in the
// service's settings: the name goes before every text and can make it cost two.
//
// # What it promises
//
// Every answer of Notify's API is put into an Outcome or a Receipt with a Fault.
// Notify tells a bad number from a bad template in words only, and says that the
// words may change; an error of its own that is not recognised counts as the
// message's fault and never stops the channel.
//
// The reference that a message carries is a digest of the ledger's key. Notify
// does not refuse a second message with the same reference, so whenever
// Message.MaybeSent is set the channel asks for the reference first and takes
// what it finds as sent.
//
// Emails go as plain text. Notify would read Markdown in it: a line that begins
// with # would become a heading, one with - or 1. a list, [words](address) a link
// behind other words. All of that is neutralised (plain.go). A bare web address
// stays one that can be clicked, as in any email. The HTML part, the calendar file
// and the marks of importance that the mail server gets do not exist here.
//
// No error and no Reason holds the API key, a number, an address or message text.
//
// # What it never does
//
// It never hands a message over twice by itself, never waits between tries and
// keeps no limit: Rate and Burst are for the caller's limiter. It cannot say how
// long a message is of use: Notify tries for up to 72 hours, so a text for a phone
// that is switched off may arrive late.
package govuk
