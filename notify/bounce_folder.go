package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/doorstep/notify/dropfolder"
	"example.org/doorstep/pathway"
)

// BounceFolder is a folder into which a mailbox's rule or a mail server puts what
// comes back. It remembers between two looks what it saw; it belongs to one
// goroutine.
type BounceFolder struct {
	Folder string
	// AuthServer is what our own mail server calls itself in Authentication-Results.
	AuthServer string
	seen       map[string]bounceLook
}

// bounceLook is what a file looked like when it was last looked at.
type bounceLook struct {
	listed fs.FileInfo
	into   string // where it belongs, once it is handled and could not be moved
}

// BouncesRead is what one look came to. File names can hold addresses, so there
// are none in it.
type BouncesRead struct {
	Failures int // notices of failure that were taken
	Others   int // delays, deliveries, automatic answers: there is nothing to do
	Unread   int // no notices, or none about a message of ours: they lie in unread/
	Unproven int // of those, the ones that bear the name of one of ours and prove nothing
	Waiting  int // files that may still be growing: look again after a few seconds
	Refused  int // links, folders and hostile names that end in .eml: they stay
	// Faults are what kept files from being read, taken or moved. They stay and are
	// tried again at the next look.
	Faults []error
}

// ErrNotOurs is what found returns about a message that the ledger does not know.
var ErrNotOurs = errors.New("the bounce is about no message of ours")

// ErrUnproven is what found returns about a message of ours where nothing shows that
// the bounce comes from where it went.
var ErrUnproven = errors.New("the bounce proves nothing")

const (
	doneFolder   = "done"
	unreadFolder = "unread"
)

// Look reads the *.eml files that have been there unchanged since the last look
// and calls found for each notice of a failure. What is dealt with goes to done/,
// what nobody can make use of to unread/, under a name that begins with now. An
// error from found other than ErrNotOurs and ErrUnproven leaves the file where it is, to be read
// again; found can get the same bounce twice, as when two daemons look. Look
// returns an error only when the folder cannot be read or ctx ends.
func (f *BounceFolder) Look(ctx context.Context, now time.Time, found func(Bounce) error) (BouncesRead, error) {
	var out BouncesRead
	folder, err := dropfolder.Open(f.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	var files []fs.FileInfo
	if err == nil {
		defer folder.Close()
		files, err = folder.List(".")
	}
	if err != nil {
		return out, fmt.Errorf("looking into the folder of bounced email: %w: check its permissions", err)
	}
	before := f.seen
	f.seen = make(map[string]bounceLook)
	for _, info := range files {
		name := info.Name()
		if ctx.Err() != nil {
			f.seen = before
			return out, ctx.Err()
		}
		if !strings.EqualFold(filepath.Ext(name), ".eml") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
			continue
		}
		if !info.Mode().IsRegular() || !isFileName(name) {
			out.Refused++
			continue
		}
		last, known := before[name]
		if !known || !dropfolder.Same(last.listed, info) {
			f.seen[name] = bounceLook{listed: info}
			out.Waiting++
			continue
		}
		if err := f.handle(folder, now, name, last, found, &out); err != nil {
			out.Faults = append(out.Faults, err)
		}
	}
	return out, nil
}

// handle reads a file, unless that is done already, and moves it. One that has changed
// since it was listed stays, to be read again.
func (f *BounceFolder) handle(folder *dropfolder.Folder, now time.Time, name string, look bounceLook, found func(Bounce) error, out *BouncesRead) error {
	f.seen[name] = look
	file, err := folder.OpenListed(name, look.listed)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // another daemon was faster
	case errors.Is(err, dropfolder.ErrReplaced):
		return errors.New("a bounced email was replaced while it was opened: it is read at the next look")
	case err != nil:
		return fmt.Errorf("opening a bounced email: %w", err)
	}
	defer file.Close()
	if look.into == "" {
		if look.into, err = f.decide(file, found, out); err != nil {
			return err
		}
		f.seen[name] = look
	}
	if !folder.Unchanged(name, file, look.listed) {
		return nil
	}
	if _, err := folder.Move(look.into, now, name, file, ""); err != nil {
		return fmt.Errorf("a bounced email is read but cannot be moved to %s: %w: check the permissions of its folder", look.into, err)
	}
	delete(f.seen, name)
	return nil
}

// decide reads a bounce, calls found where it tells of a failure, and says where its file
// belongs.
func (f *BounceFolder) decide(file io.Reader, found func(Bounce) error, out *BouncesRead) (into string, err error) {
	b, err := readBounceFile(file, f.AuthServer)
	switch {
	case errors.Is(err, errNoNotice), err == nil && b.Action == ActionFailed && b.MessageID == "":
		out.Unread++
		return unreadFolder, nil
	case err != nil:
		return "", err
	case b.Action != ActionFailed:
		out.Others++
		return doneFolder, nil
	}
	switch err := found(b); {
	case err == nil:
		out.Failures++
		return doneFolder, nil
	case errors.Is(err, ErrUnproven):
		out.Unproven++
	case !errors.Is(err, ErrNotOurs):
		return "", err
	}
	out.Unread++
	return unreadFolder, nil
}

// readBounceFile reads a file. One that nobody can read, however it was made, is no
// notice.
func readBounceFile(file io.Reader, authServer string) (b Bounce, err error) {
	defer func() {
		if recover() != nil {
			b, err = Bounce{}, errNoNotice
		}
	}()
	b, err = ReadBounce(file, authServer)
	return b, pathway.WithoutPath(err)
}

// isFileName refuses names that would look like something else in a listing.
func isFileName(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, pathway.IsMark)
}
