package rehearsal

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
	"example.org/doorstep/store/storetest"
)

// A year of an invented service.
var (
	yearBegins = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	yearEnds   = yearBegins.AddDate(1, 0, 0)
)

// courses are what happens on the cases of a pathway, drawn by lot: each step with
// the working hours after the step before it, by the practitioner or the manager.
var courses = []struct {
	pathway, columns string // columns: contact,plan,edd
	steps            []step
}{
	{"hv-child", "new-birth,,", []step{{9, "appointment-offered", "", practitioner}, {30, "seen", "", practitioner}, {1, "recorded", "", practitioner}, {5, "closed", "", practitioner}}},
	{"hv-child", "one-year,,", []step{{9, "appointment-offered", "", practitioner}, {30, "seen", "", practitioner}, {1, "recorded", "", practitioner}, {5, "closed", "", practitioner}}},
	{"hv-child", "six-week,,", []step{{9, "appointment-offered", "", practitioner}, {20, "no-access", "", practitioner}, {1, "liaison", "gp;chis;housing;early-years;record-check;siblings", practitioner},
		{2, "vulnerability-answered", "no", practitioner}, {60, "seen", "", practitioner}, {5, "closed", "", practitioner}}},
	{"hv-child-safeguarding", "one-year,,", []step{{9, "visit-booked", "", practitioner}, {30, "no-access", "", practitioner}, {1, "liaison", "gp", practitioner},
		{2, "timeframe-set", "", practitioner}, {30, "seen", "", practitioner}, {3, "closed", "", practitioner}}},
	{"hv-antenatal", "antenatal,,2026-12-20", []step{{9, "appointment-offered", "", practitioner}, {25, "no-access", "", practitioner}, {3, "address-confirmed", "", practitioner},
		{40, "seen", "", practitioner}, {3, "closed", "", practitioner}}},
	{"csc-plan", ",cin,", []step{{5, "frequency-set", "15 working days", manager}, {60, "seen", "", practitioner}, {90, "seen", "", practitioner}, {90, "seen", "", practitioner},
		{90, "seen", "", practitioner}, {60, "closed", "", practitioner}}},
	{"csc-section-47", ",,", []step{{4, "seen", "", practitioner}, {1, "recorded", "", practitioner}, {9, "seen", "", practitioner}, {1, "recorded", "", practitioner},
		{9, "recorded", "", manager}, {9, "closed", "", manager}}},
	{"csc-child-and-family", ",,", []step{{8, "no-access", "", practitioner}, {1, "recorded", "", practitioner}, {2, "discussed-with-manager", "", practitioner}, {1, "timeframe-set", "", manager},
		{1, "recorded", "", manager}, {14, "seen", "", practitioner}, {90, "closed", "", practitioner}}},
	{"csc-parent-assessment", ",,", []step{{12, "no-access", "", practitioner}, {1, "recorded", "", practitioner}, {2, "discussed-with-manager", "", practitioner}, {2, "action-agreed", "", practitioner},
		{1, "recorded", "", manager}, {30, "seen", "", practitioner}, {90, "closed", "", practitioner}}},
}

type step struct {
	hours       int
	kind, value string
	by          pathway.Role
}

const (
	practitioner = pathway.Practitioner
	manager      = pathway.Manager
)

// serviceYear is a year of people with managers, cases, and about 5.4 events for
// each case, as the CSV files of simulate. The same number of cases gives the same
// year; no two events become known in the same second.
func serviceYear(cases int) (people, caseRows, events string) {
	random := rand.New(rand.NewPCG(2026, uint64(cases)))
	var p, c, e strings.Builder
	p.WriteString("id,name,role,team,email,mobile,channel,reports_to,cover\nSM,Service Manager,service-manager,,sm@example.org,,email,,\n")
	managers := max(1, cases/600)
	for m := range managers {
		fmt.Fprintf(&p, "M%d,Manager %d,manager,T%d,m%d@example.org,07700 9009%02d,email,SM,\n", m, m, m, m, m)
		for w := range 8 {
			channel := []string{"email", "email", "email", "sms"}[w%4]
			fmt.Fprintf(&p, "W%d-%d,Worker %d of %d,practitioner,T%d,w%d-%d@example.org,07700 900%d%d%d,%s,M%d,\n", m, w, w, m, m, m, w, m, 0, w, channel, m)
		}
	}
	c.WriteString("ref,pathway,opened_at,contact,plan,edd,practitioner,team\n")
	e.WriteString("event_id,case_ref,kind,at,by,value,due_at,booked_for,reason\n")
	number, taken := 0, map[time.Time]bool{}
	free := func(at time.Time) time.Time {
		for at = at.Truncate(time.Second); taken[at]; {
			at = at.Add(time.Second)
		}
		taken[at] = true
		return at
	}
	for i := range cases {
		course := courses[random.IntN(len(courses))]
		worker := fmt.Sprintf("W%d-%d", i%managers, random.IntN(8))
		at := free(working(yearBegins.Add(time.Duration(random.Int64N(int64(345*24*time.Hour)))), 0))
		fmt.Fprintf(&c, "C-%05d,%s,%s,%s,%s,T%d\n", i, course.pathway, at.Format(time.RFC3339), course.columns, worker, i%managers)
		for _, s := range course.steps {
			if random.IntN(25) == 0 {
				continue // it was forgotten
			}
			hours := float64(s.hours) * (0.5 + random.Float64())
			if random.IntN(12) == 0 {
				hours *= 4 // and this comes late
			}
			if at = free(working(at, time.Duration(hours*float64(time.Hour)))); !at.Before(yearEnds) {
				break
			}
			due, booked, reason := "", "", ""
			switch s.kind {
			case pathway.KindAppointmentOffered, pathway.KindVisitBooked:
				booked = at.AddDate(0, 0, 4).Format(time.RFC3339)
			case pathway.KindTimeframeSet:
				due, reason = at.AddDate(0, 0, 7).Format(time.RFC3339), "the family is away"
			}
			by := worker
			if s.by == manager {
				by = fmt.Sprintf("M%d", i%managers)
			}
			number++
			fmt.Fprintf(&e, "E%06d,C-%05d,%s,%s,%s,%s,%s,%s,%s\n", number, i, s.kind, at.Format(time.RFC3339), by, s.value, due, booked, reason)
		}
	}
	return p.String(), c.String(), e.String()
}

// working is so many hours of a working day from 8 to 18 later.
func working(at time.Time, hours time.Duration) time.Time {
	for {
		opens := time.Date(at.Year(), at.Month(), at.Day(), 8, 0, 0, 0, time.UTC)
		closes := opens.Add(10 * time.Hour)
		if at.Before(opens) {
			at = opens
		}
		weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
		switch {
		case !weekend && at.Add(hours).Before(closes):
			return at.Add(hours)
		case !weekend && at.Before(closes):
			hours -= closes.Sub(at)
		}
		at = opens.AddDate(0, 0, 1)
	}
}

// yearOf reads such a year.
func yearOf(t testing.TB, cases int) *Caseload {
	t.Helper()
	people, caseRows, events := serviceYear(cases)
	load := &Caseload{}
	for _, f := range []struct{ of, text string }{{intake.People, people}, {intake.Cases, caseRows}, {intake.Events, events}} {
		err := load.Read(t.Context(), strings.NewReader(f.text), yearEnds,
			intake.Options{Of: f.of, File: f.of + ".csv", Rules: storetest.Guidance(t)})
		if err != nil {
			t.Fatal(err)
		}
	}
	return load
}
