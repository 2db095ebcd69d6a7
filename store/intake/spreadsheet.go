package intake

import (
	"regexp"
	"strings"
)

// unwrap takes off what somebody put around a value so that a spreadsheet leaves it
// alone: an apostrophe before digits, quotation marks, or ="…".
func unwrap(s string) string {
	if s == "" || s[0] != '\'' && s[0] != '"' && s[0] != '=' {
		return s
	}
	if s[0] == '\'' {
		if len(s) > 1 && s[1] >= '0' && s[1] <= '9' {
			return s[1:]
		}
		return s
	}
	inner, wrapped := strings.CutPrefix(strings.TrimPrefix(s, "="), `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !wrapped || !closed || inner == "" || strings.Contains(inner, `"`) {
		return s
	}
	return strings.TrimSpace(inner)
}

// shortened is a number as a spreadsheet shows one that is too long for it.
var shortened = regexp.MustCompile(`^[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{1,3}$`)

// mangled says what a spreadsheet has put in place of a value, and what to do; empty
// where the value is whole.
func mangled(s string) string {
	switch {
	case s == "":
	case s == uncalculated:
		return "is a formula that has no value yet: open the file in Excel and save it, or put the value in its place"
	case s[0] >= '0' && s[0] <= '9' && strings.IndexByte(s, '+') > 0 && shortened.MatchString(s):
		return "is a long number that a spreadsheet has shortened, and its digits are lost: set the column to Text there, fill it again from the record system, and save the file once more"
	case s[0] == '#' && len(s) > 2 && strings.Trim(s, "#") == "":
		return "is what a spreadsheet shows of a column that is too narrow: widen it, and save the file once more"
	case s[0] == '#' && (strings.HasPrefix(s, "#N/A") || strings.HasSuffix(s, "!") || s == "#NAME?"):
		return "is an error of a formula in a spreadsheet: correct the formula, or put the value in its place"
	}
	return ""
}
