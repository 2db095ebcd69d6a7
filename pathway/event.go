package pathway

import "time"

// The names of the kinds of event that Doorstep knows by itself (FORMATS, "CSV");
// kinds says what each needs. A pathway file may declare further kinds
// for its own triggers.
const (
	KindAppointmentOffered    = "appointment-offered"
	KindVisitBooked           = "visit-booked"
	KindSeen                  = "seen"
	KindNoAccess              = "no-access"
	KindNotSeen               = "not-seen"
	KindNotBrought            = "not-brought"
	KindCancelledByFamily     = "cancelled-by-family"
	KindAddressConfirmed      = "address-confirmed"
	KindLiaison               = "liaison"
	KindVulnerabilityAnswered = "vulnerability-answered"
	KindDiscussedWithManager  = "discussed-with-manager"
	KindTimeframeSet          = "timeframe-set"
	KindFrequencySet          = "frequency-set"
	KindDecisionRecorded      = "decision-recorded"
	KindReferralDecided       = "referral-decided"
	KindReviewConsidered      = "review-considered"
	KindPlanRecorded          = "plan-recorded"
	KindPlanShared            = "plan-shared"
	KindRecorded              = "recorded"
	KindNonEngagement         = "non-engagement"
	KindActionAgreed          = "action-agreed"
	KindSupervision           = "supervision"
	KindRelationshipBreakdown = "relationship-breakdown"
	KindReallocated           = "reallocated"
	KindOfferDeclined         = "offer-declined"
	KindCardLeft              = "card-left"
	KindLetterSent            = "letter-sent"
	KindEDDChanged            = "edd-changed"
	KindPathwayChanged        = "pathway-changed"
	KindAcknowledged          = "acknowledged"
	KindVoided                = "voided"
	KindClosed                = "closed"
	KindReopened              = "reopened"
	// KindBorn gives a date of birth its place on a case: At is the birth. It
	// anchors "by 28 days of age" for authorities that prescribe so.
	KindBorn              = "born"
	KindDeclined          = "declined"
	KindRiskAssessed      = "risk-assessed"
	KindReferralMade      = "referral-made"
	KindLegalAdviceSought = "legal-advice-sought"
	KindReviewHeld        = "review-held"
	KindHistoryReviewed   = "history-reviewed"
	KindLetterReturned    = "letter-returned"
	KindSafeToWrite       = "safe-to-write"
)

// Event is one thing that happened on a case. Events are never changed: a wrong
// one is voided by another.
type Event struct {
	ID       string // unique within the case
	Case     string // the case's reference
	Kind     string
	At       time.Time // when it happened
	Recorded time.Time // when it was entered; never before At
	By       string    // person id; empty means not known
	ByRole   Role      // the role By held when the event was recorded; empty when not known
	Way      string    // by which way it came: WayFile and so on; empty when not known
	Value    string
	Due      time.Time // due_at: a date somebody set, at the start of that day or at the time given
	Booked   time.Time // booked_for: the time of a booked visit or meeting
	Place    string    // PlaceHome, the id of one of Rules.Places, or empty: not said
	Reason   string
	// ReasonCode is why a family did not attend or declined: one of ReasonCodes, or
	// empty. It is for the case and its chronology only.
	ReasonCode string

	// AtClock is what a change of the clocks makes of At, where that was written as
	// a local time. It is for Recording.Notes, and is not kept.
	AtClock ClockDoubt
}

// Books reports whether the event books a visit or an appointment: it says for when.
func (e *Event) Books() bool {
	return (e.Kind == KindVisitBooked || e.Kind == KindAppointmentOffered) && !e.Booked.IsZero()
}

// Unsuccessful reports whether kind is an unsuccessful visit: nobody answered
// or entry was refused, the child was not seen, or the child was not brought.
// A visit that the family cancelled is not one.
func Unsuccessful(kind string) bool {
	return kind == KindNoAccess || kind == KindNotSeen || kind == KindNotBrought
}
