package twiliotest

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// sharePort lets a port be bound a second time by ourselves.
func sharePort(_, _ string, c syscall.RawConn) error {
	var err error
	if failed := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}); failed != nil {
		return failed
	}
	return err
}

// keptPort keeps the port of a stopped server: a socket is bound to it on which
// nobody listens, so that connections are refused and no other program or test is
// given the port. The zero keptPort keeps none.
type keptPort struct {
	socket int
	kept   bool
}

// keep binds the port, which a server made by sharePort still has. Where that fails
// the port is not kept, and a Restart may find it taken.
func (p *keptPort) keep(address string) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || p.kept {
		return
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return
	}
	unix.CloseOnExec(socket)
	err = unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	if err == nil {
		err = unix.Bind(socket, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()})
	}
	if err != nil {
		unix.Close(socket)
		return
	}
	p.socket, p.kept = socket, true
}

// leave lets go of the port.
func (p *keptPort) leave() {
	if p.kept {
		unix.Close(p.socket)
		p.kept = false
	}
}
