package pages

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
)

// mostOnPad is how many cards of a pad a page makes at once, which takes no second.
const mostOnPad = 400

// Variants are the cards that a pad can be of.
func (s *printSheet) Variants() []string { return pathway.CardVariants() }

// sendPad sends cards that are to be written on at the door. Nothing on them leads to a
// case.
func (a *app) sendPad(v *visit) error {
	if err := v.enter("print room", pathway.DeedPrint); err != nil {
		return err
	}
	s := &printSheet{form: &form{values: v.r.URL.Query()}}
	if err := s.knowsPaper(); err != nil {
		return err
	}
	if err := s.knows("variant", s.Variants()...); err != nil {
		return err
	}
	cards, err := strconv.Atoi(s.Value("cards"))
	if err != nil || cards < 1 || cards > mostOnPad {
		s.wrong("cards", "pad-cards")
		return v.showPrints(http.StatusUnprocessableEntity, s)
	}
	if s.Value("variant") == "" {
		return unknownField{"variant"}
	}
	room, err := v.PrintRoom()
	if err != nil {
		return err
	}
	if err := v.audit("", string(pathway.DeedPrint), fmt.Sprintf("a pad of %s", pathway.Counted(cards, "card")), ""); err != nil {
		return err
	}
	return v.sendPadOf(room, printing.Pad{Variant: s.Value("variant"), Cards: cards, Sheet: postcards.Sheet(s.Value("sheet"))})
}

func (v *visit) sendPadOf(room *printing.Room, pad printing.Pad) error {
	if pad.Sheet == "" {
		pad.Sheet = room.Sheet
	}
	folder, err := os.MkdirTemp("", "doorstep-pad-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	name := "pad-" + pad.Variant + ".pdf"
	place, err := printing.NewPlace(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	made, err := room.Stationery.PrintPad(v.ctx(), pad, place, nil)
	if err != nil {
		return err
	}
	return v.sendPDF(made.Paths[0], v.now)
}
