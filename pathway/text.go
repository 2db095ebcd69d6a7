package pathway

// The small languages of a pathway file read and write themselves as text, so
// that a pathway survives being kept as JSON and a YAML reader can point at the
// line of a mistake.

func (o Offset) MarshalText() ([]byte, error)    { return []byte(o.String()), nil }
func (d Date) MarshalText() ([]byte, error)      { return []byte(d.String()), nil }
func (m Match) MarshalText() ([]byte, error)     { return []byte(m.Text), nil }
func (t Trigger) MarshalText() ([]byte, error)   { return []byte(t.Text), nil }
func (d Due) MarshalText() ([]byte, error)       { return []byte(d.Text), nil }
func (c Condition) MarshalText() ([]byte, error) { return []byte(c.Text), nil }

func (o *Offset) UnmarshalText(b []byte) error    { return parseInto(o, b, ParseOffset) }
func (d *Date) UnmarshalText(b []byte) error      { return parseInto(d, b, ParseDate) }
func (m *Match) UnmarshalText(b []byte) error     { return parseInto(m, b, ParseMatch) }
func (t *Trigger) UnmarshalText(b []byte) error   { return parseInto(t, b, ParseTrigger) }
func (d *Due) UnmarshalText(b []byte) error       { return parseInto(d, b, ParseDue) }
func (c *Condition) UnmarshalText(b []byte) error { return parseInto(c, b, ParseCondition) }

// parseInto keeps *to as it is where the text is empty: nothing was given.
func parseInto[T any](to *T, text []byte, parse func(string) (T, error)) error {
	if len(text) == 0 {
		return nil
	}
	v, err := parse(string(text))
	if err != nil {
		return err
	}
	*to = v
	return nil
}
