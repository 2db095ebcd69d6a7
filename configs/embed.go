package configs

import (
	"embed"
	"io/fs"
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

// Demo returns the invented caseload of the demo: people.csv, cases.csv and
// events.csv.
func Demo() fs.FS { return builtInFolder("demo") }

func builtInFolder(name string) fs.FS {
	sub, err := fs.Sub(builtIn, name)
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}
