package postcards

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// fault is one mistake in a wording file.
type fault struct {
	file         string
	line, column int // from 1; 0: in no one place
	message      string
}

func (f fault) Error() string {
	if f.line == 0 {
		return fmt.Sprintf("%s: %s", f.file, f.message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.file, f.line, f.column, f.message)
}

// faults are all the mistakes of one reading.
type faults []fault

func (f *faults) add(file string, line, column int, format string, args ...any) {
	*f = append(*f, fault{file, line, column, fmt.Sprintf(format, args...)})
}

// orNil returns the faults in the order of files and lines, one a line.
func (f faults) orNil() error {
	slices.SortStableFunc(f, func(a, b fault) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	errs := make([]error, len(f))
	for i := range f {
		errs[i] = f[i]
	}
	return errors.Join(errs...)
}

// readFile returns a wording file as text, without a byte-order mark and with
// plain line ends. It reports whether there is anything to go on with.
func readFile(files fs.FS, name string, found *faults) (string, bool) {
	data, err := fs.ReadFile(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		found.add(name, 0, 0, "is missing: put it back, or start from the wording that came with Doorstep")
		return "", false
	case err != nil:
		found.add(name, 0, 0, "cannot be read: %v", err)
		return "", false
	case len(data) > 1<<20:
		found.add(name, 0, 0, "is larger than 1 MB: this is no wording file")
		return "", false
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	return strings.ReplaceAll(text, "\r\n", "\n"), true
}

// readYAML reads a wording file into what to points at. It reports whether it
// could.
func readYAML(files fs.FS, name string, to any, found *faults) bool {
	text, ok := readFile(files, name, found)
	if !ok {
		return false
	}
	err := yaml.UnmarshalWithOptions([]byte(text), to, yaml.Strict())
	if err == nil {
		return true
	}
	var e yaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		at := e.GetToken().Position
		found.add(name, at.Line, at.Column, "%s", e.GetMessage())
	} else {
		found.add(name, 0, 0, "is not YAML")
	}
	return false
}

// textFile names the text of a card or letter: cards/en/final.txt.
func textFile(kind, language, variant string) string {
	return path.Join(kind, language, variant+".txt")
}
