package postcards

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// words are a language's words for what cards and letters are filled in with.
type words struct {
	Contacts    map[string]string `yaml:"contacts"`
	Weekdays    []string          `yaml:"weekdays"` // from Sunday
	Months      []string          `yaml:"months"`
	Date        string            `yaml:"date"`
	Time        string            `yaml:"time"`
	DateAndTime string            `yaml:"date_and_time"`
	Clock       int               `yaml:"clock"`
	Halves      []string          `yaml:"halves"` // of the day, on a clock of 12 hours
	Addressee   string            `yaml:"addressee"`
	Greeting    string            `yaml:"greeting"`
	Telephone   string            `yaml:"telephone"`
	Reference   string            `yaml:"reference"`
	Quote       string            `yaml:"quote"`    // empty: nothing stands before a card's serial, as on the first ones
	AtHome      string            `yaml:"at_home"`  // empty, as the next: no letter of the language says where
	AtPlace     string            `yaml:"at_place"` // with {place}: its name and address
	Page        string            `yaml:"page"`
}

// readWords reads words/LANGUAGE.yaml.
func readWords(files fs.FS, language string, f *fonts, found *faults) *words {
	name := path.Join("words", language+".yaml")
	w := &words{}
	if !readYAML(files, name, w, found) {
		return nil
	}
	wrong := func(format string, args ...any) { found.add(name, 0, 0, format, args...) }
	for _, kind := range pathway.Contacts {
		if strings.TrimSpace(w.Contacts[kind]) == "" {
			wrong("contacts: %s is missing: say what the family calls it", kind)
		}
	}
	for kind := range w.Contacts {
		if !slices.Contains(pathway.Contacts, kind) {
			wrong("contacts: %s is not a contact: use %s", kind, strings.Join(pathway.Contacts, ", "))
		}
	}
	if len(w.Weekdays) != 7 {
		wrong("weekdays: there are %d: name seven, from Sunday", len(w.Weekdays))
	}
	if len(w.Months) != 12 {
		wrong("months: there are %d: name twelve, from January", len(w.Months))
	}
	if w.Clock != 24 && (w.Clock != 12 || len(w.Halves) != 2) {
		wrong("clock: it is 24, or 12 with two halves of the day, such as [am, pm]")
	}
	for _, pattern := range []struct {
		key, text string
		needed    []string
		optional  []string
	}{
		{"date", w.Date, []string{"day", "month", "year"}, []string{"weekday"}},
		{"time", w.Time, []string{"hour", "minute"}, []string{"half"}},
		{"date_and_time", w.DateAndTime, []string{"date", "time"}, nil},
		{"page", w.Page, []string{"page", "pages"}, nil},
		{"at_place", cmp.Or(w.AtPlace, "{place}"), []string{"place"}, nil},
	} {
		rest := pattern.text
		for _, n := range slices.Concat(pattern.needed, pattern.optional) {
			if slices.Contains(pattern.needed, n) && !strings.Contains(rest, "{"+n+"}") {
				wrong("%s: {%s} is missing", pattern.key, n)
			}
			rest = strings.ReplaceAll(rest, "{"+n+"}", "")
		}
		if strings.ContainsAny(rest, "{}") {
			wrong("%s: %q has a value there is not", pattern.key, pattern.text)
		}
	}
	if w.Clock == 12 && !strings.Contains(w.Time, "{half}") {
		wrong("time: {half} is missing: a clock of 12 hours needs it")
	}
	for _, p := range []struct{ key, text string }{{"addressee", w.Addressee}, {"greeting", w.Greeting}, {"telephone", w.Telephone}, {"reference", w.Reference}} {
		if strings.TrimSpace(p.text) == "" {
			wrong("%s: is missing", p.key)
		}
	}
	texts := slices.Concat(w.Weekdays, w.Months, w.Halves, []string{w.Addressee, w.Greeting, w.Telephone, w.Reference, w.Quote, w.AtHome,
		strings.NewReplacer("{", "", "}", "").Replace(w.Date + w.Time + w.DateAndTime + w.Page + w.AtPlace)})
	for _, kind := range pathway.Contacts {
		texts = append(texts, w.Contacts[kind])
	}
	for _, text := range texts {
		if _, err := f.clean(text); err != nil {
			wrong("%q %v", strings.ToValidUTF8(text, "?"), err)
		}
	}
	return w
}

// quoting is a card's serial as it stands there.
func (w *words) quoting(serial string) string {
	if serial == "" || w.Quote == "" {
		return serial
	}
	return w.Quote + " " + serial
}

// contact returns what the family calls a contact; "" for one that is not known.
func (w *words) contact(kind string) string { return w.Contacts[kind] }

// date writes a day as "Tuesday 14 July 2026". t is in the organisation's zone.
func (w *words) date(t time.Time) string {
	return expand(w.Date, func(name string) string {
		switch name {
		case "weekday":
			return w.Weekdays[t.Weekday()]
		case "day":
			return strconv.Itoa(t.Day())
		case "month":
			return w.Months[t.Month()-1]
		}
		return strconv.Itoa(t.Year())
	})
}

// time writes a time of day as "10:40am".
func (w *words) time(t time.Time) string {
	return expand(w.Time, func(name string) string {
		switch name {
		case "hour":
			if w.Clock == 12 {
				return strconv.Itoa((t.Hour()+11)%12 + 1)
			}
			return strconv.Itoa(t.Hour())
		case "minute":
			if t.Minute() < 10 {
				return "0" + strconv.Itoa(t.Minute())
			}
			return strconv.Itoa(t.Minute())
		}
		if w.Clock == 12 {
			return w.Halves[t.Hour()/12]
		}
		return ""
	})
}

// dateAndTime writes "Tuesday 14 July 2026 at 10:40am".
func (w *words) dateAndTime(t time.Time) string {
	return expand(w.DateAndTime, func(name string) string {
		if name == "date" {
			return w.date(t)
		}
		return w.time(t)
	})
}

// expand puts values into a pattern such as "{day} {month}", which readWords has
// checked.
func expand(pattern string, value func(name string) string) string {
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(pattern, "{")
		b.WriteString(text)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(value(name))
		pattern = after
	}
}
