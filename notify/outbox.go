package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/renameio/v2"

	"example.org/doorstep/notify/origin"
)

// Outbox writes messages into a folder instead of sending them: emails as .eml
// files, byte for byte as they would have gone out, texts as .txt files.
type Outbox struct {
	dir      string
	composer *Composer
}

// NewOutbox returns a channel that writes into dir, which is made when it is
// missing.
func NewOutbox(dir string, composer *Composer) *Outbox {
	return &Outbox{dir, composer}
}

// Send writes m's file. Its name comes from when m was created and from its key and
// the installation's, so a repeat replaces the file instead of adding one. The file appears whole or
// not at all.
func (o *Outbox) Send(ctx context.Context, now time.Time, m Message) Outcome {
	if ctx.Err() != nil {
		return Outcome{State: FailedTemporarily, Fault: FaultBusy, Reason: "stopped before the file was written"}
	}
	var content bytes.Buffer
	extension := ".eml"
	if m.Channel == BySMS {
		extension = ".txt"
		if err := o.text(now, m, &content); err != nil {
			return unsendable(err)
		}
	} else if _, err := o.composer.render(now, m, &content); err != nil {
		return unsendable(err)
	}
	name := m.Created.In(o.composer.settings.Location).Format("2006-01-02T150405-0700") +
		"-" + string(m.Kind) + "-" + o.composer.named(origin.FileName, m.Key) + extension
	if err := writeWhole(o.dir, name, content.Bytes()); err != nil {
		return Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: o.trouble(err)}
	}
	return Outcome{State: Sent, ProviderID: name}
}

// text is what a text message looks like as a file.
func (o *Outbox) text(now time.Time, m Message, content *bytes.Buffer) error {
	if err := checkMobile(m.To.Mobile); err != nil {
		return err
	}
	r, err := o.composer.Compose(now, m)
	if err != nil {
		return err
	}
	fmt.Fprintf(content, "To: %s\n\n%s\n", m.To.Mobile, r.SMS)
	return nil
}

// Check writes a file that holds nothing of a message, and takes it away again.
func (o *Outbox) Check(context.Context) error {
	const trial = ".doorstep-check"
	err := writeWhole(o.dir, trial, []byte("doorstep looks whether it can write here\n"))
	if removing := os.Remove(filepath.Join(o.dir, trial)); err == nil {
		err = removing
	}
	if err != nil {
		return errors.New(o.trouble(err))
	}
	return nil
}

// Close does nothing: a file is complete once Send returns.
func (o *Outbox) Close(context.Context) error { return nil }

// writeWhole puts content under its name only once all of it is on the disk.
func writeWhole(dir, name string, content []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := renameio.WriteFile(filepath.Join(dir, name), content, 0o600, renameio.WithTempDir(dir)); err != nil {
		return err
	}
	folder, err := os.Open(dir) // without this a power cut could undo the renaming
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// trouble says what is wrong with the folder. The file's name stays out of it.
func (o *Outbox) trouble(err error) string {
	what := err.Error()
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		what = "the disk is full: make room"
	case errors.Is(err, syscall.EROFS):
		what = "the disk is read-only: mount it for writing, or set another outbox"
	case errors.Is(err, fs.ErrPermission):
		what = "no permission to write there: give it to the user that Doorstep runs as"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		what = "it is not a folder: set another outbox"
	case errors.As(err, &path):
		what = path.Err.Error()
	case errors.As(err, &link):
		what = link.Err.Error()
	}
	return fmt.Sprintf("writing to the outbox %s: %s", o.dir, what)
}
