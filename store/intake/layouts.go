package intake

import (
	"errors"
	"strings"
	"time"
)

// layout is a date format of a mapping.
type layout struct {
	written string
	form    string // as package time has it
	date    string // the part of it that is the date
	hasTime bool
}

// contradicts reports whether the same date means another day in another layout, as
// 03/02/2026 does in DD/MM/YYYY and in MM/DD/YYYY, or would if the year were written
// alike: no file has both orders.
func (l layout) contradicts(other layout) bool {
	if l.order()*other.order() < 0 {
		return true
	}
	for _, day := range []time.Time{time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC), time.Date(2010, 11, 12, 0, 0, 0, 0, time.UTC)} {
		if read, err := time.Parse(other.date, day.Format(l.date)); err == nil && !read.Equal(day) {
			return true
		}
	}
	return false
}

// order is 1 where the day stands before the month, -1 where it stands behind; 0 where the
// year stands first or the month has its name, for then nobody takes one for the other.
func (l layout) order() int {
	day, month, year := strings.Index(l.written, "D"), strings.Index(l.written, "M"), strings.Index(l.written, "Y")
	switch {
	case year < min(day, month) || strings.Contains(l.written, "MMM"):
		return 0
	case day < month:
		return 1
	}
	return -1
}

// layoutParts are what a date format is written with, longest first.
var layoutParts = []struct{ written, form string }{
	{"YYYY", "2006"}, {"MMMM", "January"}, {"MMM", "Jan"}, {"MM", "01"}, {"DD", "02"},
	{"HH", "15"}, {"hh", "03"}, {"mm", "04"}, {"ss", "05"}, {"A", "PM"}, {"YY", "06"}, {"M", "1"}, {"D", "2"},
}

// parseLayout reads a date format such as DD/MM/YYYY HH:mm.
func parseLayout(s string) (layout, error) {
	l := layout{written: s}
	var form strings.Builder
	dateFrom, dateUntil := -1, 0
	for rest := s; rest != ""; {
		found := false
		for _, part := range layoutParts {
			if strings.HasPrefix(rest, part.written) {
				if strings.ContainsAny(part.written, "YMD") {
					if dateFrom < 0 {
						dateFrom = form.Len()
					}
					dateUntil = form.Len() + len(part.form)
				}
				form.WriteString(part.form)
				rest, found = rest[len(part.written):], true
				break
			}
		}
		if !found {
			if c := rest[0]; c >= '0' && c <= '9' || c >= 'a' && c <= 'z' && c != 'T' || c >= 'A' && c <= 'Z' && c != 'T' {
				return l, errors.New("is not a date format: write it with DD, MM, YYYY, HH, mm and ss, as in DD/MM/YYYY HH:mm")
			}
			form.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	l.form = form.String()
	l.date = l.form[max(dateFrom, 0):dateUntil]
	l.hasTime = strings.Contains(l.form, "15") || strings.Contains(l.form, "03")
	if !strings.Contains(l.form, "06") || !strings.Contains(s, "M") || !strings.Contains(s, "D") {
		return l, errors.New("is not a date format: it needs a day, a month and a year, as in DD/MM/YYYY")
	}
	return l, nil
}
