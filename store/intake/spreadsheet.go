package intake

import (
	"regexp"
	"strconv"
	"strings"
	"time"
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

// countsDays reports whether a value is a date as a spreadsheet keeps it, in days since 1900:
// five digits, and after a point or a comma the time of the day.
func countsDays(s string) bool {
	whole, part, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	days, err := strconv.Atoi(whole)
	return err == nil && len(whole) == 5 && days >= 20_000 && strings.Trim(part, "0123456789") == "" // 20000 is in 1954
}

// dateElsewhere reports whether a value begins with a date as other countries, or people,
// write it.
func dateElsewhere(s string) bool {
	day, _, _ := strings.Cut(s, " ")
	day = strings.NewReplacer(".", "/", "-", "/").Replace(day)
	for _, form := range []string{"2/1/2006", "1/2/2006", "2/1/06", "1/2/06", "2/Jan/2006", "2/Jan/06"} {
		if _, err := time.Parse(form, day); err == nil {
			return true
		}
	}
	return false
}
