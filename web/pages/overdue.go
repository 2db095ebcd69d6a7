package pages

import (
	"net/http"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// showOverdue shows what is overdue on the cases that somebody oversees; the filter
// stands in the address.
func (a *app) showOverdue(v *visit) error {
	if err := v.enter("overdue", pathway.DeedOversee); err != nil {
		return err
	}
	q := v.r.URL.Query()
	board, err := casefile.ReadBoard(v.ctx(), v.Store, v.Rules, v.who, casefile.BoardFilter{Team: q.Get("team"), Owner: q.Get("owner"), Duty: q.Get("duty")}, v.now)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "overdue", board)
}

// undeliveredSheet is the call sheet, as far as it is about the cases and people of
// whoever looks.
type undeliveredSheet struct {
	*casefile.Sheet
	Lines []casefile.CallLine
}

// AllDelivered reports whether nothing is left to be told. What is on its way is every
// team's: it is not said here that all has arrived before it has.
func (s *undeliveredSheet) AllDelivered() bool {
	return len(s.Lines) == 0 && s.OnTheWay == 0 && !s.Unsaid
}

func (a *app) showUndelivered(v *visit) error {
	if err := v.enter("undelivered", pathway.DeedOversee); err != nil {
		return err
	}
	sheet, err := casefile.CallSheet(v.ctx(), v.Store, v.Rules, v.DutyDesk(v.who.Team), v.now)
	if err != nil {
		return err
	}
	s := &undeliveredSheet{Sheet: sheet}
	may := map[string]bool{}
	for _, line := range sheet.Lines {
		if line.Case == "" {
			continue // whoever runs Doorstep is told of those
		}
		if _, known := may[line.Case]; !known {
			on, err := v.Store.AccessCase(v.ctx(), line.Case)
			if err != nil {
				return err
			}
			may[line.Case] = v.may(pathway.Action{Do: pathway.DeedLook}, on)
		}
		if may[line.Case] {
			s.Lines = append(s.Lines, line)
		}
	}
	return v.show(http.StatusOK, "undelivered", s)
}
