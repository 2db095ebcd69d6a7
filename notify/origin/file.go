package origin

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// largestFile is far more than anybody's keys take.
const largestFile = 64 << 10

const fileHead = `# Doorstep's key: what proves that a bounce or an answer is about a message of ours.
# Keep it secret, keep it with the database, and give every Doorstep on that database
# the same. The first is in use; those below it are still recognised. "doorstep key
# rotate" puts a new one on top.
`

// ReadFile reads the keys of a file. A file that others than its owner may read is
// closed to them first. Where there is none the error is fs.ErrNotExist.
func ReadFile(path string) (Keys, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe is no reason to wait
	if err != nil {
		return Keys{}, fault(path, err, "check its permissions")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Keys{}, fault(path, err, "check its permissions")
	}
	if !info.Mode().IsRegular() {
		return Keys{}, fmt.Errorf("the key file %s is no file: name one in origin_key_file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := f.Chmod(0o600); err != nil {
			return Keys{}, fault(path, err, "others on this machine may read it: chmod 600 "+path)
		}
	}
	text, err := io.ReadAll(io.LimitReader(f, largestFile))
	if err != nil {
		return Keys{}, fault(path, err, "check the disk")
	}
	keys, err := ParseKeys(string(text))
	if err != nil {
		return Keys{}, fmt.Errorf("the key file %s: %w: bring it back from a backup", path, err)
	}
	return keys, nil
}

// MakeFile makes a file with a new key, readable by its owner only, and returns what
// it holds then: where another process is faster, that one's key.
func MakeFile(path string) (keys Keys, made bool, err error) {
	keys = NewKeys()
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Keys{}, false, fault(path, err, "choose another place for it by origin_key_file")
	}
	f, err := os.CreateTemp(folder, ".doorstep-key-*") // 0600
	if err != nil {
		return Keys{}, false, fault(path, err, "let Doorstep write there, or choose another place for it by origin_key_file")
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(fileHead + keys.Text())
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Link(f.Name(), path) // whole, and never in the place of another
	}
	if errors.Is(err, fs.ErrExist) {
		keys, err := ReadFile(path)
		return keys, false, err
	}
	if err != nil {
		return Keys{}, false, fault(path, err, "make room, or choose another place for it by origin_key_file")
	}
	return keys, true, syncFolder(folder)
}

// WriteFile puts keys in the place of those that a file has.
func WriteFile(path string, keys Keys) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fault(path, err, "choose another place for it by origin_key_file")
	}
	if err := renameio.WriteFile(path, []byte(fileHead+keys.Text()), 0o600, renameio.WithTempDir(folder), renameio.IgnoreUmask()); err != nil {
		return fault(path, err, "let Doorstep write there, or choose another place for it by origin_key_file")
	}
	return syncFolder(folder)
}

// syncFolder keeps a power cut from undoing a new name.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// fault says what is wrong with a key file; a path stands in it once.
func fault(path string, err error, remedy string) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("the key file %s: %w: %s", path, err, remedy)
}
