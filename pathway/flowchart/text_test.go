package flowchart

import (
	"bytes"
	"testing"

	"example.org/doorstep/pathway"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// story is a small pathway with something of everything.
func story(t testing.TB) *pathway.Pathway {
	opens := func(list ...string) (out []pathway.Trigger) {
		for _, s := range list {
			out = append(out, must(pathway.ParseTrigger(s))(t))
		}
		return out
	}
	met := func(list ...string) (out []pathway.Match) {
		for _, s := range list {
			out = append(out, must(pathway.ParseMatch(s))(t))
		}
		return out
	}
	within := func(s string) pathway.Due { return must(pathway.ParseDue(s))(t) }
	only := func(s string) pathway.Condition { return must(pathway.ParseCondition(s))(t) }
	return &pathway.Pathway{
		ID: "x-visits", Title: "Visits", Source: "An invented manual (May 2026)", Version: "0123456789abcdef",
		Moves: []pathway.Move{{On: met("risk-rated=high by manager")[0], To: "csc-section-47"}},
		Flags: []pathway.FlagRule{{Title: "three cancellations in a row", Basis: pathway.Local}},
		Duties: []pathway.DutyRule{
			{ID: "see-child", Title: "See the child", Clause: `Manual 1: "See the child"`, Basis: pathway.Local,
				Owner: pathway.Practitioner, Ladder: "routine", Opens: opens("opened", "seen"), MetBy: met("seen"),
				Due: []pathway.DueRule{
					{If: only("plan is cin"), Within: within("at least every 20 working days")},
					{If: only("plan is cfc"), Within: within("at least every 6 weeks"), Basis: pathway.Guidance, Clause: "Regulations, 28"},
					{Within: within("at least every 10 working days")},
				}},
			{ID: "report", Title: "Write the report", Basis: pathway.Local, Owner: pathway.Manager, Ladder: "routine",
				Opens: opens("opened"), If: only("chair known"), MetBy: met("plan-shared"),
				Due: []pathway.DueRule{{Within: within("2 working days before booked_for")}}},
			{ID: "liaise", Title: "Liaise", Guide: "Ask what others know.", Basis: pathway.Local, Owner: pathway.Practitioner,
				Told: []pathway.Role{pathway.Manager, pathway.Chair}, Ladder: "routine", Opens: opens("attempt 1"), MetBy: met("liaison"),
				Checklist: []pathway.Item{{Name: "gp"}, {Name: "early-years"}, {Name: "mental-health", If: only("open to mental-health")}},
				Due:       []pathway.DueRule{{Within: within("2 working days")}}},
			{ID: "talk", Title: "Talk it over", Basis: pathway.Guidance, Owner: pathway.Practitioner, Ladder: "urgent",
				Opens: opens("attempt 2+"), MetBy: met("discussed-with-manager"), Due: []pathway.DueRule{{Within: within("immediately (1 hour)")}}},
			{ID: "visit-by", Title: "Visit by the date set", Basis: pathway.Local, Owner: pathway.Practitioner, Ladder: "routine", Replaces: true,
				Opens: opens("timeframe-set"), MetBy: met("seen", "unsuccessful"), Sooner: met("timeframe-set by manager"),
				Due: []pathway.DueRule{{Within: within("the date set, at most 10 working days")}}},
			{ID: "record", Title: "Write it down", Basis: pathway.Local, Owner: pathway.Manager, Ladder: "routine", BothRecord: true,
				Opens: opens("attempt 1+"), MetBy: met("recorded by manager"), Due: []pathway.DueRule{{Within: within("1 working day")}}},
		},
	}
}

func ladders() map[string]*pathway.Ladder {
	return map[string]*pathway.Ladder{
		"routine": {ID: "routine", Title: "Routine", OfficeHours: true, Severity: 2, Rungs: []pathway.RungRule{
			{Moment: pathway.AtStart, To: []pathway.Role{pathway.Owner}, SkipRecorder: true},
			{Moment: pathway.AtSet, To: []pathway.Role{pathway.Owner}, SkipRecorder: true},
			{Moment: pathway.BeforeDue, Offset: pathway.Offset{N: 1, Unit: pathway.WorkingDays}, To: []pathway.Role{pathway.Owner}},
			{Moment: pathway.AfterDue, Offset: pathway.Offset{N: 2, Unit: pathway.WorkingDays}, To: []pathway.Role{pathway.Manager, pathway.ServiceManager}},
		}},
		"urgent": {ID: "urgent", Title: "Urgent", EveryChannel: true, Severity: 1, Rungs: []pathway.RungRule{
			{Moment: pathway.AtDue, To: []pathway.Role{pathway.Owner, pathway.Manager, pathway.Chair}},
		}, Again: pathway.AgainRule{After: []pathway.Offset{{N: 12, Unit: pathway.Hours}, {N: 72, Unit: pathway.Hours}},
			Every: pathway.Offset{N: 1, Unit: pathway.WorkingDays}, To: []pathway.Role{pathway.Manager}}},
		"unused": {ID: "unused", Title: "Unused"},
	}
}

func TestTextReads(t *testing.T) {
	const want = `Visits
    Pathway                x-visits, version 0123456789ab
    Source                 An invented manual (May 2026)

CASE OPENED

  See the child [see-child]
    Opens                  case opened or seen
    Who                    practitioner
    Due                    CIN plan: at least every 20 working days [local default]
    Due                    CfC plan: at least every 6 weeks [guidance]
    Clause for this        Regulations, 28
    Due                    Otherwise: at least every 10 working days [local default]
    Done when              seen
    Clause                 Manual 1: "See the child"
    Reminders              routine

  Write the report [report]
    Opens                  case opened
    Only                   if the case has a child protection chair
    Who                    team manager
    Due                    By 2 working days before the date booked [local default]
    Done when              plan shared
    Reminders              routine

FIRST UNSUCCESSFUL VISIT

  Liaise [liaise]
    Opens                  first unsuccessful visit
    Who                    practitioner; told at the start: team manager and child protection
                           chair (where the case has one)
    Due                    Within 2 working days [local default]
    Consider               Ask what others know.
    Checklist              GP; early years; mental health (if open to it)
    Done when              every item is ticked
    Reminders              routine

SECOND AND LATER UNSUCCESSFUL VISITS IN A ROW

  Talk it over [talk]
    Opens                  second and later unsuccessful visits in a row
    Who                    practitioner
    Due                    Immediately (taken as 1 hour: local default) [guidance]
    Done when              discussed with the manager
    Reminders              urgent

EVERY UNSUCCESSFUL VISIT

  Write it down [record]
    Opens                  every unsuccessful visit
    Who                    team manager
    Due                    Within 1 working day [local default]
    Done when              recorded by the team manager
    Both                   practitioner and manager each record
    Reminders              routine

TIMEFRAME SET

  Visit by the date set [visit-by]
    Opens                  timeframe set
    Who                    practitioner
    Due                    On the date set, at most 10 working days [local default]
    Sooner by              timeframe set by the team manager
    Done when              seen or the next unsuccessful visit
    Opened again           a new one replaces the one before
    Reminders              routine

MOVES TO ANOTHER PATHWAY
  Risk rated: high by the team manager? Yes: goes on as Children's social care, section 47
  (csc-section-47); the count of unsuccessful visits is kept.

POINTED OUT TO THE MANAGER
  Three cancellations in a row (local default).

REMINDERS: ROUTINE
    How                    in office hours, by email or text as each person chose
    At the start           owner (not whoever recorded it)
    Date set               owner (not whoever set it)
    1 working day before   owner
    2 working days after   team manager and service manager

REMINDERS: URGENT
    How                    at once, day and night, by text and by email
    When due               owner, team manager and child protection chair
    Again                  12 hours to 72 hours later, then every working day: team manager
`
	var b bytes.Buffer
	if err := Text(&b, story(t), ladders()); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestListHasOneLineForEachPathway(t *testing.T) {
	const want = `PATHWAY   TITLE   DUTIES  SOURCE
x-visits  Visits  6       An invented manual (May 2026)
y         Other   0       Nowhere
`
	var b bytes.Buffer
	if err := List(&b, []*pathway.Pathway{story(t), {ID: "y", Title: "Other", Source: "Nowhere"}}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestClocksInWords takes every clock that a pathway file can write.
func TestClocksInWords(t *testing.T) {
	for written, want := range map[string]string{
		"24 hours":                              "within 24 hours",
		"1 working day":                         "within 1 working day",
		"6 months":                              "within 6 months",
		"immediately (1 hour)":                  "immediately (taken as 1 hour: local default)",
		"same day":                              "the same day",
		"next working day":                      "within 1 working day",
		"at least every 6 weeks":                "at least every 6 weeks",
		"from 4 weeks within 6 weeks":           "from 4 weeks, within 6 weeks",
		"2 weeks before edd":                    "by 2 weeks before the expected date of delivery",
		"2 working days before booked_for":      "by 2 working days before the date booked",
		"by 28 days of age":                     "by 28 days of age",
		"the date set":                          "on the date set",
		"the date set, at most 10 working days": "on the date set, at most 10 working days",
	} {
		if got := due(must(pathway.ParseDue(written))(t)); got != want {
			t.Errorf("%q reads %q; want %q", written, got, want)
		}
	}
}

func TestTriggersInWords(t *testing.T) {
	for written, want := range map[string]string{
		"opened":                          "case opened",
		"attempt 1":                       "first unsuccessful visit",
		"attempt 1+":                      "every unsuccessful visit",
		"unsuccessful":                    "every unsuccessful visit",
		"attempt 2":                       "second unsuccessful visit in a row",
		"attempt 2+":                      "second and later unsuccessful visits in a row",
		"attempt 7+":                      "number 7 and later unsuccessful visits in a row",
		"3 unsuccessful in any 12 months": "unsuccessful visit, 3 in any 12 months",
		"3 cancelled-by-family in a row":  "visit cancelled by the family, 3 in a row",
		"non-engagement":                  "non-engagement",
		"timeframe-set by manager":        "timeframe set by the team manager",
		"vulnerability-answered=yes":      "vulnerability answered: yes",
	} {
		if got := trigger(must(pathway.ParseTrigger(written))(t)); got != want {
			t.Errorf("%q reads %q; want %q", written, got, want)
		}
	}
}

func TestConditionsInWords(t *testing.T) {
	for written, want := range map[string]string{
		"contact is six-week":          "if it is a six-week contact",
		"not contact is new-birth":     "unless it is a new-birth contact",
		"plan is cfc":                  "if it is a CfC plan",
		"open to baby-steps":           "if open to Baby Steps",
		"edd known":                    "if the expected date of delivery is known",
		"not chair known":              "unless the case has a child protection chair",
		"before first review-held":     "until the first review held",
		"not before first review-held": "from the first review held on",
	} {
		if got := condition(must(pathway.ParseCondition(written))(t)); got != want {
			t.Errorf("%q reads %q; want %q", written, got, want)
		}
	}
}
