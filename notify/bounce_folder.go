package notify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

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
	size int64
	at   time.Time
	into string // where it belongs, once it is handled and could not be moved
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
	root, err := os.OpenRoot(f.Folder) // nothing in it leads out of it
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("looking into the folder of bounced email: %w: check its permissions", err)
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return out, fmt.Errorf("looking into the folder of bounced email: %w: check its permissions", err)
	}
	before := f.seen
	f.seen = make(map[string]bounceLook)
	for _, entry := range entries {
		name := entry.Name()
		if ctx.Err() != nil {
			f.seen = before
			return out, ctx.Err()
		}
		if !strings.EqualFold(filepath.Ext(name), ".eml") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
			continue
		}
		if !entry.Type().IsRegular() || !isFileName(name) {
			out.Refused++
			continue
		}
		info, err := entry.Info()
		if err != nil {
			continue // gone since
		}
		look := bounceLook{size: info.Size(), at: info.ModTime()}
		last, known := before[name]
		if !known || last.size != look.size || !last.at.Equal(look.at) {
			f.seen[name] = look
			out.Waiting++
			continue
		}
		if err := f.handle(root, now, name, last, info, found, &out); err != nil {
			out.Faults = append(out.Faults, err)
		}
	}
	return out, nil
}

// handle reads a file, unless that is done already, and moves it.
func (f *BounceFolder) handle(root *os.Root, now time.Time, name string, look bounceLook, info fs.FileInfo, found func(Bounce) error, out *BouncesRead) error {
	f.seen[name] = look
	if look.into == "" {
		b, err := readBounceFile(root, name, info, f.AuthServer)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another daemon was faster
		}
		switch {
		case errors.Is(err, errNoNotice), err == nil && b.Action == ActionFailed && b.MessageID == "":
			look.into = unreadFolder
			out.Unread++
		case err != nil:
			return err
		case b.Action != ActionFailed:
			look.into = doneFolder
			out.Others++
		default:
			err := found(b)
			if errors.Is(err, ErrUnproven) {
				out.Unproven++
			} else if err != nil && !errors.Is(err, ErrNotOurs) {
				return err
			}
			look.into = doneFolder
			if err != nil {
				look.into = unreadFolder
				out.Unread++
			} else {
				out.Failures++
			}
		}
		f.seen[name] = look
	}
	if err := moveBounce(root, now, name, look); err != nil {
		return fmt.Errorf("a bounced email is read but cannot be moved to %s: %w: check the permissions of its folder", look.into, pathway.WithoutPath(err))
	}
	delete(f.seen, name)
	return nil
}

// readBounceFile reads the very file that was listed. One that nobody can read, however
// it was made, is no notice.
func readBounceFile(root *os.Root, name string, listed fs.FileInfo, authServer string) (b Bounce, err error) {
	defer func() {
		if recover() != nil {
			b, err = Bounce{}, errNoNotice
		}
	}()
	file, err := root.Open(name)
	if err != nil {
		return Bounce{}, fmt.Errorf("opening a bounced email: %w", pathway.WithoutPath(err))
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !os.SameFile(info, listed) {
		return Bounce{}, errors.New("a bounced email was replaced while it was opened: it is read at the next look")
	}
	b, err = ReadBounce(file, authServer)
	return b, pathway.WithoutPath(err)
}

// moveBounce puts a file into its folder, under a name that is not taken. One that
// has changed since stays, to be read again.
func moveBounce(root *os.Root, now time.Time, name string, look bounceLook) error {
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another daemon was faster
	}
	if err != nil || info.Size() != look.size || !info.ModTime().Equal(look.at) {
		return err
	}
	if err := root.MkdirAll(look.into, 0o750); err != nil {
		return err
	}
	stamp, rest := now.UTC().Format("20060102T150405Z"), name
	if len(rest) > 200 { // too long to take the stamp as well
		rest = digestOf(name) + ".eml"
	}
	to := path.Join(look.into, stamp+"-"+rest)
	for n := 2; ; n++ {
		if _, err := root.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return err
		}
		to = path.Join(look.into, fmt.Sprintf("%s-%d-%s", stamp, n, rest))
	}
	if err := root.Rename(name, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// isFileName refuses names that would look like something else in a listing.
func isFileName(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, pathway.IsMark)
}
