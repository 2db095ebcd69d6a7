package pathway

import "time"

// NoticeHousehold is what the practitioners of a household's other cases are told of an
// unsuccessful visit, by the name by which other programs know it (FORMATS, "simulate").
const NoticeHousehold = "household"

// HouseholdToldFor is for how long after it a visit is worth telling them of: an older
// one was recorded long before anybody could be told.
const HouseholdToldFor = 14 * 24 * time.Hour

// TellHousehold decides who is told, by a case of the household, that another of its
// cases was visited in vain: as the first rung of the routine ladder tells a case's
// practitioner, whoever recorded the visit left out.
func TellHousehold(l *Ladder, recorder string, who Allocation, dir *Directory, now time.Time) []Telling {
	rung := RungRule{Moment: AtStart, To: []Role{Owner}, SkipRecorder: true}
	return Tell(l, rung, &Duty{Owner: Practitioner, Recorder: recorder}, who, dir, now)
}
