package intake

import "example.org/doorstep/pathway"

// said is a name, and what there is to say of it.
type said struct{ name, text string }

// columnTexts say what each column holds, in the order of the columns.
var columnTexts = map[string][]said{
	People: {
		{"id", "a short id that does not say who it is, such as W1; everything else names the person by it"},
		{"name", "as it stands on letters; never in a message"},
		{"role", "practitioner, manager, service-manager, chair or admin"},
		{"team", "its name, as on the cases"},
		{"email", "where emails go; one of email and mobile is needed"},
		{"mobile", "where texts go, in any UK or international form: 07700 900101, +44 7700 900101"},
		{"channel", "how routine reminders come: email (as where it is empty) or sms"},
		{"reports_to", "the id of their manager; of a manager, the id of the service manager"},
		{"cover", "the id of whoever gets their messages while they are away"},
		{"active_from", "their first day; empty: always"},
		{"active_until", "their last day; empty: no end"},
		{"away_from", "the first day of their leave"},
		{"away_until", "the last day of their leave; empty: not known yet"},
	},
	Cases: {
		{"ref", "the case's reference, which does not say who it is, such as KN-7; it stands in messages"},
		{"pathway", "the id of a pathway: \"doorstep pathway list\" has them"},
		{"opened_at", "when the case was opened, or referred: every clock counts from it"},
		{"practitioner", "the id of whoever has the case"},
		{"manager", "the id of their manager"},
		{"chair", "the id of the chair of child protection conferences, if there is one"},
		{"team", "its name"},
		{"contact", "of health visiting: antenatal, new-birth, six-week, one-year, two-year or other"},
		{"plan", "cin, cp or cfc"},
		{"edd", "the expected date of delivery"},
		{"household", "the same for all cases of one household, so that it is visited once"},
		{"addressee", "whom letters are addressed to"},
		{"address_1", "the address as it stands on letters, a line in each column, without the postcode"},
		{"address_2", "its second line"},
		{"address_3", "its third line"},
		{"address_4", "its fourth line"},
		{"address_5", "its fifth line"},
		{"address_6", "its sixth line"},
		{"postcode", "in capitals or not, with its space or without"},
		{"phone", "the family's number, for a call in place of a card or letter"},
		{"safe_to_write", "yes (of a new case also where it is empty) or no: then neither card nor letter goes. An empty cell never changes what is known"},
		{"open_to", "services that the family is open to, with ; between: mental-health;baby-steps"},
		{"visit_every", "the case's own frequency of visits, such as 10 working days or 6 weeks"},
		{"closed_at", "when the case was closed; empty: it is open"},
		{"language", "that the family reads, by the name of the wording's folder, such as pl; empty: English"},
		{"large_print", "yes or no: letters in 18 point"},
	},
	Events: {
		{"event_id", "the record system's id of the event: a file that repeats it changes nothing. Empty: case, kind, time and person together are the id"},
		{"case_ref", "the reference of a case that is known"},
		{"kind", "what happened: one of the kinds below"},
		{"at", "when it happened"},
		{"recorded_at", "when it was entered; empty: now"},
		{"by", "the id of whoever did it, or decided it"},
		{"value", "what the kind asks for, see below"},
		{"due_at", "a date that somebody set, for the kinds that need one"},
		{"booked_for", "the time of a visit that is booked"},
		{"place", "where: home, or the id of one of the configuration's places"},
		{"reason", "why, in words. It stands in the case and its chronology only"},
		{"reason_code", "why a family did not attend or declined, by a code, see below. It stands in the case and its chronology only"},
	},
}

// kindTexts say what has happened when an event of a kind comes.
var kindTexts = []said{
	{pathway.KindAppointmentOffered, "a letter or call offered an appointment"},
	{pathway.KindVisitBooked, "a visit was booked"},
	{pathway.KindSeen, "the child, or the expectant mother, was seen"},
	{pathway.KindNoAccess, "nobody answered, or entry was refused"},
	{pathway.KindNotSeen, "somebody was there, and the child was not seen"},
	{pathway.KindNotBrought, "the child was not brought to an appointment"},
	{pathway.KindCancelledByFamily, "the family cancelled: no unsuccessful visit"},
	{pathway.KindAddressConfirmed, "the address was found to be right"},
	{pathway.KindLiaison, "others were asked about the family"},
	{pathway.KindVulnerabilityAnswered, "whether there are vulnerabilities is on the record"},
	{pathway.KindDiscussedWithManager, "an unsuccessful visit was discussed with the manager"},
	{pathway.KindTimeframeSet, "a date was set by which the child is to be seen"},
	{pathway.KindFrequencySet, "another frequency of visits was agreed"},
	{pathway.KindDecisionRecorded, "a decision and its reasons are on the record"},
	{pathway.KindReferralDecided, "whether to refer was decided"},
	{pathway.KindReviewConsidered, "whether to bring the review forward or seek legal advice was considered"},
	{pathway.KindPlanRecorded, "the plan is on the record"},
	{pathway.KindPlanShared, "the plan was shared"},
	{pathway.KindRecorded, "actions and decisions are on the record"},
	{pathway.KindNonEngagement, "the family does not engage"},
	{pathway.KindActionAgreed, "what to do was agreed"},
	{pathway.KindSupervision, "the case was discussed in supervision"},
	{pathway.KindRelationshipBreakdown, "practitioner and family do not get on any more"},
	{pathway.KindReallocated, "somebody else takes the case on"},
	{pathway.KindOfferDeclined, "the family declined an offer"},
	{pathway.KindCardLeft, "a card was left at the door"},
	{pathway.KindLetterSent, "a letter was sent"},
	{pathway.KindEDDChanged, "the expected date of delivery is another"},
	{pathway.KindPathwayChanged, "the case moved to another pathway"},
	{pathway.KindAcknowledged, "somebody has read of a duty"},
	{pathway.KindVoided, "another event was recorded in error"},
	{pathway.KindClosed, "the case was closed"},
	{pathway.KindReopened, "the case was opened again"},
	{pathway.KindBorn, "the child was born, at this time"},
	{pathway.KindDeclined, "the family declined a visit, the service or a treatment, or opted out: no unsuccessful visit"},
	{pathway.KindRiskAssessed, "the risk of what the family declined was assessed"},
	{pathway.KindReferralMade, "the referral that was decided on was made"},
	{pathway.KindLegalAdviceSought, "legal advice was sought"},
	{pathway.KindReviewHeld, "the plan was reviewed"},
	{pathway.KindHistoryReviewed, "the history of unsuccessful visits was reviewed"},
	{pathway.KindLetterReturned, "a letter came back by post"},
	{pathway.KindSafeToWrite, "whether cards and letters may go to the family is another"},
}

// formTexts say how a value of a form is written.
var formTexts = map[pathway.Form]string{
	pathway.OfCard:    "which card, where it is known: rearrange, final or revisit",
	pathway.Discussed: "where it was said, whether other professionals have seen the child and how great the concern is: seen-by-others=no;concern=high (yes, no or unknown; low, medium or high)",
}

// mappingTexts say what each key of a mapping does.
var mappingTexts = []said{
	{"title", "what people call it"},
	{"for", "people, cases or events: what a row is about"},
	{"delimiter", "between the values: comma (the default), semicolon, tab or pipe"},
	{"columns", "for a column of Doorstep's, the file's own. Several are read together: at: [Visit date, Visit time]. One that has several names is {any_of: [NAME, OTHER NAME]}: the first that is not empty counts"},
	{"ignore", "columns to pass over; \"*\" stands for all others"},
	{"skip", "for a column of the file, the values whose rows are left out; one that ends in * and (empty) are read as in values"},
	{"values", "for a column of Doorstep's, what the file's codes mean. A code is a whole value; one that ends in * stands for all that begin so. Of columns that are read together each has a part, with \" + \" between; (empty) is an empty one. \"(leave out)\" passes the row over"},
	{"dates", "how dates are written besides 2026-12-24: DD/MM/YYYY, \"DD/MM/YYYY HH:mm\""},
	{"by_name", "columns in which the file gives a name for an id: it is looked up among the people"},
	{"periods", "true: a case has a row for each time that it was open"},
	{"restarts", "true, with periods: a row without an end ended when the next of its case began"},
	{"suffixes", "for ref or case_ref, what is put behind each reference, so that a list can be about cases of its own: {ref: -S47}"},
	{"no_older_than", "a length of time, as in 45 working days: rows whose case was opened longer ago are passed over. For a list that never says that a case is over"},
	{"also_events", "events of which a row of cases tells besides: {at: COLUMN, kind: KIND}"},
	{"constants", "columns of Doorstep's that are the same for every row"},
}

// inboxTexts say how files in the inbox folder are named.
var inboxTexts = []said{
	{"people….csv, cases….csv, events….csv", "Doorstep's own columns, as above"},
	{"NAME.MAPPING.csv", "the columns of a mapping, as in march.liquidlogic-visits.csv"},
	{"the same with .xlsx", "an Excel workbook"},
	{"beginning with . or ~, or another ending", "passed over: for files that are still being written"},
}

// examples are files as they should be.
var examples = map[string]string{
	People: `id,role,team,email,mobile,channel,reports_to,cover
M1,manager,East,m1@example.org,,,,
W1,practitioner,East,w1@example.org,07700 900101,sms,M1,W2
W2,practitioner,East,w2@example.org,,,M1,W1
`,
	Cases: `ref,pathway,opened_at,practitioner,manager,team,contact,visit_every
KN-7,csc-child-and-family,2026-09-01 09:00,W1,M1,East,,
SW-3,hv-child,2026-09-01,W2,M1,East,six-week,
`,
	Events: `event_id,case_ref,kind,at,by,value,due_at,booked_for,reason
v-101,KN-7,no-access,2026-09-02 10:00,W1,,,,
v-102,KN-7,discussed-with-manager,2026-09-02 15:00,W1,,,,
v-103,KN-7,timeframe-set,2026-09-02 15:30,M1,,2026-09-07,,
v-104,SW-3,visit-booked,2026-09-02 16:00,W2,,,2026-09-04 10:00,
`,
}

const mappingExample = `title: Our visits
for: events
columns:
  event_id: Visit ID
  case_ref: Child ID
  at: [Visit date, Visit time]
  by: Worker
  kind: Outcome
dates: [DD/MM/YYYY, "DD/MM/YYYY HH:mm"]
values:
  kind:
    Seen: seen
    No reply: no-access
    Cancelled*: cancelled-by-family
    Office: (leave out)
ignore: ["*"]
`
