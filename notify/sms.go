package notify

import (
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// leastTitle is how many characters of a title are kept before the staff id goes.
const leastTitle = 20

// sms renders m as a text. Staff are named in it where there is room: where the names
// would cost another segment, or anything else that it says, the ids stand alone. Whoever
// reads it knows them, and a reference or a time that was cut off is known to nobody.
func (c *Composer) sms(now time.Time, m Message) (string, error) {
	name, long, parts := "sms-"+m.Kind.wording(), "", 0
	if len(m.Staff) > 0 {
		named := m.cleaned()
		named.name()
		v, err := c.view(now, named)
		if err != nil {
			return "", err
		}
		long, err = c.wholeText(name, v)
		if parts = segments(long); err != nil || parts == 1 {
			return long, err
		}
	}
	v, err := c.view(now, m)
	if err != nil {
		return "", err
	}
	if parts > 0 && parts <= c.segments {
		short, err := c.wholeText(name, v)
		if err != nil || parts <= segments(short) {
			return long, err
		}
	}
	return c.shortenedText(name, v)
}

// wholeText is a text with all that it has to say.
func (c *Composer) wholeText(name string, v *view) (string, error) {
	text, err := c.words(name, v)
	return gsm(strings.Join(strings.Fields(text), " ")), err
}

// shortenedText renders v as a text of at most c.segments segments. When it is longer, in
// what it is to be recorded goes first, then the link, then which other cases it is about, then the end of the title,
// then the staff id of whose duty it is. When it falls due, the case reference and the reply code always stay, even
// if a reference of more than longestReference places takes another segment.
func (c *Composer) shortenedText(name string, v *view) (string, error) {
	var text string
	var err error
	fits := func() bool {
		text, err = c.wholeText(name, v)
		return err != nil || segments(text) <= c.segments
	}
	if fits() {
		return text, err
	}
	s := v.shortened()
	for _, goes := range []*string{s.record, s.link, &v.Also} {
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
type shortened struct{ record, link, title, ownerID *string }

func (v *view) shortened() shortened {
	var nothing string
	switch {
	case v.First != nil:
		return shortened{&v.First.Record, &v.First.Link, &v.First.Action, &v.First.OwnerID}
	case v.Answer.Says != "":
		return shortened{&nothing, &v.Answer.Link, &v.Answer.Action, &nothing}
	}
	return shortened{&nothing, &v.Alert.Link, &v.Alert.Action, &nothing}
}

// cut keeps the first n characters of s and shows that there were more.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n])) + "..."
}
