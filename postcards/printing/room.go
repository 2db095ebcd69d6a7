package printing

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// Room is the print room of one service: what it prints with, from where and where to.
// Whoever prints makes it of plain values; a command, a job, a page and an API then ask
// it for the same.
type Room struct {
	Store      *store.Store
	Rules      *pathway.Rules
	Stationery *Stationery

	Sheet   postcards.Sheet  // of cards, where nobody says otherwise
	Layout  postcards.Layout // of letters, likewise
	Folder  string           // where the nightly batch goes
	Letters *Letters         // nil: letters are printed here and posted by hand

	// Asked is who asks for what is printed, as the audit trail has them; the zero Who
	// stands for whoever the batch says.
	Asked store.PrintAsked

	Log *slog.Logger // what jobs say; commands never log
}

// Options are how a batch is printed. They are kept with it.
type Options struct {
	Sheet      postcards.Sheet  `json:"sheet"`  // empty: the room's
	Layout     postcards.Layout `json:"layout"` // empty: the room's
	Language   string           `json:"language,omitempty"`
	Compress   bool             `json:"compress,omitempty"`
	LargePrint bool             `json:"large_print,omitempty"`
	NoCover    bool             `json:"no_cover,omitempty"` // for one case: who prints it knows which
	Post       bool             `json:"post,omitempty"`     // GOV.UK Notify prints and posts the letters: they get no file here
}

// Selection is what somebody wants printed.
type Selection struct {
	Kinds   []string // pathway.PaperCard, pathway.PaperLetter, in the order of the files
	Case    string   // of this case only; empty: all that waits
	Variant string   // this card only; with Case or Visits: this one in place of another

	Visits       pathway.Date // in place of what waits: a card for each visit booked for the day
	Practitioner string       // with Visits: only this practitioner's; empty: everybody's

	Only  []int64        // of what waits, those of these ids only; nil: all
	UpTo  int64          // of what waits, those up to this id only; 0: all
	Scope *pathway.Scope // of the cases that it holds only; nil: of all

	Options
}

// wants reports whether a selection of what waits holds one of them.
func (s *Selection) wants(p *store.Print) bool {
	return (s.Only == nil || slices.Contains(s.Only, p.ID)) && (s.UpTo == 0 || p.ID <= s.UpTo)
}

// Print makes a batch of the selection, or none where there is nothing to print.
// progress is told how many items are laid out; nil: nobody is. What could not be
// printed, and why, is in the batch; the error is about the batch as a whole.
func (r *Room) Print(ctx context.Context, now time.Time, who string, what Selection, place *Place, progress func(items int)) (*Batch, error) {
	if what.Post && r.Stationery.ContactNumber == "" {
		return nil, pathway.NewProblem(pathway.Refused, "organisation.contact_number is empty or the sample's, and nobody can write one on a letter that GOV.UK Notify posts: write the number that families are to call")
	}
	what.NoCover = what.Case != ""
	m, err := r.batchMaker(ctx, now, who, what.Options, progress)
	if err != nil {
		return nil, err
	}
	m.scope = what.Scope
	from, err := m.source(ctx, &what)
	if err != nil {
		return nil, err
	}
	made, err := m.make(ctx, from, place)
	if err == nil && what.Case != "" && made.Items == 0 {
		made.nothing = m.nothingFor(ctx, what.Kinds, what.Case, made)
	}
	return made, err
}

// source is what a selection is printed from.
func (m *batchMaker) source(ctx context.Context, what *Selection) (source, error) {
	if _, known := m.people[what.Practitioner]; !known && what.Practitioner != "" {
		return source{}, pathway.NoPerson(what.Practitioner, slices.Sorted(maps.Keys(m.people)))
	}
	switch {
	case !what.Visits.IsZero():
		return m.fieldPack(what.Visits, what.Practitioner, what.Variant), nil
	case what.Case != "" && what.Variant != "":
		return m.cardFor(ctx, what.Case, what.Variant)
	}
	return m.waiting(what.Kinds, what.Case, what.Variant, what.wants), nil
}
