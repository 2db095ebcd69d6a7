//go:build !unix

package journal

import (
	"errors"
	"os"
)

// Where a file cannot be locked nobody could tell whether its process lives: there is
// no journal then.
func lock(*os.File) error { return errors.ErrUnsupported }

func tryLock(*os.File) (free bool, err error) { return false, errors.ErrUnsupported }
