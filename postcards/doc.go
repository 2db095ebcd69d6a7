// Package postcards draws what goes to families on paper: cards that go through
// a door and letters that go in the post. It decides nothing: which card or letter
// an event calls for is pathway's, by the tables that it reads here.
//
// It promises that what is printed is right: the wording of the wording files
// and nothing else, the variant that it is given, every word inside its card,
// window or zone, and nothing on a card that says whose it is or why it was left.
// The same input gives the same bytes. One item that cannot be printed is an error
// of that item alone; all others still print.
//
// It keeps nothing, reads no clock and sends nothing: which items wait, which
// batch they went in and who printed it is the caller's to know. Errors name the
// case's reference and the field, never what stands in it beyond the characters
// that cannot be printed.
package postcards
