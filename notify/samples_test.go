package notify

import (
	"os"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
)

// The samples are the messages that the other tests, the golden files and the
// benchmarks use. Everything in them is invented.

var london = mustLoad("Europe/London")

func mustLoad(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return location
}

// at reads a local time: "2026-09-07 08:30".
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, london)
	if err != nil {
		panic(err)
	}
	return t
}

var testSettings = Settings{
	From:             "Doorstep <doorstep@example.org>",
	OrganisationName: "Swindon Borough Council",
	ServiceName:      "Health Visiting Service",
	PublicURL:        "https://doorstep.example",
	Location:         london,
	Origin:           origin.FixedKeys(),
}

// shipped renders in the shipped wording. All tests share it: reading and trying the
// wording costs more than all that they render.
var shipped = sync.OnceValues(func() (*Composer, error) {
	return NewComposer(os.DirFS("../configs/wording/messages"), testSettings)
})

func newComposer(t testing.TB) *Composer {
	t.Helper()
	c, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func seeAgain() Reminder {
	return Reminder{
		CaseRef: "KN-1", Duty: "see-child-again", Title: "See the child again", Attempt: 2,
		Rung: "before-1wd", Role: "practitioner", OwnerRole: "practitioner", OwnerID: "W1",
		Opened: at("2026-09-01 10:00"), Due: at("2026-09-08 17:00"),
		Why:   "5 working days from the unsuccessful visit on Tue 1 September.",
		Basis: BasisGuidance, Clause: "Knowsley No Access Visit Guidance, 3.4",
	}
}

func discuss() Reminder {
	return Reminder{
		CaseRef: "KN-7", Duty: "discuss-with-manager", Title: "Discuss the visit with your manager", Attempt: 1,
		Urgent: true, Rung: "after-4h", Role: "manager", OwnerRole: "practitioner", OwnerID: "W1",
		Opened: at("2026-09-06 03:30"), Due: at("2026-09-07 03:30"),
		Why:   "24 hours from the unsuccessful visit on Sun 6 September, 03:30.",
		Basis: BasisGuidance, Clause: "Knowsley No Access Visit Guidance, 3.2",
	}
}

func liaise() Reminder {
	return Reminder{
		CaseRef: "SW-3", Duty: "liaise", Title: "Liaise with the other services", Attempt: 1,
		Rung: "start", Role: "practitioner", OwnerRole: "practitioner", OwnerID: "W1", CoverFor: "W2",
		Opened: at("2026-09-07 08:10"), Due: at("2026-09-09 17:00"), Merged: true,
		Why:   "2 working days from the unsuccessful visit on Mon 7 September.",
		Basis: BasisLocal, Clause: "Swindon Child not brought / No Access Guidance, level 1",
	}
}

func secondContact() Reminder {
	return Reminder{
		CaseRef: "SW-12", Duty: "second-contact", Title: "Make the second contact at home", Attempt: 1,
		Rung: "before-3wd", Role: "practitioner", OwnerRole: "practitioner", OwnerID: "W1",
		Opened: at("2026-07-29 10:00"), OpensFrom: at("2026-08-26 00:00"), Due: at("2026-09-10 17:00"),
		Why:   "From 4 weeks, within 6 weeks of the unsuccessful visit on Wed 29 July.",
		Basis: BasisGuidance, Clause: "Swindon Child not brought / No Access Guidance",
	}
}

// staff are called so in the samples, all but some.
var staff = pathway.StaffNames{"W1": "Worker One", "W2": "Worker Two", "W3": "Worker Three", "G1": "Manager One"}

func reminderEmail(key string, reminders ...Reminder) Message {
	return Message{Key: key, Kind: KindReminder, Channel: ByEmail, To: Address{Email: "w1@example.org"},
		Created: at("2026-09-07 08:30"), Reminders: reminders, Staff: staff}
}

func asSMS(m Message) Message {
	m.Channel, m.To = BySMS, Address{Mobile: "+447700900101"}
	return m
}

func fullDigest() *Digest {
	return &Digest{On: at("2026-09-04 08:00"), Since: at("2026-09-03 08:00"), DueAt: at("2026-09-04 08:00"), Sections: []Section{
		{Overdue, []DigestLine{
			{CaseRef: "KN-1", Title: "See the child again", Due: at("2026-08-28 17:00"), OwnerRole: "practitioner", Practitioner: "W1", Attempt: 2},
			{CaseRef: "KN-7", Title: "Discuss the visit with the manager", Due: at("2026-09-04 02:30"), OwnerRole: "practitioner", Practitioner: "W4", Attempt: 1, Urgent: true, New: true},
			{CaseRef: "KN-1", Title: "Record the plan", Due: at("2026-09-02 17:00"), OwnerRole: "manager", Practitioner: "W1", Attempt: 2},
		}},
		{DueToday, []DigestLine{
			{CaseRef: "SW-3", Title: "Liaise with the other services", Due: at("2026-09-04 17:00"), OwnerRole: "practitioner", Practitioner: "W2", Attempt: 1, New: true},
		}},
		{DueBeforeOpen, []DigestLine{
			{CaseRef: "KN-9", Title: "See the child within 24 hours", Due: at("2026-09-05 10:15"), OwnerRole: "practitioner", Practitioner: "W1", Attempt: 3, Urgent: true, New: true},
			{CaseRef: "SW-3", Title: "Answer whether there are vulnerabilities", Due: at("2026-09-05 17:00"), OwnerRole: "practitioner", Practitioner: "W2", Attempt: 1},
		}},
		{Coming, []DigestLine{
			{CaseRef: "KN-2", Title: "Consider a review of the plan", Due: at("2026-09-07 17:00"), OwnerRole: "manager", Attempt: 2},
			{CaseRef: "SW-8", Title: "Share the plan with the agencies", Due: at("2026-09-09 17:00"), OwnerRole: "practitioner", Practitioner: "W2", Attempt: 2},
		}},
		{BeyondCap, []DigestLine{
			{CaseRef: "KN-4", Title: "See the child again", Due: at("2026-09-08 17:00"), OwnerRole: "practitioner", Practitioner: "W4", Attempt: 1, Note: "Asked for Wed 16 September; the cap stands."},
		}},
		{AwayOrGone, []DigestLine{{Practitioner: "W3", Absence: &Absence{Until: at("2026-09-14 23:59"), Duties: 4, Cover: "W2"}}}},
		{Undelivered, []DigestLine{{CaseRef: "SW-3", Undelivered: &Undeliverable{Person: "W2", Channel: BySMS, Reason: "the number does not exist.", Instead: []Told{{"W2", ByEmail}}}}}},
		{WorthALook, []DigestLine{{CaseRef: "SW-6", Note: "Three visits in a row cancelled by the family."}}},
	}}
}

func emptyDigest() *Digest {
	return &Digest{On: at("2026-09-04 08:00"), DueAt: at("2026-09-04 08:00"), Sections: []Section{{ID: Overdue}}}
}

func teamDigest() *Digest {
	return &Digest{On: at("2026-09-04 10:42"), DueAt: at("2026-09-04 08:00"), Late: true, Teams: []TeamSummary{
		{Team: "East", Overdue: 4, DueToday: 2, Coming: 3, Oldest: at("2026-08-28 17:00"), OldestOf: "KN-1"},
		{Team: "West", DueToday: 1, Coming: 5},
		{Team: "Town Centre", Overdue: 1, Coming: 2, Oldest: at("2026-09-03 17:00"), OldestOf: "SW-31"},
	}}
}

func digestEmail(kind Kind, d *Digest) Message {
	return Message{Key: string(kind) + ":G1:2026-09-04", Kind: kind, Channel: ByEmail, To: Address{Email: "g1@example.org"},
		Created: d.On, Digest: d, Staff: staff}
}

func alert(a Alert) Message {
	return Message{Key: "alert:" + a.Says, Kind: KindAlert, Channel: ByEmail, To: Address{Email: "ops@example.org"},
		Created: at("2026-09-07 08:30"), Alert: &a, Staff: staff}
}

func answer(a Answer) Message {
	return Message{Key: "answer:" + a.Says, Kind: KindAnswer, Channel: ByEmail, To: Address{Email: "w1@example.org"},
		Created: at("2026-09-07 08:30"), Answer: &a}
}

func test(probe bool) Message {
	return Message{Key: "test", Kind: KindTest, Channel: ByEmail, To: Address{Email: "w1@example.org"},
		Created: at("2026-09-07 08:30"), Test: &Test{Probe: probe}}
}

// sample is a message and the time at which it goes.
type sample struct {
	name    string
	now     time.Time
	message Message
}

func samples() []sample {
	now := at("2026-09-07 08:30")
	overdue := reminderEmail("overdue", discuss())
	immediate := discuss()
	immediate.Duty, immediate.Title, immediate.Immediate, immediate.Rung = "discuss-immediately", "Discuss the visit with your manager", true, "start"
	immediate.Role, immediate.Due, immediate.Basis = "practitioner", at("2026-09-07 09:25"), BasisLocal
	immediate.Why = "Immediately: 1 hour from the unsuccessful visit on Mon 7 September, 08:25."
	actNow := reminderEmail("immediate", immediate)
	late := seeAgain()
	late.Due, late.Rung, late.Role = at("2026-09-03 17:00"), "after-2wd", "manager"
	operations := alert(Alert{Title: "No email could be sent for 2 hours", Text: "The mail server turns connections away (421).\n31 messages are waiting. They go out by themselves once it is back."})
	operations.Key = "alert:1"
	empty := digestEmail(KindDigest, emptyDigest())
	empty.Key = "digest:G2:2026-09-04"
	return []sample{
		{"reminder", now, reminderEmail("routine", seeAgain())},
		{"reminder-overdue-urgent", now, overdue},
		{"reminder-immediate", now, actNow},
		{"reminder-grouped", now, reminderEmail("group", liaise(), seeAgain(), secondContact())},
		{"reminder-grouped-overdue", now, reminderEmail("group-overdue", liaise(), late)},
		{"digest", at("2026-09-04 08:00"), digestEmail(KindDigest, fullDigest())},
		{"digest-empty", at("2026-09-04 08:00"), empty},
		{"team-digest-late", at("2026-09-04 10:42"), digestEmail(KindTeamDigest, teamDigest())},
		{"alert", now, operations},
		{"alert-phone-family", now, alert(Alert{Says: AlertPhoneFamily, CaseRef: "SW-2"})},
		{"alert-channel-stopped", now, alert(Alert{Says: AlertChannelStopped, Channel: BySMS, Reason: "the provider does not answer (503).", Since: at("2026-09-07 07:14"), Waiting: 31})},
		{"answer", now, answer(Answer{Says: AnswerDone, Code: "4F7KP", CaseRef: "KN-1", Title: "See the child again"})},
		{"test", now, test(false)},
		{"test-probe", now, test(true)},
	}
}
