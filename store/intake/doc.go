// Package intake reads the files, CSV or Excel workbooks, in which record systems hand
// over people, cases and events, turns each row into the domain's own value, and brings them
// into the database: Importer one file, Inbox what others have put into a folder.
//
// It promises that a file of any size is read in little memory, that every bad
// row is named with its line, column and what to do, that a file which is no workbook
// and no CSV in UTF-8 is refused with what it is instead, that the same file always gives the
// same values, and that a file comes in as a whole or not at all, unless the good
// rows alone are asked for, as the inbox does. What it says of a row never holds a name, an address, a
// telephone number or free text.
//
// Reading (Read, Mapping) keeps nothing and looks nothing up: whether a person or a
// case exists is for the Sink to say. It does not guess at dates or codes; a
// Mapping says what they mean, and nobody is taken to be seen of whom the file does
// not say so. It runs no formula of a workbook.
package intake
