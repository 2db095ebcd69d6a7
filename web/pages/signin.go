package pages

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/web/signin"
)

// signInSheet is the page on which somebody signs in.
type signInSheet struct {
	Next     string
	Person   string
	Wrong    bool
	Wait     moment // when it may be tried again
	NoWay    bool   // nobody can sign in yet
	Provider bool   // people sign in elsewhere; a password of Doorstep's own is for emergencies
	NoReason bool   // of an emergency
	Busy     bool   // too many sign in at this moment
	Reason   string
	SignedIn *pathway.Person
	Out      bool      // they have just signed out
	Anybody  []anybody // of the demo: who one can be
}

// anybody is somebody whom one can be in the demo.
type anybody struct {
	ID, Name, Team   string
	Role             pathway.Role
	Operates, Audits bool
}

func (a *app) showSignIn(v *visit) error {
	v.w.Header().Set("Cache-Control", "no-store")
	s := signInSheet{Next: ownPath(v.r.URL.Query().Get("next")), Out: v.r.URL.Query().Has("out")}
	has, err := v.Store.HasAccounts(v.ctx())
	if err == nil && v.Demo {
		has = true
		s.Anybody, err = v.anybody()
	}
	if err != nil {
		return err
	}
	s.Provider = a.Provider != nil
	if s.NoWay = !has && !s.Provider; !s.NoWay {
		if _, err := v.recognise(); err != nil {
			return err
		}
		s.SignedIn, v.person = v.person, nil
	}
	return v.show(http.StatusOK, "signin", s)
}

func (a *app) signIn(v *visit) error {
	v.w.Header().Set("Cache-Control", "no-store")
	s := signInSheet{Next: ownPath(v.r.PostFormValue("next")), Person: strings.TrimSpace(v.r.PostFormValue("person")),
		Provider: a.Provider != nil, Reason: strings.TrimSpace(v.r.PostFormValue("reason"))}
	if s.NoReason = s.Provider && s.Reason == ""; s.NoReason {
		return v.show(http.StatusUnprocessableEntity, "signin", s)
	}
	if v.Demo {
		return v.signInAs(&s)
	}
	leave, has := signin.TakePlace()
	if !has { // nothing was tried: it does not count against them
		s.Busy = true
		v.w.Header().Set("Retry-After", "10")
		return v.show(http.StatusServiceUnavailable, "signin", s)
	}
	defer leave()
	account, address := store.AccountKey(s.Person), store.AddressKey(v.from())
	wait, err := v.Store.BeginSignIn(v.ctx(), v.now, v.now.Add(-signin.ForgottenAfter), []string{account, address},
		func(key string, f store.Failures) time.Time {
			if key == address {
				return signin.NextTryFrom(f.Count, f.Last)
			}
			return signin.NextTry(f.Count, f.Last)
		})
	if err != nil {
		return err
	}
	if !wait.IsZero() {
		s.Wait = v.moment(wait.Add(time.Second)) // up to the second that is shown
		return v.show(http.StatusTooManyRequests, "signin", s)
	}
	p, who, err := v.checkPassword(s.Person, v.r.PostFormValue("password"))
	if err != nil {
		return err
	}
	if p == nil {
		s.Wrong = true
		if err := v.audit("", "wrong-password", "", ""); err != nil {
			return err
		}
		return v.show(http.StatusUnprocessableEntity, "signin", s)
	}
	if err := v.Store.EndSignIn(v.ctx(), account, address); err != nil {
		return err
	}
	return v.welcome(&s, p, who)
}

// anybody is everybody on the people list, and whoever has rights without being on it.
func (v *visit) anybody() (all []anybody, err error) {
	people, err := v.Store.People(v.ctx())
	if err != nil {
		return nil, err
	}
	for i := range people {
		p := &people[i]
		if p.Left(v.now) {
			continue // nobody is signed in who does not work here
		}
		all = append(all, anybody{ID: p.ID, Name: p.Name, Role: p.Role, Team: p.Team})
	}
	rights, err := v.Store.AllRights(v.ctx())
	for i := range rights {
		if r := &rights[i]; r.Name != "" {
			all = append(all, anybody{ID: r.Person, Name: r.Name, Operates: r.Operates, Audits: r.Audits})
		}
	}
	return all, err
}

// signInAs signs in whoever was chosen, in the demo.
func (v *visit) signInAs(s *signInSheet) error {
	p, who, err := v.Store.Who(v.ctx(), s.Person, v.now)
	if errors.Is(err, store.ErrNotFound) || err == nil && !who.Active {
		return errNotFound
	}
	if err != nil {
		return err
	}
	return v.welcome(s, p, who)
}

// welcome signs somebody in and leads them to where they were going.
func (v *visit) welcome(s *signInSheet, p *pathway.Person, who *pathway.Who) error {
	v.person, v.who = p, who
	deed := "signed-in"
	if s.Provider {
		deed = "signed-in-for-an-emergency"
	}
	if err := v.audit("", deed, "", s.Reason); err != nil {
		return err
	}
	if err := v.begin(p); err != nil {
		return err
	}
	if s.Provider {
		v.sessions.SetDeadline(v.ctx(), v.now.Add(emergencyLasts))
		auditors, err := v.TellSignedInPast(v.ctx(), v.now, p.ID)
		if err != nil {
			v.Log.Error("those who look at who did what could not be told of a sign-in in an emergency", "reason", err)
		}
		v.Tell(v.ctx(), v.now, "emergency/"+p.ID+v.now.UTC().Format("/2006-01-02T15:04"),
			notify.Alert{Says: notify.AlertEmergency, People: []string{p.ID}, Waiting: auditors, Since: v.now})
	}
	return v.goTo(v.afterSignIn(s.Next))
}

// emergencyLasts is how long somebody is signed in who has signed in past the provider.
const emergencyLasts = time.Hour

// checkPassword returns whose password it is, as long as they work here; nil where it is
// nobody's.
func (v *visit) checkPassword(id, password string) (*pathway.Person, *pathway.Who, error) {
	hash, _, err := v.Store.PasswordHash(v.ctx(), id)
	if err != nil {
		return nil, nil, err
	}
	right, err := signin.Is(v.ctx(), password, hash)
	if err != nil {
		return nil, nil, err
	}
	p, who, err := v.Store.Who(v.ctx(), id, v.now)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	case !right || !who.Active:
		return nil, nil, nil
	}
	return p, who, nil
}

// from is the address that a request comes from; behind a proxy on this machine, the
// one that the proxy names.
func (v *visit) from() string {
	host, _, err := net.SplitHostPort(v.r.RemoteAddr)
	if err != nil {
		return v.r.RemoteAddr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		passed := strings.Split(v.r.Header.Get("X-Forwarded-For"), ",")
		if last := net.ParseIP(strings.TrimSpace(passed[len(passed)-1])); last != nil {
			return last.String()
		}
	}
	return host
}

func (a *app) signOut(v *visit) error {
	is, err := v.recognise()
	if err == nil && is {
		err = v.audit("", "signed-out", "", "")
	}
	if err == nil {
		err = v.sessions.Destroy(v.ctx())
	}
	if err != nil {
		return err
	}
	return v.goTo("/signin?out")
}
