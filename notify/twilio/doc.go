// Package twilio sends texts by Twilio's Messages API of 2010-04-01, asks it what
// became of them, and reads the texts that come in, by asking and by callback.
//
// It promises that a text which Twilio may have taken already is looked for there
// before it is sent again, that every answer of Twilio's has its place in one
// table (Classify), that every call ends with its context or with the timeout, and
// that no outcome, receipt or error holds a number, a word of a text, or the auth
// token. Beside the number, the sender and the words themselves Twilio gets only
// how long the text is of use and where receipts go: no tag or reference of ours.
//
// It decides nothing about when or whether to try again, keeps no state between
// calls, follows no redirect, and believes no callback that is not signed.
package twilio
