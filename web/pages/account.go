package pages

import (
	"cmp"
	"net/http"
	"time"

	"example.org/doorstep/pathway"
)

// accountSheet is what somebody's account holds.
type accountSheet struct {
	Sessions []ownSession
	// Calendar says that they can have the address of a calendar; Since is since when they
	// have one, zero: they have none; Address is the new one, which is shown once.
	Calendar bool
	Since    time.Time
	Address  string
}

type ownSession struct {
	ID    string
	Began time.Time
	Here  bool
}

func (a *app) showAccount(v *visit) error { return v.showAccountWith("") }

// showAccountWith shows the account with the address of a calendar that was just made.
func (v *visit) showAccountWith(calendar string) error {
	found, err := v.Store.SessionsOf(v.ctx(), v.person.ID, time.Now())
	if err != nil {
		return err
	}
	s := accountSheet{Calendar: v.mayFollow(), Address: calendar}
	if s.Calendar {
		if s.Since, err = v.Store.CalendarSince(v.ctx(), v.person.ID); err != nil {
			return err
		}
	}
	for _, n := range found {
		if v.Demo { // sessions go by the machine's clock, and the demo's is another
			n.Began = n.Began.Add(time.Until(v.now))
		}
		s.Sessions = append(s.Sessions, ownSession{shortToken(n.Token), n.Began, n.Token == v.ownToken()})
	}
	return v.show(http.StatusOK, "account", s)
}

// mayFollow reports whether somebody can have their due times in a calendar.
func (v *visit) mayFollow() bool { return v.CalendarPath != "" && !v.who.Outside && hasCases(v.who) }

// makeCalendar makes the address at which somebody's calendar follows their due times, or
// ends the one that they have.
func (a *app) makeCalendar(v *visit) error {
	if !v.mayFollow() {
		return errNotFound
	}
	f := &form{values: v.r.PostForm}
	if err := f.knows("end", "yes"); err != nil {
		return err
	}
	if f.Value("end") != "" {
		if err := v.audit("", "calendar", "ended", ""); err != nil {
			return err
		}
		if err := v.Store.EndCalendar(v.ctx(), v.person.ID); err != nil && pathway.ProblemOf(err) != pathway.Conflict { // it has ended before
			return err
		}
		return v.goTo("/account")
	}
	if err := v.audit("", "calendar", "made", ""); err != nil {
		return err
	}
	secret, err := v.Store.NewCalendar(v.ctx(), v.now, v.person.ID)
	if err != nil {
		return err
	}
	return v.showAccountWith(cmp.Or(v.PublicURL, "http://"+v.r.Host) + v.CalendarPath + secret + ".ics")
}

// shortToken names a session among those of one person, and opens none.
func shortToken(token string) string { return token[:min(len(token), 12)] }

// endSession ends one of somebody's own sessions.
func (a *app) endSession(v *visit) error {
	found, err := v.Store.SessionsOf(v.ctx(), v.person.ID, time.Now())
	if err != nil {
		return err
	}
	for _, n := range found {
		if shortToken(n.Token) != v.r.PathValue("session") {
			continue
		}
		if err := v.Store.EndSession(v.ctx(), n.Token); err != nil {
			return err
		}
	}
	return v.goTo("/account")
}
