package configs

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed doorstep.yaml pathways wording mappings demo
var builtIn embed.FS

// builtInName stands for the embedded configuration in messages.
const builtInName = "doorstep.yaml (built in)"

// DefaultYAML returns the annotated default configuration, to be copied and
// edited.
func DefaultYAML() []byte {
	b, err := builtIn.ReadFile("doorstep.yaml")
	if err != nil {
		panic(err) // embedded at build time
	}
	return b
}

// Wording returns the shipped texts that people read: messages/*.tmpl, cards/,
// letters/ and words/.
func Wording() fs.FS { return builtInFolder("wording") }

// MappingFiles returns the shipped column mappings (*.yaml) with a sample file
// for each (samples/*.csv).
func MappingFiles() fs.FS { return builtInFolder("mappings") }

// WriteDemo writes the invented caseload of the demo, people.csv, cases.csv and
// events.csv, into a folder, which it makes where there is none.
func WriteDemo(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("cannot make the demo's folder: %w: choose another --folder", err)
	}
	files, err := fs.ReadDir(builtInFolder("demo"), ".")
	if err != nil {
		return err
	}
	for _, f := range files {
		data, err := fs.ReadFile(builtInFolder("demo"), f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, f.Name()), data, 0o644); err != nil {
			return fmt.Errorf("cannot write the demo's files: %w: choose another --folder", err)
		}
	}
	return nil
}

func builtInFolder(name string) fs.FS {
	sub, err := fs.Sub(builtIn, name)
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}
