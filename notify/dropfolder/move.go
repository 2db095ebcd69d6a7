package dropfolder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Something that is to lie beside a file, or to come from it, is written under a hidden
// name first, which says from which file it comes (a key that changes when the file
// does). It gets its own name once the file has been moved. A process that dies before
// that leaves the file where it was, and the next one writes the same thing under the
// same hidden name: so it lies there once, whenever that happens.
const (
	keyLength = 24 // hexadecimal digits
	unwritten = ".new"
)

var hidden = regexp.MustCompile(fmt.Sprintf(`^\.([0-9a-f]{%d})-(.+)$`, keyLength))

func hiddenName(into, key, name string) string {
	return path.Join(into, "."+key+"-"+shortened(name))
}

// Prepare writes something that will lie in a subfolder, from the file with that key. It
// is seen by nobody until Move or Show gives it its name.
func (d *Folder) Prepare(into, key, name string, fill func(io.Writer) error) error {
	if err := d.subfolder(into); err != nil {
		return err
	}
	to := hiddenName(into, key, name)
	if err := d.root.Remove(to + unwritten); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return pathway.WithoutPath(err)
	}
	file, err := d.root.OpenFile(to+unwritten, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return pathway.WithoutPath(err)
	}
	err = fill(file)
	d.show(file)
	if err = errors.Join(err, file.Close()); err == nil {
		err = d.root.Rename(to+unwritten, to)
	}
	if err != nil {
		_ = d.root.Remove(to + unwritten)
	}
	return pathway.WithoutPath(err)
}

// Show gives what was prepared under name and these endings the names that it is found
// by, with the time in front.
func (d *Folder) Show(into string, at time.Time, key, name string, endings ...string) error {
	to, err := d.free(into, at, name, endings...)
	if err != nil {
		return err
	}
	for _, ending := range endings {
		if err := d.root.Rename(hiddenName(into, key, name+ending), to+ending); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return pathway.WithoutPath(err)
		}
	}
	return nil
}

// Move puts the file that is open into a subfolder, with the time in front of its name,
// and what was prepared under its name and these endings beside it. It returns where
// the file lies then; empty where somebody else was faster, or where what was moved
// turned out to be another file, which is put back.
func (d *Folder) Move(into string, at time.Time, name string, file *os.File, key string, besides ...string) (string, error) {
	if err := d.subfolder(into); err != nil {
		return "", err
	}
	to, err := d.free(into, at, name, append([]string{""}, besides...)...)
	if err != nil {
		return "", err
	}
	if err := d.root.Rename(name, to); errors.Is(err, fs.ErrNotExist) {
		return "", nil // another daemon was faster
	} else if err != nil {
		return "", pathway.WithoutPath(err)
	}
	opened, err := file.Stat()
	if err != nil {
		return "", pathway.WithoutPath(err)
	}
	if moved, err := d.root.Lstat(to); err != nil || !os.SameFile(moved, opened) {
		return "", d.PutBack(to, name) // it came in that very moment
	}
	d.show(file)
	for _, ending := range besides {
		if err := d.root.Rename(hiddenName(into, key, name+ending), to+ending); err != nil {
			return to, pathway.WithoutPath(err)
		}
	}
	return to, nil
}

// mostNames bounds the search for a name that is not taken.
const mostNames = 10_000

// free is a name in a subfolder that nothing has, nor with any of the endings.
func (d *Folder) free(into string, at time.Time, name string, endings ...string) (string, error) {
next:
	for n := 1; n <= mostNames; n++ {
		to := path.Join(into, stamped(at, n, name))
		for _, ending := range endings {
			if _, err := d.root.Lstat(to + ending); err == nil {
				continue next
			} else if !errors.Is(err, fs.ErrNotExist) {
				return "", pathway.WithoutPath(err)
			}
		}
		return to, nil
	}
	return "", errors.New("every name for it is taken: empty the folder")
}

// TakeUp finishes what a process that died has left in a subfolder: what it had not
// written to the end goes, and what comes from a file that is not waiting any more gets
// its name. What comes from one that waits is written again.
func (d *Folder) TakeUp(into string, at time.Time, waits func(key string) bool) error {
	found, err := d.List(into)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	faults := []error{err}
	for _, f := range found {
		of := hidden.FindStringSubmatch(f.Name())
		switch {
		case of == nil || !f.Mode().IsRegular():
		case strings.HasSuffix(f.Name(), unwritten):
			faults = append(faults, d.root.Remove(path.Join(into, f.Name())))
		case !waits(of[1]):
			faults = append(faults, d.Show(into, at, of[1], of[2], ""))
		}
	}
	return pathway.WithoutPath(errors.Join(faults...))
}

// PutBack puts a file out of a subfolder back into the folder, under its old name if that
// is free.
func (d *Folder) PutBack(from, name string) error {
	for _, to := range []string{name, path.Base(from)} {
		file, err := d.root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return pathway.WithoutPath(err)
		}
		file.Close()
		return pathway.WithoutPath(d.root.Rename(from, to))
	}
	return errors.New("it cannot be put back: its name is taken")
}
