package storetest

import (
	"sync"
	"testing"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Guidance returns the rules that Doorstep is shipped with.
func Guidance(t testing.TB) *pathway.Rules {
	t.Helper()
	rules, err := guidance()
	if err != nil {
		t.Fatalf("read the built-in pathways: %v", err)
	}
	return rules
}

// guidance is read once: rules are safe for concurrent use.
var guidance = sync.OnceValues(func() (*pathway.Rules, error) {
	pathways, calendar, err := shipped()
	if err != nil {
		return nil, err
	}
	rules := pathway.NewRules(calendar, pathways.Ladders)
	for _, p := range pathways.List() {
		rules.AddPathway(p, time.Time{})
	}
	return rules, nil
})

// shipped is what Doorstep is shipped with.
func shipped() (*configs.Pathways, *pathway.Calendar, error) {
	config, err := configs.Load("")
	if err != nil {
		return nil, nil, err
	}
	pathways, err := config.Pathways()
	if err != nil {
		return nil, nil, err
	}
	calendar, err := pathway.NewCalendar(config.CalendarSettings())
	return pathways, calendar, err
}

// at reads a time on the clocks of Swindon and Knowsley: 2026-09-01 09:00.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", s, london)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// rows is what one intake is to take in.
type rows struct {
	people []pathway.Person
	cases  []pathway.Case
	events []pathway.Event
	store.IntakeOptions
}

// takeRows takes rows in and returns what became of them. Rows are numbered from 1,
// people first.
func takeRows(t testing.TB, s *store.Store, rules *pathway.Rules, r rows) store.IntakeResult {
	t.Helper()
	result, err := tryTake(t, s, rules, r)
	if err != nil {
		t.Fatalf("take in rows: %v", err)
	}
	return result
}

func tryTake(t testing.TB, s *store.Store, rules *pathway.Rules, r rows) (store.IntakeResult, error) {
	t.Helper()
	in, err := s.NewIntake(t.Context(), rules, r.IntakeOptions)
	if err != nil {
		return store.IntakeResult{}, err
	}
	defer in.Rollback()
	row := 0
	for _, p := range r.people {
		row++
		if err := in.AddPerson(row, p, pathway.GivenAll); err != nil {
			return store.IntakeResult{}, err
		}
	}
	for _, c := range r.cases {
		row++
		if err := in.AddCase(row, c, pathway.GivenAll); err != nil {
			return store.IntakeResult{}, err
		}
	}
	for _, e := range r.events {
		row++
		if err := in.AddEvent(row, e, pathway.GivenAll); err != nil {
			return store.IntakeResult{}, err
		}
	}
	return in.Commit(t.Context())
}

// taken is take for rows that must be good.
func taken(t testing.TB, s *store.Store, rules *pathway.Rules, r rows) store.IntakeResult {
	t.Helper()
	result := takeRows(t, s, rules, r)
	if len(result.Faults) > 0 {
		t.Fatalf("the rows have faults: %+v", result.Faults)
	}
	return result
}

// team is who works on the cases of the stories: practitioners W1 and W2, their
// manager G1, and the service manager V1.
var team = []pathway.Person{
	{ID: "W1", Name: "Worker One", Role: pathway.Practitioner, Team: "East", Email: "w1@example.org", Mobile: "+447700900101", ReportsTo: "G1"},
	{ID: "W2", Name: "Worker Two", Role: pathway.Practitioner, Team: "East", Email: "w2@example.org", Channel: pathway.ChannelSMS, Mobile: "+447700900102", ReportsTo: "G1"},
	{ID: "G1", Name: "Manager One", Role: pathway.Manager, Team: "East", Email: "g1@example.org", Mobile: "+447700900111", ReportsTo: "V1"},
	{ID: "V1", Name: "Service Manager One", Role: pathway.ServiceManager, Email: "v1@example.org"},
}
