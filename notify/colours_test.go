package notify

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// leastContrast is what WCAG 2.2, 1.4.3, asks of text.
const leastContrast = 4.5

// TestEveryWordCanBeReadInLightAndInDark works out each word's colour and what lies
// behind it from the email's own style, as a mail program would.
func TestEveryWordCanBeReadInLightAndInDark(t *testing.T) {
	c := newComposer(t)
	for _, s := range samples() {
		r, err := c.Compose(s.now, s.message)
		if err != nil {
			t.Fatal(err)
		}
		for _, dark := range []bool{false, true} {
			words := wordsShown(t, r.HTML, dark)
			if len(words) < 3 {
				t.Errorf("%s: only %d pieces of text were found", s.name, len(words))
			}
			for _, w := range words {
				if got := contrast(w.colour, w.behind); got < leastContrast {
					t.Errorf("%s, dark %v: %q is %s on %s, %.2f to 1; want at least %.1f", s.name, dark, w.text, w.colour, w.behind, got, leastContrast)
				}
			}
		}
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.48}, {"#d4351c", "#17191a", 3.63}} {
		if got := contrast(test.a, test.b); math.Abs(got-test.want) > 0.01 {
			t.Errorf("%s on %s is %.3f to 1, want %.2f", test.a, test.b, got, test.want)
		}
	}
}

// TestHeadingsAreHeadings: whoever listens to an email can jump from one to the next.
func TestHeadingsAreHeadings(t *testing.T) {
	late := seeAgain()
	late.Due = at("2026-09-03 17:00")
	for story, test := range map[string]struct {
		m    Message
		want []string
	}{
		"one reminder": {reminderEmail("k", seeAgain()), []string{"h1 See the child again, KN-1"}},
		"several":      {reminderEmail("k", late, liaise()), []string{"h1 2 to do, 1 overdue", "h2 See the child again, KN-1", "h2 Liaise with the other services, SW-3"}},
		"an alert":     {alert(Alert{Says: AlertPhoneFamily, CaseRef: "SW-2"}), []string{"h1 Phone the family instead of writing, SW-2"}},
		"a team's digest": {digestEmail(KindTeamDigest, teamDigest()),
			[]string{"h1 5 overdue in 2 of 3 teams, the longest for 7 days: KN-1, East.", "h2 East", "h2 West", "h2 Town Centre"}},
	} {
		var got []string
		for n := range parsed(t, compose(t, "2026-09-07 08:30", test.m).HTML).Descendants() {
			if n.Type == html.ElementNode && regexp.MustCompile(`^h[1-6]$`).MatchString(n.Data) {
				got = append(got, n.Data+" "+strings.TrimSpace(textOf(n)))
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: the headings are\n%q, want\n%q", story, got, test.want)
		}
	}
}

func parsed(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// shown is a piece of text with its colours.
type shown struct{ text, colour, behind string }

// wordsShown returns all text that is shown.
func wordsShown(t *testing.T, page string, dark bool) []shown {
	root := parsed(t, page)
	var rules []cssRule
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "style" {
			rules = append(rules, cssRules(t, textOf(n), dark)...)
		}
	}
	return appendShown(nil, root, rules, shown{})
}

func appendShown(all []shown, n *html.Node, rules []cssRule, is shown) []shown {
	if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
		is.text = strings.TrimSpace(n.Data)
		return append(all, is)
	}
	if n.Type == html.ElementNode {
		if n.Data == "head" {
			return all
		}
		for _, r := range rules {
			if r.is(n) {
				is.apply(r.says)
			}
		}
		is.apply(attribute(n, "style")) // which outranks all rules
	}
	for child := range n.ChildNodes() {
		all = appendShown(all, child, rules, is)
	}
	return all
}

func (s *shown) apply(declarations string) {
	for d := range strings.SplitSeq(declarations, ";") {
		property, value, _ := strings.Cut(strings.TrimSpace(d), ":")
		switch strings.TrimSpace(property) {
		case "color":
			s.colour = strings.TrimSpace(value)
		case "background", "background-color":
			s.behind = strings.TrimSpace(value)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// cssRule is a selector, of an element or a class, and what it says.
type cssRule struct{ selector, says string }

func (r cssRule) is(n *html.Node) bool {
	class, isClass := strings.CutPrefix(r.selector, ".")
	if isClass {
		return slices.Contains(strings.Fields(attribute(n, "class")), class)
	}
	return n.Data == r.selector
}

var (
	darkRules = regexp.MustCompile(`@media \(prefers-color-scheme:dark\)\{\n((?:[^{}]+\{[^{}]*\}\n)+)\}`)
	oneRule   = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
)

// cssRules are the rules in the order in which they apply: those of elements, which
// rank below those of classes, first.
func cssRules(t *testing.T, style string, dark bool) []cssRule {
	found := darkRules.FindStringSubmatch(style)
	if found == nil {
		t.Fatalf("the style has no rules for the dark:\n%s", style)
	}
	sheet := strings.Replace(style, found[0], "", 1)
	if dark {
		sheet += found[1]
	}
	var elements, classes []cssRule
	for _, rule := range oneRule.FindAllStringSubmatch(sheet, -1) {
		for selector := range strings.SplitSeq(rule[1], ",") {
			switch selector = strings.TrimSpace(selector); {
			case !regexp.MustCompile(`^[.:]?[a-z0-9-]+$`).MatchString(selector):
				t.Fatalf("the selector %q is none that this test understands", selector)
			case selector[0] == '.':
				classes = append(classes, cssRule{selector, rule[2]})
			default:
				elements = append(elements, cssRule{selector, rule[2]})
			}
		}
	}
	return slices.Concat(elements, classes)
}

// contrast is that of two colours as WCAG 2.2 defines it, from 1 to 21; 0 where one of
// them is not known.
func contrast(a, b string) float64 {
	la, err := luminance(a)
	lb, err2 := luminance(b)
	if err != nil || err2 != nil {
		return 0
	}
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(colour string) (float64, error) {
	if !regexp.MustCompile(`^#[0-9a-f]{6}$`).MatchString(colour) {
		return 0, fmt.Errorf("%q is no colour", colour)
	}
	part := func(from int) float64 {
		n, _ := strconv.ParseUint(colour[from:from+2], 16, 8) // it is one, as just seen
		s := float64(n) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5), nil
}
