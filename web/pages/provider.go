package pages

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/web/signin"
)

// ComeBackPath is where the OpenID Connect provider sends people back to.
const ComeBackPath = "/signin/callback"

// attemptCookie is what the browser keeps while somebody is at the provider.
func (a *app) attemptCookie(value string, seconds int) *http.Cookie {
	name := "__Host-doorstep-signin"
	if a.Loopback {
		name = "doorstep-signin"
	}
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, Secure: !a.Loopback, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// goToProvider sends somebody to the provider. It is a link and no form: some browsers
// let no form lead to another site.
func (a *app) goToProvider(v *visit) error {
	v.w.Header().Set("Cache-Control", "no-store")
	if a.Provider == nil {
		return errNotFound
	}
	address, attempt, err := a.Provider.Begin(v.ctx(), v.now, ownPath(v.r.URL.Query().Get("next")))
	if err != nil {
		return v.signInFailed(err)
	}
	text, err := json.Marshal(attempt)
	if err != nil {
		return err
	}
	http.SetCookie(v.w, a.attemptCookie(base64.RawURLEncoding.EncodeToString(text), int(signin.AttemptLasts.Seconds())))
	http.Redirect(v.w, v.r, address, http.StatusSeeOther)
	return nil
}

// comeBack signs in whoever the provider sends back, where it is somebody of ours.
func (a *app) comeBack(v *visit) error {
	v.w.Header().Set("Cache-Control", "no-store")
	if a.Provider == nil {
		return errNotFound
	}
	attempt := v.attempt()
	http.SetCookie(v.w, a.attemptCookie("", -1))
	identity, err := a.Provider.End(v.ctx(), v.now, attempt, v.r.URL.Query())
	if err != nil {
		return v.signInFailed(err)
	}
	p, who, err := v.personOf(identity)
	if err != nil {
		return err
	}
	if p == nil {
		if err := v.audit("", "unknown-sign-in", "", identity.Subject); err != nil {
			return err
		}
		return v.show(http.StatusForbidden, "signin-failed", signInFailure{Unknown: true, Issuer: identity.Issuer, Subject: identity.Subject})
	}
	v.person, v.who = p, who
	if err := v.audit("", "signed-in", "", ""); err != nil {
		return err
	}
	if err := v.begin(p); err != nil {
		return err
	}
	return v.goTo(v.afterSignIn(ownPath(attempt.Next)))
}

// attempt is what the browser has kept; nothing where it has kept nothing that can be
// read.
func (v *visit) attempt() (a signin.Attempt) {
	cookie, err := v.r.Cookie(v.attemptCookie("", 0).Name)
	if err != nil {
		return a
	}
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || json.Unmarshal(text, &a) != nil {
		return signin.Attempt{}
	}
	return a
}

// personOf returns who of ours somebody at the provider is, as long as they work here.
// The first time the provider's word for their id counts; from then on what never
// changes there.
func (v *visit) personOf(i *signin.Identity) (*pathway.Person, *pathway.Who, error) {
	id, err := v.Store.PersonAt(v.ctx(), i.Issuer, i.Subject)
	if err != nil {
		return nil, nil, err
	}
	if first := id == "" && i.Person != ""; first {
		err := v.Store.LinkIdentity(v.ctx(), v.now, i.Issuer, i.Subject, i.Person)
		if kind := pathway.ProblemOf(err); kind == pathway.Conflict || kind == pathway.NotFound {
			v.Log.Warn("somebody cannot be linked to their sign-in", "reason", err)
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		id = i.Person
	}
	if id, err = v.noteRights(i, id); id == "" {
		return nil, nil, err
	}
	p, who, err := v.Store.Who(v.ctx(), id, v.now)
	if errors.Is(err, store.ErrNotFound) || err == nil && !who.Active {
		return nil, nil, nil
	}
	return p, who, err
}

// noteRights notes which rights over the service the provider gives somebody, and returns
// their id: who is nobody of ours has one of its own as long as they have a right.
func (v *visit) noteRights(i *signin.Identity, id string) (string, error) {
	if v.Provider.GroupsClaim == "" {
		return id, nil
	}
	rights := store.ServiceRights{Person: id, Operates: i.Operates, Audits: i.Audits, Ends: v.now.Add(longestSession)}
	if id == "" {
		if !i.Operates && !i.Audits {
			return "", nil
		}
		rights.Person, rights.Name = "signin "+i.Subject, cmp.Or(i.Name, i.Subject) // as "token NAME" and user:NAME are named on record
	}
	return rights.Person, v.Store.NoteRights(v.ctx(), v.now, rights)
}

// signInFailure is why somebody is not signed in.
type signInFailure struct {
	Away            bool // the provider does not answer
	Unknown         bool // they are nobody of ours
	Issuer, Subject string
	Already         bool // they are, from before: they have gone back, or opened something twice
}

func (v *visit) signInFailed(err error) error {
	v.Log.Warn("a sign-in at the provider failed", "reason", err)
	if errors.Is(err, signin.ErrAway) {
		return v.show(http.StatusServiceUnavailable, "signin-failed", signInFailure{Away: true})
	}
	if err := v.audit("", "wrong-sign-in", "", ""); err != nil {
		return err
	}
	already, err := v.recognise()
	if err != nil {
		return err
	}
	return v.show(http.StatusForbidden, "signin-failed", signInFailure{Already: already})
}
