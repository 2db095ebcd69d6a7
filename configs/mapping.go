package configs

import (
	"io/fs"
	"path"
	"strings"

	"example.org/doorstep/store/intake"
)

// readMappings reads a folder of mapping files, one mapping a file, named after
// its file.
func readMappings(folder fs.FS) (map[string]intake.Mapping, error) {
	files, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	mappings := map[string]intake.Mapping{}
	var faults Faults
	for _, file := range files {
		data, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, err
		}
		for _, d := range parse(file, data, &faults) {
			var m intake.Mapping
			d.read(&m)
			d.checkMapping("", &m)
			mappings[strings.TrimSuffix(path.Base(file), ".yaml")] = m
		}
	}
	return mappings, faults.orNil()
}

// checkMapping notes what is wrong with a mapping that stands at the given key.
func (d *document) checkMapping(key string, m *intake.Mapping) {
	for _, p := range m.Check() {
		if p.Key == "for" && d.written[join(key, "for")] != "" {
			continue // a word that is not known, noted when it was read
		}
		d.fault(join(key, p.Key), "%s", p.Message)
	}
}
