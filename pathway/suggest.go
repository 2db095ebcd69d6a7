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
