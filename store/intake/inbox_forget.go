package intake

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"time"

	"example.org/doorstep/notify/dropfolder"
)

// ForgetFiles deletes the files in the inbox's folders done and rejected that were put
// there before these instants; a zero one keeps all. It returns how many there were.
func ForgetFiles(ctx context.Context, inbox string, imported, rejected time.Time) (fromDone, fromRejected int, err error) {
	folder, err := dropfolder.Open(inbox)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, cannotLook(err)
	}
	defer folder.Close()
	if fromDone, err = forgetIn(ctx, folder, doneFolder, imported); err != nil {
		return fromDone, 0, err
	}
	fromRejected, err = forgetIn(ctx, folder, rejectedFolder, rejected)
	return fromDone, fromRejected, err
}

func forgetIn(ctx context.Context, folder *dropfolder.Folder, from string, before time.Time) (n int, err error) {
	if before.IsZero() {
		return 0, nil
	}
	entries, err := folder.List(from)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, cannotLook(err)
	}
	for _, info := range entries {
		moved, _, stamped := dropfolder.Unstamped(info.Name())
		if !stamped || !moved.Before(before) || !info.Mode().IsRegular() {
			continue
		}
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		if err := folder.Remove(path.Join(from, info.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, cannotLook(err)
		}
		n++
	}
	return n, nil
}
