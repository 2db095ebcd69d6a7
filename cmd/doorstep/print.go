package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// printFlags are what is asked of print, print cards and print letters.
type printFlags struct {
	printing.Options
	out, by string
	pending bool
	batch   int64
	serial  string
	variant string
	blank   int
	ref     string
	visits  string
	person  string
}

func printCommand(o *options) *cobra.Command {
	f := &printFlags{}
	c := &cobra.Command{
		Use:   "print",
		Short: "Print cards and letters: PDFs for the office's printer",
		Long: `Prints what the queue holds into a numbered batch: cards and letters, sorted by
team, practitioner and round (postcode), each kind in a PDF of its own, and a cover
sheet for the office that says which case each serial stands on. Nothing is printed
twice, whoever prints at the same time. --batch prints a batch again, the same byte
for byte. --serial prints one card or letter again, as a new one with a serial of its
own, in large print, in another language or layout if you say so.

--out is a folder, where the files get names of their own, or a PDF file; the
others lie beside it then (FILE-cards.pdf, FILE-cover.pdf).

The last line of standard output is a summary in JSON.`,
		Example: `  doorstep print --pending --out today/
  doorstep print --batch 7 --out again/
  doorstep print --serial K7M-2PXQ --large-print --out large.pdf
  doorstep print cards --variant rearrange --blank 40 --out pad.pdf
  doorstep print cards --visits tomorrow --practitioner P1 --out pack.pdf
  doorstep print lookup K7M-2PXQ`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.checkPrint(c); err != nil {
				return err
			}
			return o.print(c, f, []string{pathway.PaperLetter, pathway.PaperCard})
		},
	}
	f.common(c)
	f.cards(c)
	f.letters(c)
	c.Flags().BoolVar(&f.pending, "pending", false, "everything that waits")
	c.Flags().Int64Var(&f.batch, "batch", 0, "print this batch again, as it was")
	c.Flags().StringVar(&f.serial, "serial", "", "print what this serial stands on again, in the form asked for")
	c.AddCommand(printCardsCommand(o), printLettersCommand(o), printLookupCommand(o))
	return c
}

func (f *printFlags) checkPrint(c *cobra.Command) error {
	wanted := 0
	for _, name := range []string{"pending", "batch", "serial"} {
		if c.Flags().Changed(name) {
			wanted++
		}
	}
	if wanted != 1 || c.Flags().Changed("pending") && !f.pending {
		return badInput{errors.New("say --pending for what waits, --batch with a number to print that again, or --serial for one card or letter again: see doorstep print --help")}
	}
	for _, form := range []string{"large-print", "layout", "language", "sheet", "compress"} {
		if c.Flags().Changed("batch") && c.Flags().Changed(form) {
			return badInput{fmt.Errorf("--batch prints a batch again as it was and takes no --%s: print one card or letter in another form with --serial", form)}
		}
	}
	return nil
}

func (f *printFlags) common(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "where to: a PDF file, or a folder")
	c.Flags().StringVar(&f.by, "by", "", "who prints, for the record (default: the user of this computer)")
	c.Flags().StringVar(&f.Language, "language", "", "the wording's language (default: en)")
	c.Flags().BoolVar(&f.Compress, "compress", false, "smaller files that take longer to make")
}

func (f *printFlags) cards(c *cobra.Command) {
	c.Flags().StringVar((*string)(&f.Sheet), "sheet", string(postcards.SheetFour), "for cards: a4-4up (four on A4, to be cut) or a6")
}

func (f *printFlags) letters(c *cobra.Command) {
	c.Flags().StringVar((*string)(&f.Layout), "layout", string(postcards.LayoutNotify), "for letters: notify (GOV.UK Notify) or dl (DL window envelope)")
	c.Flags().BoolVar(&f.LargePrint, "large-print", false, "in large print: letters in 18 point, cards as large as fits")
}

func printCardsCommand(o *options) *cobra.Command {
	f := &printFlags{}
	c := &cobra.Command{
		Use:   "cards",
		Short: "Print cards: those that wait, one case's, a blank pad, or a pack for a day's visits",
		Long: `Prints cards that go through the door. They hold no name, address or reference:
only a serial, by which "doorstep print lookup" finds the case.

--visits prints a card for each visit that is booked for a day, to be finished by
hand at the door. What is not known is a dotted line to write on.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.checkCards(c); err != nil {
				return err
			}
			return o.print(c, f, []string{pathway.PaperCard})
		},
	}
	f.common(c)
	f.cards(c)
	c.Flags().StringVar(&f.variant, "variant", "", "rearrange, final or revisit")
	c.Flags().IntVar(&f.blank, "blank", 0, "so many cards to write on")
	c.Flags().BoolVar(&f.pending, "pending", false, "the cards that wait (of the variant, if one is given)")
	c.Flags().StringVar(&f.ref, "case", "", "the card of this case")
	c.Flags().StringVar(&f.visits, "visits", "", "a card for each visit booked for a day: today, tomorrow or 2026-12-24")
	c.Flags().StringVar(&f.person, "practitioner", "", "with --visits: only this practitioner's")
	return c
}

func (f *printFlags) checkCards(c *cobra.Command) error {
	wanted := 0
	for _, name := range []string{"blank", "pending", "case", "visits"} {
		if c.Flags().Changed(name) {
			wanted++
		}
	}
	variants := pathway.CardVariants()
	switch {
	case wanted != 1:
		return badInput{errors.New("which cards? say one of --pending, --case REF, --visits DAY and --blank N: see doorstep print cards --help")}
	case f.variant != "" && !slices.Contains(variants, f.variant):
		return badInput{fmt.Errorf("--variant: %q is not a card%s: use %s", f.variant, pathway.DidYouMean(f.variant, variants), pathway.OneOf(variants))}
	case c.Flags().Changed("blank") && f.variant == "":
		return badInput{errors.New("a pad of which card? add --variant")}
	case c.Flags().Changed("blank") && (f.blank < 1 || f.blank > printing.MostBlank):
		return badInput{fmt.Errorf("--blank: %d is not a number of cards from 1 to %d", f.blank, printing.MostBlank)}
	case f.person != "" && f.visits == "":
		return badInput{errors.New("--practitioner goes with --visits")}
	}
	return nil
}

func printLettersCommand(o *options) *cobra.Command {
	f := &printFlags{}
	c := &cobra.Command{
		Use:   "letters",
		Short: "Print the letters that wait, or one case's",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.pending == (f.ref != "") {
				return badInput{errors.New("which letters? say --pending, or --case with a reference: see doorstep print letters --help")}
			}
			return o.print(c, f, []string{pathway.PaperLetter})
		},
	}
	f.common(c)
	f.letters(c)
	c.Flags().BoolVar(&f.pending, "pending", false, "the letters that wait")
	c.Flags().StringVar(&f.ref, "case", "", "the letter of this case")
	return c
}

// print prints what the flags ask for.
func (o *options) print(c *cobra.Command, f *printFlags, kinds []string) error {
	if f.Sheet != "" && f.Sheet != postcards.SheetFour && f.Sheet != postcards.SheetA6 {
		return badInput{fmt.Errorf("--sheet: %q is not one: use %s or %s", f.Sheet, postcards.SheetFour, postcards.SheetA6)}
	}
	if f.Layout != "" && f.Layout != postcards.LayoutNotify && f.Layout != postcards.LayoutDL {
		return badInput{fmt.Errorf("--layout: %q is not one: use %s or %s", f.Layout, postcards.LayoutNotify, postcards.LayoutDL)}
	}
	place, err := printing.NewPlace(f.out)
	if err != nil {
		return err
	}
	if f.blank > 0 {
		return o.printPad(c, f, place)
	}
	return o.withStore(c, store.StartsEmpty, func(s *setup, db *store.Store) error {
		progress := newProgress(c.ErrOrStderr())
		if c.Flags().Changed("batch") {
			made, err := printing.Reprint(c.Context(), now(), askedByCommand(), db, f.batch, place, progress.printed)
			progress.end()
			if err != nil {
				return err
			}
			tellReprinted(c.ErrOrStderr(), made)
			return printed(c, made)
		}
		what := printing.Selection{Kinds: kinds, Case: f.ref, Variant: f.variant, Practitioner: f.person, Options: f.Options}
		at := now()
		if f.visits != "" {
			var err error
			if what.Visits, err = dayOf(f.visits, s.calendar, at); err != nil {
				return err
			}
		}
		room, err := s.printRoom(c.Context(), at, db, nil)
		if err != nil {
			return err
		}
		room.Asked = askedByCommand()
		if c.Flags().Changed("serial") {
			return f.printOneAgain(c, room, db, at, place)
		}
		made, err := room.Print(c.Context(), at, whoRuns(f.by), what, place, progress.printed)
		progress.end()
		if err != nil {
			return err
		}
		if f.ref == "" || made.Items > 0 {
			tellMade(c.ErrOrStderr(), made)
		}
		return printed(c, made)
	})
}

// printOneAgain prints what a serial stands on again. What its form does not say is as
// the configuration has it.
func (f *printFlags) printOneAgain(c *cobra.Command, room *printing.Room, db *store.Store, at time.Time, place *printing.Place) error {
	found, err := printing.LookUp(c.Context(), db, f.serial)
	if err != nil {
		return err
	}
	p := &found.Print
	for _, form := range []struct {
		name, of string
		clear    func()
	}{
		{"layout", pathway.PaperLetter, func() { f.Layout = "" }},
		{"sheet", pathway.PaperCard, func() { f.Sheet = "" }},
	} {
		switch changed := c.Flags().Changed(form.name); {
		case changed && p.Kind != form.of:
			return badInput{fmt.Errorf("--%s is for %ss, and %s is a %s: leave it out", form.name, form.of, p.Serial, p.Kind)}
		case !changed:
			form.clear()
		}
	}
	made, err := room.PrintOneAgain(c.Context(), at, whoRuns(f.by), found, f.Options, place)
	if err != nil {
		return err
	}
	if made.Items > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "case %s: %s %s is printed again with a serial of its own; %s stands on the one before\n", p.Case, p.Kind, p.Variant, p.Serial)
	}
	if found.Posting != nil && printing.PostedByNotify(found.Posting.State) {
		fmt.Fprintf(c.ErrOrStderr(), "GOV.UK Notify posts %s as well\n", p.Serial)
	}
	return printed(c, made)
}

// printPad prints cards to write on. It needs no database.
func (o *options) printPad(c *cobra.Command, f *printFlags, place *printing.Place) error {
	s, err := o.load()
	if err != nil {
		return err
	}
	st, err := s.stationery()
	if err != nil {
		return err
	}
	progress := newProgress(c.ErrOrStderr())
	made, err := st.PrintPad(c.Context(), printing.Pad{Variant: f.variant, Cards: f.blank, Sheet: f.Sheet, Language: f.Language, Compress: f.Compress},
		place, progress.printed)
	progress.end()
	if err != nil {
		return err
	}
	return printed(c, made)
}

// dayOf reads a day as people say it; a time is on its day.
func dayOf(s string, calendar *pathway.Calendar, now time.Time) (pathway.Date, error) {
	today := calendar.DateOf(now)
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "today":
		return today, nil
	case "tomorrow":
		return today.AddDays(1), nil
	}
	t, err := intake.ParseTime(s, calendar.Location())
	if err != nil {
		return today, badInput{fmt.Errorf("--visits: %w: say today, tomorrow, or a date", err)}
	}
	return calendar.DateOf(t), nil
}

// whoRuns is who is on record for a batch or an import: whoever is named, or the user of this
// computer.
func whoRuns(named string) string {
	if named != "" {
		return named
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("user %d", os.Getuid())
}
