package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// CountHouseholds is how many messages a scan queues that tell of visits to others
	// of a household.
	CountHouseholds = "households"

	// visitsAtOnce are told of in one transaction.
	visitsAtOnce = 200
)

// tellHouseholds tells the practitioners of a household's other open cases of an
// unsuccessful visit to one of them, in office hours: once for each time of a visit,
// however many of the household's cases were visited then. What was recorded in error
// meanwhile is not told. Whose case is another's is told with it.
func (s *Scanner) tellHouseholds(ctx context.Context, run *store.Run, now time.Time) (told int, err error) {
	if next, err := s.store.AnyDue(ctx, now); err != nil || !next {
		return 0, err
	}
	for {
		visits, err := s.store.VisitNotices(ctx, now, visitsAtOnce)
		if err != nil || len(visits) == 0 {
			return told, err
		}
		var moves []store.VisitNotice
		visits = slices.DeleteFunc(visits, func(v store.VisitNotice) bool {
			if v.Kind == pathway.NoticeMoved {
				moves = append(moves, v)
			}
			return v.Kind == pathway.NoticeMoved
		})
		if opens := s.rules.Calendar.NextOffice(now); opens.After(now) && len(moves) == 0 {
			return told, s.store.PutOffNotices(ctx, now, opens)
		} else if opens.After(now) {
			visits = nil
		}
		people, err := s.store.People(ctx)
		if err != nil {
			return told, err
		}
		h := households{Scanner: s, people: newDirectory(s.dutyDesk), now: now}
		for i := range people {
			h.people.People[people[i].ID] = &people[i]
		}
		if err := h.tell(ctx, visits); err != nil {
			return told, err
		}
		if err := h.tellClosed(ctx, visits); err != nil {
			return told, err
		}
		if err := h.tellMoved(ctx, moves); err != nil {
			return told, err
		}
		added, err := s.store.TellOfVisits(ctx, run, now, append(visits, moves...), h.told, h.messages)
		if told += added; err != nil {
			return told, err
		}
		if s.toldVisit != nil {
			for _, t := range h.told {
				s.toldVisit(t)
			}
		}
	}
}

// households are the messages that tell of visits.
type households struct {
	*Scanner
	people   *directory
	now      time.Time
	told     []store.VisitTold
	messages []store.Message
}

// visitTime is all that was visited at one time and is told by one case.
type visitTime struct {
	at       time.Time
	ref      string
	who      pathway.Allocation
	visited  []string
	recorder string // of all of them; empty: not known, or several
}

func (h *households) tell(ctx context.Context, visits []store.VisitNotice) error {
	times, err := h.times(ctx, visits)
	if err != nil {
		return err
	}
	first := map[string]int{} // index in messages, by key
	for _, v := range times {
		before, err := h.store.ToldBefore(ctx, pathway.NoticeHousehold, v.at, []string{v.ref})
		if err != nil {
			return err
		}
		if before[v.ref] {
			continue
		}
		for _, t := range pathway.TellHousehold(h.rules.Ladder("routine"), v.recorder, v.who, &h.people.Directory, h.now) {
			told := store.VisitTold{Kind: pathway.NoticeHousehold, Case: v.ref, At: v.at, Visited: v.visited,
				Person: t.Person.ID, Channel: t.Channel, Role: t.Role, Instead: t.Instead, Reason: t.Reason}
			if t.Reason == pathway.Sent {
				if told.Message, err = h.message(v, &t, first); err != nil {
					return err
				}
			}
			h.told = append(h.told, told)
		}
	}
	return nil
}

// times puts together what was visited at one time, in order of time and case.
func (h *households) times(ctx context.Context, visits []store.VisitNotice) ([]*visitTime, error) {
	refs := make([]string, len(visits))
	for i := range visits {
		refs[i] = visits[i].Case
	}
	voids, err := h.store.EventsOfKinds(ctx, refs, []string{pathway.KindVoided})
	if err != nil {
		return nil, err
	}
	var times []*visitTime
	index := map[string]*visitTime{}
	for i := range visits {
		v := &visits[i]
		open := slices.DeleteFunc(v.Household, func(c store.HouseholdCase) bool { return c.Closed || c.Opened.After(h.now) })
		if len(open) == 0 || pathway.Voided(voids[v.Case])[v.Event] {
			continue
		}
		for _, other := range open {
			key := strconv.FormatInt(v.At.UnixMilli(), 10) + "/" + other.Ref
			t := index[key]
			if t == nil {
				t = &visitTime{at: v.At, ref: other.Ref, who: other.Allocation, recorder: v.By}
				index[key] = t
				times = append(times, t)
			}
			if t.visited = append(t.visited, v.Case); v.By != t.recorder {
				t.recorder = ""
			}
		}
	}
	slices.SortStableFunc(times, func(a, b *visitTime) int {
		if by := a.at.Compare(b.at); by != 0 {
			return by
		}
		return strings.Compare(a.ref, b.ref)
	})
	return times, nil
}

// message returns the key of the message that tells somebody of a visit: one for all
// their cases of the household.
func (h *households) message(v *visitTime, t *pathway.Telling, first map[string]int) (string, error) {
	key := keyOf(pathway.NoticeHousehold, strconv.FormatInt(v.at.UnixMilli(), 10), strings.Join(v.visited, ";"), t.Person.ID, t.Channel)
	alert := notify.Alert{Says: notify.AlertHouseholdVisit, Since: v.at, By: v.recorder, Visited: v.visited}
	i, begun := first[key]
	if begun {
		var said payload
		if err := json.Unmarshal(h.messages[i].Payload, &said); err != nil {
			return "", fmt.Errorf("read what a household is told: %w", err)
		}
		alert = *said.Alert
	}
	alert.Cases = append(alert.Cases, v.ref)
	alert.CaseRef = alert.Cases[0]
	text, err := json.Marshal(payload{Alert: &alert})
	if err != nil {
		return "", fmt.Errorf("write what a household is told: %w", err)
	}
	if begun {
		h.messages[i].Payload = text
		return key, nil
	}
	first[key] = len(h.messages)
	h.messages = append(h.messages, store.Message{
		Key: key, Kind: string(notify.KindNotice), Person: t.Person.ID, Channel: t.Channel,
		Address: addressOf(t.Person, t.Channel), Severity: h.rules.CallSeverity(), NextTry: h.now, UsefulUntil: h.now.Add(noticeUseful), Payload: text,
	})
	return key, nil
}
