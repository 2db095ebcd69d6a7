package intake

// What a file holds.
const (
	People = "people"
	Cases  = "cases"
	Events = "events"
)

// column is the place of one of Doorstep's own columns in a table.
type column int

// table is the columns of one sort of file, in the order of FORMATS.
type table struct {
	columns  []string
	required []string
	private  []string // never quoted in a fault
}

const (
	personID column = iota
	personName
	personRole
	personTeam
	personEmail
	personMobile
	personChannel
	personReportsTo
	personCover
	personActiveFrom
	personActiveUntil
	personAwayFrom
	personAwayUntil
)

const (
	caseRef column = iota
	casePathway
	caseOpened
	casePractitioner
	caseManager
	caseChair
	caseTeam
	caseContact
	casePlan
	caseEDD
	caseHousehold
	caseAddressee
	caseAddress1
	_
	_
	_
	_
	caseAddress6
	casePostcode
	casePhone
	caseSafeToWrite
	caseOpenTo
	caseVisitEvery
	caseClosed
	caseLanguage
	caseLargePrint
)

const (
	eventID column = iota
	eventCase
	eventKind
	eventAt
	eventRecorded
	eventBy
	eventValue
	eventDue
	eventBooked
	eventPlace
	eventReason
	eventReasonCode
)

const mostColumns = 26

var tables = map[string]*table{
	People: {
		columns: []string{"id", "name", "role", "team", "email", "mobile", "channel", "reports_to", "cover",
			"active_from", "active_until", "away_from", "away_until"},
		required: []string{"id", "role"},
		private:  []string{"name", "email", "mobile"},
	},
	Cases: {
		columns: []string{"ref", "pathway", "opened_at", "practitioner", "manager", "chair", "team", "contact", "plan",
			"edd", "household", "addressee", "address_1", "address_2", "address_3", "address_4", "address_5", "address_6",
			"postcode", "phone", "safe_to_write", "open_to", "visit_every", "closed_at", "language", "large_print"},
		required: []string{"ref", "pathway", "opened_at"},
		private: []string{"plan", "edd", "household", "addressee", "address_1", "address_2", "address_3", "address_4",
			"address_5", "address_6", "postcode", "phone", "open_to", "language", "large_print"},
	},
	Events: {
		columns:  []string{"event_id", "case_ref", "kind", "at", "recorded_at", "by", "value", "due_at", "booked_for", "place", "reason", "reason_code"},
		required: []string{"case_ref", "kind", "at"},
		private:  []string{"reason", "reason_code"},
	},
}

// rejectedColumn is what a file of rejected rows has more than its original: why
// a row was rejected. It is passed over when the corrected file is imported.
const rejectedColumn = "rejected_because"
