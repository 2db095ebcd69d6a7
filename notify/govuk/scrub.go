package govuk

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	isName = regexp.MustCompile(`^[A-Za-z]{1,40}$`).MatchString

	withAt = regexp.MustCompile(`\S*@\S*`)
	anID   = regexp.MustCompile(uuid)
	number = regexp.MustCompile(`\+?[0-9][0-9 ()-]{4,}[0-9]`)
)

// isField are the fields of our requests by which errors of validation begin.
var isField = map[string]bool{"phone_number": true, "email_address": true, "template_id": true,
	"personalisation": true, "reference": true, "content": true, "postage": true}

// scrub makes another program's words fit for logs and pages: no address, no
// number, no id, and nothing of what stands in hide.
func scrub(words string, hide []string) string {
	words = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(words, "?"))
	for _, secret := range hide {
		for line := range strings.SplitSeq(secret, "\n") {
			if line = strings.TrimSpace(line); len(line) >= 3 { // less is in every other word
				words = regexp.MustCompile("(?i)"+regexp.QuoteMeta(line)).ReplaceAllLiteralString(words, "...")
			}
		}
	}
	for _, pattern := range []*regexp.Regexp{withAt, anID, number} {
		words = pattern.ReplaceAllLiteralString(words, "...")
	}
	if runes := []rune(words); len(runes) > 200 {
		words = string(runes[:200]) + "..."
	}
	return words
}
