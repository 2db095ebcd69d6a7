package notify

import (
	"cmp"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode/utf8"
)

// finding is something in the wording that cannot stay.
type finding struct {
	file         string
	line, column int // from 1, in characters
	message      string
}

func (f finding) String() string {
	return fmt.Sprintf("message wording: %s:%d:%d: %s", f.file, f.line, f.column, f.message)
}

// linter looks through the wording before it is used: for fields that messages do
// not have, for what no message may say, and for how many segments a text may
// take.
type linter struct {
	files    map[string]string // contents, by name
	findings []finding
	segments int
}

// lint returns how many segments the wording allows a text. Its error has every
// finding, one a line. It looks at each file by itself, so that a sentence whose
// place another file takes is found too.
func lint(files map[string]string) (segments int, err error) {
	l := &linter{files: files, segments: 1}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, err := template.New(name).Parse(files[name])
		if err != nil {
			return 0, wordingError(err)
		}
		for _, t := range file.Templates() {
			l.template(t.Tree)
		}
	}
	return l.segments, l.err()
}

// lintHTML refuses HTML in which html/template cannot tell where a value stands.
func lintHTML(templates *htmltemplate.Template, files map[string]string) error {
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		var fault *htmltemplate.Error
		t := templates.Lookup(name)
		if !strings.HasSuffix(name, ".html.tmpl") || t.Tree == nil || !errors.As(t.Execute(io.Discard, nil), &fault) {
			continue
		}
		switch {
		case fault.Node != nil:
			said, _, _ := strings.Cut(fault.Error(), ": {state") // for its makers
			return fmt.Errorf("message wording: %s", strings.TrimPrefix(said, "html/template:"))
		case fault.ErrorCode == htmltemplate.ErrEndContext:
			return fmt.Errorf("message wording: %s:1: the HTML ends inside a tag, an attribute or a script: close it", name)
		}
		// It tells no line, but the text that it stopped at.
		_, text, _ := strings.Cut(fault.Description, `: "`)
		if _, got, found := strings.Cut(fault.Description, `but got "`); found {
			text = got
		}
		text, _ = strconv.Unquote(`"` + text)
		for _, in := range slices.Concat([]string{name}, names) {
			if at := strings.Index(files[in], text); at >= 0 {
				line, column := place(files[in], at)
				return errors.New(finding{in, line, column, "this is no HTML: check the quotation marks and the spaces of the tag"}.String())
			}
		}
		return fmt.Errorf("message wording: %s:1: %s", name, fault.Description)
	}
	return nil
}

func (l *linter) template(t *parse.Tree) {
	if t.Name == segmentsName {
		l.readSegments(t)
		return
	}
	var p passage
	l.walk(t, &p, t.Root)
	l.words(t.ParseName, p.text.String(), p.place)
}

func (l *linter) err() error {
	slices.SortFunc(l.findings, func(a, b finding) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	var lines []string
	for _, f := range slices.Compact(l.findings) {
		lines = append(lines, f.String())
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

func (l *linter) find(file string, at int, format string, args ...any) {
	line, column := place(l.files[file], at)
	l.findings = append(l.findings, finding{file, line, column, fmt.Sprintf(format, args...)})
}

// place is where the byte at stands in a file.
func place(content string, at int) (line, column int) {
	before := content[:max(0, min(at, len(content)))]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}

const (
	segmentsName = "sms-segments"
	mostSegments = 3
)

// readSegments reads {{define "sms-segments"}}2{{end}}.
func (l *linter) readSegments(t *parse.Tree) {
	n, err := strconv.Atoi(strings.TrimSpace(t.Root.String()))
	if err != nil || n < 1 || n > mostSegments {
		l.find(t.ParseName, start(t), "%q is how many segments a text may take: write 1, 2 or 3", segmentsName)
		return
	}
	l.segments = n
}

// start is where a template's first words are.
func start(t *parse.Tree) int {
	if len(t.Root.Nodes) == 0 {
		return int(t.Root.Position())
	}
	return int(t.Root.Nodes[0].Position())
}

// passage is the literal text of one template, with a space for whatever stands
// in between, so that words which belong together are found together.
type passage struct {
	text   strings.Builder
	pieces []piece
}

// piece says that the text from byte at on stands in the file from pos on.
type piece struct{ at, pos int }

func (p *passage) addText(text string, pos int) {
	p.text.WriteByte(' ')
	p.pieces = append(p.pieces, piece{p.text.Len(), pos})
	p.text.WriteString(text)
}

func (p *passage) place(at int) int {
	for _, piece := range slices.Backward(p.pieces) {
		if piece.at <= at {
			return piece.pos + at - piece.at
		}
	}
	return 0
}

// words looks for what no message may say. place tells where a byte of the text
// stands in the file.
func (l *linter) words(file, text string, place func(int) int) {
	for _, d := range disclosures(text) {
		l.find(file, place(d.at), "%s", d.message)
	}
}

// walk gathers the literal text of a template, and looks at the fields and the
// quoted strings that it uses.
func (l *linter) walk(t *parse.Tree, p *passage, node parse.Node) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				l.walk(t, p, child)
			}
		}
	case *parse.TextNode:
		p.addText(string(n.Text), int(n.Pos))
	case *parse.ActionNode:
		l.walk(t, p, n.Pipe)
	case *parse.IfNode:
		l.branch(t, p, &n.BranchNode)
	case *parse.RangeNode:
		l.branch(t, p, &n.BranchNode)
	case *parse.WithNode:
		l.branch(t, p, &n.BranchNode)
	case *parse.TemplateNode:
		l.walk(t, p, n.Pipe)
	case *parse.PipeNode:
		if n != nil {
			for _, command := range n.Cmds {
				for _, argument := range command.Args {
					l.walk(t, p, argument)
				}
			}
		}
	case *parse.StringNode:
		pos := int(n.Pos) + 1 // after the quotation mark
		l.words(t.ParseName, n.Text, func(at int) int { return pos + at })
	case *parse.FieldNode:
		l.fields(t, n.Ident, int(n.Pos), 0)
	case *parse.VariableNode:
		l.fields(t, n.Ident, int(n.Pos), 1)
	case *parse.ChainNode:
		l.walk(t, p, n.Node)
		l.fields(t, append([]string{""}, n.Field...), int(n.Pos), 1)
	}
}

func (l *linter) branch(t *parse.Tree, p *passage, n *parse.BranchNode) {
	l.walk(t, p, n.Pipe)
	l.walk(t, p, n.List)
	l.walk(t, p, n.ElseList)
}

// fields looks at the names of .A.B.C from the one with number first on. Where
// there are several, the parser gives the place of the second.
func (l *linter) fields(t *parse.Tree, names []string, pos, first int) {
	if len(names) > 1 {
		pos -= len(names[0]) + 1
	}
	for i, name := range names {
		if i >= first && !offered[name] {
			l.find(t.ParseName, pos, "there is no .%s: a message can say only what it is given, and never a name, an address, a date of birth or a type of plan", name)
		}
		pos += len(name) + 1
	}
}

// offered has the name of every field that some template is given. Whether it is
// given that one there shows when the wording is tried.
var offered = func() map[string]bool {
	names := map[string]bool{}
	var collect func(reflect.Type)
	collect = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice:
			collect(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				if f := t.Field(i); f.IsExported() {
					names[f.Name] = true
					collect(f.Type)
				}
			}
		}
	}
	collect(reflect.TypeFor[view]())
	collect(reflect.TypeFor[noteView]())
	return names
}()
