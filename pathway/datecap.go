package pathway

// DateCap is the latest date that can be set on a case without a reason.
type DateCap struct {
	Duty          // whose it is: Due is the date
	Within string // its clock, as the pathway has it
}

// LatestDate returns the latest date that an event may set which is to be recorded on a
// case, whatever date it has; nil: there is no latest.
func LatestDate(rules *Rules, c *Case, events []Event, e Event) (*DateCap, error) {
	e.Due = e.At.AddDate(4, 0, 0) // beyond every cap
	result, err := Derive(rules, c, append(events[:len(events):len(events)], e))
	if err != nil {
		return nil, err
	}
	var latest *DateCap
	for _, flag := range result.Flags {
		if flag.ID != FlagLaterThanCap || flag.Event != e.ID {
			continue
		}
		for i := range result.Duties {
			d := &result.Duties[i]
			if d.ID == flag.Duty && d.IsOpen() && d.reckoning.beyond() && (latest == nil || d.Due.Before(latest.Due)) {
				latest = &DateCap{*d, d.reckoning.allowance()}
			}
		}
	}
	return latest, nil
}

// allowance is how long a date may lie ahead at most.
func (r *reckoning) allowance() string {
	if !r.capped.IsZero() {
		return r.rule.Within.Cap.String()
	}
	return r.rule.Within.Text
}
