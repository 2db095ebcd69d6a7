// Package dropfolder is a folder into which others put files for us to read: a record
// system its extracts, a mailbox the emails that came back.
//
// What lies in it is nobody's that can be trusted. It promises that nothing is followed
// out of the folder, that nothing is waited for, that the file which is read is the one
// that was listed, and that what is put into its subfolders overwrites nothing, lies
// there whole or not at all, and once however often the process that does so dies. No
// error shows a file's name: it may be a person's.
package dropfolder

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"example.org/doorstep/pathway"
)

// Folder is the folder as it is opened for one look.
type Folder struct {
	root  *os.Root
	group int // whose people may read what is put into it; -1: not known
}

// ErrReplaced says that something else than the file that was listed was opened.
var ErrReplaced = errors.New("it was changed or replaced while it was opened")

// Open opens a folder. The error is fs.ErrNotExist where there is none.
func Open(path string) (*Folder, error) {
	root, err := os.OpenRoot(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, pathway.WithoutPath(err)
	}
	d := &Folder{root: root, group: -1}
	if info, err := root.Stat("."); err == nil {
		d.group = groupOf(info)
	}
	return d, nil
}

func (d *Folder) Close() error { return d.root.Close() }

func groupOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Gid)
	}
	return -1
}

// List lists what lies in a subfolder, "." for the folder itself, in order of name. A
// link is listed as one.
func (d *Folder) List(subfolder string) ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(d.root.FS(), subfolder)
	if err != nil {
		return nil, pathway.WithoutPath(err)
	}
	var out []fs.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil { // else it is gone since
			out = append(out, info)
		}
	}
	return out, nil
}

// Look says what lies there under a name, and follows no link.
func (d *Folder) Look(name string) (fs.FileInfo, error) {
	info, err := d.root.Lstat(name)
	return info, pathway.WithoutPath(err)
}

// Same reports whether nothing shows that a file was changed or replaced.
func Same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// OpenListed opens the very file that was listed, and never waits for anybody: a pipe
// would make whoever opens it wait for its writer.
func (d *Folder) OpenListed(name string, listed fs.FileInfo) (*os.File, error) {
	file, err := d.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, pathway.WithoutPath(err)
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() || !Same(info, listed) {
		file.Close()
		return nil, ErrReplaced
	}
	return file, nil
}

// Unchanged reports whether the name still is that of the file that is open, and
// the file as it was listed.
func (d *Folder) Unchanged(name string, file *os.File, listed fs.FileInfo) bool {
	opened, err := file.Stat()
	if err != nil || !Same(opened, listed) {
		return false
	}
	named, err := d.root.Lstat(name)
	return err == nil && Same(named, listed)
}

// subfolder makes sure that a folder for what is handled is there, readable by
// the people of the folder's group and nobody else.
func (d *Folder) subfolder(name string) error {
	err := d.root.Mkdir(name, 0o750)
	made := err == nil
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return pathway.WithoutPath(err)
	}
	info, err := d.root.Lstat(name)
	if err != nil {
		return pathway.WithoutPath(err)
	}
	if !info.IsDir() {
		return errors.New("something else has that name: take it away")
	}
	// Where they are not ours, they are as whoever made them wants them.
	if made && d.group >= 0 && groupOf(info) != d.group {
		_ = d.root.Chown(name, -1, d.group)
	}
	if made || info.Mode().Perm()&0o007 != 0 {
		_ = d.root.Chmod(name, info.Mode()&(fs.ModeSetgid|0o770)|0o750)
	}
	return nil
}

// show lets the people of the folder's group read a file, and nobody else. Where
// it is not ours, the folder that it lies in keeps others out.
func (d *Folder) show(file *os.File) {
	if d.group >= 0 {
		_ = file.Chown(-1, d.group)
	}
	_ = file.Chmod(0o640)
}

// Remove deletes a file in the folder, by its path in it; a link, not what it leads to.
func (d *Folder) Remove(path string) error { return pathway.WithoutPath(d.root.Remove(path)) }
