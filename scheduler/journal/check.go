package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	writableByOthers = 0o022
	usableByOthers   = 0o077
)

// Check tries whether notes could be kept in a folder, and leaves nothing there. Who can
// write in it could have a reminder taken for sent: so only its owner may, and a file of
// notes is for its owner alone. A folder that is still to be made is tried where it will
// be. The error says what to do.
func Check(folder string) error {
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return tryToWrite(folder, existing(folder))
	}
	if err != nil {
		return cannotNote(folder, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("what was sent cannot be noted in %s, which is no folder: move it away, or name another folder", folder)
	}
	if err := tryToWrite(folder, folder); err != nil || runtime.GOOS == "windows" { // which has other rights
		return err
	}
	if mode := info.Mode().Perm(); mode&writableByOthers != 0 {
		return fmt.Errorf("others may write in %s (%#o), and could have a reminder taken for sent: chmod 700 it", folder, mode)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return cannotNote(folder, err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !strings.HasSuffix(entry.Name(), ending) { // gone meanwhile, or none of ours
			continue
		}
		if mode := info.Mode().Perm(); mode&usableByOthers != 0 {
			return fmt.Errorf("%s is not for its owner alone (%#o): chmod 600 it", filepath.Join(folder, entry.Name()), mode)
		}
	}
	return nil
}

// existing is the lowest folder above path that there is.
func existing(path string) string {
	for {
		above := filepath.Dir(path)
		if _, err := os.Stat(above); !errors.Is(err, fs.ErrNotExist) || above == path {
			return above
		}
		path = above
	}
}

func tryToWrite(folder, in string) error {
	file, err := os.CreateTemp(in, "doorstep-check-*")
	if err != nil {
		return cannotNote(folder, err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func cannotNote(folder string, err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("what was sent cannot be noted in %s (%w): let who runs Doorstep write there, or name another folder", folder, err)
}
