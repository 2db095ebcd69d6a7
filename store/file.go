package store

import (
	"errors"
	"io/fs"
	"os"
)

// checkFile says where the file that SQLite has open is no longer the one by its name:
// what is written there nobody would find again.
func (s *Store) checkFile() error {
	if s.opened == nil {
		return nil
	}
	return sameFile(s.file, s.opened, "the database file")
}

// sameFile is checkFile for a file that is called what in the error.
func sameFile(name string, opened os.FileInfo, what string) error {
	switch now, err := os.Stat(name); {
	case errors.Is(err, fs.ErrNotExist):
		return &explained{what + " was deleted or moved while it was in use, and nothing is written any more: move it back, or restore a backup and start this program again", err}
	case err == nil && !os.SameFile(now, opened):
		return &explained{what + " was replaced by another while it was in use, and nothing is written any more: start this program again to use the new one", errors.New("another file has its name")}
	}
	return nil // what else is wrong with it, using it tells
}
