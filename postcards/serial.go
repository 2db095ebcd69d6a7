package postcards

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// serialAlphabet has no vowels, so that no serial is a word, and none of 0, 1, I
// and O, which handwriting and phone lines confuse. Its length is a prime: a
// weighted sum then catches every single wrong character and every two swapped
// neighbours.
const serialAlphabet = "23456789BCDFGHJKLMNPQRSTVWXYZ"

// serialRandom is how many characters of a serial are random: 29⁶ ≈ 595 million.
const serialRandom = 6

// NewSerial returns a new serial such as "K7M-2PXQ": six random characters and a
// check character. It says nothing of the case; the caller keeps which card it is
// on, and asks again should it be taken already.
func NewSerial(random io.Reader) (string, error) {
	symbols := make([]byte, 0, serialRandom+1)
	one := make([]byte, 1)
	for len(symbols) < serialRandom {
		if _, err := io.ReadFull(random, one); err != nil {
			return "", fmt.Errorf("making a card serial: %w", err)
		}
		// Bytes beyond the last whole multiple would favour some characters.
		if n := len(serialAlphabet); int(one[0]) < 256/n*n {
			symbols = append(symbols, serialAlphabet[int(one[0])%n])
		}
	}
	symbols = append(symbols, serialCheck(symbols))
	return string(symbols[:3]) + "-" + string(symbols[3:]), nil
}

// ParseSerial returns a serial as NewSerial writes it, from one that somebody
// read out or typed: small letters, spaces and hyphens are as good. The error
// says that it was misread.
func ParseSerial(s string) (string, error) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u2010", "", "\u2011", "", "–", "", "—", "", "−", "").Replace(strings.TrimSpace(s)))
	if len(s) != serialRandom+1 || strings.Trim(s, serialAlphabet) != "" {
		return "", errors.New("not a card serial: it has seven letters and digits, such as K7M-2PXQ, and no vowel, 0 or 1")
	}
	if serialCheck([]byte(s[:serialRandom])) != s[serialRandom] {
		return "", errors.New("not a card serial that was ever given out: ask for it to be read again, letter by letter")
	}
	return s[:3] + "-" + s[3:], nil
}

func serialCheck(symbols []byte) byte {
	sum := 0
	for i, b := range symbols {
		sum += (i + 2) * strings.IndexByte(serialAlphabet, b)
	}
	return serialAlphabet[sum%len(serialAlphabet)]
}
