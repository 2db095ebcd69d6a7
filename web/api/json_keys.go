package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// withoutRepeats are formats that refuse an object in which a key stands twice: of what
// it says, the last would count without a word.
func withoutRepeats(formats map[string]huma.Format) map[string]huma.Format {
	out := maps.Clone(formats)
	for name, format := range out {
		read := format.Unmarshal
		format.Unmarshal = func(data []byte, to any) error {
			if !utf8.Valid(data) {
				return errors.New("this is not UTF-8: send the text as that")
			}
			if key, repeated := repeatedKey(data); repeated {
				return fmt.Errorf("the key %q stands twice: keep one of the two", key)
			}
			return read(data, to)
		}
		out[name] = format
	}
	return out
}

// repeatedKey finds a key that stands twice in an object of a JSON text, whatever its
// capitals. What else is wrong with the text is for others to find.
func repeatedKey(data []byte) (key string, repeated bool) {
	in := json.NewDecoder(bytes.NewReader(data))
	type object struct {
		keys   map[string]bool // nil: it is an array
		hasKey bool            // its value is next
	}
	var open []object
	for {
		token, err := in.Token()
		if err != nil {
			return "", false
		}
		at := len(open) - 1
		switch text, isText := token.(string); {
		case token == json.Delim('{'), token == json.Delim('['):
			if at >= 0 {
				open[at].hasKey = false
			}
			if open = append(open, object{}); token == json.Delim('{') {
				open[at+1].keys = map[string]bool{}
			}
		case token == json.Delim('}'), token == json.Delim(']'):
			open = open[:at]
		case at < 0 || open[at].keys == nil:
		case open[at].hasKey:
			open[at].hasKey = false
		case isText && open[at].keys[strings.ToLower(text)]:
			return text, true
		default:
			open[at].keys[strings.ToLower(text)], open[at].hasKey = true, true
		}
	}
}
