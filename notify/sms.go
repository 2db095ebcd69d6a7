package notify

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// leastTitle is how many characters of a title are kept before the staff id goes.
const leastTitle = 20

// sms renders v as a text of at most c.segments segments. When it is longer, the
// link goes first, then which other cases it is about, then the end of the title,
// then the staff id of whose duty it is. When it falls due, the case reference and the reply code always stay, even
// if a reference of more than longestReference places takes another segment.
func (c *Composer) sms(wording string, v *view) (string, error) {
	name := "sms-" + wording
	var text string
	var err error
	fits := func() bool {
		text, err = c.words(name, v)
		text = gsm(strings.Join(strings.Fields(text), " "))
		return err != nil || segments(text) <= c.segments
	}
	if fits() {
		return text, err
	}
	s := v.shortened()
	for _, goes := range []*string{s.link, &v.Also} {
		if *goes = ""; fits() {
			return text, err
		}
	}
	whole, length := *s.title, utf8.RuneCountInString(*s.title)
	cutTo := func(least int) bool {
		gone := sort.Search(max(0, length-least), func(n int) bool {
			*s.title = cut(whole, length-n)
			return fits()
		})
		*s.title = cut(whole, min(length, max(least, length-gone)))
		return fits()
	}
	if cutTo(leastTitle) {
		return text, err
	}
	*s.ownerID = ""
	cutTo(0)
	return text, err
}

// longestReference is how many places of a case reference always fit into one
// text together with the longest due time, the sums and the reply code.
const longestReference = 60

// shortened is what of a text can go when it is too long.
type shortened struct{ link, title, ownerID *string }

func (v *view) shortened() shortened {
	var nothing string
	switch {
	case v.First != nil:
		return shortened{&v.First.Link, &v.First.Action, &v.First.OwnerID}
	case v.Answer.Says != "":
		return shortened{&v.Answer.Link, &v.Answer.Action, &nothing}
	}
	return shortened{&v.Alert.Link, &v.Alert.Action, &nothing}
}

// cut keeps the first n characters of s and shows that there were more.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n])) + "..."
}
