package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How long PostgreSQL may take. A connection can be dead and still be open: what is
// between may have stopped to forward without saying so, and then neither an answer
// nor an error ever comes. So each statement ends on the server after a while, and who
// waits for an answer waits a little longer and no more. Connections that have waited
// in vain are given up together with all others of their age.
//
// What takes in files, makes backups, fills a database from one or changes its tables
// has statements that rightly take long, and connections of its own.
const (
	connectWithin   = 10 * time.Second // also for the first answer; connect_timeout in the address outranks it
	statementWithin = 25 * time.Second // for a statement of daily work
	answerWithin    = 30 * time.Second // for the answer to one
	pingWithin      = 5 * time.Second  // for a sign of life of a connection that nobody has used for a second

	longStatementWithin = 15 * time.Minute
	longAnswerWithin    = longStatementWithin + 30*time.Second
	// idleWithin is how long the server lets a transaction be that asks nothing: one
	// behind a dead connection holds locks that others wait for. An intake thinks for
	// longer than a scan.
	idleWithin     = 30 * time.Second
	longIdleWithin = longStatementWithin

	// A connection that carries nothing is looked at by the network itself.
	keepAliveAfter = 15 * time.Second
	keepAliveEvery = 5 * time.Second
	keepAliveTries = 3
)

// deadlines are how long the statements of one pool may take.
type deadlines struct{ statement, answer, idle time.Duration }

var (
	dailyDeadlines = deadlines{statementWithin, answerWithin, idleWithin}
	longDeadlines  = deadlines{longStatementWithin, longAnswerWithin, longIdleWithin}
)

// settings are the statements that tell the server of the deadlines.
func (d deadlines) settings() string {
	return fmt.Sprintf("SET statement_timeout = %d; SET idle_in_transaction_session_timeout = %d", d.statement.Milliseconds(), d.idle.Milliseconds())
}

// limit has a pool keep to its deadlines. set are the statements for each new connection:
// what is set is set after connecting, because not everything that stands between lets
// it through before. reset gives up the connections that the pool has by then.
func (d deadlines) limit(config *pgxpool.Config, set string, reset func()) {
	c := config.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectWithin
	}
	dialer := &net.Dialer{
		Timeout:         c.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAliveAfter, Interval: keepAliveEvery, Count: keepAliveTries},
	}
	c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &boundedConn{Conn: conn, within: d.answer, unanswered: reset}, nil
	}
	config.PingTimeout = pingWithin
	before := config.AfterConnect
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		var err error
		if set != "" {
			_, err = conn.Exec(ctx, set, pgx.QueryExecModeSimpleProtocol)
		}
		if err != nil || before == nil {
			return err
		}
		return before(ctx, conn)
	}
}

// errUnanswered says that a connection is as good as dead.
var errUnanswered = errors.New("the connection is open, and no answer comes")

// boundedConn waits for the other side no longer than within, whoever waits.
type boundedConn struct {
	net.Conn
	within     time.Duration
	unanswered func() // called when that was too long

	mu          sync.Mutex
	read, write time.Time // the deadlines that others have set; zero: none
}

func (c *boundedConn) Read(p []byte) (int, error) {
	began := time.Now()
	if err := c.bound(began, &c.read, c.Conn.SetReadDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	return n, c.judge(began, err)
}

func (c *boundedConn) Write(p []byte) (int, error) {
	began := time.Now()
	if err := c.bound(began, &c.write, c.Conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	return n, c.judge(began, err)
}

// bound sets the deadline of what begins now: the connection's own, or an earlier one
// of whoever waits.
func (c *boundedConn) bound(now time.Time, set *time.Time, apply func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	until := now.Add(c.within)
	if !set.IsZero() && set.Before(until) {
		until = *set
	}
	return apply(until)
}

// judge says what a timeout means.
func (c *boundedConn) judge(began time.Time, err error) error {
	var timeout net.Error
	if err == nil || !errors.As(err, &timeout) || !timeout.Timeout() {
		return err
	}
	waited := time.Since(began)
	if waited >= pingWithin-time.Second {
		c.unanswered()
	}
	if waited >= c.within {
		return &unansweredError{err}
	}
	return err
}

// unansweredError is errUnanswered and still the timeout that it was.
type unansweredError struct{ error }

func (e *unansweredError) Error() string   { return errUnanswered.Error() }
func (e *unansweredError) Unwrap() []error { return []error{errUnanswered, e.error} }
func (e *unansweredError) Timeout() bool   { return true }
func (e *unansweredError) Temporary() bool { return true }

func (c *boundedConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *boundedConn) SetReadDeadline(t time.Time) error {
	return c.keep(&c.read, t, c.Conn.SetReadDeadline)
}

func (c *boundedConn) SetWriteDeadline(t time.Time) error {
	return c.keep(&c.write, t, c.Conn.SetWriteDeadline)
}

// keep notes a deadline and has what is under way heed it.
func (c *boundedConn) keep(set *time.Time, t time.Time, apply func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	*set = t
	if until := time.Now().Add(c.within); t.IsZero() || t.After(until) {
		t = until
	}
	return apply(t)
}
