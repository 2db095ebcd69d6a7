package pages

import (
	"net/http"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// mineSheet is what somebody has to do, by what is due next.
type mineSheet struct {
	Overdue, Today  int // cases
	Hidden          int // restricted cases with something for them to do that they cannot open
	Confirm         []casefile.DeskCase
	Now, Week       []casefile.DeskCase // as cards
	MoreNow         []casefile.DeskCase // behind them, a row each
	MoreWeek, Later []casefile.DeskCase
	Tracking        *casefile.Tracking // what chairs track; nil: they are none, and stand in for none

	// The next day on which visits of theirs are booked, up to the next working day.
	Visits   int
	VisitDay pathway.Date
	VisitsOn time.Time
	FormID   string
}

func (a *app) showMine(v *visit) error {
	s, err := v.mine()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "mine", s)
}

func (v *visit) mine() (*mineSheet, error) {
	desk, err := casefile.ReadDesk(v.ctx(), v.Store, v.Rules, v.who, v.now)
	if err != nil {
		return nil, err
	}
	cal := v.Rules.Calendar
	today := cal.DateOf(v.now)
	tomorrow := cal.StartOf(today.AddDays(1))
	nextWeek := cal.StartOf(today.AddDays(7 - (int(v.local().Weekday())+6)%7))
	s := &mineSheet{Hidden: desk.Hidden}
	for _, c := range desk.Cases {
		due := c.First().Due
		overdue := c.First().State == pathway.Overdue
		switch {
		case overdue:
			s.Overdue++
		case due.Before(tomorrow):
			s.Today++
		}
		switch {
		case c.ToConfirm() != nil:
			s.Confirm = append(s.Confirm, c)
		case overdue || due.Before(tomorrow):
			s.Now = append(s.Now, c)
		case due.Before(nextWeek):
			s.Week = append(s.Week, c)
		default:
			s.Later = append(s.Later, c)
		}
	}
	s.keepShort()
	if v.who.Serves(pathway.Chair) {
		if s.Tracking, err = casefile.ReadTracking(v.ctx(), v.Store, v.Rules, v.who, v.now); err != nil {
			return nil, err
		}
	}
	return s, v.nextVisits(s)
}

// deskCards is how many cases stand as cards: those behind are rows, so that a page of many
// comes as soon as one of few.
const deskCards = 30

func (s *mineSheet) keepShort() {
	now := min(len(s.Now), deskCards)
	s.Now, s.MoreNow = s.Now[:now], s.Now[now:]
	week := min(len(s.Week), deskCards-now)
	s.Week, s.MoreWeek = s.Week[:week], s.Week[week:]
}

// nextVisits notes how many visits are booked for tomorrow, or for the first day after it
// up to the next on which the office is open: there are cards to take along.
func (v *visit) nextVisits(s *mineSheet) error {
	s.FormID = newID()
	for _, day := range v.daysAhead() {
		from := v.Rules.Calendar.StartOf(day)
		booked, err := v.Store.BookedVisits(v.ctx(), from, v.Rules.Calendar.StartOf(day.AddDays(1)), "", v.ownVisits())
		if err != nil {
			return err
		}
		if len(booked) > 0 {
			s.Visits, s.VisitDay, s.VisitsOn = len(booked), day, from
			return nil
		}
	}
	return nil
}

// Tracks reports whether they only track cases, and have nothing to do on any.
func (s *mineSheet) Tracks() bool { return s.Tracking != nil && s.Cases() == 0 && s.Hidden == 0 }

// ThisWeek counts those that are due later this week.
func (s *mineSheet) ThisWeek() int { return len(s.Week) + len(s.MoreWeek) }

// Cases counts all of them.
func (s *mineSheet) Cases() int {
	return len(s.Confirm) + len(s.Now) + len(s.MoreNow) + s.ThisWeek() + len(s.Later)
}
