package configs

import (
	"fmt"
	"strings"

	"example.org/doorstep/pathway"
)

// clockTime reads "17:00".
type clockTime pathway.ClockTime

func (c *clockTime) UnmarshalText(b []byte) error {
	t, err := pathway.ParseClockTime(string(b))
	if err == nil {
		*c = clockTime(t)
	}
	return err
}

func (c clockTime) MarshalText() ([]byte, error) { return []byte(pathway.ClockTime(c).String()), nil }

// officeHours reads "08:00-18:00".
type officeHours struct{ Opens, Closes pathway.ClockTime }

func (o *officeHours) UnmarshalText(b []byte) error {
	from, to, found := strings.Cut(string(b), "-")
	opens, err := pathway.ParseClockTime(strings.TrimSpace(from))
	closes, err2 := pathway.ParseClockTime(strings.TrimSpace(to))
	if !found || err != nil || err2 != nil {
		return fmt.Errorf("%q are not office hours: write them as 08:00-18:00", b)
	}
	if opens >= closes {
		return fmt.Errorf("%q: the office closes before it opens: write the earlier time first, as in 08:00-18:00", b)
	}
	*o = officeHours{opens, closes}
	return nil
}

func (o officeHours) MarshalText() ([]byte, error) {
	return []byte(o.Opens.String() + "-" + o.Closes.String()), nil
}
