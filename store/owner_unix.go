//go:build unix

package store

import (
	"os"
	"syscall"
)

// giveTo gives a file the owner of another, where this process may do so: a command that
// the machine's administrator runs must not make what the daemon cannot open.
func giveTo(f *os.File, of os.FileInfo) error {
	owner, is := of.Sys().(*syscall.Stat_t)
	if !is || os.Geteuid() != 0 {
		return nil
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}
