package flowchart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
)

func shipped(t *testing.T) *configs.Pathways {
	t.Helper()
	c, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	pathways, err := c.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	return pathways
}

func svg(t *testing.T, p *pathway.Pathway, ladders map[string]*pathway.Ladder) string {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(&b, p, ladders); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestShippedPathwaysAreWholeOnTwoPagesAtMost(t *testing.T) {
	pathways := shipped(t)
	if len(pathways.List()) < 7 {
		t.Fatalf("only %d pathways are shipped", len(pathways.List()))
	}
	for _, p := range pathways.List() {
		t.Run(p.ID, func(t *testing.T) {
			s := read(t, svg(t, p, pathways.Ladders))
			s.isWhole(t, p)
			s.isLaidOut(t)
			if s.height > 2*pageHeight {
				t.Errorf("the chart is %v mm high; want two A4 pages at most, %v mm", s.height, 2*pageHeight)
			}
			if n := len(s.of("ladders")); n != 1 {
				t.Errorf("%d tables of who is told when; want 1", n)
			}
		})
	}
}

// TestChartFollowsTheGuidance names what a manager looks for, in the order in
// which it stands on the chart.
func TestChartFollowsTheGuidance(t *testing.T) {
	pathways := shipped(t)
	tests := []struct {
		pathway string
		order   []string
	}{
		{"hv-child", []string{"Case opened", "Make contact", "First unsuccessful visit", "Liaise (level 1)",
			"Offer the second contact", "Vulnerabilities identified?", "Goes on as: Health visiting, child safeguarding",
			"Second and later unsuccessful visits in a row", "Record the plan", "Share the plan", "Birth, or the move", "From 10 days, within 14 days of the birth", "Breakdown in the relationship"}},
		{"hv-antenatal-vulnerable", []string{"Case opened", "First unsuccessful visit", "Second and later", "Goes on as: Health visiting, child safeguarding",
			"Is the child born?", "Declined"}},
		{"hv-child-safeguarding", []string{"First unsuccessful visit", "Second and later", "Decide whether to refer",
			"Every unsuccessful visit", "Timeframe set", "Show the analysis", "Visit again by the date set"}},
		{"csc-section-47", []string{"Case opened", "See the child", "First unsuccessful visit", "Discuss the unsuccessful visit",
			"See the child again", "Second and later", "Discuss with the team manager immediately", "Every unsuccessful visit"}},
		{"csc-parent-assessment", []string{"Case opened", "Every unsuccessful visit or non-engagement", "Alert the supervisor"}},
	}
	for _, test := range tests {
		t.Run(test.pathway, func(t *testing.T) {
			p := pathways.ByID[test.pathway]
			if p == nil {
				t.Fatalf("no pathway %s is shipped", test.pathway)
			}
			s := read(t, svg(t, p, pathways.Ladders))
			last, lastTop := "", -1.0
			for _, want := range test.order {
				shape := s.saying(want)
				if shape == nil {
					t.Fatalf("nothing on the chart says %q", want)
				}
				if shape.y < lastTop {
					t.Errorf("%q stands at %v mm, above %q at %v mm", want, shape.y, last, lastTop)
				}
				last, lastTop = want, shape.y
			}
		})
	}
}

func TestEachFigureSaysWhoseItIs(t *testing.T) {
	p := story(t)
	s := read(t, svg(t, p, nil))
	for _, want := range []struct{ duty, says string }{
		{"See the child", "CIN plan: at least every 20 working days local default"},
		{"See the child", "CfC plan: at least every 6 weeks guidance"},
		{"Talk it over", "Immediately (taken as 1 hour: local default)"},
	} {
		if shape := s.saying(want.duty); shape == nil || !strings.Contains(shape.says(), want.says) {
			t.Errorf("the box of %q does not say %q: %+v", want.duty, want.says, shape)
		}
	}
	for _, want := range []struct{ duty, mark string }{
		{"Talk it over", "guidance"}, {"Write it down", "local default"},
	} {
		shape := s.saying(want.duty)
		if shape == nil || len(shape.texts) < 2 || shape.texts[1].says != want.mark {
			t.Errorf("the box of %q is not marked %q: %+v", want.duty, want.mark, shape)
		}
	}
}

func TestHostileTextStaysTextInItsBox(t *testing.T) {
	for name, text := range map[string]string{
		"markup":        `</text><script>alert("x")</script>&amp;'<!-- ]]>`,
		"control":       "a\x00b\x1b[31mc\u202egnirts\u200b\r\nd",
		"not UTF-8":     "a\xff\xfe\xc3(b",
		"long":          strings.Repeat("again and again ", 120),
		"unbroken":      strings.Repeat("W", 700),
		"wide letters":  strings.Repeat("世界", 90) + strings.Repeat("😀", 40),
		"empty":         "",
		"only controls": "\x00\x01",
	} {
		t.Run(name, func(t *testing.T) {
			p := story(t)
			p.Title, p.Source, p.Version = text, text, text
			p.Moves = append(p.Moves, pathway.Move{On: pathway.Match{Kind: text, Value: text}, To: text})
			p.Flags = []pathway.FlagRule{{Title: text}}
			for i := range p.Duties {
				r := &p.Duties[i]
				r.Title, r.Guide, r.Clause, r.Owner, r.Ladder = text, text, text, pathway.Role(text), text
				r.Checklist = []pathway.Item{{Name: text}, {Name: "gp"}}
				r.MetBy = append(r.MetBy, pathway.Match{Kind: text})
			}
			ladder := &pathway.Ladder{ID: text, Title: text, Rungs: []pathway.RungRule{{Moment: pathway.AtStart, To: []pathway.Role{pathway.Role(text)}}}}
			ladders := map[string]*pathway.Ladder{text: ladder}
			s := read(t, svg(t, p, ladders))
			s.isWhole(t, p)
			s.isLaidOut(t)

			var b bytes.Buffer
			if err := Text(&b, p, ladders); err != nil {
				t.Fatal(err)
			}
			if err := List(&b, []*pathway.Pathway{p}); err != nil {
				t.Fatal(err)
			}
			if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && clean(string(r)) == "" && r != ' ' }); i >= 0 {
				t.Errorf("the text holds the character %q", b.String()[i:i+1])
			}
		})
	}
}

// TestBusyPathwayGoesOnBelow has more duties than any one page takes, at every
// place of the chart.
func TestBusyPathwayGoesOnBelow(t *testing.T) {
	p := story(t)
	for _, opens := range []string{"opened", "attempt 1", "attempt 2", "attempt 3+", "attempt 1+", "3 unsuccessful in any 12 months", "timeframe-set", "conference-booked"} {
		for n := range 5 {
			r := p.Duties[n%len(p.Duties)]
			r.ID += opens + strconv.Itoa(n)
			r.Title += strings.Repeat(" once more", n)
			r.Opens = []pathway.Trigger{must(pathway.ParseTrigger(opens))(t)}
			p.Duties = append(p.Duties, r)
		}
	}
	s := read(t, svg(t, p, nil))
	s.isWhole(t, p)
	s.isLaidOut(t)
	if s.height < 2*pageHeight {
		t.Fatalf("the chart is %v mm high; want several pages", s.height)
	}
	for _, shape := range s.shapes {
		if first, last := int(shape.y/pageHeight), int((shape.y+shape.h)/pageHeight); first != last {
			t.Errorf("%q is cut by the end of page %d", shape.says(), first+1)
		}
	}
}

func TestSamePathwayGivesSameBytes(t *testing.T) {
	pathways := shipped(t)
	for _, p := range pathways.List() {
		first := svg(t, p, pathways.Ladders)
		for range 5 {
			if again := svg(t, p, pathways.Ladders); again != first {
				t.Fatalf("%s: two charts of one pathway differ", p.ID)
			}
		}
	}
}

func TestWriterErrorIsReported(t *testing.T) {
	full := errors.New("disk full")
	p := story(t)
	for name, err := range map[string]error{
		"SVG": SVG(failing{full}, p, nil), "Text": Text(failing{full}, p, nil), "List": List(failing{full}, []*pathway.Pathway{p}),
	} {
		if !errors.Is(err, full) {
			t.Errorf("%s gave %v; want %v", name, err, full)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// drawing is a chart read back.
type drawing struct {
	width, height float64
	shapes        []*shape
	loose         []text    // outside all shapes
	lines         []segment // likewise
	all           string
}

// shape is a group on the chart: a box with its texts.
type shape struct {
	class      string
	x, y, w, h float64
	texts      []text
}

type text struct {
	x, y   float64
	font   font
	anchor string
	says   string
}

type segment struct{ x1, y1, x2, y2 float64 }

func (s *shape) says() string {
	words := make([]string, len(s.texts))
	for i := range s.texts {
		words[i] = s.texts[i].says
	}
	return strings.Join(words, " ")
}

func (d *drawing) of(class string) []*shape {
	var out []*shape
	for _, s := range d.shapes {
		if s.class == class {
			out = append(out, s)
		}
	}
	return out
}

// saying returns the first shape with the words, or nil.
func (d *drawing) saying(words string) *shape {
	for _, s := range d.shapes {
		if strings.Contains(s.says(), words) {
			return s
		}
	}
	return nil
}

// read reads a chart back, and fails on anything that is not well-formed.
func read(t *testing.T, svg string) *drawing {
	t.Helper()
	d := &drawing{}
	var group *shape
	var words *text
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return d
		}
		if err != nil {
			t.Fatalf("the chart is not well-formed: %v", err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			a := attributes{}
			for _, attr := range e.Attr {
				a[attr.Name.Local] = attr.Value
			}
			switch e.Name.Local {
			case "svg":
				d.width, d.height = a.number(t, "width"), a.number(t, "height")
				if a["role"] != "img" {
					t.Errorf("the chart has the role %q; want img", a["role"])
				}
			case "g":
				group = &shape{class: a["class"]}
				d.shapes = append(d.shapes, group)
			case "rect":
				if group != nil && group.w == 0 {
					group.x, group.y, group.w, group.h = a.number(t, "x"), a.number(t, "y"), a.number(t, "width"), a.number(t, "height")
				}
			case "polygon":
				if p := a.points(t); group != nil && group.w == 0 {
					group.x, group.y = p[0], p[3]
					group.w, group.h = p[6]-p[0], p[9]-p[3]
				}
			case "polyline":
				p := a.points(t)
				for i := 0; group == nil && i+3 < len(p); i += 2 {
					d.lines = append(d.lines, segment{p[i], p[i+1], p[i+2], p[i+3]})
				}
			case "text":
				words = &text{x: a.number(t, "x"), y: a.number(t, "y"), anchor: a["text-anchor"],
					font: font{size: a.number(t, "font-size"), bold: a["font-weight"] == "bold"}}
			case "line", "title", "desc", "style":
			default:
				t.Errorf("an element <%s> is on the chart", e.Name.Local)
			}
		case xml.CharData:
			if words != nil {
				words.says += string(e)
			}
			d.all += string(e)
		case xml.EndElement:
			switch e.Name.Local {
			case "text":
				if group != nil {
					group.texts = append(group.texts, *words)
				} else {
					d.loose = append(d.loose, *words)
				}
				words = nil
			case "g":
				group = nil
			}
		}
	}
}

type attributes map[string]string

func (a attributes) number(t *testing.T, key string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(strings.TrimSuffix(a[key], "mm"), 64)
	if err != nil {
		t.Fatalf("%s is %q: want a number", key, a[key])
	}
	return v
}

func (a attributes) points(t *testing.T) []float64 {
	t.Helper()
	var out []float64
	for _, s := range strings.FieldsFunc(a["points"], func(r rune) bool { return r == ' ' || r == ',' }) {
		out = append(out, attributes{"points": s}.number(t, "points"))
	}
	return out
}

// isWhole checks that each duty has its box with its title, clocks and owner.
func (d *drawing) isWhole(t *testing.T, p *pathway.Pathway) {
	t.Helper()
	boxes := d.of("duty")
	if len(boxes) != len(p.Duties) {
		t.Errorf("%d duties are on the chart; want %d", len(boxes), len(p.Duties))
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for i := range p.Duties {
		r := &p.Duties[i]
		want := []string{squeeze(clean(r.Title)), squeeze(role(r.Owner))}
		for _, k := range clocks(r) {
			want = append(want, squeeze(k.Says))
		}
		found := false
		for _, b := range boxes {
			says, all := squeeze(b.says()), true
			for _, w := range want {
				all = all && strings.Contains(strings.ToLower(says), strings.ToLower(w))
			}
			found = found || all
		}
		if !found {
			t.Errorf("no box on the chart says all of %q", want)
		}
	}
}

// isLaidOut checks that every text lies in its box and can be read in print, that
// no two boxes overlap, and that no line runs through a box.
func (d *drawing) isLaidOut(t *testing.T) {
	t.Helper()
	page := &shape{class: "page", w: d.width, h: d.height, texts: d.loose}
	for _, s := range append(d.shapes, page) {
		if s.x < 0 || s.y < 0 || s.x+s.w > d.width || s.y+s.h > d.height {
			t.Errorf("%s %q leaves the page: %v,%v %v×%v", s.class, s.says(), s.x, s.y, s.w, s.h)
		}
		for _, w := range s.texts {
			wide := w.font.width(w.says)
			from := w.x
			switch w.anchor {
			case "middle":
				from -= wide / 2
			case "end":
				from -= wide
			}
			if from < s.x || from+wide > s.x+s.w || w.y-w.font.size*0.75 < s.y || w.y > s.y+s.h {
				t.Errorf("%q leaves its %s: it runs from %.1f to %.1f at %.1f in %.1f,%.1f %.1f×%.1f",
					w.says, s.class, from, from+wide, w.y, s.x, s.y, s.w, s.h)
			}
			if w.font.size < 8*pt-0.01 {
				t.Errorf("%q is %.2f mm; want 8 pt (%.2f mm) or larger", w.says, w.font.size, 8*pt)
			}
		}
	}
	for i, a := range d.shapes {
		for _, b := range d.shapes[:i] {
			if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
				t.Errorf("%q overlaps %q", a.says(), b.says())
			}
		}
		const edge = 0.1
		for _, l := range d.lines {
			if min(l.x1, l.x2) < a.x+a.w-edge && max(l.x1, l.x2) > a.x+edge && min(l.y1, l.y2) < a.y+a.h-edge && max(l.y1, l.y2) > a.y+edge {
				t.Errorf("a line %v runs through %q", l, a.says())
			}
		}
	}
}
