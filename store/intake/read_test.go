package intake

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// kept is a sink that keeps what it is given.
type kept struct {
	people []pathway.Person
	cases  []pathway.Case
	events []pathway.Event
	rows   []int
}

func (k *kept) AddPerson(row int, p pathway.Person, _ pathway.Given) error {
	k.people, k.rows = append(k.people, p), append(k.rows, row)
	return nil
}

func (k *kept) AddCase(row int, c pathway.Case, _ pathway.Given) error {
	k.cases, k.rows = append(k.cases, c), append(k.rows, row)
	return nil
}

func (k *kept) AddEvent(row int, e pathway.Event, _ pathway.Given) error {
	k.events, k.rows = append(k.events, e), append(k.rows, row)
	return nil
}

func london(t testing.TB) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func options(t testing.TB, of string) Options {
	return Options{Of: of, File: of + ".csv", Rules: someRules(t), Now: time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)}
}

// someRules know three pathways, a kind of event and a checklist of their own.
func someRules(t testing.TB) *pathway.Rules {
	t.Helper()
	calendar, err := pathway.NewCalendar(pathway.CalendarSettings{Location: london(t)})
	if err != nil {
		t.Fatal(err)
	}
	rules := pathway.NewRules(calendar, nil)
	liaison := pathway.DutyRule{ID: "liaise"}
	for _, item := range []string{"gp", "housing", "chis", "early-years", "record-check", "siblings"} {
		liaison.Checklist = append(liaison.Checklist, pathway.Item{Name: item})
	}
	for _, id := range []string{"hv-child", "csc-plan", "csc-child-and-family"} {
		rules.AddPathway(&pathway.Pathway{ID: id, Kinds: []string{"review-held"}, Duties: []pathway.DutyRule{liaison}}, time.Time{})
	}
	return rules
}

// read reads a file and returns what was kept and what is wrong, one line a fault.
func read(t testing.TB, o Options, file string) (kept, string) {
	t.Helper()
	var k kept
	result, err := Read(context.Background(), strings.NewReader(file), o, &k)
	if err == nil {
		err = result.Err(o.File)
	}
	if err != nil {
		return k, err.Error()
	}
	return k, ""
}

func TestEventsAreReadAsWritten(t *testing.T) {
	k, faults := read(t, options(t, Events), "event_id,case_ref,kind,at,recorded_at,by,value,due_at,booked_for,reason\n"+
		"x1,KN-7,no-access,2026-09-02 10:00,2026-09-02 12:30,W1,,,,\n"+
		"x2,KN-7,timeframe-set,2026-09-02T15:05:00+01:00,,G1,,2026-09-07,,\"two lines\nof reason\"\n"+
		"x3,KN-7,visit-booked,2026-12-02,,W1,,,2026-12-09 09:30:15.5,\n")
	if faults != "" {
		t.Fatal(faults)
	}
	utc := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC()
	}
	want := []pathway.Event{
		{ID: "x1", Case: "KN-7", Kind: "no-access", At: utc("2026-09-02T09:00:00Z"), Recorded: utc("2026-09-02T11:30:00Z"), By: "W1"},
		{ID: "x2", Case: "KN-7", Kind: "timeframe-set", At: utc("2026-09-02T14:05:00Z"), By: "G1", Due: utc("2026-09-06T23:00:00Z"), Reason: "two lines\nof reason"},
		{ID: "x3", Case: "KN-7", Kind: "visit-booked", At: utc("2026-12-02T00:00:00Z"), By: "W1", Booked: utc("2026-12-09T09:30:15.5Z")},
	}
	for i, e := range k.events {
		if e != want[i] {
			t.Errorf("event %d:\n%+v, want\n%+v", i, e, want[i])
		}
	}
	if got := fmt.Sprint(k.rows); got != "[2 3 5]" {
		t.Errorf("rows begin on lines %s, want [2 3 5]", got)
	}
}

func TestCasesAreReadAsWritten(t *testing.T) {
	k, faults := read(t, options(t, Cases), "\ufeffref,pathway,opened_at,practitioner,manager,team,contact,plan,edd,address_1,address_3,postcode,safe_to_write,open_to,visit_every,closed_at\r\n"+
		"SW-3,HV-Child,2026-09-07 09:00,W2,G1,East,six-week,,2026-12-24,3 Test Street,Swindon,sn11aa,No,mental-health; baby-steps,6 weeks,2026-09-07\r\n")
	if faults != "" {
		t.Fatal(faults)
	}
	c := k.cases[0]
	got := fmt.Sprintf("%s %s %s %s %v %s %v %v %s %s", c.Ref, c.Pathway, c.Opened.Format(time.RFC3339), c.EDD, c.Address, c.Postcode, c.SafeToWrite, c.OpenTo, c.VisitEvery, c.Closed.Format(time.RFC3339))
	want := "SW-3 hv-child 2026-09-07T08:00:00Z 2026-12-24 [3 Test Street Swindon] SN1 1AA false [mental-health baby-steps] 6 weeks 2026-09-07T08:00:00Z"
	if got != want {
		t.Errorf("case:\n%s, want\n%s", got, want)
	}
}

func TestPeopleAreReadAsWritten(t *testing.T) {
	k, faults := read(t, options(t, People), "id,name,role,team,email,mobile,channel,reports_to,cover,active_from,active_until,away_from,away_until\n"+
		"W1,Worker One,practitioner,East,w1@example.org,07700 900101,SMS,G1,W2,,2026-12-24,2026-10-24,2026-10-25\n"+
		"G1,Manager One,manager,East,g1@example.org,+44 (0)7700 900111,,V1,,,,,\n"+
		"V1,,service-manager,,,00447700900121,email,,,,,,\n")
	if faults != "" {
		t.Fatal(faults)
	}
	var got []string
	for _, p := range k.people {
		got = append(got, fmt.Sprint(p.ID, p.Role, p.Mobile, p.Channel, p.ReportsTo))
	}
	want := "[W1practitioner+447700900101smsG1 G1manager+447700900111V1 V1service-manager+447700900121email]"
	if fmt.Sprint(got) != want {
		t.Errorf("people: %v, want %v", got, want)
	}
	w := k.people[0]
	// A last day is over when the next one begins, also when the clocks change in it.
	if got, want := w.ActiveUntil.Format(time.RFC3339), "2026-12-25T00:00:00Z"; got != want {
		t.Errorf("active until %s, want %s", got, want)
	}
	if got, want := w.AwayUntil.Format(time.RFC3339), "2026-10-26T00:00:00Z"; got != want {
		t.Errorf("away until %s, want %s", got, want)
	}
}

// TestBadValuesAreNamed shows, for each mistake in an event's columns, the whole
// message.
func TestBadValuesAreNamed(t *testing.T) {
	const header = "event_id,case_ref,kind,at,recorded_at,by,value,due_at,booked_for,reason\n"
	tests := []struct{ name, row, want string }{
		{"no date", `x,K,seen,31/02/2026,,,,,,`, `column at: "31/02/2026" is not a date: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z`},
		{"another country's date", `x,K,seen,30.11.2026 10:00,,,,,,`, `column at: "30.11.2026 10:00" is not how dates are written here: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z, or import the file with a mapping that says how its dates are written`},
		{"a day by its number", `x,K,seen,"46350,41667",,,,,,`, `column at: "46350,41667" is how a spreadsheet counts days: give the column the format of a date there, as in 2026-12-24, and save the file once more`},
		{"no such day", `x,K,seen,2026-02-29,,,,,,`, `column at: "2026-02-29" is not a date: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z`},
		{"no such hour", `x,K,seen,2026-02-27 24:00,,,,,,`, `column at: "2026-02-27 24:00" is not a date: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z`},
		{"far past", `x,K,seen,0206-09-02,,,,,,`, `column at: "0206-09-02" is not a date in the years 1990 to 2100: is it a typing error?`},
		{"far future", `x,K,seen,20260-9-02,,,,,,`, `column at: "20260-9-02" is not a date: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z`},
		{"future", `x,K,seen,2027-09-02,,,,,,`, `column at: "2027-09-02" is in the future: only what has happened can be recorded`},
		{"planned too far", `x,K,timeframe-set,2026-09-02,,,,2062-09-02,,`, `column due_at: "2062-09-02" lies more than 20 years ahead: is it a typing error?`},
		{"no time", `x,K,seen,,,,,,,`, `column at: is empty: say when it happened`},
		{"no case", `x,,seen,2026-09-02,,,,,,`, `column case_ref: is empty: it has to be filled in`},
		{"no kind", `x,K,,2026-09-02,,,,,,`, `column kind: is empty: say what happened`},
		{"recorded before it happened", `x,K,seen,2026-09-02 10:00,2026-09-01 10:00,,,,,`, `column recorded_at: lies before the event itself: correct it, or when it happened`},
		{"nothing booked", `x,K,visit-booked,2026-09-02,,,,,,`, `column booked_for: is empty: visit-booked needs the time of the visit`},
		{"no date set", `x,K,timeframe-set,2026-09-02,,,,,,`, `column due_at: is empty: timeframe-set needs the date that was set`},
		{"date set before", `x,K,timeframe-set,2026-09-02 10:00,,,,2026-09-01,,`, `column due_at: lies before the event itself: correct it, or when it was set`},
		{"no new date of delivery", `x,K,edd-changed,2026-09-02,,,,,,`, `column due_at: is empty: edd-changed needs the new expected date of delivery`},
		{"no frequency", `x,K,frequency-set,2026-09-02,,,often,,,`, `column value: "often" is not how often to visit: write it like 10 working days or 6 weeks`},
		{"a frequency of nothing", `x,K,frequency-set,2026-09-02,,,0 days,,,`, `column value: "0 days" is not how often to visit: write it like 10 working days or 6 weeks`},
		{"no answer", `x,K,vulnerability-answered,2026-09-02,,,,,,`, `column value: is empty: vulnerability-answered needs the answer, yes or no`},
		{"another answer", `x,K,referral-decided,2026-09-02,,,perhaps,,,as agreed`, `column value: "perhaps" is not known: use yes or no`},
		{"a decision without a reason", `x,K,referral-decided,2026-09-02,,,yes,,,`, `column reason: is empty: referral-decided needs one: say what the decision rests on`},
		{"one answer of two", `x,K,review-considered,2026-09-02,,,review=yes,,,`, `column value: "review=yes" does not answer both questions: write it like review=yes;legal=no`},
		{"nobody", `x,K,reallocated,2026-09-02,,,,,,`, `column value: is empty: reallocated needs the id of the person who takes the case on`},
		{"nothing voided", `x,K,voided,2026-09-02,,,,,,`, `column value: is empty: voided needs the event_id of the event that was entered in error`},
		{"unknown pathway", `x,K,pathway-changed,2026-09-02,,,hv-chid,,,`, `column value: "hv-chid" is not known: use csc-child-and-family, csc-plan or hv-child (did you mean hv-child?)`},
		{"unknown item", `x,K,liaison,2026-09-02,,,gp;hosing,,,`, `column value: "hosing" is on no pathway's checklist: use chis, early-years, gp, housing, record-check or siblings (did you mean housing?)`},
		{"unknown card", `x,K,card-left,2026-09-02,,,postcard,,,`, `column value: "postcard" is not known: use rearrange, final or revisit`},
		{"line break", "\"x\ny\",K,seen,2026-09-02,,,,,,", `column event_id: holds a line break or a control character: write it in one line`},
		{"too few values", `x,K,seen`, `has 3 values where the header has 10 columns: a comma or a quotation mark is missing or too many`},
		{"bare quotation mark", `x,K,se"en,2026-09-02,,,,,,`, `a quotation mark stands inside a value: put the whole value in quotation marks and double those inside it`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, got := read(t, options(t, Events), header+tt.row+"\nlast,K,seen,2026-09-03,,,,,,\n")
			if want := "events.csv:2: " + tt.want; got != want {
				t.Errorf("got\n%s, want\n%s", got, want)
			}
			if len(k.events) != 1 || k.events[0].ID != "last" {
				t.Errorf("the good row behind the bad one was not read: %v", k.events)
			}
		})
	}
}

// TestPrivateValuesAreNotRepeated: what is wrong is said without what it is.
func TestPrivateValuesAreNotRepeated(t *testing.T) {
	_, people := read(t, options(t, People), "id,role,name,email,mobile\nW1,boss,\"Zoe\nZebra\",zoe zebra,01793 496000\n")
	_, cases := read(t, options(t, Cases), "ref,pathway,opened_at,plan,edd,phone,address_1\nK,hv-child,2026-09-02,zebra,zebra,\"zebra\n\",\"zebra\n\"\n")
	_, events := read(t, options(t, Events), "case_ref,kind,at,reason\nK,seen,2026-09-02,"+strings.Repeat("zebra ", 2000)+"\n")
	for _, faults := range []string{people, cases, events} {
		if faults == "" || strings.Contains(strings.ToLower(faults), "zebra") || strings.Contains(faults, "496") {
			t.Errorf("a fault is missing or repeats what is private:\n%s", faults)
		}
	}
	want := "people.csv:2: column name: holds a line break or a control character: write it in one line\n" +
		`people.csv:2: column role: "boss" is not known: use practitioner, manager, service-manager, chair or admin` + "\n" +
		"people.csv:2: column email: this is not an email address: write it like name@council.example, without anything around it\n" +
		"people.csv:2: column mobile: this number is no mobile and cannot get texts: write a mobile number like 07700 900101, or with its country like +44 7700 900101"
	if people != want {
		t.Errorf("got\n%s, want\n%s", people, want)
	}
}

func TestKindsThatPathwaysDeclareAreRead(t *testing.T) {
	k, faults := read(t, options(t, Events), "case_ref,kind,at,booked_for\nK,review-held,2026-09-02,2026-10-01\nK,born,2026-09-03,\n")
	if faults != "" || len(k.events) != 2 {
		t.Errorf("%d events, %q; want 2 and no fault", len(k.events), faults)
	}
	_, faults = read(t, options(t, Events), "case_ref,kind,at\nK,reveiw-held,2026-09-02\n")
	if !strings.Contains(faults, "(did you mean review-held?)") {
		t.Errorf("no suggestion for a mistyped kind: %s", faults)
	}
}

// TestEventsWithoutIDsAreTheSameAgain: the same row gives the same id, another
// row another.
func TestEventsWithoutIDsAreTheSameAgain(t *testing.T) {
	const file = "case_ref,kind,at,by\nK,seen,2026-09-02 10:00,W1\nK,seen,2026-09-02 09:00Z,W1\nK,seen,2026-09-02 10:00,W2\n"
	k, faults := read(t, options(t, Events), file)
	if faults != "" {
		t.Fatal(faults)
	}
	if k.events[0].ID != k.events[1].ID || k.events[0].ID == k.events[2].ID || k.events[0].ID == "" {
		t.Errorf("ids %q, %q, %q: want the first two alike and the third another", k.events[0].ID, k.events[1].ID, k.events[2].ID)
	}
}

func TestEntryOnTheDayOfTheEventFollowsIt(t *testing.T) {
	k, faults := read(t, options(t, Events), "case_ref,kind,at,recorded_at\nK,seen,2026-09-02 10:00,2026-09-02\n")
	if faults != "" {
		t.Fatal(faults)
	}
	if e := k.events[0]; !e.Recorded.Equal(e.At) {
		t.Errorf("recorded %v, want the time of the event, %v", e.Recorded, e.At)
	}
}

func TestOnlyTheFirstHundredBadRowsAreDescribed(t *testing.T) {
	file := "case_ref,kind,at\n" + strings.Repeat("K,sen,yesterday\n", 250)
	result, err := Read(context.Background(), strings.NewReader(file), options(t, Events), &kept{})
	if err != nil {
		t.Fatal(err)
	}
	if result.BadRows != 250 || len(result.Faults) != 200 {
		t.Errorf("%d bad rows, %d faults; want 250 and 200, two each of the first 100", result.BadRows, len(result.Faults))
	}
	if text := result.Err("events.csv").Error(); !strings.HasSuffix(text, "\nevents.csv: and 150 more bad rows") {
		t.Errorf("the rest is not counted: …%s", text[len(text)-80:])
	}
}

func TestSinkEndsTheReading(t *testing.T) {
	stop := fmt.Errorf("the database went away")
	_, err := Read(context.Background(), strings.NewReader("case_ref,kind,at\nK,seen,2026-09-02\n"), options(t, Events), failing{stop})
	if err != stop {
		t.Errorf("error %v, want %v", err, stop)
	}
}

type failing struct{ err error }

func (f failing) AddPerson(int, pathway.Person, pathway.Given) error { return f.err }
func (f failing) AddCase(int, pathway.Case, pathway.Given) error     { return f.err }
func (f failing) AddEvent(int, pathway.Event, pathway.Given) error   { return f.err }
