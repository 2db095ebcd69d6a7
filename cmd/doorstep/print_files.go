package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"
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

func (s *stagedFile) place(path string) error { return os.Rename(s.file.Name(), path) }

// drop takes the file away again, unless it has been placed.
func (s *stagedFile) drop() {
	s.file.Close()
	os.Remove(s.file.Name())
}

// printPlace is where the files of one printing go: into a folder, or by the
// name of one of them.
type printPlace struct {
	folder string
	file   string // empty: the files get names of their own
}

// newPrintPlace reads --out. What ends in .pdf is a file; anything else is a
// folder, which is made where there is none.
func newPrintPlace(out string) (*printPlace, error) {
	if out == "" {
		return nil, badInput{errors.New("where to? add --out with a PDF file, or with a folder")}
	}
	info, err := os.Stat(out)
	if strings.EqualFold(filepath.Ext(out), ".pdf") && (err != nil || !info.IsDir()) {
		return &printPlace{filepath.Dir(out), out}, nil
	}
	if err == nil && !info.IsDir() {
		return nil, badInput{fmt.Errorf("--out: %s is a file, but no PDF: name a file that ends in .pdf, or a folder", out)}
	}
	if err := os.MkdirAll(out, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the folder for --out: %w: choose another place", err)
	}
	return &printPlace{folder: out}, nil
}

// path returns the place of one file of a batch: of its kind, or of its cover
// sheet. By name, the first file has that name itself.
func (p *printPlace) path(batch int64, first bool, what string) string {
	if p.file == "" {
		return filepath.Join(p.folder, fmt.Sprintf("batch-%d-%s.pdf", batch, what))
	}
	if first {
		return p.file
	}
	extension := filepath.Ext(p.file)
	return strings.TrimSuffix(p.file, extension) + "-" + what + extension
}
