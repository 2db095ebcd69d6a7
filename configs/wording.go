package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing/fstest"

	"example.org/doorstep/pathway"
)

const (
	mostWording = 1 << 20  // bytes in one wording file
	mostLogo    = 10 << 20 // bytes in a logo
)

// Texts returns the texts that people read: the shipped ones, with the files of
// the organisation's own wording folder in place of or beside them. They are
// checked where they are used: by the message composer and the printer.
func (c *Config) Texts() (fs.FS, error) {
	texts := fstest.MapFS{}
	if err := addTexts(texts, Wording()); err != nil {
		return nil, err
	}
	if c.WordingFolder == "" {
		return texts, nil
	}
	if err := addTexts(texts, os.DirFS(c.beside(c.WordingFolder))); err != nil {
		return nil, c.faultAt("wording", "%v: name a folder with the files that differ from configs/wording", err)
	}
	return texts, nil
}

// addTexts adds the files of a folder to the texts.
func addTexts(texts fstest.MapFS, folder fs.FS) error {
	return fs.WalkDir(folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Size() > mostWording {
			return fmt.Errorf("%s is larger than 1 MB, which no wording is", path)
		}
		data, err := fs.ReadFile(folder, path)
		texts[path] = &fstest.MapFile{Data: data}
		return err
	})
}

// ExportWording writes the shipped texts into a folder, for an organisation to change,
// and returns how many files. It overwrites nothing: where one of them is there
// already it writes none, and the error is a pathway.Problem.
func ExportWording(folder string) (files int, err error) {
	texts := fstest.MapFS{}
	if err := addTexts(texts, Wording()); err != nil {
		return 0, err
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		switch _, err := os.Lstat(filepath.Join(folder, name)); {
		case err == nil:
			return 0, pathway.NewProblem(pathway.Conflict, "%s is there already, and is not overwritten: name another folder, or one without wording", filepath.Join(folder, name))
		case !errors.Is(err, fs.ErrNotExist):
			return 0, pathway.NewProblem(pathway.Refused, "cannot write into %s: %w: name another folder", folder, pathway.WithoutPath(err))
		}
	}
	if err = os.MkdirAll(folder, 0o755); err == nil {
		err = os.CopyFS(folder, texts)
	}
	if err != nil {
		return 0, pathway.NewProblem(pathway.Refused, "cannot write into %s: %w: name another folder", folder, pathway.WithoutPath(err))
	}
	return len(texts), nil
}

// Logo returns the picture that stands on letters and cards; nil for none. That
// it is a picture is checked by the printer.
func (c *Config) Logo() ([]byte, error) {
	if c.Organisation.LogoFile == "" {
		return nil, nil
	}
	fault := func(err error) error {
		return c.faultAt("organisation.logo", "%v: name a PNG or JPEG file", err)
	}
	path := c.beside(c.Organisation.LogoFile)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fault(err)
	case info.Size() > mostLogo:
		return nil, fault(errors.New("the file is larger than 10 MB"))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault(err)
	}
	return data, nil
}

// faultAt is a mistake found after the configuration was read, at its key.
func (c *Config) faultAt(key, format string, args ...any) error {
	var found Faults
	source := *c.source
	source.faults = &found
	source.fault(key, format, args...)
	return found
}
