package configs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// mappingFolder lies beside the configuration: each of its *.yaml files is a
// mapping, named after its file.
const mappingFolder = "mappings"

// readMappings reads a folder of mapping files, one mapping a file, named after
// its file. In faults the files stand below shown.
func readMappings(folder fs.FS, shown string) (map[string]intake.Mapping, error) {
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
		mappings[strings.TrimSuffix(path.Base(file), ".yaml")] = readMapping(path.Join(shown, file), data, &faults)
	}
	return mappings, faults.orNil()
}

// readMapping reads the text of a mapping file.
func readMapping(file string, data []byte, faults *Faults) intake.Mapping {
	var m intake.Mapping
	documents := parse(file, data, faults)
	for i, d := range documents {
		if i > 0 {
			d.fault("", "there is a second document behind ---: a mapping file is one")
			break
		}
		d.read(&m)
		d.checkMapping("", &m)
	}
	if len(documents) == 0 && len(*faults) == 0 {
		*faults = append(*faults, Fault{File: file, Message: "is empty: say what the file holds, and which of its columns is which"})
	}
	return m
}

// mappingText reads a file that should be a mapping.
func mappingText(file string) ([]byte, error) {
	switch info, err := os.Stat(file); {
	case err != nil:
		return nil, errors.Unwrap(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no file")
	case info.Size() > maxFile:
		return nil, errors.New("it is too large for a mapping")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	return data, nil
}

// ReadMapping reads the mapping that stands in a file of its own.
func ReadMapping(file string) (*intake.Mapping, error) {
	data, err := mappingText(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the mapping %s: %w: check the path", pathway.Escaped(file), err)
	}
	var faults Faults
	m := readMapping(file, data, &faults)
	return &m, faults.orNil()
}

// mappings checks the mappings of the configuration, reads those that stand in
// files, and adds those that lie beside it and those that are shipped.
func (c *checker) mappings(shipped map[string]intake.Mapping, hasFile bool) error {
	own := c.Import.Mappings
	files := map[string]string{} // of those that stand in one
	c.mappingFiles = map[string]string{}
	for name := range shipped {
		c.mappingFiles[name] = "mappings/" + name + ".yaml (built in)"
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		m := own[name]
		key := "import.mappings." + name
		if !pathway.IsShortName(name) {
			c.d.fault(key, "%q is not a name: use small letters, digits and hyphens, as in care-visits", name)
		}
		if m.File == "" {
			c.d.checkMapping(key, &m)
			continue
		}
		file := m.File
		if !filepath.IsAbs(file) {
			file = filepath.Join(c.folder, file)
		}
		data, err := mappingText(file)
		if err != nil {
			c.d.fault(key, "cannot read %s: %v: check the path, which counts from the folder of the configuration", m.File, err)
			continue
		}
		own[name] = readMapping(m.File, data, c.d.faults)
		files[name] = file
	}
	c.Import.Mappings = maps.Clone(shipped)
	if hasFile {
		beside, err := readMappings(os.DirFS(filepath.Join(c.folder, mappingFolder)), mappingFolder)
		if faults := (Faults)(nil); errors.As(err, &faults) {
			*c.d.faults = append(*c.d.faults, faults...)
		} else if err != nil {
			return fmt.Errorf("reading the folder %s beside the configuration: %w: check its permissions", mappingFolder, err)
		}
		for name := range beside {
			if !pathway.IsShortName(name) {
				*c.d.faults = append(*c.d.faults, Fault{File: path.Join(mappingFolder, name+".yaml"), Message: fmt.Sprintf("%q is not a name: use small letters, digits and hyphens, as in care-visits.yaml", name)})
			}
		}
		maps.Copy(c.Import.Mappings, beside)
		for name := range beside {
			c.mappingFiles[name] = filepath.Join(c.folder, mappingFolder, name+".yaml")
		}
	}
	maps.Copy(c.Import.Mappings, own)
	for name := range own {
		c.mappingFiles[name] = cmp.Or(files[name], c.d.file+", import.mappings")
	}
	return nil
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
