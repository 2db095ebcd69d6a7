package notify

import (
	"encoding/binary"
	"reflect"
)

// filling is what a value gives to a template: a key for all that decides, and the strings
// that only stand in the words, in order.
type filling struct {
	key   []byte
	shown []string
}

func (f *filling) add(r *reads, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		f.bool(!v.IsNil())
		if !v.IsNil() {
			f.add(r, v.Elem())
		}
	case reflect.Struct:
		for _, field := range r.fields {
			f.add(field.reads, v.Field(field.index))
		}
	case reflect.Slice:
		f.key = binary.AppendUvarint(f.key, uint64(v.Len()))
		if r.each != nil {
			for i := range v.Len() {
				f.add(r.each, v.Index(i))
			}
		}
	case reflect.String:
		s := v.String()
		if r.decides {
			f.key = append(binary.AppendUvarint(f.key, uint64(len(s))), s...)
			return
		}
		f.key = append(f.key, byte(writtenAs(s)))
		if r.shows && s != "" {
			f.shown = append(f.shown, s)
		}
	case reflect.Bool:
		f.bool(v.Bool())
	case reflect.Int:
		f.key = binary.AppendVarint(f.key, v.Int())
	}
}

func (f *filling) bool(b bool) {
	if b {
		f.key = append(f.key, 1)
		return
	}
	f.key = append(f.key, 0)
}

// replaceShown puts other strings in the place of those that add has found, in copies of
// what v points to. v itself can be set.
func (r *reads) replaceShown(v reflect.Value, other func(string) string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			copied := reflect.New(v.Type().Elem())
			copied.Elem().Set(v.Elem())
			r.replaceShown(copied.Elem(), other)
			v.Set(copied)
		}
	case reflect.Struct:
		for _, field := range r.fields {
			field.replaceShown(v.Field(field.index), other)
		}
	case reflect.Slice:
		if r.each != nil {
			copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(copied, v)
			for i := range v.Len() {
				r.each.replaceShown(copied.Index(i), other)
			}
			v.Set(copied)
		}
	case reflect.String:
		if s := v.String(); r.shows && !r.decides && s != "" {
			v.SetString(other(s))
		}
	}
}
