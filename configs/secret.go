package configs

import (
	"fmt"
	"log/slog"
)

// Secret is a value that no log, error or output may show. However it is
// printed, it reads "(secret)", or "(none)" when it is empty.
type Secret struct{ value string }

// Reveal returns the value itself, to be handed to whatever needs it.
func (s Secret) Reveal() string { return s.value }

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.value != "" }

func (s Secret) String() string {
	if s.value == "" {
		return "(none)"
	}
	return "(secret)"
}

func (s Secret) GoString() string             { return s.String() }
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(s.String()) }

// Format keeps every verb, %x and %#v too, from reaching the value.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }
