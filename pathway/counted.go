package pathway

import "strconv"

// Counted writes a number of things as people do: "1 row", "2 rows".
func Counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
