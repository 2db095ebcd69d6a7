package pages

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// What a session holds.
const (
	sessionPerson = "person"
	sessionRole   = "role"  // that they had when they signed in
	sessionSaved  = "saved" // what the next page says of what was saved
	sessionTold   = "told"  // who is told of it
)

// newSessions makes what keeps sessions in the database. The cookie holds a random
// number, the database a hash of it.
func (a *app) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = &sessionStore{store: a.Store, now: time.Now, grain: a.Idle / 15, idle: a.Idle, kept: map[string]keptSession{}}
	m.HashTokenInStore = true
	m.Codec = sessionValues{}
	m.IdleTimeout, m.Lifetime = a.Idle, longestSession
	m.Cookie.Name, m.Cookie.Secure = "__Host-doorstep", true
	if a.Loopback {
		m.Cookie.Name, m.Cookie.Secure = "doorstep", false
	}
	m.Cookie.Persist = false
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		v := &visit{app: a, w: w, r: r, now: a.Now()}
		v.problem(err)
	}
	return m
}

// sessionStore is the database as scs wants it. Every request makes a session last
// longer; it is written anew only once that is a grain longer.
type sessionStore struct {
	store *store.Store
	now   func() time.Time // scs reads the clock of the machine
	grain time.Duration
	idle  time.Duration // how long a session lasts at most of which nobody asks anything

	mu   sync.Mutex
	kept map[string]keptSession // by token: as the database has them
}

type keptSession struct {
	person  string
	values  string
	expires time.Time
}

// FindCtx is scs.CtxStore's.
func (s *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	found, err := s.find(ctx, token)
	if err != nil || found == nil || s.now().After(found.Expires) {
		return nil, false, err
	}
	data, err := base64.StdEncoding.DecodeString(found.Data)
	if err != nil {
		return nil, false, err
	}
	deadline, values, err := sessionValues{}.Decode(data)
	if err != nil {
		return nil, false, err
	}
	kept := keptSession{found.Person, fmt.Sprint(values), found.Expires}
	if data, err = s.takeBack(found, data, deadline, values); err != nil {
		return nil, false, err
	}
	if found.Expires.Before(kept.expires) {
		kept.expires = time.Time{} // it is written anew
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[token] = kept
	return data, true, nil
}

// whoAsks is who asks for a page, where they could be read together with their session.
type whoAsks struct {
	at     time.Time
	person *pathway.Person // nil: they are not known yet
	who    *pathway.Who
}

type whoAsksKey struct{}

// withWhoAsks has room for who asks for a page.
func (a *app) withWhoAsks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), whoAsksKey{}, &whoAsks{at: a.Now()})))
	})
}

// find looks for a session, and for the person whose it was when it was asked for last: to
// ask the database twice takes longer.
func (s *sessionStore) find(ctx context.Context, token string) (found *store.Session, err error) {
	s.mu.Lock()
	person := s.kept[token].person
	s.mu.Unlock()
	asks, has := ctx.Value(whoAsksKey{}).(*whoAsks)
	if !has {
		return s.store.Session(ctx, token)
	}
	found, asks.person, asks.who, err = s.store.SessionAndWho(ctx, token, person, asks.at)
	return found, err
}

// whoIs is who somebody is, by id.
func (v *visit) whoIs(id string) (*pathway.Person, *pathway.Who, error) {
	if asks, has := v.ctx().Value(whoAsksKey{}).(*whoAsks); has && asks.person != nil && asks.person.ID == id {
		return asks.person, asks.who, nil
	}
	return v.Store.Who(v.ctx(), id, v.now)
}

// takeBack has a session that began by a clock that was ahead end as if it began now: what
// lies further ahead than it can counts as now.
func (s *sessionStore) takeBack(n *store.Session, data []byte, deadline time.Time, values map[string]any) ([]byte, error) {
	now := s.now()
	if n.Expires.After(now.Add(s.idle + store.ClockTolerance)) {
		n.Expires = now.Add(s.idle)
	}
	if !deadline.After(now.Add(longestSession + store.ClockTolerance)) {
		return data, nil
	}
	return sessionValues{}.Encode(now.Add(longestSession), values)
}

// CommitCtx is scs.CtxStore's.
func (s *sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expires time.Time) error {
	_, values, err := sessionValues{}.Decode(b)
	if err != nil {
		return err
	}
	person, _ := values[sessionPerson].(string)
	as := keptSession{person, fmt.Sprint(values), expires} // fmt writes maps in order
	s.mu.Lock()
	before, known := s.kept[token]
	s.mu.Unlock()
	if known && before.values == as.values && expires.Sub(before.expires) < s.grain && before.expires.After(s.now().Add(s.grain)) {
		return nil
	}
	session := &store.Session{Token: token, Person: person, Data: base64.StdEncoding.EncodeToString(b), Expires: expires}
	if known {
		err = s.store.KeepSession(ctx, session)
	} else {
		err = s.store.BeginSession(ctx, s.now(), session)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, k := range s.kept {
		if s.now().After(k.expires) {
			delete(s.kept, token)
		}
	}
	s.kept[token] = as
	return nil
}

// DeleteCtx is scs.CtxStore's.
func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	s.mu.Lock()
	delete(s.kept, token)
	s.mu.Unlock()
	return s.store.EndSession(ctx, token)
}

// Find, Commit and Delete are scs.Store's; scs calls those with a context.
func (s *sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s *sessionStore) Commit(token string, b []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expires)
}

func (s *sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// signedIn shows a page to those who are signed in and work here, and sends everybody
// else to sign in. What a form held whose session has ended is kept for its person.
func (a *app) signedIn(next page) page {
	return func(v *visit) error {
		v.w.Header().Set("Cache-Control", "no-store")
		is, err := v.recognise()
		if err != nil {
			return err
		}
		if is {
			if err := v.knownAddress(); err != nil {
				return err
			}
			return next(v)
		}
		if v.isPost() {
			return v.keepForm()
		}
		return v.goTo("/signin?next=" + url.QueryEscape(v.r.URL.RequestURI()))
	}
}

// recognise finds out who is signed in. Whoever has left, or has another role than when
// they signed in, is not any more.
func (v *visit) recognise() (bool, error) {
	id := v.sessions.GetString(v.ctx(), sessionPerson)
	if id == "" {
		return false, nil
	}
	p, who, err := v.whoIs(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (!who.Active || string(p.Role) != v.sessions.GetString(v.ctx(), sessionRole)) {
		return false, v.sessions.Destroy(v.ctx())
	}
	if err != nil {
		return false, err
	}
	v.person, v.who = p, who
	return true, nil
}

// begin signs somebody in, under a new number.
func (v *visit) begin(p *pathway.Person) error {
	if err := v.sessions.RenewToken(v.ctx()); err != nil {
		return err
	}
	v.sessions.Put(v.ctx(), sessionPerson, p.ID)
	v.sessions.Put(v.ctx(), sessionRole, string(p.Role))
	return nil
}

// ownToken is what the database calls the session of a request.
func (v *visit) ownToken() string {
	cookie, err := v.r.Cookie(v.sessions.Cookie.Name)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(cookie.Value))
	return base64.RawURLEncoding.EncodeToString(sum[:]) // as scs does
}

// ownPath returns an address of these pages, and that of the first of them for any other.
func ownPath(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsAny(address, "\\\r\n") || strings.HasPrefix(u.Path, "/sign") {
		return "/"
	}
	return u.RequestURI()
}
