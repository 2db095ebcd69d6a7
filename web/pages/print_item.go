package pages

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

// itemSheet is one card or letter: what stands on it, and what can be done with it.
type itemSheet struct {
	*printing.Item
	*form
	FormID   string
	Room     *printing.Room
	How      printing.Options // in which form it is shown
	Query    template.URL     // the same, for addresses
	Text     []string
	Unseen   string // why there is no picture of it
	Now      time.Time
	MayWrite bool           // record that it came back
	Returned *pathway.Event // that it came back; nil: nobody has said so
	Saved    bool           // that has just been saved
	On       *pathway.AccessCase
}

// Layouts are those that it can have.
func (s *itemSheet) Layouts() []postcards.Layout { return layoutsFrom(s.Room.Layout) }

// Posted says how it stands at GOV.UK Notify; empty: it never was to go that way.
func (s *itemSheet) Posted() string {
	if s.Posting == nil {
		return ""
	}
	return printing.PostingWords(s.Posting, s.Room.Rules.Calendar.Location())
}

// print finds the print that an address names, where whoever asks may do this with it.
func (v *visit) print(a pathway.Action) (*store.Print, *pathway.AccessCase, error) {
	id, err := strconv.ParseInt(v.r.PathValue("item"), 10, 64)
	if err != nil || id <= 0 {
		return nil, nil, errNotFound
	}
	p, err := v.Store.PrintByID(v.ctx(), id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, v.refuse("", a, "no-such-print")
	}
	if err != nil {
		return nil, nil, err
	}
	on, err := v.allowed(p.Case, a)
	return p, on, err
}

// itemSheet reads an item in the form that somebody asks for.
func (v *visit) itemSheet(filled *form, how printing.Options) (*itemSheet, error) {
	p, on, err := v.print(pathway.Action{Do: pathway.DeedPrint, Kind: paperPreview})
	if err != nil {
		return nil, err
	}
	s := &itemSheet{form: filled, FormID: newID(), How: how, Query: queryOf(how), On: on, Now: v.now.Truncate(time.Minute)}
	if s.Room, err = v.PrintRoom(); err != nil {
		return nil, err
	}
	if s.Item, err = s.Room.Item(v.ctx(), v.now, p.ID, how); err != nil {
		return nil, err
	}
	picture, err := s.Picture()
	var unprintable postcards.ItemError
	switch {
	case errors.As(err, &unprintable):
		s.Unseen = strings.TrimPrefix(unprintable.Error(), "case "+p.Case+": ")
	case pathway.ProblemOf(err) == pathway.NotFound:
	case err != nil:
		return nil, err
	default:
		s.Text = picture.Text
	}
	if p.Kind != pathway.PaperLetter || p.Place == 0 {
		return s, nil
	}
	s.MayWrite = v.may(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindLetterReturned}, on)
	return s, v.findReturned(s)
}

// queryOf is the part of an address that asks for a form.
func queryOf(o printing.Options) template.URL {
	query := "layout=" + url.QueryEscape(string(o.Layout))
	if o.LargePrint {
		query += "&large=1"
	}
	return template.URL(query) // of names of ours alone
}

func (v *visit) findReturned(s *itemSheet) error {
	cases, err := v.Store.PrintCases(v.ctx(), []string{s.Print.Case})
	if err != nil {
		return err
	}
	if of := cases[s.Print.Case]; of != nil {
		s.Returned = printing.Returned(&s.Print, of.Events)
	}
	return nil
}

func (a *app) showItem(v *visit) error {
	filled, err := v.heldForm()
	if err != nil {
		return err
	}
	if filled == nil {
		filled = &form{values: v.r.URL.Query()}
	}
	if err := filled.knowsPaper(); err != nil {
		return err
	}
	s, err := v.itemSheet(filled, optionsOf(filled))
	if err != nil {
		return err
	}
	s.Saved = s.Returned != nil && filled.Has("saved", "returned") && v.now.Sub(s.Returned.Recorded) < bannerLasts
	return v.show(http.StatusOK, "print-item", s)
}

// sendPicture sends what an item looks like.
func (a *app) sendPicture(v *visit) error {
	p, _, err := v.print(pathway.Action{Do: pathway.DeedPrint, Kind: paperPicture})
	if err != nil {
		return err
	}
	how := &form{values: v.r.URL.Query()}
	if err := how.knowsPaper(); err != nil {
		return err
	}
	room, err := v.PrintRoom()
	if err != nil {
		return err
	}
	item, err := room.Item(v.ctx(), v.now, p.ID, optionsOf(how))
	if err != nil {
		return err
	}
	picture, err := item.Picture()
	if err != nil {
		return errNotFound
	}
	h := v.w.Header()
	h.Set("Content-Type", "image/png")
	h.Set("Content-Disposition", `inline; filename="print-`+strconv.FormatInt(p.ID, 10)+`.png"`)
	h.Set("Content-Length", strconv.Itoa(len(picture.PNG)))
	_, err = v.w.Write(picture.PNG)
	if err != nil {
		v.Log.Debug("a picture was not read to its end", "reason", err)
	}
	return nil
}

// printAgain prints one item: what waits, by itself; what was printed, once more and as a
// new print.
func (a *app) printAgain(v *visit) error {
	f := &form{values: v.r.PostForm}
	p, _, err := v.print(pathway.Action{Do: pathway.DeedPrint, Kind: paperOne})
	if err != nil {
		return err
	}
	if err := f.knowsPaper(); err != nil {
		return err
	}
	how := optionsOf(f)
	return v.makeBatch(f, func(room *printing.Room, place *printing.Place) (*printing.Batch, error) {
		if p.State == store.PrintQueued {
			return room.Print(v.ctx(), v.now, v.person.ID, printing.Selection{Kinds: []string{pathway.PaperLetter, pathway.PaperCard},
				Case: p.Case, Only: []int64{p.ID}, Scope: v.printScope(), Options: how}, place, nil)
		}
		found, err := printing.LookUp(v.ctx(), v.Store, p.Serial)
		if err != nil {
			return nil, err
		}
		return room.PrintOneAgain(v.ctx(), v.now, v.person.ID, found, how, place)
	}, func(made *printing.Batch) error {
		if why := made.Unprinted(); why != nil {
			return why
		}
		return pathway.NewProblem(pathway.Conflict, "%s does not wait any more: look at it again", p.Case)
	})
}

// saveReturned records that a letter came back in the post.
func (a *app) saveReturned(v *visit) error {
	p, _, err := v.print(pathway.Action{Do: pathway.DeedRecord, Kind: pathway.KindLetterReturned})
	if err != nil {
		return err
	}
	if p.Kind != pathway.PaperLetter || p.Place == 0 {
		return errNotFound
	}
	f := &form{values: v.r.PostForm}
	if err := f.knowsDay(); err != nil {
		return err
	}
	e := v.event(p.Case, printing.ReturnedID(p), pathway.KindLetterReturned, v.happened(f, v.now.Truncate(time.Minute)))
	if len(f.Errors) == 0 {
		_, err := v.Store.Record(v.ctx(), v.now, v.person.ID, []pathway.Event{e}, store.RecordOptions{Rules: v.Rules, Way: pathway.WayPage, Paper: v.Paper})
		if err != nil && !f.refuses(err) {
			return err
		}
	}
	if len(f.Errors) == 0 {
		return v.goTo("/print/items/" + strconv.FormatInt(p.ID, 10) + "?saved=returned")
	}
	s, err := v.itemSheet(f, printing.Options{})
	if err != nil {
		return err
	}
	return v.show(http.StatusUnprocessableEntity, "print-item", s)
}
