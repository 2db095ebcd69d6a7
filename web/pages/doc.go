// Package pages shows Doorstep to people in a browser, and takes down what they say.
// It renders what package casefile reads and saves through casefile's and store's own
// functions; it decides nothing about duties.
//
// It promises that a GET changes nothing but the audit trail; that whoever may not see
// a case is told what they are told of one that there is not; that every look, change
// and refusal is on record before it is shown; that no list, title or address holds a
// name, address or number of a family; that pages work without scripts; and that what
// somebody typed is not lost when their session has ended. Text stands in
// configs/wording/pages.
package pages
