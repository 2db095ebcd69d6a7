package configs

import (
	"encoding"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// WriteEffective writes the configuration in force as YAML, in the order of the
// annotated default: each value, and where it stands if the organisation's file has
// it; then where the pathways, mappings and wording come from. No secret is in it, nor
// anything that ${…} stands for.
func (c *Config) WriteEffective(to io.Writer, pathways *Pathways) error {
	s := shower{c: c}
	fmt.Fprintf(&s.out, "# The configuration in force. A value with a place behind it is from there; the\n# others are built in, or follow from those. Secrets are hidden.\n# Configuration file: %s\n",
		c.fileName())
	s.structure(reflect.ValueOf(c).Elem(), "", 0)
	s.files("Pathways and ladders", pathways.Files)
	s.files("Column mappings", c.mappingFiles)
	own, err := c.ownWording()
	if err != nil {
		return err
	}
	s.files("Wording (all other files are built in)", own)
	_, err = io.WriteString(to, s.out.String())
	return err
}

// fileName is the organisation's file.
func (c *Config) fileName() string {
	if c.source.file == builtInName {
		return "none, all is built in"
	}
	return c.source.file
}

// ownWording is where the texts stand that take the place of shipped ones, or are
// beside them.
func (c *Config) ownWording() (map[string]string, error) {
	own := map[string]string{}
	if c.WordingFolder == "" {
		return own, nil
	}
	folder := c.beside(c.WordingFolder)
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			own[path] = folder
		}
		return err
	})
	if err != nil {
		return nil, c.faultAt("wording", "%v: name a folder with the files that differ from configs/wording", err)
	}
	return own, nil
}

// shower writes a configuration.
type shower struct {
	c   *Config
	out strings.Builder
}

func (s *shower) structure(v reflect.Value, key string, depth int) {
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" && name != "-" {
			s.value(v.Field(i), name, join(key, name), depth)
		}
	}
}

// value writes a key with its value.
func (s *shower) value(v reflect.Value, name, key string, depth int) {
	indent := strings.Repeat("  ", depth)
	switch {
	case v.Kind() == reflect.Slice && v.IsNil(): // not the same as an empty list
		fmt.Fprintf(&s.out, "%s# %s: not set\n", indent, name)
	case key == "import.mappings": // doorstep mapping show has them
		s.line(indent, name, "{}", key)
	case v.Kind() == reflect.Struct && v.Type() != secretType && !isShownAsText(v):
		fmt.Fprintf(&s.out, "%s%s:\n", indent, name)
		s.structure(v, key, depth+1)
	case v.Kind() == reflect.Map && v.Len() > 0:
		fmt.Fprintf(&s.out, "%s%s:\n", indent, name)
		for _, k := range slices.Sorted(maps.Keys(asMap(v))) {
			s.value(addressable(v.MapIndex(reflect.ValueOf(k))), quoted(k), join(key, k), depth+1)
		}
	case v.Kind() == reflect.Slice && v.Len() > 0 && v.Type().Elem().Kind() == reflect.Struct && !isShownAsText(v.Index(0)):
		fmt.Fprintf(&s.out, "%s%s:\n", indent, name)
		for i := range v.Len() {
			fmt.Fprintf(&s.out, "%s  -\n", indent)
			s.structure(v.Index(i), fmt.Sprintf("%s[%d]", key, i), depth+2)
		}
	default:
		s.line(indent, name, s.scalar(v, key), key)
	}
}

// line writes a key and a value, with where it stands.
func (s *shower) line(indent, name, value, key string) {
	fmt.Fprintf(&s.out, "%s%s: %s", indent, name, value)
	if at := s.c.source.places[key]; at != nil && s.c.source.file != builtInName {
		fmt.Fprintf(&s.out, "  # line %d", at.Line)
	}
	s.out.WriteString("\n")
}

// scalar is a value as YAML.
func (s *shower) scalar(v reflect.Value, key string) string {
	if key == "database" {
		if s.c.noDatabase != nil {
			return quoted(hiddenSecret) + "  # cannot be read now"
		}
		return quoted(s.c.DatabaseName())
	}
	if v.Type() == secretType {
		if written := s.c.source.written[key]; v.Interface().(Secret).IsSet() || strings.Contains(written, "${") {
			return quoted(hiddenSecret)
		}
		return `""`
	}
	if written := s.c.source.written[key]; strings.Contains(written, "${") {
		return quoted(written)
	}
	if v.Kind() == reflect.Slice {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = s.scalar(v.Index(i), fmt.Sprintf("%s[%d]", key, i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if v.Kind() == reflect.Map {
		return "{}"
	}
	if v.Type() == durationType {
		return length(time.Duration(v.Int()))
	}
	if text, is := v.Addr().Interface().(encoding.TextMarshaler); is {
		if b, err := text.MarshalText(); err == nil {
			return quoted(string(b))
		}
	}
	if v.Kind() == reflect.String {
		return quoted(v.String())
	}
	return fmt.Sprint(v.Interface())
}

// hiddenSecret stands for a secret.
const hiddenSecret = "(secret)"

// quoted writes a text as YAML does: with marks around it where it would be read as
// something else.
func quoted(text string) string {
	b, err := yaml.MarshalWithOptions(text, yaml.Flow(true))
	line := strings.TrimRight(string(b), "\n")
	if err != nil || strings.Contains(line, "\n") {
		return fmt.Sprintf("%q", text)
	}
	return line
}

// length writes a length of time as people do: 1m for 1m0s.
func length(d time.Duration) string {
	text := d.String()
	if rest, ok := strings.CutSuffix(text, "m0s"); ok {
		text = rest + "m"
	}
	if rest, ok := strings.CutSuffix(text, "h0m"); ok {
		text = rest + "h"
	}
	return text
}

func isShownAsText(v reflect.Value) bool {
	_, is := v.Addr().Interface().(encoding.TextMarshaler)
	return is
}

func asMap(v reflect.Value) map[string]bool {
	out := map[string]bool{}
	for _, k := range v.MapKeys() {
		out[k.String()] = true
	}
	return out
}

// addressable is a copy of a map's value that can be asked for what it is.
func addressable(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	return out
}

// files says where things come from.
func (s *shower) files(title string, from map[string]string) {
	fmt.Fprintf(&s.out, "\n# %s\n", title)
	if len(from) == 0 {
		s.out.WriteString("#   none\n")
	}
	width := 0
	for name := range from {
		width = max(width, len(name))
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		fmt.Fprintf(&s.out, "#   %-*s  %s\n", width, name, from[name])
	}
}
