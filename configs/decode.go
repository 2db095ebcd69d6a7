package configs

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"example.org/doorstep/pathway"
)

// scalarReader is a struct that may be written short, as one word.
type scalarReader interface{ ReadScalar(string) error }

var (
	secretType   = reflect.TypeFor[Secret]()
	durationType = reflect.TypeFor[time.Duration]()
)

// value reads a node into v.
func (d *document) value(node ast.Node, v reflect.Value, key, choices string) {
	if d.places[key] == nil {
		d.places[key] = place(node)
	}
	switch node.Type() {
	case ast.NullType:
		return // "key:" with nothing behind it: not mentioned
	case ast.AnchorType, ast.AliasType, ast.TagType, ast.MergeKeyType:
		d.fault(key, "anchors, aliases and tags are not used here: write the value out")
		return
	}
	text, isScalar := scalar(node)
	switch {
	case isScalar && takesText(v):
		d.scalar(text, v, key, choices)
	case v.Kind() == reflect.Slice:
		d.list(node, v, key, choices)
	case v.Kind() == reflect.Map && isMapping(node):
		d.mapping(node, v, key)
	case v.Kind() == reflect.Struct && isMapping(node) && !isText(v):
		d.structure(node, v, key)
	default:
		d.fault(key, "is %s where %s belongs", nodeWord(node), kindWord(v))
	}
}

func (d *document) list(node ast.Node, v reflect.Value, key, choices string) {
	items := []ast.Node{node} // one item stands for a list of one
	sequence, isList := node.(*ast.SequenceNode)
	if isList {
		items = sequence.Values
	}
	if v.Type().Elem().Kind() == reflect.String && !isList && isMapping(node) {
		d.fault(key, "is %s where %s belongs", nodeWord(node), kindWord(v))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", key, i)
		if !isList {
			d.places[at] = d.places[key]
		}
		d.value(item, list.Index(i), at, choices)
		if item.Type() == ast.NullType {
			d.fault(at, "is empty: fill it in or take it out")
		}
	}
	v.Set(list)
}

func (d *document) mapping(node ast.Node, v reflect.Value, key string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	seen := map[string]bool{}
	for _, pair := range pairs(node) {
		name := pair.Key.GetToken().Value
		at := join(key, name)
		if d.again(seen, name, at, pair) {
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(pair.Value, item, at, "")
		v.SetMapIndex(reflect.ValueOf(name), item)
	}
}

func (d *document) structure(node ast.Node, v reflect.Value, key string) {
	fields := map[string]int{}
	var known []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" && name != "-" {
			fields[name] = i
			known = append(known, name)
		}
	}
	seen := map[string]bool{}
	for _, pair := range pairs(node) {
		name := pair.Key.GetToken().Value
		at := join(key, name)
		if d.again(seen, name, at, pair) {
			continue
		}
		i, ok := fields[name]
		if !ok {
			d.fault(at, "is not a key Doorstep knows%s: correct it or take it out", pathway.DidYouMean(name, known))
			continue
		}
		d.value(pair.Value, v.Field(i), at, v.Type().Field(i).Tag.Get("choices"))
	}
}

// again notes where a key stands and reports whether it stands there twice.
func (d *document) again(seen map[string]bool, name, at string, pair *ast.MappingValueNode) bool {
	place := pair.Key.GetToken().Position
	if seen[name] {
		*d.faults = append(*d.faults, Fault{d.file, place.Line, place.Column, at,
			fmt.Sprintf("stands here twice, first in line %d: keep one", d.places[at].Line)})
		return true
	}
	seen[name] = true
	d.places[at] = place
	return false
}

// scalar reads one word or text into v.
func (d *document) scalar(text string, v reflect.Value, key, choices string) {
	shown := strconv.Quote(text)
	hidden := v.Type() == secretType
	switch {
	case !hidden:
		d.written[key] = text
	case strings.Contains(text, "${"):
		d.written[key] = "${…}"
	}
	if d.expand != nil && strings.Contains(text, "$") {
		expanded, err := d.expand(key, text, hidden)
		if errors.Is(err, errMissing) {
			return
		}
		if err != nil {
			d.fault(key, "%v", err)
			return
		}
		hidden = hidden || expanded != text
		if hidden {
			shown = "what " + text + " stands for"
		}
		text = expanded
	}
	if err := assign(text, v, choices); err != nil {
		message := err.Error()
		if hidden { // the error may quote the value
			message = shown + " is not " + kindWord(v)
		}
		d.fault(key, "%s", message)
	}
}

// assign reads text into v.
func assign(text string, v reflect.Value, choices string) error {
	if v.Type() == secretType {
		v.Set(reflect.ValueOf(Secret{text}))
		return nil
	}
	if v.Type() == durationType {
		length, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a length of time: write it like 30s, 5m or 1h", text)
		}
		v.SetInt(int64(length))
		return nil
	}
	switch to := v.Addr().Interface().(type) {
	case encoding.TextUnmarshaler:
		return to.UnmarshalText([]byte(text))
	case scalarReader:
		return to.ReadScalar(text)
	}
	switch v.Kind() {
	case reflect.String:
		if words := strings.Fields(choices); len(words) > 0 && !slices.Contains(words, text) {
			if text == "" {
				return nil // as if it were not there
			}
			return fmt.Errorf("%q is not known: use %s%s", text, pathway.OneOf(words), pathway.DidYouMean(text, words))
		}
		v.SetString(text)
		return nil
	case reflect.Bool:
		if text == "true" || text == "false" {
			v.SetBool(text == "true")
			return nil
		}
	case reflect.Int:
		if text == "" {
			return nil // as if it were not there
		}
		if n, err := strconv.Atoi(text); err == nil {
			v.SetInt(int64(n))
			return nil
		}
	}
	return fmt.Errorf("%q is not %s", text, kindWord(v))
}

// isText reports whether v is written as one text, and never as anything else.
func isText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok || v.Type() == secretType
}

// takesText reports whether v may be written as one text.
func takesText(v reflect.Value) bool {
	_, short := v.Addr().Interface().(scalarReader)
	return short || isText(v) || v.Kind() != reflect.Slice && v.Kind() != reflect.Map && v.Kind() != reflect.Struct
}

// kindWord names what belongs into v.
func kindWord(v reflect.Value) string {
	switch {
	case isText(v):
		return "a single value"
	case v.Type() == durationType:
		return "a length of time such as 30s or 5m"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.Kind() == reflect.Int:
		return "a whole number"
	case v.Kind() == reflect.Slice:
		return "a list"
	case v.Kind() == reflect.Map, v.Kind() == reflect.Struct:
		return "a group of keys"
	}
	return "a single value"
}

func nodeWord(node ast.Node) string {
	switch {
	case isMapping(node):
		return "a group of keys"
	case node.Type() == ast.SequenceType:
		return "a list"
	}
	return "a single value"
}
