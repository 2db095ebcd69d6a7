package store

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrAddress says that PostgreSQL's driver cannot read an address.
var ErrAddress = errors.New("cannot be used: correct what stands behind its question mark")

// VerifiesServer reports whether nobody can listen on the way to the database at url,
// nor answer in its place: it is a file, or every server that url names is on this machine, or is
// spoken to by TLS alone and has to show a certificate that its name (sslmode
// verify-full) or an authority of one's own (verify-ca with sslrootcert) vouches for.
// The environment counts as it does for Open (PGSSLMODE and the like).
//
// The error is ErrAddress, or says which file that url names cannot be read, with
// nothing else of url.
func VerifiesServer(url string) (bool, error) {
	if strings.HasPrefix(url, "sqlite:") {
		return true, nil
	}
	config, err := pgconn.ParseConfig(url)
	if unread := (*fs.PathError)(nil); errors.As(err, &unread) {
		return false, unread
	}
	if err != nil {
		return false, ErrAddress // pgx quotes the address
	}
	if !verifies(config.Host, config.Port, config.TLSConfig) {
		return false, nil
	}
	for _, other := range config.Fallbacks {
		if !verifies(other.Host, other.Port, other.TLSConfig) {
			return false, nil
		}
	}
	return true, nil
}

func verifies(host string, port uint16, config *tls.Config) bool {
	if network, _ := pgconn.NetworkAddress(host, port); network == "unix" {
		return true
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	switch {
	case config == nil:
		return false
	case !config.InsecureSkipVerify: // verify-full
		return true
	}
	// verify-ca looks at no name: by the system's authorities anybody could vouch.
	return config.VerifyPeerCertificate != nil && config.RootCAs != nil
}
