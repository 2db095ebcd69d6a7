package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"sync"
	"time"
)

const (
	// laterEvery is how soon what was left for later is written.
	laterEvery = 500 * time.Millisecond
	// laterAtEnd is how long Close waits for whoever is writing.
	laterAtEnd = time.Second
)

// later is what is written to a SQLite database while nobody waits for it: whoever looks
// at a page would have to wait for the write lock, which a file that comes in holds for
// long. What must not be lost lies beside the database until then (looksFile); the rest
// is what a process that is killed may forget: for how long a session lasts now, that a
// page has said that something was saved, and when a token was last used.
type later struct {
	write func(ctx context.Context, sessions map[string]Session, tokens map[string]time.Time) (done bool, err error)
	ends  context.Context // once the store closes
	end   context.CancelFunc

	mu       sync.Mutex
	woken    bool // there was something to write
	running  bool
	runs     sync.WaitGroup
	sessions map[string]Session   // by token
	tokens   map[string]time.Time // by name
	err      error                // why it could not be written; nil: it could
}

// wake has what waits written soon.
func (l *later) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wakeLocked()
}

func (l *later) wakeLocked() {
	l.woken = true
	if !l.running && l.ends.Err() == nil { // else close writes it
		l.running = true
		l.runs.Go(l.run)
	}
}

// run writes what waits until nothing does. When the store closes it waits for the lock
// no longer.
func (l *later) run() {
	for {
		select {
		case <-l.ends.Done():
			return
		case <-time.After(laterEvery):
		}
		if l.round(l.ends) {
			return
		}
	}
}

func (l *later) keepSession(n *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions[n.Token] = *n
	l.wakeLocked()
}

// session is a session as it was kept last; false: the database has it so.
func (l *later) session(token string) (Session, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, newer := l.sessions[token]
	return n, newer
}

func (l *later) endSession(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sessions, token)
}

// useToken notes when a token was used.
func (l *later) useToken(name string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, noted := l.tokens[name]; noted && at.Sub(before).Abs() < lastUseEvery {
		return
	}
	l.tokens[name] = at
	l.wakeLocked()
}

// used says when tokens were used, as far as the database may not have it yet.
func (l *later) used() map[string]time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.tokens)
}

// round writes what waits. It reports that nothing does any more.
func (l *later) round(ctx context.Context) bool {
	l.mu.Lock()
	sessions, tokens := maps.Clone(l.sessions), maps.Clone(l.tokens)
	l.mu.Unlock()
	nothing, err := l.write(ctx, sessions, tokens)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err = err; err != nil {
		return false
	}
	for token, n := range sessions {
		if l.sessions[token] == n {
			delete(l.sessions, token)
		}
	}
	for name, at := range tokens {
		if l.tokens[name].Equal(at) {
			delete(l.tokens, name)
		}
	}
	if nothing && len(l.sessions) == 0 && len(l.tokens) == 0 {
		l.running = false
		return true
	}
	return false
}

// close ends the writing, and writes what is left where nobody else writes.
func (l *later) close() error {
	l.mu.Lock()
	woken := l.woken
	l.end()
	l.mu.Unlock()
	l.runs.Wait()
	if !woken {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), laterAtEnd)
	defer cancel()
	if !l.round(ctx) && ctx.Err() == nil && !IsTemporary(l.err) {
		return l.err
	}
	return nil
}

// CatchUp has what an earlier process has left beside the database written soon.
func (s *Store) CatchUp() {
	if s.looks != nil {
		s.later.wake()
	}
}

// writeLater writes what was left for later in one transaction; nothing: nothing was, and
// none was needed.
func (s *Store) writeLater(ctx context.Context, sessions map[string]Session, tokens map[string]time.Time) (nothing bool, err error) {
	wait, err := s.waitingLooks(ctx)
	if err != nil || wait == nil && len(sessions) == 0 && len(tokens) == 0 {
		return err == nil, explain(err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		for _, n := range sessions {
			if _, err := tx.ExecContext(ctx, keepSession, n.Person, n.Data, n.Expires.UnixMilli(), n.Token); err != nil {
				return err
			}
		}
		for name, at := range tokens {
			if _, err := tx.ExecContext(ctx, useToken, at.UnixMilli(), name); err != nil {
				return err
			}
		}
		return s.takeLooks(ctx, tx)
	})
	if err == nil && wait != nil {
		err = s.looks.forget(ctx, wait.last())
	}
	return false, explain(err)
}

// laterSays is why what was left for later cannot be written; nil: it can, or somebody
// else is writing just now.
func (s *Store) laterSays() error {
	s.later.mu.Lock()
	defer s.later.mu.Unlock()
	if IsTemporary(s.later.err) || errors.Is(s.later.err, context.Canceled) {
		return nil
	}
	return s.later.err
}
