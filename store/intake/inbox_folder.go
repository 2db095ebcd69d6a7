package intake

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"example.org/doorstep/pathway"
)

// inboxFolder is the inbox as it is opened for one look. Nothing in it leads out
// of it.
type inboxFolder struct {
	root  *os.Root
	group int // whose people may read what is put into it; -1: not known
}

const (
	doneFolder     = "done"
	rejectedFolder = "rejected"
)

var errReplaced = errors.New("it was changed or replaced while it was opened")

// openInboxFolder opens the folder. No error shows a path.
func openInboxFolder(name string) (*inboxFolder, error) {
	root, err := os.OpenRoot(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("looking into the inbox: %w: check its permissions", pathway.WithoutPath(err))
	}
	d := &inboxFolder{root: root, group: -1}
	if info, err := root.Stat("."); err == nil {
		d.group = groupOf(info)
	}
	return d, nil
}

func groupOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Gid)
	}
	return -1
}

// list lists what lies in the folder, in order of name. A link is listed as one.
func (d *inboxFolder) list() ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("looking into the inbox: %w: check its permissions", pathway.WithoutPath(err))
	}
	var out []fs.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil { // else it is gone since
			out = append(out, info)
		}
	}
	return out, nil
}

// sameFile reports whether nothing shows that a file was changed or replaced.
func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// open opens the very file that was listed, and never waits for anybody: a pipe
// would make whoever opens it wait for its writer.
func (d *inboxFolder) open(name string, listed fs.FileInfo) (*os.File, error) {
	file, err := d.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, pathway.WithoutPath(err)
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() || !sameFile(info, listed) {
		file.Close()
		return nil, errReplaced
	}
	return file, nil
}

// unchanged reports whether the name still is that of the file that is open, and
// the file as it was listed.
func (d *inboxFolder) unchanged(name string, file *os.File, listed fs.FileInfo) bool {
	opened, err := file.Stat()
	if err != nil || !sameFile(opened, listed) {
		return false
	}
	named, err := d.root.Lstat(name)
	return err == nil && sameFile(named, listed)
}

// subfolder makes sure that a folder for what is handled is there, readable by
// the people of the inbox's group and nobody else.
func (d *inboxFolder) subfolder(name string) error {
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

// mostNames bounds the search for a name that is not taken.
const mostNames = 10_000

// reserve makes new empty files in a subfolder, one for each ending, all under
// one name that was not taken. What has a name there already is neither followed
// nor overwritten.
func (d *inboxFolder) reserve(into string, at time.Time, name string, endings ...string) (string, []*os.File, error) {
	if err := d.subfolder(into); err != nil {
		return "", nil, err
	}
	for n := 1; n <= mostNames; n++ {
		to := path.Join(into, stamped(at, n, name))
		files, err := d.create(to, endings)
		if err == nil {
			return to, files, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", nil, err
		}
	}
	return "", nil, errors.New("every name for it is taken: empty the folder")
}

func (d *inboxFolder) create(to string, endings []string) (files []*os.File, err error) {
	for _, ending := range endings {
		file, err := d.root.OpenFile(to+ending, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
		if err != nil {
			for i, made := range files {
				made.Close()
				_ = d.root.Remove(to + endings[i])
			}
			return nil, pathway.WithoutPath(err)
		}
		d.show(file)
		files = append(files, file)
	}
	return files, nil
}

// show lets the people of the inbox's group read a file, and nobody else. Where
// it is not ours, the folder that it lies in keeps others out.
func (d *inboxFolder) show(file *os.File) {
	if d.group >= 0 {
		_ = file.Chown(-1, d.group)
	}
	_ = file.Chmod(0o640)
}

// write fills files that reserve has made, and takes them away where that fails.
func (d *inboxFolder) write(to string, endings []string, files []*os.File, fill ...func(io.Writer) error) error {
	var faults []error
	for i, file := range files {
		err := fill[i](file)
		faults = append(faults, pathway.WithoutPath(errors.Join(err, file.Close())))
	}
	err := errors.Join(faults...)
	if err != nil {
		for _, ending := range endings {
			_ = d.root.Remove(to + ending)
		}
	}
	return err
}

// move puts the file that is open into a subfolder, under a name that is not
// taken, with a text beside it where there is one. It returns where the file lies
// then; empty where what was moved turned out to be another, which is put back.
func (d *inboxFolder) move(into string, at time.Time, name string, file *os.File, text string) (string, error) {
	endings := []string{""}
	switch {
	case text == "":
	case into == doneFolder:
		endings = append(endings, notesEnding)
	default:
		endings = append(endings, errorsEnding)
	}
	to, files, err := d.reserve(into, at, name, endings...)
	if err != nil {
		return "", err
	}
	err = d.write(to, endings, files, func(io.Writer) error { return nil },
		func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
	if err != nil {
		return "", err
	}
	if err := d.root.Rename(name, to); err != nil {
		for _, ending := range endings {
			_ = d.root.Remove(to + ending)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil // another daemon was faster
		}
		return "", pathway.WithoutPath(err)
	}
	opened, err := file.Stat()
	if err != nil {
		return "", pathway.WithoutPath(err)
	}
	if moved, err := d.root.Lstat(to); err != nil || !os.SameFile(moved, opened) {
		return "", d.putBack(to, name) // it came in that very moment
	}
	d.show(file)
	return to, nil
}

// putBack puts a file back into the inbox, under its old name if that is free.
func (d *inboxFolder) putBack(from, name string) error {
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
	return errors.New("it cannot be put back into the inbox: its name is taken there")
}

// errorsEnding is what the names of texts that say why end in.
const errorsEnding = ".errors.txt"

// notesEnding is what the names of texts end in that say what is odd about rows that
// came in.
const notesEnding = ".notes.txt"
