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
	switch now, err := os.Stat(s.file); {
	case errors.Is(err, fs.ErrNotExist):
		return &explained{"the database file was deleted or moved while it was in use, and nothing is written any more: move it back, or restore a backup and start this program again", err}
	case err == nil && !os.SameFile(now, s.opened):
		return &explained{"the database file was replaced by another while it was in use, and nothing is written any more: start this program again to use the new one", errors.New("another file has its name")}
	}
	return nil // what else is wrong with it, using it tells
}
