package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"example.org/doorstep/store/intake"
)

// Load reads a configuration file and lays it over the built-in configuration; an
// empty path gives the built-in one. It reads the environment and secret files
// where the file refers to them.
//
// The error is a Faults with every mistake there is, or the reason why the file
// cannot be read at all. Beside a Faults there is a configuration too, with the
// built-in values where there are mistakes: it serves to look for further ones,
// in the pathway files for instance, and for nothing else.
func Load(path string) (*Config, error) {
	if path == "" {
		return load("", nil, os.LookupEnv)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			err = at.Err
		}
		return nil, fmt.Errorf("cannot read %s: %w: check the path after --config", path, err)
	}
	return load(path, data, os.LookupEnv)
}

func load(path string, data []byte, lookup func(string) (string, bool)) (*Config, error) {
	c := &Config{folder: filepath.Dir(path), location: time.UTC}
	var faults Faults
	for _, d := range parse(builtInName, DefaultYAML(), &faults) {
		d.read(c)
	}
	mappings, err := builtInMappings()
	if err != nil {
		return nil, err
	}
	refs := &expander{folder: c.folder, lookup: lookup, missing: map[string]error{}}
	d := &document{file: builtInName, faults: &faults}
	documents := parse(path, data, &faults)
	if len(documents) > 0 {
		d = documents[0]
		d.expand = refs.expand
		d.read(c)
	}
	if len(documents) > 1 {
		at := documents[1].body.GetToken().Position
		faults = append(faults, Fault{path, at.Line, at.Column, "", "there is a second document behind ---: a configuration is one"})
	}
	unread := len(faults)
	c.source = d
	check := checker{c, d}
	for key, err := range refs.missing {
		if check.uses(key) {
			d.fault(key, "%v", err)
		}
	}
	// A file that could not be read as YAML says nothing about the values.
	if data == nil || len(documents) > 0 || unread == 0 {
		check.all()
	}
	if err := check.mappings(mappings, path != ""); err != nil {
		return nil, err
	}
	c.warnings.sort()
	return c, faults.orNil()
}

// builtInMappings returns the shipped mappings by the names of their files.
func builtInMappings() (map[string]intake.Mapping, error) {
	return readMappings(MappingFiles(), "")
}
