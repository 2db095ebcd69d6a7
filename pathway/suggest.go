package pathway

import "strings"

// DidYouMean returns " (did you mean X?)" for the known word that comes closest
// to a mistyped one, and nothing where none comes close.
func DidYouMean(word string, known []string) string {
	best, least := "", len(word)/3+1 // a third of the letters may be wrong
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d <= least && k != word {
			if d < least || best == "" {
				best, least = k, d
			}
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}

// distance counts the letters to change, add, drop or swap with a neighbour to
// come from one word to the other (optimal string alignment).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	var before, last, row [65]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// OtherLetters is a reference or an id in capital and in small letters, as far as those are
// others: whoever writes KN-7 as kn-7 means the same case.
func OtherLetters(word string) (others []string) {
	upper, lower := strings.ToUpper(word), strings.ToLower(word)
	if upper != word {
		others = append(others, upper)
	}
	if lower != word && lower != upper {
		others = append(others, lower)
	}
	return others
}

// AlikeFault says of a new reference or id that it differs from a known one in capital and
// small letters only: two cases of one child would each know half of what happened.
func AlikeFault(known string) string {
	return "differs from " + known + ", which is known, in capital and small letters only: write it as it is known, or give this one another"
}

// NoPerson says that nobody has an id, and whose may be meant.
func NoPerson(id string, known []string) error {
	return NewProblem(NotFound, "there is nobody with the id %q%s: check the id and the people list", Shorten(id), DidYouMean(id, known))
}

// NoCase says that no case has a reference, and which may be meant.
func NoCase(ref string, known []string) error {
	return NewProblem(NotFound, "there is no case %s%s: check the reference, and whether this is its database", Shorten(ref), DidYouMean(ref, known))
}
