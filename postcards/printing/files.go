package printing

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.org/doorstep/pathway"
)

// stagedFile is a file on its way: under another name, readable by its owner
// only, until it is whole.
type stagedFile struct {
	file *os.File
	sum  hash.Hash
}

// stageFile begins a file that is to lie in the folder.
func stageFile(folder string) (*stagedFile, error) {
	f, err := os.CreateTemp(folder, ".doorstep-*")
	if err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w: choose another place", folder, err)
	}
	return &stagedFile{f, sha256.New()}, nil
}

func (s *stagedFile) Write(b []byte) (int, error) {
	s.sum.Write(b)
	return s.file.Write(b)
}

// finish makes sure that what was written is on the disk, and returns its
// SHA-256.
func (s *stagedFile) finish() (sum string, err error) {
	err = errors.Join(s.file.Sync(), s.file.Close())
	return hex.EncodeToString(s.sum.Sum(nil)), err
}

// place gives the file its name. From then on its owner's group may read it: who
// posts is seldom who printed.
func (s *stagedFile) place(path string) error {
	if err := os.Chmod(s.file.Name(), 0o640); err != nil {
		return err
	}
	return os.Rename(s.file.Name(), path)
}

// drop takes the file away again, unless it has been placed.
func (s *stagedFile) drop() {
	s.file.Close()
	os.Remove(s.file.Name())
}

// stagedFiles are the cover sheets of a batch on their way.
type stagedFiles struct {
	folder string
	files  []*stagedFile
}

func (s *stagedFiles) open() (io.Writer, error) {
	f, err := stageFile(s.folder)
	if err != nil {
		return nil, err
	}
	s.files = append(s.files, f)
	return f, nil
}

func (s *stagedFiles) finish() error {
	for _, f := range s.files {
		if _, err := f.finish(); err != nil {
			return err
		}
	}
	return nil
}

// place puts the files where they go, and returns their paths.
func (s *stagedFiles) place(place *Place, batch int64) ([]string, error) {
	var paths []string
	for i, f := range s.files {
		path := place.path(batch, false, coverName(i))
		if err := f.place(path); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// coverName is what the cover sheet of a number, from 0, is called among its batch's.
func coverName(i int) string {
	if i == 0 {
		return "cover"
	}
	return fmt.Sprintf("cover-%d", i+1)
}

func (s *stagedFiles) drop() {
	for _, f := range s.files {
		f.drop()
	}
}

// Place is where the files of one printing go: into a folder, or by the
// name of one of them.
type Place struct {
	folder string
	file   string // empty: the files get names of their own
}

// NewPlace reads where files are to go. What ends in .pdf is a file; anything else is a
// folder, which is made where there is none.
func NewPlace(out string) (*Place, error) {
	if out == "" {
		return nil, pathway.NewProblem(pathway.Refused, "where to? add --out with a PDF file, or with a folder")
	}
	info, err := os.Stat(out)
	if strings.EqualFold(filepath.Ext(out), ".pdf") && (err != nil || !info.IsDir()) {
		return &Place{filepath.Dir(out), out}, nil
	}
	if err == nil && !info.IsDir() {
		return nil, pathway.NewProblem(pathway.Refused, "--out: %s is a file, but no PDF: name a file that ends in .pdf, or a folder", out)
	}
	if err := os.MkdirAll(out, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the folder for --out: %w: choose another place", err)
	}
	return &Place{folder: out}, nil
}

// path returns the place of one file of a batch: of its kind, or of its cover
// sheet. By name, the first file has that name itself.
func (p *Place) path(batch int64, first bool, what string) string {
	if p.file == "" {
		return filepath.Join(p.folder, fmt.Sprintf("batch-%d-%s.pdf", batch, what))
	}
	if first {
		return p.file
	}
	extension := filepath.Ext(p.file)
	return strings.TrimSuffix(p.file, extension) + "-" + what + extension
}
