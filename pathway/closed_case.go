package pathway

import "time"

// NoticeClosedCase is what the manager is told of an unsuccessful visit on a closed case,
// by the name by which other programs know it (FORMATS, "simulate").
const NoticeClosedCase = "closed-case"

// TellClosedCase decides who is told of an unsuccessful visit on a closed case: as the
// first rung of the routine ladder tells a case's manager, whoever recorded it left out.
func TellClosedCase(l *Ladder, recorder string, who Allocation, dir *Directory, now time.Time) []Telling {
	rung := RungRule{Moment: AtStart, To: []Role{Manager}, SkipRecorder: true}
	return Tell(l, rung, &Duty{Owner: Manager, Recorder: recorder}, who, dir, now)
}
