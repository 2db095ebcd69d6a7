package notify

import (
	"bytes"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// forms runs templates, and remembers what they give as forms to fill in: most messages
// differ from others in a reference, a name or a time only. Templates take their values
// apart anew each time, which is most of what a message costs; to fill in a form is a
// twentieth of that.
//
// A form is filled in only where that gives what the template would give, byte for byte:
// everything that decides about the words (see readsOf) is the same, and the strings that
// only stand in them stand where they are written as they are, or as any text in HTML is.
// Where that is not so, the template is run.
type forms struct {
	templates interface {
		ExecuteTemplate(w io.Writer, name string, data any) error
	}
	trees  func(name string) *parse.Tree
	inText func(string) string // how a string is written in the text that comes out

	mu    sync.RWMutex
	known map[string]*form // by template and filling; nil: seen once
	reads map[use]*reads   // nil: not followed
}

// use is a template with a type of values.
type use struct {
	name  string
	given reflect.Type
}

// form is what a template gives, with places for strings.
type form struct {
	unfit  bool     // the template has to be run
	words  []string // one more than places
	places []int    // which of the strings
}

// formsAtMost bounds what is remembered: then it begins anew.
const formsAtMost = 1000

func newForms(templates interface {
	ExecuteTemplate(w io.Writer, name string, data any) error
}, trees func(string) *parse.Tree, inText func(string) string) *forms {
	return &forms{templates: templates, trees: trees, inText: inText, known: map[string]*form{}, reads: map[use]*reads{}}
}

var fillings = sync.Pool{New: func() any { return new(filling) }}

// words gives what the template of this name gives for data, a pointer to a struct.
func (f *forms) words(name string, data any) (string, error) {
	v := reflect.ValueOf(data).Elem()
	reads := f.readsOf(use{name, v.Type()})
	if reads == nil {
		return execute(f.templates, name, data)
	}
	with := fillings.Get().(*filling)
	defer func() {
		clear(with.shown)
		with.shown = with.shown[:0]
		fillings.Put(with)
	}()
	with.key = append(append(append(append(with.key[:0], name...), 0), v.Type().Name()...), 0)
	with.add(reads, v)
	f.mu.RLock()
	known, seen := f.known[string(with.key)]
	f.mu.RUnlock()
	if known != nil && !known.unfit {
		return known.fill(f.inText, with.shown), nil
	}
	text, err := execute(f.templates, name, data)
	if err != nil || known != nil {
		return text, err
	}
	if seen {
		known = f.make(name, reads, v)
		known.unfit = known.unfit || known.fill(f.inText, with.shown) != text
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= formsAtMost {
		clear(f.known)
	}
	f.known[string(with.key)] = known
	return text, nil
}

func (f *forms) readsOf(u use) *reads {
	f.mu.RLock()
	r, known := f.reads[u]
	f.mu.RUnlock()
	if known {
		return r
	}
	r, followed := readsOf(f.trees, u.name, u.given)
	if !followed {
		r = nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads[u] = r
	return r
}

// make runs the template with marks in the place of the strings that only stand in its
// words. It is done with several kinds of marks: where one is written otherwise than it
// should be, or left out, what they leave differs.
func (f *forms) make(name string, reads *reads, v reflect.Value) *form {
	var made *form
	for _, kind := range markKinds {
		marked := reflect.New(v.Type())
		marked.Elem().Set(v)
		var marks []string
		reads.replaceShown(marked.Elem(), func(s string) string {
			mark := kind.mark(len(marks), writtenAs(s))
			marks = append(marks, f.inText(mark))
			return mark
		})
		text, err := execute(f.templates, name, marked.Interface())
		if err != nil {
			return &form{unfit: true}
		}
		found := findMarks(text, kind.sign, marks)
		if made != nil && !slices.Equal(made.words, found.words) || made != nil && !slices.Equal(made.places, found.places) {
			return &form{unfit: true}
		}
		made = found
	}
	return made
}

// markKind is a kind of marks: a sign, and what is at the end of a text's mark.
type markKind struct{ sign, end string }

var markKinds = []markKind{
	{"qk7zq", `"&'+<> x`}, // what HTML writes otherwise
	{"zv3xj", `"&'+<> x`},
	{"cm5wq", ""}, // what it never does, nor anything else
}

func (k markKind) mark(number int, is writing) string {
	if is == asLink {
		return linkStart + k.sign + strconv.Itoa(number) + "x/a.b_c-d"
	}
	return k.sign + strconv.Itoa(number) + "x" + k.end
}

// findMarks takes a text apart at its marks, each of which has the sign in it.
func findMarks(text, sign string, marks []string) *form {
	found := &form{}
	begin, from := 0, 0
	for {
		at := strings.Index(text[from:], sign)
		if at < 0 {
			found.words = append(found.words, text[begin:])
			return found
		}
		at += from
		from = at + len(sign)
		for number, mark := range marks {
			start := at - strings.Index(mark, sign)
			if start >= begin && strings.HasPrefix(text[start:], mark) {
				found.words, found.places = append(found.words, text[begin:start]), append(found.places, number)
				begin, from = start+len(mark), start+len(mark)
				break
			}
		}
	}
}

func (f *form) fill(inText func(string) string, shown []string) string {
	if f.unfit {
		return ""
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	for i, number := range f.places {
		b.WriteString(f.words[i])
		b.WriteString(inText(shown[number]))
	}
	b.WriteString(f.words[len(f.places)])
	return b.String()
}

// writing is how a string has to be written where it stands in HTML.
type writing byte

const (
	asNothing writing = iota // it is empty
	asLink                   // the same in a link and in a text
	asText
)

const linkStart = "https://"

func writtenAs(s string) writing {
	switch {
	case s == "":
		return asNothing
	case strings.HasPrefix(s, linkStart) && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("./:_-", r))
	}):
		return asLink
	}
	return asText
}

// asIs is how plain text has a string.
func asIs(s string) string { return s }

// htmlText is how html/template writes a string in a text and in a quoted attribute.
func htmlText(s string) string { return htmlReplacer.Replace(s) }

var htmlReplacer = strings.NewReplacer("\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;")
