package pathway

import (
	"fmt"
	"regexp"
	"strings"
)

// Condition picks out the cases a rule is for. The zero Condition holds always.
//
// Written: "contact is six-week", "plan is cp", "open to mental-health",
// "edd known", "chair known", "before first review-held", "after decision-recorded"
// (the duty opens as such an event meets the one before it), each also with "not "
// in front.
type Condition struct {
	Text  string
	not   bool
	test  string // contact, plan, open-to, edd, chair, before-first, after
	value string
}

var conditionForms = []struct {
	test string
	form *regexp.Regexp
}{
	{"contact", regexp.MustCompile(`^contact is ([a-z-]+)$`)},
	{"plan", regexp.MustCompile(`^plan is ([a-z-]+)$`)},
	{"open-to", regexp.MustCompile(`^open to ([a-z0-9-]+)$`)},
	{"edd", regexp.MustCompile(`^(edd) known$`)},
	{"chair", regexp.MustCompile(`^(chair) known$`)},
	{"after", regexp.MustCompile(`^after ([a-z][a-z0-9-]*)$`)},
	{"before-first", regexp.MustCompile(`^before first ([a-z][a-z0-9-]*)$`)},
}

// ParseCondition reads a Condition as written above; the empty string holds
// always.
func ParseCondition(s string) (Condition, error) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return Condition{}, nil
	}
	rest, not := strings.CutPrefix(s, "not ")
	for _, f := range conditionForms {
		if m := f.form.FindStringSubmatch(rest); m != nil {
			return Condition{Text: s, not: not, test: f.test, value: m[1]}, nil
		}
	}
	return Condition{}, fmt.Errorf(`%q is not a condition: write one like "contact is six-week", "plan is cp", "open to mental-health", "edd known", "chair known", "before first review-held" or "after decision-recorded"`, s)
}

// holds reports whether the condition is true of the case as it stands.
func (c *Condition) holds(d *derivation) bool {
	var is bool
	switch c.test {
	case "":
		return true
	case "contact":
		is = d.standing.Contact == c.value
	case "plan":
		is = d.c.Plan == c.value
	case "open-to":
		is = d.c.OpenToService(c.value)
	case "edd":
		is = !d.standing.EDD.IsZero()
	case "chair":
		is = d.c.Chair != ""
	case "after":
		is = d.silence.decided != nil && d.silence.decided.Kind == c.value
	case "before-first":
		is = !d.happened(c.value)
	}
	return is != c.not
}
