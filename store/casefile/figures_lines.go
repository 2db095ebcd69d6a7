package casefile

import (
	"slices"
	"strconv"
	"time"

	"example.org/doorstep/pathway"
)

// FiguresFrom is when a period of so many months begins that ends now: with the month
// that is not over yet as the last of them.
func FiguresFrom(calendar *pathway.Calendar, now time.Time, months int) time.Time {
	today := calendar.DateOf(now)
	return calendar.StartOf(pathway.Date{Year: today.Year, Month: today.Month, Day: 1}.AddMonths(1 - months))
}

// FigureColumns are the columns of figures in a file, in order.
var FigureColumns = []string{"month", "team", "pathway", "unsuccessful_visits", "discussed_within_24_hours", "to_be_discussed",
	"seen_within_5_working_days", "to_be_seen_within_5_working_days", "seen_within_24_hours", "to_be_seen_within_24_hours", "overdue_at_month_end"}

// Cells are a line of figures in a file, by FigureColumns. One is empty where nothing
// asks for it.
func (f *Figure) Cells() []string {
	row := []string{f.Month, f.Team, f.Pathway, strconv.Itoa(f.Unsuccessful)}
	for _, s := range []Share{f.Discussed, f.SeenInDays, f.SeenInHours} {
		if s.Asked {
			row = append(row, strconv.Itoa(s.Done), strconv.Itoa(s.Of))
		} else {
			row = append(row, "", "")
		}
	}
	return append(row, strconv.Itoa(f.Overdue))
}

// Of returns the figures of these teams, and of one pathway where it is named.
func (f *Figures) Of(teams []string, onPathway string) *Figures {
	out := &Figures{From: f.From, Until: f.Until}
	for i := range f.Lines {
		if l := &f.Lines[i]; slices.Contains(teams, l.Team) && (onPathway == "" || l.Pathway == onPathway) {
			out.Lines = append(out.Lines, *l)
		}
	}
	return out
}

// ByMonth adds up the lines of each month of the period, by a calendar, also of those of
// which there is nothing to say.
func (f *Figures) ByMonth(calendar *pathway.Calendar) []Figure {
	var months []Figure
	first := calendar.DateOf(f.From)
	for day := (pathway.Date{Year: first.Year, Month: first.Month, Day: 1}); calendar.StartOf(day).Before(f.Until); day = day.AddMonths(1) {
		month := Figure{Month: monthOf(day)}
		for i := range f.Lines {
			if l := &f.Lines[i]; l.Month == month.Month {
				month.add(l)
			}
		}
		months = append(months, month)
	}
	return months
}

func (f *Figure) add(l *Figure) {
	f.Unsuccessful += l.Unsuccessful
	f.Overdue += l.Overdue
	f.Discussed = f.Discussed.Plus(l.Discussed)
	f.SeenInDays, f.SeenInHours = f.SeenInDays.Plus(l.SeenInDays), f.SeenInHours.Plus(l.SeenInHours)
}

// Plus adds up two shares.
func (s Share) Plus(other Share) Share {
	return Share{s.Asked || other.Asked, s.Done + other.Done, s.Of + other.Of}
}

// Percent is the share in whole hundredths, rounded down: all of it is 100, and nothing
// less is. It is 0 where nothing is asked for yet.
func (s Share) Percent() int {
	if s.Of == 0 {
		return 0
	}
	return s.Done * 100 / s.Of
}
