package pathway

import "slices"

// Kind is what there is to know of one kind of event besides its name: what it
// needs, what its value is, who may record it, and whether a text can say it.
type Kind struct {
	Name string

	// Booked and Due say what booked_for and due_at of such an event are, which it
	// then cannot do without. Value says the same of its value, in the form Form.
	Booked, Due, Value string
	Form               Form
	// Reason says what the reason of such an event is, which it cannot do without.
	// ReasonCoded says that it may have a reason_code, which then is reason enough.
	Reason      string
	ReasonCoded bool

	// More says that an event of this kind tells more than that something was done,
	// so that a text of one word cannot say it.
	More bool
	// ByText says that what a text of this kind says counts at once, because nothing
	// towards a child hangs on it. All else that a text says stands as said, to be
	// confirmed by another way: a number can be forged.
	ByText bool
	// ManagersOnly says that only a manager decides what such an event says, ByChair
	// and ByAdmin that a chair and admin staff may record one too (May).
	ManagersOnly, ByChair, ByAdmin bool
	// MeetsNothing is why no duty can be met by it; empty where one can.
	MeetsNothing string
}

// Form is what the value of an event is made of.
type Form int

const (
	AnyText     Form = iota
	YesNo            // yes or no
	Frequency        // a length of time, such as 10 working days
	BothReviews      // review=yes;legal=no
	Items            // of a checklist, with ";" between
	OfPerson         // an id, as the next three
	OfEvent
	OfDuty
	OfPathway
	OfCard       // which card was left, where somebody says it
	WhatDeclined // visit, service or treatment
	Discussed    // seen-by-others=no;concern=high, or one of the two
	NoValue      // nothing: it would only contradict what the kind says
)

// The kinds of event that Doorstep knows by itself. A kind of a pathway file's own
// needs nothing.
var kinds = []Kind{
	{Name: KindAppointmentOffered, More: true},
	{Name: KindVisitBooked, More: true, Booked: "the time of the visit"},
	{Name: KindSeen, Form: NoValue},
	{Name: KindNoAccess, More: true, ReasonCoded: true},
	{Name: KindNotSeen, More: true, ReasonCoded: true},
	{Name: KindNotBrought, More: true, ReasonCoded: true},
	{Name: KindCancelledByFamily},
	{Name: KindAddressConfirmed},
	{Name: KindLiaison, More: true, Form: Items, Value: "what was done, such as gp;housing"},
	{Name: KindVulnerabilityAnswered, More: true, Form: YesNo, Value: "the answer, yes or no"},
	{Name: KindDiscussedWithManager, Form: Discussed},
	{Name: KindTimeframeSet, More: true, Due: "the date that was set"},
	{Name: KindFrequencySet, More: true, Form: Frequency, Value: "how often to visit, such as 10 working days"},
	{Name: KindDecisionRecorded},
	{Name: KindReferralDecided, More: true, Form: YesNo, Value: "the answer, yes or no", Reason: "what the decision rests on"},
	{Name: KindReviewConsidered, More: true, ManagersOnly: true, Form: BothReviews, Value: "both answers, such as review=yes;legal=no"},
	{Name: KindPlanRecorded},
	{Name: KindPlanShared},
	{Name: KindRecorded, ByText: true},
	{Name: KindNonEngagement},
	{Name: KindActionAgreed, ByChair: true},
	{Name: KindSupervision},
	{Name: KindRelationshipBreakdown},
	{Name: KindReallocated, More: true, ManagersOnly: true, Form: OfPerson, Value: "the id of the person who takes the case on"},
	{Name: KindOfferDeclined},
	{Name: KindCardLeft, More: true, Form: OfCard},
	{Name: KindLetterSent, ByText: true},
	{Name: KindEDDChanged, More: true, Due: "the new expected date of delivery"},
	{Name: KindPathwayChanged, More: true, Form: OfPathway, Value: "the pathway that the case moves to"},
	{Name: KindAcknowledged, ByText: true, Form: OfDuty, Value: "the duty", MeetsNothing: "it only says that somebody has read of it"},
	{Name: KindVoided, Form: OfEvent, Value: "the event_id of the event that was entered in error", MeetsNothing: "it takes another event back"},
	{Name: KindClosed, MeetsNothing: "it ends every duty of the case"},
	{Name: KindReopened},
	{Name: KindBorn, More: true},
	{Name: KindDeclined, More: true, ReasonCoded: true, Form: WhatDeclined, Value: "what the family declines: visit, service or treatment", Reason: "why, as far as it is known"},
	{Name: KindRiskAssessed, More: true, Reason: "what the risk is, and what it rests on"},
	{Name: KindReferralMade},
	{Name: KindLegalAdviceSought},
	{Name: KindReviewHeld, ByChair: true},
	{Name: KindHistoryReviewed, ManagersOnly: true},
	{Name: KindLetterReturned, ByAdmin: true},
	{Name: KindSafeToWrite, More: true, Form: YesNo, Value: "whether it is safe to write to the family, yes or no"},
}

var kindsByName = func() map[string]*Kind {
	byName := make(map[string]*Kind, len(kinds))
	for i := range kinds {
		byName[kinds[i].Name] = &kinds[i]
	}
	return byName
}()

// mayBeSaidBy reports whether somebody in a role may say an event of a kind.
func mayBeSaidBy(name string, role Role) bool {
	switch k := KindOf(name); role {
	case Manager:
		return true
	case Chair:
		return k.ByChair
	default:
		return !k.ManagersOnly
	}
}

// KindOf returns what there is to know of a kind. Of one that Doorstep does not know
// by itself that is its name.
func KindOf(name string) Kind {
	if k := kindsByName[name]; k != nil {
		return *k
	}
	return Kind{Name: name}
}

// Kinds returns every kind of event that Doorstep knows by itself.
func Kinds() []string {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = kinds[i].Name
	}
	return names
}

// DoneInAWord returns the kind of event that meets the duty and needs nothing but to
// have happened, which a text of one word can say; false where there is none. What came
// of a visit is more than a word.
func (r *DutyRule) DoneInAWord() (kind string, can bool) {
	if len(r.Checklist) > 0 || slices.ContainsFunc(r.Opens, func(t Trigger) bool { return t.BookedTime }) {
		return "", false
	}
	for _, m := range r.MetBy {
		if m.Value == "" && !slices.Contains(SortsOfEvent(), m.Kind) && !KindOf(m.Kind).More {
			return m.Kind, true
		}
	}
	return "", false
}

// Answers are the events other than how a visit went that meet the duty, each kind
// once; none where only a visit does.
func (r *DutyRule) Answers() []Match {
	var answers []Match
	add := func(m Match, kind string) {
		if m.Kind = kind; !slices.ContainsFunc(answers, func(a Match) bool { return a.Kind == kind }) {
			answers = append(answers, m)
		}
	}
	for _, m := range r.MetBy {
		switch {
		case m.byVisit() || m.Kind == dutyOpened:
		case m.Kind == anyBooking:
			add(m, KindVisitBooked)
			add(m, KindAppointmentOffered)
		default:
			add(m, m.Kind)
		}
	}
	return answers
}

// byVisit reports whether it is how a visit went, as whoever made it says.
func (m *Match) byVisit() bool {
	return m.Kind == anyUnsuccessful || m.Kind == KindDeclined || visitOutcome(m.Kind)
}

// MetByVisit reports whether how a visit went can meet the duty.
func (r *DutyRule) MetByVisit() bool {
	return slices.ContainsFunc(r.MetBy, func(m Match) bool { return m.byVisit() })
}

// AnswerPage is the page, under that of the case, on which whoever owes the duty says
// what was done: how the visit went, where that is what meets it first of all, or else
// that the duty is done.
func (r *DutyRule) AnswerPage() string {
	if len(r.MetBy) > 0 && r.MetBy[0].byVisit() || len(r.Answers()) == 0 {
		return RecordPage
	}
	return "do/" + r.ID
}

// RecordPage is the page, under that of a case, on which somebody says how a visit went.
const RecordPage = "record"
