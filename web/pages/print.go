package pages

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

// printSheet is the print room: what waits of the cases that somebody may print for.
type printSheet struct {
	*printing.Queue
	*form
	FormID  string
	Room    *printing.Room
	Packs   []dayPacks
	Batches []store.PrintBatch
	Behind  int64         // of what waits, what stands behind this item; 0: from the first
	Case    string        // of this case only
	Printed []store.Print // with Case: what was printed of it
	None    bool          // nothing was printed of what was ticked
	Before  int64         // the batch that this form has made before
	Hidden  int           // restricted cases with paper that waits, which whoever prints cannot open
}

// dayPacks are the packs for a day's visits.
type dayPacks struct {
	Day   pathway.Date
	At    time.Time
	Packs []printing.Pack
}

// printPages are the pages of the print room, and that which finds what they show.
func (a *app) printPages() map[string]page {
	return map[string]page{
		"GET /lookup":                       a.showLookup,
		"POST /lookup":                      a.lookup,
		"GET /print":                        a.showPrint,
		"POST /print":                       a.makePrints,
		"POST /print/packs":                 a.makePack,
		"GET /print/pad.pdf":                a.sendPad,
		"GET /print/batches/{batch}":        a.showBatch,
		"GET /print/batches/{batch}/{file}": a.sendBatchFile,
		"GET /print/items/{item}":           a.showItem,
		"GET /print/items/{item}/picture":   a.sendPicture,
		"POST /print/items/{item}/again":    a.printAgain,
		"POST /print/items/{item}/returned": a.saveReturned,
		// Where a session ended over a form, its page comes back with what it held.
		"GET /print/packs":                 func(v *visit) error { return v.goTo(v.landing()) },
		"GET /print/items/{item}/again":    a.showItem,
		"GET /print/items/{item}/returned": a.showItem,
	}
}

// mostPrints is how many items a page lists: it stays below sixty kilobytes, and lays out no
// more than these to see whether they can be printed.
const mostPrints = 50

// Letters and Cards are what is ready, by kind, as far as the page lists them.
func (s *printSheet) Letters() []printing.Waiting { return s.ready(pathway.PaperLetter) }
func (s *printSheet) Cards() []printing.Waiting   { return s.ready(pathway.PaperCard) }

func (s *printSheet) ready(kind string) (of []printing.Waiting) {
	for _, w := range s.Ready[:min(len(s.Ready), mostPrints)] {
		if w.Kind == kind {
			of = append(of, w)
		}
	}
	return of
}

// First is the item that is listed first, for whoever is told to tick one.
func (s *printSheet) First() int64 {
	for _, listed := range [][]printing.Waiting{s.Letters(), s.Cards()} {
		for _, w := range listed {
			return w.ID
		}
	}
	return 0
}

// Unlisted is how many wait beside those that the page lists.
func (s *printSheet) Unlisted() int { return s.InAll() - min(len(s.Ready), mostPrints) }

// Here is the address of this part of the queue, and After that of the next; empty: it is
// the last.
func (s *printSheet) Here() string { return behindPrint(s.Behind) }
func (s *printSheet) After() string {
	if s.Next == 0 {
		return ""
	}
	return behindPrint(s.Next)
}

func behindPrint(item int64) string {
	if item == 0 {
		return "/print"
	}
	return fmt.Sprintf("/print?behind=%d", item)
}

// Ticked reports whether an item is ticked.
func (s *printSheet) Ticked(id int64) bool { return s.Has("item", strconv.FormatInt(id, 10)) }

// Layouts and Sheets are the forms that letters and cards can have, the room's own first.
func (s *printSheet) Layouts() []postcards.Layout { return layoutsFrom(s.Room.Layout) }
func (s *printSheet) Sheets() []postcards.Sheet {
	if s.Room.Sheet == postcards.SheetA6 {
		return []postcards.Sheet{postcards.SheetA6, postcards.SheetFour}
	}
	return []postcards.Sheet{postcards.SheetFour, postcards.SheetA6}
}

func layoutsFrom(own postcards.Layout) []postcards.Layout {
	if own == postcards.LayoutDL {
		return []postcards.Layout{postcards.LayoutDL, postcards.LayoutNotify}
	}
	return []postcards.Layout{postcards.LayoutNotify, postcards.LayoutDL}
}

// printScope is on whose paper somebody may lay hands.
func (v *visit) printScope() *pathway.Scope {
	scope := pathway.ScopeOf(v.who, pathway.DeedPrint)
	return &scope
}

func (a *app) showPrint(v *visit) error {
	if err := v.enter("print room", pathway.DeedPrint); err != nil {
		return err
	}
	filled, err := v.heldForm()
	if err != nil {
		return err
	}
	if filled == nil {
		filled = &form{}
	}
	return v.showPrints(http.StatusOK, &printSheet{form: filled})
}

// showPrints shows the print room around what was filled in.
func (v *visit) showPrints(status int, s *printSheet) (err error) {
	s.FormID = newID()
	scope := v.printScope()
	if s.Room, err = v.PrintRoom(); err != nil {
		return err
	}
	q := v.r.URL.Query()
	s.Case = q.Get("case")
	if text := q.Get("behind"); text != "" {
		if s.Behind, err = strconv.ParseInt(text, 10, 64); err != nil || s.Behind < 0 {
			return unknownField{"behind"}
		}
	}
	if s.Queue, err = s.Room.Queue(v.ctx(), v.now, scope, printing.Part{Case: s.Case, Behind: s.Behind, Most: mostPrints}); err != nil {
		return err
	}
	if s.Case != "" {
		return v.showPrintsOf(status, s)
	}
	if s.Hidden, err = v.Store.PrintsClosedOff(v.ctx(), scope); err != nil {
		return err
	}
	if s.Packs, err = v.packs(s.Room, scope); err != nil {
		return err
	}
	if s.Batches, err = v.Store.RecentBatches(v.ctx(), v.now.AddDate(0, 0, -14), scope, 10); err != nil {
		return err
	}
	return v.show(status, "print", s)
}

// showPrintsOf shows what waits and was printed of one case.
func (v *visit) showPrintsOf(status int, s *printSheet) error {
	if _, err := v.allowed(s.Case, pathway.Action{Do: pathway.DeedPrint, Kind: paperOfCase}); err != nil {
		return err
	}
	all, err := v.Store.PrintsOfCase(v.ctx(), s.Case)
	if err != nil {
		return err
	}
	for _, p := range slices.Backward(all) {
		if p.Place > 0 {
			s.Printed = append(s.Printed, p)
		}
	}
	return v.show(status, "print", s)
}

// packs are those for tomorrow and, where the office is closed then, for the days up to
// the next on which it is open.
func (v *visit) packs(room *printing.Room, scope *pathway.Scope) (days []dayPacks, err error) {
	for _, day := range v.daysAhead() {
		found, err := room.Packs(v.ctx(), v.now, day, scope)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			days = append(days, dayPacks{day, v.Rules.Calendar.StartOf(day), found})
		}
	}
	return days, nil
}

// daysAhead are tomorrow and what follows up to the next working day.
func (v *visit) daysAhead() (days []pathway.Date) {
	calendar := v.Rules.Calendar
	today := calendar.DateOf(v.now)
	for day, last := today.AddDays(1), calendar.AddWorkingDays(today, 1); !last.Before(day); day = day.AddDays(1) {
		days = append(days, day)
	}
	return days
}

// makePrints prints what is ticked.
func (a *app) makePrints(v *visit) error {
	if err := v.enter("print room", pathway.DeedPrint); err != nil {
		return err
	}
	s := &printSheet{form: &form{values: v.r.PostForm}}
	if err := s.knowsPaper(); err != nil {
		return err
	}
	what := printing.Selection{Kinds: []string{pathway.PaperLetter, pathway.PaperCard}, Scope: v.printScope(), Options: optionsOf(s.form)}
	if s.Value("all") == "" {
		if what.Only = numbersOf(s.form, "item"); len(what.Only) < len(s.values["item"]) {
			return unknownField{"item"}
		}
		if len(what.Only) == 0 {
			s.wrong("item", "tick-print")
			return v.showPrints(http.StatusUnprocessableEntity, s)
		}
	} else {
		var err error
		if what.UpTo, err = strconv.ParseInt(s.Value("upto"), 10, 64); err != nil || what.UpTo < 0 {
			return unknownField{"upto"}
		}
	}
	before, err := v.Store.BatchOfForm(v.ctx(), s.Value("event_id"))
	if err != nil {
		return err
	}
	if before > 0 {
		for _, id := range what.Only {
			p, err := v.Store.PrintByID(v.ctx(), id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err == nil && p.State == store.PrintQueued {
				s.Before = before
				return v.showPrints(http.StatusConflict, s)
			}
		}
	}
	return v.makeBatch(s.form, func(room *printing.Room, place *printing.Place) (*printing.Batch, error) {
		return room.Print(v.ctx(), v.now, v.person.ID, what, place, nil)
	}, func(*printing.Batch) error {
		s.None = true
		return v.showPrints(http.StatusConflict, s)
	})
}

// makePack prints the cards for a day's visits: of one practitioner for the print room,
// of their own for practitioners themselves.
func (a *app) makePack(v *visit) error {
	f := &form{values: v.r.PostForm}
	if err := f.knowsPaper(); err != nil {
		return err
	}
	var day pathway.Date
	if err := day.UnmarshalText([]byte(f.Value("day"))); err != nil || day.IsZero() {
		return errNotFound
	}
	what := printing.Selection{Kinds: []string{pathway.PaperCard}, Visits: day, Scope: v.printScope(), Options: optionsOf(f)}
	if may, _ := pathway.May(v.who, pathway.Action{Do: pathway.DeedPrint}, nil); may {
		what.Practitioner = f.Value("practitioner")
	} else if !hasDuties(v.who) { // chairs, and who runs the service or audits it, make no visits
		return errNotFound
	} else {
		what.Scope = v.ownVisits()
	}
	if err := v.audit("", string(pathway.DeedPrint), "cards for visits", ""); err != nil {
		return err
	}
	return v.makeBatch(f, func(room *printing.Room, place *printing.Place) (*printing.Batch, error) {
		return room.Print(v.ctx(), v.now, v.person.ID, what, place, nil)
	}, func(*printing.Batch) error {
		return pathway.NewProblem(pathway.Conflict, "no card is called for by a visit of that day any more: look at what is booked")
	})
}

// ownVisits are the cases whose visits somebody makes, their own and those of whoever
// they stand in for.
func (v *visit) ownVisits() *pathway.Scope {
	scope := v.printScope()
	return &pathway.Scope{People: scope.People, AsPractitioner: scope.AsPractitioner}
}

// makeBatch has a batch made and leads to it, once for each form, however often it is
// sent. none is what is shown where there was nothing to print.
func (v *visit) makeBatch(f *form, make func(*printing.Room, *printing.Place) (*printing.Batch, error), none func(*printing.Batch) error) error {
	id := f.Value("event_id")
	if id == "" {
		return pathway.NewProblem(pathway.Refused, "the form has no number of its own: open the page again, and do it there")
	}
	if sent, err := v.goToBatchOf(id); sent || err != nil {
		return err
	}
	room, err := v.PrintRoom()
	if err != nil {
		return err
	}
	room.Asked = v.asked()
	room.Asked.Form = id
	folder, err := os.MkdirTemp("", "doorstep-batch-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) // it is on record: whoever wants the files gets them from there
	place, err := printing.NewPlace(folder)
	if err != nil {
		return err
	}
	made, err := make(room, place)
	switch {
	case errors.Is(err, store.ErrBatchTaken):
		return pathway.NewProblem(pathway.Conflict, "others are printing at the moment: try again")
	case err != nil && !errors.Is(err, store.ErrFormSent):
		return err
	case err == nil && made.Number > 0:
		return v.goToBatch(made.Number)
	}
	if sent, err := v.goToBatchOf(id); sent || err != nil {
		return err
	}
	return none(made)
}

// asked is who asks for paper on a page.
func (v *visit) asked() store.PrintAsked {
	return store.PrintAsked{Who: v.person.ID, Way: pathway.WayPage}
}

// goToBatchOf leads to the batch that a form has made; false: it has made none.
func (v *visit) goToBatchOf(form string) (bool, error) {
	number, err := v.Store.BatchOfForm(v.ctx(), form)
	if err != nil || number == 0 {
		return false, err
	}
	return true, v.goToBatch(number)
}

func (v *visit) goToBatch(number int64) error {
	return v.goTo(fmt.Sprintf("/print/batches/%d", number))
}

// knowsPaper refuses a form that paper does not have here.
func (f *form) knowsPaper() error {
	return cmp.Or(f.knows("layout", string(postcards.LayoutDL), string(postcards.LayoutNotify)),
		f.knows("sheet", string(postcards.SheetA6), string(postcards.SheetFour)), f.knows("large", "1"), f.knows("all", "1"))
}

// optionsOf reads in which form something is to be printed. What a form does not say is
// as the print room has it.
func optionsOf(f *form) (o printing.Options) {
	if layout := postcards.Layout(f.Value("layout")); slices.Contains(layoutsFrom(""), layout) {
		o.Layout = layout
	}
	if sheet := postcards.Sheet(f.Value("sheet")); sheet == postcards.SheetA6 || sheet == postcards.SheetFour {
		o.Sheet = sheet
	}
	o.LargePrint = f.Value("large") != ""
	return o
}

// numbersOf are the numbers that a field of several values holds.
func numbersOf(f *form, field string) (numbers []int64) {
	for _, text := range f.values[field] {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
