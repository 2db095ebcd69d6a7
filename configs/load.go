package configs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// Load reads a configuration file and lays it over the built-in configuration; an
// empty path gives the built-in one. It reads the environment and secret files
// where the file refers to them, but not the secrets that something is sent with:
// those are for LoadToSend.
//
// The error is a Faults with every mistake there is, or the reason why the file
// cannot be read at all. Beside a Faults there is a configuration too, with the
// built-in values where there are mistakes: it serves to look for further ones,
// in the pathway files for instance, and for nothing else.
func Load(path string) (*Config, error) {
	return readAndLoad(path, func(string) bool { return false })
}

// LoadToSend is Load for whoever sends: by the keys that begin with by, such as
// "letters."; empty: by all. What they refer to and cannot be read is a fault where the
// configuration makes use of it.
func LoadToSend(path, by string) (*Config, error) {
	return readAndLoad(path, func(key string) bool { return strings.HasPrefix(key, by) })
}

func readAndLoad(path string, sends func(key string) bool) (*Config, error) {
	if path == "" {
		return load("", nil, os.LookupEnv, sends)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w: check the path after --config, or in DOORSTEP_CONFIG", pathway.Escaped(path), pathway.WithoutPath(err))
	}
	return load(path, data, os.LookupEnv, sends)
}

// load reads the text of a configuration. sends says of a key whether something is
// going to be sent by it.
func load(path string, data []byte, lookup func(string) (string, bool), sends func(key string) bool) (*Config, error) {
	c := &Config{folder: filepath.Dir(path), location: time.UTC}
	var faults Faults
	for _, d := range parse(builtInName, DefaultYAML(), &faults) {
		d.read(c)
	}
	mappings, err := builtInMappings()
	if err != nil {
		return nil, err
	}
	refs := &expander{folder: c.folder, lookup: lookup, wanted: sends, missing: map[string]error{}}
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
		switch {
		case key == "database":
			check.withoutDatabase(err, sends)
		case sendsWith(key) && !sends(key):
		case check.uses(key):
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

// withoutDatabase notes that the database's address cannot be known, which only those
// miss who open it.
func (c *checker) withoutDatabase(why error, sends func(key string) bool) {
	c.Database = Secret{} // and not the built-in one
	c.noDatabase = c.faultAt("database", "%v", why)
	if sends("database") {
		c.d.fault("database", "%v", why)
	}
}

// builtInMappings returns the shipped mappings by the names of their files.
func builtInMappings() (map[string]intake.Mapping, error) {
	return readMappings(MappingFiles(), "")
}
