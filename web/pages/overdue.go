package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// overdueSheet is the board, with the form for one of its cases where it is open, and what
// has just been saved with such a form.
type overdueSheet struct {
	*casefile.Board
	Decide *decideSheet // nil: none is open
	Saved  *boardSaved  // nil: nothing
	Gone   string       // the case that was to be open, and is not on the board; empty: none
	From   int          // how many cases stand on the pages before
}

// boardShown is how many cases stand on one page.
const boardShown = 50

// Shown are the cases of this page.
func (s *overdueSheet) Shown() []casefile.BoardCase {
	return s.Cases[s.From:min(len(s.Cases), s.From+boardShown)]
}

// boardRow is a case as the board shows it. Its fields are its own, which templates find
// faster: a board has many.
type boardRow struct {
	Ref, Title string
	More       int    // duties that are overdue besides
	Since      moment // of the one that is overdue longest
	Decide     string // where to decide on it; empty: it is open, or nothing is theirs to decide
	Owner      string // what whoever is to do it is called; empty: nobody is named
	Phone      string // their number; empty: none is known
	Mine       bool   // it is whoever looks
}

// Rows are the cases of this page as it shows them.
func (s *overdueSheet) Rows(on *sheet) []boardRow {
	rows := make([]boardRow, 0, boardShown)
	for _, c := range s.Shown() {
		first := c.First()
		row := boardRow{Ref: c.Ref, Title: first.Title, More: len(c.Duties) - 1, Since: on.At(first.OverdueSince()),
			Owner: on.Name(first.Owner), Phone: on.Phone(first.Owner), Mine: on.Me(first.Owner)}
		if c.Ref != s.Open() && s.IsToDecide(c) {
			row.Decide = s.Address(c.Ref)
		}
		rows = append(rows, row)
	}
	return rows
}

// First is the address of the first page, Next that of the next one; empty: this is it, or
// there is none.
func (s *overdueSheet) First() string {
	if s.From == 0 {
		return ""
	}
	return boardPage(s.Filter, 0)
}

func (s *overdueSheet) Next() string {
	if s.From+boardShown >= len(s.Cases) {
		return ""
	}
	return boardPage(s.Filter, s.From+boardShown)
}

func boardPage(f casefile.BoardFilter, from int) string {
	address := boardAddress(f, "")
	if from == 0 {
		return address
	}
	between := "?"
	if strings.Contains(address, "?") {
		between = "&"
	}
	return address + between + "from=" + strconv.Itoa(from)
}

// pageOf is where the page begins on which a case stands, or that which is asked for.
func (s *overdueSheet) pageOf(open, from string) int {
	at := s.Place(open)
	if at < 0 {
		at, _ = strconv.Atoi(from)
	}
	return max(0, min(at, len(s.Cases)-1)) / boardShown * boardShown
}

// boardSaved is what was saved last: on which case, under which id, the kinds of event, and
// who is told of it.
type boardSaved struct {
	Ref, Event string
	Kinds      []string
	Told       *told // nil: something else has been saved since
}

// Open is the case whose form is open; empty: none.
func (s *overdueSheet) Open() string {
	if s.Decide == nil {
		return ""
	}
	return s.Decide.Case.Ref
}

// Errors are those of the form that is open.
func (s *overdueSheet) Errors() []fieldError {
	if s.Decide == nil {
		return nil
	}
	return s.Decide.Errors
}

// Address is that of the board as it is filtered, with the form of a case open; empty:
// with none.
func (s *overdueSheet) Address(open string) string { return boardAddress(s.Filter, open) }

func boardAddress(f casefile.BoardFilter, open string) string {
	query := url.Values{}
	for name, value := range map[string]string{"team": f.Team, "owner": f.Owner, "duty": f.Duty, "open": open} {
		if value != "" {
			query.Set(name, value)
		}
	}
	address := "/overdue"
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	if open != "" {
		address += "#" + url.PathEscape(open)
	}
	return address
}

// showOverdue shows what is overdue on the cases that somebody oversees; the filter
// stands in the address, and the case whose form is open.
func (a *app) showOverdue(v *visit) error {
	var board *casefile.Board
	err := v.enterTo(func() (err error) {
		board, err = v.readBoard(v.r.URL.Query())
		return err
	}, "overdue", pathway.DeedOversee)
	if err != nil {
		return err
	}
	s := &overdueSheet{Board: board}
	open, from := v.r.URL.Query().Get("open"), v.r.URL.Query().Get("from")
	if n, err := strconv.Atoi(cmp.Or(from, "0")); err != nil || n < 0 {
		return unknownField{"from"}
	}
	if s.From = s.pageOf(open, from); open != "" && board.Place(open) < 0 {
		s.Gone = open
	} else if open != "" {
		if s.Decide, err = v.decideSheet(open, &form{values: v.r.URL.Query()}); err != nil {
			return err
		}
		s.Decide.board = board
		if sent, err := v.namedFor(s.Decide); sent || err != nil {
			return err
		}
		if err := v.foreseeDecisions(s.Decide); err != nil {
			return err
		}
	}
	if saved := strings.Split(v.sessions.PopString(v.ctx(), sessionSaved), "\n"); len(saved) == 3 {
		s.Saved = &boardSaved{saved[0], saved[1], strings.Split(saved[2], ","), v.toldOf(saved[1])}
	}
	return v.show(http.StatusOK, "overdue", s)
}

func (v *visit) readBoard(q url.Values) (*casefile.Board, error) {
	board, err := casefile.ReadBoard(v.ctx(), v.Store, v.Rules, v.who, casefile.BoardFilter{Team: q.Get("team"), Owner: q.Get("owner"), Duty: q.Get("duty")}, v.now)
	if err != nil {
		return nil, err
	}
	v.staff.know(board.Staff)
	if err := v.knowPeople(v.staff.unknown(board.Owners)); err != nil {
		return nil, err
	}
	if err := v.knownFilter(board); err != nil {
		return nil, err
	}
	v.keepChosen(board)
	return board, nil
}

// keepChosen has what the board is filtered by among what can be chosen, where nothing
// overdue is of it at the moment: the form says what is shown.
func (v *visit) keepChosen(b *casefile.Board) {
	f := b.Filter
	if f.Team != "" && !slices.Contains(b.Teams, f.Team) {
		b.Teams = append(b.Teams, f.Team)
	}
	if f.Owner != "" && !slices.Contains(b.Owners, f.Owner) {
		b.Owners = append(b.Owners, f.Owner)
	}
	if f.Duty != "" && !slices.ContainsFunc(b.Choices, func(c casefile.BoardDuty) bool { return c.ID == f.Duty }) {
		b.Choices = append(b.Choices, casefile.BoardDuty{ID: f.Duty, Title: cmp.Or(v.Rules.TitleOf(f.Duty), f.Duty)})
	}
}

// knownFilter refuses a filter by what there is not. By what nothing overdue is of at the
// moment one may ask.
func (v *visit) knownFilter(b *casefile.Board) error {
	f := b.Filter
	if f.Owner != "" && !slices.Contains(b.Owners, f.Owner) {
		if found, err := v.Store.PeopleOf(v.ctx(), []string{f.Owner}); err != nil || len(found) == 0 {
			return cmp.Or[error](err, unknownField{"owner"})
		}
	}
	if f.Team != "" && !slices.Contains(b.Teams, f.Team) {
		if teams, err := v.Store.TeamsOf(v.ctx(), v.who); err != nil || !slices.Contains(teams, f.Team) {
			return cmp.Or[error](err, unknownField{"team"})
		}
	}
	if f.Duty != "" && !slices.ContainsFunc(b.Choices, func(c casefile.BoardDuty) bool { return c.ID == f.Duty }) {
		if _, is := v.Rules.Duties().Find(f.Duty); !is {
			return unknownField{"duty"}
		}
	}
	return nil
}
