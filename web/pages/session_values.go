package pages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"
)

// sessionValues writes what a session holds, which is text, as scs wants it: in a form that
// is read in a fraction of the time of scs's own, with every request.
type sessionValues struct{}

type writtenSession struct {
	Ends   time.Time         `json:"ends"` // whatever happens
	Values map[string]string `json:"values"`
}

// Encode is scs.Codec's.
func (sessionValues) Encode(ends time.Time, values map[string]any) ([]byte, error) {
	w := writtenSession{ends, make(map[string]string, len(values))}
	for name, value := range values {
		text, is := value.(string)
		if !is {
			return nil, fmt.Errorf("a session holds text, and %s is a %T", name, value)
		}
		w.Values[name] = text
	}
	return json.Marshal(&w)
}

// Decode is scs.Codec's. Sessions that began before an upgrade are in scs's own form.
func (sessionValues) Decode(b []byte) (ends time.Time, values map[string]any, err error) {
	if !bytes.HasPrefix(b, []byte("{")) {
		return scs.GobCodec{}.Decode(b)
	}
	var w writtenSession
	if err := json.Unmarshal(b, &w); err != nil {
		return time.Time{}, nil, fmt.Errorf("read a session: %w", err)
	}
	values = make(map[string]any, len(w.Values))
	for name, text := range w.Values {
		values[name] = text
	}
	return w.Ends, values, nil
}
