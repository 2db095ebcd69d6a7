// Package printing is the print room: it makes numbered batches of what waits in the
// print queue, prints them again, finds which case a serial stands on, and hands
// letters over to GOV.UK Notify.
//
// It promises that nothing is printed or posted twice, whoever prints at the same
// time and wherever somebody dies over it: a batch is on record, with all that stands
// on its paper and the wording it was printed with, before its files are there under
// their names, and a letter's name at GOV.UK Notify is kept before it goes. A batch
// that is printed again is the same byte for byte.
//
// What an event calls for on paper and what has overtaken it is not decided here, nor
// what paper looks like. It is told the time and who asks; errors and logs name cases
// by their references and never hold what stands on a card or letter.
package printing
