package pathway

// EventID names an event that came without a name, so that the same event coming
// again is known: its case's event of this kind, at this time, by this person
// (FORMATS, "CSV"). Databases hold such names: they stay as they are.
func EventID(e *Event) string {
	at := e.At.UTC().AppendFormat(make([]byte, 0, 64), "2006-01-02T15:04:05.999Z")
	return e.Kind + "@" + string(at) + "@" + e.By
}
