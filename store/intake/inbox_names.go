package intake

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"example.org/doorstep/notify/dropfolder"
	"example.org/doorstep/pathway"
)

// What the inbox takes, and what is taken for a mistake: nobody puts a spreadsheet
// there for any other reason.
var (
	inboxFormats = []string{".csv", ".xlsx"}
	otherFormats = []string{".xlsm", ".xlsb", ".xls", ".ods", ".tsv"}
)

// isHandedOver reports whether something in the folder was put there to be
// imported. What begins with a dot or ~ belongs to some program, and other endings
// are a writer's own affair until it renames the file.
func isHandedOver(name string) bool {
	ending := strings.ToLower(filepath.Ext(name))
	return (slices.Contains(inboxFormats, ending) || slices.Contains(otherFormats, ending)) &&
		!strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "~")
}

// contents tells by its name what a file holds: NAME.MAPPING.csv and
// NAME.MAPPING.xlsx by the mapping, people…, cases… and events… by how they begin. A copy of rejected rows may be
// handed over under the name that it has in rejected/.
func (b *Inbox) contents(name string) (of string, m *Mapping) {
	ending := filepath.Ext(name)
	if !slices.Contains(inboxFormats, strings.ToLower(ending)) {
		return "", nil
	}
	stem := strings.TrimSuffix(name, ending)
	if i := strings.LastIndex(stem, "."); i >= 0 {
		if found, ok := b.Mappings[stem[i+1:]]; ok {
			return found.For, &found
		}
	}
	stem = strings.ToLower(dropfolder.WithoutStamp(stem))
	for _, of := range []string{People, Cases, Events} {
		if strings.HasPrefix(stem, of) {
			return of, nil
		}
	}
	return "", nil
}

func unknownName(name string) string {
	if !slices.Contains(inboxFormats, strings.ToLower(filepath.Ext(name))) {
		return "it is neither CSV nor an Excel workbook (.xlsx): save it as one of the two"
	}
	return "its name does not say what it holds: begin it with people, cases or events, or end it with the name of a mapping"
}

// notAFile says why something is no file that could be imported; empty: it is one.
func notAFile(info fs.FileInfo) string {
	mode := info.Mode()
	name := info.Name()
	switch {
	case mode&fs.ModeSymlink != 0:
		return "it is a link, and links are not followed: put the file itself there"
	case mode.IsDir():
		return "it is a folder: put the files themselves into the inbox"
	case mode&fs.ModeNamedPipe != 0:
		return "it is a pipe: put a file there"
	case !mode.IsRegular():
		return "it is a device or a socket: put a file there"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, pathway.IsMark):
		return "its name holds characters that cannot be shown: rename it"
	}
	return ""
}

func unreadable(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "Doorstep may not read it: give it the group of the inbox, and that group the right to read it (mode 0640)"
	}
	return fmt.Sprintf("%v: hand it over again", err)
}

// csvName is what the copy of a file's bad rows is called, which is CSV.
func csvName(name string) string {
	return strings.TrimSuffix(name, filepath.Ext(name)) + ".csv"
}

func numberOf(name string) string { return dropfolder.NumberOf(name) }

// fileKey names a file as it is now, and says nothing of it.
func fileKey(name string, info fs.FileInfo) string {
	return dropfolder.KeyOf(fmt.Sprintf("%s\x00%d\x00%d", name, info.Size(), info.ModTime().UnixNano()))
}

// entryKey names what lies there under a name, whatever becomes of its content: another
// that comes later under the same name has another key.
func entryKey(info fs.FileInfo) string {
	var number uint64
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		number = stat.Ino
	}
	return dropfolder.KeyOf(fmt.Sprintf("%s\x00%s\x00%d", info.Name(), info.Mode().Type(), number))
}

// looksWhole reports whether a file's end shows that its writer was through: the
// last line of a CSV file has a line end, a workbook's archive has its directory.
func looksWhole(name string, file io.ReaderAt, size int64) bool {
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		if size == 0 {
			return false
		}
		var end [1]byte
		_, err := file.ReadAt(end[:], size-1)
		return err == nil && (end[0] == '\n' || end[0] == '\r')
	}
	_, err := zip.NewReader(file, size)
	return err == nil
}
