package configs

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The YAML library parses; what it parsed is read here, because its own strict
// decoding stops at the first mistake and forgets where every value stood, which
// the checks of values against each other need.

// maxFile bounds a configuration file: a larger one is something else.
const maxFile = 4 << 20

// document is one YAML document being read into a struct. Keys are the struct's
// `yaml` tags; a `choices` tag lists the only values a string may have.
type document struct {
	file   string
	body   ast.Node
	faults *Faults
	expand func(key, text string, secret bool) (string, error) // nil: text means itself
	// Where the value of each key stands, by path ("email.smtp.tls",
	// "duties[3].due"), and how it was written.
	places  map[string]*token.Position
	written map[string]string
}

// parse splits a file into its documents. Only a file that is no YAML at all
// gives none.
func parse(file string, data []byte, faults *Faults) []*document {
	fault := func(line, column int, message string) []*document {
		*faults = append(*faults, Fault{File: file, Line: line, Column: column, Message: message})
		return nil
	}
	switch {
	case len(data) > maxFile:
		return fault(0, 0, fmt.Sprintf("is larger than %d MB: this is no configuration file", maxFile>>20))
	case bytes.IndexByte(data, 0) >= 0:
		return fault(0, 0, "holds binary data: save it as plain text in UTF-8")
	case !utf8.Valid(data):
		return fault(0, 0, "is not in UTF-8: save it as plain text in UTF-8")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = braces.ReplaceAll(data, []byte("$\ue000${1}\ue001"))
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		// Its own text would show the lines around, and a password with them.
		var e yaml.Error
		if errors.As(err, &e) && e.GetToken() != nil {
			at := e.GetToken().Position
			said, _, _ := strings.Cut(e.GetMessage(), `: "`) // what it quotes may be a password
			return fault(at.Line, at.Column, "is not YAML: "+said)
		}
		return fault(0, 0, "is not YAML")
	}
	var documents []*document
	for _, d := range tree.Docs {
		if d.Body != nil && d.Body.Type() != ast.NullType {
			documents = append(documents, &document{file: file, body: d.Body, faults: faults,
				places: map[string]*token.Position{}, written: map[string]string{}})
		}
	}
	return documents
}

// In {password: ${NAME}} the inner braces are none of YAML's. While it parses,
// two characters that nobody uses stand for them, so that every column stays.
var (
	braces      = regexp.MustCompile(`\$\{([^{}'"\n]*)\}`)
	givenBraces = strings.NewReplacer("\ue000", "{", "\ue001", "}")
)

// read fills in the struct that to points at. What the document does not mention
// stays as it is; a list that it mentions is replaced, a map gains the keys.
func (d *document) read(to any) { d.value(d.body, reflect.ValueOf(to).Elem(), "", "") }

// has reports whether the document has a key at its top.
func (d *document) has(key string) bool {
	for _, pair := range pairs(d.body) {
		if pair.Key.GetToken().Value == key {
			return true
		}
	}
	return false
}

// fault notes a mistake in the value of a key; where the document does not
// mention the key, it is noted at the part it belongs to.
func (d *document) fault(key, format string, args ...any) {
	f := Fault{File: d.file, Key: key, Message: fmt.Sprintf(format, args...)}
	for part := key; ; {
		if at := d.places[part]; at != nil {
			f.Line, f.Column = at.Line, at.Column
			break
		}
		cut := strings.LastIndexAny(part, ".[")
		if cut < 0 {
			break
		}
		part = part[:cut]
	}
	*d.faults = append(*d.faults, f)
}

// quote returns a key's value as it was written, which never holds a secret that
// ${…} stands for.
func (d *document) quote(key string, value any) string {
	if written, ok := d.written[key]; ok {
		return strconv.Quote(written)
	}
	return strconv.Quote(fmt.Sprint(value))
}

// pairs returns the keys and values of a mapping; nil when the node is none.
func pairs(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func isMapping(node ast.Node) bool {
	t := node.Type()
	return t == ast.MappingType || t == ast.MappingValueType
}

// place is where a node begins. The library has a group of keys begin at its
// first colon.
func place(node ast.Node) *token.Position {
	if m, ok := node.(*ast.MappingNode); ok && m.IsFlowStyle {
		return m.GetToken().Position
	}
	if p := pairs(node); len(p) > 0 {
		return p[0].Key.GetToken().Position
	}
	return node.GetToken().Position
}

// scalar returns a node's text as it was written: 017 stays 017.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return givenBraces.Replace(n.Value), true
	case *ast.LiteralNode:
		return givenBraces.Replace(n.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
